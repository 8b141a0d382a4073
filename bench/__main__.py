"""Runs the benchmarks: all of them, or those named."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from bench import extraction, newsworld, reading, scheduler


def main(names: list[str]) -> int:
    """Run and print; gives the exit code."""
    table: dict[str, Callable[[], object]] = {
        "reading": reading.run,
        "extraction-cpu": extraction.cpu,
        "extraction-memory": extraction.memory,
        "scheduler": lambda: asyncio.run(scheduler.run()),
        "newsworld": lambda: asyncio.run(newsworld.run()),
    }
    for name in names or list(table):
        if name not in table:
            sys.stderr.write(f"bench: no benchmark {name!r}; there are: {', '.join(table)}\n")
            return 2
        table[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
