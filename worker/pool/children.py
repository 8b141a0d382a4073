"""Keeps the children coming: so many alive at any time, each lost one replaced at once, the zygote too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable
from itertools import count

from ..errors import DatelineError, TransientError
from ..telemetry import get_logger
from .child import Limits
from .handle import ZygoteHandle, make_trace_file
from .settings import PoolSettings, available_cpus
from .slot import Slot, SlotHooks

#: First and longest wait before trying again for a child (or a zygote) that does not come up, in seconds; doubled between.
FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS = 0.05, 5.0

log = get_logger("pool")


class Children:
    """The children of one pool.

    Args:
        hooks: Whom the slots tell; ``kill`` is ours and filled in here.
        on_stuck: Called with the reason when no child can be had for now.
    """

    def __init__(
        self,
        settings: PoolSettings,
        jobs: str,
        hooks: SlotHooks,
        on_stuck: Callable[[TransientError], None],
    ) -> None:
        self.zygotes_lost = 0
        self._settings = settings
        self._jobs = jobs
        self._hooks = SlotHooks(on_ready=self._greet, on_done=hooks.on_done, kill=self._kill)
        self._on_ready = hooks.on_ready
        self._on_stuck = on_stuck
        self._size = settings.children or available_cpus()
        self._handle = self._new_handle()
        self._slots: dict[int, Slot] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._serials = count(1)
        self._failures = 0  # starts in a row that came to nothing
        self._open = False

    def slots(self) -> Iterable[Slot]:
        """Every child not yet buried."""
        return self._slots.values()

    async def start(self) -> None:
        """Warm a zygote and ask it for all children. Raises SettingsError if the jobs module cannot be imported."""
        await self._handle.start(self._settings.warm_seconds)
        self._open = True
        self._refill()

    async def stop(self) -> None:
        """Kill everything. Jobs in hand are told that their child is gone."""
        self._open = False
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._handle.stop(grace_seconds=3)
        self._bury_all()
        await asyncio.sleep(0)  # transports that were just aborted close their sockets on the next turn of the loop

    def retire(self, slot: Slot) -> None:
        """Replace a child in good order."""
        slot.spent = True
        self._kill(slot.serial)

    def _new_handle(self) -> ZygoteHandle:
        limits = Limits(
            cpu_seconds=self._settings.cpu_seconds,
            memory_bytes=self._settings.memory_bytes,
            nice=self._settings.nice,
            sandbox=self._settings.sandbox,
        )
        warm_with = self._settings.warm_with
        return ZygoteHandle(self._jobs, limits, self._exited, self._zygote_lost, warm_with=warm_with)

    def _refill(self) -> None:
        if not self._open:
            return
        for _ in range(self._size - sum(not slot.spent for slot in self._slots.values())):
            slot = Slot(next(self._serials), make_trace_file(), self._settings.max_reply_bytes, self._hooks)
            self._slots[slot.serial] = slot
            self._do(self._bear(slot))

    async def _bear(self, slot: Slot) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                await asyncio.get_running_loop().create_unix_connection(lambda: slot, sock=ours)
                self._handle.fork(slot.serial, theirs, slot.trace_fd)
            except OSError as error:
                log.warning("pool.child_not_started", error=error)
                self._exited(slot.serial, 1)

    def _greet(self, slot: Slot) -> None:
        self._failures = 0
        self._on_ready(slot)

    def _kill(self, serial: int) -> None:
        """End a child; its place is filled without waiting for the end."""
        self._handle.kill(serial)
        self._refill()

    def _exited(self, serial: int, status: int) -> None:
        slot = self._slots.pop(serial, None)
        if slot is None:
            return
        slot.ended(status)
        if slot.greeted:
            self._refill()
        elif self._open:
            # Something is wrong with the machine (no process, no memory to be had), not with a job: take time.
            log.warning("pool.child_stillborn", status=status)
            if not any(other.greeted and not other.spent for other in self._slots.values()):
                self._on_stuck(TransientError(f"a child process ended with status {status} before it could work"))
            asyncio.get_running_loop().call_later(self._delay(), self._refill)

    def _zygote_lost(self) -> None:
        if not self._open:
            return
        log.warning("pool.zygote_lost", children=len(self._slots))
        self.zygotes_lost += 1
        self._open = False
        self._bury_all()
        self._do(self._revive())

    async def _revive(self) -> None:
        await self._handle.stop(grace_seconds=1)  # bury the old one
        while not self._open:
            try:
                self._handle = self._new_handle()
                await self.start()
            except (DatelineError, OSError) as error:
                log.error("pool.zygote_not_started", error=error)
                self._on_stuck(TransientError(f"the pool's zygote cannot be started: {error}"))
                await asyncio.sleep(self._delay())

    def _bury_all(self) -> None:
        while self._slots:
            self._slots.popitem()[1].ended(None)

    def _delay(self) -> float:
        self._failures += 1
        return float(min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(self._failures, 16)))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
