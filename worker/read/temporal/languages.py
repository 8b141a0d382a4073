"""Dates in other languages than English, by ``dateparser``: its one home, imported only where ``other_languages`` is on.

Our own stage reads figures and a few forms in every language ("5 de marzo de 2024"); this one adds words ("ayer", "am Montag",
"hace 3 días"), and only where our own found nothing. Weekdays are the last ones, the day itself included. dateparser reads
numbers in words in some languages only, and may miss dates joined by "and".
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, cast

from ...contract.article import Timex
from ...errors import SettingsError
from ..document import SPOKEN, Document
from .calendar import week_value

_MOST = 4000  #: characters read of one article: a sentence of 150 takes some 40 ms
_LONGEST = 800  #: characters of one sentence; a longer one is a list or a table
_WORDS = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
#: No multiple of seven: with the day of publication moved by it, weekdays and words such as "yesterday" part.
_APART = timedelta(days=1096)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    value: str
    granularity: Literal["day", "week", "month", "year"]
    relative: bool


def check() -> None:
    """Raises SettingsError, with the remedy, where dateparser is not installed."""
    if importlib.util.find_spec("dateparser") is None:
        raise SettingsError(
            "other_languages needs dateparser: pip install 'dateline[languages]', or set other_languages = false"
        )


def resolve_more(document: Document) -> Document:
    """``document`` with dates in its own language beside those our stage found. English and unknown languages stay as they are.

    Raises:
        SettingsError: As `check`.
    """
    check()
    language = (document.language or "en").lower().replace("_", "-").partition("-")[0]
    if language == "en" or document.published is None or language not in _languages():
        return document
    base = document.published.replace(tzinfo=None)
    taken = [(timex.start, timex.end) for timex in document.timex]
    found: list[Timex] = list(document.timex)
    left = _MOST
    for sentence in document.sentences:
        size = sentence.end - sentence.start
        if document.blocks[sentence.block].kind not in SPOKEN or size > _LONGEST:
            continue
        if (left := left - size) < 0:
            break
        for hit in _readings(document.text, sentence.start, sentence.end, language, base):
            if any(start < hit.end and hit.start < end for start, end in taken):
                continue
            found.append(
                Timex(
                    text=document.text[hit.start : hit.end],
                    start=hit.start,
                    end=hit.end,
                    value=hit.value,
                    granularity=hit.granularity,
                    anchor="publication" if hit.relative else "none",
                )
            )
    return replace(document, timex=tuple(sorted(found, key=lambda timex: timex.start)))


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    from dateparser.data.languages_info import language_order

    return frozenset(language_order)


@lru_cache(maxsize=8)
def _parser(language: str, base: datetime) -> Any:
    from dateparser.date import DateDataParser

    return DateDataParser(languages=[language], settings=_settings(base))


def _settings(base: datetime) -> dict[str, Any]:
    # Not the parsers of time stamps and of figures without gaps: they take any number for a date.
    return {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "PARSERS": ["relative-time", "absolute-time"]}


def _readings(text: str, start: int, end: int, language: str, base: datetime) -> Iterator[_Hit]:
    """What dateparser sees in a sentence, cut to the words that carry the date, and resolved again by themselves."""
    from dateparser.search import search_dates

    at = start
    for said, _ in search_dates(text[start:end], languages=[language], settings=_settings(base)) or ():
        where = text.find(said, at, end)
        if where < 0 or not said:
            continue
        at = where + len(said)
        reading = _cut(text, where, at, language, base)
        if reading is not None:
            yield reading


def _cut(text: str, start: int, end: int, language: str, base: datetime) -> _Hit | None:
    """The longest beginning that is a date, without words at either end that change nothing."""
    words = [w.span() for w in _WORDS.finditer(text, start, end)]
    while words and (whole := _parsed(text[words[0][0] : words[-1][1]], language, base)) is None:
        words.pop()
    if not words:
        return None
    while len(words) > 1 and _parsed(text[words[0][0] : words[-2][1]], language, base) == whole:
        words.pop()
    while len(words) > 1 and words[0][1] - words[0][0] < 3 and text[words[0][0]].isalpha():
        if _parsed(text[words[1][0] : words[-1][1]], language, base) != whole:
            break
        words.pop(0)  # "am Montag", "le mardi"; longer words ("hace", "vor") are the date's own
    first, last = words[0][0], words[-1][1]
    while last > first and not text[last - 1].isalnum():
        last -= 1
    if not _stands_alone(text, first, last):
        return None
    return _resolved(text[first:last], first, last, language, base)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the span ends where words end; scripts without gaps between words cannot tell."""
    if not text[start:end].isascii() and max(text[start:end]) > "\u2e7f":
        return True
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _parsed(words: str, language: str, base: datetime) -> tuple[datetime, str] | None:
    data = _parser(language, base).get_date_data(words)
    return (data.date_obj.replace(tzinfo=None), data.period) if data.date_obj else None


def _resolved(words: str, start: int, end: int, language: str, base: datetime) -> _Hit | None:
    here = _parsed(words, language, base)
    there = _parsed(words, language, base - _APART)
    if here is None or there is None:
        return None
    day, period = here
    steady = base - day == base - _APART - there[0] and abs(base - day) <= _DAY  # "yesterday", "today", "tomorrow"
    longest = max((len(part) for part in _LETTERS.findall(words)), default=0)
    if longest == 0 or (words.isascii() and longest < (3 if steady or any(map(str.isdigit, words)) else 4)):
        return None  # a bare figure is our own stage's, a short word seldom a date ("so", "mar")
    if base.date() - day.date() == 7 * _DAY and not steady and period == "day":
        later = _parsed(words, language, base + _DAY)
        if later is not None and later[0].date() == base.date():
            day = base  # the weekday of publication is that day, not the one a week before
    value = {"year": f"{day.year:04}", "month": f"{day.year:04}-{day.month:02}", "week": week_value(day.date())}
    kind = period if period in value else "day"
    return _Hit(
        start, end, value.get(kind, day.date().isoformat()),
        cast("Literal['day', 'week', 'month', 'year']", kind), relative=here != there,
    )  # fmt: skip
