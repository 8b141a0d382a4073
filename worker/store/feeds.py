"""The feeds: who is to be polled, when, and what is known of each. Claimed by lease, committed by script."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .redis import Batch, Connection
from .rotation import Rotation


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed as the store has it; bytes where only the flow knows the meaning.

    ``overrides`` are the operator's own settings for this feed. ``token`` is the lease's; a commit must show it.
    """

    feed: str
    url: str
    token: str = ""
    late_seconds: float = 0.0
    title: str = ""
    group: str = ""
    etag: str = ""
    last_modified: str = ""
    raw_hash: bytes = b""
    body_hash: bytes = b""
    memory: bytes = b""
    history: bytes = b""
    mode: str = "guid"
    next_at: float = 0.0
    reason: str = ""
    status: str = ""
    error: str = ""
    hubs: str = ""
    topic: str = ""
    push: bytes = b""
    scope: str = ""  #: the id that the feed had before its address changed
    origin: str = "added"
    paused: bool = False
    dropped: bool = False  #: paused because its file no longer lists it, not by hand
    overrides: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def health(self) -> str:
        """Return failing (its last poll failed), paused, waiting (never polled) or well."""
        return health(paused=self.paused, error=self.error, status=self.status)


def health(*, paused: object, error: object, status: object) -> str:
    """Return a feed's health from what is known of it: failing, paused, waiting (never polled) or well."""
    if paused:
        return "paused"
    return "failing" if error else "well" if status else "waiting"


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed to add. ``origin``: file (feeds.toml lists it) or added (by command)."""

    feed: str
    url: str
    title: str = ""
    group: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "added"
    due_at: float = 0.0


_TEXT = (
    "url",
    "title",
    "group",
    "etag",
    "last_modified",
    "mode",
    "reason",
    "status",
    "error",
    "origin",
    "hubs",
    "topic",
    "scope",
)
_BYTES = ("raw_hash", "body_hash", "memory", "history", "push")


#: Field names as Redis gives them, made once: a state is read with every poll.
_TEXT_FIELDS = tuple((name, name.encode()) for name in _TEXT)
_BYTES_FIELDS = tuple((name, name.encode()) for name in _BYTES)


def _state(feed: str, fields: Mapping[bytes, bytes], token: str = "", late_seconds: float = 0.0) -> FeedState:
    values: dict[str, Any] = {
        name: fields[key].decode("utf-8", "replace") for name, key in _TEXT_FIELDS if key in fields
    }
    values |= {name: fields[key] for name, key in _BYTES_FIELDS if key in fields}
    if (given := fields.get(b"overrides")) and given != b"{}":
        values["overrides"] = json.loads(given)
    return FeedState(
        feed=feed,
        token=token,
        late_seconds=late_seconds,
        next_at=float(fields.get(b"next", b"0")) / 1000,
        paused=fields.get(b"paused") == b"1",
        dropped=fields.get(b"dropped") == b"1",
        numbers={k[2:].decode(): int(v) for k, v in fields.items() if k.startswith(b"n:")},
        **values,
    )


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


class Feeds:
    """The due set and the state of every feed."""

    def __init__(self, connection: Connection, lease_seconds: float) -> None:
        self._connection = connection
        self.lease_seconds = lease_seconds
        self._commit = Batch(connection, "commit_feeds", max_items=64)
        self._claiming = Rotation(len(connection.keys))

    def _keys(self, feed: str) -> Any:
        return self._connection.keys[self._connection.partition_of(feed)]

    async def add(self, rows: Sequence[NewFeed]) -> int:
        """Add feeds, or bring what the operator said of known ones up to date; gives how many are new.

        A feed that was paused because its file dropped it is resumed; one paused by hand stays so.
        """
        new = 0
        await self.restore([row.feed for row in rows])
        for start in range(0, len(rows), 500):
            commands: list[tuple[Any, ...]] = []
            for row in rows[start : start + 500]:
                keys = self._keys(row.feed)
                commands.append(("HSETNX", keys.feed(row.feed), "url", row.url))  # it may have moved since
                given = ["group", row.group, "origin", row.origin]
                given += ["overrides", json.dumps(dict(row.overrides), sort_keys=True)]
                commands.append(("HSET", keys.feed(row.feed), *given, *(["title", row.title] if row.title else [])))
                commands.append(("HSETNX", keys.feeds, row.feed, row.url))
                commands.append(("ZADD", keys.due, "NX", int(row.due_at * 1000), row.feed))
            new += sum(int(answer) for answer in (await self._connection.pipeline(commands))[2::4])
        return new

    async def restore(self, feeds: Sequence[str]) -> int:
        """Give feeds that were removed before what they showed then; returns how many."""
        found = 0
        for start in range(0, len(feeds), 500):
            part = feeds[start : start + 500]
            kept = [f"{self._keys(feed).base}fx:{feed}" for feed in part]
            rows = await self._connection.pipeline([("HGETALL", key) for key in kept])
            for feed, key, row in zip(part, kept, rows, strict=True):
                fields = _pairs(row) if isinstance(row, list) else row
                if fields:
                    flat = [value for pair in fields.items() for value in pair]
                    await self._connection.pipeline([("HSET", self._keys(feed).feed(feed), *flat), ("DEL", key)])
                    found += 1
        return found

    async def take_over(self, old: FeedState, feed: str) -> None:
        """Give a feed under a new address what it showed under the old one."""
        fields = ["memory", old.memory, "mode", old.mode, "history", old.history, "scope", old.scope or old.feed]
        await self._connection.call("HSET", self._keys(feed).feed(feed), *fields)

    async def remove(self, feed: str) -> bool:
        """Remove a feed. What it showed is kept as long as the ledger keeps articles: added again, it brings nothing old."""
        keys = self._keys(feed)
        state = await self.get(feed)
        if state is not None and state.memory:
            kept = f"{keys.base}fx:{feed}"
            age = int(self._connection.settings.memory_days * 86400)
            fields = ["memory", state.memory, "mode", state.mode, "scope", state.scope]
            await self._connection.pipeline([("HSET", kept, *fields), ("EXPIRE", kept, age)])
        answers = await self._connection.pipeline(
            [("ZREM", keys.due, feed), ("HDEL", keys.feeds, feed), ("DEL", keys.feed(feed))]
        )
        return bool(answers[1])

    async def pause(self, feed: str, paused: bool, *, dropped: bool = False) -> None:
        """Stop or resume polling one feed; its state is kept. ``dropped``: because its file no longer lists it."""
        keys = self._keys(feed)
        if paused:
            why = ("dropped", "1") if dropped else ()
            await self._connection.pipeline([("HSET", keys.feed(feed), "paused", "1", *why), ("ZREM", keys.due, feed)])
        else:
            await self._connection.pipeline(
                [("HDEL", keys.feed(feed), "paused", "dropped"), ("ZADD", keys.due, "NX", 0, feed)]
            )

    async def moved(self, feed: str, url: str) -> None:
        """Adopt a feed's new address; its id and memory stay."""
        keys = self._keys(feed)
        await self._connection.pipeline([("HSET", keys.feed(feed), "url", url), ("HSET", keys.feeds, feed, url)])

    async def poll_now(self, feed: str) -> None:
        """Make a feed due at once."""
        await self._connection.call("ZADD", self._keys(feed).due, "XX", 0, feed)

    async def ids(self) -> dict[str, str]:
        """Every feed id with its address."""
        found: dict[str, str] = {}
        for keys in self._connection.keys:
            cursor: Any = 0
            while True:
                cursor, flat = await self._connection.call("HSCAN", keys.feeds, cursor, "COUNT", 2000)
                found |= {k.decode(): v.decode() for k, v in _pairs(flat).items()}
                if int(cursor) == 0:
                    break
        return found

    async def get(self, feed: str) -> FeedState | None:
        """One feed's state."""
        fields = await self._connection.call("HGETALL", self._keys(feed).feed(feed))
        pairs = _pairs(fields) if isinstance(fields, list) else fields
        return _state(feed, pairs) if pairs.get(b"url") else None

    async def all(self) -> AsyncIterator[FeedState]:
        """Every feed's state, in no order, a few hundred a round trip."""
        ids = list(await self.ids())
        for start in range(0, len(ids), 300):
            part = ids[start : start + 300]
            rows = await self._connection.pipeline([("HGETALL", self._keys(feed).feed(feed)) for feed in part])
            for feed, row in zip(part, rows, strict=True):
                pairs = _pairs(row) if isinstance(row, list) else row
                if pairs.get(b"url"):
                    yield _state(feed, pairs)

    async def claim(self, most: int, token: str) -> list[FeedState]:
        """Take due feeds of all partitions, in turn, for one lease; ``token`` must be new for every call."""

        async def look(partitions: Sequence[int], most_each: int) -> list[FeedState | Exception]:
            found: list[FeedState | Exception] = []
            items = [most_each, int(self.lease_seconds * 1000), token]
            for answer in await self._connection.scripts("claim_feeds", items, partitions):
                if isinstance(answer, Exception):
                    found.append(answer)
                else:
                    found += [_state(row[0].decode(), _pairs(row[2]), token, int(row[1]) / 1000) for row in answer]
            return found

        return await self._claiming.collect(most, look)

    async def claim_one(self, feed: str, token: str) -> FeedState | None:
        """Take one feed for a lease although it is not due, because a hub brought its news; None while it is polled,
        paused or gone. ``next_at`` is when it was due."""
        item = [feed, int(self.lease_seconds * 1000), token]
        row = await self._connection.script("claim_feed", item, self._connection.partition_of(feed))
        return _state(feed, _pairs(row), token) if row else None

    async def renew(self, states: Sequence[FeedState]) -> int:
        """Keep claimed feeds for another lease; gives how many were lost to others."""
        lost = 0
        lease_ms = int(self.lease_seconds * 1000)
        for partition in range(len(self._connection.keys)):
            items = [[s.feed, s.token, lease_ms] for s in states if self._connection.partition_of(s.feed) == partition]
            if items:
                answers = await self._connection.script("renew_feeds", items, partition)
                lost += sum(1 for answer in answers if answer == b"lost")
        return lost

    async def commit(
        self,
        state: FeedState,
        delay_seconds: float,
        fields: Mapping[str, str | bytes | int],
        entries: Sequence[bytes] = (),
    ) -> str:
        """Store what one poll found and enqueue its entries, both or neither; the feed is due after ``delay_seconds``.

        Gives ok, already, fenced or removed.
        """
        flat = [part for pair in fields.items() for part in (pair[0], pair[1])]
        item = [state.feed, state.token, int(max(0.0, delay_seconds) * 1000), flat, list(entries)]
        answer: bytes = await self._commit(item, self._connection.partition_of(state.feed))
        return answer.decode()

    async def next_due_at(self) -> float | None:
        """When the next feed is due (seconds since 1970), None without feeds."""
        scores = []
        for keys in self._connection.keys:
            row = await self._connection.call("ZRANGE", keys.due, 0, 0, "WITHSCORES")
            if row:
                scores.append(float(row[1]) / 1000)
        return min(scores) if scores else None

    async def count(self) -> int:
        """How many feeds there are."""
        return sum(await self._connection.pipeline([("HLEN", keys.feeds) for keys in self._connection.keys]))

    async def count_by_health(self) -> Counter[str]:
        """How many feeds are failing, paused, waiting and well; 500 feeds a round trip."""
        found: Counter[str] = Counter()
        ids = list(await self.ids())
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            asked = [("HMGET", self._keys(feed).feed(feed), "url", "paused", "error", "status") for feed in part]
            for url, paused, error, status in await self._connection.pipeline(asked):
                if url:
                    found[health(paused=paused == b"1", error=error, status=status)] += 1
        return found
