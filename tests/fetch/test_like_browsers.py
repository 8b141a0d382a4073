"""Answers that no standard allows and every browser reads: cookies, broken header lines, refreshes, odd validators."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from dateline.fetch.header_lines import HeaderLines
from support.fetch_site import Site, saying
from support.fetching import FEED, code_of, reaching

Handler = Callable[[web.Request], Awaitable[web.Response]]
PAGE = b"<!doctype html><html><head><title>The quay</title></head><body><p>The quay reopened.</p></body></html>"


def leads_to(content: str, *, before: str = "", after: str = "") -> bytes:
    """A page that sends its reader on."""
    return (
        f"<!DOCTYPE html><html><head>{before}<meta http-equiv='Refresh' content=\"{content}\">{after}</head></html>"
    ).encode()


def asks_for_cookie(back: str, body: bytes) -> Handler:
    """A page that shows ``body`` to those with a cookie, and sets it and sends all others to ``back``."""

    async def answer(request: web.Request) -> web.Response:
        if request.cookies.get("seen") == "1":
            return web.Response(body=body)
        return web.Response(status=302, headers={"Location": back, "Set-Cookie": "seen=1; Path=/"})

    return answer


@pytest.mark.parametrize("kind", ["feed", "page"])
async def test_a_cookie_set_by_a_redirect_to_the_same_address_is_sent_back(site: Site, kind: str) -> None:
    """Without it the answer would be the same redirect for ever; the next fetch begins without it."""
    site.answers["/feed"] = asks_for_cookie("/feed", FEED)
    async with reaching(site.port) as client:
        for _ in range(2):
            assert (await client.get(site.url("/feed"), kind=kind)).body == FEED  # type: ignore[arg-type]
    assert [headers.get("cookie") for _, headers in site.asked] == [None, "seen=1", None, "seen=1"]


async def test_a_consent_page_that_sends_its_reader_back_is_passed(site: Site) -> None:
    """Two addresses, one of them twice: no circle, for another cookie goes along."""

    async def consent(_: web.Request) -> web.Response:
        return web.Response(status=303, headers={"Location": "/story", "Set-Cookie": "seen=1; Path=/"})

    site.answers["/story"] = asks_for_cookie("/consent", PAGE)
    site.answers["/consent"] = consent
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/story"), kind="page")).body == PAGE


async def test_a_cookie_stays_with_the_domain_that_set_it(site: Site) -> None:
    """A redirect to somebody else brings none along, not even one that claims a whole public suffix."""

    async def first(_: web.Request) -> web.Response:
        headers = [("Location", site.url("/feed", "b.test")), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Domain=test")]
        return web.Response(status=302, headers=headers)  # type: ignore[arg-type]

    site.answers["/"] = first
    site.says("/feed", body=FEED)
    async with reaching(site.port, names={"a.test": "127.0.0.1", "b.test": "127.0.0.1"}) as client:
        assert (await client.get(site.url("/", "a.test"))).body == FEED
    assert "cookie" not in site.asked[-1][1]


async def test_a_site_that_sets_a_new_cookie_each_time_is_given_up(site: Site) -> None:
    """Another cookie makes an address new; the limit of redirects still holds."""

    async def on(request: web.Request) -> web.Response:
        count = int(request.cookies.get("count", "0")) + 1
        return web.Response(status=302, headers={"Location": "/on", "Set-Cookie": f"count={count}"})

    site.answers["/on"] = on
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/on")) == "redirect_limit"
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "line",
    [
        b"X-Powered-By=Press 4",
        b"no colon at all",
        b"X Frame Options: DENY",
        b": nameless",
        b"caf\xe9: 1",
        b"a=b;\r\n  more of it",
    ],
)
async def test_a_header_line_that_is_no_field_is_skipped(line: bytes) -> None:
    """The fields around it count; the body is whole."""
    data = b'HTTP/1.1 200 OK\r\nETag: "7"\r\n%s\r\nContent-Length: 5\r\n\r\n<one>' % line
    async with saying(data, hold=True) as port, reaching(port) as client:
        body = await client.get(f"http://127.0.0.1:{port}/")
    assert (body.body, body.headers["etag"]) == (b"<one>", '"7"')


async def test_blanks_before_a_colon_are_overlooked() -> None:
    """The field counts, its framing included."""
    data = b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\nETag\t: x\r\n\r\n<one>"
    async with saying(data, hold=True) as port, reaching(port) as client:
        body = await client.get(f"http://127.0.0.1:{port}/")
    assert (body.body, body.headers["etag"]) == (b"<one>", "x")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
        b"X-Folded: a\r\n b\r\ncontent-length: 5\r\n",
    ],
)
async def test_a_length_that_is_said_twice_counts_once(head: bytes) -> None:
    """Two that differ are refused (`test_limits`)."""
    data = b"HTTP/1.1 200 OK\r\n%s\r\n<one>" % head
    async with saying(data, hold=True) as port, reaching(port) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).body == b"<one>"


@pytest.mark.parametrize("order", [1, -1])
async def test_chunks_count_more_than_a_length(order: int) -> None:
    """RFC 9112, 6.3: Transfer-Encoding overrides Content-Length."""
    fields = [b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"][::order]
    data = b"HTTP/1.1 200 OK\r\n%s\r\n5\r\n<one>\r\n0\r\n\r\n" % b"".join(fields)
    async with saying(data, hold=True) as port, reaching(port) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).body == b"<one>"


@pytest.mark.parametrize("odd", [b"", b"no field\r\n"])
async def test_a_body_longer_than_its_length_ends_there_and_so_does_its_connection(odd: bytes) -> None:
    """Servers that count characters instead of bytes announce too little: what was announced is read."""
    data = b"HTTP/1.1 200 OK\r\n%sContent-Length: 5\r\n\r\n<one>\xc3\xa9 and more" % odd
    async with saying(data, hold=True) as port, reaching(port) as client:
        for _ in range(3):  # the server answers once on each connection
            assert (await client.get(f"http://127.0.0.1:{port}/")).body == b"<one>"


@given(st.lists(st.integers(0, 90), max_size=12), st.sampled_from([b"", b"bad\r\n"]))
def test_a_length_is_kept_to_however_the_answer_is_cut(cuts: list[int], odd: bytes) -> None:
    """The parser never sees a byte of what follows."""
    data = b"HTTP/1.1 200 OK\r\nA: 1\r\n%scontent-length: 5\r\nB: 2\r\n\r\n<one>more" % odd
    lines, at, seen = HeaderLines(), 0, []
    for cut in [*sorted(cuts), len(data)]:
        seen.append(lines.read(data[at:cut]))
        at = max(at, cut)
    head, _, body = b"".join(seen).partition(b"\r\n\r\n")
    assert (sorted(head.lower().split(b"\r\n")[1:]), body) == ([b"a: 1", b"b: 2", b"content-length: 5"], b"<one>")
    assert lines.is_over


HEADS = (
    b"HTTP/1.1 200 OK\r\nA: 1\r\nbad line\r\n folded\r\nB: 2\r\n\r\nbody: no\nmore\n\nend",
    b"HTTP/1.1 103 Early Hints\r\nbad\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\nB: 2\nbad\n\nbody",
    b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n",
    b"+OK this is no HTTP\r\nbad\r\n\r\n",
)


@given(st.sampled_from(HEADS), st.lists(st.integers(0, 90), max_size=12))
def test_how_an_answer_is_cut_into_pieces_makes_no_difference(head: bytes, cuts: list[int]) -> None:
    """The same bytes reach the parser, whatever the network did."""
    whole = HeaderLines().read(head)
    lines, at, seen = HeaderLines(), 0, []
    for cut in [*sorted(cuts), len(head)]:
        seen.append(lines.read(head[at:cut]))
        at = max(at, cut)
    assert b"".join(seen) == whole
    assert b"bad" not in whole or whole.startswith(b"+OK")


@pytest.mark.parametrize("kind", ["feed", "page"])
async def test_one_refresh_is_followed(site: Site, kind: str) -> None:
    """As a redirect would be; a second is not, and its page is what there is."""
    wanted = leads_to("0;url=/third") if kind == "page" else FEED
    site.says("/old", body=gzip.compress(leads_to("0; URL=/new")), Content_Encoding="gzip", Content_Type="text/html")
    site.says("/new", body=wanted, Content_Type="text/html", ETag='"7"')
    async with reaching(site.port) as client:
        body = await client.get(site.url("/old"), kind=kind)  # type: ignore[arg-type]
    assert (body.body, body.url) == (wanted, site.url("/new"))
    assert body.hops == ((200, site.url("/new")),)
    # Sent to the page that leads on, they would bring a 304 for a body that we have not.
    assert "etag" not in body.headers


@pytest.mark.parametrize(
    "page",
    [
        leads_to("300"),
        leads_to("0"),
        leads_to("1800;url=/other"),
        leads_to("0;url=#top"),
        leads_to("0;url=/page"),
        leads_to("0;url=javascript:go()"),
        leads_to("0;url=/other", before="<!--", after="-->"),
        leads_to("0;url=/other", before='<script>x = "', after='"</script>'),
        leads_to("0;url=/other", before="<noscript>", after="</noscript>" + "<p>word word</p>" * 1000),
        PAGE + b" " * 20_000 + leads_to("0;url=/other"),
    ],
    ids=[
        "reload",
        "at once",
        "much later",
        "fragment",
        "itself",
        "script",
        "comment",
        "in a script",
        "noscript",
        "far down",
    ],
)
async def test_a_refresh_that_no_reader_would_see_is_not_followed(site: Site, page: bytes) -> None:
    """The page that came is the page."""
    site.says("/page", body=page, Content_Type="text/html")
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/page"), kind="page")).body == page
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "page",
    [
        leads_to("5;URL='/other'"),
        leads_to("0, /other"),
        leads_to("0;url=&#x2F;other"),
        leads_to("0;url=other", before="<base href='/'>"),
        leads_to("0;url=/other", before="<noscript>", after="</noscript><script>location.replace('/other')</script>"),
    ],
)
async def test_a_refresh_is_read_in_all_its_spellings(site: Site, page: bytes) -> None:
    """Quotes, entities, a base, no "url=", and a stub whose script would do the same."""
    site.says("/in/page", body=page, Content_Type="text/html")
    site.says("/other", body=PAGE, Content_Type="text/html")
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/in/page"), kind="page")).url == site.url("/other")


async def test_a_refresh_in_a_header_counts_and_the_guard_has_the_last_word(site: Site) -> None:
    """Old servers send it; no refresh reaches what a redirect may not."""
    site.says("/page", body=PAGE, Content_Type="text/html", Refresh="0; url=/other")
    site.says("/other", body=PAGE, Content_Type="text/html")
    site.says("/inside", body=leads_to("0;url=http://169.254.169.254/"), Content_Type="text/html")
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/page"), kind="page")).url == site.url("/other")
        assert await code_of(client, site.url("/inside"), kind="page") == "blocked"


async def test_a_feed_that_quotes_a_refresh_is_a_feed(site: Site) -> None:
    """What stands in an entry's markup sends nobody anywhere."""
    feed = FEED.replace(b"</channel>", b"<description><![CDATA[%s]]></description></channel>" % leads_to("0;url=/x"))
    site.says("/feed", body=feed, Content_Type="text/html")
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/feed"))).body == feed


@pytest.mark.parametrize("empty", [b"", b"\r\n", gzip.compress(b"")], ids=["nothing", "a line end", "packed"])
async def test_an_empty_answer_to_a_condition_is_asked_again_without_it(site: Site, empty: bytes) -> None:
    """Some servers mean "not modified" by it and say so for ever; their validators are of no use."""

    async def answer(request: web.Request) -> web.Response:
        if "If-None-Match" in request.headers:
            packed = {"Content-Encoding": "gzip"} if empty.startswith(b"\x1f") else {}
            return web.Response(body=empty, headers=packed)
        return web.Response(body=FEED, headers={"ETag": '"8"'})

    site.answers["/feed"] = answer
    hops: list[tuple[str, str]] = []

    async def before(old: str, new: str) -> None:
        hops.append((old, new))

    async with reaching(site.port) as client:
        body = await client.get(site.url("/feed"), etag='"7"', before_hop=before)
        assert (await client.get(site.url("/feed"))).headers["etag"] == '"8"'
    assert (body.body, body.hops) == (FEED, ())
    assert "etag" not in body.headers
    assert hops == [(site.url("/feed"), site.url("/feed"))]  # in the owner's budget, like any other request
    assert len(site.asked) == 3


async def test_a_last_modified_of_tomorrow_is_not_kept(site: Site) -> None:
    """Sent back it would bring a 304 until then. By a server whose own clock is ahead it is no lie."""
    now = datetime.now(UTC)
    tomorrow = format_datetime(now + timedelta(days=1), usegmt=True)
    before = format_datetime(now - timedelta(hours=1), usegmt=True)
    site.says("/ahead", body=FEED, Last_Modified=tomorrow, ETag='"7"')
    site.says("/good", body=FEED, Last_Modified=before)
    site.says("/clock", body=FEED, Last_Modified=tomorrow, Date=tomorrow)
    async with reaching(site.port) as client:
        ahead = (await client.get(site.url("/ahead"))).headers
        assert "last-modified" not in ahead and ahead["etag"] == '"7"'
        assert (await client.get(site.url("/good"))).headers["last-modified"] == before
        assert (await client.get(site.url("/clock"))).headers["last-modified"] == tomorrow


@pytest.mark.parametrize(
    ("headers", "is_read"),
    [
        ({"Content_Range": f"bytes 0-{len(FEED) - 1}/{len(FEED)}"}, True),
        ({}, True),
        ({"Content_Range": "bytes 0-99/100000"}, False),
        ({"Content_Range": f"bytes 0-{len(FEED) - 1}/*"}, False),
        ({"Content_Range": "bytes 100-199/200"}, False),
        ({"Content_Type": "multipart/byteranges; boundary=x"}, False),
    ],
)
async def test_a_part_that_is_the_whole_is_read(site: Site, headers: dict[str, str], is_read: bool) -> None:
    """206 to a request that asked for no part: by what it says of itself."""
    site.says("/feed", status=206, body=FEED, **headers)
    async with reaching(site.port) as client:
        if is_read:
            assert (await client.get(site.url("/feed"))).body == FEED
        else:
            assert await code_of(client, site.url("/feed")) == "http_status"


@pytest.mark.parametrize(
    ("location", "path"), [(b"/sm\xc3\xb8r.xml", "/sm%C3%B8r.xml"), (b"/sm\xf8r.xml", "/sm%F8r.xml")]
)
async def test_raw_bytes_in_a_location_are_sent_back_as_they_came(site: Site, location: bytes, path: str) -> None:
    """UTF-8 or not: percent-encoded, never replaced."""
    data = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d%s\r\nContent-Length: 0\r\n\r\n" % (site.port, location)
    async with saying(data) as port, reaching(port, site.port) as client:
        await code_of(client, f"http://127.0.0.1:{port}/")
    assert site.asked[0][0] == path
