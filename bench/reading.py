"""Reading and extraction: CPU per article against trafilatura on the same page, and growth with length."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
import urllib.request
from datetime import UTC, datetime

import trafilatura

from worker.demo import newsroom
from worker.extract import extract_page
from worker.read import front_page, front_text, read_article

ROUNDS = 5


def cpu(function: object, *arguments: object, **options: object) -> float:
    """CPU seconds of the best of some calls: the one that nobody disturbed."""
    assert callable(function)
    best = 1e9
    for _ in range(ROUNDS):
        began = time.process_time()
        function(*arguments, **options)
        best = min(best, time.process_time() - began)
    return best


def run() -> None:
    """Print the table."""
    pages = newsroom_pages()
    gc.collect()
    bare, ours, front, deep = [], [], [], []
    for url, html in pages:
        bare.append(cpu(trafilatura.bare_extraction, html, url=url, with_metadata=True))
        ours.append(cpu(extract_page, html, url=url))
        article = front_page(extract_page(html, url=url), article_id="x", fetched=datetime.now(UTC), url=url)
        front.append(cpu(front_page, extract_page(html, url=url), article_id="x", fetched=datetime.now(UTC)))
        deep.append(cpu(read_article, article))
    print(f"reading: {len(pages)} pages of the bundled newsroom, CPU per page, median")
    for name, values in (
        ("trafilatura, with metadata", bare),
        ("dateline extract", ours),
        ("wire front end", front),
        ("read", deep),
    ):
        median = statistics.median(values)
        print(f"  {name:<28} {median * 1000:7.2f} ms   {median / statistics.median(bare):5.2f} of trafilatura")
    _growth()


def _growth() -> None:
    """CPU at 1x and 10x length, plain and hostile: linear means 10x, the limit is 8x per 10x more than proportional."""
    now = datetime(2024, 3, 12, tzinfo=UTC)
    sentence = "The foreign minister of Norway met his Danish counterpart in Oslo on Monday to discuss fishing rights, "
    sentence += "officials said. "
    cases = {
        "news": lambda n: "\n\n".join([sentence * 4] * n),
        "capitals": lambda n: "The North Atlantic Treaty Organization Of United States " * (8 * n),
        "open quotes": lambda n: 'He said "we will never go ' * (18 * n),
        "numbers": lambda n: " ".join(str(i * 7) for i in range(90 * n)),
    }
    print("growth: CPU of 10x the text over 10 times the CPU of 1x (1.0 is linear)")
    for name, make in cases.items():
        small, large = make(10), make(100)
        costs = []
        for text in (small, large):
            article = front_text(text, article_id="x", fetched=now, published=now)
            costs.append(cpu(read_article, article) + cpu(front_text, text, article_id="x", fetched=now, published=now))
        print(
            f"  {name:<14} {len(small) / 1e3:6.1f} kB {costs[0] * 1e3:8.1f} ms   "
            f"{len(large) / 1e3:6.1f} kB {costs[1] * 1e3:8.1f} ms   {costs[1] / costs[0] / 10:5.2f}"
        )


def newsroom_pages() -> list[tuple[str, bytes]]:
    """Address and bytes of the bundled newsroom's pages."""
    return asyncio.run(_pages())


async def _pages() -> list[tuple[str, bytes]]:
    async with newsroom.serve() as room:
        urls = (
            [printing.url for printing in room.printings() if printing.url]
            if hasattr(room.printings()[0], "url")
            else []
        )
        urls = urls or [row.link for row in await asyncio.to_thread(_links, room)]
        return [(url, body) for url in dict.fromkeys(urls) if (body := await asyncio.to_thread(_get, url))]


def _links(room: newsroom.Newsroom) -> list[object]:
    from worker.sources import parse_feed

    rows: list[object] = []
    for feed in room.feeds:
        body = _get(feed.url)
        if body:
            rows += [entry for entry in parse_feed(body, url=feed.url, headers={}).entries if entry.link]
    return rows


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bytes(answer.read())
    except OSError:
        return b""
