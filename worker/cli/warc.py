"""``extract --warc`` and ``replay --from-archive``: read archived pages again with the present extractor."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ..archive.read import ArchivedPage, files, pages
from ..errors import PermanentError
from ..jobs.lines import failed
from ..jobs.user_files import checked
from ..pool import Pool
from ..settings import ReadSettings
from .extract import document_pool, in_order, is_bad, one, pool_options


def archive_options(parser: argparse.ArgumentParser) -> None:
    """The options of verbs that read an archive again."""
    parser.add_argument(
        "--from-archive", nargs="+", metavar="PATH",
        help="read archived pages again instead: WARC files or folders, output as of `extract --batch`",
    )  # fmt: skip
    pool_options(parser)


async def read_archive(
    options: argparse.Namespace, read: ReadSettings, *, since: datetime | None, until: datetime | None
) -> int:
    """Read the pages of ``--from-archive`` with the settings of a daemon; returns as `read_again` does."""
    own = msgspec.to_builtins(checked(read))
    return await read_again(options.from_archive, options, reading=own, since=since, until=until)


async def read_again(
    paths: list[str], options: argparse.Namespace, *, reading: Mapping[str, Any] | None = None,
    since: datetime | None = None, until: datetime | None = None,
) -> int:  # fmt: skip
    """Every page of these files and folders as one line ``{id, article, events, quotes, error}``, in the files' order.

    ``id`` is the page's address; of a page that this daemon archived, ``article.id`` is what the stream has. Gives 1 where any
    page gave an error. Args: reading: what each line says of how to read; since, until: only pages fetched then.
    """
    from tqdm import tqdm

    found = files([Path(path) for path in paths])
    total = sum(path.stat().st_size for path in found)
    bar = tqdm(total=total, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), file=sys.stderr)
    bad = done = 0
    async with document_pool(options, reading or {}) as pool:
        asked = _jobs(found, pool, options.wall_seconds, bar, reading or {}, since, until)
        async for answer in in_order(asked):
            sys.stdout.buffer.write(answer + b"\n")
            done += 1
            bad += is_bad(answer)
    bar.close()
    sys.stdout.buffer.flush()
    if bad:
        sys.stderr.write(f'dateline: {bad} of {done} pages gave no article; see their "error"\n')
    return 1 if bad else 0


def _jobs(
    found: list[Path], pool: Pool, wall_seconds: float, bar: Any, reading: Mapping[str, Any], since: datetime | None,
    until: datetime | None,
) -> Iterator[Coroutine[Any, Any, bytes]]:  # fmt: skip
    for path in found:
        bar.set_postfix_str(path.name[-40:])
        for page in pages(path, bar.update):
            if page.fetched and ((since and page.fetched < since) or (until and page.fetched > until)):
                continue
            if page.problem:
                yield _answer(failed("extract", page.url, PermanentError(page.problem, code="damaged")))
            else:
                yield one(pool, "extract", line(page, reading), wall_seconds)


async def _answer(answer: bytes) -> bytes:
    await asyncio.sleep(0)
    return answer


def line(page: ArchivedPage, reading: Mapping[str, Any]) -> bytes:
    """The page as a line of ``extract --batch``. Relative dates count from its publication, else from when it was fetched."""
    return msgspec.json.encode(
        {
            "id": page.url,
            "url": page.url,
            "raw": page.body,
            "content_type": page.content_type,
            "article": page.known.get("article") or None,
            "published": page.known.get("published") or None,
            "fetched": page.fetched.isoformat() if page.fetched else None,
            **reading,
        }
    )
