"""Main loop of a child process: read a job, run it within its limits, send the result back.

A job that runs over its wall time is ended by the kernel (SIGALRM), not by the parent: that works while C code holds the
interpreter, and while the parent is stopped. The handler writes the Python stack to the trace
file; then the signal ends the process.
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
from .landlock import restrict_files

Run = Callable[[str, bytes], bytes]

#: Read whole frames; a parent that closed its end shows as an empty read.
_WAIT_ALL = socket.MSG_WAITALL


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one child; `PoolSettings` explains each."""

    cpu_seconds: float
    memory_bytes: int
    nice: int
    sandbox: bool


def serve_jobs(parent: socket.socket, trace_fd: int, run: Run, limits: Limits, base_bytes: int) -> None:
    """Serve jobs until the parent closes its end.

    Args:
        parent: Stream socket to the pool.
        trace_fd: File that takes the Python stack when a signal ends the process.
        run: ``run(job, payload) -> bytes`` of the jobs module.
        base_bytes: Address space of a warm process; the memory limit counts from there.
    """
    _write_stack_on_signal(trace_fd)
    if limits.nice:
        os.nice(limits.nice)
    sandbox.limit_memory(limits.memory_bytes, base_bytes)
    if limits.sandbox:
        restrict_files()
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
        del payload  # free this page's memory before the next job
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
    except BaseException as error:  # also sys.exit() and KeyboardInterrupt: the job fails, the child goes on
        return Status.RAISED, describe_exception(error)


def _write_stack_on_signal(trace_fd: int) -> None:
    faulthandler.enable(file=trace_fd, all_threads=False)
    for ending in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(ending, signal.SIG_DFL)
        faulthandler.register(ending, file=trace_fd, all_threads=False, chain=True)


def _reply(parent: socket.socket, status: Status, body: bytes, cpu_seconds: float) -> None:
    head = REPLY.pack(len(body), status, sandbox.resident_bytes() >> 10, cpu_seconds)
    parent.sendall(head + body if len(body) < 65_536 else head)
    if len(body) >= 65_536:
        parent.sendall(body)  # separately: joining would copy megabytes


def _read(parent: socket.socket, length: int) -> bytes | None:
    data = parent.recv(length, _WAIT_ALL)
    while len(data) < length:  # a signal may interrupt the read
        more = parent.recv(length - len(data), _WAIT_ALL)
        if not more:
            return None
        data += more
    return data
