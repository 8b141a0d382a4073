"""A package of the user's own adds a stage, a forwarder and a source: built from docs/plugins.md, installed, then run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dateline import plugins
from dateline.errors import SettingsError
from support import rig

#: The files of the package as docs/plugins.md prints them, by name.
PRINTED = dict(
    re.findall(
        r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$",
        (rig.ROOT / "docs" / "plugins.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)
ABSENT = '\n[project.entry-points."dateline.stages"]\nbroken = "desk_extras.absent"\n'


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package in it, as pip installs it."""
    source, target = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("installed")
    (source / "desk_extras").mkdir()
    (source / "desk_extras" / "__init__.py").touch()
    for name, text in PRINTED.items():
        (source / name).write_text(text.replace(ABSENT.splitlines()[1] + "\n", ABSENT[1:]))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-index"]
    options = ["--no-build-isolation", "--no-deps", "--target", str(target), str(source)]
    subprocess.run([*pip, *options], check=True, capture_output=True, timeout=120)
    return target


def python(installed: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Python beside that package."""
    path = {"PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *words], input=given, capture_output=True, text=True, env={**os.environ, **path}, cwd=rig.ROOT,
        timeout=120,
    )  # fmt: skip


def test_a_stage_and_a_forwarder_of_the_package_are_found_checked_and_run(installed: Path, tmp_path: Path) -> None:
    code = f"""
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from dateline import plugins
from dateline.forward.options import configure
from dateline.jobs.stages import check, run_stages
from dateline.model.failures import Failures
from dateline.ports import Resources
from dateline.read import front_text
from dateline.settings import Component
check("upper_titles", b'{{"mark": "?"}}')
article = front_text("A title\\n\\nSome words.", article_id="a" * 16, fetched=datetime.now(UTC), title="A title")
print(run_stages(article, (("upper_titles", b'{{"mark": "?"}}'),), Failures(""))[0].title)
module = plugins.find(plugins.FORWARDERS, "spool", "here")
forwarder = module.build(plugins.settings_of(module, {{"path": {str(tmp_path / "out")!r}}}, "here"), Resources())
asyncio.run(forwarder.forward([{{}}, {{}}]))
print(plugins.names(plugins.STAGES), {{"jsonl", "spool", "sqlite", "webhook"}} <= set(plugins.names(plugins.FORWARDERS)))
groups = [configure([Component("spool", {{"path": str(path)}})])[0].group for path in ("out", Path("out").absolute())]
print(len(set(groups)))
"""
    done = python(installed, "-c", code)
    assert done.stdout.splitlines() == [
        "A TITLE?",
        "['broken', 'drop_short', 'keep_languages', 'upper_titles'] True",
        "1",  # verbs in other folders find the daemon's group
    ], done.stderr
    assert (tmp_path / "out").read_text() == "2\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('kind = "uper_titles"', ["did you mean 'upper_titles'", "drop_short"]),
        ('kind = "upper_titles"\nmrk = "?"', ["unknown option 'mrk'", "did you mean 'mark'"]),
        ('kind = "broken"', ["desk_extras.absent of desk-extras cannot be loaded", "ModuleNotFoundError"]),
    ],
)
def test_a_mistake_with_the_package_is_refused_in_words(
    installed: Path, tmp_path: Path, rows: str, says: list[str]
) -> None:
    settings = tmp_path / "dateline.toml"
    settings.write_text(f"[[stages]]\n{rows}\n")
    done = python(installed, "-m", "dateline", "doctor", "--config", str(settings))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    for part in says:
        assert part in done.stderr


def test_a_source_of_the_package_parses_its_format_and_no_other(installed: Path, tmp_path: Path) -> None:
    """In the child processes, as every feed."""
    feed = tmp_path / "feed.txt"
    feed.write_text("#lines The Line\nhttp://line.example/1\nhttp://line.example/2\n")
    read = json.loads(python(installed, "-m", "dateline", "parse", str(feed), "--children", "1").stdout)
    assert read["feed"]["title"] == "The Line" and len(read["entries"]) == 2
    feed.write_text("just text\n")
    assert python(installed, "-m", "dateline", "parse", str(feed), "--children", "1").returncode == 1


def test_a_module_of_the_family_that_is_no_component_is_no_kind() -> None:
    """The runner of the forwarders lies in their folder."""
    with pytest.raises(SettingsError, match="no kind 'runner'"):
        plugins.find(plugins.FORWARDERS, "runner", "here")
    for kind in ("", "../x", "jsonl.os", "a b"):
        with pytest.raises(SettingsError, match=r"There are: .*jsonl, .*sqlite, webhook"):
            plugins.find(plugins.FORWARDERS, kind, "here")
