"""Extraction: CPU beside plain trafilatura on the same pages, and memory over many distinct documents, each in one process.

Pages come from a folder of .html or .html.gz files (``DATELINE_BENCH_PAGES``), else from the bundled newsroom. Every
document of the memory run is another one: words, class names and attribute names are altered by its number, so that no
cache can live on repeats.
"""

from __future__ import annotations

import contextlib
import gc
import gzip
import multiprocessing
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import trafilatura

from bench.report import Report
from dateline.errors import DatelineError
from dateline.extract import extract_page

PAGES_VARIABLE = "DATELINE_BENCH_PAGES"
DOCUMENTS = int(os.environ.get("DATELINE_BENCH_DOCUMENTS", "20000"))
REPORT_EVERY = 1_000
WARM_UP = 2_000
_TEXT = re.compile(rb">([^<>]{12,})<")
_LONG_WORD = re.compile(rb"[A-Za-z]{5,}")
_CLASS = re.compile(rb'class="([^"]{3,80})"')
_ALTERED_SHARE = 0.3


def read_pages() -> list[tuple[str, bytes]]:
    """Address and bytes of each page to measure on."""
    folder = os.environ.get(PAGES_VARIABLE)
    if not folder:
        from bench.reading import newsroom_pages

        return newsroom_pages()
    found = sorted(p for p in Path(folder).rglob("*.html*") if p.suffix in (".html", ".gz"))
    return [
        (f"https://news{i}.example/story-{i}", gzip.decompress(raw) if path.suffix == ".gz" else raw)
        for i, path in enumerate(found)
        for raw in (path.read_bytes(),)
    ]


def altered(html: bytes, number: int) -> bytes:
    """``html`` as another document of the same template: three words in ten, some classes and attributes are its own."""
    rng = random.Random(number)
    mark = b"".join(bytes([97 + (number // 26**k) % 26]) for k in range(4))

    def word(match: re.Match[bytes]) -> bytes:
        return match.group() + mark if rng.random() < _ALTERED_SHARE else match.group()

    def words(match: re.Match[bytes]) -> bytes:
        return b">" + _LONG_WORD.sub(word, match.group(1)) + b"<"

    def classes(match: re.Match[bytes]) -> bytes:
        if rng.random() > 0.1:
            return match.group()
        return b'class="%s css-%s%d" data-v-%s=""' % (match.group(1), mark, rng.randrange(1_000), mark)

    return _CLASS.sub(classes, _TEXT.sub(words, html))


def documents(pages: list[tuple[str, bytes]], count: int) -> Iterator[tuple[str, bytes]]:
    """``count`` distinct documents from the pages, in turn."""
    for number in range(count):
        url, html = pages[number % len(pages)]
        yield f"{url}-{number}", altered(html, number)


def memory() -> None:
    """Print the resident memory of one process every so many distinct documents, and its growth after warm-up."""
    process = multiprocessing.get_context("spawn").Process(target=_memory)
    process.start()
    process.join()


def _memory() -> None:
    pages = read_pages()
    sys.stdout.write(f"extraction-memory: {DOCUMENTS:,} distinct documents from {len(pages)} pages, one process\n")
    began, after_warm_up, peak = time.process_time(), 0.0, 0.0
    for number, (url, html) in enumerate(documents(pages, DOCUMENTS), 1):
        with contextlib.suppress(DatelineError):
            extract_page(html, url=url)
        if number % REPORT_EVERY:
            continue
        gc.collect()
        resident = _resident_mib()
        if number <= WARM_UP:
            after_warm_up = resident
        peak = max(peak, resident - after_warm_up)
        sys.stdout.write(f"  {number:>7,}  {resident:7.1f} MiB  {time.process_time() - began:7.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write(
        f"  growth after {WARM_UP:,}: {_resident_mib() - after_warm_up:+.1f} MiB at the end, {peak:+.1f} MiB at most\n"
    )


def _resident_mib() -> float:
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu(rounds: int = 1) -> Report:
    """Measure CPU per page of both, measured in turn on each page; and the ratio of the sums."""
    pages = read_pages()
    for url, html in pages[:40]:
        _seconds(html, url)
    gc.collect()
    gc.freeze()
    best = [[1e9, 1e9] for _ in pages]
    for _ in range(rounds):
        for row, (url, html) in zip(best, pages, strict=True):
            row[:] = map(min, row, _seconds(html, url))
    ours, theirs = (sum(column) for column in zip(*best, strict=True))
    median = statistics.median(a / b for a, b in best)
    report = Report("extraction-cpu", f"{len(pages)} pages, in turns on each page; CPU")
    report.add("trafilatura with metadata, a page", [theirs / len(pages) * 1e3], "ms")
    report.add("dateline, a page", [ours / len(pages) * 1e3], "ms")
    report.add("ratio", [ours / theirs], "")
    report.add("ratio of the median page", [median], "")
    return report


def _seconds(html: bytes, url: str) -> tuple[float, float]:
    """CPU seconds of extraction here and by plain trafilatura on one page."""
    began = time.process_time()
    with contextlib.suppress(DatelineError):
        extract_page(html, url=url)
    middle = time.process_time()
    trafilatura.bare_extraction(html, url=url, with_metadata=True)
    return middle - began, time.process_time() - middle
