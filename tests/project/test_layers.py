"""The layers, and one home per library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "worker"

#: A library and the only places that may import it.
HOMES = {
    "feedparser": {"sources/fallback.py"},
    "trafilatura": {"extract"},
    "protego": {"fetch/robots.py"},
    "publicsuffixlist": {"urls/owner.py"},
    "warcio": {"archive"},
    "msgpack": {"store"},
    "structlog": {"telemetry/logs.py"},
    "rich": {"cli/top.py"},
    "spacy": {"read/entities/spacy_model.py"},
    "dateparser": {"read/temporal/languages.py"},
}


def _modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(WORKER.rglob("*.py")):
        yield path.relative_to(WORKER).as_posix(), path, ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def test_imports_go_down_only() -> None:
    """A newcomer may read any file knowing that nothing above it is needed to understand it (contract in pyproject.toml)."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    checked = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_folder_is_crowded() -> None:
    """At most 10 modules at the root, 25 in any folder: the listing shows the data's way."""
    folders = Counter(path.parent for path in WORKER.rglob("*.py") if path.name != "__init__.py")
    assert folders.pop(WORKER) <= 10
    assert not {str(folder): count for folder, count in folders.items() if count > 25}


def test_every_package_says_what_it_does() -> None:
    """The docstring of its `__init__` is what a newcomer reads first: what goes in, what comes out, where to begin."""
    packages = {path.parent.relative_to(WORKER): path for path in WORKER.rglob("__init__.py")}
    docstrings = {name: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for name, path in packages.items()}
    assert not {str(name) for name, text in docstrings.items() if len(text.split()) < 12}


def test_each_library_has_one_home() -> None:
    """So that replacing a library is one file's work."""
    wrong = []
    for name, _, tree in _modules():
        for imported in _imports(tree):
            homes = HOMES.get(imported.split(".")[0])
            if homes and not any(name == home or name.startswith(home + "/") for home in homes):
                wrong.append(f"{name} imports {imported}, whose home is {', '.join(sorted(homes))}")
    assert not wrong, "\n".join(wrong)


def test_the_client_of_aiohttp_is_used_in_fetch_only() -> None:
    """Requests go through the guard, or not at all."""
    wrong = []
    for name, path, _ in _modules():
        if "ClientSession(" in path.read_text(encoding="utf-8") and not name.startswith("fetch/"):
            wrong.append(name)
    assert not wrong


def test_no_module_is_long_and_none_is_named_for_nothing() -> None:
    """Median under 180 lines, none past 400; no utils, helpers, common, manager."""
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for _, path, _ in _modules())
    assert lengths[len(lengths) // 2] < 180
    long = [f"{name}: {n} lines" for name, path, _ in _modules() if (n := len(path.read_text().splitlines())) > 400]
    assert not long, "\n".join(long)
    assert not [
        name
        for name, _, _ in _modules()
        if name.rpartition("/")[2] in ("utils.py", "helpers.py", "common.py", "manager.py")
    ]


def test_no_test_file_is_long() -> None:
    """At most 400 lines a file: one subject each."""
    tests = ROOT / "tests"
    long = [f"{path.relative_to(tests)}" for path in tests.rglob("*.py") if len(path.read_text().splitlines()) > 400]
    assert not long, "\n".join(long)


def test_no_path_of_a_machine_and_no_registry_stands_in_the_repository() -> None:
    """The tree runs anywhere."""
    marks = ["/wor" + "k/", "/far" + "m/", "/ro" + "ot/"]
    wrong = []
    for pattern in (
        "worker/**/*.py",
        "tests/**/*.py",
        "config/*",
        "*.md",
        "*.yml",
        "pyproject.toml",
        "Makefile",
        ".ci/*",
        "bench/**/*.py",
    ):
        for path in ROOT.glob(pattern):
            if path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                wrong += [f"{path.relative_to(ROOT)}: {mark}" for mark in marks if mark in text]
    assert not wrong, "\n".join(wrong)
