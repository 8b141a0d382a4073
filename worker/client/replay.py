"""Reading the stream outside of any group: again (`replay`), or along (`follow`). Nobody's place moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from ..contract.envelope import MalformedEnvelope, parse
from ..contract.stream import order
from ..topology.servers import Servers
from .link import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, find_streams, heals, log, open_servers
from .message import Gap, Message
from .position import Position, as_time

#: Most entries that `follow` reads back to find the last ones of some types.
MOST_LOOKED_AT = 5_000


async def replay(
    url: str, *, since: Position = "start", until: Position = "now", stream: str = "dateline:events", batch: int = 500
) -> AsyncIterator[Message]:
    """The messages from ``since`` to ``until``, both ends included, as far as the stream still holds them; nobody's place
    moves. An entry that is none of ours is passed over, with a warning. Raises what redis-py raises."""
    first, last = _edge(since, "-", ""), _edge(until, "+", f"-{2**64 - 1}")
    servers = open_servers(url, 0.0)
    try:
        for one in await find_streams(servers, stream):
            begin = first
            while True:
                rows: Any = await servers.execute("XRANGE", one, begin, last, "COUNT", batch)
                for stream_id, flat in rows:
                    if message := _message(one, stream_id.decode(), flat):
                        yield message
                if len(rows) < batch:
                    break
                begin = f"({rows[-1][0].decode()}"
    finally:
        await servers.close()


async def follow(
    url: str,
    *,
    last: int = 0,
    stream: str = "dateline:events",
    block_seconds: float = 2.0,
    on_break: Callable[[Exception], None] | None = None,
    wanted: Callable[[str], bool] | None = None,
) -> AsyncIterator[Message]:
    """The ``last`` messages, then every new one as it comes, for ever; a hole in ``seq`` is told in ``gap``. Streams of several
    partitions are followed side by side, each in its order.

    An entry that is none of ours is passed over, with a warning.

    Args:
        wanted: Whether a type is wanted; other messages come only where they have a ``gap``. The ``last`` ones are those of
            these types among the newest 5,000.
        on_break: Called when Redis stops answering, with the error; then the reading goes on where it was as soon as Redis
            is back. None: the error is raised.
    Raises what redis-py raises, where Redis does not answer at the start, too.
    """
    servers = open_servers(url, block_seconds)
    try:
        streams = await find_streams(servers, stream)
        following = [_Followed(one) for one in streams]
        fresh: list[Message] = []
        for one in following:
            fresh += one.accept(await _newest(servers, one.stream, last, wanted))
        fresh = [message for message in fresh if wanted is None or wanted(message.envelope.type)]
        fresh.sort(key=lambda message: order(message.stream_id))
        for message in fresh[-last:] if last else []:
            yield message
        pause, wait = 0.05, FIRST_WAIT_SECONDS
        while True:
            try:
                fresh = await _read_new(servers, following, block_seconds)
            except (foreign.RedisError, OSError) as error:
                if on_break is None or not heals(error):
                    raise
                on_break(error)
                await servers.close()
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                servers = open_servers(url, block_seconds)
                continue
            wait = FIRST_WAIT_SECONDS
            for message in fresh:
                if wanted is None or message.gap or wanted(message.envelope.type):
                    yield message
            if not fresh and len(following) > 1:
                await asyncio.sleep(pause)
            pause = 0.05 if fresh else min(0.5, pause * 1.5)
    finally:
        await servers.close()


async def _newest(servers: Servers, stream: str, last: int, wanted: Callable[[str], bool] | None) -> list[Any]:
    """Return the stream's newest entries, oldest first: as many as hold ``last`` of the wanted ones; at least one."""
    if wanted is None or not last:
        return list(reversed(await servers.execute("XREVRANGE", stream, "+", "-", "COUNT", max(1, last))))
    rows: list[Any] = []
    missing, end, page = last, "+", max(100, min(last, MOST_LOOKED_AT))
    while missing > 0 and len(rows) < MOST_LOOKED_AT:
        found: list[Any] = await servers.execute("XREVRANGE", stream, end, "-", "COUNT", page)
        rows += found
        types = (dict(zip(flat[::2], flat[1::2], strict=True)).get(b"type", b"") for _, flat in found)
        missing -= sum(wanted(name.decode("utf-8", "replace")) for name in types)
        if len(found) < page:
            break
        end = f"({found[-1][0].decode()}"
    return rows[::-1]


async def _read_new(servers: Servers, following: Sequence[_Followed], block_seconds: float) -> list[Message]:
    """Return the new messages of every stream; waits for them where there is one stream."""
    fresh: list[Message] = []
    for one in following:
        block = ("BLOCK", max(1, int(block_seconds * 1000))) if len(following) == 1 else ()
        answer = await heeding_cancel(servers.execute("XREAD", "COUNT", 100, *block, "STREAMS", one.stream, one.cursor))
        fresh += one.accept(answer[0][1] if answer else [])
    return fresh


class _Followed:
    """One stream, and how far it was followed."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.cursor: bytes | str = "0-0"
        self._seq = 0

    def accept(self, rows: list[Any]) -> list[Message]:
        """Return the messages of some entries, a hole in ``seq`` before one in its ``gap``."""
        found = []
        for stream_id, flat in rows:
            self.cursor = stream_id
            message = _message(self.stream, stream_id.decode(), flat)
            if message is None:
                continue
            now = message.envelope.seq or 0
            if self._seq and now > self._seq + 1:
                message = replace(message, gap=Gap("lost", now - self._seq - 1, self._seq, now))
            self._seq = now
            found.append(message)
        return found


def _message(stream: str, stream_id: str, flat: list[bytes]) -> Message | None:
    try:
        return Message(stream_id, parse(dict(zip(flat[::2], flat[1::2], strict=True))), stream=stream)
    except MalformedEnvelope as error:
        log.warning("skipped %s of %s: %s", stream_id, stream, error)
        return None


def _edge(position: Position, whole: str, suffix: str) -> str:
    at = as_time(position)
    if at is not None:
        return f"{int(at.timestamp() * 1000)}{suffix}"
    return whole if position in ("start", "now") else str(position)
