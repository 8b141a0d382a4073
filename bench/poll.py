"""What a poll costs that brings nothing (304), against bare aiohttp, in turns on one loop; a trickle of polls; an idle daemon.

A server in a process of its own answers; its CPU and Redis' are not counted, but Redis' is told. Feeds lie on one owner
each. CPU is the process's own, so that other work on the machine matters little. Both keep their connections, which is the
harder comparison; and both open one for each request, as it is in a daemon that polls a feed every quarter of an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp

from bench.memory import used_memory
from bench.report import Report
from dateline.app import App, open_app
from dateline.daemon import freeze_objects
from dateline.dedup.identity import feed_id
from dateline.fetch.resolver import FixedNames
from dateline.settings import (
    FetchSettings,
    IngestSettings,
    PolitenessSettings,
    PollSettings,
    PoolSettings,
    RedisSettings,
    ServeSettings,
    Settings,
)
from dateline.store.feeds import NewFeed
from dateline.store.private.server import embedded
from dateline.telemetry import set_up_logs
from dateline.urls import canonical

FEEDS, ROUNDS, AT_ONCE, TRICKLE_A_SECOND, TRICKLE_SECONDS = 2000, 5, 50, 20, 10.0

#: Answers every conditional request with 304, every other with one small feed; prints its port.
_SERVER = """
import asyncio
FEED = b'<rss version="2.0"><channel><title>T</title><link>http://a.example/</link></channel></rss>'
FULL = b'HTTP/1.1 200 OK\\r\\nContent-Type: application/rss+xml\\r\\nETag: "e"\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(FEED)
SAME = b'HTTP/1.1 304 Not Modified\\r\\nETag: "e"\\r\\n\\r\\n'
class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b''
    def data_received(self, data):
        self.data += data
        while (end := self.data.find(b'\\r\\n\\r\\n')) >= 0:
            head, self.data = self.data[:end].lower(), self.data[end + 4:]
            self.transport.write(SAME if b'if-none-match' in head else FULL + FEED)
async def main():
    server = await asyncio.get_running_loop().create_server(Server, '127.0.0.1', 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(1e6)
asyncio.run(main())
"""


async def run(feeds: int = FEEDS, rounds: int = ROUNDS, trickle_seconds: float = TRICKLE_SECONDS) -> Report:
    """Measure; needs nothing outside the repository."""
    report = Report("poll", f"{feeds} feeds that answer 304, one owner each, {rounds} rounds in turn with bare aiohttp")
    set_up_logs("error")
    with tempfile.TemporaryDirectory() as name, answering_server() as port:
        async with embedded(Path(name) / "redis") as server:
            for keepalive_seconds in (300.0, 0.0):
                async with _opened(server.url, port, feeds, keepalive_seconds) as app:
                    await _bursts(app, report, port, feeds, rounds, keepalive_seconds)
                    if keepalive_seconds:
                        await _trickle(app, report, trickle_seconds)
                        await _idle(app, report, trickle_seconds)
                        report.add("Redis in all", [await used_memory(app.connection) / feeds], "B/feed")
    return report


@contextlib.asynccontextmanager
async def _opened(redis_url: str, port: int, feeds: int, keepalive_seconds: float) -> AsyncIterator[App]:
    """Open the daemon's parts on these feeds; every further answer is a 304."""
    names = FixedNames({f"feed{n}.test": "127.0.0.1" for n in range(feeds)})
    async with open_app(_settings(redis_url, port, keepalive_seconds), resolver=names) as app:
        await app.feeds.add([NewFeed(feed_id(canonical(url)), url) for url in _urls(port, feeds)])
        await _polled(app, feeds)  # the first answers are bodies
        await _polled(app, feeds)
        unlike = [state.url async for state in app.feeds.all() if state.status != "304"]
        if unlike:
            raise RuntimeError(f"{len(unlike)} feeds gave no 304: {unlike[0]}")
        yield app


async def _bursts(app: App, report: Report, port: int, feeds: int, rounds: int, keepalive_seconds: float) -> None:
    """All feeds at once, in turn with bare aiohttp."""
    bare, ours, calls, redis_ms = [], [], [], []
    async with _session(port, keepalive_seconds) as get:
        urls = _urls(port, feeds)
        await _bare(get, urls)
        freeze_objects()
        for _ in range(rounds):
            bare.append(await _bare(get, urls) / feeds * 1e3)
            before = await _redis(app)
            ours.append(await _polled(app, feeds) / feeds * 1e3)
            after = await _redis(app)
            calls.append((after[0] - before[0]) / feeds)
            redis_ms.append((after[1] - before[1]) / feeds * 1e3)
    how = "connections kept" if keepalive_seconds else "a new connection each"
    report.add(f"bare aiohttp, a poll, {how}", bare, "ms")
    report.add(f"dateline, a poll, {how}", ours, "ms")
    report.add(f"ratio, {how}", [own / other for own, other in zip(ours, bare, strict=True)], "", aim=1.6)
    if keepalive_seconds:
        report.add("script calls a poll, in bursts", calls, "")
        report.add("CPU of Redis a poll, in bursts", redis_ms, "ms")


def _urls(port: int, feeds: int) -> list[str]:
    return [f"http://feed{n}.test:{port}/rss" for n in range(feeds)]


@contextlib.contextmanager
def answering_server() -> Iterator[int]:
    """Run the server in a process of its own; gives its port."""
    process = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def _settings(redis_url: str, port: int, keepalive_seconds: float) -> Settings:
    return Settings(
        redis=RedisSettings(url=redis_url, prefix=f"bench{keepalive_seconds:.0f}"),
        poll=PollSettings(floor_seconds=3600.0, at_once=AT_ONCE),
        fetch=FetchSettings(allow=(f"127.0.0.0/8:{port}",), keepalive_seconds=keepalive_seconds),
        politeness=PolitenessSettings(spacing_seconds=0.0, at_once=AT_ONCE),
        pool=PoolSettings(children=1),
        ingest=IngestSettings(recheck_seconds=()),
        serve=ServeSettings(enabled=False),
    )


Get = Callable[[str], Awaitable[None]]


@contextlib.asynccontextmanager
async def _session(port: int, keepalive_seconds: float) -> AsyncIterator[Get]:
    class Local(aiohttp.abc.AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: int = socket.AF_INET
        ) -> list[aiohttp.abc.ResolveResult]:
            return [
                {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            ]

        async def close(self) -> None:
            return None

    connector = aiohttp.TCPConnector(limit=0, resolver=Local(), keepalive_timeout=keepalive_seconds)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:

        async def get(url: str) -> None:
            async with session.get(url, headers={"If-None-Match": '"e"'}) as response:
                assert response.status == 304

        yield get


async def _bare(get: Get, urls: list[str]) -> float:
    """CPU seconds of one pass with nothing but the HTTP client, as many at once as the poller has."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> None:
        async with at_once:
            await get(url)

    cpu = time.process_time()
    await asyncio.gather(*map(one, urls))
    return time.process_time() - cpu


async def _polled(app: App, feeds: int) -> float:
    """CPU seconds of one pass of the poller over all feeds."""
    due = app.connection.keys[0].due
    await app.connection.pipeline([("ZADD", due, "XX", 0, feed) for feed in await app.feeds.ids()])
    stop = asyncio.Event()
    done = await _polls(app) + feeds
    cpu = time.process_time()
    task = asyncio.create_task(app.poller.run(stop))
    while await _polls(app) < done:
        await asyncio.sleep(0.05)
    cpu = time.process_time() - cpu
    stop.set()
    await task
    return cpu


async def _polls(app: App) -> int:
    return int(await app.connection.call("HGET", app.connection.keys[0].stats, "polls") or 0)


async def _redis(app: App) -> tuple[int, float]:
    """(script calls so far, CPU seconds of Redis so far)."""
    stats = (await app.connection.call("INFO", "commandstats")).decode()
    line = next((line for line in stats.splitlines() if line.startswith("cmdstat_evalsha:")), "calls=0,")
    cpu = (await app.connection.call("INFO", "cpu")).decode()
    used = [
        float(row.partition(":")[2]) for row in cpu.splitlines() if row.startswith(("used_cpu_user:", "used_cpu_sys:"))
    ]
    return int(line.partition("calls=")[2].partition(",")[0]), sum(used)


async def _trickle(app: App, report: Report, seconds: float) -> None:
    """Twenty feeds a second become due, as in a daemon of 20,000 feeds at rest."""
    ids = list(await app.feeds.ids())[: int(TRICKLE_A_SECOND * seconds)]
    stop = asyncio.Event()
    task = asyncio.create_task(app.poller.run(stop))
    before, cpu, done = await _redis(app), time.process_time(), await _polls(app)
    now = time.time()
    await app.connection.pipeline(
        [
            ("ZADD", app.connection.keys[0].due, "XX", int((now + n / TRICKLE_A_SECOND) * 1000), feed)
            for n, feed in enumerate(ids)
        ]
    )
    while await _polls(app) < done + len(ids):
        await asyncio.sleep(0.5)
    after = await _redis(app)
    report.add("trickle of 20 a second: own CPU a poll", [(time.process_time() - cpu) / len(ids) * 1e3], "ms")
    report.add("trickle: script calls a poll", [(after[0] - before[0]) / len(ids)], "", aim=1.5)
    report.add("trickle: CPU of Redis a poll", [(after[1] - before[1]) / len(ids) * 1e3], "ms")
    stop.set()
    await task


async def _idle(app: App, report: Report, seconds: float) -> None:
    """The poller with nothing due."""
    stop = asyncio.Event()
    task = asyncio.create_task(app.poller.run(stop))
    await asyncio.sleep(0.5)
    before, cpu = await _redis(app), time.process_time()
    await asyncio.sleep(seconds)
    cpu, after = time.process_time() - cpu, await _redis(app)
    report.add("idle poller: own CPU a second", [cpu / seconds * 1e3], "ms/s", aim=1.0)
    report.add("idle poller: script calls a second", [(after[0] - before[0]) / seconds], "1/s")
    stop.set()
    await task
