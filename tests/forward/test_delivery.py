"""A failing entry and a failing receiver: the one is set aside, the other is waited for, and both are seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from dateline.contract.selection import Selection
from dateline.errors import StoreUnavailable
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward import delivery
from dateline.forward.runner import Forwarding
from dateline.forward.status import describe_forwarders
from dateline.settings import FetchSettings, RedisSettings
from dateline.store import groups, upkeep
from dateline.store.redis import Connection
from dateline.telemetry import Metrics
from support.conditions import eventually
from support.forwarding import Sink, publish, sink_settings
from support.redis_server import RedisServer, servers


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """A stream of ten entries, e0 to e9."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    await publish(opened, *range(10))
    yield opened
    await opened.close()


@asynccontextmanager
async def running(
    connection: Connection, sink: Sink, *, metrics: Metrics | None = None, **common: object
) -> AsyncIterator[None]:
    """The forwarder of one worker, while the block runs."""
    async with Client(FetchSettings(), Guard(())) as client:
        forwarding = Forwarding(connection, (), client, metrics=metrics, lease_seconds=0.6, note_seconds=0.05)
        selection = common.pop("selection", None)
        forwarding.add(sink_settings(selection=selection, **common), sink)  # type: ignore[arg-type]
        stop = asyncio.Event()
        task = asyncio.create_task(forwarding.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def letters(connection: Connection) -> list[tuple[str, str, int]]:
    return [(one.fields["id"], one.reason, one.deliveries) async for one in groups.dead_letters(connection, "group")]


async def pending(connection: Connection) -> int:
    return int((await connection.call("XPENDING", connection.keys[0].events, "group"))[0])


async def test_an_entry_that_always_fails_goes_to_the_groups_dead_letters_and_the_others_arrive(
    connection: Connection,
) -> None:
    """After its tries, and only because the receiver took another entry meanwhile."""
    sink = Sink()
    sink.poison = {"e3"}
    async with running(connection, sink, tries=2):
        await eventually(lambda: len(sink.taken) == 9)
    assert sink.taken == [f"e{number}" for number in range(10) if number != 3]
    assert await letters(connection) == [("e3", "the other side is away", 2)]
    assert await pending(connection) == 0
    notices = await upkeep.notices(connection)
    assert [notice["type"] for notice in notices] == ["forward.entry_set_aside"]


@pytest.mark.one_redis
async def test_a_receiver_that_is_away_costs_no_entry_however_often_it_fails(connection: Connection) -> None:
    sink = Sink()
    sink.broken = True
    async with running(connection, sink, tries=1):
        await eventually(lambda: sink.calls > 3)
        assert await letters(connection) == []
        (row,) = await describe_forwarders(connection, [("group", "sink", "memory:sink")])
        assert (row.lag, row.reason) == (10, "the other side is away")
        assert row.failing_since > 0 and not row.is_stuck(row.failing_since + 299)
        assert row.is_stuck(row.failing_since + 301)
        sink.broken = False
        await eventually(lambda: len(sink.taken) == 10)
    assert sink.taken == [f"e{number}" for number in range(10)]


async def test_an_entry_that_is_refused_outright_goes_to_the_dead_letters_at_once(connection: Connection) -> None:
    sink = Sink()
    sink.unwanted = {"e0", "e5"}
    async with running(connection, sink):
        await eventually(lambda: len(sink.taken) == 8)
    assert [row[:2] for row in await letters(connection)] == [("e0", "e0 is malformed"), ("e5", "e5 is malformed")]


@pytest.mark.one_redis
async def test_a_receiver_that_refuses_everything_is_at_fault_and_the_rest_waits(connection: Connection) -> None:
    """Else a wrong path at the receiver would empty the stream into the dead letters."""
    await publish(connection, *range(10, 80))
    sink = Sink()
    sink.unwanted = {f"e{number}" for number in range(80)}
    async with running(connection, sink, tries=1):
        await eventually(lambda: sink.calls > delivery.REFUSED_IN_A_ROW + 2)
        assert len(await letters(connection)) == delivery.REFUSED_IN_A_ROW
        sink.unwanted = set()
        await eventually(lambda: len(sink.taken) == 80 - delivery.REFUSED_IN_A_ROW)
    assert await pending(connection) == 0


@pytest.mark.one_redis
async def test_entries_that_are_not_selected_are_acknowledged_and_not_sent(connection: Connection) -> None:
    sink = Sink()
    async with running(connection, sink, selection=Selection.of(types="event")):
        while await upkeep.lag_of(connection, "group") != (0, 0):
            await asyncio.sleep(0)
    assert sink.taken == [] and sink.calls == 0


@pytest.mark.one_redis
async def test_failures_are_a_metric(connection: Connection) -> None:
    sink, metrics = Sink(), Metrics()
    sink.broken = True

    def value(name: str) -> float:
        return metrics.registry.get_sample_value(name, {"group": "group"}) or 0.0

    async with running(connection, sink, metrics=metrics):
        await eventually(lambda: value("dateline_forward_failing_seconds") > 0)
        sink.broken = False
        await eventually(lambda: len(sink.taken) == 10 and value("dateline_forward_failing_seconds") == 0)
    assert value("dateline_forward_delivered_total") == 10


async def test_a_dead_letter_that_is_requeued_is_sent_again(connection: Connection) -> None:
    sink = Sink()
    sink.unwanted = {"e4"}
    async with running(connection, sink):
        await eventually(lambda: len(sink.taken) == 9)
        sink.unwanted = set()
        found = [one async for one in groups.dead_letters(connection, "group")]
        assert await groups.requeue(connection, "group", found) == 1
        await eventually(lambda: "e4" in sink.taken)
    assert await letters(connection) == []


async def test_setting_an_entry_aside_twice_gives_one_dead_letter(connection: Connection) -> None:
    """The library sends a command again when its reply was lost."""
    events = connection.keys[0].events
    await connection.call("XGROUP", "CREATE", events, "group", "0")
    answer = await connection.call("XREADGROUP", "GROUP", "group", "c", "COUNT", 1, "STREAMS", events, ">")
    mid = answer[0][1][0][0].decode()
    assert [await groups.set_aside(connection, 0, "group", [(mid, "bad", 1)]) for _ in range(2)] == [1, 0]
    (one,) = [one async for one in groups.dead_letters(connection, "group")]
    assert (one.stream_id, one.reason, one.fields["id"]) == (mid, "bad", "e0")


@pytest.mark.one_redis
async def test_a_forwarder_that_stopped_leaves_no_consumer_behind(connection: Connection) -> None:
    """Each start of a daemon has a name of its own."""
    for number in range(10, 13):
        sink = Sink()
        await publish(connection, number)
        async with running(connection, sink):
            await eventually(lambda sink=sink: sink.calls > 0)  # type: ignore[misc]
    assert await connection.call("XINFO", "CONSUMERS", connection.keys[0].events, "group") == []


@pytest.mark.one_redis
async def test_what_a_forwarder_is_can_be_read_by_another_process(connection: Connection) -> None:
    sink = Sink()
    async with running(connection, sink):
        await eventually(lambda: len(sink.taken) == 10)
    state = (await groups.forwarders(connection))["group"]
    assert (state.kind, state.target) == ("sink", "memory:sink")
    named = await connection.call("HGET", connection.keys[0].forwarders, "group")
    assert json.loads(named) == {"kind": "sink", "target": "memory:sink"}


@pytest.mark.one_redis
async def test_what_the_receiver_has_is_not_sent_again_because_redis_went_away_before_it_was_acknowledged(
    tmp_path: Path,
) -> None:
    """Redis is killed while the receiver takes the batch, and comes back with its data."""
    server, sink = RedisServer(servers()[-1], tmp_path), Sink()
    server.start()
    connection = Connection(RedisSettings(url=server.url, timeout_seconds=1.0))
    await publish(connection, *range(10))
    sink.gate.clear()
    async with running(connection, sink):
        await eventually(lambda: sink.calls == 1)
        server.kill()
        sink.gate.set()
        await eventually(lambda: len(sink.taken) == 10)
        server.start()
        await eventually(lambda: nothing_pending(connection), 30)
    assert sink.taken == [f"e{number}" for number in range(10)]
    await connection.close()
    server.stop()


async def nothing_pending(connection: Connection) -> bool:
    try:
        return await pending(connection) == 0
    except StoreUnavailable:
        return False
