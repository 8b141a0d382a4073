"""Child processes with limits: bytes in, bytes out. No job can harm another job or the daemon.

Read in this order: ``pool.py`` queues jobs, ``slot.py`` is the parent's end of one child, ``children.py`` replaces lost
children, ``handle.py`` is the parent's end of the zygote, whose process ``launch.py`` starts. ``zygote.py`` and ``child.py``
run in the other processes, within the limits of ``sandbox.py``; ``frames.py`` defines the messages. ``isolation.py`` finds
which input kills a worker.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pool import Pool
    from .stats import PoolStats

__all__ = ["Pool", "PoolStats"]


def __getattr__(name: str) -> Any:
    """Load the pool at its first use: neither its children nor who launches the zygote ahead need asyncio and settings."""
    if name == "Pool":
        from .pool import Pool

        return Pool
    if name == "PoolStats":
        from .stats import PoolStats

        return PoolStats
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
