"""A whole consumer: prints each armed attack that the stream reports, with the sentence that proves it.

    python examples/consumer.py redis://127.0.0.1:6379/0

Stop it, kill it, start two of it: no message is lost, and none is printed twice unless it died while printing.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

from dateline.client import Consumer, Event


async def main(url: str) -> None:
    async with Consumer(url, group="attacks", name="attacks-1") as consumer:
        async for message in consumer:
            if message.gap:
                print(f"{message.gap.missing} messages were {message.gap.kind}", file=sys.stderr)
            if message.envelope.plover != "ASSAULT":
                continue  # told by the envelope; nothing was parsed
            event = message.record()
            if isinstance(event, Event):
                when = event.date.start if event.date else "?"
                where = event.location.country if event.location else "?"
                print(f"{message.id}  {when}  {where}  {event.evidence.text}", flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379/0"))
