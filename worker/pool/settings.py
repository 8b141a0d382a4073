"""Settings of the process pool."""

from __future__ import annotations

import os
from dataclasses import dataclass

MIB = 1024 * 1024


def available_cpus() -> int:
    """CPUs that this process may use; less than the machine has, inside a container or a CPU set."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Limits of the pool. Each is per child or per job, never shared between jobs."""

    children: int | None = (
        None  #: Child processes; None: as many as CPUs. More only adds memory: jobs do not wait for I/O.
    )
    wall_seconds: float = 5.0  #: Longest job. Median article 0.08 s, p99.9 of real pages under 2 s; more is hostile.
    cpu_seconds: float = 10.0  #: CPU of one job; above wall_seconds: it acts only where the wall clock failed.
    memory_bytes: int = (
        512 * MIB
    )  #: Address space a child may map above what a warm one has. 8 MiB of HTML needs some 200.
    recycle_after_jobs: int | None = (
        2_000  #: Replace a child after this many jobs: libxml2 and caches grow. None: never.
    )
    recycle_above_rss_bytes: int | None = 400 * MIB  #: Replace a child whose resident memory exceeds this. None: never.
    queue_limit: int = (
        4_096  #: Jobs that may wait for a child; one more is Throttled. Callers bound themselves before that.
    )
    max_reply_bytes: int = 64 * MIB  #: Longest answer; a child that announces more is ended.
    nice: int = 5  #: Added to the children's niceness: when CPUs are scarce, the event loop goes first.
    sandbox: bool = True  #: Refuse children to start processes and open sockets (seccomp). Off only to find a fault.
    warm_seconds: float = 60.0  #: How long importing the jobs module and warming it may take.
    warm_with: str = ""  #: What the jobs module's `warm` is given, as JSON: what children should share. Empty: nothing.
