"""What known articles take in Redis: names, texts, sketches, records of invented articles, stored by the ledger's scripts.

The articles are as large as usual ones (addresses of some 90 characters, titles of 60, one event, two to three names, a
sketch). One of ten is a copy of another. All are of one period: the sketches of older ones age out of Redis first
(``redis.sketch_days``), so that at a steady pace only a part of the known articles has any.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.report import Report
from dateline.dedup.identity import article_id, digest, feed_id
from dateline.model.records import Entry
from dateline.settings import RedisSettings
from dateline.store.ledger import Ledger
from dateline.store.private import embedded
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection

ARTICLES, AT_ONCE, NOON = 100_000, 500, 1_790_000_000
KINDS = {"n": "names", "p": "texts", "a": "records", "k": "sketches and families"}
Stored = tuple[str, list[bytes], bytes, list[bytes], ArticleRecord]
_WORDS = """
    talks minister fishing rights harbour council votes budget storm coast rail strike court ruling bank rates election
    hospital school fire police border treaty summit export wheat oil price miners union fraud inquiry mayor bridge flood
    drought vaccine trial appeal merger shares record protest reform senate governor pipeline satellite museum festival
    """.split()  # noqa: SIM905  # easier to read


def articles(count: int) -> Iterator[Stored]:
    """Yield invented articles: id, names, fingerprint, sketch, record."""
    draw = random.Random(7)
    texts: list[tuple[bytes, list[bytes]]] = []
    for number in range(count):
        paper = f"{draw.choice(_WORDS)}-{draw.choice(_WORDS)}{number % 4000}.example"
        words = [draw.choice(_WORDS) for _ in range(draw.randint(7, 11))]
        url = f"https://www.{paper}/news/{draw.choice(_WORDS)}/2026/11/26/{'-'.join(words)}-{number + 4_000_000}"
        title = " ".join(words).capitalize() + ", ministers say"
        names = [digest(f"u:{url}{end}") for end in ("", "g", "h")[: draw.randint(2, 3)]]
        if number % 10 or not texts:
            sketch = [mark.to_bytes(4, "big") for mark in sorted(draw.sample(range(1 << 29), 64))]
            texts = [*texts[-200:], (draw.randbytes(10), sketch)]
        mark, sketch = texts[-1] if number % 10 else draw.choice(texts)
        article = article_id(f"u:{url}")
        at = NOON + number
        state = ArticleState(
            envelope_id=draw.randbytes(16).hex(), title=title.lower().replace(",", ""), url=url, guid=url, feed=feed_id(paper),
            feed_url=f"https://www.{paper}/rss.xml", published=at - 600.0, first_published_at=at, looks_from=at, looked_at=at,
            etag=f'"{draw.randbytes(8).hex()}"', last_modified="Thu, 26 Nov 2026 10:00:00 GMT", words=640, agreement=0.9,
            events=(draw.randbytes(8).hex(),), text_digest=hashlib.sha256(url.encode()).digest()[:8], revised_at=(at,),
            hints=Entry(title=title, author="A. N. Author", published=datetime.fromtimestamp(at - 600, UTC)),
            feed_title=paper.split(".")[0].title(),
        )  # fmt: skip
        record = ArticleRecord(
            revision=1, fingerprint=draw.randbytes(10), version=draw.randbytes(4), state=state, family=article, owner=paper,
            sketch=b"".join(sketch[:16]), text_print=mark,
        )  # fmt: skip
        yield article, names, mark, sketch, record


async def run(count: int = ARTICLES) -> Report:
    """Measure by Redis' own account of its memory, kind by kind."""
    report = Report("memory", f"{count} known articles in Redis, bytes an article")
    with tempfile.TemporaryDirectory() as name:
        async with embedded(Path(name) / "redis") as server:
            connection = Connection(RedisSettings(url=server.url, prefix="dateline"))
            try:
                await _measure(connection, count, report)
            finally:
                await connection.close()
    return report


async def _measure(connection: Connection, count: int, report: Report) -> None:
    """Half of the articles, then the other half: what the second took is what a further article takes."""
    ledger = Ledger(connection)
    stored = list(articles(count))
    half = count // 2
    first = await _store(connection, ledger, stored[:half])
    second = await _store(connection, ledger, stored[half:])
    each = {kind: size / (count - half) for kind, size in second.items()}
    for kind, size in each.items():
        report.add(f"{KINDS[kind]}, a further article", [size], "bytes")
    settings = connection.settings
    share = min(1.0, 0.75 * settings.sketch_days / settings.memory_days)
    whole = sum(each.values())
    steady = whole - each["k"] * (1 - share)
    report.add("all, every article inside its sketch window", [whole], "bytes")
    report.add("all, at a steady pace with the default ages", [steady], "bytes")
    there = sum(first.values()) + sum(second.values())
    report.add("a million known articles, extrapolated", [(there + steady * (1e6 - count)) / 1e6], "MB", aim=400)


async def _store(connection: Connection, ledger: Ledger, part: list[Stored]) -> dict[str, int]:
    """Store articles as the pipeline does; gives how many bytes each kind of key grew by."""
    sizes: dict[str, int] = {}
    at = await used_memory(connection)
    steps: dict[str, Callable[[Stored], Awaitable[object]]] = {
        "n": lambda one: ledger.resolve(one[0], one[1]),
        "p": lambda one: ledger.printed(one[0], one[4].owner, one[2], []),
        "a": lambda one: ledger.publish(one[0], "", one[4], [], expected_revision=0, recheck_seconds=None),
        "k": lambda one: ledger.printed(one[0], one[4].owner, one[2], one[3]),
    }
    for kind, step in steps.items():
        for start in range(0, len(part), AT_ONCE):
            await asyncio.gather(*map(step, part[start : start + AT_ONCE]))
        before, at = at, await used_memory(connection)
        sizes[kind] = at - before
    return sizes


async def used_memory(connection: Connection) -> int:
    """Bytes that Redis has allocated for data and its own buffers."""
    info = (await connection.call("INFO", "memory")).decode()
    return int(next(line for line in info.splitlines() if line.startswith("used_memory:")).split(":")[1])
