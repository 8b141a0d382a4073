"""The alarm where feeds are polled and yet no article is published: a filter, a wall or a fault that no single feed shows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from ..errors import StoreUnavailable
from ..store import upkeep
from ..store.entries import rows
from ..store.redis import Connection
from ..telemetry import Metrics, get_logger

#: How often the stream's newest entry is looked at.
LOOK_SECONDS = 30.0

log = get_logger("silence")


class Silence:
    """Watches the age of the stream's newest entry while this worker polls.

    Args:
        after_seconds: Returns `poll.silence_seconds`; None: no alarm.
    """

    def __init__(self, connection: Connection, metrics: Metrics, after_seconds: Callable[[], float | None]) -> None:
        self._connection = connection
        self._metrics = metrics
        self._after_seconds = after_seconds
        self._is_silent = False
        self._polled_since: float | None = None
        self._last_poll = 0.0
        self._polls_before = 0.0

    async def run(self, stop: asyncio.Event, every_seconds: float = LOOK_SECONDS) -> None:
        """Look until ``stop`` is set."""
        while not stop.is_set():
            with contextlib.suppress(StoreUnavailable):  # it is logged where it matters
                await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_seconds)

    async def look(self) -> bool:
        """Return whether nothing was published for too long; say so once in the log and as a notice, and when it is over."""
        now = await upkeep.server_time(self._connection)
        self._note_polls(now)
        limit = self._after_seconds()
        newest = await self._newest()
        since = max(newest, self._polled_since or now)  # no alarm before this worker has polled for as long
        is_silent = limit is not None and self._polled_since is not None and now - since >= limit
        if is_silent != self._is_silent:
            self._is_silent = is_silent
            await self._tell(since, now)
        if is_silent:
            await upkeep.mark_silent(self._connection, since)  # anew each time: a mark of a worker that died runs out
        self._metrics.stream_silent.set(is_silent)
        return is_silent

    def _note_polls(self, now: float) -> None:
        """Note since when this worker polls; a pause as long as the limit ends that."""
        polls = self._metrics.count_polls()
        if polls != self._polls_before:
            self._polls_before, self._last_poll = polls, now
            self._polled_since = self._polled_since or now
        elif now - self._last_poll > max(self._after_seconds() or 0.0, LOOK_SECONDS):
            self._polled_since = None

    async def _newest(self) -> float:
        """Return when the newest entry was appended, seconds since 1970; 0 where there is none."""
        asked = [("XREVRANGE", keys.events, "+", "-", "COUNT", 1) for keys in self._connection.keys]
        found = [row for answer in await self._connection.pipeline(asked) for row in rows(answer)]
        return max((int(mid.partition("-")[0]) / 1000 for mid, _ in found), default=0.0)

    async def _tell(self, since: float, now: float) -> None:
        if not self._is_silent:
            await upkeep.mark_silent(self._connection, None)
            log.info("stream.speaks_again")
            return
        minutes = round((now - since) / 60)
        log.warning(
            "stream.silent",
            minutes=minutes,
            remedy="look at `dateline dead-letters list`, `dateline feeds list --failing`, and at stages that drop articles",
        )
        subject = self._connection.keys[0].events
        await upkeep.notify(self._connection, "stream.silent", subject, {"minutes_without_an_entry": minutes})
