"""Gathers the events of a range of time for an overview: each once, at its first report.

Without filters whole hours and days come from the counts that were made at writing, and only the ends of the range are read
event by event; SQLite adds them up and gives the most frequent. With filters all events of the range are read, in one pass
over an index that has all that is asked.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .counts import DAY_MS, HOUR_MS, PAIR_BITS
from .filters import QUAD_KEYS, Condition, Filters, article_conditions, standing_conditions, where
from .labels import COUNTRY, PAIR, PLACE, label_texts

#: Above this many articles one pass over all of them is quicker than to look up each.
_MANY = 1_000
#: What an event counts for, by kind, as the name of `day_count`; null where it does not.
_NAMES = {
    COUNTRY: "e.countries",
    PAIR: f"iif(e.actor <> e.recipient, e.actor << {PAIR_BITS} | e.recipient, NULL)",
    PLACE: "e.spot",
}
#: Rows counted at a time: many small lists that go at once cost Python's garbage collector nothing, a long one much.
_CHUNK = 500

#: A name with its counts by quad.
Ranked = tuple[str, list[int]]
#: Events by name, or by bar, and quad: the quad is in the low two bits.
Packed = Counter[int]


@dataclass(slots=True)
class Gathered:
    """Counts of events by bar, a bar being a time divided by its width, and by country; the most frequent pairs and places.

    ``articles`` have a report in the range that matches; None: all articles of the range.
    """

    bars: Packed = field(default_factory=Counter)
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
            _pair_names(connection, _rank_counted(connection, PAIR, since, until, pairs)),
            _names(connection, _rank_counted(connection, PLACE, since, until, places)),
        )
    found = _count_matching(connection, filters, since, until, width)
    return Gathered(
        found.bars,
        _countries(connection, found.names[COUNTRY]),
        _pair_names(connection, _rank(found.names[PAIR], pairs)),
        _names(connection, _rank(found.names[PLACE], places)),
        found.articles,
    )


def gather_countries(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int
) -> Counter[tuple[str, int]]:
    """Return the counts of a range by (country, quad) alone."""
    if not is_plain(filters):
        return _countries(connection, _count_matching(connection, filters, since, until, DAY_MS).names[COUNTRY])
    counts: Packed = Counter()
    for start, end in _ends(since, until, DAY_MS):
        counts.update(row[0] for row in connection.execute(_first_events("e.countries << 2 | e.quad"), (start, end)))
    rows = connection.execute(
        "SELECT name << 2 | quad, sum(events) FROM day_count WHERE day >= ? AND day < ? AND kind = ? GROUP BY 1",
        (*_whole_days(since, until), COUNTRY),
    )
    counts.update(dict(rows.fetchall()))
    return _countries(connection, counts)


def gather_bars(connection: sqlite3.Connection, filters: Filters, since: int, until: int, width: int) -> Packed:
    """Return how many events there are by bar, a time divided by ``width``, and quad."""
    if not is_plain(filters) or width % HOUR_MS:
        return _count_matching(connection, filters, since, until, width).bars
    found: Packed = Counter()
    for start, end in _ends(since, until, HOUR_MS):
        rows = connection.execute(_first_events(_bar(width)), (start, end))
        found.update(row[0] for row in rows)
    rows = connection.execute(
        "SELECT hour, quad, events FROM hour_quad WHERE hour >= ? AND hour < ?",
        (-(-since // HOUR_MS), until // HOUR_MS),
    )
    for hour, quad, events in rows:
        found[hour * HOUR_MS // width << 2 | quad] += events
    return found


def is_plain(filters: Filters) -> bool:
    """Return whether nothing but a time is asked."""
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


@dataclass(slots=True)
class _Counted:
    """Counts of events by bar and, for each kind of `labels`, by name; the articles that report them."""

    bars: Packed = field(default_factory=Counter)
    names: tuple[Packed, ...] = field(default_factory=lambda: (Counter(), Counter(), Counter()))
    articles: set[int] = field(default_factory=set)

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Count events, as rows of article, cluster, first, bar and names."""
        if rows:
            _, _, _, bars, *names = zip(*rows, strict=True)
            self.bars.update(bars)
            for counts, column in zip(self.names, names, strict=True):
                counts.update(column)


def _count_matching(connection: sqlite3.Connection, filters: Filters, since: int, until: int, width: int) -> _Counted:
    """Count each event of which a report in the range matches, as its first report has it, where the range has that one."""
    found, counted, later = _Counted(), set[int](), set[int]()
    among = articles_matching(connection, filters)
    columns = f"e.article, e.cluster, e.first, {_event(width)}"
    reports = _matching(connection, filters, since, until, columns, among)
    while chunk := reports.fetchmany(_CHUNK):
        rows = chunk if among is None else [row for row in chunk if row[0] in among]
        firsts = [row for row in rows if row[2]]
        found.articles.update(row[0] for row in rows)
        counted.update(row[1] for row in firsts)
        later.update(row[1] for row in rows if not row[2])
        found.add(firsts)
    sql = f"SELECT {columns} FROM event e WHERE e.cluster = ? AND e.first = 1 AND e.at >= ?"
    for cluster in later - counted:
        found.add(connection.execute(sql, (cluster, since)).fetchall())
    return found


def _matching(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int, columns: str, among: set[int] | None
) -> sqlite3.Cursor:
    """Return the reports that match, those of few articles looked up by article; ``among`` is left to the caller."""
    conditions: list[Condition] = [("e.at >= ? AND e.at < ?", [since, until]), *standing_conditions(filters)]
    table = "event e INDEXED BY event_standing"
    if among is not None and len(among) <= _MANY:
        table = "event e"
        conditions.append((f"e.article IN ({', '.join('?' * len(among))})", list(among)))
    elif filters.actor or filters.pair:  # looked up by party
        table = "event e"
    text, values = where(conditions)
    return connection.execute(f"SELECT {columns} FROM {table} WHERE {text}", values)


def _bar(width: int) -> str:
    return f"(e.at / {width}) << 2 | e.quad"


def _event(width: int) -> str:
    """Return the columns of an event as it is counted: its bar, then its names, each with its quad."""
    return ", ".join([_bar(width), *(f"{name} << 2 | e.quad" for name in _NAMES.values())])


# -- counts


def _countries(connection: sqlite3.Connection, counts: Packed) -> Counter[tuple[str, int]]:
    """Return counts by (country, quad) of counts by sets of countries."""
    texts = label_texts(connection, {name >> 2 for name in counts}, "country_set")
    found: Counter[tuple[str, int]] = Counter()
    for name, number in counts.items():
        for country in texts[name >> 2].split():
            found[country, name & 3] += number
    return found


def _rank(counts: Packed, limit: int) -> list[tuple[int, list[int]]]:
    """Return the most frequent names with their counts by quad, most events first."""
    totals: dict[int, int] = {}
    for name, number in counts.items():
        if name is not None:
            totals[name >> 2] = totals.get(name >> 2, 0) + number
    first = heapq.nlargest(limit, totals.items(), key=lambda one: one[1])
    return [(name, [counts[name << 2 | quad] for quad in range(len(QUAD_KEYS))]) for name, _ in first]


def _rank_counted(
    connection: sqlite3.Connection, kind: int, since: int, until: int, limit: int
) -> list[tuple[int, list[int]]]:
    """Return the same of all events of a range: whole days as they were counted, the ends event by event."""
    sums = ", ".join(f"sum(iif(quad = {quad}, events, 0))" for quad in range(len(QUAD_KEYS)))
    ends = _ends(since, until, DAY_MS)
    parts = " ".join(f"UNION ALL {_first_events(f'{_NAMES[kind]}, e.quad, 1')}" for _ in ends)
    rows = connection.execute(
        f"WITH part AS (SELECT name, quad, events FROM day_count WHERE day >= ? AND day < ? AND kind = ? {parts}) "
        f"SELECT name, {sums} FROM part WHERE name IS NOT NULL GROUP BY name ORDER BY sum(events) DESC LIMIT ?",
        (*_whole_days(since, until), kind, *(at for end in ends for at in end), limit),
    )
    return [(name, quads) for name, *quads in rows]


def _names(connection: sqlite3.Connection, ranked: list[tuple[int, list[int]]]) -> list[Ranked]:
    texts = label_texts(connection, [name for name, _ in ranked])
    return _in_order((texts[name], quads) for name, quads in ranked)


def _pair_names(connection: sqlite3.Connection, ranked: list[tuple[int, list[int]]]) -> list[Ranked]:
    pairs = [(divmod(name, 1 << PAIR_BITS), quads) for name, quads in ranked]
    texts = label_texts(connection, {label for pair, _ in pairs for label in pair})
    return _in_order((f"{texts[actor]}\t{texts[recipient]}", quads) for (actor, recipient), quads in pairs)


def _in_order(named: Iterable[Ranked]) -> list[Ranked]:
    """Return names with most events first, then by name."""
    return sorted(named, key=lambda one: (-sum(one[1]), one[0]))


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
