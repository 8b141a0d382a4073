"""Forwarders of several workers on one group: one sends at a time, in order, and nothing stays with a dead one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.runner import Forwarding
from dateline.settings import FetchSettings, RedisSettings
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from support.conditions import eventually
from support.forwarding import Sink, sink_settings
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

LEASE_SECONDS = 2.5  # a third of it is how long a busy machine may hold a renewal up


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """A stream of forty entries."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    ledger = Ledger(opened)
    for number in range(40):
        await ledger.publish(
            f"{number:016}", "m", ArticleRecord(revision=1, fingerprint=b"f"), [(("id", f"e{number}"), ("data", "{}"))],
            expected_revision=0, recheck_seconds=None,
        )  # fmt: skip
    yield opened
    await opened.close()


async def test_what_one_worker_has_in_hand_the_other_leaves_alone_and_does_not_overtake(connection: Connection) -> None:
    """Held up for two leases while others are published; still each entry once, and in order."""
    slow, quick = Sink(), Sink()
    slow.gate.clear()
    stop = asyncio.Event()
    async with Client(FetchSettings(), Guard(())) as client:
        workers = []
        for sink in (slow, quick):
            forwarding = Forwarding(connection, (), client, lease_seconds=LEASE_SECONDS)
            forwarding.add(sink_settings(), sink)
            workers.append(asyncio.create_task(forwarding.run(stop)))
            await eventually(lambda sink=sink: sink.calls > 0 or slow.calls > 0)  # type: ignore[misc]
        stream = connection.keys[0].events
        for number in range(40, 45):
            await Ledger(connection).publish(
                f"{number:016}", "m", ArticleRecord(revision=1), [(("id", f"e{number}"), ("data", "{}"))],
                expected_revision=0, recheck_seconds=None,
            )  # fmt: skip
        began = asyncio.get_running_loop().time()
        await eventually(lambda: asyncio.get_running_loop().time() - began > 2 * LEASE_SECONDS)
        assert not slow.taken and not quick.taken
        slow.gate.set()
        await eventually(lambda: len(slow.taken) + len(quick.taken) == 45)
        stop.set()
        await asyncio.gather(*workers)
    assert slow.taken + quick.taken == [f"e{number}" for number in range(45)]
    assert (await connection.call("XPENDING", stream, "group"))[0] == 0


async def test_what_a_dead_worker_had_in_hand_is_forwarded_by_another_a_lease_later(connection: Connection) -> None:
    """Nothing was acknowledged, so nothing is lost; the dead one's name is let go once it holds nothing for a day."""
    dead, heir = Sink(), Sink()
    dead.gate.clear()
    async with Client(FetchSettings(), Guard(())) as client:
        first = Forwarding(connection, (), client, lease_seconds=LEASE_SECONDS)
        first.add(sink_settings(), dead)
        dying = asyncio.create_task(first.run(asyncio.Event()))
        await eventually(lambda: dead.calls >= 1)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        second = Forwarding(connection, (), client, lease_seconds=LEASE_SECONDS)
        second.add(sink_settings(), heir)
        stop = asyncio.Event()
        running = asyncio.create_task(second.run(stop))
        await eventually(lambda: len(heir.taken) == 40)
        stop.set()
        await running
    assert len(set(heir.taken)) == 40 and not dead.taken
    assert (await connection.call("XPENDING", connection.keys[0].events, "group"))[0] == 0


async def test_a_refusal_for_now_is_tried_again_in_the_same_hand(connection: Connection) -> None:
    """The other side comes back; each entry arrives once, in order."""
    sink = Sink()
    sink.broken = True
    stop = asyncio.Event()
    async with Client(FetchSettings(), Guard(())) as client:
        forwarding = Forwarding(connection, (), client, lease_seconds=LEASE_SECONDS)
        forwarding.add(sink_settings(), sink)
        running = asyncio.create_task(forwarding.run(stop))
        await eventually(lambda: sink.calls >= 1)
        sink.broken = False
        await eventually(lambda: len(sink.taken) == 40)
        stop.set()
        await running
    assert sink.taken == [f"e{number}" for number in range(40)]
