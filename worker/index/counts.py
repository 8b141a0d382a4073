"""Counts events as they are written: each once, at its first report, by hour, and by day for countries, pairs and places.

What an overview of weeks shows is the sum of some thousand such rows; see `gather`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from typing import Any

from .database import scalar
from .labels import COUNTRY, PAIR, PLACE, label_of

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
#: A pair is counted by the labels of both parties in one number, the recipient's in the low bits.
PAIR_BITS = 28

_COLUMNS = "at, quad, actor, recipient, countries, spot"


def uncount_cluster(connection: sqlite3.Connection, cluster: int) -> None:
    """Take an event out of the counts, before a report of it is written, retracted or deleted; `count_clusters` after it."""
    row = connection.execute(
        f"SELECT key, {_COLUMNS} FROM event WHERE cluster = ? AND first = 1", (cluster,)
    ).fetchone()
    if row is not None:
        connection.execute("UPDATE event SET first = 0 WHERE key = ?", row[:1])
        _add(connection, row[1:], -1)


def count_clusters(connection: sqlite3.Connection, clusters: Collection[int]) -> None:
    """Count events again, each at its first report that stands; one that is counted already stays as it is."""
    for cluster in clusters:
        rows = connection.execute(
            f"SELECT key, first, confidence, {_COLUMNS} FROM event WHERE cluster = ? AND retracted IS NULL ORDER BY at, key",
            (cluster,),
        ).fetchall()
        if rows and not any(row[1] for row in rows):
            sure = max(row[2] for row in rows)
            connection.execute("UPDATE event SET first = 1, sure = ? WHERE key = ?", (sure, rows[0][0]))
            _add(connection, rows[0][3:], 1)


def _names(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Iterator[tuple[int, int]]:
    """Return what an event is counted by, as (kind, name), of the labels (actor, recipient, countries, spot)."""
    actor, recipient, countries, spot = row
    for country in scalar(connection, "SELECT text FROM country_set WHERE key = ?", countries).split():
        yield COUNTRY, label_of(connection, country, "country_set")
    if actor is not None and recipient is not None and actor != recipient:
        yield PAIR, actor << PAIR_BITS | recipient
    if spot is not None:
        yield PLACE, spot


def _add(connection: sqlite3.Connection, row: tuple[Any, ...], number: int) -> None:
    at, quad = row[:2]
    _change(connection, "hour_quad", {"hour": at // HOUR_MS, "quad": quad}, number)
    for kind, name in _names(connection, row[2:]):
        _change(connection, "day_count", {"day": at // DAY_MS, "kind": kind, "name": name, "quad": quad}, number)


def _change(connection: sqlite3.Connection, table: str, key: dict[str, Any], number: int) -> None:
    if number > 0:
        names, marks = ", ".join(key), ", ".join("?" * len(key))
        connection.execute(
            f"INSERT INTO {table} ({names}, events) VALUES ({marks}, 1) ON CONFLICT DO UPDATE SET events = events + 1",
            tuple(key.values()),
        )
        return
    same = " AND ".join(f"{name} = ?" for name in key)
    connection.execute(f"DELETE FROM {table} WHERE {same} AND events <= 1", tuple(key.values()))
    connection.execute(f"UPDATE {table} SET events = events - 1 WHERE {same}", tuple(key.values()))
