"""Who works beside whom in this process: as a rule many together, a suspect alone.

A worker that dies leaves all that it had in hand, one piece of which may be why it died. Only a piece that is tried with
nothing else under way can be blamed for what then happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: How often something is taken in hand without being finished before it is a suspect.
SUSPECT_AFTER = 2


class Company:
    """Polls and entries of one process pass through here; one instance per process."""

    def __init__(self) -> None:
        self._inside = 0
        self._outside = 0  # waiting for a suspect to be done
        self._gate = asyncio.Event()
        self._gate.set()
        self._empty = asyncio.Event()
        self._turn = asyncio.Lock()
        self._rest_until = 0.0

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """With any number of others; waits while a suspect is tried."""
        self._outside += 1
        try:
            while not self._gate.is_set():
                await self._gate.wait()
        finally:
            self._outside -= 1
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """With nothing else: waits until all others are done and keeps new ones out.

        Between two suspects the others have as long as the last one took, so that a crowd of them (all that a dead worker
        had in hand) takes no more than half of the time.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            if (rest := self._rest_until - loop.time()) > 0:
                await asyncio.sleep(rest)
            self._gate.clear()
            began = loop.time()
            try:
                while self._inside:
                    self._empty.clear()
                    await self._empty.wait()
                yield
            finally:
                if self._outside:
                    self._rest_until = 2 * loop.time() - began
                self._gate.set()
