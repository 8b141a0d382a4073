"""What long robots.txt texts of many origins take in a worker and in Redis."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from dateline.errors import Blocked
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.fetch.polite_client import PoliteClient
from dateline.fetch.resolver import FixedNames
from dateline.settings import FetchSettings, PolitenessSettings, RedisSettings
from dateline.store.budget import Budget
from dateline.store.checks import info_fields
from dateline.store.redis import Connection
from dateline.telemetry import Metrics
from support.fetch_site import serving
from support.redis_server import RedisServer

ORIGINS, GROWTH_MIB, STORED_MIB = 100, 180, 60


def resident_mib() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.long
@pytest.mark.one_redis
async def test_a_hundred_sub_domains_with_half_a_megabyte_of_rules_each_stay_in_bounds(
    redis: RedisServer, prefix: str
) -> None:
    """A worker at rest has some 110 MiB: with these it stays under 300. Before the limit it was 7.3 MiB for each text."""
    hosts = [f"s{n}.evil.example" for n in range(ORIGINS)]
    rules = b"".join(b"Disallow: /%dx%x\n" % (n, n) for n in range(28_000))
    async with serving() as site:

        async def answer(request: web.Request) -> web.Response:
            if request.path == "/robots.txt":
                text = b"User-agent: *\nDisallow: /%s\n%s" % (request.host.encode(), rules)
                return web.Response(body=text, content_type="text/plain")
            return web.Response(body=b"<html><p>A story.</p></html>", content_type="text/html")

        site.answers = dict.fromkeys(("/robots.txt", "/a"), answer)
        connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
        settings = msgspec.structs.replace(PolitenessSettings(), spacing_seconds=0.1, at_once=4)
        names: dict[str, str | list[str]] = dict.fromkeys(hosts, "127.0.0.1")
        guard = Guard([f"127.0.0.1:{site.port}"])
        try:
            async with Client(FetchSettings(), guard, resolver=FixedNames(names)) as client:
                polite = PoliteClient(client, Budget(connection, at_once=4), settings, {}, Metrics())
                stored = int(info_fields(await connection.call("INFO", "memory"))["used_memory"])
                await polite.page(site.url("/a", hosts[0]))
                before = resident_mib()
                for host in hosts[1:]:
                    assert (await polite.page(site.url("/a", host))).status == 200
                assert resident_mib() - before < GROWTH_MIB
                stored = int(info_fields(await connection.call("INFO", "memory"))["used_memory"]) - stored
                assert stored < STORED_MIB * 2**20
        finally:
            await connection.close()


@pytest.mark.one_redis
async def test_a_stored_robots_txt_that_cannot_be_read_is_asked_for_again(redis: RedisServer, prefix: str) -> None:
    """Another version stored it, or it broke: its site's pages are fetched all the same."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    budget = Budget(connection, at_once=4)
    try:
        async with serving() as site:

            async def answer(request: web.Request) -> web.Response:
                return web.Response(body=b"<html><p>A story.</p></html>", content_type="text/html")

            site.answers = {"/a": answer}
            guard = Guard([f"127.0.0.1:{site.port}"])
            names: dict[str, str | list[str]] = {"a.example": "127.0.0.1"}
            async with Client(FetchSettings(), guard, resolver=FixedNames(names)) as client:
                polite = PoliteClient(client, budget, PolitenessSettings(spacing_seconds=0.1), {}, Metrics())
                await budget.store_robots(site.url("", "a.example"), b"\x93no record", 600.0)
                assert (await polite.page(site.url("/a", "a.example"))).status == 200
    finally:
        await connection.close()


@pytest.mark.parametrize("cut", [0, 900])
async def test_a_packed_robots_txt_that_is_too_long_or_cut_still_forbids(
    redis: RedisServer, prefix: str, cut: int
) -> None:
    """What its beginning forbids is not allowed because the rest cannot be read."""
    text = b"User-agent: *\nDisallow: /closed/\n" + b"".join(b"Disallow: /%x\n" % n for n in range(150_000))
    packed = gzip.compress(text)
    async with serving() as site:
        site.says("/robots.txt", body=packed[: len(packed) - cut], Content_Encoding="gzip", Content_Type="text/plain")
        site.says("/open/1", body=b"<p>A story.</p>", Content_Type="text/html")
        connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
        settings = msgspec.structs.replace(PolitenessSettings(), spacing_seconds=0.1)
        try:
            async with Client(
                FetchSettings(), Guard([f"127.0.0.1:{site.port}"]), resolver=FixedNames({"a.example": "127.0.0.1"})
            ) as client:
                polite = PoliteClient(client, Budget(connection, at_once=4), settings, {}, Metrics())
                with pytest.raises(Blocked, match="robots"):
                    await polite.page(site.url("/closed/1", "a.example"))
                assert (await polite.page(site.url("/open/1", "a.example"))).status == 200
        finally:
            await connection.close()
