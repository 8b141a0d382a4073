"""The desk over HTTP: what it answers, to whom, and that nothing from a feed can become markup."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
import feedparser
import pytest
from aiohttp import web

from dateline.serve.desk.api import DeskLimits, add_desk
from dateline.serve.desk.desk import Desk
from dateline.serve.http import serve
from dateline.settings import ServeSettings
from dateline.telemetry import Metrics
from support.conditions import eventually
from support.desk import NASTY, event, quiet_desk, story

STATIC = Path(__file__).resolve().parents[2] / "worker/serve/desk/static"


@asynccontextmanager
async def served(desk: Desk | None = None, limits: DeskLimits | None = None) -> AsyncIterator[str]:
    """The desk on a port of loopback; one of its own, with two articles in it, where none is given."""
    stories = (
        story("known", text=NASTY, title=NASTY, publisher=NASTY),
        story("fr", language="fr", title="Accord", events=[event("e", "fr", type="AGREE")]),
    )
    async with quiet_desk(*stories) as own:
        app = web.Application()
        add_desk(app, desk or own, limits)
        runner = web.AppRunner(app, shutdown_timeout=2.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def get(browser: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
    async with browser.get(url, headers=headers, allow_redirects=False) as response:
        body = await response.text()
        value = json.loads(body) if response.content_type == "application/json" else body
        return response.status, value, {name.lower(): text for name, text in response.headers.items()}


async def next_version(response: aiohttp.ClientResponse) -> int:
    async with asyncio.timeout(50):
        async for line in response.content:
            if line.startswith(b"data: "):
                return int(json.loads(line[6:])["version"])
    raise AssertionError("the stream ended")


async def test_the_page_and_all_that_it_names_are_served_with_a_strict_policy(browser: aiohttp.ClientSession) -> None:
    """Every file that the page or a module asks for is there; script and style come from files only."""
    async with served() as base:
        _, page, headers = await get(browser, base + "/desk")
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son\w+=", page)
        waiting = re.findall(r'(?:src|href)="(/desk/static/[^"]+)"', page)
        asked: set[str] = set()
        while waiting:
            path = waiting.pop()
            if path in asked:
                continue
            asked.add(path)
            status, body, headers = await get(browser, base + path)
            assert status == 200, path
            assert headers["x-content-type-options"] == "nosniff"
            if not isinstance(body, str):
                continue
            folder = path.rpartition("/")[0]
            waiting += [f"{folder}/{name}" for name in re.findall(r'from "\./([^"]+)"', body)]
            waiting += re.findall(r'fetch\("(/desk/static/[^"]+)"', body)
        assert len(asked) >= 20


def test_no_module_of_the_page_makes_markup_from_text() -> None:
    """The ways in which text becomes markup or code are not used at all."""
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc",
                 "dangerouslySetInnerHTML")  # fmt: skip
    modules = list((STATIC).glob("*.js"))
    assert len(modules) > 10
    for module in modules:
        code = "\n".join(line for line in module.read_text().splitlines() if not line.lstrip().startswith("//"))
        assert not [word for word in forbidden if word in code], module.name


def test_vendored_files_are_those_that_were_recorded_with_their_licences() -> None:
    """Nobody edits them here; tools/vendor_desk.py brings newer ones."""
    for folder in (STATIC / "vendor", STATIC.parents[3] / "tests/browser/vendor"):
        recorded = tomllib.loads((folder / "VENDORED.toml").read_text())
        files = {"VENDORED.toml"}
        for name, row in recorded.items():
            assert (folder / f"{name}.LICENSE").read_text().strip() and row["licence"] and row["version"]
            files |= {f"{name}.LICENSE", *(key for key in row if "." in key)}
            for key in row:
                if "." in key:
                    assert hashlib.sha256((folder / key).read_bytes()).hexdigest() == row[key], key
        assert {path.name for path in folder.iterdir()} == files


async def test_an_unchanged_file_is_304(browser: aiohttp.ClientSession) -> None:
    """A desk that is left open costs little to load again."""
    async with served() as base:
        _, _, headers = await get(browser, base + "/desk/static/app.js")
        assert (await get(browser, base + "/desk/static/app.js", **{"If-None-Match": headers["etag"]}))[0] == 304


@pytest.mark.parametrize("path", ["/desk/static/../desk_api.py", "/desk/static/%2e%2e%2fdesk_api.py", "/desk/static/x"])
async def test_only_the_pages_own_files_are_served(browser: aiohttp.ClientSession, path: str) -> None:
    """Names are looked up in a table, never in a folder."""
    async with served() as base:
        assert (await get(browser, base + path))[0] == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("10.1.2.3", 200),
        ("localhost:8080", 200),
        ("news.example", 200),
        ("rebound.attacker.example", 421),
        ("127.0.0.1.attacker.example", 421),
        ("localhost.attacker.example", 421),
    ],
)
async def test_only_known_names_are_answered(browser: aiohttp.ClientSession, host: str, status: int) -> None:
    """A hostile site that points its own name at a loopback address (DNS rebinding) reads nothing."""
    async with served(None, DeskLimits(allowed_hosts=("news.example",))) as base:
        for path in ("/desk", "/desk/api/wire", "/desk/static/app.js"):
            assert (await get(browser, base + path, Host=host))[0] == status


async def test_pages_are_within_their_limit_and_a_wrong_query_is_refused_in_words(
    browser: aiohttp.ClientSession,
) -> None:
    """And says what would be right."""
    async with served(None, DeskLimits(max_page=5)) as base:
        _, answer, _ = await get(browser, base + "/desk/api/wire?limit=1")
        assert (len(answer["cards"]), answer["total"]) == (1, 2) and answer["next"]
        for wrong in ("0", "6", "-1", "x", "\u00b2", "9" * 40):
            status, refusal, _ = await get(browser, f"{base}/desk/api/search?limit={wrong}")
            assert (status, refusal) == (400, {"error": "limit is a number from 1 to 5"})
        for query in ("country=Kenya", "since=soon", "after=x", "confidence=2", "type=WAR"):
            assert (await get(browser, f"{base}/desk/api/wire?{query}"))[0] == 400
        assert (await get(browser, f"{base}/desk/api/overview?since=2026-03-02&until=2026-03-01"))[0] == 400


async def test_an_article_comes_as_it_is_and_an_unknown_one_is_404(browser: aiohttp.ClientSession) -> None:
    """Text is given untouched."""
    async with served() as base:
        _, article, headers = await get(browser, base + "/desk/api/article/known")
        assert article["text"] == NASTY
        assert headers["content-type"].startswith("application/json")
        status, refusal, _ = await get(browser, base + "/desk/api/article/other")
        assert status == 404 and "desk.keep_days" in refusal["error"]
        assert (await get(browser, base + "/desk/api/article/known?revision=2"))[0] == 404


async def test_a_search_is_an_rss_feed_too(browser: aiohttp.ClientSession) -> None:
    """Well-formed whatever is in it; with the filters in its title, each article once, and nothing where it did not change."""
    async with served() as base:
        _, body, headers = await get(browser, base + "/desk/feed.rss?lang=fr&type=AGREE")
        assert headers["content-type"].startswith("application/rss+xml")
        channel = ElementTree.fromstring(body).find("channel")
        assert channel is not None and "lang fr, type AGREE" in (channel.findtext("title") or "")
        assert [item.findtext("title") for item in channel.findall("item")] == ["Accord"]
        assert "AGREE: Troops (0.80)" in (channel.findtext("item/description") or "")
        _, body, headers = await get(browser, base + "/desk/feed.rss")
        assert NASTY in [item.findtext("title") for item in ElementTree.fromstring(body).iter("item")]
        read = feedparser.parse(body)
        assert not read.bozo and read.version == "rss20"
        assert {(one.title, one.published_parsed[:4], one.link.startswith("https://")) for one in read.entries} == {
            (title, (2026, 3, 4, 15), True) for title in (NASTY, "Accord")
        }
        assert len({one.id for one in read.entries}) == 2 and {one.author for one in read.entries} == {
            NASTY,
            "The Paper",
        }
        assert any(one.rel == "self" and one.href == base + "/desk/feed.rss" for one in read.feed.links)
        assert (await get(browser, base + "/desk/feed.rss", **{"If-None-Match": headers["etag"]}))[0] == 304
        status, _, other = await get(browser, base + "/desk/feed.rss?lang=fr", **{"If-None-Match": headers["etag"]})
        assert status == 200 and other["etag"] != headers["etag"]


async def test_a_store_that_is_away_is_503_with_its_reason_and_the_news_is_still_there(
    browser: aiohttp.ClientSession,
) -> None:
    """Not a traceback, and not an empty list that looks like silence; search needs no Redis."""
    async with served() as base:
        status, answer, _ = await get(browser, base + "/desk/api/health")
        assert (status, answer["code"]) == (503, "store")
        assert (await get(browser, base + "/desk/api/wire"))[0] == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, '{"code": "gone"}', 403),
        ({"Content-Type": "application/json", "Origin": "https://attacker.example"}, '{"code": "gone"}', 403),
        ({"Content-Type": "application/json", "Origin": "null"}, '{"code": "gone"}', 403),
        ({"Content-Type": "application/json"}, "[]", 400),
        ({"Content-Type": "application/json"}, '{"ids": "x"}', 400),
        ({"Content-Type": "application/json"}, "{}", 400),
        ({"Content-Type": "application/json"}, '{"ids": ' + "[" * 5000, 400),
        ({"Content-Type": "application/json"}, '{"code": "gone"}', 503),
    ],
)
async def test_only_the_desks_own_page_can_put_entries_back(
    browser: aiohttp.ClientSession, headers: dict[str, str], body: str, status: int
) -> None:
    """The one request that changes anything: another site's form or script cannot send it. (503: there is no Redis here.)"""
    async with served() as base, browser.post(base + "/desk/api/requeue", data=body, headers=headers) as response:
        assert response.status == status


async def test_watchers_learn_of_each_new_version_and_after_a_break_of_the_last(browser: aiohttp.ClientSession) -> None:
    """Two browsers hear the same; one that comes back with an old version hears at once."""
    async with quiet_desk() as desk, served(desk) as base:
        async with browser.get(base + "/desk/stream") as one, browser.get(base + "/desk/stream") as two:
            assert one.content_type == "text/event-stream" and one.headers["Content-Security-Policy"]
            await eventually(lambda: len(desk.watchers) == 2)
            desk.announce(7)
            assert await next_version(one) == await next_version(two) == 7
        async with browser.get(base + "/desk/stream", headers={"Last-Event-ID": "5"}) as back:
            assert await next_version(back) == 7


async def test_one_watcher_too_many_is_told_to_come_back(browser: aiohttp.ClientSession) -> None:
    """Open streams are bounded."""
    async with (
        served(None, DeskLimits(max_watchers=1)) as base,
        browser.get(base + "/desk/stream"),
        browser.get(base + "/desk/stream") as second,
    ):
        assert second.status == 503
        assert second.headers["Retry-After"]


async def test_a_silent_stream_still_beats(browser: aiohttp.ClientSession) -> None:
    """So that a proxy does not take it for dead."""
    limits = DeskLimits(heartbeat_seconds=0.02)
    async with served(None, limits) as base, browser.get(base + "/desk/stream") as stream:
        async with asyncio.timeout(50):
            async for line in stream.content:
                if line.startswith(b": still here"):
                    break


async def test_the_server_stops_at_once_though_browsers_follow(browser: aiohttp.ClientSession) -> None:
    """A desk left open does not hold the daemon back when it is told to stop."""
    async with asyncio.timeout(50):
        async with served() as base:
            stream = await browser.get(base + "/desk/stream")
            await stream.content.readline()
        assert b"retry" not in await stream.content.read()
        stream.close()


async def test_a_token_in_the_address_becomes_a_cookie(browser: aiohttp.ClientSession) -> None:
    """It is in the address once, then out of sight: not in the history, not in a link that somebody copies."""
    async with served() as base:
        status, _, headers = await get(browser, base + "/desk?token=s3cret")
        assert (status, headers["location"]) == (303, "/desk")
        _, _, kept = await get(browser, base + "/desk?view=wire&token=s3cret&q=x")
        assert kept["location"] == "/desk?view=wire&q=x"
        assert "HttpOnly" in headers["set-cookie"]
        assert "SameSite=Strict" in headers["set-cookie"]


async def test_behind_a_token_the_whole_page_opens_by_one_address() -> None:
    """Without it nothing of the desk is told; with it in the address once, the cookie opens page, files, data and stream."""

    async def well() -> None:
        return None

    settings = ServeSettings(port=0, token="s3cret")
    jar = aiohttp.CookieJar(unsafe=True)  # It keeps cookies of bare addresses too, as browsers do.
    async with (
        quiet_desk() as desk,
        serve(settings, Metrics(), well, lambda app: add_desk(app, desk)) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=jar) as browser,
    ):
        paths = ("/desk", "/desk/static/app.js", "/desk/api/wire", "/desk/stream", "/metrics")
        for path in (*paths, "/desk?token=wrong"):
            assert (await get(browser, path))[0] == 401, path
        assert (await get(browser, "/healthz"))[0] == 200
        async with browser.get("/desk?token=s3cret") as page:
            assert (page.status, page.url.path, page.url.query_string) == (200, "/desk", "")
        for path in paths:
            async with browser.get(path) as answer:
                assert answer.status == 200, path
