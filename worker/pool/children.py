"""Keeps a fixed number of child processes running; replaces each lost child, and the zygote, at once."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine, Iterable
from itertools import count

from ..errors import DatelineError, TransientError
from ..settings import PoolSettings
from ..telemetry import get_logger
from .child import Limits
from .handle import ZygoteHandle, make_trace_file
from .slot import Slot, SlotHooks

#: First and longest delay before a child (or zygote) that failed to start is started again, in seconds; doubled each time.
FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS = 0.05, 5.0

log = get_logger("pool")


def available_cpus() -> int:
    """Count the CPUs that this process may use; less than the machine has, inside a container or a CPU set."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Children:
    """The children of one pool.

    Args:
        hooks: Callbacks of the slots; ``kill`` is replaced by this class's own.
        on_stuck: Called with the reason when no child can be started for now.
    """

    def __init__(
        self,
        settings: PoolSettings,
        jobs: str,
        hooks: SlotHooks,
        on_stuck: Callable[[TransientError], None],
        *,
        warm_with: str = "",
    ) -> None:
        self.zygotes_lost = 0
        self._settings = settings
        self._warm_with = warm_with
        self._jobs = jobs
        self._hooks = SlotHooks(on_ready=self._child_ready, on_done=hooks.on_done, kill=self._kill)
        self._on_ready = hooks.on_ready
        self._on_stuck = on_stuck
        self._size = settings.children or available_cpus()
        self._handle = self._new_handle()
        self._slots: dict[int, Slot] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._serials = count(1)
        self._failures = 0  # failed starts in a row
        self._stuck_since: float | None = None  # by the loop's clock: no child works since then
        self._open = False

    def slots(self) -> Iterable[Slot]:
        """Return every child that has not been reaped yet."""
        return self._slots.values()

    async def start(self) -> None:
        """Warm a zygote and ask it for all children. Raises SettingsError if the jobs module cannot be imported."""
        await self._handle.start(self._settings.warm_seconds)
        self._open = True
        self._refill()

    async def stop(self) -> None:
        """Kill all children. Their unfinished jobs fail with `ChildLost`."""
        self._open = False
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._handle.stop(grace_seconds=3)
        self._drop_all()
        await asyncio.sleep(0)  # transports that were just aborted close their sockets on the next turn of the loop

    def retire(self, slot: Slot) -> None:
        """Replace a child that finished its jobs."""
        slot.is_retired = True
        self._kill(slot.serial)

    def _new_handle(self) -> ZygoteHandle:
        limits = Limits(
            cpu_seconds=self._settings.cpu_seconds,
            memory_bytes=self._settings.memory_mib << 20,
            nice=self._settings.nice,
            sandbox=self._settings.sandbox,
        )
        return ZygoteHandle(self._jobs, limits, self._exited, self._zygote_lost, warm_with=self._warm_with)

    def _refill(self) -> None:
        if not self._open:
            return
        for _ in range(self._size - sum(not slot.is_retired for slot in self._slots.values())):
            slot = Slot(next(self._serials), make_trace_file(), self._settings.max_reply_mib << 20, self._hooks)
            self._slots[slot.serial] = slot
            self._spawn(self._start_child(slot))

    async def _start_child(self, slot: Slot) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                await asyncio.get_running_loop().create_unix_connection(lambda: slot, sock=ours)
                self._handle.fork(slot.serial, theirs, slot.trace_fd)
            except OSError as error:
                log.warning("pool.child_not_started", error=error)
                self._exited(slot.serial, 1)

    def _child_ready(self, slot: Slot) -> None:
        self._failures, self._stuck_since = 0, None
        self._on_ready(slot)

    def _kill(self, serial: int) -> None:
        """Kill a child and start its replacement without waiting for its exit."""
        self._handle.kill(serial)
        self._refill()

    def _exited(self, serial: int, status: int) -> None:
        slot = self._slots.pop(serial, None)
        if slot is None:
            return
        slot.ended(status)
        if slot.is_ready:
            self._refill()
        elif self._open:
            # The machine is short of processes or memory; no job is at fault. Wait before the next try.
            log.warning("pool.child_failed_to_start", status=status)
            if not any(other.is_ready and not other.is_retired for other in self._slots.values()):
                self._stuck(f"a child process ended with status {status} before it could work")
            asyncio.get_running_loop().call_later(self._delay(), self._refill)

    def _zygote_lost(self) -> None:
        if not self._open:
            return
        log.warning("pool.zygote_lost", children=len(self._slots))
        self.zygotes_lost += 1
        self._open = False
        self._drop_all()
        self._spawn(self._revive())

    async def _revive(self) -> None:
        await self._handle.stop(grace_seconds=1)  # reap the old process
        while not self._open:
            try:
                self._handle = self._new_handle()
                await self.start()
            except (DatelineError, OSError) as error:
                log.error("pool.zygote_not_started", error=error)
                self._stuck(f"the pool's zygote cannot be started: {error}")
                await asyncio.sleep(self._delay())

    def _stuck(self, reason: str) -> None:
        """Fail the jobs that wait. They are to wait for as long as no child works already: what they need is fetched anew for
        each try."""
        now = asyncio.get_running_loop().time()
        self._stuck_since = now if self._stuck_since is None else self._stuck_since
        self._on_stuck(TransientError(reason, code="pool", retry_after_seconds=now - self._stuck_since))

    def _drop_all(self) -> None:
        while self._slots:
            self._slots.popitem()[1].ended(None)

    def _delay(self) -> float:
        self._failures += 1
        return float(min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(self._failures, 16)))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
