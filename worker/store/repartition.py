"""Moves what Redis holds to another number of partitions, in place, while no worker runs. Interrupted, it is run again.

What is found by a hash moves to the partition that the hash now names: feeds with their state and due time, articles with their
record and next look, aliases, fingerprints, sketches, families, publishers, WebSub callbacks. Each is written to its new place
before it is deleted from the old one. What is only waited for (entries, dead letters) moves where its partition ends. Entries
of the events streams stay where they are, so that no consumer sees one twice. Claims, budgets and robots.txt texts are made
anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import msgspec

from ..errors import SettingsError
from . import upkeep
from .entries import pairs, rows
from .keys import GROUP, KEY_SCHEMA, Keys
from .records import ArticleRecord, long_id, unpacked
from .redis import Connection
from .workers import workers

PAGE = 500
#: Kinds of keys whose fields move each by their own hash.
_IN_BUCKETS = {"n": "aliases", "p": "fingerprints", "a": "articles", "k": "sketches"}
#: Kinds of keys that are copied whole, by the hash in their name.
_BY_NAME = {"pub", "cb", "hub", "fam"}


async def repartition(old: Connection, new: Connection, keep_seconds: float) -> dict[str, int]:
    """Move everything from ``old``'s partitions to ``new``'s; gives how many of each kind moved.

    Args:
        keep_seconds: How long the stream of a partition that ends is kept for replays.
    Raises:
        SettingsError: A worker runs, or a group has not read what a partition that ends still holds.
    """
    before, after = len(old.keys), len(new.keys)
    await _refuse_if_in_use(old, after)
    first = old.keys[0]
    await old.call("HSET", first.meta, "to_partitions", after)
    moved: Counter[str] = Counter()
    await new.pipeline([("HSETNX", keys.meta, "schema", KEY_SCHEMA) for keys in new.keys])
    await new.answers([("XGROUP", "CREATE", keys.entries, GROUP, "0", "MKSTREAM") for keys in new.keys])
    for partition in range(before):
        async for name in _keys(old, partition):
            await _move_key(old, new, partition, name, moved)
        if partition >= after:
            await _end(old, new, partition, moved, keep_seconds)
    streams = " ".join(keys.events for keys in new.keys)
    await new.call("HSET", first.meta, "partitions", after, "streams", streams)
    await new.call("HDEL", first.meta, "to_partitions")
    return dict(moved)


async def _refuse_if_in_use(old: Connection, after: int) -> None:
    there = [worker.name for worker in await workers(old) if worker.there]
    if there:
        raise SettingsError(
            f"{len(there)} workers are at it ({', '.join(there[:3])}): stop them all, wait 30 s, try again"
        )
    for partition in range(after, len(old.keys)):
        stream = old.keys[partition].events
        newest = rows(await old.call("XREVRANGE", stream, "+", "-", "COUNT", 1))
        for group in await upkeep.groups(old, partition) if newest else ():
            if group["pending"] or group["last_delivered"] != newest[0][0]:
                raise SettingsError(
                    f"group {group['name']} has not read all of {stream}, which ends: let its consumers read on (they may "
                    f"run meanwhile), or drop it with `dateline groups --delete {group['name']}`; then try again"
                )


async def _keys(connection: Connection, partition: int) -> AsyncIterator[str]:
    """The keys of one partition, without what they begin with; listed before the first one moves."""
    base = connection.keys[partition].base
    pattern, cursor, found = base.replace("[", "\\[") + "*", 0, set[str]()
    while True:
        answer = await connection.call("SCAN", cursor, "MATCH", pattern, "COUNT", PAGE, at=base)
        cursor = int(answer[0])
        found |= {name.decode()[len(base) :] for name in answer[1]}
        if cursor == 0:
            break
    for name in sorted(found):
        yield name


async def _move_key(old: Connection, new: Connection, partition: int, name: str, moved: Counter[str]) -> None:
    kind, _, rest = name.partition(":")
    if kind in _IN_BUCKETS and rest:
        moved[_IN_BUCKETS[kind]] += await _move_fields(old, new, partition, name)
        return
    if kind not in ("f", *_BY_NAME) or not rest:
        return
    target = new.partition_of(rest)
    if target == partition:
        return
    here, there = old.keys[partition], new.keys[target]
    if kind == "f":
        await _move_members(old, new, here.due, there.due, rest)
        await _move_members(old, new, here.subs, there.subs, rest)
    elif kind == "pub":
        await _move_members(old, new, here.pubs, there.pubs, rest)
    await _copy(old, new, here.base + name, there.base + name)
    await old.call("DEL", here.base + name)
    await old.pipeline([("ZREM", key, rest) for key in (here.due, here.subs, here.pubs)])
    moved["feeds" if kind == "f" else "others"] += 1


async def _move_members(old: Connection, new: Connection, source: str, target: str, member: str) -> None:
    score = await old.call("ZSCORE", source, member)
    if score is not None:
        await new.call("ZADD", target, score, member)


async def _copy(old: Connection, new: Connection, source: str, target: str) -> None:
    """A string or a hash, with its age."""
    age = int(await old.call("PTTL", source))
    if await old.call("TYPE", source) == b"hash":
        flat = await old.call("HGETALL", source)
        if flat:
            await new.call("HSET", target, *flat)
    else:
        value = await old.call("GET", source)
        if value is None:
            return
        await new.call("SET", target, value)
    if age > 0:
        await new.call("PEXPIRE", target, age)


def replace_stream(record: ArticleRecord, article: str, mark: str) -> bytes:
    """The record with the partition before its stream id (unless there is one already), and without its old `seq`."""
    stream_id = record.stream_id if "/" in record.stream_id else mark + record.stream_id
    return msgspec.structs.replace(record, stream_id=stream_id, seq=0).packed(article)


async def _move_fields(old: Connection, new: Connection, partition: int, name: str) -> int:
    """The fields of one bucket, each to the partition that its own hash names."""
    source = old.keys[partition].base + name
    away: dict[int, list[bytes]] = {}
    for field, value in pairs(await old.call("HGETALL", source)).items():
        article = long_id(field) if name.startswith("a:") else ""
        target = new.partition_of(article or name_of(name, field).hex())
        if target == partition:
            continue
        if article:
            await _move_members(old, new, old.keys[partition].recheck, new.keys[target].recheck, article)
            await old.call("ZREM", old.keys[partition].recheck, article)
            value = _in_its_stream(value, article, f"{partition}/")
        away.setdefault(target, []).extend((field, value))
    age = int(await old.call("PTTL", source))
    for target, flat in away.items():
        key = new.keys[target].base + name
        await new.call("HSET", key, *flat)
        if age > 0:
            await new.call("PEXPIRE", key, max(age, int(await new.call("PTTL", key))))
        await old.call("HDEL", source, *flat[::2])
    return sum(len(flat) // 2 for flat in away.values())


def name_of(bucket: str, field: bytes) -> bytes:
    """The 8 bytes of an alias or a fingerprint, of which the first follows from the bucket (``scripts/prelude.lua``); the 4 of
    a sketch's element, of which the last two do (``scripts/prints.lua``)."""
    if bucket.startswith("k:"):
        return field + int(bucket.rpartition(":")[2]).to_bytes(2, "big")
    return bytes([int(bucket.rpartition(":")[2]) // 64]) + field


def _in_its_stream(value: bytes, article: str, mark: str) -> bytes:
    """An article's record as `replace_stream` gives it, where anything of it was appended."""
    record = unpacked(value, article)
    return replace_stream(record, article, mark) if record and record.stream_id else value


async def _end(old: Connection, new: Connection, partition: int, moved: Counter[str], keep_seconds: float) -> None:
    """Empty a partition that is no more; its stream stays for replays for a while."""
    here, there = old.keys[partition], new.keys[partition % len(new.keys)]
    while found := rows(await old.call("XRANGE", here.entries, "-", "+", "COUNT", PAGE)):
        for mid, fields in found:
            await new.call("XADD", there.entries, "*", "e", fields[b"e"])
            await old.pipeline([("XACK", here.entries, GROUP, mid), ("XDEL", here.entries, mid)])
            moved["entries"] += 1
    while flat := await old.call("ZRANGE", here.later, 0, PAGE - 1, "WITHSCORES"):
        for payload, score in zip(flat[::2], flat[1::2], strict=True):
            await new.call("ZADD", there.later, score, payload)
            await old.call("ZREM", here.later, payload)
            moved["entries"] += 1
    moved["dead letters"] += await _move_letters(old, new, here, there)
    for name, value in pairs(await old.call("HGETALL", here.stats)).items():
        await new.call("HINCRBY", there.stats, name, value)
        await old.call("HDEL", here.stats, name)
    await old.call("EXPIRE", here.events, int(keep_seconds))
    keys = [here.base + name async for name in _keys(old, partition)]
    for start in range(0, len(keys), PAGE):
        await old.pipeline([("DEL", key) for key in keys[start : start + PAGE]])


async def _move_letters(old: Connection, new: Connection, here: Keys, there: Keys) -> int:
    """Move dead letters with their texts and what brings them back, and what stages dropped; gives how many dead letters."""
    backs = [here.base + name async for name in _keys(old, old.keys.index(here)) if name.startswith("back:")]
    done = 0
    for source, target in ((here.dead, there.dead), (here.dropped, there.dropped)):
        while found := rows(await old.call("XRANGE", source, "-", "+", "COUNT", PAGE)):
            for mid, fields in found:
                fresh = await new.call("XADD", target, "*", *(part for pair in fields.items() for part in pair))
                if source == here.dead:
                    done += 1
                    if (text := await old.call("HGET", here.base + "dead:t", mid)) is not None:
                        await new.pipeline(
                            [("HSET", there.base + "dead:t", fresh, text), ("RPUSH", there.base + "dead:o", fresh)]
                        )
                    for back in backs:
                        if await old.call("SREM", back, mid):
                            name = there.base + back.removeprefix(here.base)
                            await new.pipeline([("SADD", name, fresh), ("EXPIRE", name, 30 * 86400)])
                await old.call("XDEL", source, mid)
    return done
