"""One owner per data folder: a lock that the kernel frees, so that it is never stale, and a note of who has it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from ...topology.daemons import LOCK_NAME


class FolderLock:
    """An exclusive lock on a folder, held while its descriptor is open in any process it was handed to."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def take(cls, folder: Path) -> FolderLock | None:
        """The lock, or None if somebody has it. Raises OSError if the folder cannot be written."""
        fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        return cls(fd)

    @staticmethod
    def holder(folder: Path) -> dict[str, Any] | None:
        """What the holder wrote with `write`; None if the lock is free. Empty if it has not written yet."""
        try:
            fd = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except BlockingIOError:
            note = os.read(fd, 4096)
        finally:
            os.close(fd)
        with contextlib.suppress(ValueError):
            told = json.loads(note)
            if isinstance(told, dict):
                return told
        return {}

    def write(self, note: dict[str, Any]) -> None:
        """Say who holds it, for those who come in vain."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, json.dumps(note).encode(), 0)

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self.fd, 0)
        os.close(self.fd)


def process_runs(pid: object) -> bool:
    """Whether ``pid`` is the number of a running process."""
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
