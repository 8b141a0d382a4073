"""Measures which lines and branches of worker/ the tests run, where COVERAGE_FLOOR is set, as `make test` does.

SlipCover puts probes into the bytecode as modules are imported and takes each out once it was hit. Every process of
pytest-xdist writes what it saw to a folder; the first process adds that up, prints the share, and fails below the floor (per
cent of lines and branches together). Work in the daemon's own processes is not seen.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
#: Generators of the demo, and what only starts the program.
_OMITTED = ("worker/demo/*", "worker/__main__.py", "worker/_version.py")
_FLOOR, _FOLDER = "COVERAGE_FLOOR", "COVERAGE_FOLDER"


class Coverage:
    """Measures this process from now on: make it before anything of the package is imported."""

    def __init__(self) -> None:
        import slipcover

        self._probes = slipcover.Slipcover(branch=True, immediate=True)
        files = slipcover.FileMatcher(
            sources=[str(_ROOT / "worker")], omit=[str(_ROOT / omitted) for omitted in _OMITTED]
        )
        slipcover.ImportManager(self._probes, files).__enter__()
        self._said = ""
        if _FOLDER not in os.environ:
            os.environ[_FOLDER] = tempfile.mkdtemp(prefix="coverage-")
            atexit.register(shutil.rmtree, os.environ[_FOLDER], ignore_errors=True)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what this process saw; in the first one, add up and judge."""
        seen = Path(os.environ[_FOLDER]) / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json"
        seen.write_text(json.dumps(self._probes.get_coverage()), "utf-8")
        if "PYTEST_XDIST_WORKER" not in os.environ:
            summary, floor = _added_up(seen.parent), float(os.environ[_FLOOR])
            share = summary["percent_covered"]
            self._said = (
                f"coverage: {share:.1f} % of {summary['lines']:,} lines and {summary['branches']:,} branches of worker/, "
                f"floor {floor:g} %"
            )
            if share < floor:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the share, above pytest's own summary line."""
        if self._said:
            terminalreporter.write_line(self._said)


def _added_up(folder: Path) -> dict[str, Any]:
    import slipcover

    parts = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    merged = parts[0]
    for part in parts[1:]:
        slipcover.merge_coverage(merged, part)
    found: dict[str, Any] = dict(merged["summary"])
    return found | {kind: found[f"covered_{kind}"] + found[f"missing_{kind}"] for kind in ("lines", "branches")}


def measure() -> Coverage | None:
    """Begin to measure where that is asked for."""
    return Coverage() if os.environ.get(_FLOOR) else None
