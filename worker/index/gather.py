"""Gathers the events of a range of time for an overview: each once, at its first report.

The events of a range are counted in the columns of its days (`days`). What few articles, an actor or a pair asks is looked up
in SQLite, which joins each column into one text that is split and counted: two thirds of the CPU of fetching the rows. Where a
range without filters has more events than are kept in memory, whole hours and days come from the counts that were made at
writing, and only the ends of the range are read event by event.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from .counts import DAY_MS, HOUR_MS, PAIR_BITS
from .database import scalar
from .days import Counted, Packed, count_matching, kept_days
from .filters import QUAD_KEYS, Condition, Filters, article_conditions, country_sets, standing_conditions, where
from .labels import COUNTRY, PAIR, PLACE, label_texts

#: Above this many articles one pass over all of them is quicker than to look up each.
_MANY = 1_000
#: What an event counts for, by kind, as the name of `day_count`; null where it does not.
_NAMES = {
    COUNTRY: "e.countries",
    PAIR: f"iif(e.actor <> e.recipient, e.actor << {PAIR_BITS} | e.recipient, NULL)",
    PLACE: "e.spot",
}
#: Between names of owners; no domain and no publisher has it.
_BETWEEN = "\x1f"

#: A name with its counts by quad.
Ranked = tuple[str, list[int]]


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
    if is_plain(filters) and _events_in(connection, since, until) > kept_days(connection).most:
        return Gathered(
            gather_bars(connection, filters, since, until, width),
            gather_countries(connection, filters, since, until),
            _pair_names(connection, _rank_counted(connection, PAIR, since, until, pairs)),
            _names(connection, _rank_counted(connection, PLACE, since, until, places)),
        )
    found = _count_matching(connection, filters, since, until, width, (COUNTRY, PAIR, PLACE))
    return Gathered(
        found.bars,
        _countries(connection, found.names[COUNTRY]),
        _pair_names(connection, _rank(found.names[PAIR], pairs)),
        _names(connection, _rank(found.names[PLACE], places)),
        None if is_plain(filters) else found.articles,
    )


def keep_days(connection: sqlite3.Connection, since: int, until: int) -> None:
    """Read the days of a range into memory, so that the first overview need not; none where they are too many."""
    days = kept_days(connection)
    if _events_in(connection, since, until) <= days.most:
        for _ in days.between(connection, since, until):
            pass


def _events_in(connection: sqlite3.Connection, since: int, until: int) -> int:
    sql = "SELECT ifnull(sum(events), 0) FROM hour_quad WHERE hour >= ? AND hour < ?"
    return int(scalar(connection, sql, since // HOUR_MS, -(-until // HOUR_MS)))


def gather_countries(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int
) -> Counter[tuple[str, int]]:
    """Return the counts of a range by (country, quad) alone."""
    if not is_plain(filters):
        return _countries(
            connection, _count_matching(connection, filters, since, until, DAY_MS, (COUNTRY,)).names[COUNTRY]
        )
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
    columns = f"count(*), group_concat(happening), group_concat(owner, '{_BETWEEN}')"
    if articles is None:
        sql = f"SELECT {columns} FROM article INDEXED BY article_at WHERE at >= ? AND at < ?"
        row = connection.execute(sql, (since, until)).fetchone()
    else:
        sql = f"SELECT {columns} FROM article WHERE key IN (SELECT value FROM json_each(?))"
        row = connection.execute(sql, (json.dumps(list(articles)),)).fetchone()
    count, happenings, owners = row
    return (
        count,
        len(set((happenings or "").split(",") if count else ())),
        len(set((owners or "").split(_BETWEEN) if count else ())),
    )


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


# -- with filters


def _count_matching(
    connection: sqlite3.Connection, filters: Filters, since: int, until: int, width: int, kinds: Sequence[int] = ()
) -> Counted:
    """Count each event of which a report in the range matches, as its first report has it, where the range has that one.

    In the columns of whole days; what few articles, an actor or a pair asks is looked up in SQLite.
    """
    among = articles_matching(connection, filters)
    if filters.actor or filters.pair or (among is not None and len(among) <= _MANY):
        return _look_up(connection, filters, among, since, until, width, kinds)
    days = kept_days(connection).between(connection, since, until)
    sets = country_sets(connection, filters.country) if filters.country else None
    return count_matching(days, filters, width, kinds, articles=among, country_sets=sets)


def _look_up(
    connection: sqlite3.Connection, filters: Filters, among: set[int] | None, since: int, until: int, width: int,
    kinds: Sequence[int],
) -> Counted:  # fmt: skip
    """Count the same of few reports, looked up by article, party or pair."""
    conditions: list[Condition] = [("e.at >= ? AND e.at < ?", [since, until]), *standing_conditions(filters)]
    if among is not None:
        conditions.append(("e.article IN (SELECT value FROM json_each(?))", [json.dumps(list(among))]))
    text, values = where(conditions)
    counted = [_bar(width), *(f"{_NAMES[kind]} << 2 | e.quad" for kind in kinds)]
    firsts = [f"iif(e.first, {column}, NULL)" for column in counted]
    joined = _join_columns(["e.article", "iif(e.first, NULL, e.cluster)", *firsts])
    articles, later, *columns = connection.execute(f"SELECT {joined} FROM event e WHERE {text}", values).fetchone()
    found = Counted(_count(columns[0]), {kind: _count(column) for kind, column in zip(kinds, columns[1:], strict=True)})
    found.articles = set(map(int, set(_split(articles))))
    if clusters := set(_split(later)):  # their first reports may match or not; what matches is counted above
        sql = (
            f"SELECT {_join_columns(counted)} FROM event e WHERE e.cluster IN (SELECT value FROM json_each(?)) "
            f"AND e.first = 1 AND e.at >= ? AND ({text}) IS NOT TRUE"
        )
        more = connection.execute(sql, (f"[{','.join(clusters)}]", since, *values)).fetchone()
        for counts, column in zip((found.bars, *found.names.values()), more, strict=True):
            counts.update(_count(column))
    return found


def _join_columns(columns: Iterable[str]) -> str:
    return ", ".join(f"group_concat({column})" for column in columns)


def _split(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []


def _count(joined: str | None) -> Packed:
    """Return the counts of a column that SQLite joined."""
    return Counter({int(name): number for name, number in Counter(_split(joined)).items()})


def _bar(width: int) -> str:
    return f"(e.at / {width}) << 2 | e.quad"


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
        totals[name >> 2] = totals.get(name >> 2, 0) + number
    first = heapq.nlargest(limit, totals.items(), key=itemgetter(1))
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
