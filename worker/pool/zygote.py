"""The zygote: a process that has imported the jobs module once, and forks a warm child whenever the pool asks for one.

It is a small, single-threaded process of its own, for three reasons: forking the daemon would copy its threads' locks and
its sockets; a child forked from here is warm within milliseconds and shares memory; and only a parent can reap its children,
so killing and reaping happen in one place and never hit a reused process id. `multiprocessing`'s fork server is similar, but
shares its preload among all users, hides a failed import, re-imports the main script, and survives a killed daemon for as
long as one child hangs.

Run as ``python -c`` with the descriptor of a SOCK_SEQPACKET socket. Messages, one per packet:

    to the zygote     JSON                              first of all, once: a `Start`
                      F serial (+ socket, trace file)   fork a child around these descriptors
                      K serial                          kill that child and all it started
    from the zygote   R bytes                           warm; its mapped address space
                      E text                            could not start: a trace
                      W text                            could not be warmed: what the operator should correct
                      X serial status                   a child ended; as `os.waitstatus_to_exitcode`

When the pool's end closes, whatever the reason, everything is killed and the zygote ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import struct
import time
import traceback
from contextlib import suppress
from pathlib import Path

import msgspec

from ..errors import DatelineError
from . import sandbox
from .child import Limits, Run, serve_jobs

FORK, KILL, READY, BROKEN, REFUSED, EXITED = b"F", b"K", b"R", b"E", b"W", b"X"
REQUEST_NOTE = struct.Struct("!cQ")
EXIT_NOTE = struct.Struct("!cQq")
MAX_NOTE_BYTES, MAX_START_BYTES = 8_192, 131_072

#: Longest wait for killed children after the pool has closed its end.
SHUTDOWN_SECONDS = 2.0


class Start(msgspec.Struct, frozen=True):
    """What the pool tells a zygote that was launched: limits of the children, and what `warm` is given then (or nothing)."""

    limits: Limits
    warm_with: str = ""


def serve(control_fd: int, jobs: str) -> None:
    """Import ``jobs`` and warm, wait for the `Start`, warm what it names, then fork and kill on request until the pool closes
    its end.

    Does not return. What needs no settings comes first, for the process may be launched before they are known.
    """
    control = socket.socket(fileno=control_fd)
    _detach()
    gc.disable()  # what is imported and loaded stays: collections among it cost a tenth of the start
    try:
        module = importlib.import_module(jobs)
        run: Run = module.run
        if warm := getattr(module, "warm", None):
            warm()
        note = control.recv(MAX_START_BYTES)
        if not note:  # the process that launched us ended
            os._exit(0)
        start = msgspec.json.decode(note, type=Start)
        if warm and start.warm_with:
            warm(start.warm_with)
    except DatelineError as error:
        control.send(REFUSED + str(error).encode("utf-8", "replace")[: MAX_NOTE_BYTES - 1])
        os._exit(1)
    except BaseException:  # whatever it is, the pool hears of it before this process ends
        control.send(
            BROKEN + traceback.format_exc()[-MAX_NOTE_BYTES + 1 :].encode("utf-8", "replace")[-MAX_NOTE_BYTES + 1 :]
        )
        os._exit(1)
    # Exclude existing objects from collection, so that the children keep sharing their memory pages.
    gc.collect()
    gc.freeze()
    gc.enable()
    zygote = Zygote(control, run, start.limits)
    try:
        control.send(READY)
        zygote.serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the pool ended while a message was under way
    except BaseException:  # the children end with this process, whatever ends it
        traceback.print_exc()
    finally:
        zygote.kill_all()
        os._exit(0)


class Zygote:
    """The children by serial number, and the loop that forks, kills and reaps them."""

    def __init__(self, control: socket.socket, run: Run, limits: Limits) -> None:
        self.base_bytes = sandbox.mapped_bytes()
        self._control = control
        self._run = run
        self._limits = limits
        self._serial_by_pid: dict[int, int] = {}
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve the pool's requests until its end of the control socket closes."""
        while True:
            ready = {key.fileobj for key, _ in self._selector.select()}
            if self._wake_read in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
                self._reap()
            if self._control in ready:
                note, descriptors, _, _ = socket.recv_fds(self._control, MAX_NOTE_BYTES, 2)
                if not note:
                    return
                request, serial = REQUEST_NOTE.unpack(note)
                if request == FORK:
                    self._fork(serial, *descriptors)
                else:
                    self._kill(serial)

    def kill_all(self) -> None:
        """Kill all children and their descendants, and wait for them."""
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        for pid in self._serial_by_pid:
            _kill_group(pid)
        while time.monotonic() < deadline:
            for orphan in _children_of_this_process():
                with suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            try:
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    time.sleep(0.002)
            except ChildProcessError:
                return

    def _fork(self, serial: int, parent_fd: int, trace_fd: int) -> None:
        parent_pid = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            # No process available. The pool sees a child that ended before it was ready, and tries again later.
            os.close(parent_fd)
            os.close(trace_fd)
            self._control.send(EXIT_NOTE.pack(EXITED, serial, 1))
            return
        if pid == 0:
            self._run_child(parent_pid, parent_fd, trace_fd)
        self._serial_by_pid[pid] = serial
        os.close(parent_fd)
        os.close(trace_fd)

    def _run_child(self, parent_pid: int, parent_fd: int, trace_fd: int) -> None:
        try:
            os.setsid()  # a process group of its own: killing it also ends what the job started
            sandbox.die_with_parent(signal.SIGKILL, parent_pid)
            sandbox.set_name("dateline-child")
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            self._control.close()
            os.close(self._wake_read)
            os.close(self._wake_write)
            with socket.socket(fileno=parent_fd) as parent:
                serve_jobs(parent, trace_fd, self._run, self._limits, self.base_bytes)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)  # the pool ended while this child replied
        except BaseException:  # a forked child must never return into the parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def _kill(self, serial: int) -> None:
        for pid, known in self._serial_by_pid.items():
            if known == serial:
                _kill_group(pid)

    def _reap(self) -> None:
        while True:
            try:
                # Kill its group before reaping: until then no other process can get its id or its group's.
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                break
            if ended is None:
                break
            serial = self._serial_by_pid.pop(ended.si_pid, None)
            if serial is not None:
                _kill_group(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            if serial is not None:
                self._control.send(EXIT_NOTE.pack(EXITED, serial, os.waitstatus_to_exitcode(status)))
        self._kill_orphans()

    def _kill_orphans(self) -> None:
        """Kill adopted descendants of dead children. Each exit wakes the loop to look again."""
        for orphan in _children_of_this_process() - self._serial_by_pid.keys():
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)


def _detach() -> None:
    """Ignore the signals that terminals and service managers send to all processes of the daemon: the zygote must outlive
    its draining. Only the close of the control socket ends it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)  # the daemon's standard output is data; a library's prints go to standard error
    sandbox.adopt_orphans()
    sandbox.hide_memory()
    sandbox.set_name("dateline-zygote")


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _children_of_this_process() -> set[int]:
    try:
        return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))
    except (OSError, ValueError):
        return set()  # no such file: process groups were killed; descendants that left theirs are not found
