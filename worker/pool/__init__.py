"""Child processes with limits: bytes in, bytes out. No job can harm another job or the daemon.

Read in this order: ``pool.py`` queues jobs, ``slot.py`` is the parent's end of one child, ``children.py`` replaces lost
children, ``handle.py`` is the parent's end of the zygote. ``zygote.py`` and ``child.py`` run in the other processes, within
the limits of ``sandbox.py``; ``frames.py`` defines the messages. ``isolation.py`` finds which input kills a worker.
"""

from .pool import Pool
from .stats import PoolStats

__all__ = ["Pool", "PoolStats"]
