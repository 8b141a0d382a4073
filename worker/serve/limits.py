"""The listening socket, with limits on connections and on time.

aiohttp closes a connection whose request is incomplete after its keep-alive time; it has no limit on the number of connections
nor on the time in which a client takes a response.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from ..errors import SettingsError


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Limits on connections and time of the HTTP server."""

    idle_seconds: float = 15.0  #: For all of a request's headers, and between two requests; probes come more often
    answer_seconds: float = 60.0  #: From the headers to the last byte of the response, except for streams
    max_connections: int = (
        256  #: One descriptor each; 32 watchers, hubs and probes need a fraction. More are closed at once
    )
    lingering_seconds: float = 2.0  #: For the rest of a request body after the response


class _Refusal(asyncio.Protocol):
    """Closes a connection above the limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


@asynccontextmanager
async def listen(app: web.Application, host: str, port: int, limits: ServerLimits) -> AsyncIterator[int]:
    """Serve ``app`` while the block runs; yields the port. Raises SettingsError where it cannot listen on the address."""
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=2.0,
        keepalive_timeout=limits.idle_seconds,
        lingering_time=limits.lingering_seconds,
    )
    await runner.setup()
    manager = runner.server
    assert manager is not None

    def accept() -> asyncio.BaseProtocol:
        return manager() if len(manager.connections) < limits.max_connections else _Refusal()

    try:
        try:
            server = await asyncio.get_running_loop().create_server(accept, host, port, backlog=128)
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


async def send_whole(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send ``response`` to its last byte, or until the client leaves; return it."""
    with suppress(ConnectionError):
        await response.prepare(request)
        await response.write_eof()
    return response
