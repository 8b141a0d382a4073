"""A store that comes back without its data while workers run: noticed whoever sets it up anew, and made good to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from dateline.app import Recovery
from dateline.settings import RedisSettings, Settings
from dateline.store import upkeep
from dateline.store.checks import check_schema, read_mark
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds
from dateline.store.redis import Connection
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Two partitions, set up in another second than any later set-up."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=2))
    await check_schema(opened)
    await opened.call("HSET", opened.keys[0].meta, "since", 1)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def recovery(connection: Connection, tmp_path: Path) -> Recovery:
    """A running worker's, with one feed in its file."""
    (tmp_path / "feeds.toml").write_text('[groups.news]\nfeeds = ["https://paper.example/rss"]\n')
    settings = msgspec.structs.replace(Settings(), feeds_file=str(tmp_path / "feeds.toml"))
    entries = Entries(connection, "me", 20)
    await entries.set_up()
    return Recovery(connection, Feeds(connection, 60), entries, settings, await read_mark(connection))


async def lose(connection: Connection) -> None:
    """Have Redis lose what we wrote."""
    for keys in connection.keys:
        names = await connection.call("KEYS", keys.base.replace("{", "\\{") + "*", at=keys.base)
        await connection.pipeline([("DEL", name) for name in names])


async def test_a_store_that_a_starting_worker_has_set_up_anew_is_known_as_emptied_by_those_that_ran(
    connection: Connection, recovery: Recovery
) -> None:
    """The starting one takes it for a fresh one, and its streams are there: nothing fails for the others."""
    await recovery.look()
    assert await upkeep.emptied_at(connection) is None
    await lose(connection)
    assert await check_schema(connection)
    await Entries(connection, "other", 20).set_up()
    await recovery.look()
    assert await upkeep.emptied_at(connection) is not None
    assert await recovery.feeds.count() == 1


async def test_a_recovery_that_was_cut_off_is_done_again(connection: Connection, recovery: Recovery) -> None:
    """Redis went away after it was marked, before the feeds were listed; what is done once is not done again."""
    await lose(connection)
    await upkeep.mark_emptied(connection, 1.0)
    await check_schema(connection)
    await recovery.look()
    assert await recovery.feeds.count() == 1
    await connection.call("HDEL", connection.keys[0].meta, "emptied_at")
    await recovery.look()
    await recovery.emptied()
    assert await upkeep.emptied_at(connection) is None


async def test_a_partition_that_lost_its_data_alone_is_noticed(connection: Connection, recovery: Recovery) -> None:
    """Its server came back empty, the others have what they had."""
    await connection.call("DEL", connection.keys[1].meta)
    await recovery.emptied()
    assert await upkeep.emptied_at(connection) is not None
