"""The pool's end of the zygote: start it, request children, receive their exit statuses."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ..errors import SettingsError
from .child import Limits
from .launch import take
from .zygote import (  # fmt: skip
    BROKEN,
    EXIT_NOTE,
    EXITED,
    FORK,
    KILL,
    MAX_NOTE_BYTES,
    READY,
    REFUSED,
    REQUEST_NOTE,
    Start,
)

OnExit = Callable[[int, int], None]


class ZygoteHandle:
    """One zygote process. Calls ``on_exit(serial, status)`` for each child that ended, and ``on_lost()`` once if the zygote
    itself ended unasked (its children die with it)."""

    def __init__(
        self, jobs: str, limits: Limits, on_exit: OnExit, on_lost: Callable[[], None], *, warm_with: str = ""
    ) -> None:
        self._jobs = jobs
        self._warm_with = warm_with
        self._limits = limits
        self._on_exit = on_exit
        self._on_lost = on_lost
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: asyncio.Future[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the zygote; None before the start."""
        return self._process.pid if self._process else None

    async def start(self, warm_seconds: float) -> None:
        """Start the process and wait until the jobs module is imported and warm.

        The process may have been launched ahead (`launch`), and then be warm soon.

        Raises:
            SettingsError: The jobs module cannot be imported or warmed, or is not warm within ``warm_seconds``.
        """
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        _, self._process, self._control = take(self._jobs)
        loop.add_reader(self._control.fileno(), self._read)
        try:
            with suppress(OSError):  # a process that has ended: its last message, or none, says why
                self._control.send(msgspec.json.encode(Start(self._limits, self._warm_with)))
            await asyncio.wait_for(self._ready, warm_seconds)
        except TimeoutError:
            await self.stop(grace_seconds=0)
            raise SettingsError(f"{self._jobs}: not imported and warm within {warm_seconds:g} s") from None
        except BaseException:
            await self.stop(grace_seconds=0)
            raise

    def fork(self, serial: int, child_end: socket.socket, trace_fd: int) -> None:
        """Request a child that uses these descriptors. Raises OSError if the zygote cannot be reached."""
        if self._control is None:
            raise BrokenPipeError("the zygote is not running")
        socket.send_fds(self._control, [REQUEST_NOTE.pack(FORK, serial)], [child_end.fileno(), trace_fd])

    def kill(self, serial: int) -> None:
        """Request that a child and all its descendants are killed; ``on_exit`` reports the exit. A repeat is harmless."""
        if self._control is not None:
            with suppress(OSError):  # a lost zygote's children are dead already
                self._control.send(REQUEST_NOTE.pack(KILL, serial))

    async def stop(self, grace_seconds: float) -> None:
        """Close the control socket, which ends all children, and reap the zygote; kill it after ``grace_seconds``."""
        if self._process is None:
            return
        process, self._on_lost = self._process, _ignore
        self._close_control()
        try:
            async with asyncio.timeout(grace_seconds):
                while process.poll() is None:
                    await asyncio.sleep(0.005)
        except TimeoutError:
            process.kill()
            await asyncio.to_thread(process.wait)

    def _read(self) -> None:
        assert self._control is not None
        for _ in range(64):  # then let other tasks run
            try:
                note = self._control.recv(MAX_NOTE_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionResetError:  # it ended before it read our `Start`; its last message is still to come
                continue
            except OSError:
                note = b""
            if not note:
                self._lost()
                return
            kind = note[:1]
            if kind == EXITED:
                _, serial, status = EXIT_NOTE.unpack(note)
                self._on_exit(serial, status)
            elif kind == READY:
                self._settle(None)
            elif kind == REFUSED:
                self._settle(SettingsError(note[1:].decode(errors="replace")))
            elif kind == BROKEN:
                trace = note[1:].decode(errors="replace").strip()
                self._settle(SettingsError(f"{self._jobs}: cannot be imported in a child process:\n{trace}"))

    def _settle(self, error: Exception | None) -> None:
        if self._ready is not None and not self._ready.done():
            if error is None:
                self._ready.set_result(None)
            else:
                self._ready.set_exception(error)

    def _lost(self) -> None:
        self._close_control()
        self._settle(SettingsError(f"{self._jobs}: the process that imports it ended before it was warm"))
        self._on_lost()

    def _close_control(self) -> None:
        if self._control is not None:
            with suppress(OSError, ValueError):
                asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None


def make_trace_file() -> int:
    """Create a file in memory for the Python stack that a child writes when a signal ends it."""
    return os.memfd_create("dateline-child-trace")


def _ignore() -> None:
    """Do nothing: the stop was requested."""
