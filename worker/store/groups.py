"""Consumer groups of the events stream: their own dead letters, adoption, dead consumers, and the record of forwarders.

A group's dead letters are a stream beside the events stream, ``{<events>}:dead:<group>``: the entry's fields, after its
``stream_id``, the ``reason`` and how often it was tried (``deliveries``). The client writes the same form.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.stream import MAX_DEAD_LETTERS, STATE_SECONDS, order
from ..errors import StoreUnavailable
from .entries import pairs, rows
from .redis import Connection

#: A consumer that holds nothing and has not asked for this long is deleted; reading makes it again.
DEAD_CONSUMER_SECONDS = 3600.0
_PAGE = 500


@dataclass(frozen=True, slots=True)
class SetAside:
    """One entry that a group gave up. ``id``: ``<partition>/<id in the dead letters>``."""

    id: str
    partition: int
    stream_id: str
    reason: str
    deliveries: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class ForwarderState:
    """What the workers last said of one forwarder; times are seconds since 1970 by Redis' clock, 0.0: not.

    Attributes:
        failing_since: When its tries began to fail.
        accepted_at: When its receiver last took an entry.
        reason: Of the last failure.
    """

    group: str
    kind: str = ""
    target: str = ""
    failing_since: float = 0.0
    accepted_at: float = 0.0
    reason: str = ""


async def set_aside(connection: Connection, partition: int, group: str, given: Sequence[tuple[str, str, int]]) -> int:
    """Give up pending entries (stream id, reason, tries); returns how many. A repeat changes nothing."""
    items = [group, MAX_DEAD_LETTERS, [[mid, reason[:500], tries] for mid, reason, tries in given]]
    return int(await connection.script("set_aside", items, partition))


async def dead_letters(connection: Connection, group: str, most: int | None = None) -> AsyncIterator[SetAside]:
    """Yield the dead letters of a group, oldest first, partition by partition."""
    given = 0
    for partition, keys in enumerate(connection.keys):
        start = "-"
        while True:
            page = rows(await connection.call("XRANGE", f"{keys.base}dead:{group}", start, "+", "COUNT", _PAGE))
            for mid, fields in page:
                if most is not None and given >= most:
                    return
                given += 1
                text = {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items()}
                stream_id, reason = text.pop("stream_id", ""), text.pop("reason", "")
                yield SetAside(
                    f"{partition}/{mid}", partition, stream_id, reason, int(text.pop("deliveries", "0") or 0), text
                )
            if len(page) < _PAGE:
                break
            start = "(" + page[-1][0]


async def count_dead_letters(connection: Connection, group: str) -> int:
    """Return how many dead letters a group has."""
    return sum(await connection.pipeline([("XLEN", f"{keys.base}dead:{group}") for keys in connection.keys]))


async def drop_dead_letters(connection: Connection, group: str, letters: Sequence[SetAside]) -> int:
    """Delete dead letters of a group; returns how many there were."""
    commands = [
        ("XDEL", f"{connection.keys[one.partition].base}dead:{group}", one.id.partition("/")[2]) for one in letters
    ]
    return sum(await connection.pipeline(commands)) if commands else 0


async def requeue(connection: Connection, group: str, letters: Sequence[SetAside]) -> int:
    """Make dead letters pending again, so that the group tries them; returns how many the stream still holds.

    The others keep their place among the dead letters: their entry was trimmed, and a group reads from the stream only.
    """
    done = []
    for letter in letters:
        events = connection.keys[letter.partition].events
        if not await connection.call("XRANGE", events, letter.stream_id, letter.stream_id):
            continue
        await _make_pending(connection, letter.partition, group, [letter.stream_id])
        done.append(letter)
    await drop_dead_letters(connection, group, done)
    return len(done)


async def adopt(connection: Connection, old: str, new: str) -> int:
    """Let the group ``new`` go on where ``old`` is, with what is pending there, and delete ``old``; returns how many were
    pending. Where ``new`` has read further than ``old``, it stays there. A repeat after a crash is harmless."""
    moved = 0
    for partition, keys in enumerate(connection.keys):
        there = {row["name"]: row for row in await describe(connection, partition)}
        if old not in there:
            continue
        last = there[old]["last_delivered"]
        if new not in there:
            await connection.call("XGROUP", "CREATE", keys.events, new, last)
        elif order(there[new]["last_delivered"]) < order(last):
            await connection.call("XGROUP", "SETID", keys.events, new, last)
        start = "-"
        while page := await connection.call("XPENDING", keys.events, old, start, "+", _PAGE):
            await _make_pending(connection, partition, new, [row[0].decode() for row in page])
            moved += len(page)
            start = "(" + page[-1][0].decode()
        await connection.call("XGROUP", "DESTROY", keys.events, old)
        letters = f"{keys.base}dead:{old}"
        if await connection.call("EXISTS", letters):
            await connection.call("RENAMENX", letters, f"{keys.base}dead:{new}")
    await connection.pipeline(_forget(connection, old))
    return moved


async def drop(connection: Connection, group: str) -> bool:
    """Delete a group with its dead letters, and what is noted of it as a forwarder; returns whether there was one."""
    commands = [("XGROUP", "DESTROY", keys.events, group) for keys in connection.keys]
    answers = await connection.answers(commands)
    gone = any(answer for answer in answers if not isinstance(answer, Exception))
    await connection.pipeline(
        [*_forget(connection, group), *(("DEL", f"{keys.base}dead:{group}") for keys in connection.keys)]
    )
    return gone


async def describe(connection: Connection, partition: int) -> list[dict[str, str]]:
    """Return name and last delivered id of every group of one partition's events stream."""
    keys = connection.keys[partition]
    if not await connection.call("EXISTS", keys.events):
        return []
    found = [pairs(row) for row in await connection.call("XINFO", "GROUPS", keys.events)]
    return [
        {"name": row[b"name"].decode("utf-8", "replace"), "last_delivered": row[b"last-delivered-id"].decode()}
        for row in found
    ]


async def _make_pending(connection: Connection, partition: int, group: str, ids: Sequence[str]) -> None:
    """Make entries pending for nobody in particular, idle for so long that any member of the group claims them."""
    day = 86_400_000
    await connection.call(
        "XCLAIM", connection.keys[partition].events, group, "adopted", 0, *ids,
        "IDLE", day, "RETRYCOUNT", 0, "FORCE", "JUSTID",
    )  # fmt: skip


async def delete_dead_consumers(
    connection: Connection, group: str, *, keep: str = "", idle_seconds: float = DEAD_CONSUMER_SECONDS
) -> int:
    """Delete consumers of a group that hold nothing and were silent for ``idle_seconds``; returns how many."""
    gone = 0
    commands = [("XINFO", "CONSUMERS", keys.events, group) for keys in connection.keys]
    for keys, answer in zip(connection.keys, await connection.answers(commands), strict=True):
        for row in () if isinstance(answer, Exception) else answer:  # a partition whose stream has no such group
            info = pairs(row)
            name = info[b"name"].decode("utf-8", "replace")
            if info[b"pending"] == 0 and info[b"idle"] > idle_seconds * 1000 and name != keep:
                await connection.call("XGROUP", "DELCONSUMER", keys.events, group, info[b"name"])
                gone += 1
    return gone


async def delete_silent_consumers(connection: Connection, idle_seconds: float = 86_400.0) -> int:
    """Delete the dead consumers of every group of the events stream: a container has another name at each start."""
    names: set[str] = set()
    for number in range(len(connection.keys)):
        with contextlib.suppress(StoreUnavailable):  # the next time
            names |= {row["name"] for row in await describe(connection, number)}
    return sum([await delete_dead_consumers(connection, name, idle_seconds=idle_seconds) for name in sorted(names)])


async def record_forwarder(connection: Connection, state: ForwarderState) -> None:
    """Note what a forwarder is, so that a group that no setting names any more can be named."""
    what = json.dumps({"kind": state.kind, "target": state.target})
    await connection.call("HSET", connection.keys[0].forwarders, state.group, what)


async def note_forwarder(connection: Connection, group: str, changes: Mapping[str, float | str]) -> None:
    """Note how a forwarder does: ``failing_since``, ``accepted_at``, ``reason``."""
    key = f"{connection.keys[0].base}forwarder:{group}"
    flat = [part for name, value in changes.items() for part in (name, str(value)[:500])]
    await connection.pipeline([("HSET", key, *flat), ("EXPIRE", key, STATE_SECONDS)])


async def forwarders(connection: Connection) -> dict[str, ForwarderState]:
    """Return every forwarder that ever ran here and was not forgotten, by its group."""
    named = pairs(await connection.call("HGETALL", connection.keys[0].forwarders))
    groups = [name.decode("utf-8", "replace") for name in named]
    commands = [("HGETALL", f"{connection.keys[0].base}forwarder:{group}") for group in groups]
    notes = await connection.pipeline(commands) if commands else []
    found = {}
    for group, what, note in zip(groups, named.values(), notes, strict=True):
        text = {name.decode(): value.decode("utf-8", "replace") for name, value in pairs(note).items()}
        given = json.loads(what)
        found[group] = ForwarderState(
            group, given.get("kind", ""), given.get("target", ""), float(text.get("failing_since") or 0),
            float(text.get("accepted_at") or 0), text.get("reason", ""),
        )  # fmt: skip
    return found


def _forget(connection: Connection, group: str) -> list[tuple[Any, ...]]:
    keys = connection.keys[0]
    return [("HDEL", keys.forwarders, group), ("DEL", f"{keys.base}forwarder:{group}")]
