"""Feeds that come with odd headers, odd compression, from odd host names or to browsers only: each is read to its entry."""

from __future__ import annotations

import gzip
import zlib

import msgspec
import pytest
from aiohttp import web

from dateline.errors import DatelineError
from dateline.fetch.client import Client
from dateline.polling.discovery import try_feed
from support.fetch_site import Site, saying
from support.fetching import UNHURRIED, reaching

FEED = (
    "<rss version='2.0'><channel><title>Quayside Bulletin</title><item><title>Ferry timetable halved</title>"
    "<link>https://quayside.example/ferry</link><description>Sailings à la carte.</description></item></channel></rss>"
).encode()
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(FEED) + RAW.flush()


async def title_of(client: Client, url: str) -> str | None:
    """The title of the one entry that the feed at ``url`` gives."""
    (entry,) = (await try_feed(client, url)).feed.entries
    return entry.title


@pytest.mark.parametrize(
    "field",
    [
        b"X-Cache: hit\x01from\x03node",
        b"Server: Caf\xe9 du Port",
        b"X-Title: \xe6\xb8\xaf\xe6\xb9\xbe",
        b"X-Odd: a\x0bb\x0cc\x1b[31m",
        b"Set-Cookie: lang=fran\xe7ais\x02; Path=/",
    ],
)
async def test_control_and_high_bytes_in_a_header_value_cost_nothing(field: bytes) -> None:
    """A value that nobody needs is no reason to lose the feed."""
    data = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (field, len(FEED), FEED)
    async with saying(data, hold=True) as port, reaching(port) as client:
        assert await title_of(client, f"http://127.0.0.1:{port}/f") == "Ferry timetable halved"


@pytest.mark.parametrize(
    ("path", "body", "encoding"),
    [
        ("/packed-unasked", gzip.compress(FEED), None),  # no header says that it is packed
        ("/feed.xml.gz", gzip.compress(FEED), None),
        ("/twice.gz", gzip.compress(gzip.compress(FEED)), "gzip"),
        ("/plain-called-gzip", FEED, "gzip"),
        ("/plain-called-deflate", FEED, "deflate"),
        ("/raw-deflate", DEFLATED, "deflate"),
        ("/charset-as-encoding", FEED, "UTF-8"),
        ("/none", FEED, "none"),
        ("/identity", FEED, "identity"),
        ("/x-gzip", gzip.compress(FEED), "x-gzip"),
        ("/upper-case", gzip.compress(FEED), "GZIP"),
    ],
)
async def test_a_feed_is_read_however_it_is_packed_or_said_to_be(
    site: Site, path: str, body: bytes, encoding: str | None
) -> None:
    """The bytes tell, where the header is missing or wrong."""
    site.says(path, body=body, **({"Content_Encoding": encoding} if encoding else {}))
    async with reaching(site.port) as client:
        assert await title_of(client, site.url(path)) == "Ferry timetable halved"


async def test_a_site_for_browsers_only_is_named_and_a_setting_gets_through(site: Site) -> None:
    """403 is said as it is; `fetch.user_agent` is what the site then sees."""

    async def browsers_only(request: web.Request) -> web.Response:
        is_browser = request.headers["User-Agent"].startswith("Mozilla/5.0")
        return web.Response(status=200 if is_browser else 403, body=FEED if is_browser else b"forbidden")

    site.answers["/feed"] = browsers_only
    async with reaching(site.port) as client:
        with pytest.raises(DatelineError, match="403 Forbidden"):
            await try_feed(client, site.url("/feed"))
    agent = "Mozilla/5.0 (X11; Linux x86_64) QuaysideReader/2"
    async with reaching(site.port, settings=msgspec.structs.replace(UNHURRIED, user_agent=agent)) as client:
        assert await title_of(client, site.url("/feed")) == "Ferry timetable halved"
    assert site.asked[-1][1]["user-agent"] == agent


@pytest.mark.parametrize("host", ["old_quay.example", "_feeds.quay.example", "news-.quay.example", "a__b.example"])
async def test_a_host_name_that_no_registry_sells_is_asked_all_the_same(site: Site, host: str) -> None:
    """Underscores and closing hyphens are in use below real domains."""
    site.says("/feed", body=FEED)
    async with reaching(site.port, names={host: "127.0.0.1"}) as client:
        assert await title_of(client, site.url("/feed", host)) == "Ferry timetable halved"
