"""Reads the desk's data from the store: newest stream entries, an article with its events, feeds, counters."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from ... import clock
from ...contract.article import Article
from ...contract.envelope import Envelope, MalformedEnvelope, parse
from ...contract.event import Event
from ...ingest.quality import as_row
from ...store.entries import rows
from ...store.feeds import Feeds
from ...store.groups import forwarders
from ...store.publishers import Publisher, Publishers
from ...store.records import unpacked
from ...store.redis import Connection
from ...store.upkeep import fill, groups, notices, stats
from ...store.workers import workers
from ...topology import name_stream
from .alarms import alarms
from .rows import Row, article_view, feed_view, letter_view, row_of

#: Most events of one article that the reading pane shows; a long report has about thirty.
MAX_EVENTS = 400
#: Most dead letters, and most notices, in one response.
MAX_TROUBLE = 50
#: Publishers read, most recently seen first, and publishers shown.
_MOST_PUBLISHERS = 2_000
_SHOWN_PUBLISHERS = 200
_SOURCES_CACHE_SECONDS = 30.0
_HEALTH_ORDER = {"failing": 0, "waiting": 1, "well": 2, "paused": 3}


class StreamDesk:
    """The desk's data (`dateline.serve.desk.api.Desk`) from the store.

    Args:
        feed_cache_seconds: Shortest age at which the feed list is read again; a read that takes longer lasts longer, so
            that at most a hundredth of the time is spent on it.
        poll_seconds: How often `follow` looks for new entries while somebody watches.
        ready: Returns why this worker is not ready, None where it is. Without it there is no such alarm.
    """

    def __init__(
        self, connection: Connection, feeds: Feeds, *, feed_cache_seconds: float = 5.0, poll_seconds: float = 0.4,
        ready: Callable[[], Awaitable[str | None]] | None = None,
    ) -> None:  # fmt: skip
        self._ready = ready
        self._connection = connection
        self._feeds = feeds
        self._feed_cache_seconds = feed_cache_seconds
        self._poll_seconds = poll_seconds
        self._feed_rows: list[Row] = []
        self._feed_rows_until = 0.0
        self._feed_lock = asyncio.Lock()
        self._source_rows: list[Row] = []
        self._source_rows_until = 0.0
        self._source_lock = asyncio.Lock()

    async def recent(self, limit: int) -> list[Row]:
        """Return the newest ``limit`` stream entries of all partitions, newest first."""
        commands = [("XREVRANGE", keys.events, "+", "-", "COUNT", limit) for keys in self._connection.keys]
        found = [pair for answer in await self._connection.pipeline(commands) for pair in rows(answer)]
        found.sort(key=lambda pair: _order(pair[0]), reverse=True)
        shown: list[Row] = []
        for number, (_, fields) in enumerate(found[:limit]):
            if envelope := _envelope(fields):
                shown.append(row_of(envelope))
            if number % 50 == 49:
                await asyncio.sleep(0)  # Let the daemon's other tasks run.
        return shown

    async def article(self, article: str) -> Row | None:
        """Return the newest revision of an article with its events; None where it is no longer on the stream."""
        partition = self._connection.partition_of(article)
        keys = self._connection.keys[partition]
        record = unpacked(await self._connection.call("GET", keys.article(article)) or b"", article)
        if record is None or not record.stream_id:
            return None
        moved_from, _, stream_id = record.stream_id.rpartition("/")  # the partition it was in when that was published
        stream = name_stream(keys.prefix, int(moved_from or partition))
        answer = await self._connection.call("XRANGE", stream, stream_id, "+", "COUNT", MAX_EVENTS)
        shown: Article | None = None
        events: list[Event] = []
        for _, fields in rows(answer):
            envelope = _envelope(fields)
            if envelope is None or envelope.subject.partition("/")[0] != article:
                break  # A publication is appended in one step: what follows belongs to another article.
            content = _record(envelope)
            if isinstance(content, Article):
                if shown is not None:
                    break
                shown = content
            elif isinstance(content, Event):
                events.append(content)
        return article_view(shown, events) if shown else None

    async def feeds(self) -> list[Row]:
        """Return every feed with its health, those that need attention first."""
        async with self._feed_lock:
            now = clock.now().timestamp()
            if now >= self._feed_rows_until:
                found = [feed_view(feed, now) async for feed in self._feeds.shown()]
                found.sort(key=lambda row: (_HEALTH_ORDER[row["health"]], row["group"], row["title"]))
                took = clock.now().timestamp() - now
                self._feed_rows, self._feed_rows_until = found, now + max(self._feed_cache_seconds, 100 * took)
            return self._feed_rows

    async def sources(self) -> list[Row]:
        """Return the extraction quality of publishers, degraded ones first, then by number of pages."""
        async with self._source_lock:
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

    async def trouble(self) -> Row:
        """Return the newest dead letters and operational notices, newest first."""
        commands = [("XREVRANGE", keys.dead, "+", "-", "COUNT", MAX_TROUBLE) for keys in self._connection.keys]
        letters = [
            letter_view(f"{partition}/{mid}", fields)
            for partition, answer in enumerate(await self._connection.pipeline(commands))
            for mid, fields in rows(answer)
        ]
        letters.sort(key=lambda row: row["time"], reverse=True)
        recent_notices = [
            {"type": row.get("type", ""), "subject": row.get("subject", ""), "time": row.get("time", ""),
             "data": json.loads(row.get("data") or "{}")}
            for row in await notices(self._connection, MAX_TROUBLE)
        ]  # fmt: skip
        return {"letters": letters[:MAX_TROUBLE], "notices": recent_notices}

    async def stats(self) -> Row:
        """Return counters since the store began, present sizes, and alarms."""
        keys = self._connection.keys
        sizes = [("XLEN", k.events) for k in keys] + [("XLEN", k.entries) for k in keys]
        sizes += [("ZCARD", k.later) for k in keys] + [("XLEN", k.dead) for k in keys]
        answers: list[int] = await self._connection.pipeline(sizes)
        n = len(keys)
        found = {
            "at": clock.now().timestamp(),
            "counters": await stats(self._connection),
            "stream": sum(answers[:n]),
            "stream_fill": await fill(self._connection),
            "backlog": sum(answers[n : 2 * n]),
            "later": sum(answers[2 * n : 3 * n]),
            "dead": sum(answers[3 * n :]),
            "feeds": await self._feeds.count(),
            "groups": [group for partition in range(n) for group in await groups(self._connection, partition)],
            "forwarders": [dataclasses.asdict(one) for one in (await forwarders(self._connection)).values()],
            "workers": [
                dataclasses.asdict(worker) | {"there": worker.there} for worker in await workers(self._connection)
            ],
        }
        missing = await self._ready() if self._ready else None
        return found | {"alarms": alarms(found, await self.feeds(), missing)}

    async def follow(self) -> AsyncGenerator[list[Row], None]:
        """Yield new stream entries as they are appended, in small lists; empty lists while none come. Never ends by itself.

        Raises StoreUnavailable.
        """
        last: list[str] = []
        for keys in self._connection.keys:
            newest = rows(await self._connection.call("XREVRANGE", keys.events, "+", "-", "COUNT", 1))
            last.append(newest[0][0] if newest else "0-0")
        while True:
            fresh: list[Row] = []
            for partition, keys in enumerate(self._connection.keys):
                answer = await self._connection.call("XRANGE", keys.events, f"({last[partition]}", "+", "COUNT", 100)
                for stream_id, fields in rows(answer):
                    last[partition] = stream_id
                    if envelope := _envelope(fields):
                        fresh.append(row_of(envelope))
            yield fresh
            await asyncio.sleep(self._poll_seconds)


def _envelope(fields: dict[bytes, bytes]) -> Envelope | None:
    """Return a stream entry; None where it is not one of ours."""
    try:
        return parse(fields)
    except MalformedEnvelope:
        return None


def _record(envelope: Envelope) -> Any:
    try:
        return envelope.record()
    except MalformedEnvelope:
        return None


def _order(stream_id: str) -> tuple[int, int]:
    ms, _, n = stream_id.partition("-")
    return int(ms), int(n)
