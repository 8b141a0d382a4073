"""An events stream without a worker, and what tests of consumers take from it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

from redis import asyncio as redis_client

from dateline.client import Consumer, Message, Retraction
from dateline.contract import Article
from dateline.contract.envelope import Envelope, fields, retraction_envelope
from support.redis_server import RedisServer


class Stream:
    """An events stream as the worker's script writes it: entry and `seq` in one step."""

    def __init__(self, server: RedisServer, prefix: str) -> None:
        self.url = server.url
        self.name = f"{prefix}:events"
        self.redis = redis_client.Redis.from_url(server.url, protocol=2)

    async def append(self, *numbers: int) -> None:
        """Append a retraction of e<number> for each."""
        for number in numbers:
            article = Article(id=f"a{number}", text="", text_sha256="")
            await self.put(retraction_envelope(f"e{number}", article, datetime(2026, 1, 1, tzinfo=UTC)))

    async def put(self, *envelopes: Envelope) -> None:
        """Append envelopes."""
        script = (
            "local f = ARGV; f[#f + 1] = 'seq'; f[#f + 1] = tostring(redis.call('INCR', KEYS[2]));"
            "return redis.call('XADD', KEYS[1], '*', unpack(f))"
        )
        for envelope in envelopes:
            flat = [part for pair in fields(envelope).items() for part in pair]
            await self.redis.eval(script, 2, self.name, f"{self.name}:seq", *flat)

    async def pending(self, group: str = "g") -> int:
        return int((await self.redis.xpending(self.name, group))["pending"])

    def consumer(self, name: str = "one", **options: object) -> Consumer:
        given = {"group": "g", "name": name, "stream": self.name, "block_seconds": 0.05, **options}
        return Consumer(self.url, **given)  # type: ignore[arg-type]


def number(message: Message) -> int:
    record = message.record()
    assert isinstance(record, Retraction)
    return int(record.id[1:])


async def take(consumer: Consumer, most: int) -> list[Message]:
    """So many messages, the last one not yet acked."""
    async with asyncio.timeout(60):
        return [await anext(consumer) for _ in range(most)]


async def nothing_comes(consumer: Consumer) -> bool:
    """Whether no message comes within several turns of reading and waiting."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.3):
            await anext(consumer)
            return False
    return True
