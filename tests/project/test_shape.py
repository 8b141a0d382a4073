"""The shape of the code as `tools/code_numbers.py` measures it: what holds today may only get better."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: The largest figure that passes.
LIMITS = {
    "median module, lines": 180,
    "largest module, lines": 400,
    "modules at the root": 10,
    "modules in the fullest folder": 25,
    "function median, lines": 10,
    "function p90, lines": 30,
    "longest function, lines": 60,
    "functions over 60 lines": 0,
    "broad excepts": 13,
    "largest fan-out, app apart": 15,
    "packages that app builds from": 15,
    "modules with a fan-out over 15": 1,
    "files on the happy path": 32,
    "Pipeline.ingest, lines": 20,
    "climbs of a poll": 5,
    "climbs of an entry": 5,
}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """``tools/code_numbers.py``, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("code_numbers", ROOT / "tools" / "code_numbers.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def code(tool: ModuleType) -> Any:
    """All modules below ``worker/``, parsed once."""
    return tool.Code()


def test_no_figure_is_over_its_limit(tool: ModuleType, code: Any) -> None:
    """``python tools/code_numbers.py --worst`` shows the places."""
    found = tool.numbers(code)
    assert not {name: found[name] for name, limit in LIMITS.items() if found[name] > limit}


def test_every_module_of_the_happy_path_is_there(tool: ModuleType, code: Any) -> None:
    assert not set(tool.HAPPY_PATH) - set(code.modules)


def test_every_broad_except_that_keeps_the_error_says_why(code: Any) -> None:
    """A comment on its line; one that ends in ``raise`` needs none."""
    assert not code.broad_excepts(without_reason=True)


def test_a_call_back_up_counts_as_a_climb(tool: ModuleType, tmp_path: Path) -> None:
    """To a module that imports the caller's, and through a function that was handed in."""
    (tmp_path / "low.py").write_text(
        "from __future__ import annotations\nfrom collections.abc import Callable\nfrom .high import High\n"
        "class Low:\n    def __init__(self, high: High, then: Callable[[], None]) -> None:\n"
        "        self.high = high\n        self.then = then\n"
        "    def run(self) -> None:\n        self.high.serve()\n        self.then()\n"
    )
    (tmp_path / "high.py").write_text("from .low import Low\nclass High:\n    def serve(self) -> None:\n        pass\n")
    assert len(tool.Walk(tool.Code(tmp_path), "low:Low.run").climbs) == 2
