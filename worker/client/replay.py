"""Reading the stream outside of any group: again (`replay`), or along (`follow`). Nobody's place moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from redis import asyncio as redis_client

from ..cancellation import heeding_cancel
from ..contract.envelope import MalformedEnvelope, parse
from .link import log
from .message import Gap, Message
from .position import Position


async def replay(
    url: str,
    *,
    since: Position = "start",
    until: Position = "now",
    stream: str = "dateline:events",
    batch: int = 500,
) -> AsyncIterator[Message]:
    """The messages from ``since`` to ``until``, both ends included, as far as the stream still holds them; nobody's place
    moves. An entry that is none of ours is passed over, with a warning. Raises what redis-py raises."""
    first, last = _edge(since, "-", ""), _edge(until, "+", f"-{2**64 - 1}")
    async with redis_client.Redis.from_url(url, protocol=2) as client:
        while True:
            rows: Any = await client.xrange(stream, min=first, max=last, count=batch)
            for stream_id, flat in rows:
                if message := _message(stream, stream_id.decode(), flat):
                    yield message
            if len(rows) < batch:
                return
            first = f"({rows[-1][0].decode()}"


async def follow(
    url: str, *, last: int = 0, stream: str = "dateline:events", block_seconds: float = 2.0
) -> AsyncIterator[Message]:
    """The ``last`` messages, then every new one as it comes, for ever; a hole in ``seq`` is told in ``gap``.

    An entry that is none of ours is passed over, with a warning. Raises what redis-py raises.
    """
    async with redis_client.Redis.from_url(url, protocol=2, socket_timeout=block_seconds + 10) as client:
        newest: Any = await client.xrevrange(stream, count=max(1, last))
        rows: Any = list(reversed(newest))
        cursor = rows[-1][0] if rows else b"0-0"
        seq = 0
        rows = rows[len(rows) - last :] if last else []
        while True:
            for stream_id, flat in rows:
                cursor = stream_id
                message = _message(stream, stream_id.decode(), flat)
                if message is None:
                    continue
                now = message.envelope.seq or 0
                if seq and now > seq + 1:
                    message = replace(message, gap=Gap("lost", now - seq - 1, seq, now))
                seq = now
                yield message
            answer: Any = await heeding_cancel(
                client.xread({stream: cursor}, count=100, block=int(block_seconds * 1000))
            )
            rows = answer[0][1] if answer else []


def _message(stream: str, stream_id: str, flat: dict[bytes, bytes]) -> Message | None:
    try:
        return Message(stream_id, parse(flat))
    except MalformedEnvelope as error:
        log.warning("skipped %s of %s: %s", stream_id, stream, error)
        return None


def _edge(position: Position, whole: str, suffix: str) -> str:
    if position in ("start", "now"):
        return whole
    if isinstance(position, datetime):
        if position.tzinfo is None:
            raise ValueError(f"{position!r} has no time zone; use datetime(..., tzinfo=UTC)")
        return f"{int(position.timestamp() * 1000)}{suffix}"
    return position
