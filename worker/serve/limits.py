"""The listening socket, and how long and how many strangers may stand in the door.

aiohttp ends a connection whose request does not come whole within its keep-alive time; what it lacks is a limit on connections
and on the time in which an answer is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from ..errors import SettingsError


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how many."""

    idle_seconds: float = 15.0  #: To send all of a request's headers, and between two requests. Probes come more often
    answer_seconds: float = 60.0  #: From the headers to the last byte of the answer, but for streams
    max_connections: int = 256  #: A descriptor each; 32 watchers, hubs and probes need a fraction. More are hung up on
    lingering_seconds: float = 2.0  #: For the rest of a body that the answer did not wait for


class _Full(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


@asynccontextmanager
async def opened(app: web.Application, host: str, port: int, patience: Patience) -> AsyncIterator[int]:
    """Serve ``app`` while the block runs; gives the port. Raises SettingsError where the address cannot be listened on."""
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=2.0,
        keepalive_timeout=patience.idle_seconds,
        lingering_time=patience.lingering_seconds,
    )
    await runner.setup()
    manager = runner.server
    assert manager is not None

    def door() -> asyncio.BaseProtocol:
        return manager() if len(manager.connections) < patience.max_connections else _Full()

    try:
        try:
            server = await asyncio.get_running_loop().create_server(door, host, port, backlog=128)
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host}:{port} ({error.strerror}): choose another serve.port, or serve.enabled = false"
            ) from error
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
    finally:
        await runner.cleanup()


async def sent(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """``response``, taken by the client to its last byte, or as far as it stayed."""
    with suppress(ConnectionError):
        await response.prepare(request)
        await response.write_eof()
    return response
