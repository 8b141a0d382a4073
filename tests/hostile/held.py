"""How many bytes the daemon and its children hold while one hostile answer comes: from /proc, the peak over what was there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hostile.house import MIB, Case, House
from hostile.judge import Findings

#: What only fetching and inflating decide: nothing is parsed, so that what is held is the body as it came and inflated.
UNPARSED = {"too_large", "bad_encoding", "timeout", "protocol", "connection", "unsupported_type"}
#: The body as it came (5 MiB at most, and as much again while its parts are put together), the polls and pages of before.
OVERHEAD_MIB = 5 + 5 + 8


def fits(case: Case) -> bool:
    """Whether a case is about bytes, and ends before anything is parsed."""
    wanted = set(case.duty["outcome"])
    return wanted <= UNPARSED and "too_large" in wanted and case.duty["kind"] in ("feed", "article")


def measure(house: House, cases: Iterable[Case], found: Findings) -> None:
    """Each case alone, on a new site; nothing else is under way."""
    assert house.daemon is not None and house.daemon.process is not None
    for case in cases:
        before = {pid: _kib(pid, "VmRSS") for pid in _tree(house.daemon.process.pid)}
        for pid in before:
            (Path("/proc") / str(pid) / "clear_refs").write_text("5")  # the peak counts from here
        house.list_feeds([replace(case, tag="alone")])
        house.wait(60.0)
        usual = max(before.values())
        grown = sum(max(0, _kib(pid, "VmHWM") - before.get(pid, usual)) for pid in _tree(house.daemon.process.pid))
        most = case.duty["max_decoded_mb"] + OVERHEAD_MIB
        if grown * 1024 > most * MIB:
            found.add(case, f"{grown / 1024:.0f} MiB were held, more than {most}")


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        for task in (Path("/proc") / str(one) / "task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _kib(pid: int, what: str) -> int:
    try:
        status = (Path("/proc") / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    number = re.search(rf"^{what}:\s+(\d+) kB", status, re.MULTILINE)
    return int(number[1]) if number else 0


def works() -> bool:
    """Whether this system tells peaks, and starts them anew."""
    return (Path("/proc") / "self" / "clear_refs").exists()
