"""Every benchmark that needs nothing from outside runs, so that none rots; its figures are not looked at."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import latency, memory, poll, scale, scheduler, start
from bench.newsworld import SHARED
from bench.report import Report, loop_factory, write, write_docs

SMALL: dict[str, Callable[[], Coroutine[Any, Any, Report]]] = {
    "memory": lambda: memory.run(60),
    "scheduler": lambda: scheduler.run(100, 1),
    "scale": lambda: scale.run((), many=300, rounds=2),
    "poll": lambda: poll.run(20, 1, 0.5),
}


@pytest.mark.long
def test_real_workers_share_the_articles_of_a_news_web() -> None:
    """Two daemons on one Redis, as `python -m bench scale` runs them."""
    if not (SHARED / "newsworld").is_dir():
        pytest.skip("../shared/newsworld is not here: the news web")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        report = runner.run(scale.run((2,), feeds=4, articles=2, many=100, rounds=1))
    assert {row.what for row in report.rows} >= {"articles a second, 2 workers", "CPU of Redis an article, 2 workers"}


@pytest.mark.long
def test_the_delay_from_a_due_feed_to_the_stream_is_measured() -> None:
    """At half load, with and without politeness, and at twice the load, as `python -m bench latency` does."""
    if not (SHARED / "newsworld").is_dir():
        pytest.skip("../shared/newsworld is not here: the news web")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        report = runner.run(latency.run(2.0, 4))
    assert report is not None
    assert {row.what for row in report.rows} >= {
        "half load: due to stream, p99",
        "twice the load, held back: due to stream, p99",
    }


@pytest.mark.long
def test_the_start_of_a_real_daemon_is_measured() -> None:
    """Its first article where the news web is there, and its loops with a feed list."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        report = runner.run(start.run(1, 20))
    assert {row.what for row in report.rows} >= {"daemon.started with 20 feeds, second start"}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_and_its_figures_can_be_written(name: str, tmp_path: Path) -> None:
    """On the daemon's own loop; with machine, versions, rounds and spread."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        report = runner.run(SMALL[name]())
    write([report], tmp_path / "figures.json")
    write_docs([report], tmp_path / "figures.md")
    (found,) = json.loads((tmp_path / "figures.json").read_text())
    assert found["name"] == name and found["rows"] and all(row["rounds"] for row in found["rows"])
    assert found["machine"]["cores"] and found["machine"]["versions"]["aiohttp"] and found["loop"]
    assert f"## {name}" in (tmp_path / "figures.md").read_text()
