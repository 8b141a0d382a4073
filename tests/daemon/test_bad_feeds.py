"""Feeds as the net has them: no feed at all, nothing, too much, a bomb, the wrong words about itself. The real daemon over
a little server: each costs itself alone, its bounds hold, and the log names what is wrong."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import redis as redis_client
from aiohttp import web

from dateline.store.feed_state import FeedState
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer, servers

pytestmark = pytest.mark.one_redis

LIMIT = 300_000
HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>'
GOOD = HEAD + b"Good</title><item><title>One</title><link>%s/page</link></item></channel></rss>"
TEXT = (
    "The council of Lindmouth agreed on Tuesday to repair the old pier before the summer, its clerk said after the vote. "
    "The work is to cost four million and to last until May; two bids had been received, according to the minutes. "
)
ACCENTED = "Zeitung für Köln"


def bodies() -> dict[str, web.Response]:
    """Path to answer."""
    spaces = HEAD + b" " * 40_000_000
    nested = HEAD + b"<a>" * 90_000
    rss = {"content_type": "application/rss+xml"}
    accents = f"{HEAD.decode()}{ACCENTED}</title></channel></rss>".encode()
    return {
        "/page-instead": web.Response(text="<html><body><h1>Moved</h1></body></html>", content_type="text/html"),
        "/nothing": web.Response(body=b"", **rss),
        "/huge": web.Response(body=HEAD + b"x" * (LIMIT + 1), **rss),
        "/bomb": web.Response(body=gzip.compress(spaces), headers={"Content-Encoding": "gzip"}, **rss),
        "/bomb.xml.gz": web.Response(body=gzip.compress(spaces), content_type="application/gzip"),
        "/deflate-bomb": web.Response(body=zlib.compress(spaces), headers={"Content-Encoding": "deflate"}, **rss),
        "/cut-gzip": web.Response(body=gzip.compress(accents)[:-20], headers={"Content-Encoding": "gzip"}, **rss),
        "/not-gzip": web.Response(body=b"\x00\x01\x02 no gzip", headers={"Content-Encoding": "gzip"}, **rss),
        "/noise": web.Response(body=bytes(range(256)) * 40, **rss),
        "/nested": web.Response(body=nested, **rss),
        "/wrong-charset": web.Response(body=accents, headers={"Content-Type": "text/xml; charset=iso-8859-1"}),
        "/feed.xml.gz": web.Response(body=gzip.compress(accents), content_type="application/x-gzip"),
        "/teapot": web.Response(status=418),
    }


#: What the log must say of each: the code of its error, or None where it is read.
SAID: dict[str, str | None] = {
    "/page-instead": "not_a_feed", "/nothing": "empty", "/huge": "too_large", "/bomb": "too_large",
    "/bomb.xml.gz": "too_large", "/deflate-bomb": "too_large", "/cut-gzip": "bad_encoding", "/not-gzip": "bad_encoding",
    "/noise": "not_a_feed", "/wrong-charset": None, "/feed.xml.gz": None, "/teapot": "http_status",
    "/circle": "redirect_limit", "/drip": "timeout", "/cut-off": "protocol",
}  # fmt: skip


class Village:
    """A good feed among bad ones, and the daemon that polls them all."""

    def __init__(self, server: RedisServer, tmp_path: Path) -> None:
        self.client = redis_client.Redis.from_url(server.url, protocol=2)
        self.url = server.url
        self.folder = tmp_path / "config"
        self.daemon = rig.Daemon(self.folder / "dateline.toml", tmp_path / "log")
        self.base = ""
        self.answers = bodies()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One path, one vice."""
        path = request.path
        if path == "/good":
            return web.Response(body=GOOD % self.base.encode(), content_type="application/rss+xml")
        if path == "/page":
            html = f"<html><head><title>One</title></head><body><article><h1>One</h1><p>{TEXT * 2}</p></article></body></html>"
            return web.Response(text=html, content_type="text/html")
        if path == "/circle":
            raise web.HTTPFound("/circle?again=1" if not request.query_string else "/circle")
        if path in ("/drip", "/cut-off"):
            return await self._slow(request, path == "/cut-off")
        found = self.answers.get(path)
        if found is None:
            raise web.HTTPNotFound
        return web.Response(status=found.status, body=found.body, headers=found.headers)

    async def _slow(self, request: web.Request, cut: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(HEAD)
        if cut and request.transport is not None:
            request.transport.close()
            return response
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    def polls(self) -> dict[str, dict[str, object]]:
        """The last ``feed.polled`` of each path."""
        lines = self.daemon.log.read_text().splitlines() if self.daemon.log.exists() else []
        rows = [json.loads(line) for line in lines if '"feed.polled"' in line]
        return {urlsplit(str(row["feed"])).path: row for row in rows}

    def state(self, path: str) -> FeedState:
        """What Redis has of one feed."""
        return rig.feed_states(self.client, rig.bases()[0])[self.base + path]


@pytest_asyncio.fixture
async def village(own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Village]:
    """Served and listed; the daemon is started."""
    if own_redis.binary.version < (7, 0) and len(servers()) > 1:
        pytest.skip("one Redis version is enough: nothing here is about the store")
    built = Village(own_redis, tmp_path)
    app = web.Application()
    app.router.add_get("/{path:.*}", built.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    built.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    feeds = [built.base + path for path in (*SAID, "/nested", "/good")]
    rig.write_settings(
        built.folder, own_redis.url, [runner.addresses[0][1]], feeds,
        fetch={"max_feed_bytes": LIMIT, "total_seconds": 3.0}, pool={"wall_seconds": 8.0},
    )  # fmt: skip
    built.daemon.start()
    yield built
    if built.daemon.running():
        await asyncio.to_thread(built.daemon.kill)
    built.client.close()
    await runner.cleanup()


async def test_every_bad_feed_is_named_in_the_log_bounded_and_holds_no_other_up(village: Village) -> None:
    """One daemon, all of them at once; the good feed's entry is published, and the daemon stops cleanly."""
    await eventually(lambda: set(village.polls()) >= {*SAID, "/nested", "/good"})
    polls = village.polls()
    said = {path: village.state(path).status for path in SAID}
    assert {path: code for path, code in said.items() if SAID[path]} == {p: c for p, c in SAID.items() if c}
    for path, code in SAID.items():
        row = polls[path]
        if code is None:
            assert "error" not in row and village.state(path).title == ACCENTED
        else:
            assert len(str(row["error"])) > 20 and "\n" not in str(row["error"])
            assert float(str(row["next_seconds"])) >= 60
    await eventually(
        lambda: any(b"One" in fields[b"data"] for _, fields in village.client.xrange("dateline:events")), 30
    )
    assert await asyncio.to_thread(village.daemon.stop) == 0
    log = village.daemon.log.read_text()
    assert "Traceback" not in log and "feed.failed" not in log


async def test_a_feed_that_heals_is_read_and_one_that_breaks_keeps_its_memory(village: Village) -> None:
    """Nothing is given up, and an empty answer forgets nothing."""
    await eventually(lambda: {"/page-instead", "/good"} <= set(village.polls()))
    memory = village.state("/good").memory
    village.answers["/page-instead"] = village.answers["/wrong-charset"]
    rig.make_due(village.client)
    await eventually(lambda: village.state("/page-instead").status == "200")
    assert not village.state("/page-instead").error
    assert village.state("/good").memory == memory
