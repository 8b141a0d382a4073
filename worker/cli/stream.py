"""``tail``, ``replay``, ``export``: read the events stream."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from ..client import follow
from ..client import replay as replay_stream
from ..client.position import as_time
from ..contract.compression import text_fields
from ..contract.envelope import TYPES, data_with_texts
from ..errors import SettingsError, StoreUnavailable
from ..settings import load_for_verb
from ..store import upkeep
from ..store.connect import open_used_store
from ..store.entries import rows
from ..store.redis import Connection
from ..telemetry import inert, set_up_logs
from .render import Printer, is_of_kind

Main = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]
_ID = re.compile(r"\d{1,19}-\d{1,19}|\d{9,19}|-")
_TYPES = tuple(name.removeprefix("dateline.") for name in TYPES)


def tail(parser: argparse.ArgumentParser) -> Main:
    """``dateline tail``."""
    parser.add_argument("--json", action="store_true", help="each stream entry as one JSON line")
    parser.add_argument(
        "--last", type=at_least_0, default=10, metavar="N", help="begin with the last N entries, of --type (default 10)"
    )
    parser.add_argument("--type", help=f"only entries of this type: event, article, {', '.join(_TYPES)}")
    parser.add_argument("--notices", action="store_true", help="show operational notices instead")
    return _tail


def replay(parser: argparse.ArgumentParser) -> Main:
    """``dateline replay``."""
    from .warc import archive_options  # brings all of reading with it

    parser.add_argument("--since", default="-", help="a stream id, a time, 24h, yesterday; default: the beginning")
    parser.add_argument("--until", default="+", help="likewise; default: now")
    parser.add_argument("--type", help="only entries of this type, such as event")
    parser.add_argument("--group", help="set this consumer group to --since instead of printing")
    archive_options(parser)
    return _replay


def export(parser: argparse.ArgumentParser) -> Main:
    """``dateline export``."""
    from ..export import FORMATS

    parser.add_argument("--format", choices=tuple(FORMATS), default="jsonl", help="(default jsonl)")
    parser.add_argument("--since", default="-", help="a stream id, a time, 24h, yesterday; default: the beginning")
    parser.add_argument("--until", default="+", help="likewise; default: now")
    parser.add_argument(
        "--final", action="store_true", help="each article and event once, in its last state; omits retracted ones"
    )
    return _export


def at_least_0(text: str) -> int:
    """Return a count for argparse."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count; use 0 or a positive number")
    return int(text)


def _check_type(wanted: str | None) -> None:
    """Raises SettingsError for a type that no entry of the stream is of."""
    if wanted and not any(is_of_kind(name, wanted) for name in TYPES):
        raise SettingsError(f"--type {wanted}: no type of the stream; there are event, article, {', '.join(_TYPES)}")


def _bound(text: str, *, upper: bool = False) -> str:
    """Return a stream id from an id or a time. Raises SettingsError."""
    if _ID.fullmatch(text) or (upper and text == "+"):
        return text
    try:
        at = as_time(text)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if at is None:
        return {"start": "-", "now": "+" if upper else f"{int(time.time() * 1000)}"}.get(text, text)
    return f"{int(at.timestamp() * 1000)}" + ("-18446744073709551615" if upper else "")


def _time_of(bound: str) -> datetime | None:
    """Return the time in a stream id; None for an open end."""
    return datetime.fromtimestamp(int(bound.partition("-")[0]) / 1000, UTC) if bound[:1].isdigit() else None


async def _tail(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    if not options.notices:
        _check_type(options.type)
    async with open_used_store(settings) as connection:
        if options.notices:
            return await _tail_notices(connection, options)
        if sys.stdout.isatty() and not sum([await connection.call("XLEN", keys.events) for keys in connection.keys]):
            sys.stderr.write("the stream is empty; waiting, press Ctrl-C to stop\n")
        printer = Printer(as_json=options.json, wanted=options.type)

        stream, kind = connection.keys[0].events, options.type
        wanted = (lambda name: is_of_kind(name, kind)) if kind else None
        try:
            async for message in follow(
                connection.url, last=options.last, stream=stream, on_break=_Breaks().tell, wanted=wanted
            ):
                printer.show_message(message)
        except (ConnectionError, TimeoutError, RedisError) as error:
            raise _store_error(connection, error) from error
    return 0


class _Breaks:
    """Says on standard error that Redis went away: once a minute, as a restart of the daemon takes seconds."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def tell(self, error: Exception) -> None:
        """Say it, unless that was done within the minute."""
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + 60.0
            sys.stderr.write(
                f"dateline: Redis does not answer ({inert(str(error), 200)}); waiting for it, Ctrl-C ends this\n"
            )


async def _tail_notices(connection: Connection, options: argparse.Namespace) -> int:
    stream, printer = connection.keys[0].notices, Printer(as_json=True, wanted=options.type)
    cursor = "0-0"
    for mid, fields in reversed(
        rows(await connection.call("XREVRANGE", stream, "+", "-", "COUNT", options.last)) if options.last else ()
    ):
        printer.show(mid, fields)
        cursor = mid
    breaks = _Breaks()
    while True:
        try:
            answer = await connection.call("XREAD", "COUNT", 100, "BLOCK", 2000, "STREAMS", stream, cursor)
        except StoreUnavailable as error:
            breaks.tell(error)
            await asyncio.sleep(1.0)
            continue
        for mid, fields in rows(answer[0][1]) if answer else ():
            printer.show(mid, fields)
            cursor = mid


async def _replay(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    since, until = _bound(options.since), _bound(options.until, upper=True)
    if options.from_archive:
        if options.group or options.type:
            raise SettingsError("--from-archive reads pages, not the stream: use it with --since and --until only")
        from .warc import read_archive

        return await read_archive(options, settings.read, since=_time_of(since), until=_time_of(until))
    _check_type(options.type)
    async with open_used_store(settings) as connection:
        if options.group:
            at = "0" if since == "-" else since
            for partition, keys in enumerate(connection.keys):
                there = [group["name"] for group in await upkeep.groups(connection, partition)]
                if options.group not in there:
                    raise SettingsError(
                        f"no consumer group {options.group!r} on {keys.events}; there are: {listed(there)}"
                    )
                await connection.call("XGROUP", "SETID", keys.events, options.group, at)
            sys.stdout.write(f"group {options.group} reads again from {options.since}\n")
            return 0
        printer = Printer(as_json=True, wanted=options.type)
        first, last = "start" if since == "-" else since, "now" if until == "+" else until
        try:
            url, stream = connection.url, connection.keys[0].events
            async for message in replay_stream(url, since=first, until=last, stream=stream):
                printer.show_message(message)
        except (ConnectionError, TimeoutError, RedisError) as error:
            raise _store_error(connection, error) from error
    return 0


def listed(names: list[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _store_error(connection: Connection, error: Exception) -> Exception:
    """What to raise for an error of the wire; other errors of writing (a full disk) are the output's."""
    if isinstance(error, BrokenPipeError):
        return error  # the reader closed our output: no error of Redis
    return StoreUnavailable(f"Redis at {connection.where} does not answer: {error}")


async def stream_range(connection: Connection, since: str, until: str) -> Any:
    """Entries of every partition's events stream between two ids, in the order of each."""
    for keys in connection.keys:
        start = since
        while True:
            page = rows(await connection.call("XRANGE", keys.events, start, until, "COUNT", 500))
            for row in page:
                yield row
            if len(page) < 500:
                break
            start = "(" + page[-1][0]


async def _export(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from ..export import FORMATS, FinalStates

    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    since, until = _bound(options.since), _bound(options.until, upper=True)
    exporter = FORMATS[options.format]()
    last = FinalStates() if options.final else None
    async with open_used_store(settings) as connection:
        if last:
            async for mid, fields in stream_range(connection, since, until):
                last.note(mid, text_fields(fields))
        for line in exporter.head():
            sys.stdout.write(line + "\n")
        bar = tqdm(disable=not sys.stderr.isatty(), file=sys.stderr, unit=" entries")
        async for mid, fields in stream_range(connection, since, until):
            text = text_fields(fields)
            for line in exporter.lines(text) if last is None or last.keeps(mid, text) else ():
                sys.stdout.write(line + "\n")
            bar.update()
        bar.close()
    return 0


def as_json(mid: str, fields: dict[bytes, bytes]) -> str:
    """Return a stream entry as one JSON object, ``data`` as the record it is."""
    row: dict[str, Any] = {"stream_id": mid} | text_fields(fields)
    if "data" in row:
        row["data"] = json.loads(data_with_texts(row))
    return json.dumps(row, ensure_ascii=False)
