"""The private Redis of `--embedded`: a server that this process starts in a data folder and stops again.

In: a data folder and perhaps a program. Out: a Redis URL on a socket in that folder, or SettingsError.
Read `server` first, then `binary` (which program) and `folder_lock` (one daemon a folder).
"""

from .server import MAX_LOG_BYTES, EmbeddedRedis, embedded, running

__all__ = ["MAX_LOG_BYTES", "EmbeddedRedis", "embedded", "running"]
