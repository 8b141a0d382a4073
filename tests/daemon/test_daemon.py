"""The daemon as operators meet it: a child process on a real Redis over the bundled newsroom."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import redis as redis_client

from dateline.demo import newsroom
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis


class House:
    """A newsroom, a Redis and one daemon over them."""

    def __init__(self, room: newsroom.Newsroom, server: RedisServer, tmp_path: Path) -> None:
        self.room = room
        self.server = server
        self.client = redis_client.Redis.from_url(server.url, protocol=2)
        self.port = rig.free_port()
        self.folder = tmp_path / "config"
        self.settings = self.write([feed.url for feed in room.feeds])
        self.daemon = rig.Daemon(self.settings, tmp_path / "daemon.log")

    def write(self, feeds: list[str]) -> Path:
        """Settings for these feeds, with the HTTP port on."""
        serve = {"enabled": True, "port": self.port, "token": "s3cret"}
        web = urlsplit(self.room.base_url).port or 80
        return rig.write_settings(self.folder, self.server.url, [web], feeds, serve=serve)

    def with_two_feeds(self) -> None:
        """Leave it at the first two papers, nine entries, where more would only take longer."""
        self.write([feed.url for feed in self.room.feeds[:2]])

    def articles(self) -> list[dict[str, str]]:
        """The article entries of the stream."""
        return [fields for _, fields in rig.stream(self.client) if fields["type"].startswith("dateline.article.")]

    async def drained(self) -> None:
        """Wait until nothing is due, in hand or waiting."""
        await eventually(lambda: rig.drained(self.client))

    async def stopped(self) -> int:
        """SIGTERM; the exit code."""
        return await asyncio.to_thread(self.daemon.stop)

    def log(self) -> str:
        """What the daemon said."""
        return self.daemon.log.read_text()

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body from the daemon's port."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""


@pytest_asyncio.fixture
async def house(own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[House]:
    """Everything but the daemon is started."""
    async with newsroom.serve() as room:
        built = House(room, own_redis, tmp_path)
        yield built
        if built.daemon.running():
            await asyncio.to_thread(built.daemon.kill)
        built.client.close()


async def test_every_story_of_the_newsroom_is_published_and_a_restart_publishes_nothing_twice(house: House) -> None:
    """State lies in Redis: the second daemon knows what the first did."""
    house.daemon.start()
    await eventually(lambda: len(house.articles()) > 5)
    await house.drained()
    first = rig.stream(house.client)
    assert len(house.articles()) >= 25
    assert await house.stopped() == 0
    rig.make_due(house.client)
    house.daemon.start()
    await eventually(lambda: house.log().count("feed.polled") >= 2 * len(house.room.feeds))
    await house.drained()
    assert rig.stream(house.client) == first
    assert await house.stopped() == 0


async def test_a_story_that_changes_is_a_revision_and_its_lost_facts_are_retracted(house: House) -> None:
    """The new revision names what it supersedes; an event that the new text no longer supports is taken back."""
    house.daemon.start()
    await eventually(lambda: len(house.articles()) >= 25)
    await house.drained()
    house.room.advance()
    rig.make_due(house.client)
    await eventually(lambda: any(row["type"].endswith("revised") for row in house.articles()))
    await house.drained()
    revised = next(json.loads(row["data"]) for row in house.articles() if row["type"].endswith("revised"))
    older = next(row for row in house.articles() if row["id"] == revised["supersedes"])
    assert revised["revision"] == 2 and json.loads(older["data"])["id"] == revised["id"]
    kinds = {fields["type"] for _, fields in rig.stream(house.client)}
    assert "dateline.event.retracted" in kinds


async def test_sigterm_finishes_or_gives_back_what_is_in_hand(house: House) -> None:
    """Stopped in the middle and started again, everything is there once."""
    house.with_two_feeds()
    house.daemon.start()
    await eventually(lambda: len(house.articles()) >= 2)
    assert await house.stopped() == 0
    house.daemon.start()
    await house.drained()
    ids = [row["id"] for row in house.articles()]
    assert len(ids) == len(set(ids)) >= 7


async def test_sighup_reads_the_feeds_again_and_a_broken_file_changes_nothing(house: House) -> None:
    """A bad reload keeps the old settings and says so."""
    some, rest = house.room.feeds[:2], house.room.feeds[2:]
    house.write([feed.url for feed in some])
    house.daemon.start()
    await eventually(lambda: house.log().count("feed.polled") >= 2)
    good = house.settings.read_text()
    house.settings.write_text("[poll]\nintervall = 3\n")
    house.daemon.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    await eventually(lambda: "settings.refused" in house.log())
    house.settings.write_text(good)
    house.write([feed.url for feed in (*some, *rest)])
    house.daemon.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    await eventually(lambda: all(feed.url in house.log() for feed in rest))
    assert await house.stopped() == 0


async def test_the_port_tells_health_readiness_and_numbers_and_asks_for_the_token(house: House) -> None:
    """Orchestrators need no token; everything that tells something does."""
    house.daemon.start()
    await eventually(lambda: house.get("/readyz")[0] == 200)
    assert house.get("/healthz") == (200, "ok\n")
    assert house.get("/metrics")[0] == 401
    assert house.get("/desk")[0] == 401
    status, text = house.get("/metrics", Authorization="Bearer s3cret")
    assert status == 200 and "dateline_polls_total" in text
    assert house.get("/desk", Authorization="Bearer s3cret")[0] == 200
    house.server.pause()
    try:
        await eventually(lambda: house.get("/readyz")[0] == 503)
        assert house.get("/healthz")[0] == 200
    finally:
        house.server.resume()
    await eventually(lambda: house.get("/readyz")[0] == 200)


async def test_a_daemon_without_redis_waits_for_it_and_says_so(house: House) -> None:
    """No trace, no exit: it may be a restart of everything."""
    house.with_two_feeds()
    house.server.kill()
    house.daemon.start()
    await eventually(lambda: "store.unavailable" in house.log())
    assert house.daemon.running()
    house.server.start()
    await eventually(lambda: len(house.articles()) >= 7)
    assert "Traceback" not in house.log()
    assert await house.stopped() == 0


async def test_once_drains_what_is_due_and_exits(house: House) -> None:
    """For cron, and for trying things out."""
    house.with_two_feeds()
    command = ["run", "--once", "--config", str(house.settings)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", *command, cwd=rig.ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, said.decode()[-2000:]
    assert len(house.articles()) >= 7
    assert rig.drained(house.client)


async def test_redis_that_comes_back_empty_is_noticed_and_brings_no_flood_of_old_news(house: House) -> None:
    """Loud, because what was published is forgotten; old entries are not sent again, new ones are."""
    house.daemon.start()
    await eventually(lambda: len(house.articles()) >= 25)
    await house.drained()
    house.client.flushall()
    await eventually(lambda: "store.emptied" in house.log())
    polls = house.log().count("feed.polled")
    await eventually(lambda: house.log().count("feed.polled") >= polls + len(house.room.feeds))
    await house.drained()
    assert len(house.articles()) < 10
    assert await house.stopped() == 0
