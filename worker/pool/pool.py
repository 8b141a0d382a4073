"""The pool: warm child processes behind a fair queue.

Why not `concurrent.futures.ProcessPoolExecutor` or `pebble`: docs/adr/0002-own-process-pool.md. Each child has its own
socket on the event loop, a running job belongs to one known child, and a crash is an end of file. One job costs two system
calls and one wake-up on each side.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType

from ..errors import Poison, Throttled, TransientError
from ..settings import PoolSettings
from ..telemetry import get_logger
from .children import Children
from .launch import ARTICLE_JOBS
from .sandbox import hide_memory
from .slot import ChildLost, PendingJob, Slot, SlotHooks
from .stats import PoolStats, Tally

#: Children that a job may kill; the first time may be chance, or the effect of earlier jobs.
MAX_OWN_LOSSES = 2
#: Children that a job may lose through other jobs before it fails with a TransientError.
MAX_BYSTANDER_LOSSES = 5

OnJob = Callable[[str, float, float], None]

log = get_logger("pool")


class Pool:
    """Runs ``jobs_module.run(job, payload) -> bytes`` in children; use as ``async with Pool(settings) as pool``.

    Args:
        settings: Limits; see `PoolSettings`.
        jobs: Name of the module with ``run``; imported once, in the zygote, where its ``warm()`` is called if it has one,
            and then ``warm(text)`` where ``warm_with`` is given.
        warm_with: What `warm` is given, as JSON: what the children should share.
        on_job: Called after each answered job with its name, wall and CPU seconds.
    """

    def __init__(
        self,
        settings: PoolSettings | None = None,
        *,
        jobs: str = ARTICLE_JOBS,
        warm_with: str = "",
        on_job: OnJob | None = None,
    ) -> None:
        self.settings = settings or PoolSettings()
        self._on_job = on_job
        self._tally = Tally()
        hooks = SlotHooks(on_ready=self._release, on_done=self._count, kill=lambda _: None)
        self._children = Children(self.settings, jobs, hooks, self._fail_waiting, warm_with=warm_with)
        self._idle: list[Slot] = []
        self._waiting: deque[asyncio.Future[Slot]] = deque()
        self._active_calls = 0  # calls that hold a child or wait for one
        self._state = "new"
        self._drained = asyncio.Event()

    async def __aenter__(self) -> Pool:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        await self.close(grace_seconds=0 if kind else 5)

    async def start(self) -> None:
        """Import the jobs module in the zygote and start all children; returns when the zygote is warm.

        With `PoolSettings.sandbox`, this process cannot be inspected by others of its user from then on.

        Raises:
            SettingsError: The jobs module cannot be imported; with the trace.
        """
        if self.settings.sandbox:
            hide_memory()  # the children run as the same user
        self._state = "open"  # jobs that come while the children warm wait for the first of them
        try:
            await self._children.start()
        except BaseException:
            self._state = "new"
            self._fail_waiting(_closing_error())
            raise

    async def run(self, job: str, payload: bytes, *, wall_seconds: float | None = None) -> bytes:
        """Return what the jobs module's ``run(job, payload)`` returned in a child, within the limits. First come, first
        served; cancelling gives up the answer, not the child.

        Raises:
            DatelineError: As the job raised it: same class, code, message and attributes.
            Poison: The job cost two children (``crashed``, ``timeout``, ``memory``), or raised something else (``raised``).
            Throttled: ``queue_limit`` jobs are waiting already.
            TransientError: The pool is closing, or cannot start children at present.
        """
        if self._state != "open":
            raise _closing_error() if self._state != "new" else RuntimeError("the pool was not started")
        wall = self.settings.wall_seconds if wall_seconds is None else wall_seconds
        self._active_calls += 1
        try:
            slot = await self._take()
            pending = PendingJob(job, payload, wall, asyncio.get_running_loop().create_future())
            slot.begin(pending)
            try:
                return await self._result_of(pending)
            finally:
                pending.future.cancel()  # on cancellation nobody waits for it
        finally:
            self._active_calls -= 1
            self._check_drained()

    def stats(self) -> PoolStats:
        """Return the pool's present state and its counts since the start."""
        self._tally.counts["zygotes_lost"] = self._children.zygotes_lost
        return self._tally.snapshot(self._children.slots(), len(self._waiting))

    async def close(self, *, grace_seconds: float = 5.0) -> None:
        """Refuse new jobs, wait up to ``grace_seconds`` for running and queued ones, then kill the rest. Repeatable."""
        if self._state == "open":
            self._state = "draining"
            self._check_drained()
            try:
                async with asyncio.timeout(grace_seconds):
                    await self._drained.wait()
            except TimeoutError:
                log.warning("pool.killed", jobs=self._active_calls, grace_seconds=grace_seconds)
        self._state = "closed"
        self._fail_waiting(_closing_error())
        await self._children.stop()
        self._idle.clear()

    async def _result_of(self, pending: PendingJob) -> bytes:
        """Return the answer of a pending job; when its child is lost, run it again in another."""
        own = bystander = 0
        while True:
            try:
                return await pending.future
            except ChildLost as lost:
                if lost.cause == "bystander":
                    bystander += 1
                else:
                    own += 1
                    self._tally.counts[lost.cause] += 1
                    log.warning("pool.child_lost", job=pending.job, cause=lost.cause, reason=str(lost), losses=own)
                if own >= MAX_OWN_LOSSES:
                    self._tally.counts["poisoned"] += 1
                    raise _poison_error(pending, lost) from lost
                if bystander >= MAX_BYSTANDER_LOSSES:
                    raise TransientError(
                        f"job {pending.job!r} lost {bystander} children to crashes not its own", code="pool"
                    ) from lost
            slot = await self._take()
            self._tally.counts["retried"] += 1
            pending.future = asyncio.get_running_loop().create_future()
            slot.begin(pending)

    # The queue

    async def _take(self) -> Slot:
        """Wait for a free child, first come first served."""
        if self._state == "closed":
            raise _closing_error()
        if len(self._waiting) >= self.settings.queue_limit:
            raise Throttled(f"{len(self._waiting)} jobs wait for a child already (queue_limit)")
        if not self._waiting:
            while self._idle:
                slot = self._idle.pop()
                if not slot.is_retired:
                    return slot
        waiter: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        while True:
            try:
                slot = await waiter
            except asyncio.CancelledError:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)
                elif not waiter.cancelled() and waiter.exception() is None:
                    self._release(waiter.result())
                raise
            if not slot.is_retired:
                return slot
            # The child died before this task woke up: keep the first place in the queue.
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.appendleft(waiter)

    def _release(self, slot: Slot) -> None:
        """Give a free child to the first waiter, or recycle it, or keep it idle."""
        if slot.is_retired or slot.busy:
            return
        if self._needs_recycling(slot):
            self._tally.counts["recycled"] += 1
            self._children.retire(slot)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(slot)
                return
        self._idle.append(slot)

    def _needs_recycling(self, slot: Slot) -> bool:
        jobs, rss = self.settings.recycle_after_jobs, self.settings.recycle_above_mib
        return slot.jobs_done > 0 and (
            (jobs is not None and slot.jobs_done >= jobs) or (rss is not None and slot.rss_bytes > rss << 20)
        )

    def _count(self, _: Slot, pending: PendingJob) -> None:
        self._tally.count_answer(pending)
        if self._on_job is not None:
            self._on_job(pending.job, pending.took_seconds, pending.cpu_seconds)

    def _check_drained(self) -> None:
        if self._state == "draining" and not self._active_calls:
            self._drained.set()

    def _fail_waiting(self, error: TransientError) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(error)


def _poison_error(pending: PendingJob, lost: ChildLost) -> Poison:
    limit = f" (limit {pending.wall_seconds:g} s)" if lost.cause == "timeout" else ""
    size = len(pending.payload)
    return Poison(f"job {pending.job!r} on {size} bytes {lost}{limit}; tried {MAX_OWN_LOSSES} times", code=lost.cause)


def _closing_error() -> TransientError:
    return TransientError("the pool is closing; the job can be done again elsewhere or later", code="closing")
