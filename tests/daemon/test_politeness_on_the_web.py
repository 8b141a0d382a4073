"""A good guest, as the servers see it: the real daemon on a news web that counts what is done to each of its hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis as redis_client

from support import rig
from support.redis_server import RedisServer, servers

pytestmark = pytest.mark.one_redis

FEEDS = 24

needs_newsworld = pytest.mark.skipif(
    not (rig.SHARED / "newsworld").is_dir(), reason="../shared/newsworld is not here: the news web that counts"
)
#: Every host sends its first visitors away now and then, hangs, breaks connections; some ask for a Crawl-delay.
FAULTS = ("--crawl-check", "--error-rate", "0.08", "--latency-ms", "20", "--retry-after-s", "3", "--hang-s", "6")


@needs_newsworld
@pytest.mark.timeout(400)
def test_no_host_is_asked_too_often_too_early_or_where_it_forbids(tmp_path: Path, own_redis: RedisServer) -> None:
    """Robots, Crawl-delay, Retry-After, max-age, spacing and concurrency; and a second look costs the hosts a 304."""
    if own_redis.binary.version < (7, 0) and len(servers()) > 1:
        pytest.skip("one Redis version is enough: the budget's own tests run on both")
    options = ("--feeds", str(FEEDS), "--articles-per-feed", "2", "--conditional", "1.0", "--designs", "8")
    with rig.newsworld(tmp_path, *options, *FAULTS) as world:
        settings = rig.write_settings(
            tmp_path / "config", own_redis.url, [world.port], world.feeds,
            politeness={"spacing_seconds": 1.0, "first_burst": 1, "at_once": 2, "retry_after_floor_seconds": 3.0},
            fetch={"total_seconds": 4.0},
        )  # fmt: skip
        daemons = [rig.Daemon(settings, tmp_path / f"daemon{n}.log") for n in range(2)]
        client = redis_client.Redis.from_url(own_redis.url, protocol=2)
        for daemon in daemons:
            daemon.start()
        rig.until(lambda: rig.drained(client), 180, "the daemons do not come to rest", every=0.3)
        first = world.get("/__stats?hosts=1000")
        world.advance(90_000)
        rig.make_due(client)
        rig.until(lambda: rig.drained(client), 180, "the second look does not end", every=0.3)
        stats = world.get("/__stats?hosts=1000")
        codes = [daemon.stop() for daemon in daemons]
    assert codes == [0, 0]
    for name in ("robots_violations", "crawl_delay_violations", "retry_after_violations"):
        assert stats[name] == 0, name
    assert first["early_polls"] == 0  # the second look is early by its making
    assert stats["max_concurrency_per_host"] <= 2
    # A machine that stalls between the slot and the request brings two requests together: once may happen, a habit may not.
    hurried = [row for row in stats["top_hosts"] if row["min_gap_ms"] is not None and row["min_gap_ms"] < 800]
    assert len(hurried) <= 1, hurried
    assert stats["feeds_polled"] == FEEDS and first["page_200"] > FEEDS
    again = {name: stats[name] - first[name] for name in ("feed_200", "feed_304")}
    assert again["feed_304"] >= 0.8 * (again["feed_200"] + again["feed_304"]), again
