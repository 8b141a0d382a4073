"""What feeds cost in Redis and what the due set costs: bytes per feed, a claim with 100,000 feeds due, claim and commit.

States are as a poll leaves them: validators, history, the names of five or of twenty entries (two names each).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from bench.memory import used_memory
from bench.report import Report
from dateline.dedup.identity import NAME_BYTES, VERSION_BYTES, Memory, feed_id
from dateline.polling.history import FeedHistory, dump
from dateline.settings import RedisSettings
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.private import embedded
from dateline.store.redis import Connection

FEEDS, AT_ONCE, ROUNDS = 100_000, 64, 200


async def run(count: int = FEEDS, rounds: int = ROUNDS) -> Report:
    """Measure what feeds cost."""
    report = Report("scheduler", f"{count} feeds due, on one Redis")
    with tempfile.TemporaryDirectory() as name:
        async with embedded(Path(name) / "redis") as server:
            for entries in (5, 20):
                connection = Connection(RedisSettings(url=server.url, prefix=f"bench{entries}"))
                try:
                    await _measure(connection, Feeds(connection, lease_seconds=600.0), report, count, rounds, entries)
                finally:
                    await connection.close()
    return report


async def _measure(connection: Connection, feeds: Feeds, report: Report, count: int, rounds: int, entries: int) -> None:
    empty = await used_memory(connection)
    urls = [f"https://www.paper{n // 3}.example/section-{n % 3}/feed.xml" for n in range(count)]
    rows = [NewFeed(feed_id(url), url, "A newspaper", "press", origin="file") for url in urls]
    began = time.perf_counter()
    await feeds.add(rows)
    added = time.perf_counter() - began
    listed = await used_memory(connection)
    claims: list[float] = []
    polled = 0
    cpu = time.process_time()
    for number in range(rounds):
        at = time.perf_counter()
        claimed = await feeds.claim(AT_ONCE, f"{number:x}")
        claims.append((time.perf_counter() - at) * 1e3)
        await asyncio.gather(*(feeds.commit(state, 900.0, polled_fields(entries)) for state in claimed))
        polled += len(claimed)
    cpu = time.process_time() - cpu
    full = await used_memory(connection)
    names = f"feeds of {entries} entries"
    if entries == 5:
        claims.sort()
        report.add("feeds added a second", [count / added], "1/s")
        report.add(f"claim of {AT_ONCE}, median", [claims[len(claims) // 2]], "ms")
        report.add(f"claim of {AT_ONCE}, 99 of 100", [claims[int(len(claims) * 0.99)]], "ms")
        report.add("claim and commit, own CPU a feed", [cpu / polled * 1e6], "us")
        report.add("a listed feed", [(listed - empty) / count], "bytes")
    whole = (listed - empty) / count + (full - listed) / polled
    report.add(f"a polled feed, {names}", [whole], "bytes", aim=600)


def polled_fields(entries: int) -> dict[str, str | bytes | int]:
    """Return what a poll commits of a feed that shows so many entries."""
    history = FeedHistory(
        polls=40,
        last_at=1_800_000_000,
        last_new_at=1_799_990_000,
        last_full_at=1_799_990_000,
        entries=entries,
        seen=30.25,
        span=1e6,
        pace=0.91,
        hours=b"\x07" * 24,
    )
    shown = [([os.urandom(NAME_BYTES), os.urandom(NAME_BYTES)], os.urandom(VERSION_BYTES)) for _ in range(entries)]
    return {
        "etag": '"5f3c-64a1b2c3d4e5f"', "last_modified": "Sun, 22 Nov 2026 10:00:00 GMT", "raw_hash": os.urandom(10),
        "body_hash": os.urandom(10), "memory": Memory().updated(shown), "mode": "guid", "history": dump(history),
        "reason": "about 24 entries a day", "status": "304", "error": "", "title": "A newspaper", "n:polls": 40, "n:new": 30,
        "n:entries": entries, "n:kept_at": 1_800_000_000,
    }  # fmt: skip
