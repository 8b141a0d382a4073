"""Split bylines and author fields, and tell roles and offices from names: the one splitter for pages and for wire text. Pure.

Its words stand in ``bylines.toml``. What is a name is decided by who asks: a field that a page marks as its author's holds a
name unless something speaks against it (`extract.metadata.names`), a line of wire text is a byline only where every part of it
is known (`read.wire.byline`).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import tomli

MAX_PARTS = 15  #: Who signs with more is no byline but a list of something else.
_MAX_ROLE_CHARS = 60


@cache
def _table() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomli.loads(files(__package__).joinpath("bylines.toml").read_text("utf-8"))
    return table


def byline_words(key: str) -> frozenset[str]:
    """Return one list of ``bylines.toml``, in lower case."""
    return frozenset(_table()[key])


def _any_of(key: str) -> str:
    """Return an alternation of a list's words, longest first; ``*`` at the end of one stands for any letters."""
    words = sorted(_table()[key], key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)


_LEAD_IN = re.compile(rf"^\W*(?:{_any_of('by')})(?:\s*[:：]\s*|\s+)(?=\S)", re.IGNORECASE)
_OPENING = re.compile(
    rf"\s*(?:(?:(?:{_any_of('before_by')})\s+)?by\s*:?\s+(?=\S)|"
    rf"(?:{_any_of('opens_line')})\s*:?\s+(?-i:(?=[^\W\d_a-zß-ÿ]))|文[／・])",
    re.IGNORECASE,
)
#: Between a byline's people and what stands beside them: a date, a role, a place.
_BARS = re.compile(r"\s*[|•·⋅]\s*|\s+[-–—]\s+|\t+|\s{3,}")
#: Between people. A word of one letter joins in small letters only: "Mary E Bell" is one person. Possessive and begun once for
#: each gap: wide gaps must not be tried in every way.
_JOIN = rf"(?:(?i:{_any_of('and')})|{_any_of('and_small')})\s++"
_BETWEEN = re.compile(rf"(?:(?<!\s)\s++)?(?:,(?![^()]{{0,60}}\))\s*+(?:{_JOIN})?|[;、]\s*+)|(?<!\s)\s++{_JOIN}")
_ROLE = re.compile(rf"\b(?:{_any_of('roles')})\b", re.IGNORECASE)
_POSITION = re.compile(rf"^(?:{_any_of('offices')})\b|\b(?:{_any_of('positions')})s?$", re.IGNORECASE)
#: Degrees and certificates behind a name, which are no second name.
_DEGREE = re.compile(
    r"^(?:Ph\.?\s?D|M\.?D|D\.?O|D\.?D\.?S|J\.?D|M\.?B\.?A|M\.?S\.?c?|M\.?A|B\.?A|B\.?S\.?c?|R\.?N|R\.?D\.?N?|Esq|Jr|Sr|CF[APE]|"
    r"CPA|CSCS|CPT|CISSP|PMP|PSP|EA|LCSW|LPC|FACLM|FACP|DVM|PharmD|PsyD|EdD|DPT|MPH|MEd)\.?(?:\s|$)"
)


def end_of_opening(line: str) -> int | None:
    """Return where the names begin in a line that opens as a byline does ("By ", "Words by ", "Von "), else None."""
    opening = _OPENING.match(line)
    return opening.end() if opening else None


def strip_lead_in(text: str) -> str:
    """Return a byline or name without the words before it ("By", "Texte:", "a cura di")."""
    return _LEAD_IN.sub("", text)


def split_bars(text: str) -> list[str]:
    """Return the parts of a byline between bars, dots, dashes and wide gaps: people first, as a rule."""
    return _BARS.split(text)


def split_people(text: str) -> list[str]:
    """Return the parts between commas, semicolons and words for "and"; a comma in brackets parts nothing."""
    return _BETWEEN.split(text)


def is_join(part: str) -> bool:
    """Return whether a part is a word for "and" alone, as templates set it apart from the names."""
    return part.casefold() in byline_words("and") | byline_words("and_small")


def is_role(part: str) -> bool:
    """Return whether a part of a byline holds a word for what somebody is ("Senior Correspondent", "Redaktion")."""
    return len(part) <= _MAX_ROLE_CHARS and _ROLE.search(part) is not None


def is_only_role(part: str) -> bool:
    """Return whether a part of a byline has no other words than those for what somebody is ("Staff Writer")."""
    return not _ROLE.sub("", part).strip(" ,-")


def is_position(part: str) -> bool:
    """Return whether a part of a byline says what somebody is, by office or degree, and names nobody."""
    return _POSITION.search(part) is not None or _DEGREE.match(part) is not None
