"""`verify` on stores that an unbounded version would leave: each is found out, a healthy one is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from dateline.model.records import Entry, QueuedEntry, wrap
from dateline.settings import RedisSettings
from dateline.store.audit import MOST_ROBOTS_BYTES, MOST_WAITING, judge
from dateline.store.entries import Entries
from dateline.store.redis import Connection
from dateline.store.snapshot import Row, Sizes, Snapshot, snapshot
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis
HEALTHY = Snapshot(partition=0, now=1_800_000_000.0)


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """One partition with keys of its own."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, kept_mib=1))
    await Entries(opened, "w", 30).set_up()
    yield opened
    await opened.close()


def kinds(held: Snapshot) -> set[str]:
    """What is wrong."""
    return {problem.kind for problem in judge(held)}


@pytest.mark.parametrize(
    ("sizes", "kind"),
    [
        (Sizes(memory_fill=0.99), "memory_full"),
        (Sizes(waiting={"feed": MOST_WAITING + 1}), "waiting_unbounded"),
        (Sizes(kept={"trail": 300 << 20}), "kept_unbounded"),
        (Sizes(robots=MOST_ROBOTS_BYTES + 1), "robots_unbounded"),
        (Sizes(stranded=("1-0",)), "dead_stranded"),
    ],
)
def test_each_thing_over_its_bound_is_a_problem_of_its_kind(sizes: Sizes, kind: str) -> None:
    """And at its bound it is none."""
    assert kinds(HEALTHY) == set()
    assert kinds(replace(HEALTHY, sizes=sizes)) == {kind}
    at_bound = Sizes(0.9, {"feed": MOST_WAITING}, {"trail": 64 << 20}, 64 << 20, MOST_ROBOTS_BYTES)
    assert kinds(replace(HEALTHY, sizes=at_bound)) == set()


def test_a_source_with_a_key_in_it_is_a_problem_and_one_with_a_number_is_none() -> None:
    """Its remedy names the setting that publishes queries on purpose."""
    row = Row("1-0", 1, "e", "dateline.event.reported", "a", source="https://a.example/rss?token=PRIVATEKEY")
    held = replace(HEALTHY, stream=(row,), last_seq=1)
    (problem,) = judge(held)
    assert problem.kind == "secret_published" and "PRIVATEKEY" not in problem.say
    assert kinds(replace(held, stream=(replace(row, source="https://a.example/rss?cat=7"),))) == set()


async def test_a_store_as_an_unbounded_version_left_it_is_read_as_that(connection: Connection) -> None:
    """What waits for later, robots.txt texts, and letters of an outage that nobody brings back."""
    keys = connection.keys[0]
    entry = QueuedEntry(feed="feed", feed_url="u", article="a", entry=Entry(link="http://a.example/1", title="T"))
    before = await snapshot(connection, 0)
    assert before.sizes.stranded == () and before.sizes.waiting == {}
    await connection.call("ZADD", keys.later, 4e12, wrap(entry))
    old = wrap(entry)[len(b"f_feed") :]  # without the feed's id, as before
    await connection.call("XADD", keys.dead, "*", "e", old, "code", "connection", "reason", "away")
    await connection.call("XADD", keys.dead, "*", "e", wrap(entry), "code", "gone", "reason", "410")
    await connection.call("SET", keys.base + "robots:x", "y" * 5000, "EX", 100)
    sizes = (await snapshot(connection, 0)).sizes
    assert sizes.waiting == {"feed": 1} and len(sizes.stranded) == 1 and sizes.robots == 5000
    assert "dead_stranded" in kinds(await snapshot(connection, 0))
