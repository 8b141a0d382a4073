"""Landlock: what a child may open. It writes no file, and neither reads ``/proc`` of another process nor ``/run`` with its
secrets; the kernel also keeps it from tracing any process outside, its memory included, whoever runs it.

Linux 5.13 and later, where the kernel has it; elsewhere nothing happens, and the filter of `sandbox` remains.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

#: System calls by number, the same on every machine.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
#: How many rights on files each version of the interface knows: 1 has the first 13, then come REFER, TRUNCATE and IOCTL_DEV.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_CONNECT_AND_BIND_TCP = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3
#: What stays readable: all but these, which hold other processes, secrets and devices; and of these the second.
_HIDDEN = {"proc", "run", "dev", "boot"}
_SHOWN = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/dev/urandom", "/dev/null")

_libc = ctypes.CDLL(None, use_errno=True)


def restrict_files() -> bool:
    """Take from this process, for the rest of its life, what the module's head names; open files stay open.

    Threads that exist already keep what they have. Returns whether the kernel took it.
    """
    if sys.platform != "linux":
        return False
    version = _libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return False
    ruleset = _create(version)
    if ruleset < 0:
        return False
    try:
        with os.scandir("/") as found:
            shown = [entry.path for entry in found if entry.name not in _HIDDEN]
        for path in (*shown, *_SHOWN):
            with suppress(OSError):
                _allow(ruleset, Path(path), _READ_FILE | (_WRITE_FILE if path == "/dev/null" else 0))
        _libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, which it asks for
        return bool(_libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _create(version: int) -> int:
    rights = (1 << _RIGHTS.get(version, 16)) - 1
    given = struct.pack("=Q", rights)
    if version >= 4:
        given += struct.pack("=Q", _CONNECT_AND_BIND_TCP)
    if version >= 6:
        given += struct.pack("=Q", _ABSTRACT_SOCKETS_AND_SIGNALS)
    return int(_libc.syscall(_CREATE_RULESET, given, len(given), 0))


def _allow(ruleset: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights | (_READ_DIR if path.is_dir() else 0), place)
        _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
