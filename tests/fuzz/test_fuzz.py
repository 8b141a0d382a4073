"""The short form of the fuzzing: seeds, what once broke something, shaped inputs from a fixed start, hostile repetitions."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from dateline.jobs.run import warm

from . import web
from .doors import TARGETS
from .drive import Finding, mutated, pumped, seconds_of, tried
from .target import at_most

#: Shaped inputs and damaged seeds of a target, and how much of a repetition, where one input takes longer than most.
_FEWER = {"lexicon": 15, "page": 15, "text": 15, "extract_line": 15, "feed_text": 15}
#: robots.txt: both beyond the size from which a text is read anew for each address, which costs several times as much.
_SHORTER = {"text": 60, "feed_text": 60, "page": 250, "robots": 3000}
_CALM_SECONDS = 0.2  #: a repetition that takes less than this is no worry, however it grows


@pytest.fixture(scope="module", autouse=True)
def site() -> Iterator[None]:
    """Loads what a child has loaded before its first job; ends the server that `web.request` starts."""
    warm()
    yield
    web.close()


def _kept(folder: str) -> list[object]:
    return [
        pytest.param(name, path, id=f"{name}-{path.stem}")
        for name, target in TARGETS.items()
        for path in target.kept(folder)
    ]


@pytest.mark.parametrize(("name", "path"), [*_kept("seeds"), *_kept("findings")])
def test_a_kept_input_breaks_no_promise(name: str, path: object) -> None:
    """Seeds are ours; a finding broke something once: its file is named for what."""
    TARGETS[name].check(path.read_bytes())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", TARGETS)
def test_nearly_valid_inputs_break_no_promise(name: str) -> None:
    """The same inputs in every run; ``make fuzz`` tries others."""
    target = TARGETS[name]
    findings: list[Finding] = []  # kept from Hypothesis, which takes minutes to print a large page that broke something

    @settings(
        max_examples=_FEWER.get(name, 40),
        derandomize=True,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.shaped)
    def shaped(data: bytes) -> None:
        if not findings and (found := tried(target, data)) is not None:
            findings.append(found)

    shaped()
    assert not findings, f"{findings[0].data[:20_000]!r}\n{findings[0].trace}"


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.kept("seeds")])
def test_damaged_seeds_break_no_promise(name: str) -> None:
    """Seeds cut, doubled, mixed and overwritten, from a fixed start."""
    target, chance = TARGETS[name], random.Random(5)
    seeds = [path.read_bytes() for path in target.kept("seeds")]
    for _ in range(_FEWER.get(name, 40)):
        data = mutated(chance.choice(seeds), seeds, target.words, chance)
        found = tried(target, data)
        assert found is None, f"{data!r}\n{found.trace}"


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.kept("seeds")])
def test_rows_of_something_inside_a_seed_take_no_seconds(name: str) -> None:
    """Five seconds of CPU would be a hang; ``make fuzz`` tries more, and longer ones."""
    target, chance = TARGETS[name], random.Random(6)
    seeds = [path.read_bytes() for path in target.kept("seeds")]
    for _ in range(5):
        data = pumped(chance.choice(seeds), 4_000, chance)
        found = tried(target, data)
        assert found is None, f"{data[:300]!r}\n{found.trace}"


@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for name, target in TARGETS.items() for what in target.repeated]
)
def test_a_repetition_takes_time_in_proportion(name: str, what: str) -> None:
    """Eight times as much of something hostile takes about eight times as long, not sixty-four; where it matters at all."""
    target, few = TARGETS[name], _SHORTER.get(name, 500)
    made = target.repeated[what]
    with at_most():
        long = seconds_of(target, made(few * 8))
    if long < _CALM_SECONDS:
        return
    short = min(seconds_of(target, made(few)) for _ in range(2))
    long = min(long, seconds_of(target, made(few * 8)))
    assert long < 20 * max(short, 0.01), f"{few} of it took {short:.3f} s, {few * 8} of it {long:.3f} s"


def test_the_long_form_finds_its_doors() -> None:
    """`make fuzz` runs without pytest, which knows where the tests' support is."""
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", "from tests.fuzz import doors, player"], cwd=root, check=True, timeout=200)


@pytest.mark.long
def test_the_long_form_plays_a_target_and_finds_nothing(tmp_path: Path) -> None:
    """As `make fuzz` starts it, in processes of its own."""
    command = [sys.executable, "-m", "tests.fuzz", "--minutes", "0.01", "--target", "url", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    executions = [int(line.split("|")[4]) for line in done.stdout.splitlines()[2:]]
    assert executions and min(executions) > 0
