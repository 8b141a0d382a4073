"""Writes the events of the stream to Parquet files of 10,000 rows, for pandas, DuckDB or Spark.

    pip install 'dateline[parquet]'
    python examples/stream_to_parquet.py redis://127.0.0.1:6379/0 events/ --since 7d

It reads what the stream holds, without a consumer group; retracted events are left out.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dateline.client import Event, Retraction, replay

ROWS = 10_000


def row(event: Event, publisher: str | None) -> dict[str, Any]:
    """One event as a flat row."""
    place = event.location
    return {
        "id": event.id, "article": event.article, "publisher": publisher, "plover": event.plover.type,
        "quad": event.plover.quad, "confidence": event.confidence, "day": event.date.start if event.date else None,
        "actors": [party.text for party in event.actors], "country": place.country if place else None,
        "lat": place.lat if place else None, "lon": place.lon if place else None, "evidence": event.evidence.text,
    }  # fmt: skip


async def main(url: str, folder: Path, since: str) -> None:
    rows: dict[str, dict[str, Any]] = {}
    async for message in replay(url, since=since):
        record = message.record()
        if isinstance(record, Event):
            rows[record.id] = row(record, message.envelope.publisher)
        elif isinstance(record, Retraction):
            rows.pop(record.id, None)
    found = list(rows.values())
    for start in range(0, len(found), ROWS):
        pq.write_table(pa.Table.from_pylist(found[start : start + ROWS]), folder / f"events-{start // ROWS:05}.parquet")
    print(f"{len(found)} events")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--since", default="start")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(given.url, given.folder, given.since))
