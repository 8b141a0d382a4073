"""Servers that break the rules, and the limits they meet."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from msgspec.structs import replace

from dateline.errors import TooLarge
from support.fetch_site import Site, saying
from support.fetching import QUICK, UNHURRIED, code_of, reaching


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
    settings = QUICK if codes == {"timeout"} else UNHURRIED
    async with saying(data, **how) as port, reaching(port, settings=settings) as client:
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
    async with reaching(port, settings=QUICK) as client:
        assert await code_of(client, f"http://127.0.0.1:{port}/") == "timeout"
    assert asyncio.get_running_loop().time() - began < 30  # all of it would take fifty seconds
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
    small = replace(UNHURRIED, max_feed_bytes=100_000, max_page_bytes=100_000)
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
