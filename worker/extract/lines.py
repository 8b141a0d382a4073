"""Furniture in the text: "Read more", newsletters, reprint notes; what they open with is data (lines.toml)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

import tomli

#: Furniture is short; a long paragraph that opens with such words is the article's own.
MAX_CHARS = 320
_KINDS = ("more", "ask", "rights", "furniture")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomli.loads(files(__package__).joinpath("lines.toml").read_text("utf-8"))
    return tuple((kind, re.compile(rf"[^\w©(]{{0,4}}(?:{'|'.join(table[kind])})", re.IGNORECASE)) for kind in _KINDS)


def furniture_kind(text: str) -> str | None:
    """more, ask, rights or furniture when a short paragraph opens like one, else None."""
    return None if len(text) > MAX_CHARS else _kind_of_opening(text)


@lru_cache(maxsize=1_024)
def _kind_of_opening(text: str) -> str | None:
    return next((kind for kind, pattern in _patterns() if pattern.match(text)), None)


@cache
def _legal() -> re.Pattern[str]:
    table = tomli.loads(files(__package__).joinpath("lines.toml").read_text("utf-8"))
    return re.compile(rf"\W{{0,4}}(?:{'|'.join(table['legal'])})", re.IGNORECASE)


def is_legal(text: str) -> bool:
    """Whether a short paragraph is a notice of copyright or of reprinting, or says how long the text takes to read, whatever
    stands around it."""
    return len(text) <= MAX_CHARS and _legal().match(text) is not None


def cue(text: str) -> float:
    """`furniture_kind` as a number for the model: 0 none, 1 more, 2 ask, 3 rights, 4 furniture."""
    kind = furniture_kind(text)
    return 0.0 if kind is None else 1.0 + _KINDS.index(kind)
