"""Reading the stream again, outside of any group."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from redis import asyncio as redis_client

from worker.client.message import Message
from worker.client.position import Position
from worker.contract.envelope import parse


async def replay(
    url: str,
    *,
    since: Position = "start",
    until: Position = "now",
    stream: str = "dateline:events",
    batch: int = 500,
) -> AsyncIterator[Message]:
    """The messages from ``since`` to ``until``, both ends included, as far as the stream still holds them; nobody's place
    moves. Raises what redis-py raises, and MalformedEnvelope at an entry that is none of ours."""
    first, last = _edge(since, "-", ""), _edge(until, "+", f"-{2**64 - 1}")
    async with redis_client.Redis.from_url(url, protocol=2) as client:
        while True:
            rows: Any = await client.xrange(stream, min=first, max=last, count=batch)
            for stream_id, flat in rows:
                yield Message(stream_id.decode(), parse(flat))
            if len(rows) < batch:
                return
            first = f"({rows[-1][0].decode()}"


def _edge(position: Position, whole: str, suffix: str) -> str:
    if position in ("start", "now"):
        return whole
    if isinstance(position, datetime):
        if position.tzinfo is None:
            raise ValueError(f"{position!r} has no time zone; use datetime(..., tzinfo=UTC)")
        return f"{int(position.timestamp() * 1000)}{suffix}"
    return position
