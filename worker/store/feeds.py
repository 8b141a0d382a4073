"""The feeds: who is to be polled, when, and what is known of each. Claimed by lease, committed by script."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from .batch import PollStep
from .entries import hashed_owner
from .feed_state import (
    ADDRESS,
    LISTED,
    SHOWN_FIELDS,
    FeedState,
    address_of,
    shown_state,
    state_of,
    stored_address,
    stored_fields,
)
from .redis import Connection
from .rotation import Rotation

#: Feeds in one script call, which Redis is busy with for 2 ms, and calls under way at a time.
ADDED_AT_ONCE, CALLS_AT_ONCE = 250, 8


class NewFeed(msgspec.Struct, frozen=True, gc=False):
    """A feed to add. ``origin``: file (feeds.toml lists it) or added (by command).

    A daemon with a long list holds very many for a moment: without values of their own they share the empty mapping.
    """

    feed: str
    url: str
    title: str = ""
    group: str = ""
    overrides: Mapping[str, Any] = MappingProxyType({})
    origin: str = "added"
    due_at: float = 0.0


def _pairs(flat: Sequence[bytes] | Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    return flat if isinstance(flat, Mapping) else dict(zip(flat[::2], flat[1::2], strict=True))


class Feeds:
    """The due set and the state of every feed."""

    def __init__(self, connection: Connection, lease_seconds: float) -> None:
        self._connection = connection
        self.lease_seconds = lease_seconds
        self._commit = PollStep(connection, "commit_feeds")
        self._claiming = Rotation(len(connection.keys))
        self._next_due: dict[int, float] = {}  # partition to when its next feed is due, by the monotonic clock

    def _keys(self, feed: str) -> Any:
        return self._connection.keys[self._connection.partition_of(feed)]

    async def add(self, rows: Sequence[NewFeed]) -> int:
        """Add feeds as `put` does; gives how many are new."""
        return (await self.put(rows))[0]

    async def put(self, rows: Sequence[NewFeed]) -> tuple[int, int]:
        """Add feeds, or bring what the operator said of known ones up to date; gives how many are new, how many resumed.

        A feed that was paused because its file dropped it is resumed; one paused by hand stays so.
        """
        tally: Counter[int] = Counter()
        parts: list[list[Any]] = [[] for _ in self._connection.keys]
        under_way: set[asyncio.Task[Any]] = set()

        async def send(partition: int, wanted: int) -> None:
            if parts[partition]:
                items, parts[partition] = parts[partition], []
                under_way.add(asyncio.create_task(self._connection.script("add_feeds", items, partition)))
            while len(under_way) > wanted:
                done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    under_way.discard(task)
                    tally.update(task.result())

        try:
            for row in rows:
                overrides = json.dumps(dict(row.overrides), sort_keys=True) if row.overrides else ""
                origin = "" if row.origin == LISTED else row.origin
                address = stored_address(row.url)
                item = (row.feed, address, row.group, origin, overrides, row.title, int(row.due_at * 1000))
                partition = self._connection.partition_of(row.feed)
                parts[partition].append(item)
                if len(parts[partition]) == ADDED_AT_ONCE:
                    await send(partition, CALLS_AT_ONCE - 1)
            for partition in range(len(parts)):
                await send(partition, CALLS_AT_ONCE - 1)
            await send(0, 0)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        return tally[1], tally[2]

    async def take_over(self, old: FeedState, feed: str) -> None:
        """Give a feed under a new address what it showed under the old one."""
        kept = _without_empty(stored_fields(_remembered(old, feed, scope=old.scope or old.feed)))
        await self._connection.call("HSET", self._keys(feed).feed(feed), *kept)

    async def remove(self, feed: str) -> bool:
        """Remove a feed. What it showed is kept as long as the ledger keeps articles: added again, it brings nothing old."""
        keys = self._keys(feed)
        state = await self.get(feed)
        if state is not None and state.memory:
            kept = f"{keys.base}fx:{feed}"
            age = int(self._connection.settings.memory_days * 86400)
            fields = _without_empty(stored_fields(_remembered(state, feed, scope=state.scope)))
            await self._connection.pipeline([("HSET", kept, *fields), ("EXPIRE", kept, age)])
        answers = await self._connection.pipeline([("ZREM", keys.due, feed), ("DEL", keys.feed(feed))])
        return bool(answers[0])

    async def pause(self, feed: str, paused: bool, *, dropped: bool = False) -> None:
        """Stop or resume polling one feed; its state is kept. ``dropped``: because its file no longer lists it."""
        item = [feed, int(paused), int(dropped)]
        await self._connection.script("pause_feed", item, self._connection.partition_of(feed))

    async def moved(self, feed: str, url: str) -> None:
        """Adopt a feed's new address; its id and memory stay."""
        await self._connection.call("HSET", self._keys(feed).feed(feed), *stored_address(url, instead=True))

    async def poll_now(self, feed: str) -> None:
        """Make a feed due at once."""
        await self._connection.call("ZADD", self._keys(feed).due, "XX", 0, feed)

    async def pages(self) -> AsyncIterator[list[tuple[str, float]]]:
        """Every feed id with its place in the due set (ms), some 2,000 at a time; one that is added or removed meanwhile may be
        missing, and one may come twice."""
        for keys in self._connection.keys:
            cursor: Any = 0
            while True:
                cursor, flat = await self._connection.call("ZSCAN", keys.due, cursor, "COUNT", 2000)
                yield [(name.decode(), float(due)) for name, due in zip(flat[::2], flat[1::2], strict=True)]
                if int(cursor) == 0:
                    break

    async def ids(self) -> dict[str, str]:
        """Every feed id with its address."""
        found: dict[str, str] = {}
        async for part in self.pages():
            rows = await self._connection.pipeline(
                [("HMGET", self._keys(feed).feed(feed), *ADDRESS) for feed, _ in part]
            )
            found |= {feed: address_of(row) for (feed, _), row in zip(part, rows, strict=True)}
        return found

    async def _dues(self) -> list[tuple[str, float]]:
        """Every feed id once, with its place in the due set (ms)."""
        found: dict[str, float] = {}
        async for part in self.pages():
            found.update(part)
        return list(found.items())

    async def get(self, feed: str) -> FeedState | None:
        """One feed's state."""
        keys = self._keys(feed)
        due, row = await self._connection.pipeline([("ZSCORE", keys.due, feed), ("HGETALL", keys.feed(feed))])
        return None if due is None else state_of(feed, _pairs(row), due_ms=float(due))

    async def all(self) -> AsyncIterator[FeedState]:
        """Every feed's state, in no order, a few hundred a round trip."""
        ids = await self._dues()
        for start in range(0, len(ids), 300):
            part = ids[start : start + 300]
            rows = await self._connection.pipeline([("HGETALL", self._keys(feed).feed(feed)) for feed, _ in part])
            for (feed, due), row in zip(part, rows, strict=True):
                if row:  # else it was removed meanwhile
                    yield state_of(feed, _pairs(row), due_ms=due)

    async def origins(self, ids: Sequence[str]) -> AsyncIterator[tuple[str, str, str, bool, bool]]:
        """Of each feed its id, its address, its origin, whether it is paused, and whether it has shown anything."""
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            asked = [("HMGET", self._keys(feed).feed(feed), "o", "paused", "m", *ADDRESS) for feed in part]
            rows = await self._connection.pipeline(asked)
            for feed, (origin, paused, memory, *address) in zip(part, rows, strict=True):
                yield feed, address_of(address), (origin or b"").decode() or LISTED, paused == b"1", memory is not None

    async def shown(self) -> AsyncIterator[FeedState]:
        """Every feed's state as far as people look at it: without the names that it showed, which may be long."""
        ids = await self._dues()
        for start in range(0, len(ids), 200):
            part = ids[start : start + 200]
            rows = await self._connection.pipeline(
                [("HMGET", self._keys(feed).feed(feed), *SHOWN_FIELDS) for feed, _ in part]
            )
            for (feed, due), row in zip(part, rows, strict=True):
                yield shown_state(feed, row, due)

    async def claim(
        self, most: int, token: str, *, most_waiting: int = 1 << 30, most_waiting_bytes: int = 1 << 40
    ) -> list[FeedState]:
        """Take due feeds of all partitions, in turn, for one lease; ``token`` must be new for every call.

        Feeds of which so many entries wait, or entries of so many bytes, are left for five minutes, with the reason.
        """

        async def look(partitions: Sequence[int], most_each: int) -> list[FeedState | Exception]:
            found: list[FeedState | Exception] = []
            items = [most_each, int(self.lease_seconds * 1000), token, most_waiting, most_waiting_bytes]
            answers = await self._connection.scripts("claim_feeds", items, partitions)
            for partition, answer in zip(partitions, answers, strict=True):
                if isinstance(answer, Exception):
                    found.append(answer)
                    self._next_due.pop(partition, None)
                else:
                    rows, next_ms = answer
                    self._next_due[partition] = time.monotonic() + float(next_ms) / 1000 if next_ms else math.inf
                    found += [_claimed(row, token) for row in rows]
            return found

        return await self._claiming.collect(most, look)

    def seconds_until_due(self) -> float:
        """How long no feed will be due, as the last claims found it: 0 where some partition was not asked, infinite without
        feeds. Others may make one due earlier."""
        if len(self._next_due) < self._claiming.count:
            return 0.0
        return max(0.0, min(self._next_due.values()) - time.monotonic())

    async def look_ahead(self) -> float:
        """Ask Redis when the next feed is due; gives `seconds_until_due`. Cheaper than a claim that finds nothing."""
        asked: list[tuple[Any, ...]] = [("ZRANGE", keys.due, 0, 0, "WITHSCORES") for keys in self._connection.keys]
        *rows, clock = await self._connection.pipeline([*asked, ("TIME",)])
        now, here = int(clock[0]) + int(clock[1]) / 1e6, time.monotonic()
        for partition, row in enumerate(rows):
            self._next_due[partition] = here + float(row[1]) / 1000 - now if row else math.inf
        return self.seconds_until_due()

    async def claim_one(self, feed: str, token: str) -> FeedState | None:
        """Take one feed for a lease although it is not due, because a hub brought its news; None while it is polled,
        paused or gone. ``next_at`` is when it was due."""
        item = [feed, int(self.lease_seconds * 1000), token]
        row = await self._connection.script("claim_feed", item, self._connection.partition_of(feed))
        return state_of(feed, _pairs(row), token) if row else None

    async def renew(self, states: Sequence[FeedState]) -> int:
        """Keep claimed feeds for another lease; gives how many were lost to others. Raises StoreUnavailable where a server is
        away, after those of the others are renewed."""
        lease_ms = int(self.lease_seconds * 1000)
        items: dict[int, list[list[str | int]]] = {}
        for state in states:
            items.setdefault(self._connection.partition_of(state.feed), []).append([state.feed, state.token, lease_ms])
        # Each by itself: what one server that is away keeps waiting must not lose what the others have.
        answers = await asyncio.gather(
            *(self._connection.script("renew_feeds", own, partition) for partition, own in items.items()),
            return_exceptions=True,
        )
        lost = 0
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            lost += sum(one == b"lost" for one in answer)
        return lost

    async def commit(
        self,
        state: FeedState,
        delay_seconds: float,
        fields: Mapping[str, str | bytes | int],
        entries: Sequence[bytes] = (),
        owner: str = "",
    ) -> str:
        """Store what one poll found and enqueue its entries, both or neither; the feed is due after ``delay_seconds``.

        ``owner``: whose server answered; dead letters that failed on the way to it come back. Gives ok, already, fenced or
        removed.
        """
        flat = stored_fields(state, fields)
        claims = int(fields.get("n:claims", 0))
        item = [state.feed, state.token, int(max(0.0, delay_seconds) * 1000), flat, list(entries), claims]
        item.append(hashed_owner(owner) if owner else "")
        answer: bytes = await self._commit(item, self._connection.partition_of(state.feed))
        return answer.decode()

    async def next_due_at(self) -> float | None:
        """When the next feed is due (seconds since 1970), None without feeds that are not paused."""
        scores = []
        for keys in self._connection.keys:
            row = await self._connection.call("ZRANGE", keys.due, 0, 0, "WITHSCORES")
            if row and math.isfinite(at := float(row[1])):
                scores.append(at / 1000)
        return min(scores) if scores else None

    async def count(self) -> int:
        """How many feeds there are."""
        return sum(await self._connection.pipeline([("ZCARD", keys.due) for keys in self._connection.keys]))

    async def count_by_health(self) -> Counter[str]:
        """How many feeds are failing, paused, waiting and well."""
        return Counter([state.health async for state in self.shown()])


def _claimed(row: Sequence[Any], token: str) -> FeedState:
    """Return the state in a row of ``claim_feeds``: id, fields, entries waiting."""
    feed, fields, waiting = row
    return state_of(feed.decode("utf-8", "replace"), _pairs(fields), token, int(waiting))


def _remembered(state: FeedState, feed: str, *, scope: str) -> FeedState:
    """What goes on with a feed under another id, or when it is added again: what it showed, and how that is told apart."""
    return FeedState(feed, state.url, memory=state.memory, mode=state.mode, history=state.history, scope=scope)


def _without_empty(flat: Sequence[str | bytes]) -> list[str | bytes]:
    """Names and values, without those whose value is empty."""
    return [part for pair in zip(flat[::2], flat[1::2], strict=True) if pair[1] for part in pair]
