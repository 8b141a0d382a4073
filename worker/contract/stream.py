"""What workers and consumers both hold of the events stream: the order of its ids, and the bounds of a group's state."""

from __future__ import annotations

#: Most dead letters of a consumer group on one stream; the oldest go first.
MAX_DEAD_LETTERS = 10_000
#: How long the state of a group that does not read is kept, in seconds.
STATE_SECONDS = 90 * 86_400


def order(stream_id: str) -> tuple[int, int]:
    """Return the sort key of a stream id, ``<milliseconds>-<number>``."""
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds), int(number or 0)
