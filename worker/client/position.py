"""Places in a stream, as people give them: a stream id, a time, the start, now."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, TypeAlias

Position: TypeAlias = datetime | str | Literal["start", "now"]

_STREAM_ID = re.compile(r"\d+(-\d+)?")


def as_stream_id(position: Position) -> str:
    """The id after which a group reads on. A time is the clock of Redis when it took the entry.

    Raises:
        ValueError: Neither a stream id, nor an aware datetime, nor ``start`` or ``now``.
    """
    if position == "start":
        return "0"
    if position == "now":
        return "$"
    if isinstance(position, datetime):
        if position.tzinfo is None:
            raise ValueError(f"{position!r} has no time zone; use datetime(..., tzinfo=UTC)")
        # A group reads what comes after an id: the last possible one of the millisecond before.
        return f"{max(0, int(position.timestamp() * 1000) - 1)}-{2**64 - 1}"
    if _STREAM_ID.fullmatch(position):
        return position
    raise ValueError(f"{position!r} is no place in a stream: give a stream id, a datetime, 'start' or 'now'")


def order(stream_id: str) -> tuple[int, int]:
    """Sort key of a stream id."""
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds), int(number or 0)
