"""Entries on their way: the stream with its consumer group, what waits for later, and the way out.

What a worker holds is its pending list; it keeps it by renewing, and another worker takes it over when it does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from .. import failpoints
from ..errors import DatelineError
from ..model.records import unwrap, wrap
from .batch import Batch
from .keys import GROUP
from .redis import Connection
from .rotation import AT_ONCE, Rotation

#: Pauses between looks at several partitions in which nothing was found, in seconds.
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.05, 0.5
#: When an entry comes again whose publication no replica had in time; longer than a cluster takes to fail over.
SECOND_LOOK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class InHand:
    """An entry that this worker holds. ``message`` is its id in the entries stream of ``partition``."""

    message: str
    partition: int
    payload: bytes
    deliveries: int = 1
    taken_at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def token(self) -> str:
        """What it claims an article with. Ids of two streams may be the same, so the partition stands before it."""
        return f"{self.partition}/{self.message}" if self.partition else self.message


class Entries:
    """The entries stream of every partition, as one consumer of the group."""

    def __init__(self, connection: Connection, consumer: str, lease_seconds: float) -> None:
        self._connection = connection
        self.consumer = consumer
        self.lease_seconds = lease_seconds
        self._settle = Batch(connection, "settle", max_items=64)
        self._release = Batch(connection, "release_articles")
        self._reclaimed_to: dict[int, str] = {}  # partition to where the last look for dropped entries ended
        self._taking, self._reclaiming = Rotation(len(connection.keys)), Rotation(len(connection.keys))
        self._pause_seconds = FIRST_PAUSE_SECONDS

    async def set_up(self) -> None:
        """Make the group where it is missing; also the answer to a Redis that came back empty."""
        commands = [("XGROUP", "CREATE", keys.entries, GROUP, "0", "MKSTREAM") for keys in self._connection.keys]
        for answer in await self._connection.answers(commands):
            if isinstance(answer, Exception) and "BUSYGROUP" not in str(answer):
                raise answer

    async def take(self, most: int, block_seconds: float) -> list[InHand]:
        """Take new entries for this worker, of any partition; waits up to ``block_seconds`` where there is none.

        The one stream of one partition is waited for in Redis. Several are looked at in turn, with pauses that grow to
        ``block_seconds`` while nothing comes: a blocking read for each would need a connection for each.
        """
        if self._taking.count == 1:
            return await self._read(0, most, block_seconds)
        found = await self._taking.collect(most, self._read_some)
        if found:
            self._pause_seconds = FIRST_PAUSE_SECONDS
        else:
            await asyncio.sleep(min(block_seconds, self._pause_seconds))
            self._pause_seconds = min(MOST_PAUSE_SECONDS, self._pause_seconds * 1.5)
        return found

    async def _read(self, partition: int, most: int, block_seconds: float) -> list[InHand]:
        answer = await self._connection.call(
            "XREADGROUP", "GROUP", GROUP, self.consumer, "COUNT", most, "BLOCK", max(1, int(block_seconds * 1000)),
            "STREAMS", self._connection.keys[partition].entries, ">",
        )  # fmt: skip
        return _in_hand(partition, answer)

    async def _read_some(self, partitions: Sequence[int], most_each: int) -> list[InHand | Exception]:
        head = ("XREADGROUP", "GROUP", GROUP, self.consumer, "COUNT", most_each, "STREAMS")
        commands = [(*head, self._connection.keys[partition].entries, ">") for partition in partitions]
        found: list[InHand | Exception] = []
        for partition, answer in zip(partitions, await self._connection.answers(commands), strict=True):
            found += [answer] if isinstance(answer, Exception) else _in_hand(partition, answer)
        return found

    async def reclaim(self, most: int) -> list[InHand]:
        """Take over entries of any partition whose holder stopped renewing (it died); gives how often each was delivered.

        Each call looks on from where the one before ended, so that many entries in living hands do not hide a dropped one.
        """
        found = await self._reclaiming.collect(most, self._reclaim_some)
        asked = [
            ("XPENDING", self._connection.keys[held.partition].entries, GROUP, held.message, held.message, 1)
            for held in found
        ]
        answers = await self._connection.answers(asked) if asked else []
        counts = [1 if isinstance(row, Exception) or not row else int(row[0][3]) for row in answers]
        return [replace(held, deliveries=count) for held, count in zip(found, counts, strict=True)]

    async def _reclaim_some(self, partitions: Sequence[int], most_each: int) -> list[InHand | Exception]:
        lease_ms = int(self.lease_seconds * 1000)
        commands = [
            ("XAUTOCLAIM", self._connection.keys[partition].entries, GROUP, self.consumer, lease_ms,
             self._reclaimed_to.get(partition, "0-0"), "COUNT", most_each)
            for partition in partitions
        ]  # fmt: skip
        found: list[InHand | Exception] = []
        for partition, answer in zip(partitions, await self._connection.answers(commands), strict=True):
            if isinstance(answer, Exception):
                found.append(answer)
                continue
            self._reclaimed_to[partition] = answer[0].decode()
            found += [InHand(mid, partition, fields.get(b"e", b"")) for mid, fields in rows(answer[1])]
        return found

    async def count_try(self, held: InHand) -> int:
        """Note, before it is made, that this worker tries a suspect entry alone; gives how many workers have tried it so.

        A worker counts once, however often Redis' absences have it begin anew.
        """
        key = f"{self._connection.keys[held.partition].base}tried:{held.message}"
        commands = [("SADD", key, self.consumer), ("EXPIRE", key, 86400), ("SCARD", key)]
        return int((await self._connection.pipeline(commands))[2])

    async def renew(self, held: Sequence[tuple[InHand, str]]) -> set[str]:
        """Keep entries (with the article each has claimed, or an empty string); gives the message ids that were lost.

        Each partition by itself: what one server that is away keeps waiting must not lose what the others have. Raises
        StoreUnavailable where the entries of one could not be kept, after those of the others are.
        """
        lost: set[str] = set()
        parts: dict[int, list[tuple[InHand, str]]] = {}
        for one, article in held:
            parts.setdefault(one.partition, []).append((one, article))
        kept = await asyncio.gather(
            *(self._renew_in(partition, here, lost) for partition, here in parts.items()), return_exceptions=True
        )
        claims: dict[int, list[list[str | int]]] = {}
        for one, article in held:
            if one.message not in lost and (away := self._away(article, one.partition)) is not None:
                claims.setdefault(away, []).append([article, one.token, "", int(self.lease_seconds * 1000)])
        await asyncio.gather(*(self._claim_again(partition, items) for partition, items in claims.items()))
        for failed in kept:
            if isinstance(failed, BaseException):
                raise failed
        return lost

    async def _renew_in(self, partition: int, here: Sequence[tuple[InHand, str]], lost: set[str]) -> None:
        """Keep entries of one partition, and their claims on articles of it; adds the ids of those that were lost."""
        lease_ms = int(self.lease_seconds * 1000)
        for start in range(0, len(here), 256):
            items = [
                [one.message, self.consumer, "" if self._away(article, partition) is not None else article, lease_ms, one.token]
                for one, article in here[start : start + 256]
            ]  # fmt: skip
            answers = await self._connection.script("renew", items, partition)
            lost.update(str(item[0]) for item, answer in zip(items, answers, strict=True) if answer == b"lost")

    async def _claim_again(self, partition: int, items: Sequence[list[str | int]]) -> None:
        """Keep claims on articles of another partition than their entries'; the next turn may do what this one cannot."""
        with contextlib.suppress(DatelineError):
            for start in range(0, len(items), 256):
                await self._connection.script("claim_articles", items[start : start + 256], partition)

    async def settle(
        self,
        held: InHand,
        what: str,
        *,
        article: str = "",
        payload: bytes = b"",
        delay_seconds: float = 0.0,
        trail: Sequence[tuple[str, str]] = (),
        revision: int = 0,
        slim: bytes = b"",
        owner: str = "",
    ) -> str:
        """Let an entry go: ``done``, ``later`` (``payload`` comes back after ``delay_seconds``), ``dead``, or
        ``dropped`` by a stage.

        ``slim`` is the payload of one set aside or dropped, without the texts that its feed carried. ``owner``: whose page was
        fetched (done: dead letters that failed on the way to it come back), or could not be (dead: it comes back then).

        Gives ok, already, fenced, or unpublished: ``revision`` of the article was published for it, and this Redis knows
        nothing of that any more (looked at where the article lives in the entry's own partition).
        """
        if what == "done" and revision and self._connection.wrote_unsafely_since(held.taken_at):
            # The publication, or the article's names, may be on no replica, or were on none when their server died. Nobody
            # knows of them then, while this entry's server knows that it is done: so it comes again, under the same article.
            again = msgspec.structs.replace(unwrap(held.payload), article=article)
            what, payload, delay_seconds = "later", wrap(again), SECOND_LOOK_SECONDS
        flat = [part for pair in trail for part in pair]
        away = self._away(article, held.partition)
        here = "" if away is not None else article
        item = [
            held.message,
            self.consumer,
            here,
            what,
            payload,
            int(delay_seconds * 1000),
            flat,
            revision if here else 0,
            held.token,
            slim,
            hashed_owner(owner) if owner else "",
            *_counted(held.payload),
        ]
        failpoints.hit("before_settle", what)
        answer: bytes = await self._settle(item, held.partition)
        if away is not None:
            await self._release([article, held.token], away)
        return answer.decode()

    def _away(self, article: str, partition: int) -> int | None:
        """The partition that keeps the claim on an article, where that is not the entry's own."""
        home = self._connection.partition_of(article) if article else partition
        return None if home == partition else home

    async def wake_later(self, most: int = 500) -> int:
        """Move what is due from ``later`` back into the stream; gives how many."""
        moved, partitions = 0, range(len(self._connection.keys))
        failed: Exception | None = None
        for start in range(0, len(partitions), AT_ONCE):
            for answer in await self._connection.scripts("move_later", [most], partitions[start : start + AT_ONCE]):
                if isinstance(answer, Exception):
                    failed = failed or answer
                else:
                    moved += int(answer)
        if failed:
            raise failed
        return moved

    async def backlog(self) -> tuple[int, int]:
        """(entries in the streams, delivered or not; entries waiting for later)."""
        commands: list[tuple[Any, ...]] = []
        for keys in self._connection.keys:
            commands += [("XLEN", keys.entries), ("ZCARD", keys.later)]
        answers = await self._connection.pipeline(commands)
        return sum(answers[::2]), sum(answers[1::2])

    async def next_later_seconds(self) -> float | None:
        """Seconds until the first waiting entry is due (negative: overdue), None where none waits."""
        soonest: float | None = None
        for keys in self._connection.keys:
            asked = [("ZRANGE", keys.later, 0, 0, "WITHSCORES"), ("TIME",)]
            row, at = await self._connection.pipeline(asked, at=keys.later)
            if row:
                now = int(at[0]) + int(at[1]) / 1e6
                left = float(row[1]) / 1000 - now
                soonest = left if soonest is None else min(soonest, left)
        return soonest

    async def forget_dead_consumers(self, idle_seconds: float = 3600.0) -> int:
        """Delete group members that hold nothing and have been silent; gives how many."""
        gone = 0
        commands = [("XINFO", "CONSUMERS", keys.entries, GROUP) for keys in self._connection.keys]
        for keys, answer in zip(self._connection.keys, await self._connection.answers(commands), strict=True):
            for row in () if isinstance(answer, Exception) else answer:  # the next time, where it cannot be asked now
                info = pairs(row)
                name = info[b"name"]
                if info[b"pending"] == 0 and info[b"idle"] > idle_seconds * 1000 and name.decode() != self.consumer:
                    await self._connection.call("XGROUP", "DELCONSUMER", keys.entries, GROUP, name)
                    gone += 1
                await asyncio.sleep(0)
        return gone


def hashed_owner(owner: str) -> str:
    """The name of an owner in keys."""
    return hashlib.blake2b(owner.encode(), digest_size=9).hexdigest()


def _counted(payload: bytes) -> tuple[bytes, int]:
    """The feed under which the scripts count a waiting payload, and its bytes; none for one of an older version."""
    return (payload[2 : 2 + payload[1]], len(payload)) if payload[:1] == b"f" and len(payload) > 1 else (b"", 0)


def _in_hand(partition: int, answer: Any) -> list[InHand]:
    messages = rows(answer[0][1]) if answer else []
    return [InHand(mid, partition, fields.get(b"e", b"")) for mid, fields in messages]


def pairs(row: Any) -> dict[bytes, Any]:
    """A flat list of names and values as a mapping."""
    return dict(zip(row[::2], row[1::2], strict=True))


def rows(answer: Any) -> list[tuple[str, dict[bytes, bytes]]]:
    """Messages of an XRANGE-like answer: id and fields; deleted ones are left out (Redis 6.2 gives nil for them)."""
    return [(row[0].decode(), pairs(row[1])) for row in answer or () if row is not None and row[1] is not None]
