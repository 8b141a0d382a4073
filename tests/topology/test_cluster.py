"""The store and its consumers on real clusters and on sets with Sentinel, of every server version that is here."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from dateline.client import Consumer, replay
from dateline.errors import SettingsError, StoreUnavailable
from dateline.model.records import Entry, QueuedEntry, wrap
from dateline.settings import RedisSettings
from dateline.store.checks import check_schema, check_server
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.memory import key_memory
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.topology.slots import slot_of
from support.conditions import eventually
from support.records import publish_bare
from support.redis_cluster import RedisCluster, SentinelSet, running
from support.redis_server import RedisServer, every_server
from support.rig import free_port

pytestmark = pytest.mark.timeout(300)

PARTITIONS = 16
VERSIONS = every_server()


def name_of(binary: object) -> str:
    """For the test's id."""
    return str(binary.name).replace(" server ", " ")  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=VERSIONS, ids=name_of)
def one_cluster(request: pytest.FixtureRequest) -> Iterator[RedisCluster]:
    """Three primaries and three replicas for all tests of this file."""
    home = Path(tempfile.mkdtemp(prefix="dl"))
    with running(RedisCluster(request.param, home)) as made:
        yield made
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def cluster(one_cluster: RedisCluster) -> RedisCluster:
    """The whole cluster, also after a test that failed half-way; keep to your `prefix`, and leave the slots whole."""
    one_cluster.heal()
    return one_cluster


@pytest_asyncio.fixture
async def connection(cluster: RedisCluster, prefix: str) -> AsyncIterator[Connection]:
    """Sixteen partitions with keys of their own."""
    opened = Connection(RedisSettings(url=cluster.url, prefix=prefix, partitions=PARTITIONS, timeout_seconds=3.0))
    try:
        await check_schema(opened)
        yield opened
    finally:
        await opened.close()


async def test_partitions_use_every_server_and_few_connections(cluster: RedisCluster, connection: Connection) -> None:
    """Claims, entries and counters of all partitions; what is about no key goes where it is asked for."""
    feeds, entries = Feeds(connection, lease_seconds=30), Entries(connection, "me", 20)
    await entries.set_up()
    await feeds.add([NewFeed(f"feed{n}", f"http://paper.example/{n}") for n in range(64)])
    assert await feeds.count() == 64
    claimed = await feeds.claim(100, "token")
    assert len({connection.partition_of(state.feed) for state in claimed}) > PARTITIONS / 2
    assert len(claimed) == 64 and await feeds.claim(100, "other") == []
    answers = await asyncio.gather(*(feeds.commit(state, 900, {"etag": "x"}, [b"payload"]) for state in claimed))
    assert set(answers) == {"ok"}
    held = []
    while more := await entries.take(10, 0.1):
        held += more
    assert len(held) == 64 and await entries.backlog() == (64, 0)
    places = {await connection.servers.where_is(keys.events) for keys in connection.keys}
    assert len(places) == 3
    assert {kind for kind, _, _ in await key_memory(connection)} >= {"due", "entries", "events"}
    for number in range(3):
        clients = cluster.ask(number, "CLIENT", "LIST", "TYPE", "normal").decode().count("\n")
        assert clients <= connection.settings.connections + 1


async def test_consumers_get_what_every_partition_has(
    cluster: RedisCluster, connection: Connection, prefix: str
) -> None:
    """Two members share it; a replay gives all of it; a member that read nothing is not stuck in one partition."""
    await publish_bare(connection, range(200))
    stream = connection.keys[0].events
    got: list[str] = []

    async def read(name: str) -> None:
        async with Consumer(cluster.url, group="map", name=name, stream=stream, block_seconds=0.5) as consumer:
            async for message in consumer:
                got.append(message.id)

    members = [asyncio.create_task(read(name)) for name in ("a", "b")]
    await eventually(lambda: len(got) >= 200)
    await publish_bare(connection, range(200, 210))
    await eventually(lambda: len(got) >= 210)
    for member in members:
        member.cancel()
    await asyncio.gather(*members, return_exceptions=True)
    assert sorted(got) == sorted(f"e{number}" for number in range(210))
    assert len({message.id async for message in replay(cluster.url, stream=stream)}) == 210


async def test_a_script_waits_while_its_slot_moves_and_finds_all_its_keys_after(
    cluster: RedisCluster, connection: Connection
) -> None:
    """Half of the keys are on one server, half on the other: a ledger that asked either would publish a second time."""
    await publish_bare(connection, range(30))
    partition = connection.partition_of(f"{0:016}")
    ours = [n for n in range(30) if connection.partition_of(f"{n:016}") == partition]
    slot = slot_of(connection.keys[partition].events)
    target = next(number for number in cluster.primaries() if number != cluster.owner(slot))
    refused: list[str] = []
    ledger, loop = Ledger(connection), asyncio.get_running_loop()

    async def again(number: int) -> str:
        again = ArticleRecord(revision=1, fingerprint=b"f")
        return (await ledger.publish(f"{number:016}", "m", again, [], expected_revision=0, recheck_seconds=None)).state

    def meanwhile() -> None:
        for number in ours:
            try:
                refused.append(asyncio.run_coroutine_threadsafe(again(number), loop).result(10))
            except StoreUnavailable as error:
                refused.append(str(error))

    moved = await asyncio.to_thread(cluster.move_slot, slot, target, meanwhile, 1)
    assert moved >= len(ours) and refused
    assert all("moving slots" in line for line in refused), refused
    assert {await again(number) for number in ours} == {"already"}
    assert await connection.call("XLEN", connection.keys[partition].events) == len(ours)
    assert cluster.ports[target] == int((await connection.servers.where_is(connection.keys[partition].base))[-5:])


async def test_what_was_acknowledged_outlives_the_primary_that_took_it(
    cluster: RedisCluster, connection: Connection
) -> None:
    """A publication is on a replica before its caller goes on; the other partitions are served meanwhile."""
    await publish_bare(connection, range(100))
    acknowledged: list[int] = []
    stop = asyncio.Event()

    async def keep_publishing(first: int) -> None:
        for number in range(first, first + 100_000, 10):
            if stop.is_set():
                return
            try:
                await publish_bare(connection, range(number, number + 1))
                acknowledged.append(number)
            except StoreUnavailable:
                await asyncio.sleep(0.1)

    writers = [asyncio.create_task(keep_publishing(1000 + n)) for n in range(10)]
    await eventually(lambda: len(acknowledged) > 200)
    dead = await asyncio.to_thread(cluster.kill_primary, slot_of(connection.keys[1].events))
    before = len(acknowledged)
    await eventually(lambda: len(acknowledged) > before + 200)
    stop.set()
    await asyncio.gather(*writers)
    there = {
        fields[fields.index(b"id") + 1].decode()
        for keys in connection.keys
        for _, fields in await connection.call("XRANGE", keys.events, "-", "+")
    }
    assert [number for number in acknowledged if f"e{number}" not in there] == []
    cluster.restart(dead)
    await eventually(cluster.is_whole)


async def test_a_replica_that_is_slow_is_waited_for_and_one_that_is_away_is_made_up_for(
    cluster: RedisCluster, connection: Connection
) -> None:
    """What a name was written to dies with its primary: an entry that was in hand then comes again, whenever it is settled."""
    await eventually(cluster.is_whole)
    ledger, entries = Ledger(connection), Entries(connection, "me", 20)
    await entries.set_up()
    home, some = connection.partition_of(b"00000000".hex()), [f"{number:08}".encode() for number in range(200)]
    first, second, third, *_ = [name for name in some if connection.partition_of(name.hex()) == home]
    follower = cluster.servers[cluster.follower(cluster.owner(slot_of(connection.keys[home].base)))]
    began = time.monotonic()
    await ledger.further_names("a" * 16, [first])
    assert not connection.wrote_unsafely_since(began)
    follower.pause()
    naming = asyncio.create_task(ledger.further_names("a" * 16, [second]))
    await asyncio.wait({naming}, timeout=1.5)  # three times what is waited for one that is away
    assert not naming.done()
    follower.resume()
    await naming
    assert not connection.wrote_unsafely_since(began)
    follower.kill()
    payload = wrap(QueuedEntry(feed="f", feed_url="http://paper.example/", article="a" * 16, entry=Entry(title="T")))
    await connection.call("XADD", connection.keys[home].entries, "*", "e", payload)
    (held,) = await entries.take(1, 0.1)
    await ledger.further_names("b" * 16, [third])
    assert connection.wrote_unsafely_since(held.taken_at)
    cluster.restart(cluster.servers.index(follower))
    await eventually(cluster.is_whole)
    assert await entries.settle(held, "done", article="a" * 16, revision=1) == "ok"
    assert await connection.call("ZCARD", connection.keys[home].later) == 1


async def test_doctor_says_how_the_partitions_lie_and_what_is_missing(
    cluster: RedisCluster, connection: Connection
) -> None:
    """Every primary is looked at; too few partitions leave servers without work."""
    findings = await check_server(connection)
    assert any(
        "cluster of 3 primaries; partitions on each" in one.say.lower() and one.level == "ok" for one in findings
    )
    assert sum(one.say.split(": ", 1)[-1].startswith(("Redis ", "Valkey ")) for one in findings) == 3
    small = Connection(RedisSettings(url=cluster.url, prefix="small"))
    few = await check_server(small)
    await small.close()
    assert any("partitions on each" in one.say and "raise redis.partitions to 24" in one.remedy for one in few)


async def test_a_plain_url_to_a_cluster_is_refused_with_the_right_one(cluster: RedisCluster) -> None:
    """At the first command about a key that another server has."""
    plain = Connection(RedisSettings(url=f"redis://127.0.0.1:{cluster.ports[0]}", prefix="plain", partitions=8))
    with pytest.raises(SettingsError, match=r"write redis\+cluster://"):
        await check_schema(plain)
    await plain.close()


async def test_a_cluster_url_to_a_server_of_its_own_is_refused_with_the_right_one(tmp_path: Path) -> None:
    """It says itself that it is none of a cluster."""
    server, port = RedisServer(VERSIONS[-1], tmp_path), free_port()
    server.start(port=str(port))
    alone = Connection(RedisSettings(url=f"redis+cluster://127.0.0.1:{port}"))
    with pytest.raises(SettingsError, match="write redis://"):
        await check_schema(alone)
    await alone.close()
    server.stop()


@pytest.mark.parametrize("binary", VERSIONS, ids=name_of)
async def test_sentinel_leads_to_the_new_primary(binary: object, prefix: str) -> None:
    """Commands and scripts go on after a failover, without a word from the operator; doctor counts the sentinels."""
    home = Path(tempfile.mkdtemp(prefix="dl"))
    with running(SentinelSet(binary, home)) as watched:  # type: ignore[arg-type]
        opened = Connection(RedisSettings(url=watched.url, prefix=prefix, timeout_seconds=3.0))
        await check_schema(opened)
        await publish_bare(opened, range(20))
        assert any("3 of 3 sentinels answer" in one.say for one in await check_server(opened))
        await eventually(watched.is_whole)
        await asyncio.to_thread(watched.kill_primary)

        async def goes_on() -> bool:
            try:
                await publish_bare(opened, range(20, 25))
            except StoreUnavailable:
                return False
            return True

        await eventually(goes_on)
        assert await opened.call("XLEN", opened.keys[0].events) == 25
        await opened.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="redis-cli is not here (Debian: redis-tools)")
async def test_what_one_redis_holds_is_copied_into_a_cluster_as_scale_md_has_it(tmp_path: Path, prefix: str) -> None:
    """Streams with the places of their groups, records, feeds: the same after `redis-cli --cluster import`."""
    server, port = RedisServer(VERSIONS[min(1, len(VERSIONS) - 1)], tmp_path / "one"), free_port()
    server.folder.mkdir()
    server.start(port=str(port))
    before = Connection(RedisSettings(url=server.url, prefix=prefix, partitions=8))
    await check_schema(before)
    await publish_bare(before, range(50))
    await Feeds(before, 30).add([NewFeed(f"feed{n}", f"http://paper.example/{n}") for n in range(20)])
    stream, got = before.keys[0].events, []
    async with Consumer(server.url, group="map", name="one", stream=stream, block_seconds=0.2) as consumer:
        while len(got) < 20:
            got.append((await anext(consumer)).id)
        await consumer.done()
    await before.close()
    with running(RedisCluster(VERSIONS[min(1, len(VERSIONS) - 1)], tmp_path / "many", replicas=0)) as cluster:
        command = [
            "redis-cli",
            "--cluster",
            "import",
            f"127.0.0.1:{cluster.ports[0]}",
            "--cluster-from",
            f"127.0.0.1:{port}",
        ]
        done = await asyncio.to_thread(
            subprocess.run, [*command, "--cluster-copy"], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout[-800:] + done.stderr
        after = Connection(RedisSettings(url=cluster.url, prefix=prefix, partitions=8))
        assert not await check_schema(after)
        assert await Feeds(after, 30).count() == 20
        async with Consumer(cluster.url, group="map", name="one", stream=stream, block_seconds=0.2) as consumer:
            while len(got) < 50:
                got.append((await anext(consumer)).id)
            await consumer.done()
        assert sorted(got) == sorted(f"e{number}" for number in range(50))
        await after.close()
    server.stop()
