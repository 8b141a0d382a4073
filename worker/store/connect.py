"""The configured Redis, opened: all that most verbs need, without the daemon's other parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from ..errors import StoreNotRunning
from ..settings import Settings
from ..telemetry import get_logger
from .checks import check_schema
from .redis import Connection


@asynccontextmanager
async def open_store(settings: Settings, *, daemon: bool = False) -> AsyncIterator[Connection]:
    """Open the configured Redis. Where none is configured, a daemon starts its private one, and a verb joins that one.

    Raises:
        StoreNotRunning: A verb, and no daemon runs on the data folder.
        SettingsError: A daemon, and its private Redis cannot be started.
    """
    async with AsyncExitStack() as stack:
        redis = settings.redis
        if not redis.url:
            folder = Path(redis.data_folder)
            if daemon:
                from .private import embedded  # here: a verb whose redis.url is set starts without it

                url = (await stack.enter_async_context(embedded(folder, appendfsync=redis.appendfsync))).url
            else:
                url = _url_of_running(folder, settings.where)
            redis = msgspec.structs.replace(redis, url=url, password=None)
        connection = Connection(redis)
        stack.push_async_callback(connection.close)
        yield connection


@asynccontextmanager
async def open_used_store(settings: Settings) -> AsyncIterator[Connection]:
    """Open the configured Redis for a verb that shows what workers have written; say so where none has used it.

    Raises:
        StoreNotRunning: As `open_store`.
        SettingsError: Its keys are of another layout or of another number of partitions: what a verb shows would be wrong.
    """
    async with open_store(settings) as connection:
        if await check_schema(connection, mark=False):
            get_logger("store").warning(
                "store.unused",
                redis=connection.where,
                prefix=settings.redis.prefix,
                note="no worker has used this Redis with this prefix: there is no data",
                remedy="start `dateline run`, or correct redis.url and redis.prefix",
            )
        yield connection


def _url_of_running(folder: Path, where: str) -> str:
    from .private import running

    url = running(folder)
    if url is None:
        raise StoreNotRunning(
            f"redis.url is empty (settings: {where}) and no daemon runs on {folder.resolve()}: start one there with "
            "`dateline run --embedded` (`--redis-only`: nothing but its Redis), name the settings of one that runs with "
            "--config FILE, or set redis.url"
        )
    return url
