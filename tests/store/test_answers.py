"""What Redis refuses, as the errors that callers act on; no answer of a server that has changed or lost its data is a bug."""

from __future__ import annotations

import pytest

from dateline.errors import SettingsError, StoreUnavailable
from dateline.settings import RedisSettings
from dateline.store.redis import Connection
from support.redis_server import RedisServer


@pytest.mark.parametrize(
    "command",
    [
        ("XINFO", "GROUPS", "gone"),
        ("XINFO", "CONSUMERS", "gone", "g"),
        ("XGROUP", "DELCONSUMER", "gone", "g", "c"),
        ("XGROUP", "CREATE", "gone", "g", "0"),
        ("XREADGROUP", "GROUP", "g", "c", "STREAMS", "gone", ">"),
        ("XPENDING", "gone", "g"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
async def test_a_stream_that_is_gone_is_a_store_that_came_back_empty(
    redis: RedisServer, command: tuple[str, ...]
) -> None:
    """Between two commands of an upkeep step Redis may lose its data, or a replica that never had them take over."""
    connection = Connection(RedisSettings(url=redis.url))
    with pytest.raises(StoreUnavailable) as caught:
        await connection.call(*command)
    assert caught.value.code == "emptied"
    await connection.close()


async def test_a_server_that_became_a_replica_is_one_to_wait_for(own_redis: RedisServer) -> None:
    """WAIT says it in words of its own, a write as READONLY, a script with that inside its error."""
    connection = Connection(RedisSettings(url=own_redis.url))
    await connection.call("REPLICAOF", "127.0.0.1", "1")
    for command in (("WAIT", 1, 1), ("SET", "k", "v"), ("EVAL", "return redis.call('SET', 'k', 1)", 1, "k")):
        with pytest.raises(StoreUnavailable, match="replica"):
            await connection.call(*command)
    await connection.close()


async def test_a_key_of_another_program_is_for_the_operator_to_mend(redis: RedisServer, prefix: str) -> None:
    """The prefix is taken."""
    connection = Connection(RedisSettings(url=redis.url))
    await connection.call("SET", prefix, "text")
    with pytest.raises(SettingsError, match=r"redis\.prefix"):
        await connection.call("XLEN", prefix)
    await connection.close()
