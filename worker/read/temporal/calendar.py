"""Calendar arithmetic behind the dates: which year, which week, which day. Pure; both ends of a span are included."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from ..lexicon import table

_FEASTS: dict[str, dict[str, int]] = table("dates_named")["feasts"]
_SEASONS = {"SP": (3, 5), "SU": (6, 8), "FA": (9, 11), "WI": (12, 2)}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_WEEK = re.compile(r"(\d{4})-W(\d\d)(-WE)?$")
_MONTH = re.compile(r"(\d{4})-(\d\d)$")
_PART = re.compile(r"(\d{4})-(Q[1-4]|H[12]|SP|SU|FA|WI)$")


def day_or_none(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shift_days(day: date, days: int) -> date | None:
    """``day`` moved by ``days``, or None outside years 1 to 9999."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def shift_months(day: date, months: int) -> date | None:
    """``day`` moved by whole months, cut to the length of the month it lands in."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


#: How many times nearer the coming day must be than the last one to be meant: where the clause looks ahead it may be four
#: times further, where it looks back it must be eight times nearer (a day's grace for other zones counts as past).
_LEAN: dict[bool | None, float] = {True: 0.25, None: 3.0, False: 8.0}


def nearest_year(month: int, day: int, anchor: date, *, ahead: bool | None) -> date | None:
    """The day of that month and day which a story written on ``anchor`` means.

    ``ahead`` says where the clause looks: True, False or None where nothing says. It leans the choice and does not settle it:
    without a year nobody means a day eleven months off when one is two weeks away, whatever the nearest verb.
    """
    days = [found for year in (anchor.year - 1, anchor.year, anchor.year + 1) if (found := _in_year(year, month, day))]
    if not days:  # 29 February away from a leap year
        days = [
            found
            for year in range(anchor.year - 4, anchor.year + 5)
            if year >= 1 and (found := _in_year(year, month, day))
        ]
    past = [found for found in days if (found - anchor).days <= 1]
    future = [found for found in days if found >= anchor]
    if not past or not future:
        return past[-1] if past else (future[0] if future else None)
    back, forth = (anchor - past[-1]).days, (future[0] - anchor).days
    if back <= 0:
        return past[-1]
    return future[0] if leans_ahead(back, forth, ahead=ahead) else past[-1]


def leans_ahead(back: int, forth: int, *, ahead: bool | None) -> bool:
    """Whether of two dates, ``back`` units ago and ``forth`` units on, the coming one is meant."""
    return forth * _LEAN[ahead] < back


def _in_year(year: int, month: int, day: int) -> date | None:
    return day_or_none(year, month, day) if 1 <= year <= 9999 else None


def weekday_near(weekday: int, anchor: date, *, ahead: bool) -> date | None:
    """The nearest such weekday (Monday is 0) not after the anchor, or not before it when ``ahead``; the day itself counts."""
    if ahead:
        return shift_days(anchor, (weekday - anchor.weekday()) % 7)
    return shift_days(anchor, -((anchor.weekday() - weekday) % 7))


def feast_day(name: str, year: int) -> date | None:
    """The day of a feast in a year: fixed, so many weekdays into a month, or counted from Easter; None for an unknown one."""
    if not 1583 <= year <= 9990:
        return None
    rule = _FEASTS.get(name)
    if rule is None:
        return None
    if "easter" in rule:
        return _easter(year) + timedelta(days=rule["easter"])
    if "day" in rule:
        return day_or_none(year, rule["month"], rule["day"])
    first = date(year, rule["month"], rule.get("from", 1))
    found = first + timedelta(days=(rule["weekday"] - first.weekday()) % 7)
    return found + timedelta(weeks=rule.get("week", 1) - 1)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876, as Butcher gave it)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def week_value(day: date) -> str:
    """ISO week of the day: ``2023-W30``."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def full_year(two_digits: int, anchor: date | None) -> int:
    """The year that two digits stand for: the last one not more than ten years ahead of the anchor."""
    latest = (anchor.year if anchor else 2030) + 10
    year = latest - latest % 100 + two_digits
    return year if year <= latest else year - 100


def bounds(value: str) -> tuple[date, date] | None:
    """First and last day of an ISO or TIMEX3 value: day, time, week, month, quarter, season, year, decade, range."""
    if "/" in value:
        first, _, last = value.partition("/")
        low, high = bounds(first), bounds(last)
        return (low[0], high[1]) if low and high and low[0] <= high[1] else None
    try:
        return _bounds(value)
    except (ValueError, OverflowError):
        return None


def _bounds(value: str) -> tuple[date, date] | None:
    if match := _DAY.match(value):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        return day, day
    if match := _WEEK.match(value):
        year, week = int(match[1]), int(match[2])
        return date.fromisocalendar(year, week, 6 if match[3] else 1), date.fromisocalendar(year, week, 7)
    if match := _MONTH.match(value):
        return _months(int(match[1]), int(match[2]), int(match[2]))
    if match := _PART.match(value):
        year, part = int(match[1]), match[2]
        if part[0] == "Q":
            return _months(year, int(part[1]) * 3 - 2, int(part[1]) * 3)
        if part[0] == "H":
            return _months(year, int(part[1]) * 6 - 5, int(part[1]) * 6)
        first, last = _SEASONS[part]
        if first <= last:
            return _months(year, first, last)
        return date(year, first, 1), _months(year + 1, last, last)[1]
    if value.isdigit() and len(value) == 4:
        return date(int(value), 1, 1), date(int(value), 12, 31)
    if len(value) == 4 and value[:3].isdigit() and value[3] == "X":
        return date(int(value[:3]) * 10, 1, 1), date(int(value[:3]) * 10 + 9, 12, 31)
    return None


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
