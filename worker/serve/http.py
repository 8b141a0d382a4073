"""HTTP server: ``/livez`` and ``/healthz`` (the loop runs), ``/readyz`` (Redis answers, a child is ready, it does not stop),
``/metrics``, the desk."""

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
from ..settings import ServeSettings
from ..telemetry import Metrics, get_logger, inert
from .desk.api import STREAMS
from .hosts import is_known_host
from .limits import ServerLimits, listen, send_whole

log = get_logger("serve")

_WITHOUT_TOKEN = ("/livez", "/healthz", "/readyz")  #: for orchestrators; reveal nothing
_PREFIX_WITHOUT_TOKEN = ("/websub/",)  #: for hubs; protected by a secret path and a signature
#: On every response, errors included; the desk's page has a policy of its own.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _check_token(token: str | None, answer_seconds: float) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(None if request.path in STREAMS else answer_seconds):
                return await send_whole(request, await _handle(request, handler, token))
        except TimeoutError:
            log.warning("client.slow", path=request.path[:80], seconds=answer_seconds)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)  # the connection is closed already

    return middleware


async def _handle(request: web.Request, handler: Handler, token: str | None) -> web.StreamResponse:
    try:
        is_open = request.path in _WITHOUT_TOKEN or request.path.startswith(_PREFIX_WITHOUT_TOKEN)
        if not token or is_open or _has_token(request, token):
            return await handler(request)
        return web.Response(status=401, text="token required: send Authorization: Bearer <serve.token>\n")
    except DatelineError as error:
        return web.Response(status=503, text=f"{inert(str(error))}\n")
    except web.HTTPException as error:  # unknown path or method
        return web.Response(status=error.status, text=f"{error.status} {error.reason}\n", headers=_allow(error))


def _has_token(request: web.Request, token: str) -> bool:
    """Return whether the request has the token; compares in constant time."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    given = given or request.query.get("token", "") or request.cookies.get("dateline-token", "")
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


def _allow(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


async def _set_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Set the headers of every response."""
    response.headers["Server"] = "Dateline"  # do not disclose the library and its version
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def serve(
    settings: ServeSettings,
    metrics: Metrics,
    ready: Callable[[], Awaitable[str | None]],
    add_routes: Callable[[web.Application], None] | None = None,
    limits: ServerLimits | None = None,
    *,
    refresh_metrics: Callable[[], Awaitable[None]] | None = None,
    warning: Callable[[], str | None] = lambda: None,
) -> AsyncIterator[int | None]:
    """Serve while the block runs; yields the port, None where the server is disabled.

    Args:
        ready: Returns None where the worker is ready, else the reason why not.
        add_routes: Adds the desk and the WebSub callback.
        limits: Connection and time limits; the defaults of `ServerLimits` where None.
        refresh_metrics: Called before the metrics are shown.
        warning: What ``/readyz`` says while the worker is ready, but not for ever; None: nothing.
    Raises:
        SettingsError: The address cannot be listened on.
    """
    if not settings.enabled:
        yield None
        return
    limits = limits or ServerLimits()
    app = web.Application(middlewares=[_check_token(settings.token, limits.answer_seconds)], client_max_size=2 << 20)
    app.on_response_prepare.append(_set_headers)
    _add_probes(app, settings, metrics, ready, refresh_metrics, warning)
    if add_routes is not None:
        add_routes(app)
    async with listen(app, settings.host, settings.port, limits) as port:
        log.info("serve.started", host=settings.host, port=port)
        if not settings.token and not _is_loopback(settings.host):
            log.warning("serve.open", host=settings.host, remedy="set serve.token: the port is open to all")
        yield port


def _add_probes(
    app: web.Application,
    settings: ServeSettings,
    metrics: Metrics,
    ready: Callable[[], Awaitable[str | None]],
    refresh_metrics: Callable[[], Awaitable[None]] | None,
    warning: Callable[[], str | None],
) -> None:
    """Add ``/livez``, ``/healthz``, ``/readyz`` and ``/metrics``; the arguments are those of `serve`."""

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(3.0):
                missing = await ready()
        except TimeoutError:
            missing = "Redis does not answer within 3 s"
        except DatelineError:  # details are in the log
            missing = "Redis does not answer"
        more = "" if missing or not (said := warning()) else f"; {said}"
        return web.Response(status=200 if missing is None else 503, text=f"{missing or 'ok'}{more}\n")

    async def show_metrics(request: web.Request) -> web.Response:
        if not settings.token and not is_known_host(request.host, settings.allowed_hosts, short_names=True):
            refusal = f"{request.host!r} is not a known host name; add it to serve.allowed_hosts, or set serve.token\n"
            return web.Response(status=421, text=refusal)
        if refresh_metrics is not None:
            await refresh_metrics()
        text = await asyncio.to_thread(generate_latest, metrics.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/livez", healthz)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)
