"""What more workers on one Redis bring, and what very many feeds cost it.

Workers: real daemons with one child each, on one Redis and one news web (``../shared/newsworld``); all feeds become due at the
same moment. CPU is that of the workers with their children and of Redis, each by itself: where the cores do not suffice, as
those of the news web take some too, the articles a second say little and the CPU an article says all.

Feeds: a million in the list; the due set is claimed from and committed to as polls do it, without the web.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.memory import used_memory
from bench.newsworld import SHARED, world
from bench.report import Report
from bench.scheduler import polled_fields
from dateline.dedup.identity import feed_id
from dateline.settings import RedisSettings
from dateline.store.checks import info_fields
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.private import embedded
from dateline.store.redis import Connection
from dateline.store.workers import workers as signed_in
from dateline.urls import canonical

WORKERS, FEEDS, ARTICLES, MANY, ROUNDS = (1, 2, 4, 8), 60, 5, 1_000_000, 300
AT_ONCE, SLICE = 64, 50_000
LONGEST_SECONDS = 600.0  #: for all articles of one round
_TICKS = os.sysconf("SC_CLK_TCK")


async def run(
    workers: Sequence[int] = WORKERS,
    feeds: int = FEEDS,
    articles: int = ARTICLES,
    many: int = MANY,
    rounds: int = ROUNDS,
) -> Report:
    """Measure both; the workers only where the news web is there."""
    report = Report(
        "scale", f"{feeds} feeds with {articles} articles each by workers of one child; {many:,} feeds by simulation"
    )
    with tempfile.TemporaryDirectory() as name:
        async with embedded(Path(name) / "redis") as server:
            if not workers:
                pass
            elif (SHARED / "newsworld").is_dir():
                with world(Path(name), feeds, articles) as (port, listed):
                    for count in workers:
                        await _articles(report, server.url, port, listed, articles, count, Path(name))
            else:
                sys.stderr.write("scale: no workers, ../shared/newsworld is not here\n")
        async with embedded(Path(name) / "many") as server:
            connection = Connection(RedisSettings(url=server.url, prefix="many"))
            try:
                await _many(report, connection, many, rounds)
            finally:
                await connection.close()
    return report


async def _articles(
    report: Report, redis_url: str, port: int, urls: list[str], articles: int, count: int, folder: Path
) -> None:
    """Publish all articles of these feeds with so many workers."""
    connection = Connection(RedisSettings(url=redis_url, prefix=f"scale{count}"))
    wanted = len(urls) * articles
    try:
        with _daemons(folder, redis_url, port, count) as processes:
            await _until(lambda: _are_up(connection, count), "the workers do not start")
            before, redis_before = _cpu(processes), await _redis_cpu(connection)
            began = time.perf_counter()
            await Feeds(connection, 600.0).add([NewFeed(feed_id(canonical(url)), url) for url in urls])
            await _until(
                lambda: _are_published(connection, wanted), f"{count} workers do not publish {wanted} articles"
            )
            took = time.perf_counter() - began
            own = (_cpu(processes) - before) / wanted * 1e3
            redis = (await _redis_cpu(connection) - redis_before) / wanted * 1e3
    finally:
        await connection.close()
    who = f"{count} worker{'s' if count > 1 else ''}"
    report.add(f"articles a second, {who}", [wanted / took], "1/s")
    report.add(f"CPU of workers and children an article, {who}", [own], "ms")
    report.add(f"CPU of Redis an article, {who}", [redis], "ms")
    report.add(f"share of Redis in both, {who}", [redis / (own + redis) * 100], "%", aim=5)


@contextlib.contextmanager
def _daemons(folder: Path, redis_url: str, port: int, count: int) -> Iterator[list[int]]:
    """Run so many daemons; gives their process ids."""
    file = folder / f"workers{count}.toml"
    file.write_text(
        f'[redis]\nurl = "{redis_url}"\nprefix = "scale{count}"\n[fetch]\nallow = ["127.0.0.0/8:{port}"]\n'
        "[politeness]\nspacing_seconds = 0.0\nat_once = 50\n[pool]\nchildren = 1\nwall_seconds = 60.0\n"
        '[ingest]\nrecheck_seconds = []\n[serve]\nenabled = false\n[log]\nlevel = "error"\n'
    )
    command = [sys.executable, "-m", "worker", "--config", str(file), "run"]
    root = Path(__file__).resolve().parents[1]
    processes = [subprocess.Popen(command, cwd=root) for _ in range(count)]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(60)


async def _are_up(connection: Connection, count: int) -> bool:
    return len(await signed_in(connection)) == count


async def _are_published(connection: Connection, wanted: int) -> bool:
    """Whether all articles are on the stream, each counted once."""
    known = await connection.call("HGET", connection.keys[0].stats, "published")
    return int(known or 0) >= wanted


async def _until(condition: object, what: str) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        if await condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"within {LONGEST_SECONDS:g} s {what}")


def _cpu(processes: Sequence[int]) -> float:
    """CPU seconds of these processes and all below them, those that ended included."""
    found, waiting = 0.0, list(processes)
    while waiting:
        pid = waiting.pop()
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found += sum(map(int, fields[11:15])) / _TICKS
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return found


async def _redis_cpu(connection: Connection) -> float:
    info = info_fields(await connection.call("INFO", "cpu"))
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


async def _many(report: Report, connection: Connection, count: int, rounds: int) -> None:
    """List very many feeds, then claim and commit as polls do."""
    feeds = Feeds(connection, lease_seconds=600.0)
    empty, cpu, redis = await used_memory(connection), time.process_time(), await _redis_cpu(connection)
    for start in range(0, count, SLICE):
        urls = [
            f"https://www.paper{n // 3}.example/section-{n % 3}/feed.xml"
            for n in range(start, min(count, start + SLICE))
        ]
        await feeds.add([NewFeed(feed_id(url), url, group="press", origin="file") for url in urls])
    each = 1e6 / count
    report.add("listing a feed, own CPU", [(time.process_time() - cpu) * each], "us")
    report.add("listing a feed, CPU of Redis", [(await _redis_cpu(connection) - redis) * each], "us")
    listed = await used_memory(connection)
    report.add("a listed feed", [(listed - empty) / count], "bytes")
    claims: list[float] = []
    polled, cpu, redis = 0, time.process_time(), await _redis_cpu(connection)
    for number in range(rounds):
        at = time.perf_counter()
        claimed = await feeds.claim(AT_ONCE, f"{number:x}")
        claims.append((time.perf_counter() - at) * 1e3)
        await asyncio.gather(*(feeds.commit(state, 900.0, polled_fields(5)) for state in claimed))
        polled += len(claimed)
    each = 1e6 / polled
    redis_each = (await _redis_cpu(connection) - redis) * each
    claims.sort()
    report.add(f"claim of {AT_ONCE} feeds, median", [claims[len(claims) // 2]], "ms")
    report.add(f"claim of {AT_ONCE} feeds, 99 of 100", [claims[int(len(claims) * 0.99)]], "ms")
    report.add("claim and commit of a feed, own CPU", [(time.process_time() - cpu) * each], "us")
    report.add("claim and commit of a feed, CPU of Redis", [redis_each], "us")
    report.add("polls a second that fill Redis' core, fetching apart", [1e6 / redis_each], "1/s")
    whole = (listed - empty) / count + (await used_memory(connection) - listed) / polled
    report.add("a polled feed of 5 entries", [whole], "bytes", aim=600)
    report.add("all of them polled", [whole * count / 1e6], "MB")
