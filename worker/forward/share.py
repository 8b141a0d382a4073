"""One forwarder's consumer group on one partition's stream, as one worker reads it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from redis.exceptions import ResponseError

from ..contract.compression import text_fields
from ..errors import StoreUnavailable
from ..store import groups
from ..store.entries import rows
from ..store.redis import Connection

#: A turn that is not renewed for this long is another worker's, with what was pending.
LEASE_SECONDS = 15.0
BATCH = 100


class Share:
    """A consumer of the group under a name of its own, which reads only while it has the partition's turn.

    One worker at a time has the turn (`take_turn.lua`), so that two never have entries of a partition in hand at once. It
    is renewed while entries are in hand; a dead worker's ends with its lease, and what was pending is read first by the next
    one. A worker that stood still for longer than its lease sends nothing more of what it had read.
    """

    def __init__(
        self, connection: Connection, partition: int, group: str, consumer: str, *, start: str = "0",
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:  # fmt: skip
        """Read nothing yet. ``start``: after which stream id a new group begins."""
        self.partition = partition
        self.stream = connection.keys[partition].events
        self.batch: list[tuple[str, dict[str, str]]] = []  #: pending: id and fields of each entry
        self.tries: dict[str, int] = {}  #: failed tries of pending entries
        self.failed_at: dict[str, float] = {}  #: when the first of them failed, by the loop's clock
        self.accepted: set[str] = set()  #: pending entries that the receiver has, though Redis could not be told
        self.is_single = False  #: a batch failed: entries go one by one until one fails or all are accepted
        # An id is a stream's own: with several streams the partition stands before it, so that no two entries share one.
        self._mark = f"{partition}/" if len(connection.keys) > 1 else ""
        self._connection = connection
        self._group = group
        self._consumer = consumer
        self._start = start
        self._lease_seconds = lease_seconds
        self._joined = False
        self._turn_until = float("-inf")  # by the loop's clock

    @property
    def has_turn(self) -> bool:
        """Return whether this worker is the one that reads and sends the partition's entries."""
        return asyncio.get_running_loop().time() < self._turn_until

    def request(self, most: int, *, keep: bool) -> list[Any]:
        """Return what `take_turn.lua` is asked with, the same for each partition; pass its answer to `accept`.

        ``keep``: the turn is kept where there is nothing to read, for `wait_for_news`.
        """
        return [self._group, self._consumer, self._lease_ms, most, int(keep)]

    def accept(self, answer: Any, asked_at: float) -> None:
        """Set batch and turn from the answer to a `request` that was sent at ``asked_at`` by the loop's clock."""
        if int(answer[0]):
            self._turn_until = asked_at + self._lease_seconds
            self._set_batch(rows(answer[1]))
        else:  # what failed here is still counted when the turn comes back
            self._turn_until, self.batch = float("-inf"), []

    async def wait_for_news(self, block_ms: int) -> None:
        """Wait for new entries with the turn that an empty answer left. Raises StoreUnavailable."""
        command = self._read(BATCH)
        command[4:4] = ["BLOCK", block_ms]
        answer = await self._connection.call(*command)
        self._set_batch(rows(answer[0][1]) if answer else [])

    async def extend(self, most: int) -> None:
        """Add new entries to the batch. Raises StoreUnavailable."""
        answer = await self._connection.call(*self._read(most))
        self.batch += self._entries(rows(answer[0][1]) if answer else [])

    async def done(self, ids: set[str]) -> None:
        """Ack entries of the batch and take them out of it. What cannot be acked now is known as done when it comes again."""
        if ids:
            self.accepted |= ids
            await self._connection.call("XACK", self.stream, self._group, *ids)
            self._drop(ids)

    async def set_aside(self, reasons: dict[str, str]) -> None:
        """Move entries (id to reason) from the batch to the group's dead letters."""
        if reasons:
            given = [(mid, reason, self.tries.get(mid, 0) or 1) for mid, reason in reasons.items()]
            await groups.set_aside(self._connection, self.partition, self._group, given)
            self._drop(set(reasons))

    def name_of(self, stream_id: str) -> str:
        """Return the id in the stream behind an entry's ``stream_id``."""
        return stream_id.removeprefix(self._mark)

    def count_try(self, mid: str) -> int:
        """Count a failed try of one entry; returns how many there were."""
        self.failed_at.setdefault(mid, asyncio.get_running_loop().time())
        self.tries[mid] = self.tries.get(mid, 0) + 1
        return self.tries[mid]

    def check_turn(self) -> None:
        """Raise StoreUnavailable where the turn is another worker's by now: what it took over is not sent here."""
        if not self.has_turn:
            raise StoreUnavailable(
                "this worker stood still for longer than its lease: another one may send these entries"
            )

    async def join(self) -> None:
        """Create the group where it is missing. Raises StoreUnavailable."""
        if self._joined:
            return
        try:
            await self._connection.call("XGROUP", "CREATE", self.stream, self._group, self._start, "MKSTREAM")
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._joined = True

    def rejoin(self) -> None:
        """Create the group again before the next read: Redis lost its data."""
        self._joined = False

    async def renew(self) -> None:
        """Renew the turn and the pending entries, where the turn is ours."""
        if not self.has_turn:
            return
        began, until = asyncio.get_running_loop().time(), self._turn_until
        with contextlib.suppress(StoreUnavailable):  # the next round may succeed
            is_ours = await self._keep_turn(self._lease_ms, [mid for mid, _ in self.batch])
            if not is_ours:
                self._turn_until = float("-inf")
            elif self._turn_until == until:  # else it was given back meanwhile, or asked for again
                self._turn_until = began + self._lease_seconds

    async def give_back(self) -> None:
        """Let another worker have the turn at once; pending entries go with it."""
        if self.has_turn:
            self._turn_until = float("-inf")
            with contextlib.suppress(StoreUnavailable):  # its lease ends by itself
                await self._keep_turn(0, [])

    async def leave(self) -> None:
        """Give the turn back, and delete our consumer where it holds nothing: each start would leave one."""
        await self.give_back()
        with contextlib.suppress(StoreUnavailable):
            if self._joined and not await self._connection.call(
                "XPENDING", self.stream, self._group, "-", "+", 1, self._consumer
            ):
                await self._connection.call("XGROUP", "DELCONSUMER", self.stream, self._group, self._consumer)

    @property
    def _lease_ms(self) -> int:
        return int(self._lease_seconds * 1000)

    async def _keep_turn(self, lease_ms: int, held: list[str]) -> bool:
        items = [self._group, self._consumer, lease_ms, held]
        return bool(await self._connection.script("keep_turn", items, self.partition))

    def _read(self, most: int) -> list[Any]:
        head = ["XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", most]
        return [*head, "STREAMS", self.stream, ">"]

    def _set_batch(self, found: list[tuple[str, dict[bytes, bytes]]]) -> None:
        self.batch = self._entries(found)
        there = {mid for mid, _ in self.batch}
        self.accepted &= there
        self._forget(set(self.tries) - there)

    def _entries(self, found: list[tuple[str, dict[bytes, bytes]]]) -> list[tuple[str, dict[str, str]]]:
        return [(mid, {"stream_id": self._mark + mid} | text_fields(fields)) for mid, fields in found]

    def _drop(self, ids: set[str]) -> None:
        self.batch = [row for row in self.batch if row[0] not in ids]
        self._forget(ids)

    def _forget(self, ids: set[str]) -> None:
        self.accepted -= ids
        for mid in ids:
            self.tries.pop(mid, None)
            self.failed_at.pop(mid, None)
