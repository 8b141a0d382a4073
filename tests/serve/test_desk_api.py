"""The desk over HTTP: what it answers, to whom, and that nothing from a feed can become markup."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from dateline.serve.desk.api import DeskSettings, Row, add_desk
from dateline.serve.http import serve
from dateline.settings import ServeSettings
from dateline.telemetry import Metrics
from support.conditions import eventually
from support.desk import NASTY, MemoryDesk


@asynccontextmanager
async def served(desk: MemoryDesk, settings: DeskSettings | None = None) -> AsyncIterator[str]:
    app = web.Application()
    add_desk(app, desk, settings)
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


async def next_rows(response: aiohttp.ClientResponse) -> list[Row]:
    async with asyncio.timeout(60):
        async for line in response.content:
            if line.startswith(b"data: "):
                rows: list[Row] = json.loads(line[6:])
                return rows
    raise AssertionError("the stream ended")


async def test_the_page_and_all_that_it_names_are_served_with_a_strict_policy(browser: aiohttp.ClientSession) -> None:
    """Every file that the page or a module asks for is there; script and style come from files only."""
    async with served(MemoryDesk()) as base:
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
            waiting += [f"/desk/static/{name}" for name in re.findall(r'from "\./([^"]+)"', body)]
        assert len(asked) >= 8


async def test_no_module_of_the_page_makes_markup_from_text(browser: aiohttp.ClientSession) -> None:
    """The ways in which text becomes markup or code are not used at all."""
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc")
    async with served(MemoryDesk()) as base:
        for name in ("desk", "dom", "events", "offsets", "panels", "reader", "trouble", "wire"):
            _, body, _ = await get(browser, f"{base}/desk/static/{name}.js")
            code = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("//"))
            assert not [word for word in forbidden if word in code], name


async def test_an_unchanged_file_is_304(browser: aiohttp.ClientSession) -> None:
    """A desk that is left open costs little to load again."""
    async with served(MemoryDesk()) as base:
        _, _, headers = await get(browser, base + "/desk/static/desk.js")
        assert (await get(browser, base + "/desk/static/desk.js", **{"If-None-Match": headers["etag"]}))[0] == 304


@pytest.mark.parametrize("path", ["/desk/static/../desk_api.py", "/desk/static/%2e%2e%2fdesk_api.py", "/desk/static/x"])
async def test_only_the_pages_own_files_are_served(browser: aiohttp.ClientSession, path: str) -> None:
    """Names are looked up in a table, never in a folder."""
    async with served(MemoryDesk()) as base:
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
    async with served(MemoryDesk(), DeskSettings(allowed_hosts=("news.example",))) as base:
        for path in ("/desk", "/desk/api/recent", "/desk/static/desk.js"):
            assert (await get(browser, base + path, Host=host))[0] == status


async def test_recent_gives_the_newest_first_within_its_limit(browser: aiohttp.ClientSession) -> None:
    """And says what a limit is to who asks for another."""
    desk = MemoryDesk()
    desk.rows = [{"id": str(number)} for number in range(9)]
    async with served(desk, DeskSettings(max_rows=5)) as base:
        _, answer, _ = await get(browser, base + "/desk/api/recent?limit=2")
        assert answer == {"rows": [{"id": "8"}, {"id": "7"}]}
        for wrong in ("0", "6", "-1", "x", "²", "9" * 40):
            status, refusal, _ = await get(browser, f"{base}/desk/api/recent?limit={wrong}")
            assert (status, refusal) == (400, {"error": "limit is a number from 1 to 5"})


async def test_an_article_comes_as_it_is_and_an_unknown_one_is_404(browser: aiohttp.ClientSession) -> None:
    """Text is carried untouched, but for a lone surrogate, which no encoding holds; strange ids never reach the store."""
    async with served(MemoryDesk()) as base:
        _, article, headers = await get(browser, base + "/desk/api/article/known")
        assert article["text"] == NASTY + "?"
        assert headers["content-type"].startswith("application/json")
        assert (await get(browser, base + "/desk/api/article/other"))[0] == 404
        assert (await get(browser, base + "/desk/api/article/a%3Ab"))[0] == 400


async def test_feeds_are_cut_at_their_limit_but_counted_in_full(browser: aiohttp.ClientSession) -> None:
    """Ten thousand feeds must not fill a browser."""
    async with served(MemoryDesk(), DeskSettings(max_feeds=2)) as base:
        _, answer, _ = await get(browser, base + "/desk/api/feeds")
        assert (len(answer["feeds"]), answer["total"]) == (2, 5)


async def test_counters_come_with_their_history(browser: aiohttp.ClientSession) -> None:
    """The server notes them, so that a desk just opened has an hour to show."""
    async with served(MemoryDesk(), DeskSettings(sample_seconds=0.02)) as base:

        async def has_three() -> bool:
            return len((await get(browser, base + "/desk/api/stats"))[1]["history"]) >= 3

        await eventually(has_three)


async def test_a_store_that_is_away_is_503_with_its_reason(browser: aiohttp.ClientSession) -> None:
    """Not a traceback, and not an empty list that looks like silence."""
    desk = MemoryDesk()
    desk.broken = True
    async with served(desk) as base:
        status, answer, _ = await get(browser, base + "/desk/api/recent")
    assert (status, answer["code"]) == (503, "store")


async def test_watchers_see_rows_as_they_arrive_and_one_reader_serves_them_all(browser: aiohttp.ClientSession) -> None:
    """Two browsers, one reader of the stream; it rests when the last one has left and starts again for the next."""
    desk = MemoryDesk()
    async with served(desk, DeskSettings(heartbeat_seconds=0.05)) as base:  # By a beat it learns that a browser left.
        for _ in range(2):
            async with browser.get(base + "/desk/stream") as one, browser.get(base + "/desk/stream") as two:
                assert one.content_type == "text/event-stream"
                assert one.headers["Content-Security-Policy"]
                await eventually(lambda: desk.followers == 1)
                await desk.publish({"id": NASTY})
                assert await next_rows(one) == await next_rows(two) == [{"id": NASTY}]
            await eventually(lambda: desk.followers == 0)


async def test_one_watcher_too_many_is_told_to_come_back(browser: aiohttp.ClientSession) -> None:
    """Open streams are bounded."""
    async with (
        served(MemoryDesk(), DeskSettings(max_watchers=1)) as base,
        browser.get(base + "/desk/stream"),
        browser.get(base + "/desk/stream") as second,
    ):
        assert second.status == 503
        assert second.headers["Retry-After"]


async def test_a_silent_stream_still_beats(browser: aiohttp.ClientSession) -> None:
    """So that a proxy does not take it for dead."""
    settings = DeskSettings(heartbeat_seconds=0.02)
    async with served(MemoryDesk(), settings) as base, browser.get(base + "/desk/stream") as stream:
        async with asyncio.timeout(60):
            async for line in stream.content:
                if line.startswith(b": still here"):
                    break


async def test_the_server_stops_at_once_though_browsers_follow(browser: aiohttp.ClientSession) -> None:
    """A desk left open does not hold the daemon back when it is told to stop."""
    async with asyncio.timeout(60):
        async with served(MemoryDesk()) as base:
            stream = await browser.get(base + "/desk/stream")
            await stream.content.readline()
        assert b"retry" not in await stream.content.read()
        stream.close()


async def test_a_token_in_the_address_becomes_a_cookie(browser: aiohttp.ClientSession) -> None:
    """It is in the address once, then out of sight: not in the history, not in a link that somebody copies."""
    async with served(MemoryDesk()) as base:
        status, _, headers = await get(browser, base + "/desk?token=s3cret")
        assert (status, headers["location"]) == (303, "/desk")
        assert "HttpOnly" in headers["set-cookie"]
        assert "SameSite=Strict" in headers["set-cookie"]


async def test_behind_a_token_the_whole_page_opens_by_one_address() -> None:
    """Without it nothing of the desk is told; with it in the address once, the cookie opens page, files, data and stream."""

    async def well() -> None:
        return None

    settings = ServeSettings(port=0, token="s3cret")
    jar = aiohttp.CookieJar(unsafe=True)  # It keeps cookies of bare addresses too, as browsers do.
    async with (
        serve(settings, Metrics(), well, lambda app: add_desk(app, MemoryDesk())) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=jar) as browser,
    ):
        paths = ("/desk", "/desk/static/desk.js", "/desk/api/recent", "/desk/stream", "/metrics")
        for path in (*paths, "/desk?token=wrong"):
            assert (await get(browser, path))[0] == 401, path
        assert (await get(browser, "/healthz"))[0] == 200
        async with browser.get("/desk?token=s3cret") as page:
            assert (page.status, page.url.path, page.url.query_string) == (200, "/desk", "")
        for path in paths:
            async with browser.get(path) as answer:
                assert answer.status == 200, path
