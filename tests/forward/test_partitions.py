"""Forwarders of several partitions: each entry once, whatever id another stream gave to another one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from chaos.network import Receiver

from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.runner import Forwarding
from dateline.settings import FetchSettings, RedisSettings
from dateline.settings.schema import Component
from dateline.store.redis import Connection
from support.conditions import eventually
from support.records import publish_bare
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

PARTITIONS, ENTRIES = 40, 1500


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Forty streams, 1,500 entries in all, whose ids repeat from stream to stream."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=PARTITIONS))
    await publish_bare(opened, range(ENTRIES))
    yield opened
    await opened.close()


async def test_files_and_webhooks_get_every_entry_of_every_partition_once(
    connection: Connection, tmp_path: Path
) -> None:
    """The file turns over all the time, the receiver refuses for a while."""
    with closing(Receiver()) as receiver:
        await _forward_all(connection, tmp_path, receiver)


async def _forward_all(connection: Connection, tmp_path: Path, receiver: Receiver) -> None:
    ids = Counter(
        [row[0] for keys in connection.keys for row in await connection.call("XRANGE", keys.events, "-", "+")]
    )
    assert ids.most_common(1)[0][1] > 1, "no id stands in two streams: the test proves nothing"
    path = tmp_path / "out.jsonl"
    components = [
        Component("jsonl", {"path": str(path), "max_bytes": 20_000, "keep_files": 1000}),
        Component("webhook", {"url": f"http://127.0.0.1:{receiver.port}/"}),
    ]
    stop = asyncio.Event()
    before = await clients(connection)
    own = Connection(connection.settings)
    async with Client(FetchSettings(), Guard((f"127.0.0.1:{receiver.port}",))) as client:
        forwarding = Forwarding(own, components, client)
        running = asyncio.create_task(forwarding.run(stop))

        def lines() -> list[str]:
            return [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]

        await eventually(lambda: len(receiver.got) > ENTRIES / 4)
        receiver.mood = 503
        await eventually(lambda: receiver.refused > 0)
        receiver.mood = 200
        await eventually(lambda: len(receiver.got) >= ENTRIES and len(lines()) >= ENTRIES)
        stop.set()
        await running
    assert len(receiver.got) == len(set(receiver.got)) == ENTRIES
    written = [json.loads(line) for line in lines()]
    assert len(written) == len({row["id"] for row in written}) == len({row["streamid"] for row in written}) == ENTRIES
    assert await clients(connection) - before <= 36  # 16 partitions of each forwarder in hand, not forty connections
    await own.close()


async def clients(connection: Connection) -> int:
    """How many connections the server has."""
    info = await connection.call("INFO", "clients")
    return int(info.decode().partition("connected_clients:")[2].split()[0])
