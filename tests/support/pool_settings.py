"""Limits small enough that a test reaches them in seconds."""

from __future__ import annotations

from dateline.settings import PoolSettings

MIB = 1024 * 1024


def settings(**changes: object) -> PoolSettings:
    """Return two children with 96 MiB and a minute for a job, but for ``changes``: what is to hang brings its own time."""
    return PoolSettings(**{"children": 2, "wall_seconds": 60.0, "memory_mib": 96, "nice": 0, **changes})  # type: ignore[arg-type]
