"""Calendar words, from ``lexicon/dates_words.toml``, in the shapes that the date patterns need."""

from __future__ import annotations

import re

from ...text import calendar
from ..lexicon import past_verbs, table

_WORDS = table("dates_words")


def _iso_offset(minutes: int) -> str:
    """Return an offset as ISO 8601 writes it: "Z", "-05:00"."""
    return "{}{:02}:{:02}".format("+-"[minutes < 0], *divmod(abs(minutes), 60)) if minutes else "Z"


MONTHS: dict[str, int] = {name: calendar.months()[0][calendar.fold(name)] for name in _WORDS["months"]}
FOREIGN_MONTHS: dict[str, int] = {name: calendar.months()[0][calendar.fold(name)] for name in _WORDS["foreign_months"]}
WEEKDAYS: dict[str, int] = _WORDS["weekdays"]
NUMBERS: dict[str, int] = _WORDS["numbers"]
ORDINALS: dict[str, int] = _WORDS["ordinals"]
PARTS_OF_DAY: dict[str, str] = _WORDS["parts_of_day"]
ZONES: dict[str, str] = {name: _iso_offset(calendar.zones()[name]) for name in _WORDS["zones"]}
_AHEAD: dict[str, list[str]] = _WORDS["ahead"]
MODALS = frozenset(_AHEAD["modals"])
PLANNED = frozenset(_AHEAD["planned"])
GOVERNORS = frozenset(_AHEAD["governors"])
PRESENT = frozenset(_AHEAD["present"])
BASE = frozenset(_AHEAD["base"])
UNTIL = frozenset(_AHEAD["until"])
STARTING = frozenset(_AHEAD["starting"])
PAST = past_verbs() | frozenset(_AHEAD["past"])
LASTING = frozenset(_AHEAD["lasting"])


def near(name: str) -> frozenset[str]:
    """A word list of ``[near]``: words that tell what the expression beside them is."""
    return frozenset(_WORDS["near"][name])


def either(words: dict[str, int] | dict[str, str]) -> str:
    """The words as one alternation, longest first, so that "sept" is not taken for "sep"."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def month_number(word: str) -> int | None:
    """1 to 12 for a month's name or abbreviation in any of our languages, else None."""
    key = word.lower().rstrip(".")
    return MONTHS.get(key) or FOREIGN_MONTHS.get(key)


def number(text: str) -> int | None:
    """A small number in digits or words ("21", "twenty-one", "a"); None for anything else or more than four digits."""
    key = text.lower().replace(",", "").strip()
    if key.isdigit():
        return int(key) if len(key) <= 4 else None
    if key in NUMBERS:
        return NUMBERS[key]
    tens, _, ones = key.replace("-", " ").partition(" ")
    if ones in NUMBERS and tens in NUMBERS and NUMBERS[tens] >= 20 and NUMBERS[ones] < 10:
        return NUMBERS[tens] + NUMBERS[ones]
    return None
