"""The promise: every revision exactly once, whatever dies when. A hundred feeds, two daemons, SIGKILLs, a Redis crash."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
import redis as redis_client

from support import rig
from support.exactness import Report, Truth, compare, truth_of
from support.redis_server import RedisServer, servers

pytestmark = pytest.mark.one_redis

BASE = "{dateline:events}:"
DEAD = BASE + "dead"
FEEDS = 100
CLAIM_SECONDS = (
    61.0  #: a little longer than `ingest.recheck.Rechecker` claims a page; the next look comes ten minutes later
)

needs_newsworld = pytest.mark.skipif(
    not (rig.SHARED / "newsworld").is_dir(),
    reason="../shared/newsworld is not here: the news web with its ground truth",
)


class Flock:
    """Two daemons on one Redis, and what happens to them."""

    def __init__(self, tmp_path: Path, server: RedisServer, world: rig.NewsWorld, floor_seconds: float = 30.0) -> None:
        self.server = server
        self.world = world
        self.client = redis_client.Redis.from_url(server.url, protocol=2)
        poll = {"floor_seconds": floor_seconds, "busy_floor_seconds": floor_seconds}
        settings = rig.write_settings(tmp_path / "config", server.url, [world.port], world.feeds, poll=poll)
        self.daemons = [rig.Daemon(settings, tmp_path / f"daemon{n}.log") for n in range(2)]

    def published(self) -> int:
        """Stream entries so far."""
        try:
            return int(self.client.xlen("dateline:events"))
        except redis_client.RedisError:
            return 0

    def at(self, entries: int) -> None:
        """Wait until so many entries stand on the stream, or nothing is left to do."""
        rig.until(lambda: self.published() >= entries or rig.drained(self.client), 180, f"{entries} entries")

    def drain(self) -> None:
        """Wait until nothing is due, in hand or waiting, three looks in a row."""
        for _ in range(3):
            rig.until(self.is_at_rest, 240, "the daemons do not come to rest", every=0.2)

    def is_at_rest(self) -> bool:
        """Whether nothing is left to do, nor a page to be looked at that a killed daemon had claimed, for a minute."""
        now = time.time() * 1000
        return rig.drained(self.client) and not self.client.zcount(BASE + "recheck", now, now + CLAIM_SECONDS * 1000)

    def restart(self, number: int) -> None:
        """SIGKILL one and start it again."""
        self.daemons[number].kill()
        self.daemons[number].start()

    def traces(self, article: str) -> list[str]:
        """Every place where Redis still knows something of an article of the news web: for the message of a failure."""
        found = []
        name = re.compile(rf"(?<![0-9x]){article}(?![0-9x])".encode())
        feed = article.partition("x")[0].encode()
        for kind in ("entries", "dead", "trail"):
            for mid, row in self.client.xrange(BASE + kind):
                if any(name.search(value) for value in row.values()):
                    shown = {key: value for key, value in row.items() if key != b"e"}
                    found.append(f"{kind} {mid.decode()} {shown}")
        for payload, at in self.client.zrange(BASE + "later", 0, -1, withscores=True):
            if name.search(payload):
                found.append(f"later {at} {payload[:300]!r}")
        for key, due in self.client.zrange(BASE + "due", 0, -1, withscores=True):
            state = self.client.hgetall(BASE + "f:" + key.decode())
            if re.search(rb"(?<![0-9])" + feed + rb"(?![0-9])", url := state.get(b"u", b"")):
                kept = {k: v for k, v in state.items() if k not in (b"memory", b"history")}
                found.append(f"feed {url!r} due {due} now {time.time() * 1000:.0f} {kept}")
        return found

    def report(self, truth: Truth) -> Report:
        """The stream against the truth."""
        dead = [
            {k.decode(): v.decode("utf-8", "replace") for k, v in row.items() if k != b"e"}
            for _, row in self.client.xrange(DEAD)
        ]
        return compare(truth, rig.stream(self.client), dead)


@needs_newsworld
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_revision_is_published_once_through_kills_and_a_redis_crash(
    tmp_path: Path, own_redis: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each daemon killed twice, Redis killed once under load; then the world moves on and it happens again."""
    if own_redis.binary.version < (7, 0) and len(servers()) > 1:
        pytest.skip("one Redis version is enough for the long run; the store's own tests run on both")
    chance = random.Random(20261122)
    options = ("--feeds", str(FEEDS), "--articles-per-feed", "3", "--rate", "2", "--speed", "0.001", "--epoch", "now")
    with rig.newsworld(tmp_path, *options, "--updated", "0.25", "--update-delay", "900", "--designs", "8") as world:
        flock = Flock(tmp_path, own_redis, world)
        for daemon in flock.daemons:
            daemon.start()
        step = chance.randint(60, 120)
        for number in (0, 1):
            flock.at(flock.published() + step)
            flock.restart(number)
        flock.at(flock.published() + step)
        flock.server.kill()
        flock.server.start()
        for number in (0, 1):
            flock.at(flock.published() + step)
            flock.restart(number)
        flock.drain()
        truth = truth_of(world, FEEDS)
        truth.look(world)
        world.advance(1800)
        truth.articles = truth_of(world, FEEDS).articles
        rig.make_due(flock.client)
        flock.at(flock.published() + step)
        flock.restart(0)
        flock.drain()
        truth.look(world)
        report = flock.report(truth)
        stats = world.get("/__stats")
        codes = [daemon.stop() for daemon in flock.daemons]
    with capsys.disabled():
        print(f"\nexactness: {len(truth.owed)} revisions owed; {report}; pages fetched {stats['page_200']}")
        for name in report.lost:
            print(f"{name}: {flock.traces(name.partition('@')[0])}")
    assert codes == [0, 0]
    assert (
        report.lost == []
        and report.twice == []
        and report.invented == []
        and report.forbidden == []
        and report.holes == []
    )
    assert report.altered == []
    assert report.exact >= 0.95 * report.published
    assert stats["robots_violations"] == 0


@needs_newsworld
@pytest.mark.timeout(300)
def test_two_daemons_on_one_redis_fetch_no_page_twice(tmp_path: Path, own_redis: RedisServer) -> None:
    """They share feeds by leases and entries by the consumer group: a page is fetched once, whoever does it."""
    options = ("--feeds", "20", "--articles-per-feed", "3", "--speed", "0.001", "--designs", "8")
    with rig.newsworld(tmp_path, *options) as world:
        flock = Flock(tmp_path, own_redis, world, floor_seconds=600.0)  # polls are counted
        for daemon in flock.daemons:
            daemon.start()
        flock.at(1)
        flock.drain()
        stats = world.get("/__stats")  # before the truth's own look at the feeds
        truth = truth_of(world, 20)
        truth.look(world)
        report = flock.report(truth)
        codes = [daemon.stop() for daemon in flock.daemons]
    assert codes == [0, 0]
    assert report.lost == [] and report.twice == [] and report.invented == []
    assert stats["page_200"] == report.published
    assert stats["feed_200"] == 20
