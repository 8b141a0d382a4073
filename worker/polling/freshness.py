"""Hints about when to come back: HTTP's freshness, and the hours and days that a feed asks us to skip. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ..jobs.records import PollReading
from ..model.records import ParsedFeed
from ..model.rows import filled
from .history import Hints

_MAX_AGE = re.compile(r"(?:\A|[\s,])max-age\s*=\s*\"?(\d{1,18})", re.IGNORECASE)
_NOT_FRESH = re.compile(r"(?:\A|[\s,])no-(?:cache|store)(?:\Z|[\s,])", re.IGNORECASE)


def hints(headers: Mapping[str, str], feed: ParsedFeed | PollReading | None, now: datetime) -> Hints:
    """Return the hints of one answer.

    Args:
        headers: With lower-case names.
        feed: The parsed document, or what a child made of it; None for a 304, whose body we have not.
    """
    age = fresh_seconds(headers, now)
    return Hints(max_age_seconds=age) if feed is None else filled(Hints, feed, max_age_seconds=age)


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the answer stays fresh by Cache-Control, else Expires (RFC 9111, 4.2), its Age taken off; None if not said.

    ``no-cache`` and ``no-store`` say nothing about when to come back.
    """
    control = headers.get("cache-control", "")
    if _NOT_FRESH.search(control):
        return None
    match = _MAX_AGE.search(control)
    if match is not None:
        seconds = float(match[1])
    else:
        expires = _date(headers.get("expires"))
        if expires is None:
            return None
        seconds = (expires - (_date(headers.get("date")) or now)).total_seconds()
    age = headers.get("age", "")
    if age.isascii() and age.isdigit() and len(age) < 10:
        seconds -= int(age)
    return seconds if seconds > 0 else None


def after_skipped(moment: datetime, given: Hints) -> datetime:
    """Return the first time from ``moment`` on that is in none of the hours and days to be skipped (RSS 2.0: in GMT).

    A feed that skips every hour or every day cannot mean it and is read as skipping none.
    """
    hours = {hour for hour in given.skip_hours if 0 <= hour <= 23}
    days = {day for day in given.skip_days if 0 <= day <= 6}
    if len(hours) == 24:
        hours = set()
    if len(days) == 7:
        days = set()
    if not hours and not days:
        return moment
    found = moment
    for _ in range(8 * 24):
        utc = found.astimezone(UTC)
        if utc.weekday() in days:
            found = utc.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        elif utc.hour in hours:
            found = utc.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        else:
            return found
    return moment


def _date(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
