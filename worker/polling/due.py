"""Which feeds may be polled now: due, claimed by this process, and none while too much waits to be read."""

from __future__ import annotations

import asyncio
import itertools
import secrets

from ..errors import StoreUnavailable
from ..settings import PollSettings
from ..store import upkeep
from ..store.feed_state import FeedState
from ..store.feeds import Feeds
from ..store.redis import Connection
from ..telemetry import Logger, get_logger

#: Between two claims of due feeds. A poller at rest takes 0.6 ms of CPU a second with 1.5 s, and 0.95 with 1 s.
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 1.5


class DueFeeds:
    """Claims due feeds for one process."""

    def __init__(self, feeds: Feeds, connection: Connection, settings: PollSettings) -> None:
        self.settings = settings
        self.memory_fill = 0.0  #: of the fullest Redis server, as the upkeep last saw it
        self.not_before: float | None = None  #: after a loss of Redis' data: what is older is taken as published
        self._feeds = feeds
        self._connection = connection
        self._token, self._numbers = (
            secrets.token_urlsafe(5),
            itertools.count(),
        )  # a claim's token is stored: it is short
        self._held_back = False
        self.log: Logger = get_logger("poller")

    async def claim(self, free: int) -> list[FeedState]:
        """Return up to ``free`` feeds that are due, claimed; none where nothing is due, or the entries wait already."""
        if not await self._is_due() or await self.is_full():
            return []
        claimed: list[FeedState] = []
        try:
            claimed = await self._feeds.claim(
                free,
                f"{self._token}{next(self._numbers):x}",
                most_waiting=self.settings.waiting_limit,
                most_waiting_bytes=self.settings.waiting_mib << 20,
            )
            if claimed:
                lost_at = await upkeep.emptied_at(self._connection)
                self.not_before = lost_at - 3600.0 if lost_at else None
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))
            await asyncio.sleep(0.5)
        return claimed

    async def pause(self, stop: asyncio.Event) -> None:
        """Wait for the next feed that is due; not shorter, so that one claim gets what becomes due together, and not longer
        than another process that adds a feed may be made to wait."""
        shortest = max(SHORTEST_PAUSE_SECONDS, len(self._connection.keys) / 512)
        seconds = min(max(self._feeds.seconds_until_due(), shortest), max(LONGEST_PAUSE_SECONDS, shortest))
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return

    async def _is_due(self) -> bool:
        try:
            return self._feeds.seconds_until_due() <= 0 or await self._feeds.look_ahead() <= 0
        except StoreUnavailable:
            return True  # the claim will say so

    async def is_full(self) -> bool:
        """Backpressure: with too many entries waiting no feed is claimed; nothing is dropped, the feeds stay due."""
        try:
            waiting, later, fill = await upkeep.pressure(self._connection)
        except StoreUnavailable:
            return False  # the claim will say so
        poll, memory = self.settings, self.memory_fill
        full = waiting > poll.backlog_limit or later > poll.later_limit or max(fill, memory) > upkeep.HELD_BACK
        if full != self._held_back:
            self._held_back = full
            what = "poll.held_back" if full else "poll.released"
            self.log.warning(
                what,
                entries_waiting=waiting,
                limit=poll.backlog_limit,
                waiting_for_later=later,
                later_limit=poll.later_limit,
                stream_fill=round(fill, 3),
                memory_fill=round(memory, 3),
            )
        return full
