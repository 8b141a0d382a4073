"""The desk over HTTP: its page, a small JSON API, a stream of server-sent events, and RSS.

| path | gives |
| --- | --- |
| ``/desk`` | the page; its files under ``/desk/static/`` |
| ``/desk/api/overview?since=24h`` | what happened: places, histogram, happenings, pairs of actors, rising countries |
| ``/desk/api/wire?after=`` | happenings, newest first; ``since_version=`` gives those that changed |
| ``/desk/api/search?after=`` | articles, newest first, with an excerpt; ``/desk/api/facets`` what they have in common |
| ``/desk/api/article/<id>?revision=`` | one article with events, revisions, changes and printings |
| ``/desk/api/health``, ``/desk/api/feeds`` | state of the worker with alarms; feeds with their last day |
| ``/desk/api/sources``, ``/desk/api/trouble`` | how well publishers' pages are read; what was set aside, and notices |
| ``POST /desk/api/requeue`` | puts dead letters back: ``{"ids": [...]}`` or ``{"code": "..."}`` |
| ``/desk/feed.rss`` | a search as RSS |
| ``/desk/stream`` | ``event: changed`` with the index's version, as it grows |

Wire, search, facets, overview and feed take the filters of `dateline.index.filters`: q, country, actor, pair, type, quad,
publisher, lang, confidence, since, until, events.

Its data comes from untrusted pages: a strict Content-Security-Policy applies, no HTML is made from data, and requests are
answered under known host names only, which stops DNS rebinding against a desk on loopback. The one request that changes
anything must come from the desk's own page.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from ... import clock
from ...errors import DatelineError, TransientError
from ...index.filters import BadQuery, Filters, parse_filters
from ..hosts import is_known_host
from .desk import Desk
from .files import read_files
from .rows import without_class_names
from .rss import rss

#: Responses that do not end by themselves.
STREAMS = ("/desk/stream",)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_DAY_MS = 86_400_000
_WATCHER_BYTES = 16_384
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """Limits of the desk's answers."""

    allowed_hosts: tuple[str, ...] = ()  #: Host names it answers under, besides IP addresses and localhost
    max_watchers: int = 32  #: Browsers that follow at a time; more get 503 with Retry-After
    page: int = 30  #: Cards or results of one answer where the request does not say
    max_page: int = 100  #: Most of them
    max_feeds: int = 2000  #: Most feeds in one response; those that need attention come first
    heartbeat_seconds: float = 15.0  #: Interval of comments that keep proxies from closing a silent stream
    write_seconds: float = 20.0  #: Longest time for a watcher to take its data; then it is disconnected


def add_desk(app: web.Application, desk: Desk, limits: DeskLimits | None = None) -> None:
    """Add the desk's routes to ``app``."""
    routes = _Routes(desk, limits or DeskLimits())
    for path, handler in {
        "/": routes.redirect_to_desk,
        "/desk": routes.page,
        "/desk/": routes.page,
        "/desk/static/{name:.+}": routes.static,
        "/desk/api/overview": routes.overview,
        "/desk/api/wire": routes.wire,
        "/desk/api/search": routes.search,
        "/desk/api/facets": routes.facets,
        "/desk/api/article/{article}": routes.article,
        "/desk/api/health": routes.health,
        "/desk/api/feeds": routes.feeds,
        "/desk/api/sources": routes.sources,
        "/desk/api/trouble": routes.trouble,
        "/desk/feed.rss": routes.feed,
        "/desk/stream": routes.stream,
    }.items():
        app.router.add_get(path, routes.guarded(handler))
    app.router.add_post("/desk/api/requeue", routes.guarded(routes.requeue))
    app.on_shutdown.append(routes.end_streams)


class _Routes:
    def __init__(self, desk: Desk, limits: DeskLimits) -> None:
        self._desk = desk
        self._limits = limits
        self._files = read_files()

    async def end_streams(self, app: web.Application) -> None:
        self._desk.end_watching()

    def guarded(self, handler: Handler) -> Handler:
        """Wrap ``handler``: known host names only, security headers, errors as JSON."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if not is_known_host(request.host, self._limits.allowed_hosts):
                text = f"{request.host!r} is not a known host name of this desk; add it to serve.allowed_hosts\n"
                return web.Response(status=421, text=text, headers=_HEADERS)
            try:
                response = await handler(request)
            except BadQuery as error:
                response = _refuse(str(error))
            except DatelineError as error:
                status = 503 if isinstance(error, TransientError) else 500
                response = _json({"error": without_class_names(str(error)), "code": error.code}, status=status)
            if not response.prepared:
                response.headers.update(_HEADERS)
                response.headers.setdefault("Cache-Control", "no-store")
            return response

        return answer

    # -- the page

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Serve the page. A token in the URL becomes a cookie, so that it stays out of history and links."""
        if token := request.query.get("token"):
            rest = request.rel_url.without_query_params("token").query_string
            response = web.Response(status=303, headers={"Location": "/desk" + (f"?{rest}" if rest else "")})
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
        return _tagged(request, *self._files[name])

    # -- the news

    async def overview(self, request: web.Request) -> web.StreamResponse:
        filters = self._filters(request)
        until = filters.until or int(clock.now().timestamp() * 1000) + 1
        since = filters.since if filters.since is not None else until - _DAY_MS
        if since >= until:
            raise BadQuery("since is not before until")
        return _json(await self._desk.overview(filters, since=since, until=until))

    async def wire(self, request: web.Request) -> web.StreamResponse:
        filters = self._filters(request)
        if "since_version" in request.query:
            version = _number("since_version", request.query["since_version"], 0, 1 << 53)
            return _json(await self._desk.changes(filters, version))
        return _json(await self._desk.wire(filters, limit=self._limit(request), after=request.query.get("after", "")))

    async def search(self, request: web.Request) -> web.StreamResponse:
        filters, after = self._filters(request), request.query.get("after", "")
        return _json(await self._desk.search(filters, limit=self._limit(request), after=after))

    async def facets(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._desk.facets(self._filters(request), int(clock.now().timestamp() * 1000)))

    async def article(self, request: web.Request) -> web.StreamResponse:
        asked = request.query.get("revision")
        revision = _number("revision", asked, 1, 1_000_000) if asked else None
        name = request.match_info["article"]
        found = await self._desk.article(name[:200], revision)
        if found is None:
            say = f"article {name[:64]} is not in the desk's index: never published, or older than desk.keep_days"
            return _json({"error": say}, status=404)
        return _json(found)

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """Serve a search as RSS."""
        found = await self._desk.search(self._filters(request), limit=self._limits.page, after="")
        base = f"{request.scheme}://{request.host}"
        shown = [f"{name} {value}" for name, value in request.query.items() if name not in ("token", "view", "article")]
        page = f"{base}/desk?view=search&{request.rel_url.without_query_params('token', 'view').query_string}"
        title = "Dateline: " + (", ".join(shown) or "everything")
        own = f"{base}{request.rel_url.without_query_params('token')}"
        body = rss(found["results"], title=title[:300], page=page, own=own, base=base)
        return _tagged(request, body, "application/rss+xml", hashlib.sha256(body).hexdigest()[:16])

    # -- the worker

    async def health(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._desk.health.state())

    async def feeds(self, request: web.Request) -> web.StreamResponse:
        feeds = await self._desk.health.feeds()
        return _json({"feeds": feeds[: self._limits.max_feeds], "total": len(feeds)})

    async def sources(self, request: web.Request) -> web.StreamResponse:
        return _json({"sources": await self._desk.health.sources()})

    async def trouble(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._desk.set_aside.read())

    async def requeue(self, request: web.Request) -> web.StreamResponse:
        """Put dead letters back. Only the desk's own page can ask: another site's form sends neither this type nor origin."""
        origin = request.headers.get("Origin")
        is_own = origin is None or urlsplit(origin).netloc == request.host
        if request.content_type != "application/json" or not is_own:
            return _refuse("send JSON from the desk's own page", status=403)
        try:
            given = msgspec.json.decode(await request.read(), type=dict[str, Any])
        except (msgspec.MsgspecError, RecursionError):
            return _refuse('send {"ids": [...]} or {"code": "..."}')
        ids, code = given.get("ids") or [], given.get("code")
        if not isinstance(ids, list) or not (ids or isinstance(code, str)):
            return _refuse('send {"ids": [...]} or {"code": "..."}')
        return _json({"requeued": await self._desk.set_aside.requeue(set(map(str, ids)), code)})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the index's version whenever it grows; at once where the browser has an older one (Last-Event-ID)."""
        if len(self._desk.watchers) >= self._limits.max_watchers:
            response = _refuse("too many watchers", status=503)
            response.headers["Retry-After"] = "30"
            return response
        watcher: asyncio.Queue[int | None] = asyncio.Queue(maxsize=2)
        stream = web.StreamResponse(headers={**_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        stream.content_type = "text/event-stream"
        _bound_buffers(request.transport)
        self._desk.watchers.add(watcher)
        try:
            await stream.prepare(request)
            await self._write(stream, b"retry: 3000\n\n")
            known = request.headers.get("Last-Event-ID") or request.query.get("version", "")
            if known.isascii() and known.isdigit() and int(known[:18]) != self._desk.version:
                await self._send_version(stream, self._desk.version)
            while True:
                try:
                    version = await asyncio.wait_for(watcher.get(), self._limits.heartbeat_seconds)
                except TimeoutError:
                    await self._write(stream, b": still here\n\n")
                    continue
                if version is None:
                    break
                await self._send_version(stream, version)
        except ConnectionError:
            pass  # the browser disconnected
        except TimeoutError:  # the browser does not read
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._desk.watchers.discard(watcher)
        return stream

    async def _send_version(self, stream: web.StreamResponse, version: int) -> None:
        await self._write(stream, f'id: {version}\nevent: changed\ndata: {{"version": {version}}}\n\n'.encode())

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._limits.write_seconds):
            await response.write(data)

    # -- queries

    def _filters(self, request: web.Request) -> Filters:
        return parse_filters(request.query, clock.now())

    def _limit(self, request: web.Request) -> int:
        asked = request.query.get("limit")
        return _number("limit", asked, 1, self._limits.max_page) if asked else self._limits.page


def _bound_buffers(transport: asyncio.Transport | None) -> None:
    """Let a watcher that sleeps hold some kilobytes, not the megabytes that the kernel would buffer for it."""
    if transport is not None:
        transport.set_write_buffer_limits(high=_WATCHER_BYTES)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _WATCHER_BYTES)


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:18]) <= most:
        raise BadQuery(f"{name} is a number from {least} to {most}")
    return int(text)


def _tagged(request: web.Request, body: bytes, content_type: str, tag: str) -> web.Response:
    """Return ``body`` with its ETag; 304 where the client has it."""
    if request.if_none_match is not None and any(tag == known.value for known in request.if_none_match):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type=content_type, charset="utf-8")
        response.enable_compression()
    response.etag = tag
    response.headers["Cache-Control"] = "no-cache"
    return response


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
