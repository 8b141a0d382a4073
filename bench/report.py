"""What a benchmark found: rows of figures with their spread, and the machine and versions they were taken on."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_VERSIONS = ("dateline", "aiohttp", "uvloop", "redis", "hiredis", "msgspec", "lxml", "trafilatura", "feedparser")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: a value a round. ``aim``: the most it should be (``least``: the least)."""

    what: str
    values: tuple[float, ...]
    unit: str
    aim: float | None = None
    least: float | None = None

    @property
    def median(self) -> float:
        """The middle one of the rounds."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """From the smallest to the largest round, as a share of the median."""
        return (max(self.values) - min(self.values)) / abs(self.median) if self.median else 0.0


@dataclass(slots=True)
class Report:
    """A benchmark's rows, in order."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    at: str = ""  #: when it was measured, ISO 8601; empty: now
    machine: dict[str, Any] = field(default_factory=lambda: machine())

    def add(
        self,
        what: str,
        values: Sequence[float],
        unit: str,
        *,
        aim: float | None = None,
        least: float | None = None,
    ) -> None:
        """Add a row with one value a round."""
        self.rows.append(Row(what, tuple(values), unit, aim, least))

    def text(self) -> str:
        """The rows as lines for people."""
        lines = [f"{self.name}: {self.title}"]
        for row in self.rows:
            rounds = f"  (spread {row.spread:.0%} of {len(row.values)} rounds)" if len(row.values) > 1 else ""
            aim = f"  aim <= {row.aim:g}" if row.aim is not None else ""
            aim = f"  aim >= {row.least:g}" if row.least is not None else aim
            lines.append(f"  {row.what:<58} {row.median:10.3f} {row.unit:<6}{aim}{rounds}")
        return "\n".join(lines)

    def data(self) -> dict[str, Any]:
        """The report as plain data: what ``--json`` writes."""
        rows = [
            {
                "what": row.what, "unit": row.unit, "median": round(row.median, 4), "spread": round(row.spread, 3),
                "rounds": [round(value, 4) for value in row.values], "aim": row.aim, "least": row.least,
            }
            for row in self.rows
        ]  # fmt: skip
        return {
            "name": self.name, "title": self.title, "at": self.at or datetime.now(UTC).isoformat(timespec="seconds"),
            "loop": loop_factory().__module__.partition(".")[0], "machine": self.machine, "rows": rows,
        }  # fmt: skip


def machine() -> dict[str, Any]:
    """Where this runs: processor, cores, load, versions."""
    return {
        "processor": _processor(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
        "versions": {name: version(name) for name in _VERSIONS},
    }  # fmt: skip


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def loop_factory() -> Any:
    """The daemon's own loop: uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def write(reports: Sequence[Report], file: Path) -> None:
    """Write reports as JSON."""
    file.write_text(json.dumps([report.data() for report in reports], indent=1) + "\n")
    sys.stderr.write(f"bench: wrote {file}\n")


def read(file: Path) -> list[Report]:
    """Return the reports that `write` left in a file."""
    return [
        Report(
            one["name"],
            one["title"],
            [Row(row["what"], tuple(row["rounds"]), row["unit"], row["aim"], row["least"]) for row in one["rows"]],
            one["at"],
            one["machine"],
        )
        for one in json.loads(file.read_text())
    ]


def write_docs(reports: Sequence[Report], file: Path) -> None:
    """Write reports as a page of the documentation: one table a benchmark, the machine and the date above."""
    here = reports[0].machine
    days = sorted({report.at[:10] or f"{datetime.now(UTC):%Y-%m-%d}" for report in reports})
    loads = sorted({report.machine["load"] for report in reports})
    load = f"{loads[0]}" if len(loads) == 1 else f"{loads[0]} to {loads[-1]}"
    versions = ", ".join(f"{name} {number}" for name, number in here["versions"].items())
    lines = [
        "# Performance",
        "",
        "Made by `python -m bench --docs docs/performance.md`; the figures of another machine differ,",
        "the ratios less. CPU is that of the process, so that other work on the machine counts little;",
        "it still makes every system call dearer.",
        "",
        f"- {', '.join(days)}, {here['processor']}, {here['cores']} cores, load {load}",
        f"- {here['system']}, Python {here['python']}",
        *_wrapped(f"- {versions}"),
    ]
    for report in reports:
        lines += ["", f"## {report.name}", "", *_wrapped(report.title[0].upper() + report.title[1:] + "."), ""]
        lines += ["| what | median | unit | aim | spread |", "| --- | --- | --- | --- | --- |"]
        for row in report.rows:
            aim = f"<= {row.aim:g}" if row.aim is not None else f">= {row.least:g}" if row.least is not None else ""
            spread = f"{row.spread:.0%} of {len(row.values)}" if len(row.values) > 1 else ""
            value = f"{row.median:.3g}" if abs(row.median) < 1000 else f"{row.median:,.0f}"
            lines.append(f"| {row.what} | {value} | {row.unit} | {aim} | {spread} |")
    file.write_text("\n".join(lines) + "\n")
    sys.stderr.write(f"bench: wrote {file}\n")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 98, subsequent_indent="  " if text.startswith("- ") else "")
