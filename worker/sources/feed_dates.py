"""Dates as feeds write them, in some eighty languages, to aware UTC; None where a date cannot be read or is absurd. Pure.

A date without a zone counts as UTC, a date without a time as midnight UTC, a month alone as its first day. "3/4/2025" is
month first, as in the software that writes slashes, unless only day first fits; with dots or dashes the day comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..text.calendar import (
    ENGLISH_MONTHS,
    common_year,
    fold,
    full_year,
    is_credible,
    months,
    offset_minutes,
    plain_era,
    zones,
)

#: Longer strings are prose (or an attack), not dates.
MAX_CHARS = 120
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\s?(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?)?\Z",
    re.IGNORECASE,
)
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d):(\d\d)(?::(\d\d))?\s*(GMT|UTC|Z|[+-]\d{4})?\Z"
)
#: Forms of ISO 8601 that have no separators or leave the century or the day out; each group is named by what it is.
_ISO_TIME = (
    r"(?:T(?P<hour>\d\d):?(?P<minute>\d\d)?(?::?(?P<second>\d\d))?(?:[.,]\d+)?(?P<zone>Z|[+-]\d\d:?(?:\d\d)?)?)?\Z"
)
_ISO_ODD = [
    re.compile(pattern + _ISO_TIME)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4})-(?P<month>\d\d)",
        r"(?P<year>\d{4})-?(?P<ordinal>\d{3})",
        r"(?P<year>\d{4})-?W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?",
        r"(?P<year>\d\d)-?(?P<ordinal>\d{3})",
        r"(?P<year>\d\d)-?(?P<month>\d\d)-?(?P<day>\d\d)",
        r"-(?P<year>\d\d)-?(?P<month>\d\d)",
        r"(?P<year>\d{4})",
    )
] + [
    re.compile(  # nothing between the figures; "D:" and apostrophes as PDF writes them
        r"(?:D:)?(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?"
        r"(?P<zone>Z|[+-]\d\d(?:[:']?\d\d)?)?'?\Z"
    )
]  # fmt: skip
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\d{6})?(?:\.\d+)?\Z")
_DOTNET_EPOCH = re.compile(r"\\?/Date\((\d{10})\d{3}(?:[+-]\d{4})?\)\\?/\Z")
#: Vietnamese numbers its months: "ngày 20 tháng 11 năm 2026".
_VIETNAMESE = re.compile(r"(\d{1,2})\s*thang\s*(\d{1,2})(?:\s*,|\s*nam)?\s*(\d{4})")
_PARENTHESIS = re.compile(r"\([^()]*\)")
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})(?::|h|時|时|시\s?|点|uhr\s)(\d{2})(?:(?::|分|분\s?|m)(\d{1,2})(?:[.,]\d+)?)?(?:秒|초|s|分|분)?(?!\d)"
)
#: "12 Sept 2024 15.30", "15.30 Uhr": only at the end, or it would be a day and a month.
_DOTTED_CLOCK = re.compile(r"(?<=\s)([01]?\d|2[0-3])\.([0-5]\d)(?:\.([0-5]\d))?(?=\s*(?:uhr|h|klo)?\s*\Z)")
_ZONE_OFFSET = re.compile(
    r"(?:(?<=\d)|(?<=\s)|(?<=[a-z])|(?<=[:/(])|^)([+\-−–])-?(\d{1,2})(?:[:.]?(\d{2}))?(?::?\d{2})?(?=$|[^\w:.+-])"
)
_BROKEN_OFFSET = re.compile(r"\d\s*[+\-−](?:\d{1,2}:[^\d\s]|[^\d\s+\-−])")
_PLACE_ZONE = re.compile(
    r"\b((?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][A-Za-z_/]{2,30})\b"
)
_HALF = re.compile(r"(?<![^\W\d_])([ap])\.?\s?m\b\.?|(오전|上午|午前|πμ)|(오후|下午|午後|μμ)")
_CJK_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([/.\-])\s?(\d{1,2})\2\s?(\d{1,4})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]|[^\W\d_])*")
_NUMBER = re.compile(r"\d+")


class _Day(NamedTuple):
    year: int
    month: int
    day: int


def parse(raw: str | None, *, now: datetime) -> datetime | None:
    """Return the instant that ``raw`` names, aware, in UTC; None where it names none or an absurd one. Never raises.

    Args:
        raw: A date as a feed has it.
        now: The time now, aware; dates too far after it are absurd.
    """
    if not raw:
        return None
    found = read(raw)
    return found if found is not None and is_credible(found, now) else None


def read(raw: str) -> datetime | None:
    """Return the instant that ``raw`` names, however absurd, or None where it cannot be read. Never raises."""
    text = raw.strip()
    if not text or len(text) > MAX_CHARS:
        return None
    return _read(text)


@lru_cache(maxsize=2_048)  # an entry's two dates are often one, and most entries of a feed were in its last version
def _read(text: str) -> datetime | None:
    try:
        if match := _ISO.match(text):
            return _from_iso(match)
        if (match := _RFC822.match(text)) and (month := ENGLISH_MONTHS.get(match[2].lower())):
            year, day = int(match[3]), int(match[1])
            return _instant(
                _Day(year, month, day), (int(match[4]), int(match[5]), int(match[6] or 0)), offset_minutes(match[7])
            )
        return _read_odd(text)
    except (ValueError, OverflowError):
        return None


def _from_iso(match: re.Match[str]) -> datetime:
    day = _Day(int(match[1]), int(match[2]), int(match[3]))
    time = (int(match[4] or 0), int(match[5] or 0), int(match[6] or 0))
    found = _instant(day, time, offset_minutes(match[8]))
    return found.replace(microsecond=int(match[7][:6].ljust(6, "0"))) if match[7] else found


def _instant(day: _Day, time: tuple[int, int, int], offset_minutes: int) -> datetime:
    """Return the day, time and offset as one instant. 24:00 is the next midnight, a leap second the second before it."""
    hour, minute, second = time
    if second == 60:
        second = 59
    extra = timedelta(minutes=-offset_minutes)
    if hour == 24 and minute == second == 0:
        hour, extra = 0, extra + timedelta(days=1)
    return datetime(common_year(day.year), day.month, day.day, hour, minute, second, tzinfo=UTC) + extra


def _read_odd(text: str) -> datetime | None:
    """Anything else: odd ISO forms, Unix time, then words and numbers in whatever order and language."""
    if match := _EPOCH.match(text) or _DOTNET_EPOCH.match(text):
        return datetime.fromtimestamp(int(match[1]), UTC)
    for pattern in _ISO_ODD:
        if match := pattern.match(text):
            return _from_odd_iso(match.groupdict())
    folded = _VIETNAMESE.sub(r"\1.\2.\3", plain_era(fold(text)))
    day_zone = _PARENTHESIS.sub(" ", folded)
    clock, rest = _take_clock(day_zone)
    day, rest = _take_numeric_day(rest)
    if day is None:
        offset, rest = _take_zone(rest)
        day = _day_from_words(rest)
    else:
        offset, rest = _take_zone(rest)
    if day is None:
        return None
    named = _PLACE_ZONE.search(text)
    return _instant(day, clock, offset or (_offset_at(named[1], day, clock) if named else 0))


def _offset_at(place: str, day: _Day, time: tuple[int, int, int]) -> int:
    """Minutes east of UTC in a zone such as ``Europe/Brussels`` at that local time; 0 where the system does not know it."""
    try:
        zone = ZoneInfo(place)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return 0
    away = datetime(day.year, day.month, day.day, time[0] % 24, time[1], tzinfo=zone).utcoffset()
    return int(away.total_seconds()) // 60 if away else 0


def _from_odd_iso(found: dict[str, str | None]) -> datetime:
    year = full_year(found["year"] or "")
    time = (int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
    offset = offset_minutes((found["zone"] or "").replace("'", ""))
    if ordinal := found.get("ordinal"):
        start = _instant(_Day(year, 1, 1), time, offset)
        if not 1 <= int(ordinal) <= 366:
            raise ValueError("a year has 366 days at most")
        return start + timedelta(days=int(ordinal) - 1)
    if week := found.get("week"):
        first = datetime.fromisocalendar(year, int(week), int(found["weekday"] or 1))
        return _instant(_Day(first.year, first.month, first.day), time, offset)
    return _instant(_Day(year, int(found.get("month") or 1), int(found.get("day") or 1)), time, offset)


def _take_clock(text: str) -> tuple[tuple[int, int, int], str]:
    """Return the time of day (midnight where there is none) and ``text`` without it. Knows am and pm in several languages."""
    half = _HALF.search(text)
    if half:
        zone = " kst" if half.group() in ("오전", "오후") else ""
        text = f"{text[: half.start()]} {text[half.end() :]}{zone}"
    match = _CLOCK.search(text) or _DOTTED_CLOCK.search(text)
    if match:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        text = f"{text[: match.start()]} @ {text[match.end() :]}"
    elif half and (only := re.search(r"(?<!\d)(\d{1,2})(?=\s*\Z)", text)):
        hour, minute, second = int(only[1]), 0, 0
        text = f"{text[: only.start()]} @ "
    else:
        return (0, 0, 0), text
    if half and hour <= 12:
        after_noon = half[1] == "p" or half[3] is not None
        hour = hour % 12 + (12 if after_noon else 0)
    return (hour, minute, second), text


def _take_numeric_day(text: str) -> tuple[_Day | None, str]:
    """Return a day written in figures, and ``text`` without it. Raises ValueError where the figures are no day."""
    if match := _CJK_DATE.search(text):
        korean = "년" in match.group()
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        # A Korean date without a zone is Korea's time: the one such form that feedparser knows as well.
        return _Day(int(match[1]), int(match[2]), int(match[3])), rest + (" kst" if korean else "")
    figures = _NUMERIC.search(text)
    if figures is None:
        return None, text
    match = figures
    first, second, third = match[1], int(match[3]), match[4]
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    if len(first) >= 3:
        return _Day(int(first), second, int(third)), rest
    if len(third) == 3:
        raise ValueError("no year has three figures")
    day, month = int(first), second
    if (match[2] == "/" and month <= 31 and day <= 12) or month > 12:
        day, month = month, day
    return _Day(full_year(third), month, day), rest


def _take_zone(text: str) -> tuple[int, str]:
    """Return minutes east of UTC and ``text`` without the zone. Raises ValueError on an offset that is no offset."""
    if "@" in text and _BROKEN_OFFSET.match("0" + text.partition("@")[2]):
        raise ValueError("the zone is no zone")
    offset, named = 0, False
    names = zones()
    kept = []
    position = text.find("@")
    for match in _words(text):
        if match.group() in names and (match.start() > position or match.group() in ("gmt", "utc", "kst")):
            if not named:
                offset, named = names[match.group()], True
            kept.append(match.span())
    for start, end in reversed(kept):
        text = f"{text[:start]} {text[end:]}"
    after = text[position + 1 :] if position >= 0 else text
    if found := _ZONE_OFFSET.search(after.rstrip(" .")):
        offset = offset_minutes(found[1].replace("−", "-").replace("–", "-") + found[2] + (found[3] or ""))
        after = after[: found.start()] + " " + after[found.end() :]
        if (again := _ZONE_OFFSET.search(after)) and again.groups() == found.groups():  # "+0200 +0200"
            after = after[: again.start()] + " " + after[again.end() :]
        text = text[: position + 1] + after
    return offset, text


def _day_from_words(text: str) -> _Day | None:
    """Return a day whose month is a word: the number before or after it up to 31 is the day, the other the year."""
    names, unsure = months()
    words = [m.group().rstrip("'") for m in _words(text)]
    known = [w for w in words if w in names]
    sure = [w for w in known if w not in unsure] or known[::-1]
    if not sure:
        sure = [w for w in words if w[:3] in ENGLISH_MONTHS and len(w) > 3 and w.isascii()]
        if not sure:
            return None
    month = names.get(sure[0]) or ENGLISH_MONTHS[sure[0][:3]]
    numbers = [m.group() for m in _NUMBER.finditer(text)]
    if not numbers or len(numbers) > 3:
        return None
    years = [n for n in numbers if len(n) == 4] or [n for n in numbers if len(n) == 3 and n.startswith("1")]
    if years:
        year = years[0]
        numbers.remove(year)
        return _Day(full_year(year), month, int(numbers[0]) if numbers else 1)
    if len(numbers) == 1:
        return None
    return _Day(full_year(numbers[1]), month, int(numbers[0]))


def _words(text: str) -> Iterator[re.Match[str]]:
    return _WORD.finditer(text)
