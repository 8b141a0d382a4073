"""A daemon that starts into a Redis without memory: it waits, says it, frees what may go and does its work."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
import redis as redis_client

from support import rig
from support.redis_server import RedisServer

pytestmark = [
    pytest.mark.one_redis,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not (rig.SHARED / "newsworld").is_dir(), reason="../shared/newsworld is not here: the news web"),
]
STREAM = "dateline:events"


def fill(client: redis_client.Redis) -> None:
    """Append until Redis takes nothing more, as a worker of before would have."""
    with pytest.raises(redis_client.exceptions.OutOfMemoryError):
        for number in range(1, 100_000):
            data = {"seq": number, "type": "dateline.article.published", "id": f"e{number}", "data": "x" * 5000}
            client.xadd(STREAM, data)  # type: ignore[arg-type]


def test_a_daemon_that_starts_into_a_full_redis_frees_what_was_read_and_works(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    """Unread entries stay and are waited for; once their group has read on, nobody needs to do anything."""
    client = redis_client.Redis.from_url(own_redis.url, protocol=2)
    client.config_set("maxmemory", "12mb")
    client.xadd(STREAM, {"seq": 0, "type": "t", "id": "e0", "data": "x"})
    client.xgroup_create(STREAM, "reader", "0")
    fill(client)
    before = client.xlen(STREAM)
    port = rig.free_port()
    with rig.newsworld(tmp_path, "--feeds", "2", "--articles-per-feed", "2", "--speed", "0.001") as world:
        settings = rig.write_settings(
            tmp_path / "config", own_redis.url, [world.port], world.feeds, serve={"enabled": True, "port": port}
        )
        daemon = rig.Daemon(settings, tmp_path / "log")
        daemon.start()
        rig.until(lambda: daemon.log.read_text().count("out of memory") > 2, 120, "it says nothing")
        assert daemon.running() and not daemon.is_up() and client.xlen(STREAM) == before
        client.execute_command("XGROUP", "SETID", STREAM, "reader", "$")
        rig.until(daemon.is_up, 120, "it does not start")
        rig.until(lambda: client.hget("{dateline:events}:stats", "published"), 120, "nothing is published")
        rig.until(lambda: "uses" in ready(port), 120, "/readyz does not say it")
        assert client.xlen(STREAM) < before
        notices = [fields[b"type"] for _, fields in client.xrange("dateline:notices")]
        assert b"store.near_full" in notices
        assert daemon.stop() == 0
    assert "Traceback" not in daemon.log.read_text()


def ready(port: int) -> str:
    """What ``/readyz`` says."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as answer:
        return str(answer.read().decode())
