"""The parent's end of one child: its frames, its pending job, and the reason for its exit."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast

from .. import failpoints
from .frames import REPLY, Status, pack_request, poison_from_exception, unpack_error

ExitCause = Literal["crashed", "timeout", "memory", "bystander"]

#: Seconds after the child's own alarm when the pool kills it, in case the child cannot handle signals.
BACKSTOP_SECONDS = 0.5
#: Python frames of a child's last stack that go into the reason, innermost first.
LAST_FRAMES = 3
_FRAME = re.compile(r'File "([^"]*)", line (\d+) in (\S+)')


class ChildLost(Exception):
    """The child ended before it answered. ``cause`` is ``bystander`` where the job itself was not running."""

    def __init__(self, cause: ExitCause, reason: str) -> None:
        super().__init__(reason)
        self.cause: ExitCause = cause


@dataclass(slots=True)
class PendingJob:
    """One job that was sent, or will be, and the future of its answer."""

    job: str
    payload: bytes
    wall_seconds: float
    future: asyncio.Future[bytes]
    began_at: float = 0.0
    took_seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(slots=True)
class SlotHooks:
    """Callbacks of a slot: ``on_ready`` when it can take a job, ``on_done`` after each job, ``kill`` to end its child."""

    on_ready: Callable[[Slot], None]
    on_done: Callable[[Slot, PendingJob], None]
    kill: Callable[[int], None]


@dataclass(slots=True, eq=False)
class Slot(asyncio.Protocol):
    """The pool's end of one child, which has one pending job at most."""

    serial: int
    trace_fd: int
    max_reply_bytes: int
    hooks: SlotHooks
    jobs_done: int = 0
    rss_bytes: int = 0
    is_ready: bool = False
    is_retired: bool = False  #: takes no further job: out of memory, over a limit, or ended
    _pending: PendingJob | None = None
    _buffer: bytearray = field(default_factory=bytearray)
    _transport: asyncio.WriteTransport | None = None
    _backstop: asyncio.TimerHandle | None = None
    _own_reason: tuple[ExitCause, str] | None = None

    @property
    def busy(self) -> bool:
        """Return whether it has a pending job."""
        return self._pending is not None

    def begin(self, pending: PendingJob) -> None:
        """Send a job to the child; its future gets the answer, or `ChildLost`."""
        assert self._transport is not None
        self._pending = pending
        self._transport.writelines([pack_request(pending.job, pending.payload, pending.wall_seconds), pending.payload])
        failpoints.hit("mid_read", pending.job)
        loop = asyncio.get_running_loop()
        pending.began_at = loop.time()
        self._backstop = loop.call_later(pending.wall_seconds + BACKSTOP_SECONDS, self._kill_overdue)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one without inheriting from it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= REPLY.size and not self.is_retired:
            length, status, rss_kib, cpu_seconds = REPLY.unpack_from(self._buffer)
            if length > self.max_reply_bytes:
                self._end("memory", f"announced a reply of {length} bytes; max_reply_bytes is {self.max_reply_bytes}")
                return
            end = REPLY.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[REPLY.size : end])
            del self._buffer[:end]
            self.rss_bytes = rss_kib << 10
            self._take(status, body, cpu_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        # A running child may close its end too and is useless then; the zygote reports how it exits.
        self.is_retired = True
        self.hooks.kill(self.serial)

    def ended(self, status: int | None) -> None:
        """Fail the pending job of a child that exited.

        Args:
            status: As `os.waitstatus_to_exitcode` gives it; None where its zygote ended.
        """
        self.is_retired = True
        self._stop_backstop()
        if self._transport is not None:
            self._transport.abort()
        cause, reason = self._own_reason or describe_exit(status)
        where = self._last_stack()
        os.close(self.trace_fd)
        if self._pending is not None and not self._pending.future.done():
            self._pending.future.set_exception(ChildLost(cause, f"{reason}{where}"))
        self._pending = None

    def _take(self, status: int, body: bytes, cpu_seconds: float) -> None:
        if status == Status.HELLO:
            self.is_ready = True
            self.hooks.on_ready(self)
            return
        pending = self._pending
        if pending is None:
            self._end("crashed", "replied without a pending job")
            return
        if status == Status.MEMORY:
            self._end("memory", "asked for more memory than pool.memory_mib allows")
            return
        self._pending = None
        self._stop_backstop()
        pending.took_seconds = asyncio.get_running_loop().time() - pending.began_at
        pending.cpu_seconds = cpu_seconds
        self.jobs_done += 1
        self._settle(pending, status, body)
        self.hooks.on_done(self, pending)
        self.hooks.on_ready(self)

    def _settle(self, pending: PendingJob, status: int, body: bytes) -> None:
        if pending.future.done():
            return  # the caller was cancelled
        if status == Status.DONE:
            pending.future.set_result(body)
        elif status == Status.FAILED:
            pending.future.set_exception(unpack_error(body))
        else:
            pending.future.set_exception(poison_from_exception(pending.job, body))

    def _stop_backstop(self) -> None:
        if self._backstop is not None:
            self._backstop.cancel()
            self._backstop = None

    def _kill_overdue(self) -> None:
        self._end("timeout", "gave no answer within its wall time and took no signal")

    def _end(self, cause: ExitCause, reason: str) -> None:
        self.is_retired = True
        self._own_reason = (cause, reason)
        self.hooks.kill(self.serial)

    def _last_stack(self) -> str:
        stack = os.pread(self.trace_fd, 8192, 0).decode(errors="replace")
        frames = [f"{path}:{line} {name}" for path, line, name in _FRAME.findall(stack)[:LAST_FRAMES]]
        return f" at {' < '.join(frames)}" if frames else ""


def describe_exit(status: int | None) -> tuple[ExitCause, str]:
    """Return the cause and a description of a child's exit."""
    if status is None:
        return "bystander", "lost its child when the zygote ended"
    if status == -signal.SIGALRM:
        return "timeout", "ran over its wall time"
    if status == -signal.SIGXCPU:
        return "timeout", "used up its CPU time"
    if status == -signal.SIGKILL:
        # The pool kills only for a limit (other cause) or after the connection closed.
        return "crashed", "was killed from outside (did the machine run out of memory?) or closed its connection"
    if status < 0:
        return "crashed", f"died of {signal.Signals(-status).name}"
    return "crashed", f"ended its process with exit status {status}"
