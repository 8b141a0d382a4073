"""Polls of the feeds as the desk saw them: the bars of the last day."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

_HOUR_MS = 3_600_000
HOURS = 24
#: The worst of an hour is its colour.
OUTCOMES = ("none", "unchanged", "new", "slow_down", "failed")


class SeenPoll(NamedTuple):
    """One poll: when (ms), how it went (one of `OUTCOMES` but none), why it failed, how many entries were new."""

    feed: str
    at: int
    outcome: str
    reason: str
    entries: int


def write_polls(connection: sqlite3.Connection, polls: Sequence[SeenPoll]) -> None:
    """Remember polls; a repeat changes nothing."""
    connection.executemany("INSERT OR REPLACE INTO poll VALUES (?, ?, ?, ?, ?)", polls)


def read_bars(connection: sqlite3.Connection, now_ms: int) -> dict[str, list[list[object]]]:
    """Return for each feed its last 24 hours, oldest first, each ``[outcome, polls, new entries, reason]``."""
    first = now_ms // _HOUR_MS - HOURS + 1
    found: dict[str, list[list[object]]] = {}
    rows = connection.execute(
        f"SELECT feed, at / {_HOUR_MS}, outcome, count(*), sum(entries), max(reason) FROM poll WHERE at >= ? GROUP BY 1, 2, 3",
        (first * _HOUR_MS,),
    )
    for feed, hour, outcome, polls, entries, reason in rows:
        bars = found.setdefault(feed, [["none", 0, 0, ""] for _ in range(HOURS)])
        if not 0 <= hour - first < HOURS:
            continue
        bar = bars[hour - first]
        worst = max(str(bar[0]), outcome, key=OUTCOMES.index)
        bars[hour - first] = [worst, int(str(bar[1])) + polls, int(str(bar[2])) + entries, bar[3] or reason]
    return found
