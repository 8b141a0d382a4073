"""The desk over HTTP: its page, a small JSON API, and a stream of server-sent events.

| path | gives |
| --- | --- |
| ``/desk`` | the page; its files under ``/desk/static/`` |
| ``/desk/api/recent?limit=`` | the newest stream entries, newest first |
| ``/desk/api/article/<id>`` | one article with its events |
| ``/desk/api/sources`` | how well publishers' pages are read, now and before, the degraded first |
| ``/desk/api/feeds``, ``/desk/api/stats`` | feeds and their health; counters, alarms, the last hour's history |
| ``/desk/api/trouble`` | the newest entries that were set aside, and the newest notices |
| ``/desk/stream`` | ``event: rows`` with a JSON list, as entries arrive |

Read-only. Its data comes from untrusted pages: a strict Content-Security-Policy applies, no HTML is made from data, and
requests are answered under known host names only, which stops DNS rebinding against a desk on loopback.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from importlib import resources
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from aiohttp import ETag, web

from ...errors import DatelineError, TransientError
from ...telemetry import get_logger

#: Responses that do not end by themselves.
STREAMS = ("/desk/stream",)

Row = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_ARTICLE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Desk(Protocol):
    """The data behind the desk; `dateline.serve.desk.source.StreamDesk` implements it."""

    async def recent(self, limit: int) -> list[Row]: ...

    async def article(self, article: str) -> Row | None: ...

    async def feeds(self) -> list[Row]: ...

    async def sources(self) -> list[Row]: ...

    async def stats(self) -> Row: ...

    async def trouble(self) -> Row: ...

    def follow(self) -> AsyncGenerator[list[Row], None]:
        """Yield new rows in small lists, without end; an empty list from time to time, so that the caller can stop."""
        ...


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """The desk's options."""

    allowed_hosts: tuple[str, ...] = ()  #: Host names it answers under, besides IP addresses and localhost
    max_watchers: int = 32  #: Browsers that follow at a time; more get 503 with Retry-After
    max_rows: int = 500  #: Most stream entries in one response
    max_feeds: int = 2000  #: Most feeds in one response; those that need attention come first
    sample_seconds: float = 10.0  #: Interval at which counters are sampled for the hour's history
    heartbeat_seconds: float = 15.0  #: Interval of comments that keep proxies from closing a silent stream
    write_seconds: float = 20.0  #: Longest time for a watcher to take its data; then it is disconnected


def add_desk(app: web.Application, desk: Desk, settings: DeskSettings | None = None) -> None:
    """Add the desk's routes and background tasks to ``app``; they end with it."""
    routes = _Routes(desk, settings or DeskSettings())
    for path, handler in {
        "/": routes.redirect_to_desk,
        "/desk": routes.page,
        "/desk/": routes.page,
        "/desk/static/{name}": routes.static,
        "/desk/api/recent": routes.recent,
        "/desk/api/article/{article}": routes.article,
        "/desk/api/feeds": routes.feeds,
        "/desk/api/sources": routes.sources,
        "/desk/api/stats": routes.stats,
        "/desk/api/trouble": routes.trouble,
        "/desk/stream": routes.stream,
    }.items():
        app.router.add_get(path, routes.guarded(handler))
    app.cleanup_ctx.append(routes.running)
    app.on_shutdown.append(routes.end_streams)


class _Routes:
    def __init__(self, desk: Desk, settings: DeskSettings) -> None:
        self._desk = desk
        self._settings = settings
        self._files = _read_files()
        self._watchers: set[asyncio.Queue[list[Row] | None]] = set()
        self._has_watchers = asyncio.Event()
        self._history: deque[Row] = deque(maxlen=max(2, round(3600 / settings.sample_seconds)))
        self._log = get_logger("desk")

    # -- the tasks behind the page

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Run the background tasks while the application runs (aiohttp cleanup context)."""
        tasks = [asyncio.create_task(self._note_counters()), asyncio.create_task(self._distribute())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def end_streams(self, app: web.Application) -> None:
        """End all open streams, so that shutdown does not wait for browsers."""
        for watcher in self._watchers:
            _offer(watcher, None)

    async def _note_counters(self) -> None:
        while True:
            try:
                now = await self._desk.stats()
                self._history.append({"at": now["at"], **now["counters"]})
            except TransientError as error:
                self._log.debug("desk.sample_missed", error=error)
            await asyncio.sleep(self._settings.sample_seconds)

    async def _distribute(self) -> None:
        """Read the stream once for all watchers; pause while there are none."""
        while True:
            await self._has_watchers.wait()
            try:
                async with aclosing(self._desk.follow()) as news:
                    async for rows in news:
                        for watcher in self._watchers if rows else ():
                            _offer(watcher, rows)
                        if not self._watchers:
                            self._has_watchers.clear()
                            break
            except TransientError as error:
                self._log.debug("desk.stream_lost", error=error)
                await asyncio.sleep(1.0)

    # -- requests

    def guarded(self, handler: Handler) -> Handler:
        """Wrap ``handler``: known host names only, security headers, errors as JSON."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if not self._is_known(request.host):
                text = f"{request.host!r} is not a known host name of this desk; add it to serve.allowed_hosts\n"
                return web.Response(status=421, text=text, headers=_HEADERS)
            try:
                response = await handler(request)
            except DatelineError as error:
                status = 503 if isinstance(error, TransientError) else 500
                response = web.json_response({"error": str(error), "code": error.code}, status=status)
            if not response.prepared:
                response.headers.update(_HEADERS)
                response.headers.setdefault("Cache-Control", "no-store")
            return response

        return answer

    def _is_known(self, host: str) -> bool:
        """Return whether the host is an IP address, which no name server can rebind, or a configured name."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False  # invalid address in brackets
        if name == "localhost" or name.endswith(".localhost") or name in self._settings.allowed_hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Serve the page. A token in the URL becomes a cookie, so that it stays out of history and links."""
        if token := request.query.get("token"):
            response = web.Response(status=303, headers={"Location": "/desk"})
            response.set_cookie("dateline-token", token, httponly=True, samesite="Strict", secure=request.secure)
            return response
        return self._file(request, "index.html")

    async def redirect_to_desk(self, request: web.Request) -> web.StreamResponse:
        """Redirect the root to the desk, the only page on this port."""
        return web.Response(status=302, headers={"Location": "/desk"})

    async def static(self, request: web.Request) -> web.StreamResponse:
        return self._file(request, request.match_info["name"])

    def _file(self, request: web.Request, name: str) -> web.Response:
        if name not in self._files:
            return web.Response(status=404, text="no such file\n")
        body, content_type, tag = self._files[name]
        fresh = request.if_none_match is not None and ETag(tag) in request.if_none_match
        response = (
            web.Response(status=304) if fresh else web.Response(body=body, content_type=content_type, charset="utf-8")
        )
        response.etag = tag
        response.headers["Cache-Control"] = "no-cache"
        return response

    async def recent(self, request: web.Request) -> web.StreamResponse:
        asked = request.query.get("limit", "200")
        if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked[:9]) <= self._settings.max_rows:
            return _refuse(f"limit is a number from 1 to {self._settings.max_rows}")
        return _json({"rows": await self._desk.recent(int(asked))})

    async def article(self, request: web.Request) -> web.StreamResponse:
        article = request.match_info["article"]
        if not _ARTICLE_ID.fullmatch(article):
            return _refuse("an article id has letters and digits only")
        found = await self._desk.article(article)
        if found is None:
            return _json({"error": f"article {article} is not on the stream (any more)"}, status=404)
        return _json(found)

    async def feeds(self, request: web.Request) -> web.StreamResponse:
        feeds = await self._desk.feeds()
        return _json({"feeds": feeds[: self._settings.max_feeds], "total": len(feeds)})

    async def sources(self, request: web.Request) -> web.StreamResponse:
        return _json({"sources": await self._desk.sources()})

    async def stats(self, request: web.Request) -> web.StreamResponse:
        return _json({**await self._desk.stats(), "history": list(self._history)})

    async def trouble(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._desk.trouble())

    async def stream(self, request: web.Request) -> web.StreamResponse:
        if len(self._watchers) >= self._settings.max_watchers:
            refusal = _refuse(f"{len(self._watchers)} browsers follow already (max_watchers); close one", status=503)
            refusal.headers["Retry-After"] = "30"
            return refusal
        # Bounds memory for a sleeping browser; when it wakes and finds a gap, it requests `recent` again.
        watcher: asyncio.Queue[list[Row] | None] = asyncio.Queue(maxsize=100)
        response = web.StreamResponse(headers={**_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        self._watchers.add(watcher)
        self._has_watchers.set()
        try:
            await response.prepare(request)
            await self._write(response, b"retry: 3000\n\n")
            while True:
                try:
                    rows = await asyncio.wait_for(watcher.get(), self._settings.heartbeat_seconds)
                except TimeoutError:
                    await self._write(response, b": still here\n\n")
                    continue
                if rows is None:
                    break
                await self._write(response, b"event: rows\ndata: " + _dumps(rows) + b"\n\n")
        except ConnectionError:
            pass  # the browser disconnected
        except TimeoutError:  # the browser does not read
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._watchers.discard(watcher)
        return response

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._settings.write_seconds):
            await response.write(data)


def _offer(watcher: asyncio.Queue[list[Row] | None], rows: list[Row] | None) -> None:
    """Queue new rows for a watcher; one that falls behind is disconnected and reconnects by itself."""
    try:
        watcher.put_nowait(rows)
    except asyncio.QueueFull:
        while not watcher.empty():
            watcher.get_nowait()
        watcher.put_nowait(None)


def _read_files() -> dict[str, tuple[bytes, str, str]]:
    """Return the page's files: body, type, tag. Read once, so that no request opens a path."""
    files = {}
    for file in (resources.files(__package__) / "static").iterdir():
        suffix = file.name.rpartition(".")[2]
        if suffix in _TYPES:
            body = file.read_bytes()
            files[file.name] = (body, _TYPES[suffix], hashlib.sha256(body).hexdigest()[:16])
    return files


def _dumps(value: object) -> bytes:
    with suppress(UnicodeEncodeError):
        return msgspec.json.encode(value)
    # A lone surrogate is one code point and becomes one question mark: offsets stay right.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _json(value: object, *, status: int = 200) -> web.Response:
    response = web.Response(body=_dumps(value), status=status, content_type="application/json")
    response.enable_compression()
    return response


def _refuse(why: str, *, status: int = 400) -> web.Response:
    return _json({"error": why}, status=status)
