"""The zygote: a process that has imported the jobs module once, and forks a warm child whenever the pool asks for one.

It is a process of its own, small and single-threaded, for three reasons: forking the daemon itself would copy the locks
of its threads and its sockets; a child forked from here is warm in milliseconds and shares its memory; and only a parent
can bury its children, so killing and burying happen in the one place that cannot mistake a reused process id. It is
`multiprocessing`'s fork server in idea; that one shares its preload among all users, hides a failed import, re-imports the
main script, and lives on when the daemon is killed for as long as one child hangs.

Run as ``python -c`` with the descriptor of a SOCK_SEQPACKET socket. Messages, one per packet:

    to the zygote     F serial (+ socket, trace file)   fork a child around these descriptors
                      K serial                          kill that child and all it started
    from the zygote   R bytes                           warm; its mapped address space
                      E text                            could not start: a trace
                      W text                            could not be warmed: what the operator should mend
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
from .child import Limits, Run, live

FORK, KILL, READY, BROKEN, REFUSED, EXITED = b"F", b"K", b"R", b"E", b"W", b"X"
ORDER = struct.Struct("!cQ")
READY_NOTE = struct.Struct("!cQ")
EXIT_NOTE = struct.Struct("!cQq")
MAX_NOTE_BYTES = 8_192

#: How long the last burying may take when the pool has gone; what is still there then is in the kernel's hands.
FAREWELL_SECONDS = 2.0


def serve(control_fd: int, jobs: str, limits_json: str, warm_with: str = "") -> None:
    """Import ``jobs``, warm it, then fork and kill as told until the pool hangs up. Does not return."""
    control = socket.socket(fileno=control_fd)
    _detach()
    try:
        module = importlib.import_module(jobs)
        run: Run = module.run
        if warm := getattr(module, "warm", None):
            warm(warm_with) if warm_with else warm()
    except DatelineError as error:
        control.send(REFUSED + str(error).encode("utf-8", "replace")[: MAX_NOTE_BYTES - 1])
        os._exit(1)
    except BaseException:
        control.send(
            BROKEN + traceback.format_exc()[-MAX_NOTE_BYTES + 1 :].encode("utf-8", "replace")[-MAX_NOTE_BYTES + 1 :]
        )
        os._exit(1)
    # Objects that exist now belong to all children: kept out of collection, their pages stay shared.
    gc.collect()
    gc.freeze()
    zygote = Zygote(control, run, msgspec.json.decode(limits_json, type=Limits))
    try:
        control.send(READY_NOTE.pack(READY, zygote.base_bytes))
        zygote.serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the pool went away while one of us told the other something
    except BaseException:
        traceback.print_exc()
    finally:
        zygote.bury_all()
        os._exit(0)


class Zygote:
    """The children by serial number, and the loop that forks, kills and buries them."""

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
        """Do as told until the pool's end of the control socket closes."""
        while True:
            ready = {key.fileobj for key, _ in self._selector.select()}
            if self._wake_read in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
                self._bury()
            if self._control in ready:
                note, descriptors, _, _ = socket.recv_fds(self._control, MAX_NOTE_BYTES, 2)
                if not note:
                    return
                order, serial = ORDER.unpack(note)
                if order == FORK:
                    self._fork(serial, *descriptors)
                else:
                    self._kill(serial)

    def bury_all(self) -> None:
        """Kill every child and whatever they started, and wait for them."""
        deadline = time.monotonic() + FAREWELL_SECONDS
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
        mother = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            # No process to be had now. The pool sees a child that ended before it said hello and tries again, later.
            os.close(parent_fd)
            os.close(trace_fd)
            self._control.send(EXIT_NOTE.pack(EXITED, serial, 1))
            return
        if pid == 0:
            self._be_born(mother, parent_fd, trace_fd)
        self._serial_by_pid[pid] = serial
        os.close(parent_fd)
        os.close(trace_fd)

    def _be_born(self, mother: int, parent_fd: int, trace_fd: int) -> None:
        try:
            os.setsid()  # a group of its own: killing it takes what the job started along
            sandbox.die_with_parent(signal.SIGKILL, mother)
            sandbox.set_name("dateline-child")
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            self._control.close()
            os.close(self._wake_read)
            os.close(self._wake_write)
            with socket.socket(fileno=parent_fd) as parent:
                live(parent, trace_fd, self._run, self._limits, self.base_bytes)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)  # the pool went away while we answered
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def _kill(self, serial: int) -> None:
        for pid, known in self._serial_by_pid.items():
            if known == serial:
                _kill_group(pid)

    def _bury(self) -> None:
        while True:
            try:
                # Look first, bury after: until it is buried, no other process can get its number or its group's.
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
        """What a dead child started, wherever it hid, is our child now: end it. Each end wakes the loop to look again."""
        for orphan in _children_of_this_process() - self._serial_by_pid.keys():
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)


def _detach() -> None:
    """Out of the way of terminals and service managers: who stops the daemon signals all its processes, and we must outlive
    its draining. The pool's end of the control socket is the only thing that ends us."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)  # the daemon's standard output is data; a library's stray print is not
    sandbox.adopt_orphans()
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
        return set()  # not Linux, or a kernel without it: the groups were killed, who left them is not found
