"""Spans of the steps that a child process does, for traces: noted as they end, and given back with the job's answer.

A child runs one job at a time, so what is open is kept here, not handed from function to function.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

#: Steps that one job notes; those after them are left out.
MAX_STEPS = 200
#: Shorter steps are left out: they would be most of a trace and none of its time.
SHORTEST_NS = 100_000

T = TypeVar("T")


class ChildSpan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a child process did, by the machine's clock in nanoseconds.

    ``parent`` is the ``traceparent`` of its job; empty for the ``steps`` within it.
    """

    name: str
    began: int
    ended: int
    parent: str = ""
    pid: int = 0
    steps: tuple[ChildSpan, ...] = ()


class _Noted:
    """The steps that have ended within the one that is open, and how many the job noted at all."""

    __slots__ = ("count", "steps")

    def __init__(self) -> None:
        self.steps: list[ChildSpan] = []
        self.count = 0


#: None while the job is not traced.
_open: _Noted | None = None


def note_step(name: str, act: Callable[[], T]) -> T:
    """Do a step of a job; where the job is traced its span is noted, as a part of the step that is open."""
    if _open is None:
        return act()
    noted = _open
    above, noted.steps = noted.steps, []
    began = time.time_ns()
    try:
        return act()
    finally:
        within, noted.steps = noted.steps, above
        ended = time.time_ns()
        if ended - began >= SHORTEST_NS and noted.count < MAX_STEPS:
            noted.count += 1
            above.append(ChildSpan(name, began, ended, steps=tuple(within)))


def spans_of_child(name: str, parent: str, step: Callable[[], T]) -> tuple[T, tuple[ChildSpan, ...]]:
    """Do a job; return its result and its span with those of its steps, or none where the job is not traced."""
    global _open
    if not is_sampled(parent):
        return step(), ()
    noted = _open = _Noted()
    began = time.time_ns()
    try:
        found = step()
    finally:
        _open = None
    span = ChildSpan(f"{name} in child", began, time.time_ns(), parent, os.getpid(), tuple(noted.steps))
    return found, (span,)


def is_sampled(parent: str) -> bool:
    """Return True where a ``traceparent`` belongs to a trace that is recorded."""
    return bool(parent) and bool(int(parent[-2:], 16) & 1)
