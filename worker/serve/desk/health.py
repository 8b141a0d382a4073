"""Reads how the worker is: feeds and their polls, publishers, groups and forwarders, memory, queues, the index."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ... import clock
from ...errors import StoreUnavailable
from ...index.database import Database, IndexUnavailable, index_bytes, scalar
from ...index.polls import SeenPoll, read_bars, write_polls
from ...index.write import get_meta
from ...ingest.quality import as_row
from ...store.entries import rows
from ...store.feed_state import FeedState
from ...store.feeds import Feeds
from ...store.publishers import Publisher, Publishers
from ...store.redis import Connection
from ...telemetry import get_logger
from ..state import read_state
from .alarms import alarms
from .rows import Row, feed_view

#: Publishers read, most recently seen first, and publishers shown.
_MOST_PUBLISHERS, _SHOWN_PUBLISHERS = 2_000, 200
_SOURCES_CACHE_SECONDS = 30.0
_ORDER = {"failing": 0, "slowed": 1, "waiting": 2, "well": 3, "paused": 4}

log = get_logger("desk")


class Health:
    """The worker's state for the health page and the alarms.

    Args:
        ready: Returns why this worker is not ready, None where it is; without it there is no such alarm.
        sample_seconds: How often feeds are read for their bars; a read that takes longer is repeated less often, so that at
            most a hundredth of the time is spent on it.
    """

    def __init__(
        self, connection: Connection, database: Database, *,
        ready: Callable[[], Awaitable[str | None]] | None = None, sample_seconds: float = 15.0,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._database = database
        self._feeds_table = Feeds(connection, 60.0)
        self._ready = ready
        self._sample_seconds = sample_seconds
        self._polls: dict[str, tuple[int, int]] = {}
        self._feeds: list[Row] = []
        self._feeds_until = 0.0
        self._lock = asyncio.Lock()
        self._source_rows: list[Row] = []
        self._source_rows_until = 0.0

    async def run(self) -> None:
        """Sample the feeds until cancelled, so that their bars have no holes while nobody looks."""
        while True:
            try:
                await self.feeds()
            except (StoreUnavailable, IndexUnavailable) as error:
                log.debug("desk.sample_missed", error=error)
            await asyncio.sleep(max(1.0, self._feeds_until - clock.now().timestamp()))

    async def feeds(self) -> list[Row]:
        """Return every feed with its health and bars, those that need attention first."""
        async with self._lock:
            now = clock.now().timestamp()
            if now >= self._feeds_until:
                states = [state async for state in self._feeds_table.shown()]
                await self._note_polls(states, int(now * 1000))
                bars = await self._database.read(lambda connection: read_bars(connection, int(now * 1000)))
                found = [feed_view(state, now) | {"bars": bars.get(state.feed)} for state in states]
                found.sort(key=lambda row: (_ORDER[row["health"]], row["group"], row["title"]))
                took = clock.now().timestamp() - now
                self._feeds, self._feeds_until = found, now + max(self._sample_seconds, 100 * took)
            return self._feeds

    async def _note_polls(self, states: list[FeedState], at: int) -> None:
        """Write down the feeds that were polled since the last look."""
        fresh = []
        for state in states:
            polls, new = state.numbers.get("polls", 0), state.numbers.get("new", 0)
            before = self._polls.get(state.feed)
            self._polls[state.feed] = (polls, new)
            if polls and (before is None or polls > before[0]):
                view = feed_view(state, at / 1000)
                entries = max(0, new - before[1]) if before else 0
                outcome = {"failing": "failed", "slowed": "slow_down"}.get(
                    view["health"], "new" if entries else "unchanged"
                )
                when = view["last_at"] if before is None and not state.error else at
                fresh.append(SeenPoll(state.feed, when or at, outcome, view["trouble"] or "", entries))
        if fresh:
            await self._database.write(lambda connection: write_polls(connection, fresh))

    async def sources(self) -> list[Row]:
        """Return the extraction quality of publishers, degraded ones first, then by number of pages."""
        now = clock.now().timestamp()
        if now >= self._source_rows_until:
            found: list[Publisher] = []
            async for known in Publishers(self._connection).all():
                found.append(known)
                if len(found) >= _MOST_PUBLISHERS:
                    break
            found.sort(key=lambda known: (not known.bad, -known.seen))
            self._source_rows = [dict(as_row(known)) for known in found[:_SHOWN_PUBLISHERS]]
            self._source_rows_until = now + _SOURCES_CACHE_SECONDS
        return self._source_rows

    async def state(self) -> Row:
        """Return counters, sizes, groups, workers, memory, the index's own figures, and alarms."""
        found = await read_state(self._connection) | {
            "index": await self._index(),
            "missing": await self._ready() if self._ready else None,
            "feeds": await self.feeds(),
        }
        return found | {"alarms": alarms(found), "feeds": len(self._feeds)}

    async def _index(self) -> Row:
        """Return the index's size and how far it is behind the stream."""

        def look(connection: Any) -> Row:
            return {
                "bytes": index_bytes(connection),
                "articles": scalar(connection, "SELECT count(*) FROM article"),
                "events": scalar(connection, "SELECT count(*) FROM event"),
                "oldest": scalar(connection, "SELECT min(arrived) FROM article"),
                "missing": int(get_meta(connection, "missing") or 0),
                "seqs": dict(connection.execute("SELECT stream, seq FROM cursor")),
            }

        found = await self._database.read(look)
        seqs, behind = found.pop("seqs"), 0
        streams = [keys.events for keys in self._connection.keys]
        answers = await self._connection.pipeline([("XREVRANGE", stream, "+", "-", "COUNT", 1) for stream in streams])
        for stream, answer in zip(streams, answers, strict=True):
            for _, fields in rows(answer):
                behind += max(0, int(fields.get(b"seq", b"0")) - seqs.get(stream, 0))
        return found | {"behind": behind}
