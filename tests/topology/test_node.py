"""One server that is closed while it is used."""

from __future__ import annotations

import asyncio
from collections import Counter

from redis import exceptions as foreign

from dateline.topology.node import Limits, Node
from support.redis_server import RedisServer


async def test_closed_under_load_each_command_is_answered_or_fails_with_a_connection_error(
    own_redis: RedisServer,
) -> None:
    """A failover drops the old primary's server while commands are under way: redis-py then raises what is no error of
    its own (AttributeError, in one of a hundred), which a worker would log as its bug."""
    seen: Counter[str] = Counter()

    async def write(node: Node) -> None:
        while True:
            try:
                await node.execute("SET", "k", "x" * 2000)
            except Exception as error:
                seen["lost" if isinstance(error, foreign.ConnectionError) else repr(error)] += 1
                return

    for turns in range(6, 20, 2):
        node = Node(own_redis.url, "here", Limits(3.0, 40, 0))
        writers = [asyncio.create_task(write(node)) for _ in range(40)]
        for _ in range(turns):  # connecting, asking who is there, or writing
            await asyncio.sleep(0)
        await node.close()
        await asyncio.gather(*writers)
    assert dict(seen) == {"lost": 280}
