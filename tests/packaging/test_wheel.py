"""The wheel as a user gets it: built here, installed into an empty environment, used from an empty folder.

Its dependencies are those of this environment, by a path file: the test needs no network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Installed:
    """An environment with the wheel, and an empty folder to stand in."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder / "venv", with_pip=False)
        self.wheel = wheel
        self.python = folder / "venv" / "bin" / "python"
        self.empty = folder / "empty"
        self.empty.mkdir()
        _pip("--python", str(self.python), "install", "--no-deps", "--no-index", str(wheel))
        self.site = next((folder / "venv" / "lib").glob("python*/site-packages"))
        # A path that is added by a .pth file has its own .pth files passed over: the editable install is not seen.
        (self.site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")

    def run(self, *words: str, timeout_seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the empty folder."""
        return subprocess.run(
            [str(self.python.parent / words[0]), *words[1:]], cwd=self.empty, capture_output=True, text=True,
            timeout=timeout_seconds, env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built from a copy without git, as from an sdist."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    shutil.copytree(ROOT / "worker", copy / "worker", ignore=shutil.ignore_patterns("__pycache__", "_version.py"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder / "dist"), str(copy))
    return Installed(folder, next((folder / "dist").glob("dateline-*.whl")))


def test_the_wheel_has_floors_ceilings_types_and_data_and_nothing_else(installed: Installed) -> None:
    """The lock file pins what we test; the wheel says what it needs."""
    with ZipFile(installed.wheel) as archive:
        names = archive.namelist()
        about = next(name for name in names if name.endswith("METADATA"))
        needs = message_from_string(archive.read(about).decode()).get_all("Requires-Dist") or []
    assert "aiohttp<3.15,>=3.14.1" in needs and not [
        need for need in needs if "==" in need.partition(";")[0] and "extra" not in need
    ]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"dateline"}
    static = "serve/desk/static"
    pages = (f"{static}/app.js", f"{static}/vendor/world.json", f"{static}/vendor/preact.js", "index/schema.sql")
    for data in ("py.typed", "store/scripts/publish.lua", *pages, "_version.py"):
        assert f"dateline/{data}" in names


def test_import_dateline_is_light_and_its_public_names_load_on_use(installed: Installed) -> None:
    code = (
        "import sys, dateline\n"
        "heavy = {'redis', 'msgspec', 'asyncio', 'lxml', 'aiohttp'} & set(sys.modules)\n"
        "print(dateline.__file__, sorted(heavy), dateline.__version__)\n"
        "print(all(getattr(dateline, name) is not None for name in dateline.__all__), dateline.Consumer.__module__)\n"
    )
    done = installed.run("python", "-c", code)
    assert done.stdout.split() == [
        str(installed.site / "dateline" / "__init__.py"), "[]", "0.1.0", "True", "dateline.client.consumer",
    ], done.stderr  # fmt: skip


def test_an_unknown_name_of_the_package_is_an_attribute_error(installed: Installed) -> None:
    done = installed.run("python", "-c", "import dateline; dateline.Konsumer")
    assert "module 'dateline' has no attribute 'Konsumer'" in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["config", "--defaults"], ["schema", "event"]])
def test_the_program_runs_from_an_empty_folder(installed: Installed, words: Sequence[str]) -> None:
    done = installed.run("dateline", *words)
    assert done.returncode == 0 and done.stdout, done.stderr


def test_the_demo_runs_from_an_empty_folder_and_leaves_it_empty(installed: Installed) -> None:
    """Daemon, pool, private Redis and bundled newsroom, from the wheel alone; it shows the README's example event."""
    done = installed.run("dateline", "demo", timeout_seconds=240)
    assert done.returncode == 0, done.stderr[-2000:]
    assert not list(installed.empty.iterdir())
    readme = (ROOT / "README.md").read_text()
    (party,) = re.findall(r'^\| `data.actors`.*?\| "([^"]+)"', readme, re.MULTILINE)
    shown = set(re.findall(r"^\| `occurred`, `confidence` \| `[^`]+`, `([\d.]+)`", readme, re.MULTILINE))
    shown |= set(re.findall(r"^\| `data.confidence`[^|]*\| ([\d.]+),", readme, re.MULTILINE))
    assert len(shown) == 1, f"the README gives its example two confidences: {sorted(shown)}"
    lines = [line for line in done.stdout.splitlines() if f"{party} [" in line and "RETREAT" in line]
    assert [line.split()[-1] for line in lines] == sorted(shown), lines


CONSUMER = """
from dateline import Article, Consumer, Event

async def main(url: str) -> None:
    async with Consumer(url, group="desk") as consumer:
        async for message in consumer:
            record = message.record()
            reveal_type(record)
            if isinstance(record, Article):
                title: str | None = record.title
            elif isinstance(record, Event):
                wrong: int = record.id
"""


def test_a_typed_consumer_checks_against_the_installed_wheel(installed: Installed, tmp_path: Path) -> None:
    """`mypy --strict`: what is right passes, what is wrong is found; and the example of the repository passes."""
    ours = tmp_path / "consumer.py"
    ours.write_text(CONSUMER)
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        str(installed.python),
        "--cache-dir",
        "cache",
    ]
    done = subprocess.run([*mypy, str(ours)], cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.stdout.count(": error:") == 1 and "Incompatible types" in done.stdout, done.stdout
    assert "Article" in done.stdout and "Any" not in done.stdout.partition("Revealed type")[2].splitlines()[0]
    example = [*mypy, str(ROOT / "examples" / "consumer.py")]
    done = subprocess.run(example, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout
