"""How the cost of a function grows with its input: a ratio of CPU times, so that a loaded machine changes little."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LINEAR = 30.0
"""Ten times the input may cost so much more: linear work gives 10, quadratic work 100; the rest is noise."""

_FLOOR = 0.002
"""Seconds: below it a clock's grain and a collection of garbage decide the ratio."""


def growth(make: Callable[[int], T], work: Callable[[T], object], small: int) -> float:
    """Ratio of the CPU time of ``work`` on ten times the size and on ``small``, the best of three; of fewer where that is
    `LINEAR` already."""

    def cost(size: int) -> float:
        value = make(size)
        began = time.process_time()
        work(value)
        return time.process_time() - began

    work(make(max(small // 10, 1)))  # caches and tables are filled outside the measurement
    first = max(min(cost(small) for _ in range(3)), _FLOOR)
    found = cost(10 * small) / first
    for _ in range(2):
        if found < LINEAR:
            break
        found = min(found, cost(10 * small) / first)
    return found
