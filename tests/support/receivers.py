"""Servers that forwarders send to, started by the tests; each is skipped with its reason where its program is not there."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

#: Where Debian has PostgreSQL's and RabbitMQ's programs, which are not on PATH.
_FOLDERS = ["/usr/lib/rabbitmq/bin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin"))), "/usr/sbin"]


def program(name: str, package: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    found = shutil.which(name, path=os.pathsep.join([*_FOLDERS, *os.get_exec_path()]))
    if found is None:
        pytest.skip(f"no {name} here: `make receivers` installs Debian's {package}")
    return found


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
    """Return when a server listens. Raises RuntimeError where it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not listen on {port}")
        time.sleep(0.05)


def as_other_user(*folders: Path) -> Callable[[], None] | None:
    """What a child must do first to run as nobody, who then owns the folders; None where we are not root."""
    if os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    for folder in folders:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):
                parent.chmod(parent.stat().st_mode | 0o011)

    def change() -> None:
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    return change


@contextlib.contextmanager
def running(command: list[str], port: int, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A server while the block runs, from when it listens."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        wait_for_port(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
