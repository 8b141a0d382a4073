"""Gathers the events of a range of time for an overview: each once, at its first report.

Without filters whole hours and days come from the counts that were made at writing, and only the ends of the range are read
event by event; SQLite adds them up and gives the most frequent. With filters all events of the range are read, in one pass
over an index that has all that is asked.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .counts import COUNTRY, DAY_MS, HOUR_MS, PAIR, PLACE, is_pair, pair_name
from .filters import QUAD_KEYS, Condition, Filters, article_conditions, standing_conditions, where

#: Above this many articles one pass over all of them is quicker than to look up each.
_MANY = 1_000
_EVENT = "e.at, e.quad, e.actor, e.recipient, e.countries, e.spot"
#: What an event counts for, by kind, as a row of `day_count`; and where it does.
_COUNTED = {PAIR: "e.actor || char(9) || e.recipient, e.quad, 1", PLACE: "e.spot, e.quad, 1"}
_NAMED = {PAIR: "e.actor <> e.recipient", PLACE: "e.spot IS NOT NULL"}


#: A name with its counts by quad.
Ranked = tuple[str, list[int]]


@dataclass(slots=True)
class Gathered:
    """Counts of events by (bar, quad) and by country; the most frequent pairs and places.

    ``articles`` have a report in the range that matches; None: all articles of the range.
    """

    bars: Counter[tuple[int, int]] = field(default_factory=Counter)
    countries: Counter[tuple[str, int]] = field(default_factory=Counter)
    pairs: list[Ranked] = field(default_factory=list)
    places: list[Ranked] = field(default_factory=list)
    articles: set[int] | None = None

    @property
    def events(self) -> int:
        """How many events."""
        return self.bars.total()


def gather(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int, width: int, *, pairs: int, places: int
) -> Gathered:
    """Return the counts of a range, its bars ``width`` ms wide, and the most frequent ``pairs`` and ``places``."""
    if is_plain(filters):
        return Gathered(
            gather_bars(connection, filters, since, until, width),
            gather_countries(connection, filters, since, until),
            _rank_counted(connection, PAIR, since, until, pairs),
            _rank_counted(connection, PLACE, since, until, places),
        )
    rows = _matching(connection, filters, since, until)
    firsts = _firsts(connection, rows, since)
    return Gathered(
        Counter((row[0] // width, row[1]) for row in firsts),
        _count_countries(firsts),
        _rank(_count_pairs(firsts), pairs),
        _rank(Counter((row[5], row[1]) for row in firsts if row[5] is not None), places),
        {row[0] for row in rows},
    )


def gather_countries(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int
) -> Counter[tuple[str, int]]:
    """Return the counts of a range by (country, quad) alone."""
    if not is_plain(filters):
        return _count_countries(_firsts(connection, _matching(connection, filters, since, until), since))
    found: Counter[tuple[str, int]] = Counter()
    for start, end in _ends(since, until, DAY_MS):
        found.update(_count_countries(connection.execute(_first_events(_EVENT), (start, end)).fetchall()))
    rows = connection.execute(
        "SELECT name, quad, sum(events) FROM day_count WHERE day >= ? AND day < ? AND kind = ? GROUP BY 1, 2",
        (*_whole_days(since, until), COUNTRY),
    )
    found.update({(name, quad): events for name, quad, events in rows})
    return found


def gather_bars(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int, width: int
) -> Counter[tuple[int, int]]:
    """Return how many events there are by (bar, quad), a bar being a time divided by ``width``."""
    found: Counter[tuple[int, int]] = Counter()
    if not is_plain(filters) or width % HOUR_MS:
        for row in _firsts(connection, _matching(connection, filters, since, until), since):
            found[row[0] // width, row[1]] += 1
        return found
    for start, end in _ends(since, until, HOUR_MS):
        for at, quad in connection.execute(_first_events("e.at, e.quad"), (start, end)):
            found[at // width, quad] += 1
    rows = connection.execute(
        "SELECT hour, quad, events FROM hour_quad WHERE hour >= ? AND hour < ?",
        (-(-since // HOUR_MS), until // HOUR_MS),
    )
    for hour, quad, events in rows:
        found[hour * HOUR_MS // width, quad] += events
    return found


def is_plain(filters: Filters) -> bool:
    """Whether nothing but a time is asked."""
    return not filters.asks_events and not article_conditions(filters, with_time=False)


def articles_matching(connection: sqlite3.Connection, filters: Filters) -> set[int] | None:
    """Return the articles that the words, publisher and language fit, whatever their time; None where none is asked."""
    conditions = article_conditions(filters, with_time=False)
    if not conditions:
        return None
    if filters.words and len(conditions) == 1 and conditions[0][1]:
        return {row[0] for row in connection.execute("SELECT rowid FROM words WHERE words MATCH ?", conditions[0][1])}
    text, values = where(conditions)
    return {row[0] for row in connection.execute(f"SELECT a.key FROM article a WHERE {text}", values)}


def count_articles(
    connection: sqlite3.Connection, articles: set[int] | None, since: int, until: int
) -> tuple[int, int, int]:
    """Return how many articles, happenings and owners: of ``articles``, else of all in the range."""
    if articles is not None and len(articles) <= _MANY:
        marks = ", ".join("?" * len(articles))
        rows: Sequence[tuple[int, int, str]] = connection.execute(
            f"SELECT key, happening, owner FROM article WHERE key IN ({marks})", tuple(articles)
        ).fetchall()
    else:
        after = since if articles is None else -(1 << 62)  # a revision's events are later than their article
        sql = "SELECT key, happening, owner FROM article INDEXED BY article_at WHERE at >= ? AND at < ?"
        rows = connection.execute(sql, (after, until)).fetchall()
        if articles is not None:
            rows = [row for row in rows if row[0] in articles]
    return len(rows), len({row[1] for row in rows}), len({row[2] for row in rows})


def rank_happenings(
    connection: sqlite3.Connection, articles: set[int] | None, since: int, until: int, limit: int
) -> list[int]:
    """Return the happenings that most independent texts report, then most papers, then the surest.

    Of those with an article in the range, or with one of ``articles`` where these are given.
    """
    ranked = "ORDER BY h.independent DESC, h.papers DESC, h.sure DESC, h.at DESC"
    if articles is None:
        sql = (
            "SELECT h.key FROM happening h INDEXED BY happening_rank WHERE h.sure > 0 AND h.at >= ? AND EXISTS "
            f"(SELECT 1 FROM article a WHERE a.happening = h.key AND a.at >= ? AND a.at < ?) {ranked} LIMIT ?"
        )
        return [row[0] for row in connection.execute(sql, (since, since, until, limit))]
    if len(articles) <= _MANY:
        marks = ", ".join("?" * len(articles))
        sql = (
            f"SELECT h.key FROM happening h WHERE h.key IN (SELECT happening FROM article WHERE key IN ({marks})) "
            f"{ranked} LIMIT ?"
        )
        return [row[0] for row in connection.execute(sql, (*articles, limit))]
    found: list[int] = []
    for (key,) in connection.execute(f"SELECT h.key FROM happening h INDEXED BY happening_rank {ranked}"):
        rows = connection.execute("SELECT key FROM article WHERE happening = ?", (key,))
        if any(row[0] in articles for row in rows):
            found.append(key)
            if len(found) >= limit:
                break
    return found


# -- one pass


def _matching(connection: sqlite3.Connection, filters: Filters, since: int, until: int) -> list[tuple[Any, ...]]:
    """Return the reports that match as (article, cluster, first, at, quad, ...)."""
    among = articles_matching(connection, filters)
    conditions: list[Condition] = [("e.at >= ? AND e.at < ?", [since, until]), *standing_conditions(filters)]
    table = "event e INDEXED BY event_standing"
    if among is not None and len(among) <= _MANY:  # looked up by article
        table = "event e"
        conditions.append((f"e.article IN ({', '.join('?' * len(among))})", list(among)))
    elif filters.actor or filters.pair:  # looked up by party
        table = "event e"
    text, values = where(conditions)
    rows = connection.execute(f"SELECT e.article, e.cluster, e.first, {_EVENT} FROM {table} WHERE {text}", values)
    return rows.fetchall() if among is None else [row for row in rows if row[0] in among]


def _firsts(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]], since: int) -> list[tuple[Any, ...]]:
    """Return (at, quad, ...) of each event of the reports, as its first report has them, where the range has that one."""
    found = {row[1]: row[3:] for row in rows if row[2]}
    sql = f"SELECT {_EVENT} FROM event e WHERE e.cluster = ? AND e.first = 1 AND e.at >= ?"
    for cluster in {row[1] for row in rows if not row[2]} - found.keys():
        if first := connection.execute(sql, (cluster, since)).fetchone():
            found[cluster] = first
    return list(found.values())


# -- counts


def _count_countries(events: Sequence[tuple[Any, ...]]) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for (countries, quad), number in Counter((row[4], row[1]) for row in events).items():
        for country in countries.split():
            found[country, quad] += number
    return found


def _count_pairs(events: Sequence[tuple[Any, ...]]) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for (actor, recipient, quad), number in Counter((row[2], row[3], row[1]) for row in events).items():
        if is_pair(actor, recipient):
            found[pair_name(actor, recipient), quad] += number
    return found


def _rank(counts: Counter[tuple[str, int]], limit: int) -> list[Ranked]:
    """Return the most frequent names with their counts by quad, most events first, then by name."""
    found: dict[str, list[int]] = {}
    for (name, quad), number in counts.items():
        found.setdefault(name, [0] * len(QUAD_KEYS))[quad] += number
    return heapq.nsmallest(limit, found.items(), key=lambda one: (-sum(one[1]), one[0]))


def _rank_counted(connection: sqlite3.Connection, kind: int, since: int, until: int, limit: int) -> list[Ranked]:
    """Return the same of all events of a range: whole days as they were counted, the ends event by event."""
    sums = ", ".join(f"sum(iif(quad = {quad}, events, 0))" for quad in range(len(QUAD_KEYS)))
    ends = _ends(since, until, DAY_MS)
    parts = " ".join(f"UNION ALL {_first_events(_COUNTED[kind])} AND {_NAMED[kind]}" for _ in ends)
    rows = connection.execute(
        f"WITH part AS (SELECT name, quad, events FROM day_count WHERE day >= ? AND day < ? AND kind = ? {parts}) "
        f"SELECT name, {sums} FROM part GROUP BY name ORDER BY sum(events) DESC, name LIMIT ?",
        (*_whole_days(since, until), kind, *(at for end in ends for at in end), limit),
    )
    return [(name, quads) for name, *quads in rows]


def _whole_days(since: int, until: int) -> tuple[int, int]:
    """Return the first whole day of a range and the day after its last one."""
    return -(-since // DAY_MS), until // DAY_MS


def _ends(since: int, until: int, unit: int) -> list[tuple[int, int]]:
    """Return the parts of a range that are no whole hour or day."""
    first, last = -(-since // unit) * unit, until // unit * unit
    if first >= last:
        return [(since, until)]
    return [(start, end) for start, end in ((since, first), (last, until)) if start < end]


def _first_events(columns: str) -> str:
    return (
        f"SELECT {columns} FROM event e INDEXED BY event_standing "
        "WHERE e.retracted IS NULL AND e.first = 1 AND e.at >= ? AND e.at < ?"
    )
