"""Keeps the events of whole days in memory, as columns of numbers, for overviews.

A month of 100,000 events is filtered and counted in columns in a third of the CPU that SQLite takes to hand them out. What is
kept of a day holds while its version in ``event_day`` stays, which triggers raise with every change of its events; so all
readers see their own state of the index. A day that is not kept, or has changed, is read anew.
"""

from __future__ import annotations

import sqlite3
import threading
from array import array
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import compress
from operator import and_, gt, or_

from ..contract.event import QUADS
from .counts import DAY_MS, HOUR_MS, PAIR_BITS
from .filters import Filters
from .labels import COUNTRY

#: Most events kept; 67 bytes each.
MOST_KEPT = 250_000
#: Unit of a bar: every width of a histogram is a multiple of it.
SLOT_MS = HOUR_MS // 4
_TYPES = {name: number for number, name in enumerate(QUADS)}

#: Events by name, or by bar, and quad: the quad is in the low two bits.
Packed = Counter[int]


@dataclass(slots=True)
class Counted:
    """Counts of events by bar and, for each kind of `labels` that was asked, by name; the articles that report them."""

    bars: Packed = field(default_factory=Counter)
    names: dict[int, Packed] = field(default_factory=dict)
    articles: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Day:
    """The reports of one day that stand, in the order of time. Names and bars are packed with their quads; -1: none."""

    at: array[int]
    bars: array[int]  #: in slots
    names: tuple[array[int], ...]  #: by kind of `labels`; countries as sets
    articles: array[int]
    clusters: array[int]
    confidence: array[float]
    first: bytes
    quads: bytes
    types: bytes

    def part(self, since: int, until: int) -> Day:
        """Return the reports of a part of the day."""
        low, high = bisect_left(self.at, since), bisect_left(self.at, until)
        if low == 0 and high == len(self.at):
            return self
        return Day(
            self.at[low:high], self.bars[low:high], tuple(column[low:high] for column in self.names), self.articles[low:high],
            self.clusters[low:high], self.confidence[low:high], self.first[low:high], self.quads[low:high],
            self.types[low:high],
        )  # fmt: skip


class Days:
    """The days that are kept: the last ones used, up to ``most`` events. Threads may share it."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.most = most
        self._kept: OrderedDict[int, tuple[int, Day]] = OrderedDict()
        self._events = 0
        self._lock = threading.Lock()

    def between(self, connection: sqlite3.Connection, since: int, until: int) -> Iterator[Day]:
        """Return the reports of a range, day by day."""
        sql = "SELECT day, version FROM event_day WHERE day >= ? AND day < ? ORDER BY day"
        for day, version in connection.execute(sql, (since // DAY_MS, -(-until // DAY_MS))).fetchall():
            with self._lock:
                known = self._kept.get(day)
                if known is not None:
                    self._kept.move_to_end(day)
            if known is None or known[0] != version:
                known = version, _read_day(connection, day)
                self._keep(day, *known)
            yield known[1].part(since, until)

    def _keep(self, day: int, version: int, read: Day) -> None:
        with self._lock:
            known = self._kept.get(day)
            if known is not None and known[0] > version:
                return  # another reader has seen a later state
            self._events += len(read.at) - (len(known[1].at) if known is not None else 0)
            self._kept[day] = version, read
            self._kept.move_to_end(day)
            while self._events > self.most:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._events -= len(dropped.at)


def kept_days(connection: sqlite3.Connection) -> Days:
    """Return the days that the readers of this index keep; none yet where the connection is nobody else's."""
    shared: dict[str, Days] = getattr(connection, "shared", {})
    return shared.setdefault("days", Days())


def count_matching(
    days: Iterable[Day],
    filters: Filters,
    width: int,
    kinds: Sequence[int],
    *,
    articles: Collection[int] | None,
    country_sets: Collection[int] | None,
) -> Counted:
    """Count each event of which a report in these days matches, as its first report has it, where the days have that one.

    Args:
        filters: Kinds, quads and confidence are looked at; the rest is in the other arguments.
        width: Of a bar, in ms; a multiple of `SLOT_MS`.
        articles: Whose reports match; None: everybody's.
        country_sets: Numbers of the sets of countries that match; None: all.
    """
    found = Counted(names={kind: Counter() for kind in kinds})
    matching: list[tuple[Day, Sequence[bool]]] = []
    later: set[int] = set()  # events with a later report that matches: their first reports may match or not
    for day in days:
        mask = _mask(day, filters, articles, country_sets)
        matching.append((day, mask))
        found.articles.update(compress(day.articles, mask))
        later.update(compress(day.clusters, map(gt, mask, day.first)))
    slots: Packed = Counter()
    for day, mask in matching:
        wanted = map(or_, mask, map(later.__contains__, day.clusters)) if later else mask
        counted = bytes(map(and_, wanted, day.first))
        slots.update(compress(day.bars, counted))
        for kind, counts in found.names.items():
            counts.update(compress(day.names[kind], counted))
    for counts in found.names.values():
        counts.pop(-1, None)
    for slot, number in slots.items():
        found.bars[(slot >> 2) * SLOT_MS // width << 2 | slot & 3] += number
    return found


def _mask(
    day: Day, filters: Filters, articles: Collection[int] | None, country_sets: Collection[int] | None
) -> Sequence[bool]:
    """Return which reports of a day match."""
    countries = {name << 2 | quad for name in country_sets for quad in range(4)} if country_sets is not None else None
    columns: list[tuple[Collection[int] | None, Sequence[int]]] = [
        (articles, day.articles),
        (countries, day.names[COUNTRY]),
        (frozenset(filters.quads) or None, day.quads),
        (frozenset(_TYPES[name] for name in filters.types) or None, day.types),
    ]
    asked: list[Iterable[bool]] = [map(wanted.__contains__, column) for wanted, column in columns if wanted is not None]
    if filters.confidence > 0:
        asked.append(map(filters.confidence.__le__, day.confidence))
    if not asked:
        return [True] * len(day.at)
    return list(reduce(lambda mask, more: map(and_, mask, more), asked))


def _read_day(connection: sqlite3.Connection, day: int) -> Day:
    rows = connection.execute(
        "SELECT e.at, e.at / ? << 2 | e.quad, e.countries << 2 | e.quad, "
        f"iif(e.actor <> e.recipient, (e.actor << {PAIR_BITS} | e.recipient) << 2 | e.quad, -1), "
        "iif(e.spot IS NULL, -1, e.spot << 2 | e.quad), "
        "e.article, e.cluster, e.confidence, e.first, e.quad, e.type FROM event e INDEXED BY event_standing "
        "WHERE e.retracted IS NULL AND e.at >= ? AND e.at < ? ORDER BY e.at",
        (SLOT_MS, day * DAY_MS, (day + 1) * DAY_MS),
    ).fetchall()
    at, bars, countries, pairs, spots, articles, clusters, confidence, first, quads, types = (
        zip(*rows, strict=True) if rows else ((),) * 11
    )
    return Day(
        array("q", at), array("q", bars), (array("q", countries), array("q", pairs), array("q", spots)),
        array("q", articles), array("q", clusters), array("d", confidence),
        bytes(first), bytes(quads), bytes(_TYPES.get(name, 255) for name in types),
    )  # fmt: skip
