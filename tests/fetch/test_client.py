"""The client against real servers on loopback: what comes back, what is refused, and which error says so."""

from __future__ import annotations

import asyncio
import errno
import gzip
import inspect
import os
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import http_exceptions, web
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from dateline.errors import Blocked, DatelineError, PermanentError, Throttled, TooLarge, TransientError
from dateline.fetch.client import Client, translated
from dateline.fetch.guard import Guard
from dateline.fetch.resolver import FixedNames, SystemResolver
from dateline.fetch.settings import FetchSettings
from support.fetch_site import Site, saying, serving

FEED = b"<rss version='2.0'><channel><title>Harbour Courier</title></channel></rss>"
QUICK = FetchSettings(connect_seconds=0.5, first_byte_seconds=0.5, total_seconds=2.0, contact="desk@courier.example")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A web server of our own."""
    async with serving() as served:
        yield served


def reaching(*ports: int, settings: FetchSettings = QUICK, names: dict[str, str | list[str]] | None = None) -> Client:
    """A client that may reach 127.0.0.1 on these ports."""
    return Client(settings, Guard(f"127.0.0.1:{port}" for port in ports), resolver=FixedNames(names or {}))


async def code_of(client: Client, url: str, **how: object) -> str:
    """The code of the error that a fetch ends in."""
    with pytest.raises(DatelineError) as caught:
        await client.get(url, **how)  # type: ignore[arg-type]
    return caught.value.code


async def test_a_body_comes_as_it_was_sent_with_its_headers(site: Site) -> None:
    """Still compressed: inflating is not the loop's work."""
    packed = gzip.compress(FEED)
    site.says("/feed", body=packed, Content_Encoding="gzip", Content_Type="application/rss+xml", ETag='"7"')
    async with reaching(site.port) as client:
        body = await client.get(site.url("/feed"))
    assert (body.status, body.body, body.encoding) == (200, packed, "gzip")
    assert body.headers["etag"] == '"7"'
    assert body.content_type == "application/rss+xml"
    assert body.url == body.requested_url == site.url("/feed")


async def test_the_request_says_who_we_are_and_nothing_more(site: Site) -> None:
    """An honest User-Agent with the contact; no cookie, no credentials; only encodings that we undo."""
    site.says("/feed", body=FEED, Set_Cookie="id=1; Path=/")
    async with reaching(site.port) as client:
        await client.get(site.url("/feed"))
        await client.get(site.url("/feed"))
    for _, headers in site.asked:
        assert headers["user-agent"].startswith("Dateline/")
        assert "desk@courier.example" in headers["user-agent"]
        assert headers["accept-encoding"] == "gzip, deflate"
        assert not {"cookie", "authorization", "if-none-match", "if-modified-since"} & set(headers)


async def test_validators_are_sent_and_a_304_has_no_body(site: Site) -> None:
    """The conditional request that makes polling cheap."""

    async def conditional(request: web.Request) -> web.Response:
        same = request.headers.get("If-None-Match") == '"7"'
        return web.Response(status=304 if same else 200, body=None if same else FEED)

    site.answers["/feed"] = conditional
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/feed"), etag='"6"')).status == 200
        body = await client.get(site.url("/feed"), etag='"7"', last_modified="Wed, 18 Nov 2026 12:00:00 GMT")
    assert (body.status, body.body) == (304, b"")
    assert site.asked[-1][1]["if-modified-since"] == "Wed, 18 Nov 2026 12:00:00 GMT"


async def test_a_304_to_an_unconditional_request_is_an_error(site: Site) -> None:
    """Taken as success it would be one for ever, without ever a body."""
    site.says("/feed", status=304)
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/feed")) == "http_status"


@pytest.mark.parametrize("etag", ['"a\r\nX-Evil: 1"', '"' + "x" * 5000 + '"', '"\x7f"', '"é"'])
async def test_a_validator_that_could_do_harm_is_not_sent(site: Site, etag: str) -> None:
    """Stored ones come from servers: no header injection, no endless header, no guess at an encoding."""
    site.says("/feed", body=FEED)
    async with reaching(site.port) as client:
        await client.get(site.url("/feed"), etag=etag)
    assert not {"if-none-match", "x-evil"} & set(site.asked[0][1])


async def test_a_server_that_answers_twice_does_not_poison_the_next_request(site: Site) -> None:
    """Bytes beyond the announced length end with their connection."""
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<one>"
    extra = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<evil>"
    async with saying(first + extra, hold=True) as port, reaching(port) as client:
        for _ in range(3):
            assert (await client.get(f"http://127.0.0.1:{port}/")).body == b"<one>"


async def test_connections_are_kept_and_used_again(site: Site) -> None:
    """Also after a 304, a redirect and an error page."""
    site.says("/feed", body=FEED)
    site.says("/old", status=301, Location="/feed")
    async with reaching(site.port) as client:
        for path in ("/feed", "/old", "/feed"):
            await client.get(site.url(path))
        assert await code_of(client, site.url("/missing")) == "http_status"
        await client.get(site.url("/feed"))
    assert len(site.connections) == 1


async def test_a_request_on_a_kept_connection_that_breaks_is_not_sent_again_unseen(site: Site) -> None:
    """A second request at once would be outside the owner's budget."""

    async def breaks(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    site.says("/first", body=b"kept")
    site.answers["/second"] = breaks
    async with reaching(site.port) as client:
        await client.get(site.url("/first"))
        assert await code_of(client, site.url("/second")) == "connection"
    assert len(site.connections) == 1
    assert [path for path, _ in site.asked] == ["/first", "/second"]


async def test_redirects_are_followed_and_each_is_reported(site: Site) -> None:
    """With its status, so that a permanent move can be told from a detour."""
    site.says("/a", status=301, Location="/b?x=1")
    site.says("/b", status=307, Location=site.url("/feed#top"))
    site.says("/feed", body=FEED)
    seen: list[tuple[str, str]] = []

    async def before(old: str, new: str) -> None:
        seen.append((old, new))

    async with reaching(site.port) as client:
        body = await client.get(site.url("/a"), before_hop=before)
    assert body.hops == ((301, site.url("/b?x=1")), (307, site.url("/feed")))
    assert body.requested_url == site.url("/a")
    assert seen == [(site.url("/a"), site.url("/b?x=1")), (site.url("/b?x=1"), site.url("/feed"))]
    assert site.asked[-1][0] == "/feed"


async def test_waiting_for_another_owners_budget_is_not_counted_as_slowness(site: Site) -> None:
    """The time limit is the servers', not ours."""
    site.says("/a", status=302, Location="/feed")
    site.says("/feed", body=FEED)

    async def wait(_: str, __: str) -> None:
        await asyncio.sleep(0.4)

    short = FetchSettings(connect_seconds=0.15, first_byte_seconds=0.15, total_seconds=0.3)
    async with reaching(site.port, settings=short) as client:
        body = await client.get(site.url("/a"), before_hop=wait)
    assert body.took_seconds < 0.3


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.2/", "blocked"),
        ("http://169.254.169.254/latest/meta-data/", "blocked"),
        ("//127.1:6379/", "blocked"),
        ("http://[::ffff:127.0.0.1]/", "blocked"),
        ("http://user@news.example/", "blocked"),
        ("file:///etc/passwd", "bad_scheme"),
        ("javascript:alert(1)", "bad_scheme"),
        ("http:", "blocked"),
        ("http://[", "blocked"),
        ("/a", "redirect_limit"),
    ],
)
async def test_a_redirect_is_checked_like_a_first_address(site: Site, location: str, code: str) -> None:
    """No hop reaches what the first request may not."""
    site.says("/a", status=302, Location=location)
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/a")) == code
    assert len(site.asked) == 1


async def test_a_chain_without_end_stops_after_five(site: Site) -> None:
    """The limit counts redirects, not requests."""

    async def on(request: web.Request) -> web.Response:
        step = int(request.query.get("n", "0"))
        return web.Response(status=302, headers={"Location": f"/on?n={step + 1}"})

    site.answers["/on"] = on
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/on")) == "redirect_limit"
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, PermanentError, "http_status"),
        (401, PermanentError, "http_status"),
        (403, PermanentError, "http_status"),
        (404, PermanentError, "http_status"),
        (410, PermanentError, "gone"),
        (451, PermanentError, "http_status"),
        (408, TransientError, "http_status"),
        (425, TransientError, "http_status"),
        (429, Throttled, "throttled"),
        (500, TransientError, "http_status"),
        (503, TransientError, "http_status"),
        (520, TransientError, "http_status"),
        (206, TransientError, "http_status"),
    ],
)
async def test_a_status_is_the_error_that_tells_what_to_do(
    site: Site, status: int, kind: type[DatelineError], code: str
) -> None:
    """And the body, though it be a feed, is not parsed."""
    site.says("/feed", status=status, body=FEED)
    async with reaching(site.port) as client:
        with pytest.raises(DatelineError) as caught:
            await client.get(site.url("/feed"))
    assert type(caught.value) is kind
    assert (caught.value.code, getattr(caught.value, "status", None)) == (code, status)


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_handed_on(site: Site, status: int) -> None:
    """In seconds, whatever its form."""
    site.says("/feed", status=status, Retry_After="120")
    async with reaching(site.port) as client:
        with pytest.raises(Throttled) as caught:
            await client.get(site.url("/feed"))
    assert caught.value.retry_after_seconds == 120


@pytest.mark.parametrize(
    ("data", "how", "codes"),
    [
        (b"", {}, {"connection"}),
        (b"", {"reset": True}, {"connection"}),
        (b"", {"hold": True}, {"timeout"}),
        (b"not http at all\r\n\r\n", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss>", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss>", {"reset": True}, {"connection", "protocol"}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss>", {"hold": True}, {"timeout"}),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<rss>", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\nX: " + b"h" * 200_000 + b"\r\n\r\n", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\n" + b"X: h\r\n" * 5_000 + b"\r\n", {}, {"protocol"}),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", {}, {"protocol"}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n<rss>", {"hold": True}, {"too_large"}),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", {}, {"bad_encoding"}),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx", {}, {"bad_encoding"}),
    ],
)
async def test_a_server_that_breaks_the_rules_is_an_error_of_ours(
    data: bytes, how: dict[str, bool], codes: set[str]
) -> None:
    """Half a body is never a whole one, and no exception of the library leaves."""
    async with saying(data, **how) as port, reaching(port) as client:
        assert await code_of(client, f"http://127.0.0.1:{port}/feed") in codes


async def test_a_header_that_drips_ends_at_the_header_limit() -> None:
    """A time-out per read would never fire."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    began = asyncio.get_running_loop().time()
    async with reaching(port) as client:
        assert await code_of(client, f"http://127.0.0.1:{port}/") == "timeout"
    assert asyncio.get_running_loop().time() - began < 1.6
    server.close()
    await server.wait_closed()


async def test_an_endless_body_is_cut_off_at_the_limit_without_being_read(site: Site) -> None:
    """The connection is closed; the server gets rid of no more than the limit and some buffers."""
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
                sent += 65_536
        except (ConnectionError, asyncio.CancelledError):
            pass
        return response

    site.answers["/feed"] = endless
    async with reaching(site.port) as client:
        with pytest.raises(TooLarge, match="max_feed_bytes"):
            await client.get(site.url("/feed"), max_bytes=300_000)
    assert sent < 12_000_000


@pytest.mark.parametrize(
    "rest", ["5;" + "a" * (8 << 20), "0\r\n" + f"X: {'a' * 500}\r\n" * 9000], ids=["extension", "trailers"]
)
async def test_bytes_that_are_no_body_have_a_limit_too(rest: str) -> None:
    """A chunk's extension and the trailers behind the last chunk are in no body's length."""
    start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    small = replace(QUICK, max_feed_bytes=100_000, max_page_bytes=100_000)
    async with saying((start + rest).encode(), hold=True) as port, reaching(port, settings=small) as client:
        assert await code_of(client, f"http://127.0.0.1:{port}/") in ("too_large", "protocol")


async def test_a_robots_text_over_its_limit_is_cut_and_not_refused(site: Site) -> None:
    """RFC 9309: what is within the limit is obeyed."""
    site.says("/robots.txt", body=b"User-agent: *\nDisallow: /x\n" * 100)
    async with reaching(site.port) as client:
        body = await client.get(site.url("/robots.txt"), kind="robots", max_bytes=1000)
    assert len(body.body) == 1000


async def test_a_page_that_is_a_film_is_refused_at_its_headers(site: Site) -> None:
    """A feed of that type is looked at all the same: its label may be wrong."""
    site.says("/film", body=b"\0" * 500, Content_Type="video/mp4")
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/film"), kind="page") == "unsupported_type"
        assert (await client.get(site.url("/film"), kind="feed")).status == 200


async def test_a_name_is_followed_to_its_address_and_the_address_decides(site: Site) -> None:
    """Names that lead to refused addresses are refused; of several addresses the allowed ones are used."""
    site.says("/feed", body=FEED)
    names: dict[str, str | list[str]] = {
        "good.example": "127.0.0.1",
        "evil.example": ["127.0.0.2", "10.0.0.1", "::1"],
        "mixed.example": ["127.0.0.2", "127.0.0.1"],
        ".below.example": "127.0.0.1",
    }
    async with reaching(site.port, names=names) as client:
        for host in ("good.example", "mixed.example", "any.below.example"):
            assert (await client.get(site.url("/feed", host))).body == FEED
        assert await code_of(client, site.url("/feed", "evil.example")) == "blocked"
        assert await code_of(client, site.url("/feed", "absent.example")) == "dns"


async def test_a_name_that_changes_its_address_between_check_and_connection_is_stopped(site: Site) -> None:
    """DNS rebinding: the last word is the socket's."""

    class Rebinding:
        """Says an allowed address to the filter, and another one to nobody but the socket."""

        async def resolve(self, host: str) -> list[str]:
            return ["127.0.0.1"]

        def close(self) -> None:
            pass

    class Forgetful(Guard):
        """A guard whose first look at an address is too trusting, as a filter in the resolver alone would be."""

        looks = 0

        def check_address(self, ip: object, port: int) -> None:
            self.looks += 1
            if self.looks > 1:
                super().check_address(ip, port)  # type: ignore[arg-type]

    guard = Forgetful(["10.0.0.1:" + str(site.port)])
    async with Client(QUICK, guard, resolver=Rebinding()) as client:
        assert await code_of(client, site.url("/feed", "news.example")) == "blocked"
    assert guard.looks == 2
    assert site.asked == []


async def test_a_refused_connection_and_a_missing_name_have_codes_of_their_own() -> None:
    """Connection refused on a closed port; no such name from the system's resolver."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        async with reaching(port) as client:
            assert await code_of(client, f"http://127.0.0.1:{port}/") == "connection"
    resolver = SystemResolver(threads=2, timeout_seconds=3.0)
    for name in ("no-such-name.invalid", "a" * 64 + ".example"):
        with pytest.raises(TransientError) as caught:
            await resolver.resolve(name)
        assert caught.value.code == "dns"
    assert "127.0.0.1" in await resolver.resolve("localhost")
    resolver.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, for news.example."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = path.with_suffix(".key")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=news.example",
         "-addext", "subjectAltName=DNS:news.example", "-keyout", str(key), "-out", str(path)],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl command to make a certificate with")
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


async def test_tls_is_verified_and_sessions_are_resumed(certificate: Path) -> None:
    """An unknown authority or a wrong name is an error; the second connection to a host resumes the first's session."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    trusting = FetchSettings(ca_file=str(certificate), connect_seconds=2.0)
    names: dict[str, str | list[str]] = {"news.example": "127.0.0.1", "other.example": "127.0.0.1"}
    async with serving(tls) as site:
        resumed: list[bool] = []

        async def answer(request: web.Request) -> web.Response:
            assert request.transport is not None
            resumed.append(request.transport.get_extra_info("ssl_object").session_reused)
            return web.Response(body=FEED, headers={"Connection": "close"})

        site.answers["/feed"] = answer
        address = site.url("/feed", "news.example", "https")
        async with reaching(site.port, settings=trusting, names=names) as client:
            for _ in range(3):
                assert (await client.get(address)).body == FEED
            assert await code_of(client, site.url("/feed", "other.example", "https")) == "tls"
        async with reaching(site.port, names=names) as client:
            assert await code_of(client, address) == "tls"
    assert resumed == [False, True, True]


async def test_post_gives_the_status_and_keeps_to_the_guard(site: Site) -> None:
    """For hubs and webhooks: no redirect is followed, no private address reached."""
    site.says("/hook", status=202)
    async with reaching(site.port) as client:
        assert await client.post(site.url("/hook"), b"{}", {"Content-Type": "application/json"}) == 202
        with pytest.raises(Blocked):
            await client.post("http://127.0.0.2/hook", b"{}", {})
    assert site.asked[0][1]["content-type"] == "application/json"


def _request_info() -> RequestInfo:
    url = URL("http://news.example/")
    return RequestInfo(url, "GET", CIMultiDictProxy(CIMultiDict()), url)


_KEY = ConnectionKey("news.example", 80, False, True, None, None, None)
_MAKERS: list[tuple[type[BaseException], Callable[[type], BaseException]]] = [
    (aiohttp.client_exceptions.UnixClientConnectorError, lambda kind: kind("/run/x", _KEY, OSError(111, "refused"))),
    (aiohttp.ClientConnectorCertificateError, lambda kind: kind(_KEY, ssl.CertificateError("bad"))),
    (aiohttp.ClientConnectorError, lambda kind: kind(_KEY, OSError(111, "refused"))),
    (aiohttp.ServerFingerprintMismatch, lambda kind: kind(b"a", b"b", "news.example", 443)),
    (aiohttp.ClientResponseError, lambda kind: kind(_request_info(), ())),
    (aiohttp.InvalidURL, lambda kind: kind("http://[")),
    (http_exceptions.LineTooLong, lambda kind: kind(b"x", 10)),
    (http_exceptions.InvalidHeader, lambda kind: kind(b"x")),
    (http_exceptions.BadStatusLine, lambda kind: kind("x")),
    (http_exceptions.HttpProcessingError, lambda kind: kind(message="odd")),
    (BaseException, lambda kind: kind("odd")),
]


def _library_errors() -> list[type[BaseException]]:
    modules = (aiohttp.client_exceptions, http_exceptions)
    found = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith("aiohttp")
    }
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", _library_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_one_of_ours(kind: type[BaseException]) -> None:
    """A new one in a new version fails here, not in a poll."""
    make = next(make for known, make in _MAKERS if issubclass(kind, known))
    ours = translated(make(kind), "http://news.example/")
    assert isinstance(ours, DatelineError)
    assert ours.code in {"timeout", "connection", "dns", "tls", "protocol", "redirect_limit", "blocked"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(), "timeout"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "connection"),
        (OSError(errno.EHOSTUNREACH, "unreachable"), "connection"),
        (ssl.SSLError("odd"), "tls"),
        (ssl.SSLCertVerificationError("odd"), "tls"),
        (socket.gaierror(socket.EAI_NONAME, "no name"), "dns"),
        (aiohttp.ClientConnectorDNSError(_KEY, OSError(None, "no name")), "dns"),
        (aiohttp.ServerTimeoutError(), "timeout"),
        (aiohttp.TooManyRedirects(_request_info(), ()), "redirect_limit"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_the_systems_errors_have_these_codes(error: BaseException, code: str) -> None:
    """One word from a closed set for each."""
    ours = translated(error, "http://news.example/")
    assert isinstance(ours, DatelineError)
    assert ours.code == code


def test_our_own_shortage_of_descriptors_is_temporary_and_a_bug_stays_a_bug() -> None:
    """EMFILE says nothing about the feed; a TypeError is no answer of a server."""
    shortage = translated(OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "http://news.example/")
    assert isinstance(shortage, TransientError)
    assert shortage.temporary
    bug = TypeError("a bug")
    assert translated(bug, "http://news.example/") is bug


async def test_a_cancelled_fetch_is_cancelled_and_not_an_error(site: Site) -> None:
    """Shutting down is not the server's time-out."""

    asked, never = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        asked.set()
        await never.wait()
        return web.Response()

    site.answers["/slow"] = slow
    patient = FetchSettings()
    async with reaching(site.port, settings=patient) as client:
        task = asyncio.create_task(client.get(site.url("/slow")))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    never.set()
