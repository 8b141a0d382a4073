"""Forwarders of several partitions: each entry once, whatever id another stream gave to another one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.runner import Forwarding
from dateline.settings import FetchSettings, RedisSettings
from dateline.settings.schema import Component
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from support.conditions import eventually
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

PARTITIONS, ENTRIES = 40, 1500


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Forty streams, 1,500 entries in all, whose ids repeat from stream to stream."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=PARTITIONS))
    ledger = Ledger(opened)
    await asyncio.gather(
        *(
            ledger.publish(
                f"{number:016}", "m", ArticleRecord(revision=1, fingerprint=b"f"),
                [(("specversion", "1.0"), ("source", "s"), ("id", f"e{number}"), ("type", "dateline.article.published"),
                  ("data", "{}"))],
                expected_revision=0, recheck_seconds=None,
            )
            for number in range(ENTRIES)
        )
    )  # fmt: skip
    yield opened
    await opened.close()


async def test_files_and_webhooks_get_every_entry_of_every_partition_once(
    connection: Connection, tmp_path: Path
) -> None:
    """The file turns over all the time, the receiver refuses now and then; two workers share the work of each."""
    posted: list[str] = []
    asked = 0

    async def post(url: str, body: bytes, headers: object) -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        if asked % 97 == 0:
            return 503
        posted.append(json.loads(body)["id"])
        return 200

    ids = Counter(
        [row[0] for keys in connection.keys for row in await connection.call("XRANGE", keys.events, "-", "+")]
    )
    assert ids.most_common(1)[0][1] > 1, "no id stands in two streams: the test proves nothing"
    path = tmp_path / "out.jsonl"
    components = [
        Component("jsonl", {"path": str(path), "max_bytes": 20_000, "keep_files": 1000}),
        Component("webhook", {"url": "http://127.0.0.1:9/"}),
    ]
    stop = asyncio.Event()
    before = await clients(connection)
    own = Connection(connection.settings)
    async with Client(FetchSettings(), Guard(())) as client:
        client.post = post  # type: ignore[method-assign]
        forwarding = Forwarding(own, components, client)
        running = asyncio.create_task(forwarding.run(stop))

        def lines() -> list[str]:
            return [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]

        await eventually(lambda: len(set(posted)) == ENTRIES and len(lines()) >= ENTRIES, 40)
        stop.set()
        await running
    assert len(posted) == len(set(posted)) == ENTRIES
    written = [json.loads(line) for line in lines()]
    assert len(written) == len({row["id"] for row in written}) == len({row["streamid"] for row in written}) == ENTRIES
    assert await clients(connection) - before <= 4
    await own.close()


async def clients(connection: Connection) -> int:
    """How many connections the server has."""
    info = await connection.call("INFO", "clients")
    return int(info.decode().partition("connected_clients:")[2].split()[0])
