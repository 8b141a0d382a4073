"""A stream whose data is compressed, read by whoever reads streams; plain and compressed entries side by side."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from dateline.client import Consumer, SyncConsumer, replay
from dateline.contract import Article
from dateline.contract.compression import text_fields
from dateline.contract.envelope import article_envelope, fields
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.runner import Forwarding
from dateline.index.filters import Filters
from dateline.ingest.work import EntrySettings
from dateline.jobs.article import read
from dateline.jobs.records import ReadJob
from dateline.model.records import pack
from dateline.serve.desk.desk import open_desk
from dateline.settings import DeskSettings, FetchSettings, RedisSettings, Settings
from dateline.store.entries import rows
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.store.snapshot import snapshot
from support.conditions import eventually
from support.forwarding import Sink, sink_settings
from support.pipeline import Desk as Pipelined
from support.pipeline import entry_of, html, story
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
        envelopes = [tuple(fields(article_envelope(article, "published", datetime.now(UTC))).items())]
        await Ledger(opened).publish(
            article.id,
            "m",
            ArticleRecord(revision=1, fingerprint=b"f"),
            envelopes,
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
    told = (await snapshot(connection, 0)).stream
    assert [(row.title, row.url) for row in told] == [(f"T {n}", f"https://p.example/{n}") for n in range(4)]
    environment = os.environ | {"DATELINE_REDIS_URL": redis.url, "DATELINE_REDIS_PREFIX": prefix}
    command = [sys.executable, "-m", "dateline", "export", "--format", "jsonl"]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=120
    )
    exported = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["data"]["text"] for row in exported] == TEXTS, done.stderr
    assert not any("datacontentencoding" in row for row in exported)


class Texts(Sink):
    """A forwarder that notes the texts it was given."""

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Note them as JSON, with no word of how they lay on the stream."""
        assert not any("datacontentencoding" in entry for entry in entries)
        self.taken += [json.loads(entry["data"])["text"] for entry in entries]


async def test_forwarders_and_the_desk_get_the_same_records(connection: Connection, tmp_path: Path) -> None:
    """They read the stream by themselves, not as consumers do."""
    sink, stop = Texts(), asyncio.Event()
    async with Client(FetchSettings(), Guard(())) as client:
        forwarding = Forwarding(connection, (), client)
        forwarding.add(sink_settings(), sink)
        running = asyncio.create_task(forwarding.run(stop))
        await eventually(lambda: len(sink.taken) == len(TEXTS))
        stop.set()
        await running
    assert sink.taken == TEXTS
    settings = Settings(redis=connection.settings, desk=DeskSettings(index_file=str(tmp_path / "desk.sqlite")))
    async with open_desk(settings, connection, sample_seconds=0.0) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
        found = await desk.search(Filters(), limit=100, after="")
    assert sorted(row["title"] for row in found["results"]) == [f"T {n}" for n in range(4)]


async def test_what_is_read_in_a_child_is_compressed_there(redis: RedisServer, prefix: str) -> None:
    """The job gives the entries as they are appended; the loop only hands them on."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, compress="zstd"))
    try:
        desk, url = Pipelined(opened, EntrySettings()), "https://paper.example/news/a"
        desk.site.pages = {url: html("Cranes", story(1, 300))}
        assert await desk.carry(entry_of(url)) == ["published"]
        first = rows(await opened.call("XRANGE", opened.keys[0].events, "-", "+"))[0][1]
        assert first[b"datacontentencoding"] == b"zstd"
        assert "In case 124 " in json.loads(text_fields(first)["data"])["text"]
        job = ReadJob(article=pack(Article(id="a", text=TEXTS[0], text_sha256="")), kind="published", revision=1, now=0)
        plain, packed = (read(msgspec.structs.replace(job, compress=how)) for how in (None, "zstd"))
        assert dict(packed.envelopes[0])["datacontentencoding"] == b"zstd"
        assert "datacontentencoding" not in dict(plain.envelopes[0])
    finally:
        await opened.close()


def read_in_sync(url: str, stream: str) -> list[str]:
    """The texts as a blocking consumer gets them."""
    found = []
    with SyncConsumer(url, group="b", name="one", stream=stream, start="0") as consumer:
        for message in consumer:
            found.append(message.record().text)
            if len(found) == len(TEXTS):
                break
    return found
