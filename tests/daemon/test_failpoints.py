"""Fail points: nothing where none is armed, the n-th arrival where one is, and every place really lies on the way."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dateline import failpoints
from dateline.errors import SettingsError

WORKER = Path(__file__).resolve().parents[2] / "worker"


def dies_at(rule: str, arrivals: str) -> int:
    """The return code of a process in which a place is arrived at, again and again."""
    code = f"from dateline import failpoints\nfailpoints.arm()\n{arrivals}"
    environment = {**os.environ, failpoints.VARIABLE: rule}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=120).returncode


def test_without_the_variable_a_hit_is_the_function_that_does_nothing() -> None:
    """Free when not armed: no dictionary is looked into, nothing is counted."""
    assert failpoints.armed({}) is failpoints._nothing
    assert failpoints.armed({failpoints.VARIABLE: ""}) is failpoints._nothing


def test_the_nth_arrival_is_the_one() -> None:
    """Counted from one; once only."""
    (rule,) = failpoints.read("before_publish:3:kill")
    assert [rule.meets("before_publish", "") for _ in range(5)] == [False, False, True, False, False]
    assert rule.meets("after_publish", "") is False


def test_a_star_means_every_arrival_and_a_text_narrows_it() -> None:
    """So that one page of many can be made poisonous."""
    (rule,) = failpoints.read("in_read:*:segfault@/bad")
    assert [rule.meets("in_read", url) for url in ("http://a.example/bad", "http://a.example/good")] == [True, False]
    assert rule.meets("in_read", "http://a.example/bad") is True


@pytest.mark.parametrize(
    "text", ["nowhere:1:kill", "before_poll:0:kill", "before_poll:x:kill", "before_poll:1:melt", "before_poll:kill"]
)
def test_a_wrong_rule_is_refused_with_the_right_ones(text: str) -> None:
    """A typing error must not look like a passed test."""
    with pytest.raises(SettingsError, match=r"before_publish.*kill"):
        failpoints.read(f"before_poll:1:kill,{text}")


@pytest.mark.parametrize(
    ("action", "code"), [("kill", -signal.SIGKILL), ("exit", 70), ("segfault", -signal.SIGSEGV)], ids=str
)
def test_an_action_really_happens(action: str, code: int) -> None:
    """Not an exception that somebody catches."""
    arrive = "failpoints.hit('before_poll')\n"
    assert dies_at(f"before_poll:2:{action}", arrive) == 0
    assert dies_at(f"before_poll:2:{action}", arrive * 2) == code


def test_every_place_is_hit_somewhere_and_no_other() -> None:
    """The table of places and the calls in the flow agree."""
    hit = set()
    for path in WORKER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "failpoints.hit":
                assert isinstance(node.args[0], ast.Constant)
                hit.add(node.args[0].value)
    assert hit == failpoints.PLACES.keys()
