"""Conditional GET with limits on everything: the only home of aiohttp's client.

One `Client` per process. Bodies come back as they were sent, still compressed; redirects are followed one hop at a time, each
checked by the guard; whatever goes wrong is one of our errors, with the library's own as its cause.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ..errors import Blocked, DatelineError, PermanentError, TooLarge, TransientError
from ..model.records import Body
from ..settings import Credential, FetchSettings
from .answers import read_answer
from .cookies import Cookies
from .credentials import Credentials
from .exchange import Answer, Kind, Request, Trail, to_yarl
from .guard import Guard
from .headers import VALIDATORS
from .meter import MeteredHandler, TooMuchTaken
from .resolver import Resolver, resolver_of
from .tls import ResumingContext
from .user_agent import user_agent

#: Called before a redirect is followed, with the address it came from and the one it leads to; may wait for a budget.
BeforeHop = Callable[[str, str], Awaitable[None]]

#: Content-Security-Policy of large sites is beyond aiohttp's own 8 KiB.
_MAX_FIELD_BYTES = 64 * 1024
_MAX_HEADERS = 256
#: ENOMEM, ENFILE, EMFILE, ENOBUFS: our own shortage, and nobody's fault over there.
_OUR_SHORTAGE = {errno.ENOMEM, errno.ENFILE, errno.EMFILE, errno.ENOBUFS}


#: Of an answer to what we send, say of a search server's bulk request for 100 documents.
MOST_ANSWER_BYTES = 4 << 20


class Client:
    """Fetches. Use it as ``async with Client(settings, guard) as client``.

    Args:
        settings: Limits and the User-Agent.
        guard: What may be reached.
        resolver: Finds addresses of names; that of the settings where None. Closed with the client.
        keep_raw_headers: Keep all headers of an answer in `Body.raw_headers`, for an archive.
        credentials: Headers for private feeds; pages and robots.txt are asked for without.
    """

    def __init__(
        self,
        settings: FetchSettings,
        guard: Guard,
        *,
        resolver: Resolver | None = None,
        keep_raw_headers: bool = False,
        credentials: Sequence[Credential] = (),
    ) -> None:
        self._settings = settings
        self.apply(credentials)
        self._keep_raw_headers = keep_raw_headers
        self._guard = guard
        self._resolver = resolver or resolver_of(settings)
        self._tls = ResumingContext.create(settings.ca_file)
        self._session: aiohttp.ClientSession | None = None

    def apply(self, credentials: Sequence[Credential]) -> None:
        """Use these credentials, from the next request on."""
        self._credentials = Credentials(credentials)

    async def __aenter__(self) -> Self:
        settings = self._settings
        connector = aiohttp.TCPConnector(
            limit=0,  # how many at once is the caller's business: a queue in here would eat the time limit
            keepalive_timeout=settings.keepalive_seconds,
            resolver=_GuardedResolver(self._resolver, self._guard),
            ttl_dns_cache=settings.dns_cache_seconds,
            socket_factory=self._socket,
            ssl=self._tls,
        )
        # The connector has no public place for its end of a connection, and no body limit counts what is no body.
        most = max(settings.max_feed_bytes, settings.max_page_bytes, settings.max_robots_bytes)
        connector._factory = functools.partial(  # type: ignore[assignment]  # narrower than the library's own
            MeteredHandler, most_body_bytes=most, loop=asyncio.get_running_loop()
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"User-Agent": user_agent(settings), "Accept-Encoding": "gzip, deflate"},
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=settings.connect_seconds, sock_read=settings.first_byte_seconds
            ),
            max_line_size=_MAX_FIELD_BYTES,
            max_field_size=_MAX_FIELD_BYTES,
            max_headers=_MAX_HEADERS,
        )
        # The library would send a request again by itself when a kept connection breaks: unseen by the owner's budget,
        # and at once. It has no public switch for that; the caller tries again when the budget says so.
        self._session._retry_connection = False
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; a second call does nothing."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            self._resolver.close()

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        kind: Kind = "feed",
        accept: str | None = None,
        max_bytes: int | None = None,
        before_hop: BeforeHop | None = None,
    ) -> Body:
        """Return what ``url`` returns, redirects followed.

        Args:
            etag, last_modified: Validators of the body we have; then the answer may be a 304 without a body.
            kind: Sets ``accept`` and ``max_bytes`` where those are None. A ``page`` that is a film, a picture or a PDF is
                refused at its headers; a ``robots`` body is cut at its limit and not refused.
            max_bytes: Most bytes of the body as it comes over the wire.
            before_hop: Waits for the budget of another owner before a redirect is followed; its time is not counted.
        Returns:
            A status of 2xx or 304; the body whole, as its length or its last chunk says.
        Raises:
            Blocked: ``bad_scheme`` or ``blocked``, for the address or one it redirects to.
            TooLarge: More than ``max_bytes``.
            Throttled: 429, or 503 with Retry-After.
            TransientError: ``timeout connection dns tls protocol``, or ``http_status`` for 408, 425 and 5xx.
            PermanentError: ``gone`` for 410, ``http_status`` for other 4xx, ``redirect_limit``, ``bad_encoding``,
                ``unsupported_type``.
        """
        request = Request.make(
            url,
            self._settings,
            kind=kind,
            etag=etag,
            last_modified=last_modified,
            accept=accept,
            max_bytes=max_bytes,
            keep_raw_headers=self._keep_raw_headers,
        )
        return await self._follow(url, request, before_hop)

    async def _follow(self, url: str, request: Request, before_hop: BeforeHop | None) -> Body:
        """Send a request and those that its redirects ask for; arguments and errors are those of `get`."""
        loop = asyncio.get_running_loop()
        trail = Trail(url, self._guard, self._settings.max_redirects, Cookies())
        spent, again = 0.0, False
        while True:
            began = loop.time()
            current = trail.current
            try:
                answer = await self._hop(trail, request, self._settings.total_seconds - spent)
            except TransientError as error:
                spent += loop.time() - began
                if not trail.hops or again or error.code != "connection":
                    raise
                # A server that closes behind its redirect without saying so breaks the kept connection every time: once
                # more on a fresh one, in the owner's budget.
                again = True
            else:
                spent += loop.time() - began
                further = _further(request, answer, trail)
                if further is None:
                    return _body(url, request, answer, trail)
                request = further
            if before_hop is not None:
                await before_hop(str(current), str(trail.current))

    def check(self, url: str) -> None:
        """Raises Blocked where ``url`` itself tells that it may not be fetched; `get` asks again of what it connects to."""
        self._guard.check_url(url)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send ``body``; gives the status, whatever it is. No redirect is followed. Raises as `get` does for what comes
        before a status."""
        return (await self.exchange(url, body, headers))[0]

    async def exchange(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """As `post`, with the answer's body, of at most `MOST_ANSWER_BYTES`."""
        target = self._guard.check_url(url)
        try:
            async with (
                asyncio.timeout(self._settings.total_seconds),
                self._open().post(to_yarl(target), data=body, headers=dict(headers), allow_redirects=False) as response,
            ):
                answer = bytearray()
                async for chunk in response.content.iter_chunked(65_536):
                    answer += chunk[: MOST_ANSWER_BYTES - len(answer)]
                    if len(answer) >= MOST_ANSWER_BYTES:
                        response.close()
                        break
                return response.status, bytes(answer)
        except Exception as error:
            # A webhook's address may hold its key.
            raise translated(error, str(replace(target, query=None, fragment=None))) from error

    async def _hop(self, trail: Trail, request: Request, seconds: float) -> Answer:
        """Return the answer of where ``trail`` stands, within ``seconds``; every failure as one of our errors."""
        settings, url = self._settings, to_yarl(trail.current)
        headers = dict(request.headers)
        cookie = trail.cookies.header(url)
        if request.kind == "feed" and (ours := self._credentials.header(trail.first, trail.current)):
            headers[ours[0]] = ours[1]
            cookie = f"{ours[1]}; {cookie}" if cookie and ours[0].lower() == "cookie" else cookie
        if cookie:
            headers["Cookie"] = cookie
        loop = asyncio.get_running_loop()
        began = loop.time()
        header_seconds = settings.connect_seconds + settings.first_byte_seconds
        try:
            async with asyncio.timeout(max(0.0, min(seconds, header_seconds))) as limit:
                response = await self._open().get(url, headers=headers, allow_redirects=False)
                async with response:
                    if response.status != 304:  # a 304 is at its end already: two timers less with each poll
                        limit.reschedule(began + max(0.0, seconds))
                    trail.cookies.keep(url, response.headers.getall("Set-Cookie", ()))
                    return await read_answer(response, request)
        except Exception as error:
            raise translated(error, str(trail.current)) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is not open; use it with `async with`")
        return self._session

    def _socket(self, addr_info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """Return a socket for the address that is about to be connected to: the check that decides."""
        family, kind, protocol, _, where = addr_info
        try:
            self._guard.check_address(str(where[0]), int(str(where[1])))
        except Blocked as error:
            # Only an OSError lets the connector try the name's next address.
            raise _Refused(error) from error
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


class _Refused(OSError):
    """The guard's refusal on its way through the connector."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__(str(blocked))
        self.blocked = blocked


class _GuardedResolver(AbstractResolver):
    """Our resolver as aiohttp wants it, without the addresses that may not be reached anyway."""

    def __init__(self, resolver: Resolver, guard: Guard) -> None:
        self._resolver = resolver
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host)
        rows: list[ResolveResult] = []
        refusal: Blocked | None = None
        for ip in found:
            try:
                self._guard.check_address(ip, port)
            except Blocked as error:
                refusal = refusal or error
                continue
            six = socket.AF_INET6 if ":" in ip else socket.AF_INET
            rows.append(ResolveResult(hostname=host, host=ip, port=port, family=six, proto=0, flags=0))
        if not rows and refusal is not None:
            raise Blocked(f"{host} leads to an address that may not be reached: {refusal}") from refusal
        return rows

    async def close(self) -> None:
        """Nothing: the client closes what it was given."""


def _further(request: Request, answer: Answer, trail: Trail) -> Request | None:
    """Return the request that must follow ``answer``, to where ``trail`` then stands; None where the answer is the last.

    Followed: redirects; one meta refresh; and an empty answer to a conditional request, which some servers give in place of
    a 304, whatever has changed: the same address is asked once more without validators.
    """
    if answer.location is not None:
        trail.follow(answer.status, answer.location)
        return request
    if request.conditional and answer.is_empty:
        return request.unconditional()
    if request.follows_refresh and answer.refresh is not None and trail.follow_refresh(answer.status, answer.refresh):
        return request.unconditional(follows_refresh=False)
    return None


def _body(url: str, request: Request, answer: Answer, trail: Trail) -> Body:
    headers = answer.headers
    if request.keeps_no_validators:
        headers = {name: value for name, value in headers.items() if name not in VALIDATORS}
    return Body(
        requested_url=url,
        url=str(trail.current),
        status=answer.status,
        headers=headers,
        body=answer.body,
        encoding=answer.encoding,
        hops=tuple(trail.hops),
        raw_headers=answer.raw_headers,
    )


def translated(error: BaseException, url: str) -> BaseException:
    """Return our error for one of aiohttp's, the system's or TLS's; ours and bugs come back as they are."""
    if isinstance(error, DatelineError):
        return error
    blocked = _refusal(error)
    if blocked is not None:
        return blocked
    if isinstance(error, TooMuchTaken):
        return TooLarge(f"{url}: {error}")
    what = f"{url}: {type(error).__name__}: {error}"[:500]
    if isinstance(error, TimeoutError):
        return TransientError(f"{url}: no complete answer in time ({type(error).__name__})", code="timeout")
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch | ssl.SSLError):
        return TransientError(what, code="tls")
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return TransientError(what, code="dns")
    if isinstance(error, aiohttp.InvalidURL):
        return Blocked(what)
    if isinstance(error, aiohttp.TooManyRedirects):
        return PermanentError(what, code="redirect_limit")
    if isinstance(error, aiohttp.ClientPayloadError) and "ConnectionResetError" in str(error):
        # aiohttp tells a reset in mid body from a wrong length in the text only.
        return TransientError(what, code="connection")
    if isinstance(error, aiohttp.ClientConnectionError | OSError | aiohttp.UploadAbortedError):
        number = getattr(error, "errno", None)
        ours = number in _OUR_SHORTAGE
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(number, int) and number > 0:
            what = (
                f"{url}: cannot connect to {error.host}:{error.port} ({os.strerror(number)})"  # without aiohttp's terms
            )
        return TransientError(what, code="connection", temporary=ours)
    if isinstance(error, aiohttp.ClientError | aiohttp.WSMessageTypeError | aiohttp.http.HttpProcessingError):
        return TransientError(what, code="protocol")
    return error


def _refusal(error: BaseException | None) -> Blocked | None:
    seen = 0
    while error is not None and seen < 8:
        if isinstance(error, _Refused):
            return error.blocked
        inner = getattr(error, "os_error", None)
        error = inner if isinstance(inner, BaseException) and inner is not error else error.__cause__
        seen += 1
    return None
