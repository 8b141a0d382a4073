"""Events streams on real servers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest_asyncio
from redis import asyncio as redis_client

from support.consuming import Stream
from support.redis_server import RedisServer


@pytest_asyncio.fixture
async def stream(redis: RedisServer, prefix: str) -> AsyncIterator[Stream]:
    opened = Stream(redis, prefix)
    yield opened
    if keys := await opened.redis.keys(f"*{prefix}*"):
        await opened.redis.delete(*keys)
    await opened.redis.aclose()


@pytest_asyncio.fixture
async def own_stream(own_redis: RedisServer) -> AsyncIterator[Stream]:
    opened = Stream(own_redis, "own")
    yield opened
    with contextlib.suppress(redis_client.RedisError):
        await opened.redis.aclose()
