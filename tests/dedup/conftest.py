"""A connection with keys of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from dateline.settings import RedisSettings
from dateline.store.redis import Connection
from support.redis_server import RedisServer


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """One partition."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    yield opened
    await opened.close()
