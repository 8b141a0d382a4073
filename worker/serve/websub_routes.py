"""``/websub/<token>``: hubs verify a subscription (GET) and push entries (POST). Access needs the token, and each body a
valid signature. For an unknown token no body is read."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from ..polling.websub import Hubs

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
#: Time for a hub to send its body.
MAX_SECONDS = 30.0
#: Bodies received at a time, for each that may be processed: each may be as large as a feed.
_SENT_AT_ONCE = 2
_LATER = {"Retry-After": "60"}


def add_websub(app: web.Application, hubs: Hubs, *, max_bytes: int, body_seconds: float = MAX_SECONDS) -> None:
    """Add the callback's routes to ``app``. ``max_bytes`` and ``body_seconds`` limit the body that a hub sends."""
    sending = 0

    async def verification(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            return web.Response(status=404)
        answer = await hubs.verify(token, request.query)
        return web.Response(status=answer.status, text=answer.body, content_type="text/plain")

    async def push(request: web.Request) -> web.Response:
        nonlocal sending
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            return web.Response(status=404)
        if not await hubs.knows(token):
            return web.Response(status=410)  # tells the hub to remove this callback
        if sending >= _SENT_AT_ONCE * hubs.settings.at_once:
            return web.Response(status=503, headers=_LATER)
        sending += 1
        try:
            body = await _body(request, max_bytes, body_seconds)
        finally:
            sending -= 1
        if isinstance(body, web.Response):
            return body
        headers = {"content-type": request.headers.get("Content-Type", "")[:500]}
        status = await hubs.deliver(token, body, headers, request.headers.get("X-Hub-Signature"))
        return web.Response(status=status, headers=_LATER if status == 503 else None)

    app.router.add_get("/websub/{token}", verification, allow_head=False)
    app.router.add_post("/websub/{token}", push)


async def _body(request: web.Request, most: int, seconds: float) -> bytes | web.Response:
    """Return the body, or the error response where it is too large or too slow."""
    if (request.content_length or 0) > most:
        return web.Response(status=413)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.content.iter_any():
                body += part
                if len(body) > most:
                    return web.Response(status=413)
    except TimeoutError:
        return web.Response(status=408)
    return bytes(body)
