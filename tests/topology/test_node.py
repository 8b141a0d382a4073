"""One server that is closed, or closes its connections, while it is used."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter

import pytest
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


def test_a_server_that_resets_its_connections_gives_connection_errors_on_the_daemons_loop() -> None:
    """uvloop refuses to write to a transport that its peer has reset with a RuntimeError: in one of twenty here, and in one
    of ten thousand commands where a server is killed under load (it ended a daemon on a cluster)."""
    seen: Counter[str] = Counter()
    reset_at_close = struct.pack("ii", 1, 0)

    def reset(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):  # until the test closes it
            while True:
                connection, _ = listening.accept()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_at_close)
                connection.close()

    async def ask(node: Node) -> None:
        for _ in range(20):
            try:
                await node.execute("PING")
            except Exception as error:
                seen["lost" if isinstance(error, foreign.ConnectionError) else repr(error)] += 1

    async def ask_often(port: int) -> None:
        node = Node(f"redis://127.0.0.1:{port}", "here", Limits(3.0, 40, 0))
        await asyncio.gather(*(ask(node) for _ in range(40)))
        await node.close()

    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        threading.Thread(target=reset, args=(listening,), daemon=True).start()
        with asyncio.Runner(loop_factory=pytest.importorskip("uvloop").new_event_loop) as runner:
            runner.run(ask_often(listening.getsockname()[1]))
        listening.shutdown(socket.SHUT_RDWR)
    assert dict(seen) == {"lost": 800}


@pytest.mark.parametrize("option", ["foo=geheim", "health_check_intervall=geheim"])
def test_an_option_that_redis_py_lacks_is_refused_before_anything_is_opened(option: str) -> None:
    """Once it was told as a bug in Dateline, and by the daemon with a traceback."""
    with pytest.raises(ValueError, match="after \\? is none of redis-py's") as caught:
        Node(f"redis://127.0.0.1:9/0?{option}", "here", Limits())
    assert option.split("=")[0] in str(caught.value) and "geheim" not in str(caught.value)
