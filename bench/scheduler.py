"""What feeds cost in Redis and what the due set costs: bytes per feed, a claim with 100,000 feeds due, claim and commit.

States are as a poll leaves them: validators, history, the names of twenty entries.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from dateline.dedup.identity import NAME_BYTES, VERSION_BYTES, feed_id
from dateline.polling.history import FeedHistory, dump
from dateline.settings import RedisSettings
from dateline.store.embedded import embedded
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.redis import Connection

FEEDS, AT_ONCE, ROUNDS, ENTRIES = 100_000, 64, 200, 20


async def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        async with embedded(Path(name) / "redis") as server:
            connection = Connection(RedisSettings(url=server.url, prefix="bench"))
            try:
                await _measure(connection, Feeds(connection, lease_seconds=600.0))
            finally:
                await connection.close()


async def _measure(connection: Connection, feeds: Feeds) -> None:
    empty = await _memory(connection)
    began = time.perf_counter()
    urls = [f"https://www.paper{n // 3}.example/section-{n % 3}/feed.xml" for n in range(FEEDS)]
    await feeds.add([NewFeed(feed_id(url), url, "A newspaper", "press") for url in urls])
    added = time.perf_counter() - began
    listed = await _memory(connection)
    costs: list[float] = []
    polled = 0
    began = time.perf_counter()
    cpu = time.process_time()
    for number in range(ROUNDS):
        at = time.perf_counter()
        claimed = await feeds.claim(AT_ONCE, f"bench/{number}")
        costs.append(time.perf_counter() - at)
        for state in claimed:
            await feeds.commit(state, 900.0, _fields())
        polled += len(claimed)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    full = await _memory(connection)
    costs.sort()
    print(f"scheduler: {FEEDS} feeds due; added at {FEEDS / added:,.0f} a second [CPU of Redis not counted]")
    print(
        f"  claim of {AT_ONCE}: median {costs[len(costs) // 2] * 1e3:.2f} ms, p99 {costs[int(len(costs) * 0.99)] * 1e3:.2f} ms"
    )
    print(
        f"  claim and commit: {took / polled * 1e6:.0f} us a feed (awaited singly), {cpu / polled * 1e6:.0f} us of our CPU"
    )
    state = (full - listed) / polled
    print(
        f"  Redis bytes per feed: {(listed - empty) / FEEDS:.0f} listed, {(listed - empty) / FEEDS + state:.0f} once polled"
    )


def _fields() -> dict[str, str | bytes | int]:
    history = FeedHistory(
        polls=40, last_at=1, last_new_at=1, last_full_at=1, entries=20, seen=30.0, span=1e6, hours=b"\x07" * 24
    )
    return {
        "etag": '"5f3c-64a1b2c3d4e5f"', "last_modified": "Sun, 22 Nov 2026 10:00:00 GMT", "raw_hash": os.urandom(10),
        "body_hash": os.urandom(10), "memory": os.urandom(2 * ENTRIES * (NAME_BYTES + VERSION_BYTES)), "mode": "guid",
        "history": dump(history), "reason": "about 24 entries a day", "status": "304", "error": "", "format": "rss",
        "parser": "lean", "title": "A newspaper", "n:polls": 40, "n:new": 30, "n:entries": 20, "polled_at": 1_800_000_000,
    }  # fmt: skip


async def _memory(connection: Connection) -> int:
    info = (await connection.call("INFO", "memory")).decode()
    return int(next(line for line in info.splitlines() if line.startswith("used_memory:")).split(":")[1])
