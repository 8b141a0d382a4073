"""One slow owner never holds back another: the daemon beside an owner whose server does not answer until the test lets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import redis as redis_client
from aiohttp import web

from support import rig
from support.conditions import eventually
from support.fetch_site import Site, serving
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

AT_ONCE = 6  #: feeds polled, and entries carried, by the daemon at a time
OWNER_AT_ONCE = 2
SLOW_FEEDS = 20  #: more than the daemon polls at a time
QUICK_FEEDS = 8
STORIES = 15  #: of the slow owner's first feed: more than the daemon carries at a time
TEXT = (
    "The harbour council of {name} met on Saturday and voted to repair the old pier before winter. "
    "Engineers told the council that storms had loosened eleven of its beams and that the work would take six weeks. "
)


@dataclass
class Press:
    """Two kinds of owners on one server; the slow one's answers wait while ``held``."""

    site: Site
    held: set[str] = field(default_factory=set)  #: kinds of the slow owner's addresses that do not answer: feed, page
    release: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    most_waiting: int = 0

    def feed(self, host: str, number: int, stories: int) -> str:
        """A feed with as many stories, each with a page; gives the feed's address."""
        path = f"/{host}/{number}/feed.xml"
        items = ""
        for story in range(stories):
            page = f"/{host}/{number}/story-{story}.html"
            address = f"http://www.{host}.example:{self.site.port}{page}"
            title = f"Pier {story} of {host} {number} to be repaired"
            items += f"<item><title>{title}</title><link>{address}</link><guid>{address}</guid></item>"
            text = TEXT.format(name=f"{host.title()} {number}-{story}") * 3
            body = f"<article><h1>{title}</h1><p>{text}</p></article>"
            html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
            self._says(page, "page", host, html, "text/html")
        self._says(path, "feed", host, f'<rss version="2.0"><channel>{items}</channel></rss>', "application/rss+xml")
        return f"http://www.{host}.example:{self.site.port}{path}"

    def _says(self, path: str, kind: str, host: str, text: str, mime: str) -> None:
        async def answer(_: web.Request) -> web.Response:
            if host == "slow" and kind in self.held:
                self.waiting += 1
                self.most_waiting = max(self.most_waiting, self.waiting)
                try:
                    await self.release.wait()
                finally:
                    self.waiting -= 1
            return web.Response(text=text, content_type=mime)

        self.site.answers[path] = answer


@pytest_asyncio.fixture
async def press() -> AsyncIterator[Press]:
    """A server that both kinds of owners share; nothing is held yet."""
    async with serving() as site:
        built = Press(site)
        yield built
        built.release.set()


def _daemon(press: Press, server: RedisServer, folder: Path, feeds: list[str]) -> rig.Daemon:
    """Not started yet; slow in giving up, so that what is held stays held."""
    settings = rig.write_settings(
        folder / "config", server.url, [press.site.port], feeds,
        poll={"at_once": AT_ONCE}, ingest={"at_once": AT_ONCE}, politeness={"at_once": OWNER_AT_ONCE},
        fetch={"local_names": [".example"], "first_byte_seconds": 120.0, "total_seconds": 120.0},
    )  # fmt: skip
    return rig.Daemon(settings, folder / "daemon.log")


def _published(client: redis_client.Redis) -> set[str]:
    """The hosts and paths of the articles on the stream."""
    rows = [fields for _, fields in rig.stream(client) if fields["type"].startswith("dateline.article.")]
    return {urlsplit(row["source"]).path + " " + row["subject"] for row in rows}


def _asked(press: Press, part: str) -> set[str]:
    return {path for path, _ in press.site.asked if part in path}


async def _play(press: Press, server: RedisServer, folder: Path, held: str) -> None:
    """Hold one kind of the slow owner's answers; every quick feed and story must come through meanwhile, then the rest."""
    press.held = {held}
    slow = [press.feed("slow", number, STORIES if number == 0 else 1) for number in range(SLOW_FEEDS)]
    quick = [press.feed(f"quick{number}", number, 1) for number in range(QUICK_FEEDS)]
    daemon = _daemon(press, server, folder, slow + quick)
    client = redis_client.Redis.from_url(server.url, protocol=2)
    daemon.start()
    try:
        await eventually(lambda: press.waiting == OWNER_AT_ONCE)
        await eventually(lambda: len(_published(client)) >= QUICK_FEEDS)
        assert press.waiting == OWNER_AT_ONCE, "the slow owner still answers nothing"
        assert not press.release.is_set()
        assert len({path for path in _asked(press, "story") if "quick" in path}) == QUICK_FEEDS
        press.release.set()
        await eventually(lambda: len(_published(client)) == QUICK_FEEDS + STORIES + SLOW_FEEDS - 1)
        assert press.most_waiting == OWNER_AT_ONCE
        assert await asyncio.to_thread(daemon.stop) == 0
    finally:
        client.close()
        if daemon.running():
            daemon.kill()


async def test_twenty_feeds_of_an_owner_that_does_not_answer_hold_back_no_other_owner(
    press: Press, own_redis: RedisServer, tmp_path: Path
) -> None:
    """They are due first and more than the daemon polls at a time; the others' stories come while they hang."""
    await _play(press, own_redis, tmp_path, "feed")


@pytest.mark.long
async def test_thirty_pages_of_an_owner_that_does_not_answer_hold_back_no_other_owner(
    press: Press, own_redis: RedisServer, tmp_path: Path
) -> None:
    """The same for pages: a full hand of one owner's entries leaves room for the next owner's."""
    await _play(press, own_redis, tmp_path, "page")
