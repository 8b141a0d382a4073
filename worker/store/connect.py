"""The configured Redis, opened: all that most verbs need, without the weight of the daemon's parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ..settings.schema import Settings
from .embedded import embedded
from .embedded import running as running_on
from .redis import Connection, StoreSettings


@asynccontextmanager
async def open_store(settings: Settings, *, daemon: bool = False) -> AsyncIterator[Connection]:
    """A connection to the configured Redis, or to a private one where none is configured."""
    async with AsyncExitStack() as stack:
        url = settings.redis.url
        if not url:
            folder = Path(settings.redis.data_folder)
            url = None if daemon else running_on(folder)  # a verb beside a running daemon joins its Redis
        if not url:
            server = await stack.enter_async_context(
                embedded(folder, appendfsync="always" if settings.redis.appendfsync == "always" else "everysec")
            )
            url = server.url
        connection = Connection(_store_settings(settings, url))
        stack.push_async_callback(connection.close)
        yield connection


def _store_settings(settings: Settings, url: str) -> StoreSettings:
    r = settings.redis
    return StoreSettings(
        url=url, prefix=r.prefix, partitions=r.partitions, timeout_seconds=r.timeout_seconds,
        connections=r.connections, wait_replicas=r.wait_replicas, memory_days=r.memory_days,
        sketch_days=r.sketch_days, stream_limit=r.stream_limit, dead_letters_limit=r.dead_letters_limit,
        trail_limit=r.trail_limit, notices_limit=r.notices_limit,
    )  # fmt: skip
