"""A stream whose data is compressed, read by whoever reads streams; plain and compressed entries side by side."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from dateline.client import Consumer, SyncConsumer, replay
from dateline.contract import Article
from dateline.contract.envelope import article_envelope, fields
from dateline.settings import RedisSettings
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.store.snapshot import snapshot
from support.pipeline import story
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis
TEXTS = [story(seed, 300) for seed in range(4)]


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Articles written before and after the setting was changed."""
    for number, text in enumerate(TEXTS):
        compress = "zstd" if number % 2 else None
        opened = Connection(RedisSettings(url=redis.url, prefix=prefix, compress=compress))
        article = Article(
            id=f"{number:016}", title=f"T {number}", text=text, text_sha256="", url=f"https://p.example/{number}"
        )
        rows = [tuple(fields(article_envelope(article, "published", datetime.now(UTC))).items())]
        await Ledger(opened).publish(
            article.id,
            "m",
            ArticleRecord(revision=1, fingerprint=b"f"),
            rows,
            expected_revision=0,
            recheck_seconds=None,
        )
        if number < len(TEXTS) - 1:
            await opened.close()
    yield opened
    await opened.close()


async def test_every_reader_gets_the_same_records(connection: Connection, redis: RedisServer, prefix: str) -> None:
    """Consumer, SyncConsumer, replay, export and verify's snapshot."""
    stream = connection.keys[0].events
    stored = [flat for _, flat in await connection.call("XRANGE", stream, "-", "+")]
    assert sum(b"datacontentencoding" in flat for flat in stored) == 2
    replayed = [message.record().text async for message in replay(redis.url, since="0", stream=stream)]
    assert replayed == TEXTS
    read = []
    async with Consumer(redis.url, group="a", name="one", stream=stream, start="0") as consumer:
        async for message in consumer:
            read.append(message.record().text)
            if len(read) == len(TEXTS):
                break
    assert read == TEXTS
    assert await asyncio.to_thread(read_in_sync, redis.url, stream) == TEXTS
    rows = (await snapshot(connection, 0)).stream
    assert [(row.title, row.url) for row in rows] == [(f"T {n}", f"https://p.example/{n}") for n in range(4)]
    environment = os.environ | {"DATELINE_REDIS_URL": redis.url, "DATELINE_REDIS_PREFIX": prefix}
    command = [sys.executable, "-m", "dateline", "export", "--format", "jsonl"]
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60)
    exported = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["data"]["text"] for row in exported] == TEXTS, done.stderr
    assert not any("datacontentencoding" in row for row in exported)


def read_in_sync(url: str, stream: str) -> list[str]:
    """The texts as a blocking consumer gets them."""
    found = []
    with SyncConsumer(url, group="b", name="one", stream=stream, start="0") as consumer:
        for message in consumer:
            found.append(message.record().text)
            if len(found) == len(TEXTS):
                break
    return found
