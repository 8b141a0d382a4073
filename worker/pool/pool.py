"""The pool: warm child processes behind a fair queue.

Why not `concurrent.futures.ProcessPoolExecutor`: one segfault breaks the whole pool, a job that hangs keeps its place for
ever, and jobs and answers are pickled. Why not `pebble` (looked at: 5.2): it does kill and replace, but one pipe under one
lock serves all children, three threads poll it every tenth of a second and call back into the loop, answers are pickled
(so a child that a page took over runs code here), the clock starts when a child says so, there is no limit or recycling by
memory, nothing takes down what a job forked, children do not die with the daemon; and its licence is the LGPL.

Here each child has its own socket on the event loop, a job in hand belongs to one known child, and a crash is an end of
file. One job costs two system calls and one wake-up on each side.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType

from ..errors import DatelineError, Poison, Throttled, TransientError
from ..telemetry import get_logger
from .children import Children
from .settings import PoolSettings
from .slot import ChildLost, PendingJob, Slot, SlotHooks
from .stats import PoolStats, Tally

#: Children a job may lose by its own fault: once may be chance, or a child worn out by the jobs before.
MAX_OWN_LOSSES = 2
#: Children a job may lose by others' fault before the caller is told to come back later.
MAX_BYSTANDER_LOSSES = 5

#: The module whose ``run`` does the daemon's jobs.
ARTICLE_JOBS = f"{__name__.partition('.')[0]}.jobs.article"

OnJob = Callable[[str, float, float], None]

log = get_logger("pool")


class Pool:
    """Runs ``jobs_module.run(job, payload) -> bytes`` in children; use as ``async with Pool(settings) as pool``.

    Args:
        settings: Limits; see `PoolSettings`.
        jobs: Name of the module with ``run``; imported once, in the zygote, where its ``warm()`` is called if it has one
            (``warm(text)`` where the settings have ``warm_with``).
        on_job: Called after each answered job with its name, wall and CPU seconds.
    """

    def __init__(
        self, settings: PoolSettings | None = None, *, jobs: str = ARTICLE_JOBS, on_job: OnJob | None = None
    ) -> None:
        self.settings = settings or PoolSettings()
        self._on_job = on_job
        self._tally = Tally()
        hooks = SlotHooks(on_ready=self._release, on_done=self._count, kill=lambda _: None)
        self._children = Children(self.settings, jobs, hooks, self._fail_waiting)
        self._idle: list[Slot] = []
        self._waiting: deque[asyncio.Future[Slot]] = deque()
        self._in_hand = 0  # calls that hold a child or wait for one
        self._state = "new"
        self._calm = asyncio.Event()

    async def __aenter__(self) -> Pool:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        await self.close(grace_seconds=0 if kind else 5)

    async def start(self) -> None:
        """Import the jobs module in the zygote and start all children; returns when the zygote is warm.

        Raises:
            SettingsError: The jobs module cannot be imported; with the trace.
        """
        await self._children.start()
        self._state = "open"

    async def run(self, job: str, payload: bytes, *, wall_seconds: float | None = None) -> bytes:
        """What the jobs module's ``run(job, payload)`` returned, in a child, within the limits. Waits its turn, first come
        first served; cancelling gives up the answer, not the child.

        Raises:
            DatelineError: As the job raised it: same class, code, message and attributes.
            Poison: The job cost two children (``crashed``, ``timeout``, ``memory``), or raised something else (``raised``).
            Throttled: More than ``queue_limit`` jobs wait already.
            TransientError: The pool is closing, or cannot get children just now.
        """
        (answer,) = await self._run_batch(job, [payload], wall_seconds)
        if isinstance(answer, DatelineError):
            raise answer
        return answer

    async def run_many(
        self, job: str, payloads: Sequence[bytes], *, wall_seconds: float | None = None
    ) -> list[bytes | DatelineError]:
        """As `run` for each payload, answers and errors in the order of the payloads; for many small jobs.

        Payloads go to the children in batches (``batch_bytes``, ``batch_jobs``), so that a child need not wait for us
        between two of them. Limits still hold for each job, and a job that costs its child costs only itself.
        """
        batches = self._split(payloads)
        answers = await asyncio.gather(*(self._run_batch(job, batch, wall_seconds) for batch in batches))
        return [answer for batch in answers for answer in batch]

    def stats(self) -> PoolStats:
        """The pool at this moment, and counts since the start."""
        self._tally.counts["zygotes_lost"] = self._children.zygotes_lost
        return self._tally.snapshot(self._children.slots(), len(self._waiting))

    async def close(self, *, grace_seconds: float = 5.0) -> None:
        """Take no new jobs, let those in hand and in line finish within the grace, then kill what is left. Repeatable."""
        if self._state == "open":
            self._state = "draining"
            self._calm_down()
            try:
                async with asyncio.timeout(grace_seconds):
                    await self._calm.wait()
            except TimeoutError:
                log.warning("pool.killed", jobs=self._in_hand, grace_seconds=grace_seconds)
        self._state = "closed"
        self._fail_waiting(_closing())
        await self._children.stop()
        self._idle.clear()

    # One batch, from taking a child to its last answer

    async def _run_batch(
        self, job: str, payloads: list[bytes], wall_seconds: float | None
    ) -> list[bytes | DatelineError]:
        if self._state != "open":
            raise _closing() if self._state != "new" else RuntimeError("the pool was not started")
        wall = self.settings.wall_seconds if wall_seconds is None else wall_seconds
        self._in_hand += 1
        try:
            slot = await self._take()
            loop = asyncio.get_running_loop()
            accepted = [PendingJob(job, payload, wall, loop.create_future()) for payload in payloads]
            slot.begin(accepted)
            try:
                return [await self._land(pending) for pending in accepted]
            finally:
                for pending in accepted:
                    pending.future.cancel()  # if we were cancelled: nobody wants the rest
        finally:
            self._in_hand -= 1
            self._calm_down()

    async def _land(self, pending: PendingJob) -> bytes | DatelineError:
        """The answer to a job that a child has in hand; a lost child is replaced and the job begun again, alone."""
        own = bystander = 0
        while True:
            try:
                return await pending.future
            except DatelineError as error:
                return error
            except ChildLost as lost:
                if lost.fate == "bystander":
                    bystander += 1
                else:
                    own += 1
                    self._tally.counts[lost.fate] += 1
                    log.warning("pool.child_lost", job=pending.job, fate=lost.fate, story=str(lost), losses=own)
                if own >= MAX_OWN_LOSSES:
                    self._tally.counts["poisoned"] += 1
                    return _poison(pending, lost)
                if bystander >= MAX_BYSTANDER_LOSSES:
                    return TransientError(f"job {pending.job!r} lost {bystander} children through no fault of its own")
            try:
                slot = await self._take()
            except TransientError as error:
                return error
            self._tally.counts["retried"] += 1
            pending.future = asyncio.get_running_loop().create_future()
            slot.begin([pending])

    def _split(self, payloads: Sequence[bytes]) -> list[list[bytes]]:
        batches: list[list[bytes]] = []
        room = 0
        for payload in payloads:
            if not batches or len(payload) > room or len(batches[-1]) >= self.settings.batch_jobs:
                batches.append([])
                room = self.settings.batch_bytes
            batches[-1].append(payload)
            room -= len(payload)
        return batches

    # The queue

    async def _take(self) -> Slot:
        """A free child, in turn."""
        if self._state == "closed":
            raise _closing()
        if len(self._waiting) >= self.settings.queue_limit:
            raise Throttled(f"{len(self._waiting)} jobs wait for a child already (queue_limit)")
        if not self._waiting:
            while self._idle:
                slot = self._idle.pop()
                if not slot.spent:
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
            if not slot.spent:
                return slot
            # It died between our turn and our waking: still our turn.
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.appendleft(waiter)

    def _release(self, slot: Slot) -> None:
        """A child can take a job: the first in line gets it."""
        if slot.spent or slot.busy:
            return
        if self._worn_out(slot):
            self._tally.counts["recycled"] += 1
            self._children.retire(slot)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(slot)
                return
        self._idle.append(slot)

    def _worn_out(self, slot: Slot) -> bool:
        jobs, rss = self.settings.recycle_after_jobs, self.settings.recycle_above_rss_bytes
        return slot.jobs_done > 0 and (
            (jobs is not None and slot.jobs_done >= jobs) or (rss is not None and slot.rss_bytes > rss)
        )

    def _count(self, _: Slot, pending: PendingJob) -> None:
        self._tally.answered(pending)
        if self._on_job is not None:
            self._on_job(pending.job, pending.took_seconds, pending.cpu_seconds)

    def _calm_down(self) -> None:
        if self._state == "draining" and not self._in_hand:
            self._calm.set()

    def _fail_waiting(self, error: TransientError) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(error)


def _poison(pending: PendingJob, lost: ChildLost) -> Poison:
    limit = f" (limit {pending.wall_seconds:g} s)" if lost.fate == "timeout" else ""
    size = len(pending.payload)
    return Poison(f"job {pending.job!r} on {size} bytes {lost}{limit}; tried {MAX_OWN_LOSSES} times", code=lost.fate)


def _closing() -> TransientError:
    return TransientError("the pool is closing; the job can be done again elsewhere or later", code="closing")
