"""What steps of extraction and reading failed on, kept for replay: keep, list, drop. Bounded in count, bytes and age."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ..model.failures import Failure
from ..model.records import pack, unpack
from .entries import pairs
from .redis import Connection

#: Records kept, of one kind of failure, their bytes in all, and how long: the oldest go first.
MOST, MOST_OF_A_KIND, MOST_BYTES, MAX_DAYS = 200, 10, 8 << 20, 30


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A failure with the entry that it was met in."""

    failure: Failure
    url: str = ""
    feed: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One record. ``at``: when it failed last, seconds since 1970; ``times``: failures of this kind since one was first
    kept."""

    id: str
    at: float
    times: int
    record: Record


class KeptFailures:
    """The failures of all workers, in partition 0."""

    def __init__(self, connection: Connection, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._connection = connection
        self._keys = connection.keys[0]
        self._bounds = (most, most_bytes, MAX_DAYS * 86_400_000, MOST_OF_A_KIND)

    async def keep(self, failure: Failure, *, url: str, feed: str, article: str) -> str:
        """Keep a failure; gives its id. The same step failing on the same text again is the same record."""
        text = hashlib.sha256(failure.text.encode("utf-8", "replace") + failure.page[:4096]).hexdigest()[:8]
        name = f"{failure.signature}-{text}"
        record = pack(Record(failure=failure, url=url[:1000], feed=feed[:500], article=article))
        await self._connection.script("keep_failure", [[name, failure.signature, record, *self._bounds]])
        return name

    async def all(self) -> list[Kept]:
        """Every record, the one that failed last first."""
        order, held, seen = await self._connection.pipeline(
            [("ZREVRANGE", self._keys.failed, 0, -1, "WITHSCORES"), ("HGETALL", self._held), ("HGETALL", self._seen)]
        )
        records, times = pairs(held), pairs(seen)
        found = []
        for name, at in zip(order[::2], order[1::2], strict=True):
            if name in records:
                count = int(times.get(name.partition(b"-")[0], 1))
                found.append(Kept(name.decode(), float(at) / 1000, count, unpack(records[name], Record)))
        return found

    async def drop(self, names: Sequence[str]) -> int:
        """Forget these records; gives how many there were."""
        if not names:
            return 0
        await self._connection.call("HDEL", self._held, *names)
        return int(await self._connection.call("ZREM", self._keys.failed, *names))

    @property
    def _held(self) -> str:
        return f"{self._keys.failed}:e"

    @property
    def _seen(self) -> str:
        return f"{self._keys.failed}:n"
