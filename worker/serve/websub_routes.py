"""``/websub/<token>``: where hubs verify a subscription (GET) and push news (POST). The token is the only key to it, and
the signature over each body the only proof."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from worker.websub import Hubs

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
#: A hub that sends its body more slowly than this is cut off.
MAX_SECONDS = 30.0


def add_websub(app: web.Application, hubs: Hubs) -> None:
    """Put the callback's routes into ``app``."""

    async def verification(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            return web.Response(status=404)
        answer = await hubs.verify(token, request.query)
        return web.Response(status=answer.status, text=answer.body, content_type="text/plain")

    async def push(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            return web.Response(status=404)
        most = hubs.settings.max_bytes
        if (request.content_length or 0) > most:
            return web.Response(status=413)
        body = bytearray()
        try:
            async with asyncio.timeout(MAX_SECONDS):
                async for part in request.content.iter_any():
                    body += part
                    if len(body) > most:
                        return web.Response(status=413)
        except TimeoutError:
            return web.Response(status=408)
        headers = {"content-type": request.headers.get("Content-Type", "")[:500]}
        status = await hubs.deliver(token, bytes(body), headers, request.headers.get("X-Hub-Signature"))
        return web.Response(status=status, headers={"Retry-After": "60"} if status == 503 else None)

    app.router.add_get("/websub/{token}", verification)
    app.router.add_post("/websub/{token}", push)
