"""The desk's view of the store: the newest stream entries, one article with its events, the feeds, the counters."""

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
from ...store.feeds import Feeds, FeedState
from ...store.publishers import Publisher, Publishers
from ...store.records import unpacked
from ...store.redis import Connection
from ...store.upkeep import fill, groups, notices, stats
from ...store.workers import workers
from .alarms import alarms
from .rows import Row, article_view, feed_view, letter_view, row_of

#: Most events of one article that the reading pane shows; a long report has about thirty.
MAX_EVENTS = 400
#: Most of each kind in the list of what was set aside and of notices.
MAX_TROUBLE = 50
#: What the desk reads of a feed. Not all: its memory of entries may be a hundred times as long as the rest.
_FEED_FIELDS = (
    "url", "title", "group", "status", "error", "reason", "mode", "next", "paused", "n:polls", "n:new", "n:entries",
)  # fmt: skip
#: Publishers looked through, those seen last; and shown of them.
_MOST_PUBLISHERS = 2_000
_SHOWN_PUBLISHERS = 200
_SOURCES_CACHE_SECONDS = 30.0
_HEALTH_ORDER = {"failing": 0, "waiting": 1, "well": 2, "paused": 3}


class StreamDesk:
    """A `dateline.serve.desk.api.Desk` on the store.

    Args:
        feed_cache_seconds: The feed list is read again after this, and later the longer a reading took: never more than a
            hundredth of the time goes into it.
        poll_seconds: How often `follow` looks for new entries while somebody watches.
        ready: What keeps this worker from being ready, None where it is; without it nothing is said of that.
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
        """The newest ``limit`` stream entries over all partitions, newest first."""
        commands = [("XREVRANGE", keys.events, "+", "-", "COUNT", limit) for keys in self._connection.keys]
        found = [pair for answer in await self._connection.pipeline(commands) for pair in rows(answer)]
        found.sort(key=lambda pair: _order(pair[0]), reverse=True)
        shown: list[Row] = []
        for number, (_, fields) in enumerate(found[:limit]):
            if envelope := _envelope(fields):
                shown.append(row_of(envelope))
            if number % 50 == 49:
                await asyncio.sleep(0)  # The daemon's loop has other things to do than to fill a page.
        return shown

    async def article(self, article: str) -> Row | None:
        """The newest revision of an article with its events; None where the stream has it no more."""
        partition = self._connection.partition_of(article)
        keys = self._connection.keys[partition]
        record = unpacked(await self._connection.call("GET", keys.article(article)) or b"")
        if record is None or not record.stream_id:
            return None
        answer = await self._connection.call("XRANGE", keys.events, record.stream_id, "+", "COUNT", MAX_EVENTS)
        shown: Article | None = None
        events: list[Event] = []
        for _, fields in rows(answer):
            envelope = _envelope(fields)
            if envelope is None or envelope.subject.partition("/")[0] != article:
                break  # One publication is appended in one step: what follows is another article's.
            content = _record(envelope)
            if isinstance(content, Article):
                if shown is not None:
                    break
                shown = content
            elif isinstance(content, Event):
                events.append(content)
        return article_view(shown, events) if shown else None

    async def feeds(self) -> list[Row]:
        """Every feed with its health, those that need a person first."""
        async with self._feed_lock:
            now = clock.now().timestamp()
            if now >= self._feed_rows_until:
                found = [feed_view(feed, now) async for feed in self._all_feeds()]
                found.sort(key=lambda row: (_HEALTH_ORDER[row["health"]], row["group"], row["title"]))
                took = clock.now().timestamp() - now
                self._feed_rows, self._feed_rows_until = found, now + max(self._feed_cache_seconds, 100 * took)
            return self._feed_rows

    async def _all_feeds(self) -> AsyncGenerator[FeedState, None]:
        """The state of every feed as far as the desk shows it, a hundred a round trip, so that the loop breathes."""
        ids = list(await self._feeds.ids())
        for start in range(0, len(ids), 100):
            part = ids[start : start + 100]
            keys = [self._connection.keys[self._connection.partition_of(feed)].feed(feed) for feed in part]
            answers = await self._connection.pipeline([("HMGET", key, *_FEED_FIELDS) for key in keys])
            for feed, values in zip(part, answers, strict=True):
                text = {
                    name: value.decode("utf-8", "replace")
                    for name, value in zip(_FEED_FIELDS, values, strict=True)
                    if value is not None
                }
                if "url" in text:
                    yield _feed_state(feed, text)

    async def sources(self) -> list[Row]:
        """How well publishers' pages are read, the degraded first, then those with most pages."""
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
        """The newest entries that were set aside, and the newest operational notices, newest first."""
        commands = [("XREVRANGE", keys.dead, "+", "-", "COUNT", MAX_TROUBLE) for keys in self._connection.keys]
        letters = [
            letter_view(f"{partition}/{mid}", fields)
            for partition, answer in enumerate(await self._connection.pipeline(commands))
            for mid, fields in rows(answer)
        ]
        letters.sort(key=lambda row: row["time"], reverse=True)
        told = [
            {"type": row.get("type", ""), "subject": row.get("subject", ""), "time": row.get("time", ""),
             "data": json.loads(row.get("data") or "{}")}
            for row in await notices(self._connection, MAX_TROUBLE)
        ]  # fmt: skip
        return {"letters": letters[:MAX_TROUBLE], "notices": told}

    async def stats(self) -> Row:
        """Counters since the store began, how full everything is now, and what is wrong in words."""
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
            "workers": [
                dataclasses.asdict(worker) | {"there": worker.there} for worker in await workers(self._connection)
            ],
        }
        missing = await self._ready() if self._ready else None
        return found | {"alarms": alarms(found, await self.feeds(), missing)}

    async def follow(self) -> AsyncGenerator[list[Row], None]:
        """New stream entries as they are appended, in small lists; empty ones while nothing comes. Never ends by itself.

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


def _feed_state(feed: str, text: dict[str, str]) -> FeedState:
    return FeedState(
        feed,
        url=text["url"],
        title=text.get("title", ""),
        group=text.get("group", ""),
        status=text.get("status", ""),
        error=text.get("error", ""),
        reason=text.get("reason", ""),
        mode=text.get("mode", "guid"),
        next_at=float(text.get("next", "0")) / 1000,
        paused=text.get("paused") == "1",
        numbers={name[2:]: int(value) for name, value in text.items() if name.startswith("n:")},
    )


def _envelope(fields: dict[bytes, bytes]) -> Envelope | None:
    """A stream entry; None for one that is not ours, which the desk passes over."""
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
