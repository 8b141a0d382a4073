"""A list of many feeds: the daemon does not wait until all of it stands in Redis."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest
import redis as redis_client

from dateline.app import SHORT_LIST
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer

pytestmark = [pytest.mark.one_redis, pytest.mark.long]


async def test_a_long_list_is_brought_in_line_and_a_reload_comes_after_it(
    own_redis: RedisServer, tmp_path: Path
) -> None:
    """All of the first list is there, then ten of its feeds are paused."""
    port = rig.free_port()
    feeds = [f"http://127.0.0.1:{port}/{n}" for n in range(SHORT_LIST + 1)]
    settings = rig.write_settings(tmp_path / "config", own_redis.url, [port], feeds, poll={"at_once": 1})
    daemon = rig.Daemon(settings, tmp_path / "daemon.log")
    client = redis_client.Redis.from_url(own_redis.url, protocol=2)

    def synced() -> list[tuple[int, int]]:
        rows = [json.loads(line) for line in daemon.log.read_text().splitlines() if '"feeds.synced"' in line]
        return [(row["added"], row["paused"]) for row in rows]

    daemon.start()
    try:
        await eventually(daemon.is_up)
        rig.write_feeds(settings.parent, feeds[10:])
        daemon.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
        await eventually(lambda: len(synced()) == 2)
        assert synced() == [(len(feeds), 0), (0, 10)]
        assert client.zcard(rig.bases()[0] + "due") == len(feeds)
        assert await asyncio.to_thread(daemon.stop) == 0
    finally:
        if daemon.running():
            daemon.kill()
        client.close()
