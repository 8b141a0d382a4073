"""Runs what is suspected of crashing the process with nothing else under way.

A worker that dies leaves several polls and entries unfinished, and any of them may be the cause. A suspect is therefore tried
alone: what then happens is its own doing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

#: Deliveries without an end after which a poll or an entry is a suspect.
SUSPECT_AFTER = 2


class CrashIsolation:
    """Shared by all polls and entries of one process: many run at a time, a suspect runs alone."""

    def __init__(self) -> None:
        self._running = 0
        self._waiting = 0  # for the end of a suspect
        self._open = asyncio.Event()
        self._open.set()
        self._empty = asyncio.Event()
        self._turn = asyncio.Lock()
        self._rest_until = 0.0
        self._shared = _Shared(self)

    def shared(self) -> AbstractAsyncContextManager[None]:
        """Run beside any number of others; waits while a suspect runs."""
        return self._shared

    async def begin(self) -> None:
        """Wait until no suspect runs, and count one more that runs."""
        self._waiting += 1
        try:
            while not self._open.is_set():
                await self._open.wait()
        finally:
            self._waiting -= 1
        self._running += 1

    def end(self) -> None:
        """Count one less that runs."""
        self._running -= 1
        if not self._running:
            self._empty.set()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Run alone: waits until all others have ended and keeps new ones waiting.

        After a suspect the others have as long as it took before the next suspect starts, so that the many entries of a dead
        worker take at most half of the time.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            if (rest := self._rest_until - loop.time()) > 0:
                await asyncio.sleep(rest)
            self._open.clear()
            began = loop.time()
            try:
                while self._running:
                    self._empty.clear()
                    await self._empty.wait()
                yield
            finally:
                if self._waiting:
                    self._rest_until = 2 * loop.time() - began
                self._open.set()


class _Shared(AbstractAsyncContextManager[None]):
    """What `CrashIsolation.shared` gives: without a state of its own, so that one serves all polls."""

    def __init__(self, isolation: CrashIsolation) -> None:
        self._isolation = isolation

    async def __aenter__(self) -> None:
        await self._isolation.begin()

    async def __aexit__(self, *_: object) -> None:
        self._isolation.end()
