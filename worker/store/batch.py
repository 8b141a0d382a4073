"""Gathers what many callers ask one script for, and runs it once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redis import exceptions as foreign

from ..errors import SettingsError
from ..telemetry import inert

if TYPE_CHECKING:
    from .redis import Connection

WRONG_TYPE = "wrong_type"  #: code of the error where one key is to blame: the others of a batch can go on
_CLOSING_SECONDS = 2.0
_Handed = tuple[Any, asyncio.Future[Any] | None]


class Batch:
    """Gathers the items that one turn of the loop hands in and runs one script call for all of a partition.

    While a call is under way the next items wait for it, so that under load batches grow by themselves and at rest an item
    goes at once. An item that the script or the packing cannot take fails alone: the batch is halved until it is found, and
    what was done already is asked for again, which changes nothing.
    """

    def __init__(self, connection: Connection, script: str, max_items: int = 128) -> None:
        self._connection = connection
        self._script = script
        self._max_items = max_items
        self._waiting: dict[int, list[_Handed]] = {}  # the future is None where nobody waits for the answer
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Any, partition: int = 0) -> Any:
        """Hand in one item; gives the script's answer for it."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._put(item, future, partition)
        return await future

    def put(self, item: Any, partition: int = 0) -> None:
        """Hand in an item whose answer nobody waits for; what fails is not told."""
        self._put(item, None, partition)

    async def drain(self) -> None:
        """Wait until nothing is under way, for two seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSING_SECONDS)

    def _put(self, item: Any, future: asyncio.Future[Any] | None, partition: int) -> None:
        self._waiting.setdefault(partition, []).append((item, future))
        if partition not in self._running:
            self._running.add(partition)
            task = asyncio.create_task(self._run(partition))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, partition: int) -> None:
        try:
            await asyncio.sleep(0)  # let the others of this turn of the loop join
            while queue := self._waiting.get(partition):
                taken, self._waiting[partition] = queue[: self._max_items], queue[self._max_items :]
                live = [pair for pair in taken if pair[1] is None or not pair[1].cancelled()]
                if not live:
                    continue
                await self._call(live, partition)
        finally:
            self._running.discard(partition)

    async def _call(self, live: Sequence[_Handed], partition: int) -> None:
        """Answers or errors for all of these."""
        try:
            answers = await self._connection.script(self._script, [item for item, _ in live], partition)
            if len(answers) != len(live):
                raise RuntimeError(f"script {self._script}: {len(answers)} answers to {len(live)} items")
        except Exception as error:  # goes to the callers, each its own, further down
            if len(live) > 1 and _is_one_items(error):
                middle = len(live) // 2
                await self._call(live[:middle], partition)
                await self._call(live[middle:], partition)
                return
            if len(live) == 1:
                error.add_note(f"script {self._script}, item {inert(repr(live[0][0]), 300)}")
            for _, future in live:
                if future is not None and not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(live, answers, strict=True):
            if future is not None and not future.done():
                future.set_result(answer)


def _is_one_items(error: Exception) -> bool:
    """Whether one item may be why the whole call failed: a script's own error, a key of another type, what cannot be packed."""
    if isinstance(error, SettingsError):
        return error.code == WRONG_TYPE
    return isinstance(error, foreign.ResponseError | UnicodeError | TypeError | ValueError | OverflowError)


class PollStep:
    """A `Batch` of one of `_POLL_STEPS`: what is handed in in the same turn of the loop goes into one call with the others."""

    def __init__(self, connection: Connection, script: str) -> None:
        self._batch = connection.poll_steps
        self._script = script

    async def __call__(self, item: Any, partition: int = 0) -> Any:
        """Hand in one item; gives the script's answer for it."""
        return await self._batch([self._script, item], partition)

    def put(self, item: Any, partition: int = 0) -> None:
        """Hand in an item whose answer nobody waits for; what fails is not told."""
        self._batch.put([self._script, item], partition)
