"""A cancellation that a library swallowed is still one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def heeding_cancel(step: Awaitable[T]) -> T:
    """The answer of ``step``, or CancelledError if the task was cancelled meanwhile and somebody swallowed that.

    redis-py sends inside `asyncio.wait_for`, which before Python 3.12 returns the result instead of raising when the
    cancellation comes in the very turn in which the sending ends: a loop that is cancelled would go on for ever. One that came
    just before ``step`` (Ctrl-C while the task computes) is raised by the first await of all, so here, not inside redis-py.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    if before:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            if asyncio.iscoroutine(step):
                step.close()
            raise
    answer = await step
    if task and task.cancelling() > before:
        raise asyncio.CancelledError
    return answer
