"""The counts that are made at writing equal what one gets by counting all events again, whatever was revised and retracted."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dateline.index import overview
from dateline.index.database import Database, open_database
from dateline.index.days import MOST_KEPT, Day, Days
from dateline.index.filters import Filters
from dateline.index.retention import trim_index
from support.desk import NOW, Story, StreamWriter, event, index, story

HOUR_MS = 3_600_000
AT = int(NOW.timestamp() * 1000)
COUNTRIES = ("SDN", "TCD", "KEN", "UKR")
#: Each narrows in another way; few articles and many, and events of which only a later report matches.
ASKED = (
    Filters(confidence=0.6),
    Filters(quads=(3,)),
    Filters(words="a7"),
    Filters(country=("SDN", "KEN"), confidence=0.9),
    Filters(pair=("SDN", "TCD")),
)
PLACES = (("El Fasher", 13.63, 25.35), ("Adré", 13.47, 22.2), (None, None, None))


def some_story(pick: random.Random, name: str, revision: int, published: datetime) -> Story:
    """A story with up to three events, of clusters that others report as well; a revision keeps some and takes one back."""
    events = []
    for number in range(pick.randrange(4)):
        cluster = pick.randrange(12)
        shape = random.Random(cluster)  # all reports of a cluster have the same parties, a few no recipient
        actor, other = shape.sample(COUNTRIES, 2)
        recipient = ("B", other) if pick.random() < 0.8 else None
        place, lat, lon = shape.choice(PLACES)
        events.append(
            event(f"{name}-{number}", name, type=shape.choice(("ASSAULT", "AGREE", "RETREAT")), cluster=f"c{cluster}",
                  actor=("A", actor), recipient=recipient, country=shape.choice((actor, None)), lat=lat, lon=lon,
                  place=place, confidence=pick.choice((0.4, 0.6, 0.9)), revision=revision, main=number == 0)
        )  # fmt: skip
    gone = [f"{name}-{number}" for number in range(len(events), 3)] if revision > 1 else []
    kind = "published" if revision == 1 else "revised"
    return story(name, revision=revision, kind=kind, events=events, gone=gone, published=published.isoformat(),
                 text=f"Troops left the bridge. {name} {revision}")  # fmt: skip


def some_event_on(name: str, at: datetime) -> Story:
    return story(name, events=[event(f"{name}-0", name, cluster=name)], published=at.isoformat())


def is_asked(row: tuple[Any, ...], filters: Filters) -> bool:
    """Whether a report matches; the only word of a story that others lack is its article's name."""
    return (
        row[7] >= filters.confidence
        and (not filters.quads or row[2] in filters.quads)
        and (not filters.words or row[8] == filters.words)
        and (not filters.country or bool(set(filters.country) & set(row[5].split())))
        and (filters.pair is None or (row[3], row[4]) == filters.pair)
    )


def count_again(connection: sqlite3.Connection, since: int, until: int, filters: Filters) -> dict[str, Any]:
    """Count from the plain table: each cluster that stands, at its first report, if a report in the range matches."""
    rows = connection.execute(
        "SELECT cluster, e.at, quad, a.text, r.text, c.text, s.text, confidence, t.id FROM event e "
        "LEFT JOIN label a ON a.key = actor LEFT JOIN label r ON r.key = recipient JOIN country_set c ON c.key = countries "
        "LEFT JOIN label s ON s.key = spot JOIN article t ON t.key = e.article WHERE retracted IS NULL ORDER BY e.at, e.key"
    ).fetchall()
    firsts: dict[int, Any] = {}
    for row in rows:
        firsts.setdefault(row[0], row)
    reports = [row for row in rows if since <= row[1] < until and is_asked(row, filters)]
    clusters = {row[0] for row in reports}
    inside = [row for row in firsts.values() if since <= row[1] < until and row[0] in clusters]
    pairs = Counter((row[3], row[4]) for row in inside if row[4] and row[3] != row[4])
    return {
        "events": len(inside),
        "articles": len({row[8] for row in reports}),
        "quads": [sum(row[2] == quad for row in inside) for quad in range(4)],
        "pairs": dict(pairs),
        "places": Counter(row[6] for row in inside if row[6]).total(),
        "countries": Counter(country for row in inside for country in row[5].split()),
    }


async def check(database: Database, since: int, until: int, filters: Filters) -> None:
    shown = await database.read(lambda c: overview.overview(c, filters, since=since, until=until))
    wanted = await database.read(lambda c: count_again(c, since, until, filters))
    assert shown["totals"]["events"] == wanted["events"]
    if filters != Filters():
        assert shown["totals"]["articles"] == wanted["articles"]
    assert [sum(bars) for bars in shown["bars"]["quads"]] == wanted["quads"]
    assert {(one["actor"], one["recipient"]): one["count"] for one in shown["pairs"]}.items() <= wanted["pairs"].items()
    assert len(shown["pairs"]) == min(10, len(wanted["pairs"]))
    assert sum(one["count"] for one in shown["places"]) == wanted["places"]
    before = await database.read(lambda c: count_again(c, 2 * since - until, since, filters))
    was = before["countries"] if shown["compared"] else Counter[str]()
    rising = {country: (n, was[country]) for country, n in wanted["countries"].items()}
    assert {one["country"]: (one["count"], one["before"]) for one in shown["rising"]} == {
        country: numbers for country, numbers in rising.items() if numbers[0] > numbers[1]
    }


@pytest.mark.parametrize("seed", range(4))
async def test_an_overview_of_any_range_equals_counting_all_events_again(tmp_path: Path, seed: int) -> None:
    """With and without filters, after revisions, retractions and deletions, in whatever order the reports came."""
    pick, writer = random.Random(seed), StreamWriter()
    database = await open_database(tmp_path / "desk.sqlite")
    await index(database, story("first"), writer=writer, at=NOW - timedelta(days=30))  # there is a time before
    stories, revisions = [], Counter[str]()
    published = {f"a{number}": NOW - timedelta(hours=pick.random() * 240) for number in range(40)}
    for _ in range(90):
        name = pick.choice(list(published))
        revisions[name] += 1
        stories.append(some_story(pick, name, revisions[name], published[name]))
    for start in range(0, len(stories), 30):
        await index(database, *stories[start : start + 30], writer=writer)
        most = MOST_KEPT if pick.random() < 0.5 else 9  # then days are read anew, and counts made at writing added up
        await database.read(lambda c, most=most: c.shared.update(days=Days(most)))  # type: ignore[attr-defined, misc]
        for _ in range(4):
            since = AT - pick.randrange(1, 260) * HOUR_MS - pick.randrange(HOUR_MS)
            until = since + pick.randrange(1, 200) * HOUR_MS + pick.randrange(HOUR_MS)
            await check(database, since, until, Filters())
            for filters in ASKED:
                await check(database, since, until, filters)
    await index(database, *(some_story(pick, f"b{n}", 1, NOW) for n in range(120)), writer=writer)
    size = await database.read(lambda c: c.execute("SELECT count(*) FROM article").fetchone()[0])
    await database.write(lambda c: trim_index(c, now=NOW.timestamp(), keep_days=999, max_bytes=1))
    assert await database.read(lambda c: c.execute("SELECT count(*) FROM article").fetchone()[0]) < size
    for filters in (Filters(), *ASKED):
        await check(database, AT - 240 * HOUR_MS, AT + HOUR_MS, filters)
    await database.close()


async def test_of_days_in_memory_the_last_used_are_kept_and_a_changed_one_is_read_anew(tmp_path: Path) -> None:
    """A day of an index is handed out again while nothing of it changed; beyond its size the longest unused ones go."""
    database, writer, days = await open_database(tmp_path / "desk.sqlite"), StreamWriter(), Days(most=4)
    dates = {day: NOW - timedelta(days=day) for day in range(6)}
    written = [some_event_on(f"d{day}", at) for day, at in dates.items()]
    await index(database, *written, writer=writer, at=NOW)

    async def ask(day: int) -> Day:
        at = int(dates[day].timestamp() * 1000)
        return (await database.read(lambda c: list(days.between(c, at - HOUR_MS, at + HOUR_MS))))[-1]

    before = {day: await ask(day) for day in dates}
    assert all(len(one.at) == 1 for one in before.values())
    assert await ask(5) is before[5]
    assert await ask(0) is not before[0]
    await index(database, some_event_on("more", dates[5]), writer=writer, at=NOW)
    assert len((await ask(5)).at) == 2
    assert await ask(4) is before[4]
    await database.close()
