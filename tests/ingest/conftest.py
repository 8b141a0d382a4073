"""Fixtures of the ingest tests: a connection with keys of its own, a pipeline on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dateline.ingest.work import EntrySettings
from dateline.settings import RedisSettings
from dateline.store.redis import Connection
from support.pipeline import Desk
from support.redis_server import RedisServer


@pytest_asyncio.fixture(params=[1, 4], ids=["1 partition", "4 partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    """A connection with keys of its own, at one partition and at four."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def desk(redis: RedisServer, prefix: str) -> AsyncIterator[Desk]:
    """A handler on keys of its own."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    yield Desk(opened, EntrySettings(retry_seconds=()))
    await opened.close()
