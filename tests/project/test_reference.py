"""Reference pages are written from the code; what they list is what there is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load_tool(name: str) -> ModuleType:
    """A script of tools/ as a module."""
    specification = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


REFERENCE = load_tool("write_reference")


@pytest.mark.parametrize("page", sorted(REFERENCE.PAGES))
def test_a_reference_page_is_what_the_code_says(page: str) -> None:
    """After a change: `.venv/bin/python tools/write_reference.py`."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == REFERENCE.PAGES[page]()


def test_every_metric_is_named_dateline_and_has_a_meaning() -> None:
    """One prefix, so that a shared Prometheus shows whose they are."""
    for name, kind, _, meaning in REFERENCE.metrics():
        assert name.startswith("dateline_") and meaning, name
        assert kind != "histogram" or name.endswith("_seconds"), name
