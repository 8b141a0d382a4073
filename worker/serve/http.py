"""The one HTTP port: ``/healthz`` (the loop turns), ``/readyz`` (Redis answers, children wait), ``/metrics``, the desk."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from worker.errors import DatelineError, SettingsError
from worker.settings import Serve
from worker.telemetry import Metrics, get_logger

log = get_logger("serve")

_OPEN = ("/healthz", "/readyz")  #: asked by orchestrators, tell nothing
_PREFIX_OPEN = ("/websub/",)  #: asked by hubs, guarded by their own secret path and signature


def _guarded(token: str | None) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if token and request.path not in _OPEN and not request.path.startswith(_PREFIX_OPEN):
            given = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.query.get("token", "")
            given = given or request.cookies.get("dateline-token", "")
            if not hmac.compare_digest(given.encode(), token.encode()):
                return web.Response(status=401, text="a token is needed: Authorization: Bearer <serve.token>\n")
        try:
            response = await handler(request)
        except DatelineError as error:
            return web.Response(status=503, text=f"{error}\n")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response

    return middleware


@asynccontextmanager
async def serve(
    settings: Serve,
    metrics: Metrics,
    ready: Callable[[], Awaitable[str | None]],
    add_routes: Callable[[web.Application], None] | None = None,
) -> AsyncIterator[int | None]:
    """Serve while the block runs; gives the port, None where it is off.

    Args:
        ready: None where all is well, else what is not.
        add_routes: Adds the desk and the WebSub callback.
    Raises:
        SettingsError: The address cannot be listened on.
    """
    if not settings.enabled:
        yield None
        return
    app = web.Application(middlewares=[_guarded(settings.token)], client_max_size=2 << 20)

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(3.0):
                missing = await ready()
        except TimeoutError:
            missing = "Redis does not answer within 3 s"
        return web.Response(status=200 if missing is None else 503, text=(missing or "ok") + "\n")

    async def numbers(_: web.Request) -> web.Response:
        text = await asyncio.to_thread(generate_latest, metrics.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", numbers)
    if add_routes is not None:
        add_routes(app)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise SettingsError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): choose another serve.port, or "
            "serve.enabled = false"
        ) from error
    port = site._server.sockets[0].getsockname()[1] if site._server else settings.port  # type: ignore[attr-defined]
    log.info("serve.started", host=settings.host, port=port)
    try:
        yield port
    finally:
        await runner.cleanup()
