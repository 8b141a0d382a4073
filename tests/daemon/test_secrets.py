"""A private feed's key in its address: it is sent to its server, and shown to nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import redis as redis_client
from aiohttp import web

from support import rig
from support.conditions import eventually
from support.fetch_site import serving
from support.pipeline import html, story
from support.redis_server import RedisServer

pytestmark = [pytest.mark.one_redis, pytest.mark.timeout(300)]
KEY = "PRIVATEKEY0123"


async def test_a_private_feeds_key_is_neither_published_nor_logged_nor_in_a_notice(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    """One feed that works, one whose server answers 500; both have the key in their query."""
    async with serving() as site:
        root = f"http://www.paper.example:{site.port}"
        item = f"<item><title>Cranes</title><link>{root}/story</link><guid>{root}/story</guid></item>"

        async def feed(request: web.Request) -> web.Response:
            assert request.query["token"] == KEY
            return web.Response(
                text=f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml"
            )

        async def page(_: web.Request) -> web.Response:
            return web.Response(text=html("Cranes", story(3)), content_type="text/html")

        async def broken(_: web.Request) -> web.Response:
            return web.Response(status=500)

        site.answers |= {"/good.xml": feed, "/story": page, "/bad.xml": broken}
        feeds = [f"{root}/good.xml?token={KEY}", f"{root}/bad.xml?token={KEY}"]
        settings = rig.write_settings(
            tmp_path / "config", own_redis.url, [site.port], feeds, fetch={"local_names": [".example"]}
        )
        daemon = rig.Daemon(settings, tmp_path / "log")
        daemon.start()
        client = redis_client.Redis.from_url(own_redis.url, protocol=2)
        try:
            await eventually(lambda: rig.stream(client))
            await eventually(lambda: "bad.xml" in daemon.log.read_text())
            rows = rig.stream(client)
            assert {row["source"] for _, row in rows} == {f"{root}/good.xml"}
            assert json.loads(rows[0][1]["data"])["feed"] == f"{root}/good.xml"
            kept = [rows, client.xrange("dateline:notices"), client.xrange("{dateline:events}:trail")]
            assert KEY not in repr(kept) and KEY not in daemon.log.read_text()
        finally:
            daemon.kill()
            client.close()
