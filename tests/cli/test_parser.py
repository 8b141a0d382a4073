"""The command line itself: where common options stand, near misses, help, completion, and what start-up imports."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dateline.cli.parser import VERBS, build
from support import rig
from support.verbs import run_verb


def dateline(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end: in this process, where it needs no other environment."""
    if not environment:
        done = run_verb(*words)
        return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())
    return subprocess.run(
        [sys.executable, "-m", "dateline", *words], capture_output=True, text=True, cwd=rig.ROOT, timeout=120,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def busy(tmp_path: Path) -> str:
    """A settings file that is told from the defaults by one value."""
    path = tmp_path / "dateline.toml"
    path.write_text("[poll]\nat_once = 7\n")
    return str(path)


@pytest.mark.parametrize("place", ["before", "after", "joined", "environment"])
def test_the_settings_file_is_named_before_or_after_the_verb_or_by_the_environment(place: str, busy: str) -> None:
    words, environment = {
        "before": (["--config", busy, "config"], {}),
        "after": (["config", "--config", busy], {}),
        "joined": ([f"--config={busy}", "config"], {}),
        "environment": (["config"], {"DATELINE_CONFIG": busy}),
    }[place]
    assert "at_once = 7" in dateline(*words, **environment).stdout


def test_what_stands_after_the_verb_goes_over_what_stands_before(busy: str) -> None:
    assert "at_once = 7" in dateline("--config", "/nowhere.toml", "config", "--config", busy).stdout


def test_verbs_below_a_verb_take_the_common_options_too() -> None:
    done = dateline("feeds", "list", "--config", "/nowhere.toml")
    assert done.returncode == 2 and "/nowhere.toml: no such file" in done.stderr


@pytest.mark.parametrize(
    ("words", "near"),
    [(("extrakt",), "extract"), (("feeds", "lst"), "list"), (("tail", "--jsn"), "--json"),
     (("config", "--log-level", "wrning"), "warning"), (("feeds", "add", "x", "--grup=a"), "--group")],
)  # fmt: skip
def test_a_near_miss_is_named_at_every_level(words: tuple[str, ...], near: str) -> None:
    done = dateline(*words)
    assert done.returncode == 2 and f"did you mean '{near}'?" in done.stderr, done.stderr


@pytest.mark.parametrize("name", list(VERBS))
def test_the_help_of_a_verb_has_a_sentence_examples_and_the_environment(name: str) -> None:
    said = dateline(name, "--help").stdout
    assert said.startswith(f"usage: dateline {name}")
    assert VERBS[name].long.split()[0] in said and "examples:\n  dateline " in said and "DATELINE_CONFIG" in said
    assert dateline("help", name).stdout == said


def test_the_completion_script_is_valid_and_knows_the_options_of_every_verb() -> None:
    """Options are declared in modules that are loaded on use; the script has them all."""
    script = dateline("completion", "bash").stdout
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=120)
    for word in ("dead-letters", "requeue", "--keep-open", "--from-archive", "--log-level"):
        assert word in script
    zsh = dateline("completion", "zsh").stdout
    assert zsh.startswith("#compdef dateline")
    for shell, text in (("zsh", zsh), ("fish", dateline("completion", "fish").stdout)):
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=text, text=True, check=True, timeout=120)
    shown = re.findall(r"-a doctor -d '(.*)'", dateline("completion", "fish").stdout)
    assert shown == [VERBS["doctor"].short], "one whole line"
    for files in (
        "_shtab_dateline_feeds_import_pos_0_COMPGEN=_shtab_compgen_files",
        "_config_COMPGEN=_shtab_compgen_files",
    ):
        assert files in script
    assert "_shtab_dateline_init___folder_COMPGEN=_shtab_compgen_dirs" in script


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["config"], ["schema", "event"], ["canonical", "http://x.example/"]]
)
def test_verbs_that_need_no_reading_import_neither_redis_nor_the_reading(words: list[str]) -> None:
    """They answer in about 0.1 s; the import of asyncio, redis and lxml alone would take as long again."""
    code = (
        "import sys\nfrom dateline.cli.main import main\n"
        f"main({words!r})\n"
        "heavy = {'asyncio', 'redis', 'aiohttp', 'lxml', 'trafilatura', 'dateline.read', 'dateline.store'}\n"
        "sys.stderr.write(' '.join(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == ""


def _helps(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """The help of every verb, and of every verb below one, in this process."""
    text = parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from _helps(below)
    yield parser.prog, text


def _arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """Every option and argument of every verb."""
    parser.format_help()  # loads them
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from _arguments(below)
        else:
            yield parser.prog, action


def test_every_option_and_argument_has_a_help() -> None:
    assert [(prog, action.dest) for prog, action in _arguments(build()) if not action.help] == []


def test_a_verb_below_a_verb_shows_its_own_examples_only() -> None:
    for prog, text in _helps(build()):
        if prog.count(" ") == 2:
            shown = re.findall(r"^  (dateline .*)$", text, re.MULTILINE)
            assert shown and all(f"{line} ".startswith(f"{prog} ") for line in shown), prog


def test_every_help_has_a_sentence_examples_and_the_environment() -> None:
    """Also of `feeds add` and its like."""
    found = dict(_helps(build()))
    assert {"dateline feeds add", "dateline dead-letters requeue", "dateline init"} <= found.keys()
    for prog, text in found.items():
        if prog != "dateline":
            assert "examples:" in text and "environment:" in text, prog
            sentence = text.partition("\n\n")[2]
            assert re.match(r"[A-Z].*?\.", sentence, re.DOTALL), prog
