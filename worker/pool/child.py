"""The life of one child: read a job, run it inside its limits, send the result back; nothing else.

A job that runs over its wall time is ended by the kernel (SIGALRM), not by the parent: that works while C code holds the
interpreter, and while the parent is stopped. The handler writes down where the job hung, then the process dies of it.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import time
from collections.abc import Callable

import msgspec

from ..errors import DatelineError
from . import sandbox
from .frames import REPLY, REQUEST, Status, describe_exception, pack_error

Run = Callable[[str, bytes], bytes]

#: Smallest piece in which a job may be handed over; a hung-up parent shows as an empty read.
_WAIT_ALL = socket.MSG_WAITALL


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one child may take; see `dateline.pool.PoolSettings` for what each means."""

    cpu_seconds: float
    memory_bytes: int
    nice: int
    sandbox: bool


def live(parent: socket.socket, trace_fd: int, run: Run, limits: Limits, base_bytes: int) -> None:
    """Serve jobs until the parent hangs up.

    Args:
        parent: Stream socket to the pool.
        trace_fd: File that takes the Python stack when a signal ends the process.
        run: ``run(job, payload) -> bytes`` of the jobs module.
        base_bytes: Address space of a warm process; the memory limit counts from there.
    """
    _catch_last_words(trace_fd)
    if limits.nice:
        os.nice(limits.nice)
    sandbox.limit_memory(limits.memory_bytes, base_bytes)
    if limits.sandbox:
        sandbox.forbid_processes_and_sockets()
    _reply(parent, Status.HELLO, b"", 0.0)
    while True:
        head = _read(parent, REQUEST.size)
        if head is None:
            return
        payload_length, name_length, wall_seconds = REQUEST.unpack(head)
        name = _read(parent, name_length)
        payload = _read(parent, payload_length) if payload_length else b""
        if name is None or payload is None:
            return
        began = time.process_time()
        sandbox.limit_cpu(limits.cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)
        status, body = _attempt(run, name.decode(), payload)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del payload  # the next job should not pay for this one's page
        _reply(parent, status, body, time.process_time() - began)


def _attempt(run: Run, job: str, payload: bytes) -> tuple[Status, bytes]:
    try:
        body = run(job, payload)
        if isinstance(body, bytes):
            return Status.DONE, body
        raise TypeError(f"run() returned {type(body).__name__}, not bytes")
    except DatelineError as error:
        return Status.FAILED, pack_error(error)
    except MemoryError:
        return Status.MEMORY, b""
    except BaseException as error:  # sys.exit() and KeyboardInterrupt too: the job ends, the child goes on
        return Status.RAISED, describe_exception(error)


def _catch_last_words(trace_fd: int) -> None:
    faulthandler.enable(file=trace_fd, all_threads=False)
    for ending in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(ending, signal.SIG_DFL)
        faulthandler.register(ending, file=trace_fd, all_threads=False, chain=True)


def _reply(parent: socket.socket, status: Status, body: bytes, cpu_seconds: float) -> None:
    head = REPLY.pack(len(body), status, sandbox.resident_bytes() >> 10, cpu_seconds)
    parent.sendall(head + body if len(body) < 65_536 else head)
    if len(body) >= 65_536:
        parent.sendall(body)  # apart: joining would copy megabytes


def _read(parent: socket.socket, length: int) -> bytes | None:
    data = parent.recv(length, _WAIT_ALL)
    while len(data) < length:  # a signal may cut the wait short
        more = parent.recv(length - len(data), _WAIT_ALL)
        if not more:
            return None
        data += more
    return data
