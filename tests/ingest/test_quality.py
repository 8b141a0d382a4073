"""Drift: a publisher read worse than before is told once, and once more when it is well; one that stays as it is, never."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest

from dateline.ingest.quality import MOST_SHOWN, SHARES, Assessment, Drift, DriftSettings, assess, rates
from dateline.settings import RedisSettings
from dateline.store import upkeep
from dateline.store.publishers import NOW_PAGES, PAST_PAGES, Publisher, Publishers, Sample, Sums
from dateline.store.redis import Connection
from dateline.telemetry import Metrics
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

START = 1_700_000_000.0
SETTINGS = DriftSettings()


def fresh() -> Publisher:
    return Publisher("paper.example", Sums(), Sums())


def page(known: Publisher, sample: Sample, at: float = START) -> tuple[Publisher, Assessment]:
    """One page and the assessment after it, as Redis and `Drift` do it together."""
    known.now.add(sample, NOW_PAGES)
    if not known.bad:
        known.past.add(sample, PAST_PAGES)
    known = replace(known, seen=known.seen + 1)
    assessment = assess(known, at)
    since = (known.since or at) if assessment.bad else None
    if assessment.bad and not known.bad:
        known = replace(known, past=known.before)
    elif known.bad and not assessment.bad:
        known = replace(known, past=known.past.followed_by(known.now, 1.0))
    return replace(known, bad=assessment.bad, since=since), assessment


def article(rng: random.Random, *, dates: float = 1.0, words: float = 400.0, titles: float = 1.0) -> Sample:
    """An article of a paper whose lengths scatter as those of papers do."""
    return Sample(
        article=True, words=int(rng.lognormvariate(0, 0.6) * words), no_date=rng.random() > dates,
        no_title=rng.random() > titles,
    )  # fmt: skip


@given(seed=st.integers(0, 2**32), dates=st.floats(0, 1), titles=st.floats(0, 1), words=st.floats(20, 3000))
@settings(max_examples=40, deadline=None)
def test_a_publisher_that_stays_as_it_is_gives_no_notice(seed: int, dates: float, titles: float, words: float) -> None:
    """However bad: one that never had dates is no worse for having none."""
    rng, known = random.Random(seed), fresh()
    for _ in range(500):
        known, assessment = page(known, article(rng, dates=dates, titles=titles, words=words))
        assert assessment.bad == ()


@given(seed=st.integers(0, 2**32), before=st.floats(0.75, 1.0))
@settings(max_examples=30, deadline=None)
def test_a_layout_that_loses_most_of_its_dates_is_told_within_40_pages_and_recovers(seed: int, before: float) -> None:
    """Told once, not page by page; well again within 90 pages of the repair."""
    rng, known = random.Random(seed), fresh()
    for _ in range(300):
        known, _ = page(known, article(rng, dates=before))
    told, pages = [], 0
    while not known.bad:
        pages += 1
        assert pages <= 40, "never told"
        known, _ = page(known, article(rng, dates=before - 0.7))
    told.append(known.bad)
    for _ in range(60):
        known, _ = page(known, article(rng, dates=before - 0.7))
        if known.bad != told[-1]:
            told.append(known.bad)
    assert told == [("no_date",)]
    pages = 0
    while known.bad:
        pages += 1
        assert pages <= 90, "never recovered"
        known, _ = page(known, article(rng, dates=before))


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("empty_body", Sample(empty_body=True)),
        ("wall", Sample(wall=True)),
        ("fallback", Sample(fallback=True)),
        ("no_title", Sample(article=True, words=400, no_title=True)),
        ("no_byline", Sample(article=True, words=400, no_byline=True)),
        ("short_text", Sample(article=True, words=400, short_text=True)),
        ("length", Sample(article=True, words=80)),
        ("length", Sample(article=True, words=2500)),
    ],
)
def test_each_way_of_going_bad_is_told_by_its_name(name: str, sample: Sample) -> None:
    rng, known = random.Random(7), fresh()
    for _ in range(200):
        known, _ = page(known, article(rng))
    for _ in range(60):
        known, _ = page(known, sample)
    assert known.bad == (name,)


def test_nothing_is_said_before_there_is_a_past() -> None:
    """Thirty pages without a date and then thirty with one are a beginning, not a drift."""
    known, rng = fresh(), random.Random(1)
    for number in range(39):
        known, assessment = page(known, article(rng, dates=1.0 if number < 20 else 0.0))
        assert assessment.bad == ()


def test_what_is_bad_for_three_weeks_is_the_new_normal() -> None:
    known = replace(fresh(), bad=("no_byline",), since=START)
    assert assess(known, START + 20 * 86400).adopted is False
    assert assess(known, START + 21 * 86400) == Assessment((), adopted=True)


@given(
    flags=st.lists(st.sampled_from(["article", "empty_body", "wall", "fallback", "no_title"]), min_size=1, max_size=200)
)
def test_rates_are_shares(flags: list[str]) -> None:
    """Always between 0 and 1, and nothing where nothing was seen."""
    known = fresh()
    assert all(rate.now is None for rate in rates(known).values())
    for flag in flags:
        known.now.add(Sample(**{flag: True, **({"article": True} if flag == "no_title" else {})}), NOW_PAGES)
    for name in SHARES:
        share = rates(known)[name].now
        assert share is None or 0.0 <= share <= 1.0


@given(first=st.integers(1, 50), second=st.integers(1, 50))
def test_pages_gathered_in_two_parts_weigh_as_one_row_of_pages(first: int, second: int) -> None:
    """What could not be stored is joined with what came later, in order."""
    one, a, b = Sums(), Sums(), Sums()
    for number in range(first + second):
        sample = Sample(article=True, words=number, no_date=number % 3 == 0)
        one.add(sample, NOW_PAGES)
        (a if number < first else b).add(sample, NOW_PAGES)
    joined = a.followed_by(b, (1 - 1 / NOW_PAGES) ** second)
    for field in Sums.__slots__:
        assert getattr(joined, field) == pytest.approx(getattr(one, field))


@pytest_asyncio.fixture(params=[1, 4], ids=["1 partition", "4 partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


async def pages(drift: Drift, count: int, show: Callable[[], None], *, at_a_time: int = 5) -> None:
    for number in range(count):
        show()
        if number % at_a_time == at_a_time - 1:
            await drift.flush()
    await drift.flush()


async def test_two_workers_give_one_notice_when_it_breaks_and_one_when_it_is_well(connection: Connection) -> None:
    """Both see the same publisher in Redis; the notices carry the figures."""
    one, two = Drift(connection), Drift(connection)

    def good(drift: Drift) -> Callable[[], None]:
        return lambda: drift.article("paper.example", 400, (), fallback=False)

    def broken(drift: Drift) -> Callable[[], None]:
        return lambda: drift.failure("paper.example", "wall")

    for show in (good, broken, broken, good, good):
        for _ in range(8):
            await pages(one, 5, show(one))
            await pages(two, 5, show(two))
    notices = list(reversed(await upkeep.notices(connection)))
    assert [(row["type"], row["subject"]) for row in notices] == [
        ("source.degraded", "paper.example"),
        ("source.recovered", "paper.example"),
    ]
    told = json.loads(notices[0]["data"])
    assert told["metrics"]["wall"]["past"] < 0.1 < 0.25 < told["metrics"]["wall"]["now"]
    assert told["still_bad"] == ["wall"]


async def test_sums_in_redis_are_those_of_one_process(connection: Connection) -> None:
    """Decay is exact however the pages were cut into flushes."""
    table, rng, whole = Publishers(connection), random.Random(3), Sums()
    for number in range(60):
        sample = article(rng, dates=0.5)
        whole.add(sample, NOW_PAGES)
        table.add("paper.example", sample)
        if number % 7 == 0:
            await table.flush()
    (known,) = await table.flush()
    assert known.seen == 60
    for field in Sums.__slots__:
        assert getattr(known.now, field) == pytest.approx(getattr(whole, field))
    stored = await table.get("paper.example")
    assert stored == known


async def test_a_mark_is_set_by_the_one_who_knows_the_latest(connection: Connection) -> None:
    table = Publishers(connection)
    table.add("paper.example", Sample())
    (known,) = await table.flush()
    assert await table.mark(known, ["wall"], START)
    assert not await table.mark(known, ["wall"], START)
    stored = await table.get("paper.example")
    assert stored is not None and (stored.bad, stored.since) == (("wall",), START)


async def test_a_flush_sent_twice_adds_once(connection: Connection) -> None:
    """The client library sends a command again when its answer was lost."""
    item = ["abcdefghi", b"paper.example", "token", 1, [1.0] * 10, 0.9, [1.0] * 10, 0.99, 3600, 10]
    first = await connection.script("publishers", [item])
    again = await connection.script("publishers", [item])
    assert first == again


async def test_publishers_are_bounded_in_number_and_age(connection: Connection) -> None:
    """The one not seen for longest goes, and every key has an age."""
    for number in range(12):
        item = [f"key{number}", b"n", "t", 1, [1.0] * 10, 0.9, [1.0] * 10, 0.9, 3600, 10]
        await connection.script("publishers", [item])
    keys = connection.keys[0]
    assert await connection.call("ZCARD", keys.pubs) == 10
    held = await connection.call("KEYS", keys.base.replace("[", "\\[") + "pub:*")
    assert len(held) == 10
    for key in held:
        assert 0 < await connection.call("TTL", key) <= 3600


async def test_what_could_not_be_stored_is_kept_for_the_next_flush(own_redis: RedisServer) -> None:
    from dateline.errors import StoreUnavailable

    connection = Connection(RedisSettings(url=own_redis.url, timeout_seconds=1.0))
    table = Publishers(connection)
    try:
        table.add("paper.example", Sample(wall=True))
        own_redis.kill()
        with pytest.raises(StoreUnavailable):
            await table.flush()
        table.add("paper.example", Sample(wall=True))
        own_redis.start()
        (known,) = await table.flush()
        assert known.seen == 2
    finally:
        await connection.close()


async def test_a_publisher_takes_less_than_a_kilobyte(connection: Connection) -> None:
    table = Publishers(connection)
    rng = random.Random(5)
    for _ in range(50):
        table.add("some-longer-newspaper-name.example", article(rng))
    await table.flush()
    for keys in connection.keys:
        for key in await connection.call("KEYS", keys.base.replace("[", "\\[") + "pub:*"):
            assert await connection.call("MEMORY", "USAGE", key) < 1024


async def test_pages_with_much_less_text_than_trafilatura_finds_are_a_share(connection: Connection) -> None:
    """Of the articles read from the page."""
    drift = Drift(connection)
    for number in range(8):
        drift.article("paper.example", 400, ("text",) if number % 4 == 3 else (), fallback=False)
    await drift.flush()
    known = await Publishers(connection).get("paper.example")
    assert known is not None and rates(known)["short_text"].now == pytest.approx(0.25, abs=0.03)


async def test_rates_are_shown_for_a_bounded_number_of_publishers_the_degraded_among_them(
    connection: Connection,
) -> None:
    """The label of a counter is a publisher's name: the set must not grow with the web."""
    drift, metrics = Drift(connection), Metrics()
    await pages(drift, 80, lambda: drift.article("paper.example", 400, (), fallback=False))
    await pages(drift, 30, lambda: drift.failure("paper.example", "wall"))
    for number in range(2 * MOST_SHOWN):
        for _ in range(120 if number == 0 else 1):
            drift.article(f"p{number}.example", 300, (), fallback=False)
    await drift.flush()
    metrics.show_publishers(drift.figures())
    text = generate_latest(metrics.registry).decode()
    assert 'dateline_publisher_degraded{metric="wall",publisher="paper.example"} 1.0' in text
    assert 'dateline_publisher_rate{metric="length",publisher="p0.example"}' in text
    assert text.count('dateline_publisher_rate{metric="wall"') == MOST_SHOWN
    metrics.show_publishers([])
    assert "dateline_publisher_rate{" not in generate_latest(metrics.registry).decode()
