"""Every owner's budget, shared by all workers, and the robots.txt texts they fetched. Kept in Redis, so that ten workers are
as polite as one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from typing import Self

from ..errors import Postponed, StoreUnavailable
from .batch import PollStep
from .redis import Connection

#: Slots lie apart by the server's clock, and a request leaves some milliseconds after its slot began: with a twentieth
#: more between slots the requests themselves are never closer than the setting.
SLACK = 1.05

#: Names, longest bytes and numbers of the robots.txt records that one partition keeps: 56 MB at most, and in practice some
#: 500 bytes each.
ROBOTS_SIZES = (("s", 4 << 10, 10_000), ("b", 32 << 10, 500))
#: What an owner refused, as bytes, and the server's time (seconds since 1970) to what is to be kept, and for how long.
Refusal = Callable[[bytes, float], tuple[bytes, float]]


class Place(AbstractAsyncContextManager["Place"]):
    """A place in an owner's budget while one request runs: waited for where ``async with`` begins, given back at its end."""

    __slots__ = ("_budget", "_burst", "_key", "_limits", "_token", "host", "owner")

    def __init__(self, budget: Budget, owner: str, host: str, limits: tuple[float, float, float], burst: int) -> None:
        self._budget = budget
        self._key = _hashed(owner)
        self._token = budget.new_token()
        self._limits = limits
        self._burst = burst
        self.owner = owner
        self.host = host

    async def __aenter__(self) -> Self:
        gap, wait, queue = self._limits
        try:
            await self._budget.wait(
                self._key, self._token, self.host, gap, wait, max_queue_seconds=queue, burst=self._burst
            )
        except BaseException:
            self._budget.give_back(self._key, self._token)
            raise
        self._budget.keep(self._key, self._token)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._budget.give_back(self._key, self._token)

    async def hop(self, host: str, *, gap_seconds: float, max_wait_seconds: float) -> None:
        """Wait for the slot of a redirect's next request to the same owner. Raises Postponed."""
        await self._budget.wait(self._key, self._token, host, gap_seconds, max_wait_seconds, hop=True)

    async def refused(self, remember: Refusal) -> None:
        """The owner asked us to stay away: keep what ``remember`` makes of its earlier refusals, for all workers."""
        await self._budget.refused(self._key, remember)


class Budget:
    """Spacing and concurrency per owner across workers, and what owners refused.

    A place whose worker died is free after ``lease_seconds``; requests that take longer renew theirs.
    """

    def __init__(self, connection: Connection, *, at_once: int, lease_seconds: float = 12.0) -> None:
        self._connection = connection
        self._at_once = at_once
        self._lease_ms = int(lease_seconds * 1000)
        self._reserve = PollStep(connection, "reserve")
        self._release = PollStep(connection, "release")
        self._name = uuid.uuid4().hex[:12]
        self._numbers = itertools.count()
        self._held: dict[str, str] = {}  # token to key
        self._holding: asyncio.Task[None] | None = None

    def place(
        self,
        owner: str,
        host: str = "",
        *,
        gap_seconds: float,
        max_wait_seconds: float,
        max_queue_seconds: float = 0.0,
        burst: int = 0,
    ) -> Place:
        """Hold a place while one request runs. Raises Postponed where the wait is longer than ``max_wait_seconds``, or the
        entries that wait for the owner's pages need more than ``max_queue_seconds`` (0: not asked).

        Args:
            host: Host and port that is asked; a refusal may reach it alone.
            burst: So many requests may go without spacing to an owner that was not asked for an hour, this one among them;
                negative: only where it is the first of them.
        """
        return Place(self, owner, host, (gap_seconds, max_wait_seconds, max_queue_seconds), burst)

    def new_token(self) -> str:
        """Return what a further place is held by."""
        return f"{self._name}{next(self._numbers):x}"

    def keep(self, key: str, token: str) -> None:
        """Renew a place that was given, until it is given back."""
        self._held[token] = key
        if self._holding is None or self._holding.done():
            self._holding = asyncio.create_task(self._hold())

    def give_back(self, key: str, token: str) -> None:
        """Free a place, given or only asked for. Not waited for: it goes in one call with the commit of a poll. Where it
        fails, the place's lease ends."""
        self._held.pop(token, None)
        self._release.put([key, token, "", "", 0], self._connection.partition_of(key))

    async def _hold(self) -> None:
        """Renew the places that are held, for as long as there are any."""
        while self._held:
            await asyncio.sleep(self._lease_ms / 3000)
            parts: dict[int, list[list[str | int]]] = {}
            for token, key in self._held.items():
                parts.setdefault(self._connection.partition_of(key), []).append([key, token, self._lease_ms])
            # Each by itself: what one server that is away keeps waiting must not lose what the others have.
            await asyncio.gather(*(self._hold_in(partition, items) for partition, items in parts.items()))

    async def _hold_in(self, partition: int, items: list[list[str | int]]) -> None:
        with contextlib.suppress(StoreUnavailable):  # the next turn may do it
            await self._connection.script("hold", items, partition)

    async def wait(
        self,
        key: str,
        token: str,
        host: str,
        gap_seconds: float,
        max_wait_seconds: float,
        *,
        hop: bool = False,
        max_queue_seconds: float = 0.0,
        burst: int = 0,
    ) -> None:
        """Take a slot and wait until it begins. Raises Postponed."""
        partition = self._connection.partition_of(key)
        item = [
            key,
            token,
            int(gap_seconds * 1000 * SLACK),
            int(max_wait_seconds * 1000),
            self._at_once,
            self._lease_ms,
            host,
            hop,
            int(max_queue_seconds * 1000),
            burst,
        ]
        started = time.monotonic()
        while True:
            verdict, wait_ms = await self._reserve(item, partition)
            if verdict == b"queue":
                hours = int(wait_ms) / 3_600_000
                raise Postponed(
                    min(3600.0, max(300.0, int(wait_ms) / 1000 - max_queue_seconds)),
                    f"entries of its owner wait for {hours:.0f} h of its budget already: not polled before",
                )
            if verdict == b"park":
                raise Postponed(int(wait_ms) / 1000)
            if verdict == b"go":
                if not wait_ms:
                    return
                await asyncio.sleep(int(wait_ms) / 1000)
                item[7] = False  # the slot is there; ask whether the owner refused somebody meanwhile
            elif time.monotonic() - started > max_wait_seconds:
                raise Postponed(max(1.0, gap_seconds))
            else:
                await asyncio.sleep(int(wait_ms) / 1000)

    async def refused(self, key: str, remember: Refusal) -> None:
        """Change an owner's memory of refusals; another worker's change at the same time is not lost."""
        partition = self._connection.partition_of(key)
        stored = f"{self._connection.keys[partition].base}o:{key}"
        for _ in range(8):
            clock, before = await self._connection.pipeline([("TIME",), ("HGET", stored, "refused")], stored)
            memory, age_seconds = remember(before or b"", int(clock[0]) + int(clock[1]) / 1e6)
            item = [key, "", memory, before or b"", int(age_seconds * 1000)]
            if await self._release(item, partition) != b"changed":
                return

    async def robots(self, origin: str) -> bytes | None:
        """The stored robots.txt record of an origin (scheme, host, port), or None."""
        keys, key = self._robots_key(origin)
        found: bytes | None = await self._connection.call("GET", f"{keys}robots:{key}")
        return found

    async def store_robots(self, origin: str, record: bytes, seconds: float) -> None:
        """Keep an origin's robots.txt record, within `ROBOTS_SIZES`; a longer one is asked for again by each worker."""
        _, key = self._robots_key(origin)
        for name, most_bytes, most in ROBOTS_SIZES:
            if len(record) <= most_bytes:
                item = [key, record, max(60, int(seconds)), name, most]
                await self._connection.script("keep_robots", [item], self._connection.partition_of(key))
                return

    def _robots_key(self, origin: str) -> tuple[str, str]:
        key = _hashed(origin)
        return self._connection.keys[self._connection.partition_of(key)].base, key


@lru_cache(maxsize=8192)
def _hashed(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=9).hexdigest()
