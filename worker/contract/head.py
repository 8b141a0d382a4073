"""What of an article's stream entry tells whether it is the article of another one; read without the whole record."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .compression import DamagedData, plain_fields


class Head(msgspec.Struct, frozen=True):
    """Title, address and revision of an article; empty for what cannot be read."""

    title: str | None = None
    url: str | None = None
    revision: int = 1


class _Text(msgspec.Struct):
    text: str = ""


def read_head(fields: Mapping[bytes, bytes]) -> Head:
    """Return the head of an entry, from the fields as Redis gives them."""
    try:
        return msgspec.json.decode(plain_fields(fields).get(b"data", b"{}"), type=Head)
    except (msgspec.MsgspecError, RecursionError, DamagedData):
        return Head()


def text_share(one: Mapping[bytes, bytes], other: Mapping[bytes, bytes]) -> float:
    """Return what two entries' texts have in common: of the runs of three words of the shorter one, 0.0 to 1.0."""
    first, second = _runs(one), _runs(other)
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0


def _runs(fields: Mapping[bytes, bytes]) -> set[tuple[str, ...]]:
    try:
        text = msgspec.json.decode(plain_fields(fields).get(b"data", b"{}"), type=_Text).text
    except (msgspec.MsgspecError, RecursionError, DamagedData):
        return set()
    words = text.casefold().split()
    return set(zip(words, words[1:], words[2:], strict=False))
