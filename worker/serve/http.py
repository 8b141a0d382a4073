"""The one HTTP port: ``/healthz`` (the loop turns), ``/readyz`` (Redis answers, children wait), ``/metrics``, the desk."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ..errors import DatelineError
from ..settings.schema import Serve
from ..telemetry import Metrics, get_logger, inert
from .desk.api import STREAMS
from .limits import Patience, opened, sent

log = get_logger("serve")

_OPEN = ("/healthz", "/readyz")  #: asked by orchestrators, tell nothing
_PREFIX_OPEN = ("/websub/",)  #: asked by hubs, guarded by their own secret path and signature
#: On every answer, refusals and mistakes among them; the desk's page has a policy of its own.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _guarded(token: str | None, answer_seconds: float) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(None if request.path in STREAMS else answer_seconds):
                return await sent(request, await _answer(request, handler, token))
        except TimeoutError:
            log.warning("client.slow", path=request.path[:80], seconds=answer_seconds)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)  # to nobody

    return middleware


async def _answer(request: web.Request, handler: Handler, token: str | None) -> web.StreamResponse:
    try:
        if not token or _is_open(request.path) or _shows(request, token):
            return await handler(request)
        return web.Response(status=401, text="a token is needed: Authorization: Bearer <serve.token>\n")
    except DatelineError as error:
        return web.Response(status=503, text=f"{inert(str(error))}\n")
    except web.HTTPException as error:  # no such path, another method
        return web.Response(status=error.status, text=f"{error.status} {error.reason}\n", headers=_allow(error))


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_PREFIX_OPEN)


def _shows(request: web.Request, token: str) -> bool:
    """Whether the request carries the token; compared in a time that tells nothing about it."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    given = given or request.query.get("token", "") or request.cookies.get("dateline-token", "")
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


def _allow(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


async def _head(_: web.Request, response: web.StreamResponse) -> None:
    """Before an answer's headers leave."""
    response.headers["Server"] = "Dateline"  # which library in which version is nobody's business
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def serve(
    settings: Serve,
    metrics: Metrics,
    ready: Callable[[], Awaitable[str | None]],
    add_routes: Callable[[web.Application], None] | None = None,
    patience: Patience | None = None,
) -> AsyncIterator[int | None]:
    """Serve while the block runs; gives the port, None where it is off.

    Args:
        ready: None where all is well, else what is not.
        add_routes: Adds the desk and the WebSub callback.
        patience: With clients; `Patience`'s own where None.
    Raises:
        SettingsError: The address cannot be listened on.
    """
    if not settings.enabled:
        yield None
        return
    patience = patience or Patience()
    app = web.Application(middlewares=[_guarded(settings.token, patience.answer_seconds)], client_max_size=2 << 20)
    app.on_response_prepare.append(_head)

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(3.0):
                missing = await ready()
        except TimeoutError:
            missing = "Redis does not answer within 3 s"
        except DatelineError:  # where it is, is in the log and nobody's business here
            missing = "Redis does not answer"
        return web.Response(status=200 if missing is None else 503, text=(missing or "ok") + "\n")

    async def numbers(_: web.Request) -> web.Response:
        text = await asyncio.to_thread(generate_latest, metrics.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", numbers)
    if add_routes is not None:
        add_routes(app)
    async with opened(app, settings.host, settings.port, patience) as port:
        log.info("serve.started", host=settings.host, port=port)
        if not settings.token and not _is_loopback(settings.host):
            log.warning("serve.open", host=settings.host, remedy="set serve.token: whoever reaches the port reads all")
        yield port
