"""Notes of the daemons that run: each says where its settings file and its Redis are.

A daemon writes one file and holds a lock on it. The kernel frees the lock when the daemon ends, whatever ended it, so a note
without a lock is of a daemon that is gone. Passwords are not in it: they are in the settings file or the environment. Verbs
read the settings from it (``settings/running.py``); a consumer that does not reach Redis names the place that is there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from .address import Address

#: In the data folder of a private Redis: held while it runs; its text is JSON with ``url``.
LOCK_NAME = "redis.lock"
_MAX_NOTE_BYTES = 64 << 10


class _Holder(msgspec.Struct, frozen=True):
    """What is read of the lock's text."""

    url: str | None = None


class RunningDaemon(msgspec.Struct, frozen=True):
    """What a daemon says of itself. Paths are absolute; ``url`` has no user and password, None: a private Redis."""

    pid: int
    folder: str
    config: str | None
    url: str | None
    prefix: str
    partitions: int
    data_folder: str

    def where(self) -> str:
        """Return the address of its Redis; empty where its private one is not up yet."""
        url = self.url
        if url is None:
            with contextlib.suppress(OSError, msgspec.DecodeError):
                text = (Path(self.data_folder) / LOCK_NAME).read_bytes()[:_MAX_NOTE_BYTES].rstrip(b"\0")
                url = msgspec.json.decode(text, type=_Holder).url
        try:
            return Address.parse(url).where if url else ""
        except ValueError:
            return ""


@contextlib.contextmanager
def announced(note: RunningDaemon, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Hold the note while the block runs. Where no folder for it can be written, verbs need ``--config``: no error."""
    file = None
    for folder in _folders(environment):
        path = folder / f"{note.pid}.json"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if not _is_ours(folder):
                continue
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError:
            continue
        fcntl.flock(file, fcntl.LOCK_EX)
        os.write(file, msgspec.json.encode(note))
        break
    try:
        yield
    finally:
        if file is not None:
            path.unlink(missing_ok=True)
            os.close(file)


def running_daemons(environment: Mapping[str, str] = os.environ) -> list[RunningDaemon]:
    """Return the daemons of this user (and of the system's service) that run now."""
    found: dict[int, RunningDaemon] = {}
    for folder in _folders(environment):
        if not _is_ours(folder):
            continue
        with contextlib.suppress(OSError):
            for path in folder.glob("*.json"):
                if (note := _read(path)) is not None:
                    found.setdefault(note.pid, note)
    return list(found.values())


def other_redis(tried: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return where the daemons that run have their Redis, as the end of a sentence; empty where ``tried`` names each."""
    found = {one.where(): one.pid for one in running_daemons(environment)}  # workers may share one
    places = [f"process {pid} has its Redis at {where}" for where, pid in found.items() if where and where not in tried]
    return f"; the daemon with {', that with '.join(places)}" if places else ""


def _folders(environment: Mapping[str, str]) -> list[Path]:
    """Return where notes lie, the folder to write to first: a service's, the session's, one of this user's own."""
    found = [Path(name) for name in environment.get("RUNTIME_DIRECTORY", "").split(":") if name]
    session = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    own = (
        session / "dateline"
        if session.is_dir()
        else Path(environment.get("TMPDIR") or "/tmp") / f"dateline-{os.getuid()}"
    )
    return [*found, own, Path("/run/dateline")]


def _is_ours(folder: Path) -> bool:
    """Return whether nobody else can have written there: a folder of ours or of root's, closed to others, no link."""
    try:
        state = folder.lstat()
    except OSError:
        return False
    closed = not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(state.st_mode) and closed and (state.st_uid in (os.getuid(), 0) or os.getuid() == 0)


def _read(path: Path) -> RunningDaemon | None:
    """Return a note that is locked; None for one whose daemon is gone."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(os.read(file, _MAX_NOTE_BYTES), type=RunningDaemon)
    finally:
        os.close(file)
    return None
