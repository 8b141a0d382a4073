"""The store's own affairs: its check at start, trimming, notices, rechecks, counters, what `doctor` looks at."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..contract.stream import order
from ..errors import DatelineError, StoreUnavailable
from ..telemetry import get_logger
from .checks import info_fields
from .entries import pairs, rows
from .keys import Keys
from .records import ArticleRecord, unpacked
from .redis import Connection

#: A stream this full of its hard cap is trimmed of what every group has read; where that is not enough, a notice is given.
NEAR_CAP = 0.8
#: How long a worker's word holds that nothing is published; it looks every 30 s (`polling.silence`).
SILENT_MARK_SECONDS = 120.0

log = get_logger("upkeep")
#: Share of a server's `maxmemory` at which what may go goes (`free_memory`), and at which it is said.
NEAR_FULL = 0.8
#: Share at which no feed is polled any more: the entries already taken need the rest.
HELD_BACK = 0.95
#: Freed beyond what is over `NEAR_FULL`, as a share of `maxmemory`, so that the next look finds it done.
_MARGIN = 0.02


async def mark_emptied(connection: Connection, at: float) -> None:
    """Tell every worker, also those that start later, that Redis lost its data at ``at`` (seconds since 1970)."""
    await connection.call("HSET", connection.keys[0].meta, "emptied_at", int(at))


async def mark_silent(connection: Connection, since: float | None) -> None:
    """Record that feeds are polled and nothing was published since then, in seconds since 1970; None: that is over."""
    meta = connection.keys[0].meta
    if since is None:
        await connection.call("HDEL", meta, "silent")
    else:
        await connection.call("HSET", meta, "silent", f"{await server_time(connection):.0f} {since:.0f}")


async def silent_minutes(connection: Connection) -> float | None:
    """Return for how many minutes feeds were polled and nothing was published, as a worker said lately; None: no alarm."""
    found = await connection.call("HGET", connection.keys[0].meta, "silent")
    if not found:
        return None
    said, since = map(float, found.split())
    now = await server_time(connection)
    return (now - since) / 60 if now - said < SILENT_MARK_SECONDS else None


async def emptied_at(connection: Connection, within_seconds: float = 2 * 86400.0) -> float | None:
    """When Redis lost its data, where that was lately: by then every feed has been polled again and has its memory."""
    found = await connection.call("HGET", connection.keys[0].meta, "emptied_at")
    if not found or await server_time(connection) - float(found) > within_seconds:
        return None
    return float(found)


async def notify(connection: Connection, kind: str, subject: str, data: Mapping[str, Any]) -> None:
    """Append an operational notice to the public notices stream."""
    fields = ("type", kind, "subject", subject, "time", _iso(time.time()), "data", json.dumps(data, ensure_ascii=False))
    limit = connection.settings.notices_limit
    await connection.call("XADD", connection.keys[0].notices, "MAXLEN", "~", limit, "*", *fields)


async def notices(connection: Connection, most: int = 100) -> list[dict[str, str]]:
    """The newest notices, newest first."""
    answer = await connection.call("XREVRANGE", connection.keys[0].notices, "+", "-", "COUNT", most)
    return [{k.decode(): v.decode("utf-8", "replace") for k, v in f.items()} for _, f in rows(answer)]


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


async def claim_rechecks(
    connection: Connection, partitions: Sequence[int], most: int, lease_seconds: float
) -> list[list[tuple[str, ArticleRecord]] | DatelineError]:
    """Return for each partition the articles whose page is to be looked at again, held for one lease, or its error."""
    answers = await connection.scripts("claim_rechecks", [most, int(lease_seconds * 1000)], partitions)
    return [answer if isinstance(answer, DatelineError) else _readable(answer) for answer in answers]


def _readable(answer: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, ArticleRecord]]:
    """Return the records of an answer; one that this version cannot read waits for another to look at it."""
    found = []
    for name, packed in answer:
        article = name.decode()
        try:
            record = unpacked(packed, article)
        except (ValueError, TypeError, LookupError) as error:
            log.error("record.unreadable", article=article, reason=f"{type(error).__name__}: {error}")
            continue
        if record is not None:
            found.append((article, record))
    return found


async def enqueue_rechecks(connection: Connection, partition: int, items: Sequence[tuple[str, bytes]]) -> int:
    """Enqueue claimed articles (id, payload) and take them from the recheck set, both or neither."""
    answers = await connection.script("enqueue", [[payload, article, ""] for article, payload in items], partition)
    return sum(1 for answer in answers if answer == b"ok")


async def groups(connection: Connection, partition: int = 0) -> list[dict[str, Any]]:
    """Consumer groups of the events stream with pending count and lag (entries not yet delivered).

    Redis 6.2 gives no lag, and Redis 7 none after XGROUP SETID: then it follows from the entries' ``seq``, which has no
    holes in one partition.
    """
    keys = connection.keys[partition]
    if not await connection.call("EXISTS", keys.events):
        return []
    found = []
    for row in await connection.call("XINFO", "GROUPS", keys.events):
        info = pairs(row)
        last = info[b"last-delivered-id"].decode()
        pending = await connection.call("XPENDING", keys.events, info[b"name"])
        oldest = pending[1].decode() if pending and pending[0] else None
        found.append(
            {"name": info[b"name"].decode(), "consumers": info[b"consumers"], "pending": info[b"pending"],
             "last_delivered": last, "oldest_pending": oldest,
             "lag": lag if (lag := info.get(b"lag")) is not None else await _lag(connection, keys, last)})  # fmt: skip
    return found


async def _lag(connection: Connection, keys: Keys, last_delivered: str) -> int:
    """How many entries of a stream come after ``last_delivered``, by their sequence numbers; entries that were trimmed
    before they were delivered do not count."""
    newest, before, first = (
        rows(answer)
        for answer in await connection.pipeline(
            [
                ("XREVRANGE", keys.events, "+", "-", "COUNT", 1),
                ("XREVRANGE", keys.events, last_delivered, "-", "COUNT", 1),
                ("XRANGE", keys.events, "-", "+", "COUNT", 1),
            ]
        )
    )
    if not newest:
        return 0
    read = _sequence(before) if before else _sequence(first) - 1
    return max(0, _sequence(newest) - read)


def _sequence(found: list[tuple[str, dict[bytes, bytes]]]) -> int:
    return int(found[0][1].get(b"seq", b"0"))


async def lag_of(connection: Connection, group: str) -> tuple[int, int]:
    """(entries that a group has not handled, of which it holds so many), over all partitions; 0 where there is no group."""
    lag = pending = 0
    for partition in range(len(connection.keys)):
        for row in await groups(connection, partition):
            if row["name"] == group:
                lag, pending = lag + int(row["lag"] or 0) + row["pending"], pending + row["pending"]
    return lag, pending


async def server_time(connection: Connection) -> float:
    """Redis' clock, seconds since 1970: what every due time and stream id is counted by, whatever ours says."""
    seconds, micros = await connection.call("TIME")
    return int(seconds) + int(micros) / 1e6


async def _sum_over(connection: Connection, work: Callable[[int, Keys], Awaitable[int]]) -> int:
    """Add up what ``work`` gives for each partition. One that cannot be asked costs the others nothing: its error is raised
    when all the others are done."""
    total, failed = 0, list[DatelineError]()
    for partition, keys in enumerate(connection.keys):
        try:
            total += await work(partition, keys)
        except DatelineError as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return total


async def trim(connection: Connection, keep_seconds: float, now: float) -> int:
    """Trim every events stream below both its slowest group and ``keep_seconds``; gives how many entries went.

    ``now`` is `server_time`: a worker whose clock is ten years ahead must not throw the stream away.
    """
    aged = (int((now - keep_seconds) * 1000), 0)

    async def trim_one(partition: int, keys: Keys) -> int:
        floor = min(aged, await _read_by_all(connection, partition) or aged)
        return int(await connection.script("trim", [f"{floor[0]}-{floor[1]}"], partition))

    return await _sum_over(connection, trim_one)


async def relieve(connection: Connection) -> int:
    """Bring streams that are near their cap down to `NEAR_CAP` of it; gives how many entries went.

    What goes was read by every group, however young it is; where there is no group, nobody has asked for it to be kept.
    A group that does not read keeps all that it has not read: then only the cap is left, and it says so before.
    """
    leave = int(connection.settings.stream_limit * NEAR_CAP)

    async def relieve_one(partition: int, keys: Keys) -> int:
        if int(await connection.call("XLEN", keys.events)) <= leave:
            return 0
        read = await _read_by_all(connection, partition)
        newest = f"{read[0]}-{read[1]}" if read else "+"
        return int(await connection.script("relieve", [leave, newest], partition))

    return await _sum_over(connection, relieve_one)


async def memory(connection: Connection) -> list[tuple[str, int, int]]:
    """(where, bytes used, `maxmemory` or 0) of every server that we write to."""
    found = []
    for where, (answer,) in await connection.at_primaries([("INFO", "memory")]):
        info = info_fields(answer)
        used = int(info.get("used_memory", 0)) - int(info.get("mem_not_counted_for_evict", 0))
        found.append((where, used, int(info.get("maxmemory", 0))))
    return found


async def memory_fill(connection: Connection) -> float:
    """How full the fullest server is, as a share of its `maxmemory`; 0 where none has one."""
    return max((used / limit for _, used, limit in await memory(connection) if limit), default=0.0)


async def free_memory(connection: Connection) -> tuple[int, int]:
    """Bring servers that are over `NEAR_FULL` of their `maxmemory` below it, as far as that may be.

    First the oldest entries of the events streams go that every group has read, however young they are; then the texts of the
    oldest dead letters, whose reasons stay. None of these commands needs memory: they work on a full server.

    Returns:
        How many stream entries and how many texts went.
    """
    entries = texts = 0
    for where, used, limit in await memory(connection):
        excess = used - int(NEAR_FULL * limit)
        if not limit or excess <= 0:
            continue
        excess += int(_MARGIN * limit)
        here = [n for n, keys in enumerate(connection.keys) if await connection.where_is(keys.events) == where]
        for partition in here:
            gone, freed = await _trim_bytes(connection, partition, excess)
            entries, excess = entries + gone, excess - freed
        for partition in here:
            if excess > 0:
                count, freed = await connection.script("drop_texts", [excess], partition)
                texts, excess = texts + int(count), excess - int(freed)
    return entries, texts


async def _trim_bytes(connection: Connection, partition: int, excess: int) -> tuple[int, int]:
    """Trim about ``excess`` bytes of what every group has read; gives how many entries went, and their bytes."""
    keys = connection.keys[partition]
    length, size = await connection.pipeline([("XLEN", keys.events), ("MEMORY", "USAGE", keys.events, "SAMPLES", 50)])
    if excess <= 0 or not length or not size:
        return 0, 0
    each = max(1, int(size) // int(length))
    read = await _read_by_all(connection, partition)
    newest = f"{read[0]}-{read[1]}" if read else "+"
    leave = max(0, int(length) - excess // each - 1)
    gone = int(await connection.script("relieve", [leave, newest], partition))
    return gone, gone * each


async def _read_by_all(connection: Connection, partition: int) -> tuple[int, int] | None:
    """Up to where every group of a partition has read, and done with it; None where there is no group."""
    rows = await groups(connection, partition)
    return min((order(row["oldest_pending"] or row["last_delivered"]) for row in rows), default=None)


async def bound_kept(connection: Connection) -> int:
    """Keep dead letters, their texts, what stages dropped and the trail each within `redis.kept_mib`, the oldest going
    first; gives how many entries and texts went."""
    most = max(1, (connection.settings.kept_mib << 20) // len(connection.keys))

    async def bound_one(partition: int, keys: Keys) -> int:
        gone = 0
        names = (keys.dead, keys.dropped, keys.trail, keys.base + "dead:t")
        sizes = await connection.pipeline([("MEMORY", "USAGE", name, "SAMPLES", 50) for name in names], at=keys.events)
        for name, size in zip(names[:-1], sizes[:-1], strict=True):
            if size and int(size) > most:
                length = int(await connection.call("XLEN", name))
                gone += int(await connection.call("XTRIM", name, "MAXLEN", int(length * most / int(size) * 0.95)))
        return gone + int((await connection.script("drop_texts", [max(0, int(sizes[-1] or 0) - most)], partition))[0])

    return await _sum_over(connection, bound_one)


class MemoryWatch:
    """Frees memory of servers that are nearly full, and says so while they are; one instance per process.

    ``fill`` is the fullest server's share of its `maxmemory` at the last look.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._looks = 0
        self.fill = 0.0
        self.is_near = False  #: until it has fallen well below `NEAR_FULL`

    @property
    def warning(self) -> str | None:
        """What to tell those who ask, None where there is memory enough."""
        if not self.is_near:
            return None
        return f"Redis uses {self.fill:.0%} of its maxmemory: what every group has read goes early; raise maxmemory"

    async def look(self) -> None:
        """Look once: every few seconds. Raises StoreUnavailable."""
        if self._looks % 12 == 0:
            await bound_kept(self._connection)
        self._looks += 1
        self.fill = await memory_fill(self._connection)
        before, entries, texts = self.fill, 0, 0
        if self.fill > NEAR_FULL:
            entries, texts = await free_memory(self._connection)
            self.fill = await memory_fill(self._connection)
        was_near, self.is_near = self.is_near, before > (NEAR_FULL - 3 * _MARGIN if self.is_near else NEAR_FULL)
        figures = {"fill": round(self.fill, 3), "entries_trimmed": entries, "texts_dropped": texts}
        if self.is_near and not was_near:
            log.error(
                "store.near_full", where=self._connection.where, remedy="raise maxmemory, see docs/deploy.md", **figures
            )
            with contextlib.suppress(StoreUnavailable):  # a server that is quite full takes no notice either
                await notify(self._connection, "store.near_full", self._connection.keys[0].events, figures)
        elif entries or texts:
            log.info("stream.trimmed_early", note="Redis is near its maxmemory", **figures)
        elif was_near and not self.is_near:
            log.warning("store.memory_freed", **figures)


async def fill(connection: Connection) -> float:
    """How full the fullest events stream is, as a share of its hard cap."""
    lengths = await connection.pipeline([("XLEN", keys.events) for keys in connection.keys])
    return float(max(lengths)) / connection.settings.stream_limit


async def pressure(connection: Connection) -> tuple[int, int, float]:
    """Entries waiting in all partitions, those waiting for later, and how full the fullest events stream is (`fill`), in one
    round trip."""
    asked: list[tuple[str, str]] = []
    for keys in connection.keys:
        asked += [("XLEN", keys.entries), ("ZCARD", keys.later), ("XLEN", keys.events)]
    found = await connection.pipeline(asked)
    return sum(found[::3]), sum(found[1::3]), float(max(found[2::3])) / connection.settings.stream_limit


async def stats(connection: Connection) -> dict[str, int]:
    """The counters that the scripts keep, over all partitions."""
    total: dict[str, int] = {}
    for keys in connection.keys:
        for name, value in pairs(await connection.call("HGETALL", keys.stats)).items():
            total[name.decode()] = total.get(name.decode(), 0) + int(value)
    return total
