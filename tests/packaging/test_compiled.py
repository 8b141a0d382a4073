"""The compiled build: the wheel that ``DATELINE_COMPILE=1`` gives, built here without optimisation, reads as the sources do.

`make compiled-test` plays all of it: the grammar alone, which takes half a minute of CPU, then everything that `make compiled`
compiles, with the reading tests and a round of fuzzing. The plain run looks only that no compiled module hides a source.
"""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from runpy import run_path
from types import ModuleType

import pytest

from bench.reading import newsroom_pages
from dateline.jobs.compiled import describe_build, is_compiled
from support.read_records import own_texts

ROOT = Path(__file__).resolve().parents[2]
add_hints = run_path(str(ROOT / "tools" / "mypyc_hints.py"))["add_hints"]
needs_compiler = pytest.mark.skipif(
    not (shutil.which("cc") and os.name == "posix"), reason="no C compiler here: install gcc"
)


def _run(command: Sequence[str], *, given: bytes = b"", seconds: float, **environment: str) -> bytes:
    """What a program prints; fails with its standard error where it ends otherwise than with 0."""
    done = subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, timeout=seconds, env=dict(os.environ) | environment
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-4000:]
    return done.stdout


def build(folder: Path, what: str) -> Path:
    """A folder for PYTHONPATH with the package as the wheel has it. ``what``: the value of DATELINE_COMPILE."""
    copy = folder / "copy"
    shutil.copytree(ROOT / "worker", copy / "worker", ignore=shutil.ignore_patterns("__pycache__", "_version.py"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "tools/mypyc_hints.py"):
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    _run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder / "dist"), str(copy)],
        seconds=900, DATELINE_COMPILE=what, DATELINE_COMPILE_LEVEL="0",
    )  # fmt: skip
    (wheel,) = (folder / "dist").glob("dateline-*.whl")
    assert "none-any" not in wheel.name
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def inputs() -> list[dict[str, str]]:
    """Every text of this repository and every page of the bundled newsroom."""
    pages = [{"url": url, "page": base64.b64encode(page).decode()} for url, page in newsroom_pages()]
    assert pages
    return [*own_texts(), *pages]


def records(given: Sequence[dict[str, str]], pythonpath: str) -> tuple[dict[str, str], list[bytes]]:
    """What reads, and a record for each input."""
    lines = "".join(json.dumps(one) + "\n" for one in given).encode()
    path = os.pathsep.join(filter(None, (pythonpath, str(ROOT / "tests"))))
    said = _run([sys.executable, "-m", "support.read_records"], given=lines, seconds=240, PYTHONPATH=path)
    first, *rest = said.splitlines()
    return json.loads(first), rest


def differing(given: Sequence[dict[str, str]], site: Path) -> list[dict[str, str]]:
    """The inputs of which the compiled build makes another record than the sources do."""
    pure, compiled = records(given, ""), records(given, str(site))
    assert compiled[0]["module"].startswith(str(site)) and compiled[0]["build"].startswith("compiled (mypyc ")
    assert pure[0]["build"] == "pure Python" and len(pure[1]) == len(compiled[1]) == len(given)
    return [one for one, a, b in zip(given, pure[1], compiled[1], strict=True) if a != b]


@pytest.mark.long
@pytest.mark.timeout(900)
@needs_compiler
def test_the_compiled_grammar_reads_as_its_source_does(tmp_path: Path) -> None:
    """Byte for byte; the sources stay in the wheel, so that a trace shows the line."""
    site = build(tmp_path, "read/syntax")
    assert (site / "dateline" / "read" / "syntax" / "tagger.py").exists()
    assert not differing([*own_texts()][::3], site)


def test_a_checkout_reads_with_its_sources() -> None:
    """No compiled module lies beside them, which would hide later edits."""
    assert not is_compiled() and describe_build() == "pure Python"
    assert not [*(ROOT / "worker").rglob("*.so")]


def test_the_compiler_is_the_version_that_the_types_are_checked_with() -> None:
    """mypyc comes with mypy: setup.py names the version of the lock file."""
    (pinned,) = re.findall(r"^mypy==[\w.]+", (ROOT / "requirements" / "test.lock").read_text(), re.MULTILINE)
    assert f'"{pinned}"' in (ROOT / "setup.py").read_text()


def uncompilable(source: str) -> list[int]:
    """Lines that mypyc 2.4 stops at (`x in (a, *b)`) or translates wrongly (`self.a, b = None, self.a`)."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [one.elts for one in node.comparators if isinstance(one, ast.Tuple)]
            found += [node.lineno for side in sides if any(isinstance(one, ast.Starred) for one in side)]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            for target in (one for one in node.targets if isinstance(one, ast.Tuple)):
                fields = [ast.unparse(one) for one in target.elts if isinstance(one, ast.Attribute)]
                read = [ast.unparse(one) for one in ast.walk(node.value) if isinstance(one, ast.Attribute)]
                none = any(isinstance(one, ast.Constant) and one.value is None for one in node.value.elts)
                found += [node.lineno] * bool(none and {*fields} & {*read})
    return found


def test_no_reading_step_has_a_form_that_the_compiler_gets_wrong() -> None:
    """`make compiled-test` sees all of them, and takes ten minutes."""
    assert sorted(uncompilable("x = a in (1, *b)\nself.a, c = None, self.a\na.b, c = 1, 2")) == [1, 2]
    folders = [ROOT / "worker" / "read", ROOT / "worker" / "text"]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 100
    assert [(file.name, line) for file in files for line in uncompilable(file.read_text("utf-8"))] == []


SOURCE = '''"""A module."""

from __future__ import annotations

from dataclasses import dataclass, field

Names = tuple[str, ...]
WORDS = frozenset({"a"}) | {"ä"}
ONE: int = 1


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of

    several lines."""

    name: str
    size: int = ONE
    parts: list[str] = field(default_factory=list, compare=False)
'''


def test_hints_for_the_compiler_change_no_line_and_no_behaviour() -> None:
    """Constants are final, types are not; the dataclass is built, compared and hashed as before."""
    hinted = add_hints(SOURCE)
    assert hinted.count("\n") == SOURCE.count("\n") and "WORDS: _Final =" in hinted and "ONE: _Final[int]" in hinted
    assert "Names = " in hinted and "def __init__(self, name: str, size: int = ONE" in hinted
    things = []
    for number, text in enumerate((SOURCE, hinted)):
        module = ModuleType(f"hinted{number}")
        sys.modules[module.__name__] = module
        exec(compile(text, "module.py", "exec"), module.__dict__)
        things.append((module.Thing("x"), module.Thing("x", 1, ["p"]), module.Thing("y")))
        del sys.modules[module.__name__]
    for one, same, other in things:
        assert one == same and one != other and hash(one) == hash(same) and one.parts == [] and one.size == 1
    assert repr(things[0]) == repr(things[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is compiled in the shipped build."""
    return build(tmp_path_factory.mktemp("compiled"), "1")


@pytest.mark.long
@pytest.mark.timeout(1800)
@needs_compiler
class TestWhole:
    """The build as `make compiled` makes it, but for the compiler's level."""

    def test_every_record_is_that_of_the_sources_byte_for_byte(self, site: Path) -> None:
        assert not differing(inputs(), site)

    @pytest.mark.parametrize("tests", ["tests/read", "tests/text", "tests/extract", "tests/pool"])
    def test_the_tests_pass_on_it(self, site: Path, tests: str) -> None:
        """A step that raises among them: it costs its own output and is kept with its trace."""
        command = [sys.executable, "-m", "pytest", tests, "-n", "2", "-p", "no:randomly", "-p", "no:cacheprovider"]
        _run(command, seconds=1500, PYTHONPATH=str(site))

    @pytest.mark.parametrize("target", ["text", "page"])
    def test_a_round_of_fuzzing_breaks_no_promise(self, site: Path, tmp_path: Path, target: str) -> None:
        command = [sys.executable, "-m", "tests.fuzz", "--minutes", "0.5", "--target", target, "--out", str(tmp_path)]
        _run(command, seconds=600, PYTHONPATH=str(site))

    def test_the_program_says_that_it_reads_with_compiled_steps(self, site: Path) -> None:
        said = _run(
            [sys.executable, "-c", "from dateline.jobs.compiled import describe_build; print(describe_build())"],
            seconds=60, PYTHONPATH=str(site),
        )  # fmt: skip
        assert said.startswith(b"compiled (mypyc ")
