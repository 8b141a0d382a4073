"""Runs benchmarks: ``python -m bench [NAME ...] [--json FILE] [--docs FILE]``; all of them without a name.

``python -m bench --kept FILE [FILE ...] --docs FILE`` makes the page of results that ``--json`` kept.

Each runs on the daemon's own loop and is compared with its yardstick in turns, in one run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bench import browser, desk, extraction, latency, memory, newsworld, poll, reading, scale, scheduler, start, stream
from bench.report import Report, loop_factory, read, write, write_docs


def _on_loop(run: Callable[[], Coroutine[Any, Any, Report | None]]) -> Callable[[], Report | None]:
    def go() -> Report | None:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(run())

    return go


BENCHMARKS: dict[str, Callable[[], Report | None]] = {
    "poll": _on_loop(poll.run),
    "newsworld": _on_loop(newsworld.run),
    "latency": _on_loop(latency.run),
    "reading": reading.run,
    "extraction-cpu": extraction.cpu,
    "extraction-memory": extraction.memory,
    "scheduler": _on_loop(scheduler.run),
    "scale": _on_loop(scale.run),
    "start": _on_loop(start.run),
    "memory": _on_loop(memory.run),
    "stream": _on_loop(stream.run),
    "desk": _on_loop(desk.run),
    "browser": browser.run,
}


def _tell(reports: list[Report], docs: Path | None) -> int:
    """Print reports that were kept, and write them as a page."""
    sys.stdout.write("\n".join(report.text() for report in reports) + "\n")
    if docs:
        write_docs(reports, docs)
    return 0


def main(arguments: list[str]) -> int:
    """Run and print; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write rounds, spread, machine and versions there"
    )
    parser.add_argument(
        "--docs", type=Path, metavar="FILE", help="also write them there as a page (docs/performance.md)"
    )
    parser.add_argument(
        "--kept", type=Path, nargs="+", metavar="FILE", help="run nothing: what --json wrote there, in this order"
    )
    options = parser.parse_args(arguments)
    if options.kept:
        return _tell([report for file in options.kept for report in read(file)], options.docs)
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    reports: list[Report] = []
    missing = 0
    for name in options.names or BENCHMARKS:
        try:
            report = BENCHMARKS[name]()
        except ModuleNotFoundError as error:
            sys.stderr.write(f"bench: {name} is not run: {error.name} is not installed (`make browser`)\n")
            missing += 1
            continue
        if report is None:
            continue
        reports.append(report)
        sys.stdout.write(report.text() + "\n")
        sys.stdout.flush()
        # After each one: what was measured is kept where a later one fails.
        if options.json:
            write(reports, options.json)
        if options.docs:
            write_docs(reports, options.docs)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
