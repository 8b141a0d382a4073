"""Reads how the worker is: feeds and their polls, groups and forwarders, memory, queues, what was set aside."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from ... import clock
from ...errors import StoreUnavailable
from ...index.database import Database, IndexUnavailable, index_bytes, scalar
from ...index.polls import SeenPoll, read_bars, write_polls
from ...index.write import get_meta
from ...ingest.quality import as_row
from ...store.dead_letters import DeadLetter, DeadLetters
from ...store.entries import rows
from ...store.feed_state import FeedState
from ...store.feeds import Feeds
from ...store.groups import forwarders
from ...store.publishers import Publisher, Publishers
from ...store.redis import Connection
from ...store.upkeep import fill, groups, notices, stats
from ...store.workers import workers
from ...telemetry import get_logger
from .alarms import alarms
from .rows import Row, clean, feed_view, letter_view

#: Most dead letters, and most notices, in one answer; most dead letters requeued by one request.
MAX_TROUBLE, MAX_REQUEUED = 50, 1_000
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

    async def trouble(self) -> Row:
        """Return how much is set aside, the newest dead letters and operational notices, newest first."""
        commands = [("XREVRANGE", keys.dead, "+", "-", "COUNT", MAX_TROUBLE) for keys in self._connection.keys]
        letters = [
            letter_view(f"{partition}/{mid}", fields)
            for partition, answer in enumerate(await self._connection.pipeline(commands))
            for mid, fields in rows(answer)
        ]
        letters.sort(key=lambda row: -row["at"])
        recent_notices = [
            {"type": row.get("type", ""), "subject": row.get("subject", ""), "time": row.get("time", ""),
             "data": json.loads(row.get("data") or "{}")}
            for row in await notices(self._connection, MAX_TROUBLE)
        ]  # fmt: skip
        return {"letters": letters[:MAX_TROUBLE], "notices": recent_notices}

    async def requeue(self, ids: Collection[str], code: str | None) -> int:
        """Put dead letters back into the queue: those with these ids, or the oldest with this code; gives how many."""
        table = DeadLetters(self._connection)
        chosen: list[DeadLetter] = []
        async for letter in table.all():
            if letter.id in ids or (code is not None and letter.fields.get("code") == code):
                chosen.append(letter)
                if len(chosen) >= MAX_REQUEUED:
                    break
        return await table.requeue(chosen)

    async def state(self) -> Row:
        """Return counters, sizes, groups, workers, memory, the index's own figures, and alarms."""
        keys = self._connection.keys
        sizes = [("XLEN", k.events) for k in keys] + [("XLEN", k.entries) for k in keys]
        sizes += [("ZCARD", k.later) for k in keys] + [("XLEN", k.dead) for k in keys]
        answers: list[int] = await self._connection.pipeline(sizes)
        n = len(keys)
        found = {
            "at": round(clock.now().timestamp() * 1000),
            "counters": await stats(self._connection),
            "stream": sum(answers[:n]),
            "stream_limit": self._connection.settings.stream_limit * n,
            "stream_fill": await fill(self._connection),
            "backlog": sum(answers[n : 2 * n]),
            "later": sum(answers[2 * n : 3 * n]),
            "dead": sum(answers[3 * n :]),
            "groups": await self._groups(),
            "workers": [
                dataclasses.asdict(worker) | {"there": worker.there} for worker in await workers(self._connection)
            ],
            "memory": await self._memory(),
            "index": await self._index(),
            "missing": await self._ready() if self._ready else None,
            "feeds": await self.feeds(),
        }
        return found | {"alarms": alarms(found), "feeds": len(self._feeds)}

    async def _groups(self) -> list[Row]:
        """Return every consumer group over all partitions, with how old its oldest unread entry is."""
        found: dict[str, Row] = {}
        known = await forwarders(self._connection)
        now = clock.now().timestamp() * 1000
        for partition, keys in enumerate(self._connection.keys):
            for group in await groups(self._connection, partition):
                unread = await self._connection.call(
                    "XRANGE", keys.events, f"({group['last_delivered']}", "+", "COUNT", 1
                )
                oldest = group["oldest_pending"] or (rows(unread)[0][0] if unread else None)
                late = max(0.0, now - int(oldest.partition("-")[0])) / 1000 if oldest else 0.0
                state = known.get(group["name"])
                row = found.setdefault(
                    group["name"],
                    {"name": group["name"], "is_forwarder": state is not None, "consumers": 0, "pending": 0, "lag": 0,
                     "late_seconds": 0.0, "target": f"{state.kind} {state.target}".strip() if state else None,
                     "failing_seconds": now / 1000 - state.failing_since if state and state.failing_since else None,
                     "trouble": clean(state.reason) if state and state.failing_since else None},
                )  # fmt: skip
                row["consumers"] = max(row["consumers"], group["consumers"])
                row["pending"] += group["pending"]
                row["lag"] = None if group["lag"] is None or row["lag"] is None else row["lag"] + group["lag"]
                row["late_seconds"] = max(row["late_seconds"], late)
        return sorted(found.values(), key=lambda row: -row["late_seconds"])

    async def _memory(self) -> Row:
        """Return the memory of the fullest Redis server: ``{used, limit, share}``; share None where it has no limit."""
        used = limit = 0
        share: float | None = None
        for _, answers in await self._connection.at_primaries([("INFO", "memory")]):
            info = _info(answers[0])
            used += info["used_memory"]
            limit += info["maxmemory"]
            if info["maxmemory"]:
                share = max(share or 0.0, info["used_memory"] / info["maxmemory"])
        return {"used": used, "limit": limit or None, "share": share}

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


def _info(answer: Any) -> dict[str, int]:
    """Return the numbers of ``INFO memory``, which redis-py may have parsed already."""
    if isinstance(answer, dict):
        text = {str(name): value for name, value in answer.items()}
    else:
        lines = (answer.decode() if isinstance(answer, bytes) else str(answer)).splitlines()
        text = dict(line.split(":", 1) for line in lines if ":" in line)
    return {name: int(text.get(name, 0)) for name in ("used_memory", "maxmemory")}
