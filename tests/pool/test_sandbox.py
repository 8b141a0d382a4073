"""What a child that runs somebody else's code can reach: its job, and no other process."""

from __future__ import annotations

import ctypes
import functools
import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dateline.pool import Pool
from dateline.pool.landlock import restrict_files
from dateline.store.private import embedded
from support.pool_settings import settings

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="seccomp and Landlock are Linux's",
)
#: What a process that does not hide its memory shows to others of its user, where the kernel has no Landlock.
OPEN_TO_ITS_USER = {"its memory file", "its environment", "its files"}
REFUSED = {"Operation not permitted", "Permission denied"}


@functools.cache
def has_landlock() -> bool:
    """Whether this kernel has it: asked in a process of its own, which then keeps it."""
    asked = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=True)
    return asked.stdout.strip() == "True"


_ASK = f"from {restrict_files.__module__} import restrict_files; print(restrict_files())"


async def attacked(pool: Pool, pid: int, fd: int, file: Path, secret: ctypes.Array[ctypes.c_char]) -> dict[str, str]:
    """What a child could do to a process."""
    want = {"pid": pid, "address": ctypes.addressof(secret), "secret": len(secret), "fd": fd, "file": str(file)}
    found: dict[str, str] = json.loads(await pool.run("attack", json.dumps(want).encode()))
    return found


async def test_a_child_can_neither_read_nor_write_nor_rob_daemon_zygote_and_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way that the kernel offers to a process of the same user; whatever was tried, the victim is as it was."""
    monkeypatch.setenv("DATELINE_REDIS_PASSWORD", "a secret")
    secret = ctypes.create_string_buffer(b"untouched")
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        async with (
            embedded(tmp_path / "data") as redis,
            Pool(settings(children=1), jobs="support.pool_jobs") as pool,
        ):
            assert redis.pid is not None
            victims = {"daemon": os.getpid(), "zygote": int(await pool.run("parent", b"")), "redis": redis.pid}
            for name, pid in victims.items():
                tried = await attacked(pool, pid, ours.fileno(), kept, secret)
                assert not {"DATELINE_REDIS_PASSWORD"} & set(tried.pop("own environment")), name
                if not has_landlock():  # SECURITY.md, known limits
                    left = {"a new file", "an old file"} | (OPEN_TO_ITS_USER if name == "redis" else set())
                    tried = {way: said for way, said in tried.items() if way not in left}
                assert set(tried.values()) <= REFUSED, (name, tried)
            assert await pool.run("echo", b"and goes on") == b"and goes on"
    assert secret.value == b"untouched"
    assert kept.read_bytes() == b"kept" and not kept.with_suffix(".new").exists()


#: A daemon without privileges, its child forked from it and filtered, on a kernel without Landlock.
_HIDDEN = """
import ctypes, os, sys
from dateline.pool import sandbox
libc = ctypes.CDLL(None, use_errno=True)
no_rights = (ctypes.c_uint32 * 6)()
libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), no_rights)
parent = os.getpid()
if sys.argv[1] == "hidden":
    sandbox.hide_memory()
if os.fork() == 0:
    sandbox.forbid_processes_and_sockets()
    try:
        print(os.pread(os.open(f"/proc/{parent}/mem", os.O_RDWR), 0, id(parent)))
    except OSError as error:
        print(error.strerror)
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(("mode", "answers"), [("hidden", REFUSED), ("open", {"b''"})])
def test_the_memory_of_a_process_that_hides_it_cannot_be_opened(mode: str, answers: set[str]) -> None:
    """Where the kernel has no Landlock, and no Yama, this is what keeps a child out; without it, the file opens."""
    said = subprocess.run(
        [sys.executable, "-c", _HIDDEN, mode], capture_output=True, text=True, check=True, timeout=120
    )
    if mode == "open" and said.stdout.strip() in REFUSED:
        pytest.skip("this kernel refuses it anyway")
    assert said.stdout.strip() in answers


async def test_a_child_still_reads_its_own_state_and_the_libraries(tmp_path: Path) -> None:
    """Memory for the recycling, descriptors, a module that no job has needed before."""
    async with Pool(settings(children=1), jobs="support.pool_jobs") as pool:
        assert int(await pool.run("count_files", b"")) > 3
        assert await pool.run("start_thread", b"") == b"ran"
        await pool.run("echo", b"")
        assert pool.stats().children == 1
