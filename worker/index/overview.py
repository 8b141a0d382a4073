"""What happened in a range of time: where, when, which happenings most papers report, who with whom, which countries rise.

An event that several articles report counts once, at the time of its first report.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from .cards import card
from .counts import DAY_MS, HOUR_MS
from .database import scalar
from .days import Packed
from .filters import QUAD_KEYS, Filters
from .gather import Ranked, count_articles, gather, gather_bars, gather_countries, keep_days, rank_happenings
from .views import Row

#: Places on the map, pairs, rising countries and happenings shown.
_PLACES, _PAIRS, _RISING, _HAPPENINGS = 400, 10, 10, 8
#: Of each pair and place shown so many are ranked: some pairs are left out, and a place may have several names.
_MORE_PAIRS, _MORE_PLACES = 20, 2
#: Share of the range before that the index may lack and yet be compared with.
_LACKING = 0.1
#: Bars of a histogram are of these widths, whichever gives at most 60.
_WIDTHS = tuple(HOUR_MS * hours // 4 for hours in (1, 4, 8, 24, 96, 7 * 96, 30 * 96))
_MOST_BARS = 60

Counts = Counter[tuple[str, int]]


def overview(connection: sqlite3.Connection, filters: Filters, *, since: int, until: int) -> Row:
    """Return the overview of ``filters`` from ``since`` to ``until`` (ms): totals, places, bars, happenings, pairs, rising."""
    width = _width(since, until)
    now = gather(connection, filters, since, until, width, pairs=_PAIRS * _MORE_PAIRS, places=_PLACES * _MORE_PLACES)
    compared = _is_compared(connection, since, until)
    before = gather_countries(connection, filters, since - (until - since), since) if compared else None
    articles, happenings, papers = count_articles(connection, now.articles, since, until)
    ranked = rank_happenings(connection, now.articles, since, until, _HAPPENINGS)
    return {
        "since": since,
        "until": until,
        "totals": {"events": now.events, "articles": articles, "happenings": happenings, "papers": papers},
        "places": _places(now.places),
        "bars": _bars(now.bars, since, until, width),
        "happenings": [card(connection, key, filters) for key in ranked],
        "pairs": _pairs(now.pairs),
        "compared": compared,
        "rising": _rising(now.countries, before),
    }


def keep_last_month(connection: sqlite3.Connection) -> None:
    """Read the last month of events into memory, so that the first overview need not."""
    newest = scalar(connection, "SELECT max(at) FROM event")
    if newest is not None:
        keep_days(connection, newest - 31 * DAY_MS, newest + 1)


def _is_compared(connection: sqlite3.Connection, since: int, until: int) -> bool:
    """Return whether the index was there in the range of equal length before: else every country would seem to rise."""
    first = scalar(connection, "SELECT min(arrived) FROM article")
    return first is not None and bool(first <= since - (1 - _LACKING) * (until - since))


def bars(connection: sqlite3.Connection, filters: Filters, since: int, until: int) -> Row:
    """Return the histogram by quad as ``{width, starts, quads}``: starts in ms, one list of counts for each quad."""
    width = _width(since, until)
    return _bars(gather_bars(connection, filters, since, until, width), since, until, width)


def _width(since: int, until: int) -> int:
    return next((width for width in _WIDTHS if (until - since) / width <= _MOST_BARS), _WIDTHS[-1])


def _bars(counts: Packed, since: int, until: int, width: int) -> Row:
    first = since // width
    count = max(1, -(-until // width) - first)
    return {
        "width": width,
        "starts": [(first + number) * width for number in range(count)],
        "quads": [[counts[first + number << 2 | quad] for number in range(count)] for quad in range(len(QUAD_KEYS))],
    }


def _by_quad(counts: Counts) -> list[tuple[str, list[int]]]:
    """Return each name with its counts by quad, most events first, then by name."""
    found: dict[str, list[int]] = {}
    for (name, quad), number in counts.items():
        found.setdefault(name, [0] * len(QUAD_KEYS))[quad] += number
    return sorted(found.items(), key=lambda one: (-sum(one[1]), one[0]))


def _places(ranked: list[Ranked]) -> list[Row]:
    """Return where events happened: ``{country, place, lat, lon, quads}``; without a position where only a country is known."""
    found: dict[tuple[str, str, str], Row] = {}
    for name, quads in ranked:
        country, lat, lon, place = name.split("\t", 3)
        row = found.setdefault((country, lat, lon), _place(country, lat, lon, place))
        row["quads"] = [one + more for one, more in zip(row["quads"], quads, strict=True)]
        row["count"] += sum(quads)
    return sorted(found.values(), key=lambda row: -row["count"])[:_PLACES]


def _place(country: str, lat: str, lon: str, place: str) -> Row:
    position: dict[str, Any] = {"lat": float(lat) if lat else None, "lon": float(lon) if lon else None}
    return {"country": country or None, "place": place or None} | position | {"quads": [0] * len(QUAD_KEYS), "count": 0}


def _pairs(ranked: list[Ranked]) -> list[Row]:
    """Return who acts on whom, countries and parties with a name; "two suspected camps" is none."""
    rows = []
    for name, quads in ranked:
        actor, recipient = name.split("\t")
        if not _is_indefinite(actor) and not _is_indefinite(recipient):
            rows.append({"actor": actor, "recipient": recipient, "count": sum(quads), "quads": quads})
    return rows[:_PAIRS]


def _is_indefinite(party: str) -> bool:
    """Return whether a party is named by common nouns only: in scripts that have capitals, a name has one."""
    return party == party.lower() != party.upper()


def _rising(now: Counts, before: Counts | None) -> list[Row]:
    """Return countries with more events than in the range of equal length before, by how unlikely that is by chance.

    By their number of events where there is nothing to compare with.
    """
    was = {name: sum(quads) for name, quads in _by_quad(before or Counter())}
    rows: list[Row] = [
        {"country": name, "count": sum(quads), "before": was.get(name, 0), "quads": quads}
        for name, quads in _by_quad(now)
    ]
    if before is not None:
        rows.sort(key=lambda row: -(row["count"] - row["before"]) / (row["count"] + row["before"] + 1) ** 0.5)
    return [row for row in rows if row["count"] > row["before"]][:_RISING]
