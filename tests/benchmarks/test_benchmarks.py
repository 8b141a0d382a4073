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

from bench import memory, poll, scheduler
from bench.report import Report, loop_factory, write, write_docs

SMALL: dict[str, Callable[[], Coroutine[Any, Any, Report]]] = {
    "memory": lambda: memory.run(60),
    "scheduler": lambda: scheduler.run(100, 1),
    "poll": lambda: poll.run(20, 1, 0.5),
}


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
