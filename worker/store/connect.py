"""The configured Redis, opened: all that most verbs need, without the weight of the daemon's parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from ..settings import Settings
from .embedded import embedded
from .embedded import running as running_on
from .redis import Connection


@asynccontextmanager
async def open_store(settings: Settings, *, daemon: bool = False) -> AsyncIterator[Connection]:
    """A connection to the configured Redis, or to a private one where none is configured."""
    async with AsyncExitStack() as stack:
        redis = settings.redis
        if not redis.url:
            folder = Path(redis.data_folder)
            url = None if daemon else running_on(folder)  # a verb beside a running daemon joins its Redis
            if url is None:
                url = (await stack.enter_async_context(embedded(folder, appendfsync=redis.appendfsync))).url
            redis = msgspec.structs.replace(redis, url=url, password=None)
        connection = Connection(redis)
        stack.push_async_callback(connection.close)
        yield connection
