"""Redirects: followed, checked like a first address, and ended."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from dateline.settings import FetchSettings
from support.fetch_site import Site
from support.fetching import FEED, code_of, reaching


async def test_redirects_are_followed_and_each_is_reported(site: Site) -> None:
    """With its status, so that a permanent move can be told from a detour."""
    site.says("/a", status=301, Location="/b?x=1")
    site.says("/b", status=307, Location=site.url("/feed#top"))
    site.says("/feed", body=FEED)
    seen: list[tuple[str, str]] = []

    async def before(old: str, new: str) -> None:
        seen.append((old, new))

    async with reaching(site.port) as client:
        body = await client.get(site.url("/a"), before_hop=before)
    assert body.hops == ((301, site.url("/b?x=1")), (307, site.url("/feed")))
    assert body.requested_url == site.url("/a")
    assert seen == [(site.url("/a"), site.url("/b?x=1")), (site.url("/b?x=1"), site.url("/feed"))]
    assert site.asked[-1][0] == "/feed"


async def test_waiting_for_another_owners_budget_is_not_counted_as_slowness(site: Site) -> None:
    """The time limit is the servers', not ours."""
    site.says("/a", status=302, Location="/feed")
    site.says("/feed", body=FEED)

    async def wait(_: str, __: str) -> None:
        await asyncio.sleep(3.0)

    short = FetchSettings(connect_seconds=2.5, first_byte_seconds=2.5, total_seconds=2.5)
    async with reaching(site.port, settings=short) as client:
        body = await client.get(site.url("/a"), before_hop=wait)
    assert body.status == 200


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.2/", "blocked"),
        ("http://169.254.169.254/latest/meta-data/", "blocked"),
        ("//127.1:6379/", "blocked"),
        ("http://[::ffff:127.0.0.1]/", "blocked"),
        ("http://user@news.example/", "blocked"),
        ("file:///etc/passwd", "bad_scheme"),
        ("javascript:alert(1)", "bad_scheme"),
        ("http:", "blocked"),
        ("http://[", "blocked"),
        ("/a", "redirect_limit"),
    ],
)
async def test_a_redirect_is_checked_like_a_first_address(site: Site, location: str, code: str) -> None:
    """No hop reaches what the first request may not."""
    site.says("/a", status=302, Location=location)
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/a")) == code
    assert len(site.asked) == 1


async def test_a_chain_without_end_stops_after_five(site: Site) -> None:
    """The limit counts redirects, not requests."""

    async def on(request: web.Request) -> web.Response:
        step = int(request.query.get("n", "0"))
        return web.Response(status=302, headers={"Location": f"/on?n={step + 1}"})

    site.answers["/on"] = on
    async with reaching(site.port) as client:
        assert await code_of(client, site.url("/on")) == "redirect_limit"
    assert len(site.asked) == 6


async def test_several_choices_are_a_redirect_where_one_is_named(site: Site) -> None:
    """300 with a Location is followed, without one it is an error."""
    site.says("/a", status=300, Location="/feed")
    site.says("/b", status=300)
    site.says("/feed", body=FEED)
    async with reaching(site.port) as client:
        assert (await client.get(site.url("/a"))).hops == ((300, site.url("/feed")),)
        assert await code_of(client, site.url("/b")) == "http_status"
