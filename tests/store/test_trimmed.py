"""Entries that somebody else trims before they were read do not go unseen; our own trimming is none of that."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dateline.errors import DatelineError
from dateline.settings import RedisSettings
from dateline.store import groups, upkeep
from dateline.store.audit import judge
from dateline.store.entries import pairs
from dateline.store.redis import Connection
from dateline.store.snapshot import snapshot
from support.forwarding import publish
from support.redis_server import RedisServer


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Ten entries, of which the group ``g`` has read four."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    await upkeep.trim(opened, 86400.0, await upkeep.server_time(opened))
    await publish(opened, *range(10))
    events = opened.keys[0].events
    await opened.call("XGROUP", "CREATE", events, "g", "0")
    answer = await opened.call("XREADGROUP", "GROUP", "g", "c", "COUNT", 4, "STREAMS", events, ">")
    await opened.call("XACK", events, "g", *[row[0] for row in answer[0][1]])
    yield opened
    await opened.close()


async def problems(connection: Connection) -> list[str]:
    return [one.say for one in judge(await snapshot(connection, 0)) if one.kind == "trimmed_unread"]


async def test_an_outsiders_trimming_of_unread_entries_is_reported_before_and_after_our_next_one(
    connection: Connection,
) -> None:
    assert await problems(connection) == []
    await connection.call("XTRIM", connection.keys[0].events, "MAXLEN", 3)
    assert await problems(connection) == ["seq 1 to 7 is not on the stream, and not by us: g may not have read it"]
    await upkeep.trim(connection, 86400.0, await upkeep.server_time(connection))
    assert await problems(connection) == ["seq 1 to 7 was taken off the stream before g read it"]


async def test_trimmed_entries_that_a_group_had_not_acknowledged_are_reported(connection: Connection) -> None:
    """It was given all of them; a forwarder whose receiver is down holds such entries and will never send them."""
    events = connection.keys[0].events
    await connection.call("XREADGROUP", "GROUP", "g", "c", "COUNT", 6, "STREAMS", events, ">")
    await connection.call("XTRIM", events, "MAXLEN", 3)
    assert await problems(connection) == ["seq 1 to 7 is not on the stream, and not by us: g may not have read it"]
    await upkeep.trim(connection, 86400.0, await upkeep.server_time(connection))
    assert await problems(connection) == ["seq 1 to 7 was taken off the stream before g read it"]


async def test_a_stream_that_an_outsider_emptied_is_reported(connection: Connection) -> None:
    await connection.call("XTRIM", connection.keys[0].events, "MAXLEN", 0)
    assert await problems(connection) == ["seq 1 to 10 is not on the stream, and not by us: g may not have read it"]


async def test_our_own_trimming_of_what_was_read_is_no_problem(connection: Connection) -> None:
    """By age, and near the cap; what the group has not read stays."""
    later = await upkeep.server_time(connection) + 1000.0
    await upkeep.trim(connection, 1.0, later)
    assert await problems(connection) == []
    small = Connection(RedisSettings(url=connection.url, prefix=connection.settings.prefix, stream_limit=1000))
    await publish(small, *range(10, 1000))
    events = small.keys[0].events
    answer = await small.call("XREADGROUP", "GROUP", "g", "c", "COUNT", 900, "STREAMS", events, ">")
    await small.call("XACK", events, "g", *[row[0] for row in answer[0][1]])
    assert await upkeep.relieve(small) > 0
    assert await problems(connection) == []
    await small.close()


async def test_a_partition_that_cannot_be_asked_costs_the_trimming_of_the_others_nothing(
    redis: RedisServer, prefix: str
) -> None:
    """Its key has a wrong type here; a server that is away answers as little. The error comes when the others are done."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=4, stream_limit=1000))
    await publish(opened, *range(80))
    broken, *others = opened.keys
    await opened.call("DEL", broken.events)
    await opened.call("SET", broken.events, "no stream")
    assert sum(await opened.pipeline([("XLEN", keys.events) for keys in others])) > 0
    with pytest.raises(DatelineError):
        await upkeep.trim(opened, 1.0, await upkeep.server_time(opened) + 1000.0)
    assert sum(await opened.pipeline([("XLEN", keys.events) for keys in others])) == 0
    await opened.close()


async def test_consumers_that_hold_nothing_and_are_silent_are_deleted_in_every_group(connection: Connection) -> None:
    """One that holds an entry stays: another member takes that over first."""
    events = connection.keys[0].events
    await connection.call("XREADGROUP", "GROUP", "g", "holds", "COUNT", 1, "STREAMS", events, ">")
    assert await groups.delete_silent_consumers(connection, 86_400.0) == 0
    assert await groups.delete_silent_consumers(connection, -1.0) == 1
    left = [pairs(row)[b"name"] for row in await connection.call("XINFO", "CONSUMERS", events, "g")]
    assert left == [b"holds"]
