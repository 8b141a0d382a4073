"""One Redis server: a bounded number of connections, commands and pipelines. Answers are Redis' own, nothing is reshaped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import redis.asyncio as aioredis
from redis import exceptions as foreign
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HANDLE_CLOSED = "the handler is closed"  #: in the RuntimeError of a uvloop transport that its peer has closed


@dataclass(frozen=True, slots=True)
class Limits:
    """How one server is used.

    Attributes:
        timeout_seconds: Longest wait for an answer, and for a free connection.
        connections: Most connections to one server.
        retries: How often a command is sent again after its connection broke; 0 where the caller must know of it.
    """

    timeout_seconds: float = 10.0
    connections: int = 64
    retries: int = 2


class Node:
    """One server."""

    def __init__(self, url: str, where: str, limits: Limits) -> None:
        """Open nothing yet. Raises ValueError where the URL is none."""
        self.where = where
        self._limits = limits
        self._free = asyncio.Semaphore(limits.connections)
        self._in_use = 0
        self._is_closed = False
        retry = Retry(ExponentialBackoff(cap=1.0, base=0.05) if limits.retries else NoBackoff(), limits.retries)
        self._client: Any = aioredis.Redis.from_url(
            url,
            socket_timeout=limits.timeout_seconds,
            socket_connect_timeout=min(5.0, limits.timeout_seconds),
            retry=retry,
            health_check_interval=30,
            protocol=2,
        )
        # Raw answers: which commands the library reshapes, and how, changes with its version.
        self._client.response_callbacks.clear()

    async def execute(self, *command: Any) -> Any:
        """One command. Raises what redis-py raises."""
        async with self._connection():
            return await self._client.execute_command(*command)

    async def pipeline(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Several commands in one round trip; an answer that is an error is given as the exception, not raised."""
        async with self._connection():
            pipe = self._client.pipeline(transaction=False)
            for command in commands:
                pipe.execute_command(*command)
            return cast(list[Any], await pipe.execute(raise_on_error=False))

    async def close(self) -> None:
        """Close every connection for good; what is under way, or comes later, fails with a ConnectionError."""
        self._is_closed = True
        await self._client.aclose()

    async def _close_what_is_left(self) -> None:
        """Close the connections that were being made while this server was closed."""
        if self._is_closed:
            await self._client.aclose()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        """Wait for one of our connections to be free: redis-py's own pools raise at once, or lose a connection where a
        waiting task is cancelled twice. Raises ConnectionError where this server is closed, before or meanwhile."""
        if self._is_closed:
            raise foreign.ConnectionError(f"{self.where}: closed")
        if self._free.locked():
            try:
                async with asyncio.timeout(self._limits.timeout_seconds):
                    await self._free.acquire()
            except TimeoutError:
                seconds = self._limits.timeout_seconds
                raise foreign.ConnectionError(f"{self.where}: no connection became free for {seconds:g} s") from None
        else:
            await self._free.acquire()
        self._in_use += 1
        try:
            yield
        except (AttributeError, RuntimeError) as error:
            # The loss of a connection like any other: redis-py, where we close it between two steps of a command ("'NoneType'
            # object has no attribute 'writelines'"); uvloop, where the server closes it between two writes.
            if not self._is_closed and _HANDLE_CLOSED not in str(error):
                raise
            raise foreign.ConnectionError(f"{self.where}: closed while a command was under way") from error
        finally:
            self._free.release()
            self._in_use -= 1
            if not self._in_use:
                await self._close_what_is_left()
