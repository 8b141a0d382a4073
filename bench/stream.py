"""What an article and its events take on the stream: pages of ``../shared/gold/extraction``, extracted, read and appended.

In a private Redis, by its own account of its memory: as written by default, with `redis.compress`, and with larger nodes.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.memory import used_memory
from bench.report import Report
from dateline.contract.compression import written_fields
from dateline.dedup.identity import article_id
from dateline.errors import DatelineError
from dateline.jobs.article import read
from dateline.jobs.page import extract
from dateline.jobs.records import PageJob, ReadJob
from dateline.model.records import Body, Entry, QueuedEntry
from dateline.settings import RedisSettings
from dateline.store.private import embedded
from dateline.store.redis import Connection

PAGES = 200
GOLD = Path(__file__).resolve().parents[1].parent / "shared" / "gold" / "extraction"
NODE_BYTES = (4096, 65_536)
Rows = tuple[tuple[tuple[str, bytes], ...], ...]


def published(most: int) -> tuple[list[Rows], float]:
    """Stream entries of so many English pages, in the order of their file; and the mean length of their texts in bytes."""
    found: list[Rows] = []
    sizes: list[int] = []
    for line in (GOLD / "gold.jsonl").read_text().split("\n"):
        if len(found) == most or not line:
            break
        row = json.loads(line)
        file = GOLD / row["file"]
        if not file.exists():
            continue
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        url = row["url"] or "https://paper.example/a"
        queued = QueuedEntry(
            feed="bench", feed_url="https://paper.example/rss", article=article_id(url), entry=Entry(link=url)
        )
        body = Body(
            status=200, requested_url=url, url=url, headers={"content-type": "text/html; charset=utf-8"}, body=data
        )
        try:
            page = extract(PageJob(queued=queued, article=queued.article, fetched=time.time(), body=body))
        except DatelineError:
            continue
        if page.words < 100:
            continue
        done = read(
            ReadJob(article=page.article, article_id=queued.article, kind="published", revision=1, now=time.time())
        )
        article = json.loads(dict(done.envelopes[0])["data"])
        if not str(article.get("language")).startswith("en"):
            continue
        found.append(done.envelopes)
        sizes.append(len(article["text"].encode()))
    return found, statistics.mean(sizes) if sizes else 0.0


async def run(most: int = PAGES) -> Report | None:
    """Append what the pages give, in each form."""
    if not GOLD.is_dir():
        sys.stderr.write("stream: skipped, ../shared/gold/extraction is not here\n")
        return None
    articles, size = published(most)
    entries = sum(map(len, articles)) / len(articles)
    report = Report("stream", f"{len(articles)} pages of {size / 1000:.1f} kB text, {entries:.2f} entries an article")
    for compress in (False, True):
        for node_bytes in NODE_BYTES:
            each = await _stored(articles, compress=compress, node_bytes=node_bytes)
            form = f"{'compressed' if compress else 'default'}, nodes of {node_bytes} bytes"
            aim = (7000 if compress else 17_000) * size / 5500
            report.add(f"an article and its events, {form}", [each], "bytes", aim=round(aim))
    return report


async def _stored(articles: list[Rows], *, compress: bool, node_bytes: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        async with embedded(Path(name) / "redis") as server:
            connection = Connection(RedisSettings(url=server.url, prefix="dateline"))
            try:
                await connection.call("CONFIG", "SET", "stream-node-max-bytes", node_bytes)
                before = await used_memory(connection)
                for rows in articles:
                    for fields in rows:
                        text = [(name, value.decode()) for name, value in fields]
                        written = written_fields(text, "zstd" if compress else None)
                        flat = [part for pair in written for part in pair]
                        await connection.call("XADD", connection.keys[0].events, "*", *flat, "seq", "1")
                return (await used_memory(connection) - before) / len(articles)
            finally:
                await connection.close()
