"""One server of a cluster is gone, and nobody takes over: what the others have is kept, trimmed and counted all the same."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dateline.dedup.identity import article_id, feed_id
from dateline.errors import DatelineError, StoreUnavailable
from dateline.model.records import Entry, QueuedEntry, wrap
from dateline.polling.poller import Poller
from dateline.polling.report import PollReport
from dateline.pool.isolation import CrashIsolation
from dateline.settings import RedisSettings, Settings
from dateline.store import memory, upkeep
from dateline.store.checks import check_schema
from dateline.store.entries import Entries, InHand
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import ClaimState, Ledger
from dateline.store.redis import Connection
from dateline.telemetry import Metrics
from support.records import publish_bare
from support.redis_cluster import RedisCluster, running
from support.redis_server import servers

pytestmark = pytest.mark.timeout(180)
PARTITIONS = 6


class Half:
    """A connection to three servers without replicas, and the end of the one that has partition 0."""

    def __init__(self, cluster: RedisCluster, connection: Connection) -> None:
        self.connection = connection
        self._cluster = cluster
        self.living: list[int] = []

    async def lose_one(self) -> None:
        """SIGKILL; waits until the others know that its slots are nobody's."""
        places = [await self.connection.where_is(keys.events) for keys in self.connection.keys]
        self.living = [number for number, place in enumerate(places) if place != places[0]]
        assert 0 < len(self.living) < PARTITIONS
        self._cluster.servers[self._cluster.ports.index(int(places[0].rpartition(":")[2]))].kill()

    @property
    def dead(self) -> list[int]:
        """The partitions that are away."""
        return [number for number in range(PARTITIONS) if number not in self.living]


@pytest_asyncio.fixture
async def half(prefix: str) -> AsyncIterator[Half]:
    home = Path(tempfile.mkdtemp(prefix="dl"))
    with running(RedisCluster(servers()[-1], home, replicas=0), cluster_require_full_coverage="no") as cluster:
        settings = RedisSettings(
            url=cluster.url, prefix=prefix, partitions=PARTITIONS, timeout_seconds=3.0, wait_replicas=0
        )
        connection = Connection(settings)
        await check_schema(connection)
        yield Half(cluster, connection)
        await connection.close()
    shutil.rmtree(home, ignore_errors=True)


def articles_in(connection: Connection, partition: int, most: int) -> list[str]:
    """Ids of articles that a partition has."""
    found = (article_id(f"article {number}") for number in range(10_000))
    return [one for one in found if connection.partition_of(one) == partition][:most]


async def test_entries_and_claims_of_the_other_servers_are_renewed(half: Half) -> None:
    """One that holds an article of the lost server was the end of the renewal: the entries after it were lost to others."""
    connection = half.connection
    entries, ledger = Entries(connection, "me", 600.0), Ledger(connection)
    await entries.set_up()
    held: list[tuple[InHand, str]] = []
    for partition in range(PARTITIONS):
        items = [[wrap(QueuedEntry(feed="f", feed_url="u", article="", entry=Entry())), "", ""]] * PARTITIONS
        await connection.script("enqueue", items, partition)
    taken: list[InHand] = []
    while more := await entries.take(64, 0.1):
        taken += more
    for number, one in enumerate(sorted(taken, key=lambda one: one.partition)):
        (article,) = articles_in(connection, number % PARTITIONS, 1 + number // PARTITIONS)[-1:]
        assert (await ledger.claim(article, one.token, b"", 5.0))[0] is ClaimState.MINE
        held.append((one, article))
    await half.lose_one()
    here = [(one, article) for one, article in held if one.partition in half.living]
    assert len(here) == len(half.living) * PARTITIONS
    with pytest.raises(StoreUnavailable):  # of the entries that lie on the lost server
        await entries.renew(held)
    for _, article in here:
        home = connection.partition_of(article)
        if home in half.living:
            assert await connection.call("PTTL", f"{connection.keys[home].base}l:{article}") > 60_000
    assert await entries.renew(here) == set()


async def test_the_other_servers_streams_are_trimmed_and_counted(half: Half) -> None:
    """The time was asked of the server that has partition 0: without it nothing was trimmed, and nothing held back."""
    connection = half.connection
    await publish_bare(connection, range(60))
    await half.lose_one()
    living = [connection.keys[number].events for number in half.living]
    before = sum(await connection.pipeline([("XLEN", events) for events in living]))
    assert before > 0
    assert await upkeep.fill(connection) > 0
    assert len(await memory.memory(connection)) == 2
    assert await memory.memory_fill(connection) == 0
    with pytest.raises(DatelineError):  # when the others are done
        await upkeep.trim(connection, -3600.0)
    assert sum(await connection.pipeline([("XLEN", events) for events in living])) == 0
    keys = connection.keys[half.living[0]]
    await connection.call("XADD", keys.entries, "*", "e", "x")
    assert (await upkeep.pressure(connection))[0] == 1


class _Nowhere:
    """A fetcher whose every request needs what the lost server has: the owner's budget."""

    def __init__(self, connection: Connection, partition: int) -> None:
        self._ask = lambda: connection.call("GET", connection.keys[partition].base + "budget")
        self.outages: list[object] = []

    def owner(self, url: str) -> str:
        """Whoever it is."""
        return "paper.example"

    async def fetch(self, state: object) -> object:
        """Raise StoreUnavailable."""
        return await self._ask()


async def test_a_poll_that_needs_the_lost_server_makes_no_suspect_of_its_feed(half: Half) -> None:
    """Claims that no commit follows count as deaths of workers: after four such polls a feed was polled alone, and came
    back ever later, after hours in the end, though the server was back."""
    connection = half.connection
    feeds = Feeds(connection, lease_seconds=30)
    urls = {url: feed_id(url) for url in (f"http://paper.example/{number}" for number in range(200))}
    await half.lose_one()
    url, feed = next((url, feed) for url, feed in urls.items() if connection.partition_of(feed) in half.living)
    await feeds.add([NewFeed(feed, url)])
    poller = Poller(
        None, feeds, _Nowhere(connection, half.dead[0]), Ledger(connection), PollReport(connection, feeds, Metrics()),
        Settings(), CrashIsolation(),
    )  # type: ignore[arg-type]  # fmt: skip
    for turn in range(6):
        async with asyncio.timeout(60):
            state = await feeds.claim_one(feed, f"token{turn}")
            assert state is not None
            assert state.numbers.get("claims", 0) <= 1
            await poller.poll(state)
    after = await feeds.get(feed)
    assert after is not None and "does not answer" in after.reason
