"""Every owner's budget, shared by all workers, and the robots.txt texts they fetched. Kept in Redis, so that ten workers are
as polite as one."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from worker.store.redis import Batch, Connection


class Parked(Exception):
    """The owner's next free place is further away than the caller wants to wait; come back after ``wait_seconds``."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"no place for {wait_seconds:.1f} s")
        self.wait_seconds = wait_seconds


@dataclass(slots=True)
class Place:
    """A place in an owner's budget; set ``block_seconds`` when the owner asked us to stay away."""

    owner: str
    block_seconds: float = 0.0


class Budget:
    """Spacing and concurrency per owner across workers."""

    def __init__(self, connection: Connection, *, at_once: int, lease_seconds: float) -> None:
        self._connection = connection
        self._at_once = at_once
        self._lease_ms = int(lease_seconds * 1000)
        self._reserve = Batch(connection, "reserve")
        self._release = Batch(connection, "release")

    @asynccontextmanager
    async def place(self, owner: str, *, gap_seconds: float, max_wait_seconds: float) -> AsyncIterator[Place]:
        """Hold a place while one request runs. Raises Parked where the wait is longer than ``max_wait_seconds``."""
        key = hashlib.blake2b(owner.encode(), digest_size=9).hexdigest()
        partition = self._connection.partition_of(key)
        token = uuid.uuid4().hex[:16]
        gap_ms, max_wait_ms = int(gap_seconds * 1000), int(max_wait_seconds * 1000)
        started = time.monotonic()
        while True:
            item = [key, token, gap_ms, max_wait_ms, self._at_once, self._lease_ms]
            verdict, wait_ms = await self._reserve(item, partition)
            if verdict == b"park":
                raise Parked(int(wait_ms) / 1000)
            if verdict == b"go":
                break
            if time.monotonic() - started > max_wait_seconds:
                raise Parked(max(1.0, gap_seconds))
            await asyncio.sleep(int(wait_ms) / 1000)
        held = Place(owner)
        try:
            if wait_ms:
                await asyncio.sleep(int(wait_ms) / 1000)
            yield held
        finally:
            await self._release([key, token, int(held.block_seconds * 1000)], partition)

    async def robots(self, origin: str) -> bytes | None:
        """The stored robots.txt record of an origin (scheme, host, port), or None."""
        keys, key = self._robots_key(origin)
        found: bytes | None = await self._connection.call("GET", f"{keys}robots:{key}")
        return found

    async def store_robots(self, origin: str, record: bytes, seconds: float) -> None:
        """Remember an origin's robots.txt record."""
        keys, key = self._robots_key(origin)
        await self._connection.call("SET", f"{keys}robots:{key}", record, "EX", max(60, int(seconds)))

    def _robots_key(self, origin: str) -> tuple[str, str]:
        key = hashlib.blake2b(origin.encode(), digest_size=9).hexdigest()
        return self._connection.keys[self._connection.partition_of(key)].base, key
