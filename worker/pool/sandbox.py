"""Restrictions of a child: it ends with its parent, within memory and CPU limits, and starts no process, opens no socket and
touches no other process.

A job turns bytes into bytes. It never needs to fork, exec or connect, so seccomp forbids that: an external DTD or an exploited
parser reaches no address, and a fork bomb fails at its first fork. Nor does it need another process: it can neither read nor
write the memory of the daemon, which runs as the same user, nor take its sockets; `hide_memory` closes what the filter cannot.
Linux on x86-64 and arm64; elsewhere the limits hold and the filter is left out, with `RLIMIT_NPROC` in its place.
"""

from __future__ import annotations

import ctypes
import math
import os
import platform
import resource
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PR_SET_DUMPABLE = 4
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_SET_CHILD_SUBREAPER = 1, 15, 22, 38, 36
_SECCOMP_MODE_FILTER = 2
_CLONE_THREAD = 0x00010000
_EPERM, _ENOSYS = 1, 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


class _Calls(NamedTuple):
    """System calls of one machine by number, from the kernel's tables."""

    architecture: int  #: as the audit subsystem names it
    clone: int
    clone3: int
    own_only: tuple[int, ...]  #: kill, tgkill
    own_or_zero: tuple[int, ...]  #: prlimit64, sched_setaffinity, sched_setscheduler, sched_setparam, sched_setattr
    forbidden: tuple[int, ...]


#: Forbidden, in this order: fork, vfork, execve, execveat, socket, tkill, pidfd_send_signal, rt_sigqueueinfo, ptrace,
#: process_vm_writev, bpf, userfaultfd, io_uring_setup; process_vm_readv, pidfd_open, pidfd_getfd, process_madvise, kcmp,
#: perf_event_open; setpriority, ioprio_set, migrate_pages, move_pages; unshare, setns, open_by_handle_at. arm64 has no fork.
_SYSTEM_CALLS = {
    "x86_64": _Calls(
        0xC000003E, 56, 435, (62, 234), (302, 203, 144, 142, 314),
        (57, 58, 59, 322, 41, 200, 424, 129, 101, 311, 321, 323, 425, 310, 434, 438, 440, 312, 298, 141, 251, 256, 279,
         272, 308, 304),
    ),
    "aarch64": _Calls(
        0xC00000B7, 220, 435, (129, 131), (261, 122, 119, 118, 274),
        (221, 281, 198, 130, 424, 138, 117, 271, 280, 282, 425, 270, 434, 438, 440, 272, 241, 140, 30, 238, 239,
         97, 268, 265),
    ),
}  # fmt: skip
#: Offsets in the structure that the filter reads; arguments are 64 bits, low half first on both machines.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
#: On x86-64, system calls from here up are those of the x32 interface: the same calls by other numbers.
_X32_FIRST = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    """Make the kernel send ``signal_number`` to this process when its parent's thread ends; exit at once if ``parent_pid``
    has ended already."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(0)


def adopt_orphans() -> None:
    """Make this process the parent of every descendant that loses its own, so that a double fork does not escape."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def hide_memory() -> None:
    """Make this process one that no other process of the same user can inspect: its memory, its environment, its files.

    It leaves no core file either. A child inherits it until it runs another program.
    """
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def set_name(name: str) -> None:
    """Set the name that ``ps`` and ``top`` show, at most 15 bytes."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def limit_memory(above_base_bytes: int, base_bytes: int) -> None:
    """Cap the address space at ``above_base_bytes`` over ``base_bytes`` (what a warm child has mapped); no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if base_bytes:
        cap = base_bytes + above_base_bytes
        resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
    if sys.platform == "linux":
        # When the machine runs out of memory, the kernel kills a child before the daemon. The file is the user's own only
        # while the process can be inspected.
        _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")
        hide_memory()


def limit_cpu(seconds: float) -> None:
    """Allow ``seconds`` of CPU from now on; SIGXCPU at the end. Whole seconds, rounded up: the kernel counts in those."""
    soft = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def mapped_bytes() -> int:
    """Return the address space of this process in bytes, 0 where the system does not report it."""
    return _statm(0)


def resident_bytes() -> int:
    """Return the resident memory of this process in bytes, 0 where the system does not report it."""
    return _statm(1)


def forbid_processes_and_sockets() -> bool:
    """Refuse, for the rest of this process's life, to start a process, run a program, make a socket, or signal, limit, trace or
    read any process but this one: EPERM.

    Threads stay possible. Returns whether the kernel took the filter; where not, `RLIMIT_NPROC` stops forks (not for root).
    """
    calls = _SYSTEM_CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if calls is not None and _install(_program(calls, os.getpid())):
        return True
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return False


def _program(calls: _Calls, own_pid: int) -> bytes:
    """Return the filter as a classic BPF program. Jumps give the number of steps to skip."""

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    refuse = step(_RETURN, _ERRNO | _EPERM)
    steps = [step(_LOAD, _ARCHITECTURE), step(_JUMP_IF_EQUAL, calls.architecture, 1, 0), refuse, step(_LOAD, _NUMBER)]
    if calls is _SYSTEM_CALLS["x86_64"]:
        steps += [step(_JUMP_IF_AT_LEAST, _X32_FIRST, 0, 1), refuse]
    # clone3 passes its flags by pointer; ENOSYS makes the C library fall back to clone, whose flags the filter can read.
    steps += [step(_JUMP_IF_EQUAL, calls.clone3, 0, 1), step(_RETURN, _ERRNO | _ENOSYS)]
    for number in calls.forbidden:
        steps += [step(_JUMP_IF_EQUAL, number, 0, 1), refuse]
    allow = step(_RETURN, _ALLOW)
    for number in calls.own_only:
        own_only = [step(_LOAD, _FIRST_ARGUMENT), step(_JUMP_IF_EQUAL, own_pid, 1, 0), refuse, allow]
        steps += [step(_JUMP_IF_EQUAL, number, 0, len(own_only)), *own_only]
    for number in calls.own_or_zero:  # 0 is the caller itself
        own_or_zero = [step(_LOAD, _FIRST_ARGUMENT), step(_JUMP_IF_EQUAL, own_pid, 2, 0), step(_JUMP_IF_EQUAL, 0, 1, 0)]
        own_or_zero += [refuse, allow]
        steps += [step(_JUMP_IF_EQUAL, number, 0, len(own_or_zero)), *own_or_zero]
    thread_only = [step(_LOAD, _FIRST_ARGUMENT), step(_JUMP_IF_BITS, _CLONE_THREAD, 1, 0), refuse]
    steps += [step(_JUMP_IF_EQUAL, calls.clone, 0, len(thread_only)), *thread_only, allow]
    return b"".join(steps)


class _FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def _install(program: bytes) -> bool:
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    filter_program = _FilterProgram(len(program) // 8, program)
    return bool(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_program), 0, 0) == 0)


def _statm(column: int) -> int:
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[column]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0
