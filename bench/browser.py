"""The desk in Debian's Chromium over an index of 100,000 events: first paint, first row, search, memory, axe's findings.

Needs `make browser`. `dateline desk` runs as a process of its own beside a Redis that is empty.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.desk import fill
from dateline.index.database import index_bytes, open_database, scalar

ROOT = Path(__file__).resolve().parent.parent
_NAMES = ("/usr/lib/chromium/chromium", "chromium", "google-chrome")
_ROUNDS, _SEARCHES = 5, 60
_VIEWS = {
    "overview": "",
    "overview of 7 days": "?since=7d",
    "overview of 30 days": "?since=30d",
    "wire": "?view=wire",
    "search": "?view=search&q=government",
    "health": "?view=health",
}
_ROW = ".headline, .card h2, .feeds, .figures"
#: Notes when the first row is there: `performance.now()` counts from the navigation.
_WATCH = """new MutationObserver((_, self) => { if (document.querySelector("ROW")) { window.firstRow = performance.now();
  self.disconnect(); } }).observe(document, { childList: true, subtree: true });""".replace("ROW", _ROW)
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_ASK = """async (path) => { const began = performance.now(); await (await fetch(path, { cache: 'no-store' })).json();
  return performance.now() - began; }"""
_THEMES, _SIZES = ("light", "dark"), {"wide": (1440, 900), "phone": (390, 844)}


def run() -> None:
    """Fill an index, run the desk over it, print the figures."""
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        file = Path(folder) / "desk.sqlite"
        asyncio.run(_fill(file))
        with serving(Path(folder), file) as (base, pid):
            print(f"service: {_resident_mib(pid):.0f} MiB resident after its start")
            measure(base, pid)


async def _fill(file: Path) -> None:
    database = await open_database(file)
    await fill(database, datetime.now(UTC))
    count, size = await database.read(lambda c: (scalar(c, "SELECT count(*) FROM event"), index_bytes(c)))
    await database.close()
    print(f"{count:,} events indexed, {size / count:.0f} bytes an event", flush=True)


@contextmanager
def serving(folder: Path, index: Path) -> Iterator[tuple[str, int]]:
    """Run `dateline desk` over an index while the block runs; gives its address and process id."""
    port, bus = _free_port(), folder / "redis.sock"
    redis = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", bus, "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
    )
    environment = os.environ | {
        "DATELINE_REDIS_URL": f"unix://{bus}",
        "DATELINE_DESK_INDEX_FILE": str(index),
        "DATELINE_SERVE_PORT": str(port),
        "DATELINE_LOG_LEVEL": "error",
    }
    settings = folder / "dateline.toml"
    settings.touch()
    command = [sys.executable, "-m", "worker", "desk", "--config", str(settings)]
    desk = subprocess.Popen(command, cwd=ROOT, env=environment)
    base = f"http://127.0.0.1:{port}/desk"
    try:
        _wait_for(lambda: urllib.request.urlopen(f"{base}/api/health", timeout=5).status == 200)
        yield base, desk.pid
    finally:
        for process in (desk, redis):
            process.terminate()
            process.wait(30)


def measure(base: str, pid: int) -> None:
    """Print the figures of a desk that runs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = next(found for name in _NAMES if (found := shutil.which(name)))
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, address in _VIEWS.items():
            seen = [_first_look(chromium, base + address) for _ in range(_ROUNDS)]
            paint, row, heap = (statistics.median(one[at] for one in seen) for at in range(3))
            slowest = max(one[1] for one in seen)
            print(
                f"{name:<20} first paint {paint:5.0f} ms   first row {row:5.0f} ms (slowest {slowest:5.0f})   "
                f"page {heap:4.1f} MiB of JavaScript",
                flush=True,
            )
        _print_searches(chromium, base)
        print(f"service: {_resident_mib(pid):.0f} MiB resident after that, most {_resident_mib(pid, 'VmHWM'):.0f}")
        for theme in _THEMES:
            for width, size in _SIZES.items():
                counts = [_axe(chromium, base + address, theme, size) for address in _VIEWS.values()]
                print(f"axe, {theme}, {width}: {sum(counts)} findings in {len(counts)} views", flush=True)
        chromium.close()


def _first_look(chromium: Any, address: str) -> tuple[float, float, float]:
    """Return first paint and first row in ms after the navigation, and the page's heap in MiB, with an empty cache."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(_WATCH)
    page.goto(address)
    page.wait_for_selector(_ROW, state="attached", timeout=30_000)
    paint, row = page.evaluate(_PAINT), page.evaluate("window.firstRow")
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    figures = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return paint or row, row, figures["JSHeapUsedSize"] / (1 << 20)


def _print_searches(chromium: Any, base: str) -> None:
    """Print how long searches and overviews take over HTTP as the page asks them, and from typing to results."""
    words = re.findall(r"[a-z]{4,}", (Path(__file__).parent / "story.txt").read_text())
    pick = random.Random(11)
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{base}?view=search&q=nothing")
    page.wait_for_selector(".count")
    asked: dict[str, Callable[[], str]] = {
        "search, a frequent word": lambda: f"search?q={pick.choice(words)}",
        "search, a rare word": lambda: f"search?q=rare{pick.randrange(5000)}",
        "search, word and country": lambda: (
            f"search?q={pick.choice(words)}&country={pick.choice(('UKR', 'SDN', 'KEN'))}"
        ),
        "overview, 24 h": lambda: f"overview?until={_ago(pick)}",
        "overview, 7 days": lambda: f"overview?since=7d&x={pick.random()}",
        "overview, 30 days": lambda: f"overview?since=30d&x={pick.random()}",
        "overview, 7 d, country": lambda: f"overview?since=7d&country={pick.choice(('UKR', 'SDN', 'KEN', 'PER'))}",
    }
    for name, path in asked.items():
        took = sorted(page.evaluate(_ASK, f"/desk/api/{path()}") for _ in range(_SEARCHES))
        print(f"{name:<26} p50 {statistics.median(took):5.0f} ms   p99 {took[-1]:5.0f} ms over HTTP", flush=True)
    typed = []
    for _ in range(10):
        word = f"rare{pick.randrange(5000)}"
        began = time.perf_counter()
        page.fill("#query", word)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".excerpt mark:text-is('{word}'), .empty h1")
        typed.append((time.perf_counter() - began) * 1000)
    print(f"from the key to marked results: p50 {statistics.median(typed):.0f} ms, slowest {max(typed):.0f} ms")
    page.close()


def _ago(pick: random.Random) -> str:
    return f"{pick.randrange(1, 600)}h"


def _axe(chromium: Any, address: str, theme: str, size: tuple[int, int]) -> int:
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    page.goto(address)
    page.wait_for_selector(_ROW, state="attached")
    page.wait_for_timeout(300)
    page.evaluate((ROOT / "tests/browser/vendor/axe.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    page.close()
    return len(found["violations"])


def _resident_mib(pid: int, which: str = "VmRSS") -> float:
    found = re.search(rf"{which}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the desk did not answer within {seconds:.0f} s")
