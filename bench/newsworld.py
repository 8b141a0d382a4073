"""The whole worker against ``../shared/newsworld/afternoon.py`` (what a good engineer writes in an afternoon), in turns.

Three rounds, the two in turn on one news web: CPU per poll that answers 304, per changed feed, per article; articles per
second on this machine's cores. CPU of Dateline is its loop's and its children's together.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.report import Report
from dateline.app import App, open_app
from dateline.daemon import freeze_objects
from dateline.dedup.identity import feed_id
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
from dateline.store.memory import key_memory
from dateline.store.private import embedded
from dateline.store.private.binary import find_redis_binary
from dateline.telemetry import set_up_logs
from dateline.urls import canonical

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
FEEDS, ARTICLES, ROUNDS = 80, 5, 3


@dataclass
class Cost:
    """CPU milliseconds, and what came of them."""

    changed: float
    unchanged: float
    article: float
    loop_share: float
    per_second: float
    extract: float = 0.0
    read: float = 0.0
    rss_mb: float = 0.0
    redis_kb: float = 0.0  #: per article, everything counted
    stream_kb: float = 0.0  #: of that the published stream


async def run(rounds: int = ROUNDS) -> Report | None:
    """Measure; says so where the news web is not there."""
    if not (SHARED / "newsworld").is_dir():
        sys.stderr.write("newsworld: skipped, ../shared/newsworld is not here\n")
        return None
    set_up_logs("error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with embedded(folder / "redis") as server:
            with world(folder) as (port, feeds):
                base, ours = [], []
                for number in range(rounds):
                    base.append(await asyncio.to_thread(_afternoon, folder, server.url, port))
                    ours.append(await _dateline(server.url, port, feeds, f"bench{number}"))
    return _report(base, ours)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def world(folder: Path, feeds: int = FEEDS, articles: int = ARTICLES) -> Iterator[tuple[int, list[str]]]:
    """A news web with nothing but ordinary feeds, and the list of them."""
    port, listed = free_port(), folder / "feeds.txt"
    command = [
        sys.executable, str(SHARED / "newsworld"), "--port", str(port), "--host-mode", "ip", "--feeds", str(feeds),
        "--articles-per-feed", str(articles), "--conditional", "1.0", "--syndicated", "0", "--crosslist", "0",
        "--full-text", "0", "--feeds-file", str(listed), "--epoch", "now", "--speed", "0.001", "--cache-mb", "200",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None and "ready" in process.stdout.readline()
        yield port, listed.read_text().split()
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def _afternoon(folder: Path, redis_url: str, port: int) -> Cost:
    """The yardstick: two passes without articles (200s, then 304s), and one with them."""
    # It speaks to a TCP port: a second Redis, as private as ours.
    with tempfile.TemporaryDirectory() as data:
        redis_port = free_port()
        binary = str(find_redis_binary(None).path)
        server = subprocess.Popen(
            [binary, "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", data],
            stdout=subprocess.DEVNULL,
        )
        try:
            _answers(redis_port)
            feeds = _passes(folder, redis_port, "--no-articles", "--passes", "2")
            began = time.perf_counter()
            whole = _passes(folder, redis_port, "--passes", "1")[0]
            took = time.perf_counter() - began
        finally:
            server.terminate()
            server.wait(10)
    changed, unchanged = feeds[0]["cpu_s"] / FEEDS, feeds[1]["cpu_s"] / FEEDS
    article = (whole["cpu_s"] - feeds[0]["cpu_s"]) / max(1, whole.get("published", 0))
    return Cost(changed * 1e3, unchanged * 1e3, article * 1e3, 0.0, whole.get("published", 0) / took)


def _answers(port: int) -> None:
    """Wait until somebody listens there."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing answers on port {port}")


def _passes(folder: Path, port: int, *options: str) -> list[dict[str, float]]:
    script = str(SHARED / "newsworld/afternoon.py")
    command = [sys.executable, script, str(folder / "feeds.txt"), "--inline", "--redis", str(port), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def base_settings(redis_url: str, port: int, prefix: str) -> Settings:
    """Return settings of a daemon without politeness on the loopback news web."""
    return Settings(
        redis=RedisSettings(url=redis_url, prefix=prefix),
        poll=PollSettings(floor_seconds=600.0, at_once=50),
        fetch=FetchSettings(allow=(f"127.0.0.0/8:{port}",)),
        politeness=PolitenessSettings(spacing_seconds=0.0, at_once=50),
        pool=PoolSettings(wall_seconds=20.0),
        ingest=IngestSettings(recheck_seconds=()),
        serve=ServeSettings(enabled=False),
    )


def _cpu(app: App) -> tuple[float, float]:
    """(the loop's CPU, the children's), seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, app.pool.stats().cpu_seconds


async def _dateline(redis_url: str, port: int, feeds: list[str], prefix: str) -> Cost:
    async with open_app(base_settings(redis_url, port, prefix)) as app:
        await app.feeds.add([NewFeed(feed_id(canonical(url)), url) for url in feeds])
        freeze_objects()
        changed = await _polled(app, len(feeds))
        for feed in await app.feeds.ids():
            await app.feeds.poll_now(feed)
        unchanged = await _polled(app, len(feeds))
        stop = asyncio.Event()
        before, began = _cpu(app), time.perf_counter()
        task = asyncio.create_task(app.consumer.run(stop, drain_seconds=60))
        while sum(await app.entries.backlog()):
            await asyncio.sleep(0.05)
        took, after = time.perf_counter() - began, _cpu(app)
        stop.set()
        await task
        articles = app.metrics.articles.labels("published")._value.get()
        loop, children = after[0] - before[0], after[1] - before[1]
        jobs = {name: app.metrics.job_seconds.labels(name)._sum.get() for name in ("extract", "read")}
        share = jobs["extract"] / max(1e-9, jobs["extract"] + jobs["read"])
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        each = 1e3 / max(1, articles)
        sizes = {kind: size for kind, _, size in await key_memory(app.connection)}
        kept = sum(size for kind, size in sizes.items() if kind not in ("feeds", "owners", "robots.txt"))
        return Cost(
            changed * 1e3, unchanged * 1e3, (loop + children) * each, loop / max(1e-9, loop + children), articles / took,
            children * share * each, children * (1 - share) * each, rss,
            kept / max(1, articles) / 1024, sizes["events"] / max(1, articles) / 1024,
        )  # fmt: skip


async def _polled(app: App, feeds: int) -> float:
    """CPU seconds per feed of one pass over all feeds."""
    stop = asyncio.Event()
    before = sum(_cpu(app))
    polls = int((await _stat(app)).get(b"polls", 0))
    task = asyncio.create_task(app.poller.run(stop))
    while int((await _stat(app)).get(b"polls", 0)) < polls + feeds:
        await asyncio.sleep(0.05)
    stop.set()
    await task
    return (sum(_cpu(app)) - before) / feeds


async def _stat(app: App) -> dict[bytes, bytes]:
    flat = await app.connection.call("HGETALL", app.connection.keys[0].stats)
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _report(base: list[Cost], ours: list[Cost]) -> Report:
    report = Report(
        "newsworld",
        f"{FEEDS} feeds with {ARTICLES} articles each, {len(ours)} rounds in turn with an afternoon's script; own CPU",
    )
    for name, what, aim in (
        ("unchanged", "a poll that gives 304", 1.6),
        ("changed", "a feed with 5 new entries", 0.7),
        ("article", "an article, all steps", 0.9),
    ):
        theirs, own = [getattr(row, name) for row in base], [getattr(row, name) for row in ours]
        report.add(f"{what}: the script", theirs, "ms")
        report.add(f"{what}: dateline", own, "ms")
        # The script's 304 is bare aiohttp on asyncio's loop and over in some milliseconds: `poll` measures that line better.
        report.add(f"{what}: ratio", [b / a for a, b in zip(theirs, own, strict=True)], "", aim=aim)
    report.add("articles a second: the script", [row.per_second for row in base], "1/s")
    report.add("articles a second: dateline", [row.per_second for row in ours], "1/s")
    for name, what, unit, aim in (
        ("extract", "of an article: extraction", "ms", None),
        ("read", "of an article: reading", "ms", None),
        ("loop_share", "of an article: share of the loop", "", None),
        ("rss_mb", "resident memory of the daemon's process", "MB", None),
        ("stream_kb", "Redis: stream, an article", "kB", 17.0),
        ("redis_kb", "Redis: all, an article (few articles: mostly empty buckets)", "kB", None),
    ):
        report.add(what, [getattr(row, name) for row in ours], unit, aim=aim)
    return report
