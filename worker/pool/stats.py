"""Statistics of a pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .slot import PendingJob, Slot


@dataclass(frozen=True, slots=True)
class PoolStats:
    """The pool's present state and its counts since the start."""

    children: int  #: running and ready
    busy: int
    idle: int
    waiting: int  #: jobs that wait for a child
    done: int  #: jobs answered, with a result or with an error
    crashed: int  #: jobs that lost a child to a crash, an exit or a kill
    timed_out: int  #: jobs that lost a child to the wall or CPU limit
    out_of_memory: int  #: jobs that lost a child to the memory limit
    retried: int  #: jobs run again after losing a child
    poisoned: int  #: jobs given up after the second child
    recycled: int  #: children replaced after a number of jobs or for their memory
    zygotes_lost: int
    cpu_seconds: float  #: CPU of all answered jobs
    wall_seconds: float  #: wall time of all answered jobs
    rss_bytes: tuple[int, ...]  #: resident memory of each child after its last job, shared pages included


@dataclass(slots=True)
class Tally:
    """Counters since the start; `snapshot` adds the present state."""

    counts: Counter[str] = field(default_factory=Counter)
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0

    def count_answer(self, pending: PendingJob) -> None:
        """Count an answered job."""
        self.counts["done"] += 1
        self.cpu_seconds += pending.cpu_seconds
        self.wall_seconds += pending.took_seconds

    def snapshot(self, slots: Iterable[Slot], waiting: int) -> PoolStats:
        """Return the numbers at present."""
        live = [slot for slot in slots if slot.is_ready and not slot.is_retired]
        busy = sum(slot.busy for slot in live)
        return PoolStats(
            children=len(live),
            busy=busy,
            idle=len(live) - busy,
            waiting=waiting,
            done=self.counts["done"],
            crashed=self.counts["crashed"],
            timed_out=self.counts["timeout"],
            out_of_memory=self.counts["memory"],
            retried=self.counts["retried"],
            poisoned=self.counts["poisoned"],
            recycled=self.counts["recycled"],
            zygotes_lost=self.counts["zygotes_lost"],
            cpu_seconds=self.cpu_seconds,
            wall_seconds=self.wall_seconds,
            rss_bytes=tuple(slot.rss_bytes for slot in live),
        )
