"""WebSub as hubs meet it: a publisher, its hub and a real daemon on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
import redis as redis_client
from aiohttp import web

from dateline.store.feed_state import FeedState
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

PAGE = """<html><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>The harbour office of Lindmouth said on Tuesday that ferry number {n} will sail again from the {n}th of the month.</p>
<p>Repairs to the {n} pontoons had taken longer than the council had planned, its engineer told a meeting of {n} residents.</p>
<p>Fares stay as they were, and the evening boat keeps its {n} o'clock departure, according to the timetable.</p>
</article></body></html>"""


class Publisher:
    """A feed with entries, their pages, and the hub that tells of them."""

    def __init__(self) -> None:
        self.base = ""
        self.entries: list[int] = []
        self.asked: list[dict[str, str]] = []
        self.polls = 0
        self.answers: list[tuple[int, str]] = []

    @property
    def feed_url(self) -> str:
        return f"{self.base}/feed.xml"

    def feed(self, *numbers: int) -> bytes:
        """The feed's document, whole or with these entries only."""
        then = format_datetime(datetime.now(UTC) - timedelta(minutes=10))
        items = "".join(
            f"<item><title>Ferry {n} sails again</title><link>{self.base}/a/{n}</link><guid>{self.base}/a/{n}</guid>"
            f"<pubDate>{then}</pubDate></item>"
            for n in numbers or self.entries
        )
        links = f'<atom:link rel="hub" href="{self.base}/hub"/><atom:link rel="self" href="{self.feed_url}"/>'
        head = '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        return f"{head}<title>Harbour</title>{links}{items}</channel></rss>".encode()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/feed.xml", self._feed)
        app.router.add_get("/a/{n}", self._page)
        app.router.add_post("/hub", self._hub)
        return app

    async def _feed(self, _: web.Request) -> web.Response:
        self.polls += 1
        return web.Response(body=self.feed(), content_type="application/rss+xml")

    async def _page(self, request: web.Request) -> web.Response:
        n = request.match_info["n"]
        return web.Response(text=PAGE.format(n=n, title=f"Ferry {n} sails again"), content_type="text/html")

    async def _hub(self, request: web.Request) -> web.Response:
        form = {key: values[0] for key, values in parse_qs(await request.text()).items()}
        self.asked.append(form)
        verification = {
            "hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "c0ffee",
            "hub.lease_seconds": form["hub.lease_seconds"],
        }  # fmt: skip
        async with aiohttp.ClientSession() as session, session.get(form["hub.callback"], params=verification) as answer:
            self.answers.append((answer.status, await answer.text()))
        return web.Response(status=202)

    async def push(self, body: bytes, *, secret: str | None = None, callback: str = "") -> int:
        """Tell the subscriber, as the hub does; gives its status, 0 where the connection broke."""
        form = self.asked[0]
        mark = hmac.new((secret or form["hub.secret"]).encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": f"sha256={mark}", "Content-Type": "application/rss+xml"}
        try:
            async with aiohttp.ClientSession() as session:
                where = callback or form["hub.callback"]
                async with session.post(where, data=body, headers=headers) as answer:
                    return answer.status
        except aiohttp.ClientError:
            return 0


class Stage:
    """Publisher, Redis and daemon."""

    def __init__(self, publisher: Publisher, server: RedisServer, tmp_path: Path) -> None:
        self.publisher = publisher
        self.client = redis_client.Redis.from_url(server.url, protocol=2)
        self.port = rig.free_port()
        self.url = server.url
        self.folder = tmp_path / "config"
        self.daemon = rig.Daemon(self.folder / "dateline.toml", tmp_path / "daemon.log")

    def start(self, *, public: bool = True, **environment: str) -> None:
        """Write the settings and start; not ``public``: without a callback address."""
        port = urlsplit(self.publisher.base).port or 80
        websub = {"plain_hubs": [f"{self.publisher.base}/hub"]}
        if public:
            websub["callback_url"] = f"http://127.0.0.1:{self.port}"  # type: ignore[assignment]
        serve = {"enabled": True, "port": self.port}
        rig.write_settings(
            self.folder, self.url, [port], [self.publisher.feed_url], serve=serve, websub=websub,
            fetch={"max_feed_bytes": 200_000}, poll={"floor_seconds": 600.0, "busy_floor_seconds": 600.0},  # polls are counted
        )  # fmt: skip
        self.daemon.start(**environment)

    def articles(self) -> list[str]:
        """Ids of the articles on the stream."""
        rows = rig.stream(self.client)
        return [fields["subject"] for _, fields in rows if fields["type"].startswith("dateline.article.")]

    def state(self) -> FeedState:
        """The feed as Redis has it."""
        (state,) = rig.feed_states(self.client, rig.bases()[0]).values()
        return state

    def said(self, what: str) -> int:
        """How often the daemon's log has it."""
        return self.daemon.log.read_text().count(what)

    async def explained(self) -> bytes:
        """``dateline feeds explain``."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "worker", "feeds", "--config", str(self.daemon.settings), "explain",
            self.publisher.feed_url, cwd=rig.ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return (await asyncio.wait_for(process.communicate(), 120))[0]

    async def polled(self, times: int) -> None:
        """Wait for so many polls in all."""
        await eventually(lambda: self.said("feed.polled") >= times)

    async def status(self, path: str) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return answer.status


@pytest_asyncio.fixture
async def stage(own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A feed of three entries; the daemon is not started."""
    publisher = Publisher()
    runner = web.AppRunner(publisher.app(), shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    publisher.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    publisher.entries = [1, 2, 3]
    built = Stage(publisher, own_redis, tmp_path)
    yield built
    if built.daemon.running():
        await asyncio.to_thread(built.daemon.kill)
    built.client.close()
    await runner.cleanup()


async def test_a_push_is_published_once_and_the_feed_is_then_polled_rarely(stage: Stage) -> None:
    """Subscribed, verified, pushed a part of the feed; the poll that follows finds nothing new and waits six hours."""
    publisher = stage.publisher
    stage.start()
    await eventually(lambda: publisher.answers == [(200, "c0ffee")])
    await eventually(lambda: len(stage.articles()) == 3)
    publisher.entries.insert(0, 4)
    polls = publisher.polls
    assert await publisher.push(publisher.feed(4)) == 204
    await eventually(lambda: len(stage.articles()) == 4)
    assert publisher.polls == polls
    assert await publisher.push(publisher.feed(4)) == 204
    assert await publisher.push(publisher.feed(9), secret="guessed") == 202
    rig.make_due(stage.client)
    await stage.polled(2)
    await eventually(lambda: rig.drained(stage.client))
    assert len(set(stage.articles())) == len(stage.articles()) == 4
    assert "WebSub" in stage.state().reason
    assert b", 2 pushes" in await stage.explained()
    assert stage.said('"forged"') == 1 and stage.said("Traceback") == 0


async def test_a_hub_that_misses_entries_is_not_relied_on(stage: Stage) -> None:
    """After one push the hub falls silent; the poll finds what it missed, and polling is as before."""
    publisher = stage.publisher
    stage.start()
    await eventually(lambda: len(publisher.answers) == 1)
    publisher.entries.insert(0, 4)
    assert await publisher.push(publisher.feed(4)) == 204
    rig.make_due(stage.client)
    await stage.polled(2)
    publisher.entries[:0] = range(5, 12)
    rig.make_due(stage.client)
    await eventually(lambda: stage.said("websub.distrusted") == 1)
    await stage.polled(3)
    assert "WebSub" not in stage.state().reason
    await eventually(lambda: len(stage.articles()) == 11)


async def test_a_daemon_killed_behind_a_pushs_commit_publishes_it_once(stage: Stage) -> None:
    """The hub saw no answer and sends it again."""
    publisher = stage.publisher
    stage.start(DATELINE_FAIL="after_enqueue:2:kill")
    await eventually(lambda: len(publisher.answers) == 1)
    await eventually(lambda: len(stage.articles()) == 3)
    publisher.entries.insert(0, 4)
    assert await publisher.push(publisher.feed(4)) == 0
    await eventually(lambda: not stage.daemon.running())
    stage.start()
    await eventually(lambda: stage.said("serve.started") == 2)
    assert await publisher.push(publisher.feed(4)) == 204
    await eventually(lambda: len(stage.articles()) == 4)
    await eventually(lambda: rig.drained(stage.client))
    assert len(set(stage.articles())) == len(stage.articles()) == 4


async def test_strangers_get_nothing_from_the_callback(stage: Stage) -> None:
    """An unknown token, another topic, a body over the limit, a push that is no feed."""
    publisher = stage.publisher
    stage.start()
    await eventually(lambda: len(publisher.answers) == 1)
    path = urlsplit(publisher.asked[0]["hub.callback"]).path
    unknown = f"http://127.0.0.1:{stage.port}/websub/{'x' * 32}"
    assert await publisher.push(b"news", callback=unknown) == 410
    assert await stage.status(f"/websub/{'x' * 32}?hub.mode=subscribe&hub.challenge=1") == 404
    assert await stage.status(f"{path}?hub.mode=subscribe&hub.topic=http://else.example/&hub.challenge=1") == 404
    assert await stage.status(f"{path}?hub.mode=unsubscribe&hub.topic={publisher.feed_url}&hub.challenge=1") == 404
    assert await publisher.push(b"x" * 200_001) == 413
    polls = publisher.polls
    assert await publisher.push(b"something is new") == 202
    await eventually(lambda: publisher.polls == polls + 1)


async def test_without_a_public_address_no_hub_is_asked_and_nothing_is_said(stage: Stage) -> None:
    """The default: feeds are polled, and that is all."""
    stage.start(public=False)
    await stage.polled(1)
    await eventually(lambda: rig.drained(stage.client))
    assert stage.publisher.asked == [] and stage.said("websub") == 0
    assert await stage.status(f"/websub/{'x' * 32}") == 404
