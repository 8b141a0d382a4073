"""The list in feeds.toml and the list in Redis: what differs is written, in few steps; what is the same is left alone."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from redis.asyncio import Redis

from dateline.polling.feed_list import read, sync_feeds
from dateline.settings import RedisSettings
from dateline.store.feed_state import FeedState
from dateline.store.feeds import ADDED_AT_ONCE, Feeds
from dateline.store.redis import Connection
from support.redis_server import RedisServer

FEW = """
[groups.press]
floor_seconds = 900
feeds = ["https://a.example/rss", {url = "https://b.example/rss", title = "B", interval_seconds = 60}, "https://c.example/rss"]
"""


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """One partition, whose prefix is this test's own."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    yield connection
    await connection.close()


async def synced(connection: Connection, path: Path, text: str) -> dict[str, int]:
    """Write the file, read it and bring Redis in line with it."""
    await asyncio.to_thread(path.write_text, text)
    return await sync_feeds(Feeds(connection, 60.0), read(path))


async def by_host(connection: Connection) -> dict[str, FeedState]:
    """The state of each feed by the first letter of its host."""
    return {state.url[8]: state async for state in Feeds(connection, 60.0).all()}


async def test_a_list_that_is_as_it_was_writes_nothing(
    connection: Connection, redis: RedisServer, tmp_path: Path
) -> None:
    """A restart with 100,000 feeds leaves the append-only file alone: a transaction that watches every key goes through."""
    path, keys = tmp_path / "feeds.toml", connection.keys[0]
    assert await synced(connection, path, FEW) == {"added": 3, "listed": 3, "paused": 0, "resumed": 0}
    known = [keys.feed(state.feed) for state in (await by_host(connection)).values()]
    async with Redis.from_url(redis.url) as client, client.pipeline() as watching:
        await watching.watch(keys.due, *known)
        assert await synced(connection, path, FEW) == {"added": 0, "listed": 3, "paused": 0, "resumed": 0}
        watching.multi()
        watching.ping()
        assert await watching.execute() == [True]  # WatchError where one was written


async def test_what_an_operator_changes_in_the_file_is_changed_in_redis(connection: Connection, tmp_path: Path) -> None:
    """Group, title and overrides; an override that is taken out is gone, a title stays."""
    path = tmp_path / "feeds.toml"
    await synced(connection, path, FEW)
    first = await by_host(connection)
    assert first["a"].overrides == {"floor_seconds": 900}
    assert first["b"].overrides == {"floor_seconds": 900, "interval_seconds": 60} and first["b"].title == "B"
    await synced(
        connection, path, FEW.replace("press", "news").replace("floor_seconds = 900", "").replace('title = "B", ', "")
    )
    then = await by_host(connection)
    assert then["a"].overrides == {} and then["b"].overrides == {"interval_seconds": 60}
    assert {state.group for state in then.values()} == {"news"} and then["b"].title == "B"


async def test_a_feed_that_left_the_file_is_paused_until_it_is_back(connection: Connection, tmp_path: Path) -> None:
    """One that an operator paused by hand stays paused whatever the file says."""
    path, feeds = tmp_path / "feeds.toml", Feeds(connection, 60.0)
    await synced(connection, path, FEW)
    known = await by_host(connection)
    await feeds.pause(known["a"].feed, True)
    fewer = FEW.replace('"https://a.example/rss", ', "").replace(', "https://c.example/rss"', "")
    assert await synced(connection, path, fewer) == {"added": 0, "listed": 1, "paused": 1, "resumed": 0}
    assert {host for host, state in (await by_host(connection)).items() if state.paused} == {"a", "c"}
    assert await synced(connection, path, FEW) == {"added": 0, "listed": 3, "paused": 0, "resumed": 1}
    assert {host for host, state in (await by_host(connection)).items() if state.paused} == {"a"}
    assert {state.url[8] for state in await feeds.claim(10, "token")} == {"b", "c"}


async def test_the_loop_goes_on_while_a_long_list_is_brought_in_line(connection: Connection, tmp_path: Path) -> None:
    """No turn of the loop takes a quarter of the work, with more feeds than many calls take.

    Collections of garbage are left out: those of a whole run of tests take longer than the work.
    """
    path = tmp_path / "feeds.toml"
    count = 64 * ADDED_AT_ONCE
    path.write_text(
        "[groups.press]\nfeeds = [" + "".join(f'"https://p{n}.example/rss",\n' for n in range(count)) + "]\n"
    )
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.thread_time()
            await asyncio.sleep(0.001)
            longest = max(longest, time.thread_time() - began)

    listed = await asyncio.to_thread(read, path)
    watching = asyncio.create_task(watch())
    gc.disable()
    whole = time.thread_time()
    assert (await sync_feeds(Feeds(connection, 60.0), listed))["added"] == count
    assert (await sync_feeds(Feeds(connection, 60.0), listed))["added"] == 0
    whole = time.thread_time() - whole
    gc.enable()
    watching.cancel()
    assert longest < whole / 4
