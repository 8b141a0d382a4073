"""One forwarder's consumer group on one partition's stream, as one worker reads it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from ..contract.compression import text_fields
from ..errors import StoreUnavailable
from ..store import groups
from ..store.entries import rows
from ..store.redis import Connection

#: Pending entries that are not renewed for this long are claimed by another worker, or by the same after a restart.
LEASE_SECONDS = 15.0
BATCH = 100


class Share:
    """A consumer of the group under a name of its own, so that two workers never process the same entry.

    Pending entries are renewed; those of a dead worker are claimed after a lease. With one name for all workers, each restart
    would read, and send again, what the others are sending.
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
        self.is_single = False  #: a batch failed: entries go one by one until one fails or all are accepted
        # An id is a stream's own: with several streams the partition stands before it, so that no two entries share one.
        self._mark = f"{partition}/" if len(connection.keys) > 1 else ""
        self._connection = connection
        self._group = group
        self._consumer = consumer
        self._start = start
        self._lease_seconds = lease_seconds
        self._joined = False
        self._cursor = "0"
        self._claimed_at = 0.0

    @property
    def is_at_end(self) -> bool:
        """Return whether only new entries remain to be read."""
        waited = asyncio.get_running_loop().time() - self._claimed_at
        return self._joined and self._cursor == ">" and waited <= self._lease_seconds / 2

    async def next(self, block_ms: int = 0) -> None:
        """Read the next batch; empty where nothing came within ``block_ms``. Raises StoreUnavailable."""
        if not self._joined:
            await self._join()
            self._joined = True
        now = asyncio.get_running_loop().time()
        if self._cursor == ">" and now - self._claimed_at > self._lease_seconds / 2:
            self._claimed_at = now
            await self._take_over()
        command = self._read(BATCH)
        command[4:4] = ["BLOCK", block_ms] if block_ms and self._cursor == ">" else []
        self.accept(await self._connection.call(*command, self._cursor))
        if not self.batch:
            self._cursor = ">"

    def ask_new(self, most: int) -> tuple[Any, ...]:
        """Return the command that reads new entries; pass its answer to `accept`."""
        return *self._read(most), ">"

    def accept(self, answer: Any) -> None:
        """Set the batch from Redis's answer."""
        self.batch = self._entries(answer)
        here = {mid for mid, _ in self.batch}
        self._forget(set(self.tries) - here)

    async def extend(self, most: int) -> None:
        """Add new entries to the batch. Raises StoreUnavailable."""
        self.batch += self._entries(await self._connection.call(*self.ask_new(most)))

    async def done(self, ids: set[str]) -> None:
        """Ack entries of the batch and take them out of it."""
        if ids:
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

    def reread(self, *, emptied: bool = False) -> None:
        """Read pending entries again; ``emptied``: Redis lost its data and the group."""
        self._joined, self._cursor = self._joined and not emptied, "0"

    async def renew(self) -> None:
        """Renew the lease of pending entries."""
        if held := [mid for mid, _ in self.batch]:
            with contextlib.suppress(StoreUnavailable):  # the next round may succeed
                await self._connection.call("XCLAIM", self.stream, self._group, self._consumer, 0, *held, "JUSTID")

    async def leave(self) -> None:
        """Delete our consumer where it holds nothing: each start would leave one."""
        with contextlib.suppress(StoreUnavailable):
            if self._joined and not await self._connection.call(
                "XPENDING", self.stream, self._group, "-", "+", 1, self._consumer
            ):
                await self._connection.call("XGROUP", "DELCONSUMER", self.stream, self._group, self._consumer)

    def _read(self, most: int) -> list[Any]:
        return ["XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", most, "STREAMS", self.stream]

    def _entries(self, answer: Any) -> list[tuple[str, dict[str, str]]]:
        found = rows(answer[0][1]) if answer else []
        return [(mid, {"stream_id": self._mark + mid} | text_fields(fields)) for mid, fields in found]

    def _drop(self, ids: set[str]) -> None:
        self.batch = [row for row in self.batch if row[0] not in ids]
        self._forget(ids)

    def _forget(self, ids: set[str]) -> None:
        for mid in ids:
            self.tries.pop(mid, None)
            self.failed_at.pop(mid, None)

    async def _take_over(self) -> None:
        """Claim entries whose lease has expired."""
        least_ms = int(self._lease_seconds * 1000)
        answer = await self._connection.call(
            "XAUTOCLAIM", self.stream, self._group, self._consumer, least_ms, "0-0", "COUNT", BATCH, "JUSTID"
        )
        if answer[1]:
            self._cursor = "0"

    async def _join(self) -> None:
        try:
            await self._connection.call("XGROUP", "CREATE", self.stream, self._group, self._start, "MKSTREAM")
        except Exception as error:  # only the text says that the group is there already
            if "BUSYGROUP" not in str(error):
                raise
