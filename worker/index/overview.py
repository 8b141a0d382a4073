"""What happened in a range of time: where, when, which happenings most papers report, who with whom, which countries rise.

An event that several articles report counts once: counts are of clusters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from .cards import card
from .database import scalar
from .filters import QUAD_KEYS, Condition, Filters, article_conditions, event_conditions, where
from .views import Row

_HOUR = 3_600_000
#: Places on the map, pairs, rising countries and happenings shown.
_PLACES, _PAIRS, _RISING, _HAPPENINGS = 400, 10, 10, 8
#: Bars of a histogram are of these widths, whichever gives at most 60.
_WIDTHS = (_HOUR // 4, _HOUR, 2 * _HOUR, 6 * _HOUR, 24 * _HOUR, 7 * 24 * _HOUR, 30 * 24 * _HOUR)
_MOST_BARS = 60
#: Columns that count rows, one for each quad; all reports of one event are of one type, so of one quad.
_BY_QUAD = ", ".join(f"sum(quad = {quad})" for quad in range(len(QUAD_KEYS)))


def overview(connection: sqlite3.Connection, filters: Filters, *, since: int, until: int) -> Row:
    """Return the overview of ``filters`` from ``since`` to ``until`` (ms): totals, places, bars, happenings, pairs, rising."""
    filters = replace(filters, since=since, until=until)
    return {
        "since": since,
        "until": until,
        "totals": _totals(connection, filters),
        "places": _places(connection, filters),
        "bars": bars(connection, filters, since, until),
        "happenings": _top_happenings(connection, filters),
        "pairs": _pairs(connection, filters),
        "rising": _rising(connection, filters, since, until),
    }


def _events(filters: Filters, *more: Condition) -> tuple[str, list[Any]]:
    """Return FROM and WHERE of the events that match."""
    conditions = [*event_conditions(filters), *more]
    about_article = article_conditions(filters, with_time=False)
    if about_article:
        text, values = where(about_article)
        conditions.append((f"e.article IN (SELECT a.key FROM article a WHERE {text})", values))
    text, values = where(conditions)
    return f"event e WHERE {text}", values


def _totals(connection: sqlite3.Connection, filters: Filters) -> Row:
    source, values = _events(filters)
    events = scalar(connection, f"SELECT count(DISTINCT e.cluster) FROM {source}", *values)
    conditions = article_conditions(filters)
    if filters.asks_events:
        conditions.append((f"a.key IN (SELECT e.article FROM {source})", values))
    text, values = where(conditions)
    articles, happenings, papers = connection.execute(
        f"SELECT count(*), count(DISTINCT happening), count(DISTINCT owner) FROM article a WHERE {text}", values
    ).fetchone()
    return {"events": events, "articles": articles, "happenings": happenings, "papers": papers}


def _places(connection: sqlite3.Connection, filters: Filters) -> list[Row]:
    """Return where events happened: ``{country, place, lat, lon, quads}``; without a position where only a country is known."""
    source, values = _events(filters, ("(e.country IS NOT NULL OR e.lat IS NOT NULL)", []))
    rows = connection.execute(
        "SELECT e.country, CASE WHEN e.lat IS NULL THEN NULL ELSE e.place END, round(e.lat, 1), round(e.lon, 1), e.quad, "
        f"count(DISTINCT e.cluster) FROM {source} GROUP BY 1, 3, 4, 5 ORDER BY 6 DESC LIMIT ?",
        (*values, _PLACES * 2),
    )
    found: dict[tuple[Any, ...], Row] = {}
    for country, place, lat, lon, quad, count in rows:
        row = found.setdefault(
            (country, lat, lon),
            {"country": country, "place": place, "lat": lat, "lon": lon, "quads": [0, 0, 0, 0], "count": 0},
        )
        row["quads"][quad] += count
        row["count"] += count
    return sorted(found.values(), key=lambda row: -row["count"])[:_PLACES]


def bars(connection: sqlite3.Connection, filters: Filters, since: int, until: int) -> Row:
    """Return the histogram by quad as ``{width, starts, quads}``: starts in ms, one list of counts for each quad."""
    width = next((width for width in _WIDTHS if (until - since) / width <= _MOST_BARS), _WIDTHS[-1])
    first = since // width
    count = max(1, -(-until // width) - first)
    quads = [[0] * count for _ in QUAD_KEYS]
    source, values = _events(replace(filters, since=since, until=until))
    rows = connection.execute(
        f"SELECT e.at / {width}, e.quad, count(DISTINCT e.cluster) FROM {source} GROUP BY 1, 2", values
    )
    for bar, quad, number in rows:
        if 0 <= bar - first < count:
            quads[quad][bar - first] = number
    return {"width": width, "starts": [(first + number) * width for number in range(count)], "quads": quads}


def _top_happenings(connection: sqlite3.Connection, filters: Filters) -> list[Row]:
    """Return the cards of the happenings that most independent texts report, then most papers, then the surest."""
    source, values = _events(filters)
    rows = connection.execute(
        "SELECT h.key FROM happening h JOIN article a ON a.happening = h.key JOIN "
        f"(SELECT e.article, max(e.confidence) AS sure FROM {source} GROUP BY 1) m ON m.article = a.key "
        "GROUP BY h.key ORDER BY h.independent DESC, h.papers DESC, max(m.sure) DESC, h.at DESC LIMIT ?",
        (*values, _HAPPENINGS),
    ).fetchall()
    return [card(connection, key, filters) for (key,) in rows]


def _pairs(connection: sqlite3.Connection, filters: Filters) -> list[Row]:
    source, values = _events(filters, ("e.recipient IS NOT NULL AND e.actor <> e.recipient", []))
    rows = connection.execute(
        f"SELECT actor, recipient, count(*) n, {_BY_QUAD} FROM (SELECT e.actor, e.recipient, e.cluster, e.quad, "
        f"max(e.confidence) AS sure FROM {source} GROUP BY 1, 2, 3, 4) GROUP BY 1, 2 ORDER BY n DESC, max(sure) DESC LIMIT ?",
        (*values, _PAIRS),
    )
    return [{"actor": row[0], "recipient": row[1], "count": row[2], "quads": list(row[3:])} for row in rows]


def _rising(connection: sqlite3.Connection, filters: Filters, since: int, until: int) -> list[Row]:
    """Return countries with more events than in the range of equal length before, by how unlikely that is by chance."""
    now = dict(_by_country(connection, filters))
    before = dict(_by_country(connection, replace(filters, since=since - (until - since), until=since)))
    rows: list[Row] = [
        {"country": country, "count": row[0], "before": before.get(country, (0,))[0], "quads": list(row[1:])}
        for country, row in now.items()
    ]
    rows.sort(key=lambda row: -(row["count"] - row["before"]) / (row["count"] + row["before"] + 1) ** 0.5)
    return [row for row in rows if row["count"] > row["before"]][:_RISING]


def _by_country(connection: sqlite3.Connection, filters: Filters) -> Iterable[tuple[str, tuple[int, ...]]]:
    source, values = _events(filters)
    rows = connection.execute(
        f"SELECT country, count(*), {_BY_QUAD} FROM (SELECT DISTINCT c.country, m.cluster, m.quad FROM "
        f"(SELECT e.key, e.cluster, e.quad FROM {source}) m JOIN event_country c ON c.event = m.key) GROUP BY 1",
        values,
    )
    return ((row[0], tuple(row[1:])) for row in rows)
