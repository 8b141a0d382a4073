"""``extract``, ``parse``: documents to records, one or many, in child processes like the daemon's."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from ..encoding.decompress import inflate
from ..errors import DatelineError, SettingsError, explain_os_error
from ..jobs.lines import failed, unread
from ..jobs.user_files import checked, warm_with
from ..pool import Pool
from ..settings import PoolSettings, ReadSettings, load_for_verb
from ..telemetry import set_up_logs
from .canonical import opened

_ROOT = __name__.partition(".")[0]
_WINDOW = 32  #: lines in the pool at a time: keeps memory flat however long the input
_MAX_LINE_CHARS = 40 << 20


def extract(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline extract URL | FILE | -``."""
    parser.add_argument("what", nargs="?", metavar="URL|FILE|-", help="URL or file to read; - is standard input")
    parser.add_argument(
        "--batch", metavar="IN.jsonl", help="lines {id, html|text|path, url, published, title}; - is stdin"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--text", action="store_true", help="the input is plain text, not HTML")
    form.add_argument("--html", action="store_true", help="the input is HTML (the default)")
    parser.add_argument("--url", help="the address the page came from")
    parser.add_argument("--title", help="the headline, where the text has none")
    parser.add_argument("--published", help="when it was published, ISO 8601: relative dates count from here")
    parser.add_argument(
        "--gazetteer",
        action="append",
        default=[],
        metavar="FILE",
        help="your own names; they override the built-in ones",
    )
    parser.add_argument(
        "--lexicon",
        action="append",
        default=[],
        metavar="FILE",
        help="your own event frames; they override the built-in ones",
    )
    parser.add_argument("--spacy-model", metavar="FOLDER", help="folder of a spaCy model on this disk, for more names")
    parser.add_argument(
        "--other-languages", action="store_true", help="read date words of other languages, by dateparser"
    )
    parser.add_argument(
        "--all-events", action="store_true", help="also negated, conditional, historical and alleged events"
    )
    parser.add_argument(
        "--compare", action="store_true", help="print our text beside trafilatura's, by paragraph, to judge and report"
    )
    parser.add_argument(
        "--warc", nargs="+", metavar="FILE", help="every page of WARC files: the archive's, any crawler's"
    )
    pool_options(parser)
    return _extract


def parse(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline parse FEEDFILE``."""
    parser.add_argument("what", nargs="?", metavar="FILE|-", help="a feed document; - is standard input")
    parser.add_argument("--batch", metavar="IN.jsonl", help="lines {id, path|body, url, headers}; - is standard input")
    parser.add_argument("--url", help="the address the feed came from: relative links count from here")
    pool_options(parser)
    return _parse


def _above_0(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return a number for argparse that is more than nought."""

    def number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = kind(0)
        if not 0 < value < 1e6:
            raise argparse.ArgumentTypeError(f"{text!r} is no {'whole ' if kind is int else ''}number above 0")
        return value

    return number


def pool_options(parser: argparse.ArgumentParser) -> None:
    """The options of verbs that read documents in child processes."""
    parser.add_argument(
        "--children", type=_above_0(int), default=None, metavar="N", help="child processes (default: one per CPU)"
    )
    parser.add_argument(
        "--wall-seconds", type=_above_0(float), default=20.0, metavar="S", help="longest time for one document"
    )


async def _extract(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    if options.warc:
        from .warc import read_again

        return await read_again(options.warc, options, reading=_reading(options))
    if options.batch:
        extra = _reading(options)
        return await _batch("extract", options, extra)
    line: dict[str, Any] = {
        "id": options.what,
        "url": options.url,
        "published": options.published,
        "title": options.title,
    }
    line |= _reading(options)
    what = _needed(options.what, "a URL, a file or -")
    if "://" in what:
        line |= await _fetched(what, options)
    elif options.text:
        line["text"] = _input(what).decode("utf-8", "replace")
    else:
        # Pass the bytes unchanged: the page declares its character set.
        line |= {"html": _input(what).decode("latin-1"), "raw": True} if what == "-" else {"path": _absolute(what)}
    if options.compare:
        if options.text:
            raise SettingsError("--compare needs a page: trafilatura reads no plain text; leave out --text")
        return await _single("compare", line, options)
    return await _single("extract", line, options)


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of reading as fields of a batch line; checks the user's files."""
    read = ReadSettings(
        gazetteers=tuple(options.gazetteer), lexicons=tuple(options.lexicon), spacy_model=options.spacy_model or None,
        other_languages=options.other_languages,
    )  # fmt: skip
    given: dict[str, Any] = msgspec.to_builtins(checked(read))
    return given | ({"all_events": True} if options.all_events else {})


async def _parse(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    if options.batch:
        return await _batch("parse", options, {})
    what = _needed(options.what, "a file or -")
    line: dict[str, Any] = {"id": what, "url": options.url}
    line |= {"body": _input(what).decode("utf-8", "surrogateescape")} if what == "-" else {"path": _absolute(what)}
    return await _single("parse", line, options)


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # a child may stand elsewhere


def _needed(what: str | None, wanted: str) -> str:
    if not what:
        raise SettingsError(f"give {wanted}, or --batch FILE")
    return what


def _input(what: str) -> bytes:
    if what == "-":
        return sys.stdin.buffer.read(64 << 20)
    try:
        return Path(what).read_bytes()
    except OSError as error:
        raise SettingsError(f"{what}: cannot be read: {explain_os_error(error)}") from error


async def _fetched(url: str, options: argparse.Namespace) -> dict[str, Any]:
    settings = load_for_verb(options.config).fetch
    from ..fetch.client import Client  # with aiohttp, which documents in files need not load
    from ..fetch.guard import Guard

    async with Client(settings, Guard(settings.allow)) as client:
        body = await client.get(url, kind="page")
    html = await asyncio.to_thread(inflate, body.body, body.encoding, max_bytes=settings.max_page_bytes)
    kind = body.headers.get("content-type")
    # The bytes go as Latin-1 text, byte for byte, so that the page's own character set is found where it always is.
    return {"url": body.url, "html": html.decode("latin-1"), "content_type": kind, "raw": True}


async def _single(job: str, line: dict[str, Any], options: argparse.Namespace) -> int:
    if line.pop("raw", False):
        import tempfile

        with tempfile.NamedTemporaryFile(suffix=".html") as file:
            file.write(line.pop("html").encode("latin-1"))
            file.flush()
            return await _single(job, line | {"path": file.name}, options)
    async with document_pool(options, line) as pool:
        answer = await one(pool, job, json.dumps(line).encode("utf-8", "surrogatepass"), options.wall_seconds)
    record = json.loads(answer)
    if record.get("comparison"):
        sys.stdout.write(_show_comparison(record["comparison"]))
        return 0
    sys.stdout.write(json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    if record["error"]:
        sys.stderr.write(f"dateline: {record['error']['message']}\n")
        return 1
    return 0


_SIDES = (("ours", "words"), ("trafilatura", "trafilatura_words"))


def _show_comparison(found: dict[str, Any]) -> str:
    """Return a comparison for the terminal: "=" in both texts, "+" only in ours, "-" only in trafilatura's."""
    marks = {"both": "=", "ours": "+", "trafilatura": "-"}
    lines = [f"{marks[row['side']]} {row['text']}" for row in found["paragraphs"]]
    notes = f"; notes: {', '.join(found['notes'])}" if found["notes"] else ""
    ours, theirs = (f"{found[f'only_{side}']} of {found[key]} words" for side, key in _SIDES)
    sums = f"= both  + ours only: {ours}  - trafilatura only: {theirs}"
    return "\n".join([*lines, "", f"{sums}; ours from: {found['extracted_from']}{notes}", ""])


def document_pool(options: argparse.Namespace, reading: Mapping[str, Any]) -> Pool:
    """Return the pool that `pool_options` describe; its children share what the lines' ``reading`` loads."""
    given = {name: reading[name] for name in ReadSettings.__struct_fields__ if name in reading}
    own = warm_with(msgspec.convert(given, ReadSettings))
    settings = PoolSettings(children=options.children, wall_seconds=options.wall_seconds)
    return Pool(settings, jobs=f"{_ROOT}.jobs.batch", warm_with=own)


async def one(pool: Pool, job: str, line: bytes, wall_seconds: float) -> bytes:
    """Return the answer to one line. A page whose reading crashes or hangs gives its article unread, with a note; one whose
    extraction does gives an answer with ``error``."""
    try:
        return await pool.run(job, line, wall_seconds=wall_seconds)
    except DatelineError as error:
        if (again := unread(job, line, error)) is not None:
            with contextlib.suppress(DatelineError):
                return await pool.run(job, again, wall_seconds=wall_seconds)
        return failed(job, _name(line), error)


def _name(line: bytes) -> Any:
    try:
        row = msgspec.json.decode(line)
        return row.get("id") if isinstance(row, dict) else None
    except (msgspec.MsgspecError, RecursionError):
        return None


async def _batch(job: str, options: argparse.Namespace, extra: dict[str, Any]) -> int:
    """Lines in, lines out, in order; gives 1 where any line failed."""
    bad = done = 0
    with opened(options.batch) as source:
        total = _count(options.batch)
        from tqdm import tqdm

        bar = tqdm(total=total, unit=" lines", disable=not sys.stderr.isatty(), file=sys.stderr, smoothing=0.05)
        async with document_pool(options, extra) as pool:
            work = (one(pool, job, line, options.wall_seconds) for line in _lines(source, extra))
            async for answer in in_order(work):
                sys.stdout.buffer.write(answer + b"\n")
                done += 1
                bad += is_bad(answer)
                bar.update()
        bar.close()
    sys.stdout.buffer.flush()
    if bad:
        sys.stderr.write(f'dateline: {bad} of {done} lines gave an error; see their "error"\n')
    return 1 if bad else 0


async def in_order(work: Iterator[Coroutine[Any, Any, bytes]]) -> AsyncIterator[bytes]:
    """Yield the answers in the order of the questions, of which so many are under way that memory stays flat."""
    waiting: deque[asyncio.Task[bytes]] = deque()
    try:
        for question in work:
            waiting.append(asyncio.create_task(question))
            if len(waiting) >= _WINDOW:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()


def is_bad(answer: bytes) -> bool:
    """Return whether an output line has an error; ``error`` is its last field."""
    return not answer.endswith(b'"error":null}')


def _lines(source: IO[bytes], extra: dict[str, Any]) -> Iterator[bytes]:
    while line := source.readline(_MAX_LINE_CHARS):
        line = line.strip()
        if not line:
            continue
        if extra and line.startswith(b"{"):
            line = b"{" + msgspec.json.encode(extra)[1:-1] + b"," + line[1:]
        yield line


def _count(path: str) -> int | None:
    """Lines of a file, for the bar on a terminal; None without a terminal or for standard input."""
    if path == "-" or not sys.stderr.isatty():
        return None
    with Path(path).open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
