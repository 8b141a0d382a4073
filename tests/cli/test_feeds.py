"""``dateline feeds``: what an operator types, against a real Redis and a little site on loopback."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import redis as redis_client
from aiohttp import web

from dateline.cli.try_feed import addressed
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer, servers
from support.verbs import run_verb

pytestmark = pytest.mark.one_redis

BASE = "{dateline:events}:"
HOME = '<html><head><link rel="alternate" type="application/rss+xml" href="/news.rss"></head><body>Hello</body></html>'
ITEM = "<item><title>Item {n}</title><link>{base}/{n}</link><pubDate>{day} Jan 2026 08:00:00 GMT</pubDate></item>"


@dataclass
class Desk:
    """A terminal beside a Redis and a site."""

    folder: Path
    base: str
    client: redis_client.Redis
    url: str
    hits: dict[str, int]

    async def feeds(self, *arguments: str, exit_code: int = 0) -> tuple[str, str]:
        """Run one verb; gives what it wrote to standard output and error."""
        words = ("feeds", "--config", str(self.folder / "dateline.toml"), *arguments)
        done = await asyncio.to_thread(run_verb, *words)
        assert done.returncode == exit_code, done
        return done.stdout.decode(), done.stderr.decode()

    async def rows(self) -> list[dict[str, object]]:
        """``list --json``."""
        return [json.loads(line) for line in (await self.feeds("list", "--json"))[0].splitlines()]


def feed(base: str, count: int = 3) -> str:
    """An RSS document, one entry a day."""
    items = "".join(ITEM.format(n=n, base=base, day=n) for n in range(1, count + 1))
    return f"<rss version='2.0'><channel><title>The Lindmouth Post</title>{items}</channel></rss>"


@pytest_asyncio.fixture
async def desk(own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Desk]:
    """A site with a front page that names its feed; an empty feed list."""
    if own_redis.binary.version < (7, 0) and len(servers()) > 1:
        pytest.skip("one Redis version is enough for the command line; the store's own tests run on both")
    hits: dict[str, int] = {}

    async def answer(request: web.Request) -> web.Response:
        hits[request.path] = hits.get(request.path, 0) + 1
        base = f"http://{request.host}"
        if request.path == "/":
            return web.Response(text=HOME, content_type="text/html")
        if request.path.endswith(".rss"):
            if request.headers.get("If-None-Match") == '"v1"':
                return web.Response(status=304)
            return web.Response(text=feed(base), content_type="application/rss+xml", headers={"ETag": '"v1"'})
        return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    rig.write_settings(tmp_path / "c", own_redis.url, [urlsplit(base).port or 80], [])
    client = redis_client.Redis.from_url(own_redis.url, protocol=2)
    yield Desk(tmp_path / "c", base, client, own_redis.url, hits)
    client.close()
    await runner.cleanup()


async def test_add_finds_the_feed_of_a_site_tries_it_and_shows_what_it_is(desk: Desk) -> None:
    """Title, entries and rhythm are shown; a second time it is known."""
    out, _ = await desk.feeds("add", f"{desk.base}/", "--group", "town")
    assert f"{desk.base}/news.rss" in out and "The Lindmouth Post" in out
    assert "3 entries" in out and "one every 24.0 h" in out and "added:" in out
    assert "also there" not in out, "the usual places are guesses: nobody looked whether they are there"
    assert "known already" in (await desk.feeds("add", f"{desk.base}/news.rss"))[0]
    (row,) = await desk.rows()
    assert (row["url"], row["title"], row["origin"]) == (f"{desk.base}/news.rss", "The Lindmouth Post", "added")


async def test_add_refuses_what_is_no_feed_and_says_why(desk: Desk) -> None:
    """Exit 1, nothing added; `--no-check` adds it all the same."""
    _, err = await desk.feeds("add", f"{desk.base}/nothing-here", exit_code=1)
    assert "404" in err and err.count("/nothing-here") == 1 and await desk.rows() == []
    assert "no feeds yet" in (await desk.feeds("list"))[1]
    await desk.feeds("add", "--no-check", f"{desk.base}/later.rss")
    assert len(await desk.rows()) == 1


async def test_verbs_that_ask_redis_only_load_neither_client_nor_reading(desk: Desk) -> None:
    """Nor what only an embedded Redis or a feed's owner needs; each starts in half the time without."""
    await desk.feeds("add", "--no-check", f"{desk.base}/news.rss")
    verbs = (
        "feeds list",
        f"feeds explain {desk.base}/news.rss",
        "groups",
        "stats",
        "forward list",
        "dead-letters list",
        "doctor",
    )
    code = (
        "import sys\nfrom dateline.cli.main import main\n"
        f"for verb in {verbs!r}: main(['--config', {str(desk.folder / 'dateline.toml')!r}, *verb.split()])\n"
        "heavy = {'aiohttp', 'lxml', 'trafilatura', 'feedparser', 'prometheus_client', 'publicsuffixlist', "
        "'dateline.read', 'dateline.extract', 'dateline.store.private'}\n"
        "print('loaded:', *sorted(heavy & set(sys.modules)))"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.endswith("loaded:\n"), done.stdout + done.stderr


def test_an_address_may_be_typed_without_its_scheme() -> None:
    """As people type it; what has a scheme, or is no address, stays what it is and is judged as that."""
    assert addressed("paper.example/world?x=1") == "https://paper.example/world?x=1"
    assert addressed("paper.example") == "https://paper.example"
    for typed in (
        "http://paper.example/",
        "ftp://paper.example",
        "nonsense",
        "two words.example",
        "",
        "file:///etc/passwd",
    ):
        assert addressed(typed) == typed


async def test_check_and_discover_show_without_adding(desk: Desk) -> None:
    """What a poll would bring."""
    out, _ = await desk.feeds("check", f"{desk.base}/news.rss")
    assert "The Lindmouth Post: rss" in out and f"{desk.base}/3" in out
    out, _ = await desk.feeds("discover", f"{desk.base}/")
    assert f"{desk.base}/news.rss" in out
    await desk.feeds("discover", f"{desk.base}/nothing", exit_code=1)
    assert await desk.rows() == []


async def test_pause_resume_now_explain_and_remove_take_an_address_or_an_id(desk: Desk) -> None:
    """A name that is no feed is said to be none, exit 1."""
    await desk.feeds("add", f"{desk.base}/news.rss")
    url = f"{desk.base}/news.rss"
    (row,) = await desk.rows()
    await desk.feeds("pause", url)
    assert desk.client.zscore(BASE + "due", str(row["id"])) == math.inf
    assert (await desk.rows())[0]["due"] == "paused"
    assert "paused" in (await desk.feeds("now", url))[0]
    await desk.feeds("resume", str(row["id"]))
    assert desk.client.zscore(BASE + "due", str(row["id"])) == 0
    out, _ = await desk.feeds("explain", url)
    assert "next poll: now" in out and "it was never polled" in out
    assert "no such feed" in (await desk.feeds("remove", "http://else.example/", exit_code=1))[1]
    await desk.feeds("remove", url)
    assert await desk.rows() == [] and desk.client.zcard(BASE + "due") == 0


async def test_three_thousand_feeds_are_imported_and_none_is_polled(desk: Desk) -> None:
    """Their first polls are spread over a quarter of an hour; what is exported can be imported again."""
    outlines = "".join(
        f'<outline text="Group {group}">'
        + "".join(f'<outline type="rss" text="F {n}" xmlUrl="{desk.base}/{group}/{n}.rss"/>' for n in range(30))
        + "</outline>"
        for group in range(100)
    )
    listed = desk.folder / "list.opml"
    listed.write_text(f'<opml version="2.0"><head/><body>{outlines}</body></opml>')
    out, _ = await desk.feeds("import", str(listed))
    assert "3000 added" in out and desk.hits == {}
    due = [score for _, score in desk.client.zrange(BASE + "due", 0, -1, withscores=True)]
    assert max(due) - min(due) > 850_000
    exported, _ = await desk.feeds("export")
    before = {(row["url"], row["group"], row["title"]) for row in await desk.rows()}
    assert len(before) == 3_000 and ("Group 7" in {group for _, group, _ in before})
    desk.client.flushall()
    listed.write_text(exported)
    assert "3000 added" in (await desk.feeds("import", str(listed)))[0]
    assert {(row["url"], row["group"], row["title"]) for row in await desk.rows()} == before


async def test_a_feed_taken_out_of_the_file_is_paused_and_goes_on_where_it_stopped(desk: Desk, tmp_path: Path) -> None:
    """The running daemon sees the file change; a feed paused by hand stays paused through it."""
    one, two = f"{desk.base}/one.rss", f"{desk.base}/two.rss"
    listed = desk.folder / "feeds.toml"
    listed.write_text(f'[groups.town]\nfeeds = ["{one}", "{two}"]\n')
    daemon = rig.Daemon(desk.folder / "dateline.toml", tmp_path / "log")
    daemon.start()
    try:
        await eventually(lambda: daemon.log.exists() and daemon.log.read_text().count("feed.polled") >= 2)
        await desk.feeds("pause", two)
        listed.write_text(f'[groups.town]\nfeeds = ["{two}"]\n')
        await eventually(lambda: daemon.log.read_text().count("feeds.synced") >= 2)
        states = {row["url"]: row for row in await desk.rows()}
        assert states[one]["paused"] and states[two]["paused"]
        listed.write_text(f'[groups.town]\ninterval_seconds = 999\nfeeds = ["{one}", "{two}"]\n')
        await eventually(lambda: daemon.log.read_text().count("feeds.synced") >= 3)
        await eventually(lambda: '"304"' in daemon.log.read_text())  # its validators were kept
        states = {row["url"]: row for row in await desk.rows()}
        assert not states[one]["paused"] and states[two]["paused"]
        assert desk.hits["/two.rss"] == 1
        assert "999" in (await desk.feeds("explain", one))[0]
    finally:
        assert await asyncio.to_thread(daemon.stop) == 0
