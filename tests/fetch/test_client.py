"""The client against real servers on loopback: what comes back, what is refused, and which error says so."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from aiohttp import web

from dateline.errors import Blocked, DatelineError, PermanentError, Throttled, TransientError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.fetch.resolver import SystemResolver
from dateline.settings import FetchSettings
from support.fetch_site import Site, saying, serving
from support.fetching import FEED, UNHURRIED, code_of, reaching


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
    async with Client(UNHURRIED, guard, resolver=Rebinding()) as client:
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
    trusting = FetchSettings(ca_file=str(certificate), connect_seconds=30.0)
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
