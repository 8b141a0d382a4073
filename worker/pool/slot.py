"""One child as the pool sees it: a stream of frames, the jobs it has in hand, and the story of its end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast

from .. import failpoints
from .frames import REPLY, Status, pack_request, poison_from_exception, unpack_error

Fate = Literal["crashed", "timeout", "memory", "bystander"]

#: How much later than the child's own alarm the pool kills it: for a child that cannot even take a signal.
BACKSTOP_SECONDS = 0.5
#: Python frames of a child's last words that go into the reason, innermost first.
LAST_FRAMES = 3
_FRAME = re.compile(r'File "([^"]*)", line (\d+) in (\S+)')


class ChildLost(Exception):
    """The child ended with the job in hand. ``fate`` is ``bystander`` where another job, or nobody's, was to blame."""

    def __init__(self, fate: Fate, story: str) -> None:
        super().__init__(story)
        self.fate: Fate = fate


@dataclass(slots=True)
class PendingJob:
    """One job on its way: what to do, and where the answer goes."""

    job: str
    payload: bytes
    wall_seconds: float
    future: asyncio.Future[bytes]
    began_at: float = 0.0
    took_seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(slots=True)
class SlotHooks:
    """Whom a slot tells: ``on_ready`` when it can take (more) work, ``on_done`` after each job, ``kill`` to have its child
    ended."""

    on_ready: Callable[[Slot], None]
    on_done: Callable[[Slot, PendingJob], None]
    kill: Callable[[int], None]


@dataclass(slots=True, eq=False)
class Slot(asyncio.Protocol):
    """The pool's end of one child. Jobs handed over together are answered in order; only the first is running."""

    serial: int
    trace_fd: int
    max_reply_bytes: int
    hooks: SlotHooks
    jobs_done: int = 0
    rss_bytes: int = 0
    greeted: bool = False
    spent: bool = False  #: must not take another job: out of memory, over a limit, or ended
    _pending: deque[PendingJob] = field(default_factory=deque)
    _buffer: bytearray = field(default_factory=bytearray)
    _transport: asyncio.WriteTransport | None = None
    _backstop: asyncio.TimerHandle | None = None
    _blame: tuple[Fate, str] | None = None

    @property
    def busy(self) -> bool:
        """Whether it has a job in hand."""
        return bool(self._pending)

    def begin(self, accepted: list[PendingJob]) -> None:
        """Hand jobs over; their futures get the answers, or `ChildLost`."""
        assert self._transport is not None
        self._pending.extend(accepted)
        pieces = []
        for pending in accepted:
            pieces += [pack_request(pending.job, pending.payload, pending.wall_seconds), pending.payload]
        self._transport.writelines(pieces)
        failpoints.hit("mid_read", accepted[0].job)
        self._watch()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one without inheriting from it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= REPLY.size and not self.spent:
            length, status, rss_kib, cpu_seconds = REPLY.unpack_from(self._buffer)
            if length > self.max_reply_bytes:
                self._end("memory", f"wants to answer with {length} bytes, {self.max_reply_bytes} are allowed")
                return
            end = REPLY.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[REPLY.size : end])
            del self._buffer[:end]
            self.rss_bytes = rss_kib << 10
            self._take(status, body, cpu_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        # Also a living child can close its end. It is of no use then; how it ended comes from the zygote.
        self.spent = True
        self.hooks.kill(self.serial)

    def ended(self, status: int | None) -> None:
        """The child is dead, as `os.waitstatus_to_exitcode` says, or None when its zygote died: settle what it had in hand."""
        self.spent = True
        if self._backstop is not None:
            self._backstop.cancel()
        if self._transport is not None:
            self._transport.abort()
        fate, story = self._blame or tell_end(status)
        where = self._last_words()
        os.close(self.trace_fd)
        for place, pending in enumerate(self._pending):
            if not pending.future.done():
                if place == 0:
                    pending.future.set_exception(ChildLost(fate, f"{story}{where}"))
                else:
                    pending.future.set_exception(
                        ChildLost("bystander", "was waiting behind a job that ended its child")
                    )
        self._pending.clear()

    def _take(self, status: int, body: bytes, cpu_seconds: float) -> None:
        if status == Status.HELLO:
            self.greeted = True
            self.hooks.on_ready(self)
            return
        if not self._pending:
            self._end("crashed", "answered without having been asked")
            return
        pending = self._pending[0]
        if status == Status.MEMORY:
            self._end("memory", "asked for more memory than memory_bytes allows")
            return
        self._pending.popleft()
        pending.took_seconds = asyncio.get_running_loop().time() - pending.began_at
        pending.cpu_seconds = cpu_seconds
        self.jobs_done += 1
        self._settle(pending, status, body)
        self._watch()
        self.hooks.on_done(self, pending)
        if not self._pending:
            self.hooks.on_ready(self)

    def _settle(self, pending: PendingJob, status: int, body: bytes) -> None:
        if pending.future.done():
            return  # whoever asked has gone
        if status == Status.DONE:
            pending.future.set_result(body)
        elif status == Status.FAILED:
            pending.future.set_exception(unpack_error(body))
        else:
            pending.future.set_exception(poison_from_exception(pending.job, body))

    def _watch(self) -> None:
        """Set the clock for the job that runs now."""
        if self._backstop is not None:
            self._backstop.cancel()
            self._backstop = None
        if self._pending:
            loop = asyncio.get_running_loop()
            pending = self._pending[0]
            pending.began_at = loop.time()
            self._backstop = loop.call_later(pending.wall_seconds + BACKSTOP_SECONDS, self._overdue)

    def _overdue(self) -> None:
        self._end("timeout", "gave no answer within its wall time and took no signal")

    def _end(self, fate: Fate, story: str) -> None:
        self.spent = True
        self._blame = (fate, story)
        self.hooks.kill(self.serial)

    def _last_words(self) -> str:
        words = os.pread(self.trace_fd, 8192, 0).decode(errors="replace")
        frames = [f"{path}:{line} {name}" for path, line, name in _FRAME.findall(words)[:LAST_FRAMES]]
        return f" at {' < '.join(frames)}" if frames else ""


def tell_end(status: int | None) -> tuple[Fate, str]:
    """Fate and words for how a child ended by itself."""
    if status is None:
        return "bystander", "lost its child together with the zygote"
    if status == -signal.SIGALRM:
        return "timeout", "ran over its wall time"
    if status == -signal.SIGXCPU:
        return "timeout", "used up its CPU time"
    if status == -signal.SIGKILL:
        # Not by us for a limit; we do it when its connection closes first.
        return "crashed", "was killed from outside (did the machine run out of memory?) or closed its connection"
    if status < 0:
        return "crashed", f"died of {signal.Signals(-status).name}"
    return "crashed", f"ended its process with exit status {status}"
