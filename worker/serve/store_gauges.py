"""Fills the gauges of what all workers share in Redis, each time that ``/metrics`` is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from ..errors import StoreUnavailable
from ..store import upkeep
from ..store.checks import info_fields
from ..store.dead_letters import DeadLetters
from ..store.entries import rows
from ..store.feeds import Feeds
from ..store.redis import Connection
from ..store.workers import workers
from ..telemetry import Metrics

#: Longest wait for Redis in one request: what Prometheus waits by default is 10 s.
ANSWER_SECONDS = 4.0
#: Figures younger than this are shown again, so that several scrapers cost as much as one.
FRESH_SECONDS = 5.0


class StoreGauges:
    """Reads the store's figures into the metrics, at most once in `FRESH_SECONDS`.

    A read of very many feeds takes long; the next one then waits a hundred times as long, so that at most a hundredth of
    the time is spent on it.
    """

    def __init__(self, connection: Connection, feeds: Feeds, metrics: Metrics) -> None:
        self._connection = connection
        self._feeds = feeds
        self._metrics = metrics
        self._lock = asyncio.Lock()
        self._fresh_until = 0.0
        self._feeds_fresh_until = 0.0

    async def refresh(self) -> None:
        """Fill the gauges. Where Redis does not answer, `dateline_redis_up` is 0 and the others keep their values."""
        async with self._lock:
            if time.monotonic() < self._fresh_until:
                return
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._read_servers()
                    await self._read_stream()
                self._metrics.redis_up.set(1)
                self._fresh_until = time.monotonic() + FRESH_SECONDS
                await self._read_feeds()
            except (StoreUnavailable, TimeoutError):
                self._metrics.redis_up.set(0)

    async def _read_servers(self) -> None:
        figures = []
        for where, (answer,) in await self._connection.at_primaries([("INFO", "memory")]):
            info = info_fields(answer)
            figures.append((where, int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))))
        self._metrics.show_servers(figures)

    async def _read_stream(self) -> None:
        connection = self._connection
        now = await upkeep.server_time(connection)
        newest: list[float] = [0.0]
        groups: dict[str, tuple[int, int, float]] = {}
        for partition, keys in enumerate(connection.keys):
            last = rows(await connection.call("XREVRANGE", keys.events, "+", "-", "COUNT", 1))
            newest += [_seconds(mid) for mid, _ in last]
            for group in await upkeep.groups(connection, partition):
                since = await self._unread_since(keys.events, group["oldest_pending"], group["last_delivered"])
                lag, pending, age = groups.get(group["name"], (0, 0, 0.0))
                groups[group["name"]] = (
                    lag + group["lag"],
                    pending + group["pending"],
                    max(age, now - since if since else 0.0),
                )
        lengths: Sequence[int] = await connection.pipeline([("XLEN", keys.events) for keys in connection.keys])
        self._metrics.stream_entries.set(sum(lengths))
        self._metrics.stream_fill.set(max(lengths) / connection.settings.stream_limit)
        self._metrics.stream_newest.set(max(newest))
        self._metrics.show_groups((name, *figures) for name, figures in groups.items())
        self._metrics.dead_letters.set(await DeadLetters(connection).count())
        self._metrics.workers.set(sum(worker.there for worker in await workers(connection)))

    async def _unread_since(self, stream: str, oldest_pending: str | None, last_delivered: str) -> float | None:
        """Return when the oldest entry was appended that a group has not acknowledged; None where it has all."""
        if oldest_pending:
            return _seconds(oldest_pending)
        following = rows(await self._connection.call("XRANGE", stream, f"({last_delivered}", "+", "COUNT", 1))
        return _seconds(following[0][0]) if following else None

    async def _read_feeds(self) -> None:
        if time.monotonic() < self._feeds_fresh_until:
            return
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):  # of very many feeds: the last figures stay
            async with asyncio.timeout(ANSWER_SECONDS):
                self._metrics.show_feeds(await self._feeds.count_by_health())
        took = time.monotonic() - began
        self._feeds_fresh_until = time.monotonic() + 100 * took


def _seconds(stream_id: str) -> float:
    return int(stream_id.partition("-")[0]) / 1000
