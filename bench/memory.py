"""What known articles take in Redis: names, texts, sketches, records of invented articles, stored by the ledger's scripts.

The articles are as large as usual ones (addresses of some 90 characters, of which two of three have the title's words, titles
of 60, one event, two to three names, a sketch); their last look is over. One of ten is a copy of another. All are of one
period: the sketches of older ones age out of Redis first (``redis.sketch_days``), so that at a steady pace only a part of the
known articles has any.

How full the hashes are decides what a field costs. A million articles of 45 days are 333,000 in each of three periods; an
eighth of those in an eighth of the hashes lie as dense.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.report import Report
from dateline.dedup.fingerprint import stored_sketch
from dateline.dedup.identity import feed_id
from dateline.model.records import Entry
from dateline.model.sketch import Sketch
from dateline.settings import RedisSettings
from dateline.store.checks import info_fields
from dateline.store.ledger import Ledger
from dateline.store.private import embedded
from dateline.store.records import DIGEST_BYTES, ArticleRecord, ArticleState, long_id
from dateline.store.redis import Connection

ARTICLES, AT_ONCE, NOON = 42_000, 500, 1_790_000_000
_FIRST_BYTES, _SKETCH_HASHES = (
    256 // 8,
    65_536 // 4,
)  # of 333,000 articles in 15 days 155,000 are of one half of sketch_days
_ENVELOPE = (("id", "e"), ("data", "{}"))  # trimmed at once: the stream is not measured here
KINDS = {"n": "names", "p": "texts", "a": "records", "k": "sketches and families"}
Stored = tuple[str, list[bytes], bytes, Sketch, ArticleRecord]
_WORDS = """
    talks minister fishing rights harbour council votes budget storm coast rail strike court ruling bank rates election
    hospital school fire police border treaty summit export wheat oil price miners union fraud inquiry mayor bridge flood
    drought vaccine trial appeal merger shares record protest reform senate governor pipeline satellite museum festival
    """.split()  # noqa: SIM905  # easier to read


def articles(count: int) -> Iterator[Stored]:
    """Yield invented articles: id, names, fingerprint, sketch, record."""
    draw = random.Random(7)
    texts: list[tuple[bytes, Sketch]] = []
    for number in range(count):
        paper = f"{draw.choice(_WORDS)}-{draw.choice(_WORDS)}{number % 4000}.example"
        words = [draw.choice(_WORDS) for _ in range(draw.randint(7, 11))]
        slug = "-".join(words) + "-" if number % 3 else "story/"  # two of three addresses have the title's words
        url = f"https://www.{paper}/news/{draw.choice(_WORDS)}/2026/11/26/{slug}{number + 4_000_000}"
        title = " ".join(words).capitalize() + ", ministers say"
        names = [_mark(draw, 10) for _ in range(draw.randint(2, 3))]
        if number % 10 or not texts:
            elements = [
                (mark << 16 | draw.randrange(_SKETCH_HASHES)).to_bytes(4, "big")
                for mark in sorted(draw.sample(range(1 << 13), 64))
            ]
            shingles = sorted(draw.randrange(1 << 30) for _ in range(192))
            sketch = Sketch(tuple(elements), tuple(shingles), tuple(draw.sample(range(1 << 16), 8)))
            texts = [*texts[-200:], (_mark(draw, 8), sketch)]
        mark, sketch = texts[-1] if number % 10 else draw.choice(texts)
        article = long_id(names[0])
        at = NOON + number
        state = ArticleState(
            envelope_id=draw.randbytes(16).hex(), title=title.lower().replace(",", ""), url=url, guid=url, feed=feed_id(f"https://www.{paper}/rss.xml"),
            feed_url=f"https://www.{paper}/rss.xml", published=at - 600.0, first_published_at=at, looks_from=at, looked_at=at,
            etag=f'"{draw.randbytes(8).hex()}"', last_modified="Thu, 26 Nov 2026 10:00:00 GMT", words=640, agreement=0.9,
            events=(draw.randbytes(8).hex(),), text_digest=draw.randbytes(DIGEST_BYTES), revised_at=(at,),
            hints=Entry(title=title, author="A. N. Author", published=datetime.fromtimestamp(at - 600, UTC)),
            feed_title=paper.split(".")[0].title(),
        )  # fmt: skip
        record = ArticleRecord(
            revision=1, fingerprint=draw.randbytes(6), version=draw.randbytes(4), state=state, family=article, owner=paper,
            sketch=stored_sketch(sketch), text_print=mark,
        )  # fmt: skip
        yield article, names, mark, sketch, record


def _mark(draw: random.Random, size: int) -> bytes:
    return bytes([draw.randrange(_FIRST_BYTES)]) + draw.randbytes(size - 1)


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
    """Store all of one period; gives what each kind of key takes, with its hashes' own cost."""
    sizes = await _store(connection, Ledger(connection), list(articles(count)))
    each = {kind: size / count for kind, size in sizes.items()}
    for kind, size in each.items():
        report.add(f"{KINDS[kind]}, an article", [size], "bytes")
    settings = connection.settings
    share = min(1.0, 0.75 * settings.sketch_days / settings.memory_days)
    whole = sum(each.values())
    report.add("all, every article inside its sketch window", [whole], "bytes")
    report.add(
        "a million known articles at a steady pace, default ages", [whole - each["k"] * (1 - share)], "MB", aim=400
    )


async def _store(connection: Connection, ledger: Ledger, part: list[Stored]) -> dict[str, int]:
    """Store articles as the pipeline does; gives how many bytes each kind of key grew by."""
    sizes: dict[str, int] = {}
    at = await used_memory(connection)
    steps: dict[str, Callable[[Stored], Awaitable[object]]] = {
        "n": lambda one: ledger.resolve(one[0], one[1]),
        "p": lambda one: ledger.printed(one[0], one[4].owner, one[2], Sketch()),
        "a": lambda one: ledger.publish(one[0], "", one[4], [_ENVELOPE], expected_revision=0, recheck_seconds=None),
        "k": lambda one: ledger.printed(one[0], one[4].owner, one[2], one[3]),
    }
    for kind, step in steps.items():
        for start in range(0, len(part), AT_ONCE):
            await asyncio.gather(*map(step, part[start : start + AT_ONCE]))
        await connection.call("XTRIM", connection.keys[0].events, "MAXLEN", 0)
        before, at = at, await used_memory(connection)
        sizes[kind] = at - before
    return sizes


async def used_memory(connection: Connection) -> int:
    """Bytes that Redis has allocated, without the buffers of clients and of the append-only file, which come and go."""
    info = info_fields(await connection.call("INFO", "memory"))
    buffers = ("mem_clients_normal", "mem_aof_buffer", "mem_clients_slaves")
    return int(info["used_memory"]) - sum(int(info.get(name, 0)) for name in buffers)
