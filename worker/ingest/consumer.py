"""Takes entries from the stream and handles many at a time; renews its leases, takes over what dead workers held."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from ..errors import StoreUnavailable
from ..model.records import Entry, QueuedEntry, unwrap
from ..pool.isolation import SUSPECT_AFTER, CrashIsolation
from ..store.entries import Entries, InHand
from ..telemetry import get_logger
from .outcomes import EntryHandler
from .work import EntrySettings, Work

#: How many workers try a suspect entry with no other entry before it is set aside.
TRIES_ALONE = 3


class EntryConsumer:
    """Handles many entries at a time; one instance per process."""

    def __init__(
        self,
        handler: EntryHandler,
        entries: Entries,
        partitions: int,
        at_once: int,
        emptied: Callable[[], Awaitable[None]],
        isolation: CrashIsolation | None = None,
    ) -> None:
        self._handler = handler
        self._entries = entries
        self._partitions = partitions
        self._at_once = at_once
        self._emptied = emptied
        self._isolation = isolation or CrashIsolation()
        self._suspects: set[asyncio.Task[Any]] = set()  # taken, and waiting until they can be tried alone
        self._tasks: dict[asyncio.Task[Any], Work] = {}
        self.log = get_logger("entries")

    @property
    def in_hand(self) -> int:
        """Number of entries that are being handled."""
        return len(self._tasks)

    def apply(self, settings: EntrySettings, at_once: int) -> None:
        """Use new settings for the entries taken from now on."""
        self._at_once = at_once
        self._handler.apply(settings)

    async def run(self, stop: asyncio.Event, *, drain_seconds: float) -> None:
        """Run until ``stop``; then finish entries for ``drain_seconds``; the rest stays pending for others."""
        keepers = [asyncio.create_task(self._renew_for_ever()), asyncio.create_task(self._wake_for_ever())]
        taker = asyncio.create_task(self._take_for_ever(stop))
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopping, taker, *keepers], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()  # these loops end by themselves only through a bug: let it be seen
            for suspect in self._suspects:
                suspect.cancel()  # not begun: it stays pending for the next worker
            # Both at most so long: with Redis away no entry ends, and with every place taken no taker does.
            drained = asyncio.create_task(self._drained(taker))
            await asyncio.wait([drained], timeout=drain_seconds)
            if drained.done():
                drained.result()
            else:
                drained.cancel()
                self.log.warning("entries.given_back", in_hand=len(self._tasks), drain_seconds=drain_seconds)
        finally:
            rest = [*self._tasks, *keepers, taker, stopping]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    async def _drained(self, taker: asyncio.Task[None]) -> None:
        await asyncio.shield(taker)
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _take_for_ever(self, stop: asyncio.Event) -> None:
        reclaimed_at = 0.0
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            # Suspects that wait for their turn take no place: other entries go on between them.
            free = self._at_once - len(self._tasks) + len(self._suspects)
            if free <= 0:
                await asyncio.wait(set(self._tasks) - self._suspects, return_when=asyncio.FIRST_COMPLETED)
                continue
            try:
                taken: list[InHand] = []
                most = min(free, self._at_once - len(self._suspects))
                if most > 0 and loop.time() - reclaimed_at > self._entries.lease_seconds / 4:
                    taken = await self._entries.reclaim(most)
                    reclaimed_at = loop.time() if len(taken) < most else 0.0
                taken = taken or await self._entries.take(min(free, 64), 0.5)
            except StoreUnavailable as error:
                await self._set_up_again(error)
                continue
            for held in taken:
                self._start(held)

    async def _set_up_again(self, error: StoreUnavailable) -> None:
        """Wait a moment; where Redis answers, but without our streams, set up what it lost."""
        self.log.warning("store.unavailable", reason=str(error))
        await asyncio.sleep(0.5)
        if error.code == "emptied":
            with contextlib.suppress(StoreUnavailable):  # gone again: the next turn tells
                await self._emptied()

    def _start(self, held: InHand) -> None:
        mine = (held.partition, held.message)
        if any((work.held.partition, work.held.message) == mine for work in self._tasks.values()):
            return  # our own, reclaimed after a long stall: it is still being handled
        before = 0
        try:
            work = Work(held, unwrap(held.payload))
            before = work.queued.suspect
        except ValueError as error:
            reason = str(error)
            self.log.error("entry.unreadable", message=held.message, reason=reason)
            work = Work(held, QueuedEntry(feed="", feed_url="", article="", entry=Entry()))
            task = asyncio.create_task(
                self._retry_until_stored(lambda: self._handler.refuse(work, "unreadable", reason))
            )
        else:
            task = asyncio.create_task(self._retry_until_stored(lambda: self._handle(work, before)))
        self._tasks[task] = work
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        work = self._tasks.pop(task, None)
        if work and not task.cancelled() and (error := task.exception()):
            self.log.error("entry.stuck", message=work.held.message, url=work.queued.entry.link, reason=str(error))

    async def _handle(self, work: Work, before: int) -> None:
        """Handle one entry; alone, or not at all, where workers that held it before have died.

        ``before``: `QueuedEntry.suspect` as it came; a suspect that was postponed is still one.
        """
        if not before and work.held.deliveries <= SUSPECT_AFTER:
            async with self._isolation.shared():
                await self._handler.handle(work)
            return
        async with self._as_suspect():
            tries = await self._entries.count_try(work.held) + max(0, before - 1)
            if tries <= TRIES_ALONE:
                self.log.warning("entry.tried_alone", url=work.queued.entry.link, tries=tries)
                work.queued = msgspec.structs.replace(work.queued, suspect=tries)
                await self._handler.handle(work)
                return
            self.log.error("entry.set_aside", url=work.queued.entry.link, code="crashed", tries=tries)
            reason = f"{tries - 1} workers that held no other entry died before they settled it"
            await self._handler.refuse(work, "crashed", reason)

    @contextlib.asynccontextmanager
    async def _as_suspect(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._suspects.add(task)
        try:
            async with self._isolation.exclusive():
                self._suspects.discard(task)
                yield
        finally:
            self._suspects.discard(task)

    async def _retry_until_stored(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run ``step`` again until Redis answers: every step is idempotent."""
        wait = 0.2
        while True:
            try:
                await step()
                return
            except StoreUnavailable as error:
                self.log.warning("store.unavailable", reason=str(error), wait_seconds=wait)
                await asyncio.sleep(wait)
                wait = min(5.0, wait * 2)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._entries.lease_seconds / 4)
            # Each by itself: what one server that is away keeps waiting must not lose what the others have.
            parts = {work.held.partition for work in self._tasks.values()}
            await asyncio.gather(*(self._renew(partition) for partition in parts))

    async def _renew(self, partition: int) -> None:
        held = {t: w for t, w in self._tasks.items() if w.held.partition == partition and not t.done()}
        try:
            lost = await self._entries.renew([(work.held, work.article) for work in held.values()])
        except StoreUnavailable:
            return
        for task, work in held.items():
            if work.held.message in lost and not task.done():
                self.log.warning("entry.lost", message=work.held.message, url=work.queued.entry.link)
                task.cancel()

    async def _wake_for_ever(self) -> None:
        while True:
            try:
                while await self._entries.wake_later() >= 500:
                    pass
            except StoreUnavailable as error:
                self.log.warning("store.unavailable", reason=str(error))
            await asyncio.sleep(max(0.5, self._partitions / 256))
