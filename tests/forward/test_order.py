"""Forwarders of several partitions: each partition's entries in its order, and none held up by another one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dateline.errors import StoreUnavailable, TransientError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.delivery import Delivery, Refusals
from dateline.forward.instances import Instances
from dateline.forward.runner import Forwarding
from dateline.forward.share import Share
from dateline.settings import FetchSettings, RedisSettings
from dateline.store.redis import Connection
from dateline.telemetry import get_logger
from support.conditions import eventually
from support.forwarding import publish, sink_settings
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

ENTRIES = 60


class Receiver:
    """Takes entries one by one with a pause; what it took, by partition. It hangs, or fails, for one partition where asked."""

    def __init__(self) -> None:
        self.taken: defaultdict[str, list[str]] = defaultdict(list)
        self.hangs_for = self.fails_for = ""
        self.released = asyncio.Event()
        self.is_used: set[int] = set()
        self.overlapped = self.crowded = False  #: two calls to one instance at once; two calls for one partition
        self.is_busy: set[str] = set()

    def instance(self) -> Instance:
        """Return one way to it."""
        return Instance(self)


class Instance:
    """A forwarder; notes where two calls to it overlap."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def forward(self, entries: list[dict[str, str]]) -> None:
        receiver = self._receiver
        receiver.overlapped |= id(self) in receiver.is_used
        receiver.is_used.add(id(self))
        partitions = {entry["stream_id"].partition("/")[0] for entry in entries}
        try:
            assert len(partitions) == 1
            receiver.crowded |= bool(receiver.is_busy & partitions)
            receiver.is_busy |= partitions
            if partitions == {receiver.hangs_for}:
                await receiver.released.wait()
            if partitions == {receiver.fails_for}:
                raise TransientError("not this one")
            for entry in entries:
                await asyncio.sleep(0)  # slow: others get their turn between two entries
                receiver.taken[partitions.copy().pop()].append(entry["stream_id"])
        finally:
            receiver.is_used.discard(id(self))
            receiver.is_busy -= partitions

    async def close(self) -> None:
        """Nothing is open."""


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Two partitions with sixty entries in all."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=2))
    await publish(opened, *range(ENTRIES))
    yield opened
    await opened.close()


async def in_stream(connection: Connection) -> dict[str, list[str]]:
    """The entries of each partition, in its order, as a forwarder names them."""
    return {
        str(number): [f"{number}/{row[0].decode()}" for row in await connection.call("XRANGE", keys.events, "-", "+")]
        for number, keys in enumerate(connection.keys)
    }


async def take(connection: Connection, share: Share) -> bool:
    """Ask for a share's next entries; whether there were any."""
    items, asked_at = share.request(5, keep=False), asyncio.get_running_loop().time()
    share.accept((await connection.scripts("take_turn", items, [share.partition]))[0], asked_at)
    return bool(share.batch)


@pytest.mark.parametrize("trouble", ["none", "hangs", "fails"])
@pytest.mark.parametrize("several", [True, False], ids=["an instance each", "one instance"])
async def test_entries_of_a_partition_stay_in_order_and_one_in_trouble_does_not_hold_the_other(
    connection: Connection, trouble: str, several: bool
) -> None:
    """With one instance a call that hangs holds it: then the others wait, as documented; one that fails holds nobody."""
    if trouble == "hangs" and not several:
        pytest.skip("one instance makes one call at a time")
    receiver, stop = Receiver(), asyncio.Event()
    receiver.hangs_for = "0" if trouble == "hangs" else ""
    receiver.fails_for = "0" if trouble == "fails" else ""
    first = await in_stream(connection)
    assert all(len(ids) > 10 for ids in first.values())
    async with Client(FetchSettings(), Guard(())) as client:
        forwarding = Forwarding(connection, (), client, lease_seconds=5.0)
        forwarding.add(sink_settings(), receiver.instance(), receiver.instance if several else None)
        running = asyncio.create_task(forwarding.run(stop))
        await eventually(lambda: len(receiver.taken["1"]) == len(first["1"]))
        if trouble != "none":
            assert not receiver.taken["0"]
            await publish(connection, *range(ENTRIES, ENTRIES + 20))
            second = await in_stream(connection)
            await eventually(lambda: len(receiver.taken["1"]) == len(second["1"]))
            assert not receiver.taken["0"]
            receiver.fails_for = ""
            receiver.released.set()
        everything = await in_stream(connection)
        await eventually(lambda: len(receiver.taken["0"]) == len(everything["0"]))
        stop.set()
        await running
    assert receiver.taken == everything
    assert not receiver.overlapped
    for keys in connection.keys:
        assert (await connection.call("XPENDING", keys.events, "group"))[0] == 0


async def test_of_several_workers_one_at_a_time_sends_the_entries_of_a_partition_in_order(
    connection: Connection,
) -> None:
    """Three workers, one of which dies with entries in hand, while others are published; each entry comes once, in order, but
    those that the dead one had in hand may come twice."""
    receiver, stops = Receiver(), [asyncio.Event() for _ in range(3)]
    async with Client(FetchSettings(), Guard(())) as client:
        workers = []
        for stop in stops:
            forwarding = Forwarding(connection, (), client, lease_seconds=1.0)
            forwarding.add(sink_settings(), receiver.instance(), receiver.instance)
            workers.append(asyncio.create_task(forwarding.run(stop)))
        await eventually(lambda: bool(receiver.taken["0"]) and bool(receiver.taken["1"]))
        workers[0].cancel()
        for number in range(ENTRIES, 3 * ENTRIES):
            await publish(connection, number)
        everything = await in_stream(connection)
        for number in everything:
            await eventually(lambda number=number: set(receiver.taken[number]) == set(everything[number]))  # type: ignore[misc]
        for stop in stops:
            stop.set()
        await asyncio.gather(*workers, return_exceptions=True)
    for number, ids in receiver.taken.items():
        assert list(dict.fromkeys(ids)) == everything[number]
    assert not receiver.overlapped and not receiver.crowded


async def test_a_worker_that_stood_still_sends_nothing_of_what_another_one_took_over(connection: Connection) -> None:
    """Its turn ended with its lease; what it had read is the next one's."""
    shares = [Share(connection, 0, "group", name, lease_seconds=lease) for name, lease in (("a", 0.05), ("b", 5.0))]
    for share in shares:
        await share.join()
    assert await take(connection, shares[0])
    while shares[0].has_turn:
        await asyncio.sleep(0)
    await eventually(lambda: take(connection, shares[1]))
    assert [mid for mid, _ in shares[1].batch][:5] == [mid for mid, _ in shares[0].batch]
    with pytest.raises(StoreUnavailable, match="stood still"):
        shares[0].check_turn()
    await shares[0].renew()
    assert not shares[0].has_turn and shares[1].has_turn


async def test_what_waited_for_the_one_instance_beyond_its_turn_is_not_sent(connection: Connection) -> None:
    """Another partition's call holds the instance meanwhile, and another worker has the turn."""
    receiver, log = Receiver(), get_logger("forward")
    instances = Instances(receiver.instance(), None, 16, log)
    delivery = Delivery(instances, sink_settings(), log, lambda count: None, set_aside, elsewhere, Refusals())
    share = Share(connection, 0, "group", "a", lease_seconds=0.05)
    await share.join()
    assert await take(connection, share)
    async with instances.lend():
        delivering = asyncio.create_task(delivery.deliver(share, asyncio.Event()))
        while share.has_turn:
            await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="stood still"):
        await delivering
    assert not receiver.taken["0"]


async def set_aside(count: int, reason: str) -> None:
    """Nothing is refused."""


async def elsewhere(seconds: float) -> bool:
    return False


async def test_pending_entries_that_the_stream_has_no_more_hold_nothing_up(connection: Connection) -> None:
    """On every supported server; those after them are read."""
    first, second = (Share(connection, 0, "group", name) for name in "ab")
    for share in (first, second):
        await share.join()
    assert await take(connection, first)
    await connection.call("XDEL", first.stream, *(mid for mid, _ in first.batch[:3]))
    left = [mid for mid, _ in first.batch[3:]]
    assert not await take(connection, second)
    await first.give_back()
    assert await take(connection, second)
    assert [mid for mid, _ in second.batch] == left
