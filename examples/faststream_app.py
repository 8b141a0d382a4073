"""A consumer as a FastStream application: events as typed records.

    pip install 'faststream[redis]'
    STREAM_URL=redis://127.0.0.1:6379/0 python examples/faststream_app.py

A new group begins with what comes next; `XGROUP CREATE dateline:events faststream 0` before it has all that the stream holds.
FastStream reads the group itself: no gap detection, no memory of what was handled. Write the effect under ``envelope.id``.
"""

from __future__ import annotations

import asyncio
import os

from faststream import FastStream
from faststream.redis import RedisBroker, RedisStreamMessage, StreamSub

from dateline.client import Event
from dateline.contract.envelope import parse

broker = RedisBroker(os.environ.get("STREAM_URL", "redis://127.0.0.1:6379/0"), logger=None)
app = FastStream(broker, logger=None)


async def read_entry(message: RedisStreamMessage) -> dict[bytes, bytes]:
    """The entry's own fields; FastStream's envelope is not in them."""
    return message.raw_message["data"]  # type: ignore[return-value]


@broker.subscriber(stream=StreamSub("dateline:events", group="faststream", consumer="fast-1"), decoder=read_entry)
async def show(entry: dict[bytes, bytes]) -> None:
    envelope = parse(entry)
    if envelope.type == "dateline.event.reported":
        record = envelope.record()
        assert isinstance(record, Event)
        print(record.plover.type, record.evidence.text, flush=True)


if __name__ == "__main__":
    asyncio.run(app.run())
