"""Gathers the events of a range of time for an overview: each once, at its first report.

Without filters whole hours and days come from the counts that were made at writing, and only the ends of the range are read
event by event. With filters all events of the range are read, in one pass over an index that has all that is asked.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .counts import COUNTRY, DAY_MS, HOUR_MS, PAIR, PLACE, pair_name
from .filters import Condition, Filters, article_conditions, standing_conditions, where

#: Above this many articles one pass over all of them is quicker than to look up each.
_MANY = 1_000
_EVENT = "e.at, e.quad, e.actor, e.recipient, e.countries, e.spot"


@dataclass(slots=True)
class Gathered:
    """Counts of events: by (bar, quad), and for each kind of `counts` by (name, quad).

    ``articles`` have a report in the range that matches; None: all articles of the range.
    """

    bars: Counter[tuple[int, int]] = field(default_factory=Counter)
    names: tuple[Counter[tuple[str, int]], ...] = field(default_factory=lambda: (Counter(), Counter(), Counter()))
    articles: set[int] | None = None

    @property
    def events(self) -> int:
        """How many events."""
        return self.bars.total()


def gather(connection: sqlite3.Connection, filters: Filters, since: int, until: int, width: int) -> Gathered:
    """Return the counts of a range, its bars ``width`` ms wide."""
    found = Gathered()
    if is_plain(filters):
        for start, end in _ends(since, until, DAY_MS):
            _count_names(found, connection.execute(_first_events(_EVENT), (start, end)).fetchall())
        _add_days(connection, found, since, until, (COUNTRY, PAIR, PLACE))
        found.bars = gather_bars(connection, filters, since, until, width)
        return found
    rows = _matching(connection, filters, since, until)
    found.articles = {row[0] for row in rows}
    firsts = _firsts(connection, rows, since)
    found.bars = Counter((row[0] // width, row[1]) for row in firsts)
    _count_names(found, firsts)
    return found


def gather_countries(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int
) -> Counter[tuple[str, int]]:
    """Return the counts of a range by (country, quad) alone."""
    found = Gathered()
    if is_plain(filters):
        for start, end in _ends(since, until, DAY_MS):
            _count_names(found, connection.execute(_first_events(_EVENT), (start, end)).fetchall())
        _add_days(connection, found, since, until, (COUNTRY,))
    else:
        _count_names(found, _firsts(connection, _matching(connection, filters, since, until), since))
    return found.names[COUNTRY]


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
    text, values = where(conditions)
    rows = connection.execute(
        f"SELECT e.article, e.cluster, e.first, {_EVENT} FROM event e INDEXED BY event_standing WHERE {text}",
        values,
    )
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


def _count_names(found: Gathered, events: Sequence[tuple[Any, ...]]) -> None:
    for (countries, quad), number in Counter((row[4], row[1]) for row in events).items():
        for country in countries.split():
            found.names[COUNTRY][country, quad] += number
    for (actor, recipient, quad), number in Counter((row[2], row[3], row[1]) for row in events).items():
        if recipient is not None and actor is not None and actor != recipient:
            found.names[PAIR][pair_name(actor, recipient), quad] += number
    found.names[PLACE].update((row[5], row[1]) for row in events if row[5] is not None)


def _add_days(connection: sqlite3.Connection, found: Gathered, since: int, until: int, kinds: Sequence[int]) -> None:
    rows = connection.execute(
        f"SELECT kind, name, quad, events FROM day_count WHERE day >= ? AND day < ? AND kind IN ({', '.join(map(str, kinds))})",
        (-(-since // DAY_MS), until // DAY_MS),
    )
    for kind, name, quad, events in rows:
        found.names[kind][name, quad] += events


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
