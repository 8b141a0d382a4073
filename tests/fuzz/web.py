"""The desk and the hubs' callback over a real socket: bytes of a request in, no answer of 500 and no trace."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from types import SimpleNamespace

from aiohttp import web

from dateline.polling.websub_rules import Answer, subscription, verify
from dateline.serve.desk.api import add_desk
from dateline.serve.http import serve
from dateline.serve.limits import ServerLimits
from dateline.serve.websub_routes import add_websub
from dateline.settings import ServeSettings
from dateline.telemetry import Metrics
from support.desk import quiet_desk

from .times import NOON

TOKEN = "t" * 32
_ANSWER_SECONDS = 5.0


class _Hubs:
    """The callback's rules for one subscription, without a store behind them."""

    settings = SimpleNamespace(at_once=4)

    async def verify(self, token: str, query: object) -> Answer:
        asked = subscription(feed="f", topic="https://paper.example/feed", hub="https://hub.example/", now=NOON)
        return verify(asked, query, now=NOON) if token == TOKEN else Answer(status=404)  # type: ignore[arg-type]

    async def knows(self, token: str) -> bool:
        return token == TOKEN

    async def deliver(self, token: str, body: bytes, headers: object, signature: str | None) -> int:
        return 202 if token == TOKEN else 410


class _Traces(logging.Handler):
    """Keeps what aiohttp's server logs about a handler that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


class Site:
    """The worker's port with desk and callback, in an event loop of its own that runs while it is asked."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._traces = _Traces()
        logging.getLogger("aiohttp.server").addHandler(self._traces)
        self._stop = asyncio.Event()
        opened = self._loop.create_future()
        self._task = self._loop.create_task(self._run(opened))
        self._port = self._loop.run_until_complete(opened)

    async def _run(self, opened: asyncio.Future[int]) -> None:
        async def ready() -> str | None:
            return None

        def routes(app: web.Application) -> None:
            add_desk(app, desk)
            add_websub(app, _Hubs(), max_bytes=100_000)  # type: ignore[arg-type]

        settings = ServeSettings(host="127.0.0.1", port=0, token="open sesame")
        limits = ServerLimits(idle_seconds=0.05, answer_seconds=2.0, lingering_seconds=0.05)
        async with quiet_desk() as desk, serve(settings, Metrics(), ready, routes, limits) as port:
            opened.set_result(port or 0)
            await self._stop.wait()

    def ask(self, request: bytes) -> bytes:
        """The beginning of the answer to a request's bytes. Raises AssertionError where the server failed over them."""
        self._traces.seen.clear()
        answer = self._loop.run_until_complete(asyncio.wait_for(self._asked(request), _ANSWER_SECONDS * 2))
        # aiohttp logs a trace over a request that is no HTTP, too; that is answered with 400, or hung up on.
        status = answer[9:12]
        failed = [trace for trace in self._traces.seen if "aiohttp.http_exceptions." not in trace]
        assert not failed, failed[0]
        assert status != b"500", answer[:200]
        return answer

    async def _asked(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request)
            with suppress(OSError):
                await writer.drain()
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(_ANSWER_SECONDS):
                    return await reader.read(4096)
            return b""
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def close(self) -> None:
        """End the server and its loop."""
        self._stop.set()
        self._loop.run_until_complete(self._task)
        logging.getLogger("aiohttp.server").removeHandler(self._traces)
        self._loop.close()


_site: list[Site] = []


def request(data: bytes) -> None:
    """The bytes of an HTTP request, with the token where they do not start with a method of their own."""
    if not _site:
        _site.append(Site())
    if not data[:1].isupper():
        line, _, rest = data.partition(b"\n")
        path = line.replace(b"\r", b"").replace(b" ", b"%20")
        data = (
            b"GET /"
            + path
            + b" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer open sesame\r\n"
            + rest
            + b"\r\n\r\n"
        )
    _site[0].ask(data)


def close() -> None:
    """End the server that `request` started."""
    while _site:
        _site.pop().close()
