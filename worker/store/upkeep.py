"""The store's own affairs: its check at start, trimming, notices, rechecks, counters, what `doctor` looks at."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..contract.stream import order
from ..errors import DatelineError
from ..telemetry import get_logger
from .entries import pairs, rows
from .keys import Keys
from .records import ArticleRecord, unpacked
from .redis import Connection

#: A stream this full of its hard cap is trimmed of what every group has read; where that is not enough, a notice is given.
NEAR_CAP = 0.8
#: How long a worker's word holds that nothing is published; it looks every 30 s (`polling.silence`).
SILENT_MARK_SECONDS = 120.0

log = get_logger("upkeep")
#: Share at which no feed is polled any more: the entries already taken need the rest.
HELD_BACK = 0.95


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


async def sum_over(connection: Connection, work: Callable[[int, Keys], Awaitable[int]]) -> int:
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


async def trim(connection: Connection, keep_seconds: float, now: float | None = None) -> int:
    """Trim every events stream below both its slowest group and ``keep_seconds``; gives how many entries went.

    ``now``: the time, None for that of each stream's server: a worker whose clock is ten years ahead must not throw the stream
    away, and a server that is away must not keep the others' streams from being trimmed.
    """

    async def trim_one(partition: int, keys: Keys) -> int:
        clock = now
        if clock is None:
            seconds, micros = await connection.call("TIME", at=keys.events)
            clock = int(seconds) + int(micros) / 1e6
        aged = (int((clock - keep_seconds) * 1000), 0)
        floor = min(aged, await read_by_all(connection, partition) or aged)
        return int(await connection.script("trim", [f"{floor[0]}-{floor[1]}"], partition))

    return await sum_over(connection, trim_one)


async def relieve(connection: Connection) -> int:
    """Bring streams that are near their cap down to `NEAR_CAP` of it; gives how many entries went.

    What goes was read by every group, however young it is; where there is no group, nobody has asked for it to be kept.
    A group that does not read keeps all that it has not read: then only the cap is left, and it says so before.
    """
    leave = int(connection.settings.stream_limit * NEAR_CAP)

    async def relieve_one(partition: int, keys: Keys) -> int:
        if int(await connection.call("XLEN", keys.events)) <= leave:
            return 0
        read = await read_by_all(connection, partition)
        newest = f"{read[0]}-{read[1]}" if read else "+"
        return int(await connection.script("relieve", [leave, newest], partition))

    return await sum_over(connection, relieve_one)


async def read_by_all(connection: Connection, partition: int) -> tuple[int, int] | None:
    """Up to where every group of a partition has read, and done with it; None where there is no group."""
    rows = await groups(connection, partition)
    return min((order(row["oldest_pending"] or row["last_delivered"]) for row in rows), default=None)


async def fill(connection: Connection) -> float:
    """How full the fullest events stream is, as a share of its hard cap; of those whose server answers."""
    lengths = await _numbers(connection, [("XLEN", keys.events) for keys in connection.keys])
    return float(max(lengths)) / connection.settings.stream_limit


async def pressure(connection: Connection) -> tuple[int, int, float]:
    """Entries waiting in all partitions, those waiting for later, and how full the fullest events stream is (`fill`), in one
    round trip; of the partitions whose server answers."""
    asked: list[tuple[str, str]] = []
    for keys in connection.keys:
        asked += [("XLEN", keys.entries), ("ZCARD", keys.later), ("XLEN", keys.events)]
    found = await _numbers(connection, asked)
    return sum(found[::3]), sum(found[1::3]), float(max(found[2::3])) / connection.settings.stream_limit


async def _numbers(connection: Connection, commands: Sequence[tuple[Any, ...]]) -> list[int]:
    """Return the number that each command gives, 0 for one that a server which is away should have had. Raises where none is
    answered."""
    answers = await connection.answers(commands)
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    if len(failed) == len(answers):
        raise failed[0]
    return [0 if isinstance(answer, Exception) else int(answer) for answer in answers]


async def stats(connection: Connection) -> dict[str, int]:
    """The counters that the scripts keep, over all partitions."""
    total: dict[str, int] = {}
    for keys in connection.keys:
        for name, value in pairs(await connection.call("HGETALL", keys.stats)).items():
            total[name.decode()] = total.get(name.decode(), 0) + int(value)
    return total
