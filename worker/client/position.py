"""Places in a stream, as people give them: a stream id, a time, ``24h``, ``yesterday``, the start, now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

Position: TypeAlias = datetime | timedelta | str | Literal["start", "now", "today", "yesterday"]

#: What a place may be, for messages.
FORMS = "a stream id, a time (2026-03-01T08:00), '24h', '7d', 'today', 'yesterday', 'start' or 'now'"
_STREAM_ID = re.compile(r"\d{1,19}-\d{1,20}|\d{1,7}|\d{9,19}")  # eight digits alone are a day
_AGO = re.compile(r"(\d{1,6}) ?(s|m|min|h|d|w)")
_UNIT_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def as_time(position: Position, now: datetime | None = None) -> datetime | None:
    """Return the time that a position names, in UTC; None where it is a stream id, ``start`` or ``now``.

    Days begin at midnight UTC; a time without a zone is UTC. ``now`` is for tests.

    Raises:
        ValueError: It is none of `FORMS`, or a datetime without a time zone.
    """
    at = now or datetime.now(UTC)
    if isinstance(position, timedelta):
        return at - position
    if isinstance(position, datetime):
        if position.tzinfo is None:
            raise ValueError(f"{position!r} has no time zone; use datetime(..., tzinfo=UTC)")
        return position.astimezone(UTC)
    if position in ("start", "now") or _STREAM_ID.fullmatch(position):
        return None
    if position in ("today", "yesterday"):
        return at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=position == "yesterday")
    if ago := _AGO.fullmatch(position):
        return at - timedelta(seconds=int(ago[1]) * _UNIT_SECONDS[ago[2]])
    try:
        given = datetime.fromisoformat(position)
    except ValueError:
        raise ValueError(f"{position!r} is no place in a stream: give {FORMS}") from None
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)


def as_stream_id(position: Position, now: datetime | None = None) -> str:
    """Return the id after which a group reads on. A time is the clock of Redis when it took the entry.

    Raises:
        ValueError: It is none of `FORMS`, or a datetime without a time zone.
    """
    at = as_time(position, now)
    if at is not None:
        # A group reads what comes after an id: the last possible one of the millisecond before.
        return f"{max(0, int(at.timestamp() * 1000) - 1)}-{2**64 - 1}"
    if position == "start":
        return "0"
    return "$" if position == "now" else str(position)
