"""Jobs for the pool's tests: good ones, and every way a job can go wrong. Imported in the pool's zygote."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from dateline.errors import SettingsError, Throttled, TooLarge

WARM: list[str] = []


class OwnError(TooLarge):
    """A class that only the child knows."""


def warm(text: str = "warm") -> None:
    if text == "refuse":
        raise SettingsError("names.tsv, line 3: no such country")
    WARM.append(text)


def run(job: str, payload: bytes) -> bytes:
    return JOBS[job](payload)


def spin(_: bytes) -> bytes:
    while True:
        pass


def spin_in_c(_: bytes) -> bytes:
    # One long call that holds the interpreter: no Python signal handler would ever get its turn.
    return b"%d" % sum(range(10**12))


def stop_self(_: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGSTOP)
    return b""


def grow(_: bytes) -> bytes:
    kept = []
    while True:
        kept.append(bytearray(16 * 1024 * 1024))


def grow_to(payload: bytes) -> bytes:
    WARM.append("x" * int(payload))  # stays: the child's resident memory creeps
    return b"grown"


def fork_and_leave(payload: bytes) -> bytes:
    """Start a process that hides (own session, parent gone) and sleeps for a minute; its number goes to the file too."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with Path(payload.decode()).open("a") as note:
                note.write(f"{os.getpid()} ")
            os.write(writer, b"%d" % os.getpid())
            time.sleep(60)
        os._exit(0)
    return os.read(reader, 32)


def fork_and_crash(payload: bytes) -> bytes:
    fork_and_leave(payload)
    return ctypes.string_at(0)


def fork_refused(_: bytes) -> bytes:
    refused = []
    for attempt in (
        os.fork,
        lambda: subprocess.run(["true"], check=False),
        socket.socket,
        lambda: os.kill(os.getppid(), signal.SIGKILL),
    ):
        try:
            attempt()
        except PermissionError:
            refused.append(b"refused")
    return b" ".join(refused)


def start_thread(_: bytes) -> bytes:
    done: list[bytes] = []
    thread = threading.Thread(target=lambda: done.append(b"ran"))
    thread.start()
    thread.join()
    return done[0]


def count_files(_: bytes) -> bytes:
    return b"%d" % len(list(Path("/proc/self/fd").iterdir()))


def say(_: bytes) -> bytes:
    print("a stray print", flush=True)
    with contextlib.suppress(OSError):
        os.write(1, b"and a raw one\n")
    sys.stderr.flush()
    return b"said"


def wait_for_file(payload: bytes) -> bytes:
    """Return once there is a file of that name."""
    while not Path(payload.decode()).exists():
        time.sleep(0.005)
    return b"there"


def crash_once(payload: bytes) -> bytes:
    """Crash unless the file named by the payload is there; leave it behind."""
    path = Path(payload.decode())
    if not path.exists():
        path.touch()
        ctypes.string_at(0)
    return b"second time"


def attack(payload: bytes) -> bytes:
    """Try on a process what an exploited parser would; gives, for each attempt, what the system said.

    The payload is JSON: ``pid`` of the victim, ``address`` and ``secret`` (its length) of a text in its memory, ``fd`` of one
    of its sockets, ``file`` that must not be written.
    """
    want = json.loads(payload)
    libc, pid, size = ctypes.CDLL(None, use_errno=True), want["pid"], want["secret"]
    copy = ctypes.create_string_buffer(size)
    here, there = (ctypes.c_size_t * 2)(ctypes.addressof(copy), size), (ctypes.c_size_t * 2)(want["address"], size)

    def call(name: str, *arguments: object) -> str:
        return os.strerror(ctypes.get_errno()) if getattr(libc, name)(*arguments) == -1 else "done"

    def number(number: int, *arguments: object) -> str:
        return os.strerror(ctypes.get_errno()) if libc.syscall(number, *arguments) == -1 else "done"

    def opened(path: str, flags: int) -> str:
        try:
            os.close(os.open(path, flags))
        except OSError as error:
            return os.strerror(error.errno or 0)
        return "done"

    tried = {
        "read its memory": call("process_vm_readv", pid, here, 1, there, 1, 0),
        "write its memory": call("process_vm_writev", pid, here, 1, there, 1, 0),
        "trace it": call("ptrace", 16, pid, None, None),
        "find it": number(434, pid, 0),
        "take its socket": number(438, want["fd"], 0, 0),
        "limit it": call("prlimit", pid, 7, (ctypes.c_size_t * 2)(3, 3), None),
        "slow it down": call("setpriority", 0, pid, 19),
        "signal it": call("kill", pid, 0),
        "its memory file": opened(f"/proc/{pid}/mem", os.O_RDWR),
        "its environment": opened(f"/proc/{pid}/environ", os.O_RDONLY),
        "its files": opened(f"/proc/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY),
    }
    if want.get("file"):
        tried["a new file"] = opened(want["file"] + ".new", os.O_WRONLY | os.O_CREAT)
        tried["an old file"] = opened(want["file"], os.O_WRONLY)
    return json.dumps(tried | {"own environment": sorted(os.environ)}).encode()


def burn(payload: bytes) -> bytes:
    """Use so many seconds of CPU; answer who did."""
    end = time.process_time() + float(payload)
    while time.process_time() < end:
        pass
    return b"%d" % os.getpid()


def fail(payload: bytes) -> bytes:
    raise Throttled("slow down \ud800", code="throttled", status=429, retry_after_seconds=float(payload))


def fail_unknown(_: bytes) -> bytes:
    error = OwnError("over the limit of this test", code="too_large", status=200)
    error.limit_bytes = 10**30  # type: ignore[attr-defined]
    raise error


def raise_value_error(payload: bytes) -> bytes:
    raise ValueError(payload.decode() * 10_000)


def limits(_: bytes) -> bytes:
    return b"%d %s" % (os.getpid(), " ".join(WARM).encode())


JOBS = {
    "echo": lambda payload: payload,
    "sleep": lambda payload: time.sleep(float(payload)) or b"slept",
    "pid": lambda _: b"%d" % os.getpid(),
    "parent": lambda _: b"%d" % os.getppid(),
    "segfault": lambda _: ctypes.string_at(0),
    "exit": lambda payload: os._exit(int(payload)),
    "sys_exit": lambda _: sys.exit(3),
    "close_all": lambda _: os.closerange(3, 256) or time.sleep(60) or b"",
    "not_bytes": lambda _: "text",
    "big": lambda payload: bytes(int(payload)),
    "spin": spin,
    "spin_in_c": spin_in_c,
    "stop_self": stop_self,
    "grow": grow,
    "grow_to": grow_to,
    "fork_and_leave": fork_and_leave,
    "fork_and_crash": fork_and_crash,
    "attack": attack,
    "burn": burn,
    "fork_refused": fork_refused,
    "start_thread": start_thread,
    "count_files": count_files,
    "say": say,
    "crash_once": crash_once,
    "wait_for_file": wait_for_file,
    "fail": fail,
    "fail_unknown": fail_unknown,
    "raise": raise_value_error,
    "limits": limits,
}
