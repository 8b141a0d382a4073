"""Limits small enough that a test reaches them in seconds."""

from __future__ import annotations

from dateline.settings import PoolSettings

MIB = 1024 * 1024


def settings(**changes: object) -> PoolSettings:
    """Return two children with 2 s and 96 MiB for a job, but for ``changes``."""
    return PoolSettings(**{"children": 2, "wall_seconds": 2.0, "memory_mib": 96, "nice": 0, **changes})  # type: ignore[arg-type]
