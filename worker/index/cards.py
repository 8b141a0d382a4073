"""Cards of the wire, one per happening, and results of a search, one per article; both in pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from .counts import DAY_MS
from .database import scalar
from .excerpt import excerpt
from .filters import BadQuery, Condition, Filters, article_conditions, event_conditions, where
from .views import Row, event_view, read_article, read_event

#: Events and printings shown of one happening, and events of one search result.
_CARD_EVENTS, _CARD_PRINTINGS, _RESULT_EVENTS = 4, 8, 3
#: Most happenings in an answer about changes; where there are more, the page reads its list again.
_MOST_CHANGES = 60

_PRINTING = "a.key, a.id, a.title, a.publisher, a.owner, a.lang, a.at, a.kind, a.role, a.revision, a.original, a.url"
_NAMES = ("key", "article", "title", "publisher", "owner", "lang", "at", "kind", "role", "revision", "original", "url")


def wire(connection: sqlite3.Connection, filters: Filters, *, limit: int, after: str = "") -> Row:
    """Return a page of happenings, newest article first, as ``{cards, next, total}``; ``total`` on the first page only.

    Args:
        after: ``next`` of the page before.
    Raises:
        BadQuery: ``after`` is no place in the list.
    """
    rows, total = _page(connection, *_happenings(filters), after, limit)
    found: Row = {
        "cards": [card(connection, key, filters) for key, _ in rows[:limit]],
        "next": f"{rows[limit - 1][1]}.{rows[limit - 1][0]}" if len(rows) > limit else None,
    }
    return found if after else found | {"total": total}


def _page(
    connection: sqlite3.Connection, source: str, values: Sequence[Any], after: str, limit: int
) -> tuple[list[tuple[int, int]], int]:
    """Return (key, at) of a page and one more, newest first, and how many there are at all, which only a first page tells.

    What matches is found once, for page and number.
    """
    place = _place(after)
    if after or not values:
        sql = f"SELECT key, at FROM ({source}) WHERE (at, key) < (?, ?) ORDER BY at DESC, key DESC LIMIT ?"
        rows = connection.execute(sql, (*values, *place, limit + 1)).fetchall()
        return rows, 0 if after else int(scalar(connection, f"SELECT count(*) FROM ({source})", *values))
    sql = (
        f"WITH found AS MATERIALIZED ({source}) SELECT key, at, (SELECT count(*) FROM found) FROM found "
        "ORDER BY at DESC, key DESC LIMIT ?"
    )
    counted = connection.execute(sql, (*values, limit + 1)).fetchall()
    return [row[:2] for row in counted], counted[0][2] if counted else 0


def changes(connection: sqlite3.Connection, filters: Filters, since_version: int) -> Row:
    """Return the happenings that match and have changed since a version, as ``{cards, gone, too_many}``.

    ``gone`` are happenings that changed and do not match (any more).
    """
    sql = "SELECT key FROM happening WHERE version > ? ORDER BY version DESC LIMIT ?"
    changed = [row[0] for row in connection.execute(sql, (since_version, _MOST_CHANGES + 1))]
    if len(changed) > _MOST_CHANGES:
        return {"cards": [], "gone": [], "too_many": True}
    source, values = _happenings(filters, among=changed)
    matching = [row[0] for row in connection.execute(f"{source}", values)]
    cards = [card(connection, key, filters) for key in matching]
    return {"cards": cards, "gone": [key for key in changed if key not in set(matching)], "too_many": False}


def card(connection: sqlite3.Connection, happening: int, filters: Filters) -> Row:
    """Return one happening: its headline, its events that match, and its printings, the first printed first."""
    at, papers, independent = connection.execute(
        "SELECT at, papers, independent FROM happening WHERE key = ?", (happening,)
    ).fetchone()
    sql = f"SELECT {_PRINTING} FROM article a WHERE a.happening = ? ORDER BY a.at, a.key LIMIT ?"
    printings = [
        dict(zip(_NAMES, row, strict=True)) for row in connection.execute(sql, (happening, _CARD_PRINTINGS + 1))
    ]
    total = int(scalar(connection, "SELECT count(*) FROM article WHERE happening = ?", happening))
    conditions, values = where(event_conditions(filters, of_few=True))
    events = connection.execute(
        f"SELECT b.body, e.article, max(e.confidence + e.main * 10) FROM article a JOIN event e ON e.article = a.key "
        f"JOIN event_body b ON b.event = e.key WHERE a.happening = ? AND {conditions} "
        "GROUP BY e.cluster ORDER BY 3 DESC LIMIT ?",
        (happening, *values, _CARD_EVENTS),
    ).fetchall()
    count = scalar(
        connection,
        f"SELECT count(DISTINCT e.cluster) FROM article a JOIN event e ON e.article = a.key WHERE a.happening = ? "
        f"AND {conditions}",
        happening,
        *values,
    )
    lead = _lead(printings, events[0][1] if events else None)
    shown = [_shown(printing) for printing in printings[:_CARD_PRINTINGS]]
    return {
        "key": happening,
        "at": at,
        "papers": papers,
        "independent": independent,
        "lead": _shown(lead),
        "printings": shown,
        "more_printings": total - len(shown),
        "retracted": scalar(
            connection,
            "SELECT count(*) FROM article a JOIN event e ON e.article = a.key WHERE a.happening = ? "
            "AND e.retracted IS NOT NULL",
            happening,
        ),
        "events": [event_view(read_event(body)) for body, _, _ in events],
        "more_events": max(0, int(count) - len(events)),
    }


def search(connection: sqlite3.Connection, filters: Filters, *, limit: int, after: str = "") -> Row:
    """Return a page of articles that match, newest first, as ``{results, next, total}``; ``total`` on the first page only.

    Where a page has an article and copies of it, they stand together, the original first.
    """
    source, values = _articles(filters)
    rows, total = _page(connection, f"SELECT a.key, a.at FROM {source}", values, after, limit)
    results = [_result(connection, key, filters) for key, _ in rows[:limit]]
    found: Row = {
        "results": _below_originals(results),
        "next": f"{rows[limit - 1][1]}.{rows[limit - 1][0]}" if len(rows) > limit else None,
    }
    return found if after else found | {"total": total}


def _result(connection: sqlite3.Connection, key: int, filters: Filters) -> Row:
    row = connection.execute(f"SELECT {_PRINTING}, a.happening FROM article a WHERE a.key = ?", (key,)).fetchone()
    shown = _shown(dict(zip(_NAMES, row, strict=False))) | {"happening": row[-1]}
    body = scalar(connection, "SELECT body FROM revision WHERE article = ? ORDER BY number DESC LIMIT 1", key)
    events = _events(connection, key, filters)
    return shown | {
        "excerpt": excerpt(read_article(body).text, filters.terms) if body else None,
        "events": events,
        "copy_of": _copied(connection, shown["original"], filters) if shown["original"] and not events else None,
    }


def _events(connection: sqlite3.Connection, key: int, filters: Filters) -> list[Row]:
    """Return the events of an article that match, the main one and the surest first."""
    conditions, values = where(event_conditions(filters, of_few=True))
    rows = connection.execute(
        "SELECT b.body FROM event e JOIN event_body b ON b.event = e.key WHERE e.article = ? AND "
        f"{conditions} ORDER BY e.main DESC, e.confidence DESC LIMIT ?",
        (key, *values, _RESULT_EVENTS),
    ).fetchall()
    return [event_view(read_event(body)) for (body,) in rows]


def _copied(connection: sqlite3.Connection, name: str, filters: Filters) -> Row | None:
    """Return what a copy without events of its own copies, with the events of that; None where it is not indexed."""
    row = connection.execute("SELECT key, title, publisher FROM article WHERE id = ?", (name,)).fetchone()
    if row is None:
        return None
    return {"article": name, "title": row[1], "publisher": row[2], "events": _events(connection, row[0], filters)}


def _below_originals(results: Sequence[Row]) -> list[Row]:
    """Return results with the copies of an article right below it; they stand where the newest of them stood."""
    shown = {row["article"] for row in results}
    groups: dict[str, list[Row]] = {}
    for row in results:
        groups.setdefault(row["original"] if row["original"] in shown else row["article"], []).append(row)
    return [row for name, rows in groups.items() for row in sorted(rows, key=lambda row: row["article"] != name)]


def time_range(connection: sqlite3.Connection, filters: Filters, now: int) -> tuple[int, int]:
    """Return the range of time (ms) that has what matches: as asked, else from the oldest article until ``now``.

    A day at least.
    """
    until = filters.until if filters.until is not None else now + 1
    if filters.since is not None:
        return filters.since, until
    source, values = _articles(filters)
    oldest = scalar(connection, f"SELECT min(a.at) FROM {source}", *values)
    return min(until - DAY_MS, until if oldest is None else int(oldest)), until


def facets(connection: sqlite3.Connection, filters: Filters) -> Row:
    """Return what the matches have in common: the most frequent publishers, countries and types, with counts."""
    source, values = _articles(filters)
    matching = f"SELECT a.key FROM {source}"
    conditions, more = where(event_conditions(filters))
    events = f"event e WHERE e.article IN ({matching}) AND {conditions}"
    every = [*values, *more]
    return {
        "publishers": _top(
            connection, f"SELECT a.publisher, count(*) n FROM {source} AND a.publisher <> '' GROUP BY 1", values
        ),
        "types": _top(connection, f"SELECT e.type, count(*) n FROM {events} GROUP BY 1", every),
        "countries": _top(
            connection,
            f"WITH found (countries, number) AS (SELECT e.countries, count(*) FROM {events} GROUP BY 1) "
            "SELECT c.country, sum(number) n FROM found JOIN country_set l ON l.key = found.countries "
            "JOIN (SELECT DISTINCT country FROM event_country) c ON instr(l.text, c.country) GROUP BY 1",
            every,
        ),
    }


def _top(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    rows = connection.execute(f"{sql} ORDER BY n DESC LIMIT 12", values)
    return [{"value": value, "count": count} for value, count in rows]


def _happenings(filters: Filters, among: Sequence[int] | None = None) -> tuple[str, list[Any]]:
    """Return the SELECT of (key, at) of the happenings that match; ``at`` is that of the newest match."""
    conditions = article_conditions(filters)
    if among is not None:
        conditions.append((f"a.happening IN ({', '.join(map(str, among))})", []))
    elif not conditions and not filters.asks_events:
        return "SELECT key, at FROM happening", []
    if filters.asks_events:
        events, values = where(event_conditions(filters))
        conditions.append((f"a.key IN (SELECT e.article FROM event e WHERE {events})", values))
    text, values = where(conditions)
    return f"SELECT a.happening AS key, max(a.at) AS at FROM article a WHERE {text} GROUP BY 1", values


def _articles(filters: Filters) -> tuple[str, list[Any]]:
    conditions: list[Condition] = article_conditions(filters)
    if filters.asks_events:
        events, values = where(event_conditions(filters))
        conditions.append((f"a.key IN (SELECT e.article FROM event e WHERE {events})", values))
    text, values = where(conditions)
    return f"article a WHERE {text}", values


def _place(after: str) -> tuple[int, int]:
    """Return the (time, key) that a page begins after."""
    if not after:
        return (1 << 62, 1 << 62)
    at, dot, key = after.partition(".")
    if not (dot and at.lstrip("-").isascii() and at.lstrip("-").isdigit() and key.isascii() and key.isdigit()):
        raise BadQuery(f"after {after[:40]!r}: give `next` of the page before")
    return int(at[:18]), int(key[:18])


def _lead(printings: Sequence[Row], best: int | None) -> Row:
    """Return the article whose headline stands for the happening: an original with its best event, else the first original."""
    originals = [row for row in printings if row["role"] != "copy"] or list(printings)
    return next((row for row in originals if row["key"] == best), originals[0])


def _shown(printing: Row) -> Row:
    return {name: value for name, value in printing.items() if name != "key"}
