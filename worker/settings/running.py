"""Notes of the daemons that run: a verb finds a daemon's settings file and its Redis from any folder.

A daemon writes one file and holds a lock on it. The kernel frees the lock when the daemon ends, whatever ended it, so a note
without a lock is of a daemon that is gone. Passwords are not in it: they are in the settings file or the environment.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ..errors import SettingsError
from .load import PREFIX, find_file, load
from .schema import Settings

_USER_INFO = re.compile(r"//[^/@]*@")
_MAX_NOTE_BYTES = 64 << 10


class RunningDaemon(msgspec.Struct, frozen=True):
    """What a daemon says of itself. Paths are absolute; ``url`` has no user and password, None: a private Redis."""

    pid: int
    folder: str
    config: str | None
    url: str | None
    prefix: str
    partitions: int
    data_folder: str


def note_of(settings: Settings, config: Path | None) -> RunningDaemon:
    """Return the note of this process with these settings; ``config`` is the file that it reads, None: none."""
    redis = settings.redis
    return RunningDaemon(
        pid=os.getpid(),
        folder=str(Path.cwd()),
        config=str(config.resolve()) if config else None,
        url=without_user(redis.url),
        prefix=redis.prefix,
        partitions=redis.partitions,
        data_folder=str(Path(redis.data_folder).resolve()),
    )


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


def load_for_verb(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings that a verb needs: those of the running daemon, where no file is named or lies in this folder.

    In order: ``path`` (``--config``, ``DATELINE_CONFIG``), ``config/dateline.toml`` here, the file of a daemon that runs,
    ``/etc/dateline/dateline.toml``, the defaults. A daemon that runs on the file may have been started with ``--embedded``
    or with other variables: then its Redis is used, unless the verb's own environment names one.

    Raises:
        SettingsError: As `load` does, or daemons with different settings run and none is chosen.
    """
    daemons = running_daemons(environment)
    named = path or find_file(here_only=True)
    if named is not None:
        # A file that is missing has its own message, from `load`.
        daemons = [one for one in daemons if one.config and os.path.realpath(named) == one.config]
    ways = {(one.config, one.url, one.prefix, one.data_folder) for one in daemons}
    if len(ways) > 1:
        rows = "; ".join(f"process {one.pid}: {one.config or 'no file'} in {one.folder}" for one in daemons)
        raise SettingsError(f"daemons with different settings run here ({rows}): choose one with --config FILE")
    daemon = daemons[0] if daemons else None
    if named is None and daemon is not None and daemon.config:
        named = Path(daemon.config)
    settings = load(named, environment)
    return settings if daemon is None else _as_it_runs(settings, daemon, environment)


def without_user(url: str | None) -> str | None:
    """Return a Redis URL without user and password."""
    return _USER_INFO.sub("//", url) if url else None


def _as_it_runs(settings: Settings, daemon: RunningDaemon, environment: Mapping[str, str]) -> Settings:
    """Return the settings with the Redis that the daemon uses."""
    if any(name.startswith(f"{PREFIX}REDIS_URL") for name in environment):
        return settings
    redis = msgspec.structs.replace(
        settings.redis, prefix=daemon.prefix, partitions=daemon.partitions, data_folder=daemon.data_folder
    )
    if without_user(redis.url) != daemon.url:
        redis = msgspec.structs.replace(redis, url=daemon.url)
    where = f"{settings.where}, as the daemon with process id {daemon.pid} uses it"
    return msgspec.structs.replace(settings, redis=redis, where=where)


def _folders(environment: Mapping[str, str]) -> list[Path]:
    """Return where notes lie, the folder to write to first: a service's, the session's, one of this user's own."""
    found = [Path(name) for name in environment.get("RUNTIME_DIRECTORY", "").split(":") if name]
    session = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    own = session / "dateline" if session.is_dir() else Path(tempfile.gettempdir()) / f"dateline-{os.getuid()}"
    return [*found, own, Path("/run/dateline")]


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can have written there: a folder of ours or of root's, closed to others, no link."""
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
