"""The layer rule, held with `ast`: imports go down only, a step imports the ground and itself, one home per library."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "worker"

GROUND = {
    "model",
    "page",
    "errors",
    "contract",
    "ports",
    "kinds",
    "telemetry",
    "clock",
    "inflate",
    "one_form",
    "urls",
    "options",
    "failpoints",
    "failures",
    "cancelling",
    "topology",
}
STEPS = {"sources", "fetch", "extract", "read", "dedup", "pool", "store", "forward", "client", "archive"}
FLOW = {
    "ingest", "weigh", "carry", "withdrawal", "recheck", "entry_loop", "poller", "visitor", "jobs", "poll_job",
    "batch_jobs", "stages",
    "forwarding", "discovery", "feeds_sync", "feeds_file", "settings", "pieces", "export", "verify", "snapshot",
    "websub", "drift", "remember",
    "feed_look", "company", "connect", "failed_steps",
}  # fmt: skip
WIRING = {"__main__", "cli", "app", "serve", "demo", "upkeep"}

#: A library and the only places that may import it.
HOMES = {
    "feedparser": {"sources/rss.py"},
    "trafilatura": {"extract"},
    "protego": {"fetch/robots.py"},
    "publicsuffixlist": {"urls/owner.py"},
    "warcio": {"archive"},
    "msgpack": {"store"},
    "structlog": {"telemetry.py"},
    "spacy": {"read/names_spacy.py"},
    "dateparser": {"read/dates_languages.py"},
}


def _modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(WORKER.rglob("*.py")):
        yield path.relative_to(WORKER).as_posix(), path, ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "worker":
                yield from (f"worker.{alias.name}" for alias in node.names)
            yield node.module


def _part(name: str) -> str | None:
    pieces = name.split(".")
    return pieces[1] if pieces[0] == "worker" and len(pieces) > 1 else None


def _layer(part: str) -> int:
    for number, names in enumerate((GROUND, STEPS, FLOW, WIRING), start=1):
        if part in names:
            return number
    raise AssertionError(f"worker/{part} stands in no layer: put it into tests/project/test_layers.py")


def test_imports_go_down_only_and_steps_know_no_other_step() -> None:
    """A newcomer may read any file knowing that nothing above it is needed to understand it."""
    wrong = []
    for name, _, tree in _modules():
        part = name.split("/")[0].removesuffix(".py")
        if part == "__init__":
            continue
        mine = _layer(part)
        for imported in _imports(tree):
            other = _part(imported)
            if other is None or other == part or other in ("__version__",):
                continue
            theirs = _layer(other)
            if theirs > mine:
                wrong.append(f"{name} (layer {mine}) imports {imported} (layer {theirs})")
            elif mine == theirs == 2:
                wrong.append(f"{name}: the step {part} imports the step {other}")
    assert not wrong, "\n".join(wrong)


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
