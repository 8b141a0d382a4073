"""Limits entries, repeated elements, and the length of names and tags before feedparser reads a feed. Pure functions.

feedparser searches persons for e-mail addresses with a pattern that is quadratic in a run of letters, and compares each
category with all others; a hundred kilobytes of either cost it seconds.
"""

from __future__ import annotations

import re
from itertools import pairwise

from . import limits
from .xml_repair import FIRST_ENTRY

#: Elements that feedparser searches for e-mail addresses, with their content.
_PERSON = re.compile(
    r"(<(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|contributor|owner|name|email)\b[^<>]*>)"
    r"([^<]*)((?:<!\[CDATA\[[^<\]]*)?)",
    re.IGNORECASE,
)
_REPEATED = re.compile(
    r"<(?:[\w.-]+:)?(?:category|subject|keywords|author|creator|contributor|enclosure|link|content|thumbnail)\b",
    re.IGNORECASE,
)
_LONG_RUN = re.compile(r"[\w.+-]{200}")
_LONG_TAG = re.compile(r"<[^<>]{20000,}>")
#: An e-mail address with a name beside it fits well into this.
_PERSON_CHARS = 300
_MAX_REPEATED = 300


def bound(text: str) -> tuple[str, list[str]]:
    """``text`` with at most `limits.MAX_LOOSE_ENTRIES` entries, and inside each only so many repeated elements, persons of
    a sane length and tags that are no floods; and what was done, in words of `notes`."""
    said: list[str] = []
    starts = [match.start() for match in FIRST_ENTRY.finditer(text)]
    if len(starts) > limits.MAX_LOOSE_ENTRIES:
        text = text[: starts[limits.MAX_LOOSE_ENTRIES]]
        starts = starts[: limits.MAX_LOOSE_ENTRIES]
        said.append(limits.TOO_MANY_ENTRIES)
    kept: list[str] = []
    size = 0
    for start, end in pairwise([0, *starts, len(text)]):
        piece = _bound_part(text[start:end])
        size += len(piece)
        if size > limits.MAX_LOOSE_CHARS and kept:
            said.append(limits.TOO_MANY_ENTRIES)
            break
        kept.append(piece)
    result = "".join(kept)
    if len(result) != len(text):
        said.append(limits.FIELDS_CUT)
    return result, list(dict.fromkeys(said))


def _bound_part(piece: str) -> str:
    if len(piece) > limits.MAX_LOOSE_ENTRY_CHARS:
        piece = piece[: limits.MAX_LOOSE_ENTRY_CHARS] + "]]></description></item>"
    repeats = [match.start() for match in _REPEATED.finditer(piece)]
    if len(repeats) > _MAX_REPEATED:
        # The end of the entry follows the last of them; what is between is more of the same.
        piece = piece[: repeats[_MAX_REPEATED]] + _after_element(piece, repeats[-1])
    if len(piece) > 20_000:
        piece = _LONG_TAG.sub("", piece)
    return _PERSON.sub(_short_person, piece) if _LONG_RUN.search(piece) else piece


def _after_element(piece: str, start: int) -> str:
    end = piece.find(">", piece.find("</", start))
    return piece[end + 1 :] if end >= 0 else ""


def _short_person(match: re.Match[str]) -> str:
    return match[1] + match[2][:_PERSON_CHARS] + match[3][: _PERSON_CHARS + len("<![CDATA[")]
