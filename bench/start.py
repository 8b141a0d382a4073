"""How long after its start the real daemon has its first article on the stream, and when its loops run with a long feed list.

Default settings, politeness included, on the loopback news web (whose counters must show no violation) and a Redis that runs
already. Wall time: only a quiet machine gives it. The second start with the long list finds all feeds in Redis. The modules'
bytecode is made before, as every installation has it: without, Python compiles what was edited at each start.
"""

from __future__ import annotations

import asyncio
import compileall
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from bench.newsworld import SHARED, world
from bench.report import Report
from dateline.settings import RedisSettings
from dateline.settings.toml import as_toml
from dateline.store.private import embedded
from dateline.store.redis import Connection

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, FEEDS, ARTICLES, MANY = 5, 10, 3, 100_000
LONGEST_SECONDS = 120.0
_VIOLATIONS = ("robots_violations", "crawl_delay_violations", "retry_after_violations")


async def run(rounds: int = ROUNDS, many: int = MANY) -> Report:
    """Measure; without the news web only the start with a long list."""
    report = Report("start", "the real daemon from its launch on, default settings, Redis up; wall time")
    compileall.compile_dir(ROOT / "worker", quiet=2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with embedded(folder / "redis") as server:
            if (SHARED / "newsworld").is_dir():
                await _first_articles(report, server.url, folder, rounds)
            else:
                sys.stderr.write("start: no first article, ../shared/newsworld is not here\n")
            feeds = [f"https://www.paper{n // 3}.example/section-{n % 3}/feed.xml" for n in range(many)]
            config = _config(folder / "many", server.url, "startmany", 1, feeds)
            for which in ("first", "second"):
                report.add(f"daemon.started with {many} feeds, {which} start", [await _started(config)], "s", aim=3.0)
    return report


async def _first_articles(report: Report, redis_url: str, folder: Path, rounds: int) -> None:
    rows = [await _first_article(redis_url, folder / f"world{number}", f"start{number}") for number in range(rounds)]
    report.add("daemon.started", [row[0] for row in rows], "s")
    report.add("first article on the stream", [row[1] for row in rows], "s", aim=2.0)
    report.add("violations of robots.txt, Crawl-delay, Retry-After", [float(row[2]) for row in rows], "", aim=0.0)


async def _first_article(redis_url: str, folder: Path, prefix: str) -> tuple[float, float, int]:
    """Return seconds until the loops run, seconds until the first article, and what the news web complains of."""
    with world(_made(folder), FEEDS, ARTICLES) as (port, feeds):  # a fresh one: its counters begin at 0
        config = _config(folder / "config", redis_url, prefix, port, feeds)
        connection = Connection(RedisSettings(url=redis_url, prefix=prefix))
        try:
            with _daemon(config) as (began, log):
                first = await _until(lambda: _first(connection)) - began
                started = await _until(lambda: _said(log, "daemon.started")) - began
        finally:
            await connection.close()
        return started, first, await asyncio.to_thread(_violations, port)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _violations(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/__stats?hosts=1000", timeout=30) as answer:
        stats = json.loads(answer.read())
    return sum(stats[kind] for kind in _VIOLATIONS)


async def _started(config: Path) -> float:
    with _daemon(config) as (began, log):
        return await _until(lambda: _said(log, "daemon.started")) - began


def _config(folder: Path, redis_url: str, prefix: str, port: int, feeds: list[str]) -> Path:
    folder.mkdir(parents=True)
    sections = {
        "redis": {"url": redis_url, "prefix": prefix},
        "fetch": {"allow": [f"127.0.0.0/8:{port}"]},
        "serve": {"enabled": False},
        "log": {"form": "json"},
    }
    lines = [
        line
        for name, options in sections.items()
        for line in (f"[{name}]", *(f"{key} = {as_toml(value)}" for key, value in options.items()))
    ]
    (folder / "dateline.toml").write_text("\n".join(lines) + "\n")
    (folder / "feeds.toml").write_text(f"[groups.world]\nfeeds = {as_toml(feeds)}\n")
    return folder / "dateline.toml"


@contextlib.contextmanager
def _daemon(config: Path) -> Iterator[tuple[float, Path]]:
    """Run the daemon inside the block; gives when it was launched, and its log."""
    file = config.parent / f"log{time.monotonic_ns()}"
    with file.open("wb") as log:
        began = time.time()
        command = [sys.executable, "-m", "worker", "run", "--config", str(config)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONWARNINGS": ""})
        try:
            yield began, file
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _until(look: Callable[[], object]) -> float:
    """Ask every 10 ms until ``look`` gives a time; returns it. Raises RuntimeError after two minutes."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if isinstance(found, float):
            return found
        await asyncio.sleep(0.01)
    raise RuntimeError(f"the daemon did not come so far in {LONGEST_SECONDS:.0f} s")


async def _first(connection: Connection) -> float | None:
    """Return when the first entry was appended to the stream."""
    rows = await connection.call("XRANGE", connection.keys[0].events, "-", "+", "COUNT", 1)
    return int(rows[0][0].partition(b"-")[0]) / 1000 if rows else None


def _said(log: Path, event: str) -> float | None:
    """Return when the daemon logged an event."""
    for line in log.read_text().splitlines():
        if f'"{event}"' in line:
            return datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
    return None
