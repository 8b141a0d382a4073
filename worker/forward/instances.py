"""The instances of one forwarder: what delivers to one receiver, for several partitions at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ..errors import SettingsError
from ..ports import Forwarder
from ..telemetry import Logger


class Instances:
    """Lends a forwarder to one partition at a time: calls to one instance never overlap.

    A further one is built where all are in use, up to ``most``. Those used last are lent first, so that no more connections
    stay in use than are needed.
    """

    def __init__(self, first: Forwarder, build: Callable[[], Forwarder] | None, most: int, log: Logger) -> None:
        """``build``: makes a further one; None where the first has to serve all partitions in turn."""
        self._all = [first]
        self._free: asyncio.LifoQueue[Forwarder] = asyncio.LifoQueue()
        self._free.put_nowait(first)
        self._build = build
        self._most = most
        self._log = log

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Forwarder]:
        """Give an instance for one call."""
        if self._free.empty() and self._build is not None and len(self._all) < self._most:
            self._add(self._build)
        forwarder = await self._free.get()
        try:
            yield forwarder
        finally:
            self._free.put_nowait(forwarder)

    async def close(self) -> None:
        """Close all of them."""
        for one in self._all:
            await one.close()

    def _add(self, build: Callable[[], Forwarder]) -> None:
        try:
            one = build()
        except SettingsError as error:  # the first was built with the same options: go on with those there are
            self._build = None
            self._log.warning("forward.one_instance_less", instances=len(self._all), reason=str(error))
            return
        self._all.append(one)
        self._free.put_nowait(one)
