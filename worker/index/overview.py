"""What happened in a range of time: where, when, which happenings most papers report, who with whom, which countries rise.

An event that several articles report counts once, at the time of its first report.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from .cards import card
from .counts import COUNTRY, HOUR_MS, PAIR, PLACE
from .filters import QUAD_KEYS, Filters
from .gather import count_articles, gather, gather_bars, gather_countries, rank_happenings
from .views import Row

#: Places on the map, pairs, rising countries and happenings shown.
_PLACES, _PAIRS, _RISING, _HAPPENINGS = 400, 10, 10, 8
#: Bars of a histogram are of these widths, whichever gives at most 60.
_WIDTHS = tuple(HOUR_MS * hours // 4 for hours in (1, 4, 8, 24, 96, 7 * 96, 30 * 96))
_MOST_BARS = 60

Counts = Counter[tuple[str, int]]


def overview(connection: sqlite3.Connection, filters: Filters, *, since: int, until: int) -> Row:
    """Return the overview of ``filters`` from ``since`` to ``until`` (ms): totals, places, bars, happenings, pairs, rising."""
    width = _width(since, until)
    now = gather(connection, filters, since, until, width)
    before = gather_countries(connection, filters, since - (until - since), since)
    articles, happenings, papers = count_articles(connection, now.articles, since, until)
    ranked = rank_happenings(connection, now.articles, since, until, _HAPPENINGS)
    return {
        "since": since,
        "until": until,
        "totals": {"events": now.events, "articles": articles, "happenings": happenings, "papers": papers},
        "places": _places(now.names[PLACE]),
        "bars": _bars(now.bars, since, until, width),
        "happenings": [card(connection, key, filters) for key in ranked],
        "pairs": _pairs(now.names[PAIR]),
        "rising": _rising(now.names[COUNTRY], before),
    }


def bars(connection: sqlite3.Connection, filters: Filters, since: int, until: int) -> Row:
    """Return the histogram by quad as ``{width, starts, quads}``: starts in ms, one list of counts for each quad."""
    width = _width(since, until)
    return _bars(gather_bars(connection, filters, since, until, width), since, until, width)


def _width(since: int, until: int) -> int:
    return next((width for width in _WIDTHS if (until - since) / width <= _MOST_BARS), _WIDTHS[-1])


def _bars(counts: Counter[tuple[int, int]], since: int, until: int, width: int) -> Row:
    first = since // width
    count = max(1, -(-until // width) - first)
    return {
        "width": width,
        "starts": [(first + number) * width for number in range(count)],
        "quads": [[counts[first + number, quad] for number in range(count)] for quad in range(len(QUAD_KEYS))],
    }


def _by_quad(counts: Counts) -> list[tuple[str, list[int]]]:
    """Return each name with its counts by quad, most events first, then by name."""
    found: dict[str, list[int]] = {}
    for (name, quad), number in counts.items():
        found.setdefault(name, [0] * len(QUAD_KEYS))[quad] += number
    return sorted(found.items(), key=lambda one: (-sum(one[1]), one[0]))


def _places(counts: Counts) -> list[Row]:
    """Return where events happened: ``{country, place, lat, lon, quads}``; without a position where only a country is known."""
    found: dict[tuple[str, str, str], Row] = {}
    for name, quads in _by_quad(counts)[: 2 * _PLACES]:
        country, lat, lon, place = name.split("\t", 3)
        row = found.setdefault((country, lat, lon), _place(country, lat, lon, place))
        row["quads"] = [one + more for one, more in zip(row["quads"], quads, strict=True)]
        row["count"] += sum(quads)
    return sorted(found.values(), key=lambda row: -row["count"])[:_PLACES]


def _place(country: str, lat: str, lon: str, place: str) -> Row:
    position: dict[str, Any] = {"lat": float(lat) if lat else None, "lon": float(lon) if lon else None}
    return {"country": country or None, "place": place or None} | position | {"quads": [0] * len(QUAD_KEYS), "count": 0}


def _pairs(counts: Counts) -> list[Row]:
    rows = []
    for name, quads in _by_quad(counts)[:_PAIRS]:
        actor, recipient = name.split("\t")
        rows.append({"actor": actor, "recipient": recipient, "count": sum(quads), "quads": quads})
    return rows


def _rising(now: Counts, before: Counts) -> list[Row]:
    """Return countries with more events than in the range of equal length before, by how unlikely that is by chance."""
    was = {name: sum(quads) for name, quads in _by_quad(before)}
    rows: list[Row] = [
        {"country": name, "count": sum(quads), "before": was.get(name, 0), "quads": quads}
        for name, quads in _by_quad(now)
    ]
    rows.sort(key=lambda row: -(row["count"] - row["before"]) / (row["count"] + row["before"] + 1) ** 0.5)
    return [row for row in rows if row["count"] > row["before"]][:_RISING]
