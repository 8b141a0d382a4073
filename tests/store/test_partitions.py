"""Several partitions share one worker fairly: none waits behind another, and none has a connection of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dateline.dedup.identity import digest, feed_id
from dateline.settings import RedisSettings
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.redis import Connection
from support.records import article_of
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis


@pytest_asyncio.fixture(params=[4, 1024], ids=["4 partitions", "1,024 partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    """A store with keys of its own."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


def partition_of(token: str) -> int:
    """The partition in a token."""
    return int(token.partition("/")[0]) if "/" in token else 0


async def test_ids_of_every_kind_spread_over_all_partitions(connection: Connection) -> None:
    """Feeds and articles are base 32, owners and aliases hexadecimal: none of them leaves partitions empty."""
    count = len(connection.keys)
    for names in (
        [feed_id(f"http://paper.example/{n}") for n in range(20 * count)],
        [digest(f"u:http://paper.example/{n}").hex() for n in range(20 * count)],
    ):
        shares = Counter(map(connection.partition_of, names))
        assert len(shares) == count and max(shares.values()) < 3 * 20


async def test_feeds_of_all_partitions_are_claimed_in_turn(connection: Connection) -> None:
    """More is due than one worker can take: after as many claims as partitions, each has had its turn, and again."""
    feeds = Feeds(connection, lease_seconds=60)
    count = len(connection.keys)
    listed: defaultdict[int, list[NewFeed]] = defaultdict(list)
    for number in itertools.count():
        url = f"http://paper.example/{number}"
        here = listed[connection.partition_of(feed_id(url))]
        if len(here) < 2:
            here.append(NewFeed(feed_id(url), url))
        if len(listed) == count and all(len(part) == 2 for part in listed.values()):
            break
    await feeds.add([feed for part in listed.values() for feed in part])
    taken: Counter[int] = Counter()
    for turn in range(count):
        (state,) = await feeds.claim(1, f"token{turn}")
        taken[connection.partition_of(state.feed)] += 1
    assert taken == dict.fromkeys(range(count), 1)


async def test_entries_of_all_partitions_are_taken_and_reclaimed_in_turn(connection: Connection) -> None:
    """A full partition does not hide the others, whether a worker is new to them or takes them over from a dead one."""
    count = len(connection.keys)
    dead, heir = Entries(connection, "dead", 0.05), Entries(connection, "heir", 0.05)
    await dead.set_up()
    for partition in range(count):
        for number in range(3 if partition else 200):
            await connection.call("XADD", connection.keys[partition].entries, "*", "e", f"{partition}/{number}")
    taken: list[str] = []
    while more := await dead.take(8, 0.05):
        assert len(more) <= 8
        taken += [held.token for held in more]
        if len(set(map(partition_of, taken))) == count:
            break
    assert len(taken) == len(set(taken)) < 2 * 8 * count
    assert set(map(partition_of, taken)) == set(range(count))
    await asyncio.sleep(0.1)
    again: set[str] = set()
    for _ in range(4 * count):
        again |= {held.token for held in await heir.reclaim(16)}
        if again >= set(taken):
            break
    assert again >= set(taken)
    clients = (await connection.call("INFO", "clients")).decode().partition("connected_clients:")[2].split()[0]
    assert int(clients) < 80


async def test_two_entries_of_one_story_at_once_are_one_article(connection: Connection) -> None:
    """They share some of their names, which lie in several partitions; neither knows of the other when it begins."""
    ledger = Ledger(connection)
    for round_number in range(60):
        names = [digest(f"{round_number} {n}") for n in range(5)]
        one, other = names[:4], names[2:]
        first, second = await asyncio.gather(
            article_of(ledger, f"{round_number:015}a", one), article_of(ledger, f"{round_number:015}b", other[::-1])
        )
        assert first == second
        assert {await article_of(ledger, "late", [name]) for name in names} == {first}
