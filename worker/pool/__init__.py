"""Child processes with limits: bytes in, bytes out, and nothing a job does can hurt another job or the daemon.

``pool.py`` hands jobs out; ``children.py`` keeps the children coming; ``slot.py`` is our end of one child, ``handle.py``
our end of the zygote. ``zygote.py`` and ``child.py`` run in processes of their own, inside the limits of ``sandbox.py``;
``frames.py`` is what travels between.
"""

from .pool import Pool
from .settings import PoolSettings
from .stats import PoolStats

__all__ = ["Pool", "PoolSettings", "PoolStats"]
