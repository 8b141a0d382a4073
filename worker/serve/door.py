"""The listening socket, and how long and how many strangers may stand in the door.

aiohttp ends a connection whose request does not come whole within its keep-alive time; what it lacks is a limit on connections
and on the time in which an answer is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from worker.errors import SettingsError

#: To send the whole of a request's headers, and between two requests on one connection. Orchestrators ask every few seconds.
IDLE_SECONDS = 15.0
#: From the headers to the last byte of the answer, but for streams: a desk's largest answer is a few MB.
ANSWER_SECONDS = 60.0
#: At a time; a desk with 32 watchers, hubs and probes need a fraction. A descriptor each: what is over is hung up on.
MAX_CONNECTIONS = 256
#: For the body of a request that was answered without it.
LINGERING_SECONDS = 2.0


class _Full(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


@asynccontextmanager
async def opened(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve ``app`` while the block runs; gives the port. Raises SettingsError where the address cannot be listened on."""
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=2.0,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=LINGERING_SECONDS,
    )
    await runner.setup()
    manager = runner.server
    assert manager is not None

    def door() -> asyncio.BaseProtocol:
        return manager() if len(manager.connections) < MAX_CONNECTIONS else _Full()

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
    """``response``, taken by the client to its last byte."""
    await response.prepare(request)
    await response.write_eof()
    return response
