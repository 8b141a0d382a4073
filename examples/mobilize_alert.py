"""Alerts of mobilizations in or near a country: one line each, and one when an event is retracted.

    python examples/mobilize_alert.py redis://127.0.0.1:6379/0 MLI BFA NER

The envelope selects; nothing else is parsed. What was alerted is kept in memory, so only its retractions are printed.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from dateline.client import Consumer, Event, Retraction


async def main(url: str, countries: list[str]) -> None:
    alerted: set[str] = set()
    consumer = Consumer(
        url, group="mobilize-alert", name="alert-1", types="event", plover="MOBILIZE", countries=countries,
        min_confidence=0.5, start="24h",
    )  # fmt: skip
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, consumer.stop)
    async with consumer:
        async for message in consumer:
            if message.gap:
                print(f"{message.gap.missing} entries were {message.gap.kind}", file=sys.stderr)
            record = message.record()
            if isinstance(record, Event):
                alerted.add(record.id)
                day = record.date.start if record.date else "no date"
                print(f"ALERT {day} {','.join(message.envelope.countries)}: {record.evidence.text}", flush=True)
            elif isinstance(record, Retraction) and record.id in alerted:
                print(f"retracted: {record.id}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
