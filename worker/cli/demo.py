"""``dateline demo``: the real daemon on the bundled newsroom, embedded Redis; prints what it publishes and exits."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from ..app import App, open_app
from ..daemon import run as run_app
from ..dedup.identity import feed_id
from ..demo import newsroom
from ..errors import DatelineError
from ..serve.desk.api import add_desk
from ..serve.desk.desk import open_desk
from ..serve.http import serve
from ..settings import (
    FetchSettings,
    IngestSettings,
    LogSettings,
    PolitenessSettings,
    PollSettings,
    PoolSettings,
    RedisSettings,
    ServeSettings,
    Settings,
)
from ..store.dead_letters import DeadLetters
from ..store.entries import rows
from ..store.feeds import NewFeed
from ..telemetry import inert, set_up_logs
from ..urls import canonical
from .render import Printer

LONGEST_SECONDS = 120.0


def demo(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline demo``."""
    parser.add_argument("--keep-open", action="store_true", help="keep daemon and desk running until Ctrl-C")
    parser.add_argument(
        "--port", type=port_number, default=0, help="port of the desk (with --keep-open; default: any free port)"
    )
    parser.add_argument("--json", action="store_true", help="print stream entries as JSON lines")
    return _demo


def port_number(text: str) -> int:
    """Return a port for argparse: 0 (any free one) to 65535."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; use 0 (any free one) to 65535")
    return int(text)


def demo_settings(folder: str, port: int, serve_port: int | None) -> Settings:
    """Return the daemon's settings for the demo: one loopback port allowed, short waits."""
    return Settings(
        redis=RedisSettings(url=None, data_folder=folder),
        poll=PollSettings(interval_seconds=60.0, floor_seconds=30.0, busy_floor_seconds=30.0),
        fetch=FetchSettings(contact="https://dateline.example/about", allow=(f"127.0.0.0/8:{port}",)),
        politeness=PolitenessSettings(spacing_seconds=0.1),
        pool=PoolSettings(wall_seconds=20.0),
        ingest=IngestSettings(retry_seconds=(0.5, 1.0)),
        serve=ServeSettings(enabled=serve_port is not None, port=serve_port or 0),
        log=LogSettings(level="warning"),
        where="the demo",
    )


async def _demo(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "error", "text")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dateline-demo-") as folder:
        async with newsroom.serve() as room:
            settings = demo_settings(
                folder, urlsplit(room.base_url).port or 80, options.port if options.keep_open else None
            )
            if options.config:
                sys.stderr.write("dateline: the demo has its own settings; --config is ignored\n")
            async with open_app(settings) as app:
                return await _show(app, room, options, began)


async def _show(app: App, room: newsroom.Newsroom, options: argparse.Namespace, began: float) -> int:
    out = sys.stdout
    say = out.write if not options.json else sys.stderr.write
    say(
        f"A newsroom on loopback: {len(room.feeds)} feeds of invented papers. The daemon polls, fetches, reads, publishes.\n"
    )
    await app.feeds.add([NewFeed(feed_id(canonical(f.url)), f.url, f.title, f.group) for f in room.feeds])
    daemon = asyncio.create_task(run_app(app))
    printer = Printer(as_json=options.json)
    tail = asyncio.create_task(_follow(app, printer))
    try:
        async with AsyncExitStack() as stack:
            port = await _serve(app, stack) if app.settings.serve.enabled else None
            if port:
                say(f"The desk: http://{app.settings.serve.host}:{port}/desk\n")
            async with asyncio.timeout(LONGEST_SECONDS):
                await _settled(app, daemon)
                while room.edition < room.last_edition:
                    await _caught_up(app, printer, tail)
                    say(f"\n--- edition {room.advance()}: the feeds are polled again ---\n")
                    for feed in await app.feeds.ids():
                        await app.feeds.poll_now(feed)
                    await _settled(app, daemon)
                await _caught_up(app, printer, tail)
            await _summary(app, say, time.monotonic() - began)
            if options.keep_open:
                say("\nThe daemon keeps running; press Ctrl-C to stop it.\n")
                await daemon
    except TimeoutError as error:
        raise DatelineError(
            f"the demo did not end within {LONGEST_SECONDS:g} s; `dateline demo --log-level debug` shows what it waits for"
        ) from error
    finally:
        app.stop.set()
        tail.cancel()
        await asyncio.gather(daemon, tail, return_exceptions=True)
    return 0


async def _serve(app: App, stack: AsyncExitStack) -> int | None:
    desk = await stack.enter_async_context(open_desk(app.settings, app.connection, ready=_ready, sample_seconds=2.0))
    serving = serve(app.settings.serve, app.metrics, _ready, lambda web: add_desk(web, desk))
    return await stack.enter_async_context(serving)


async def _ready() -> str | None:
    return None


async def _settled(app: App, daemon: asyncio.Task[None]) -> None:
    """Wait until nothing is due or in progress, seen twice in a row."""
    quiet = 0
    while quiet < 2:
        if daemon.done():
            daemon.result()
            raise RuntimeError("the daemon ended by itself")
        await asyncio.sleep(0.2)
        quiet = quiet + 1 if await app.idle() else 0


async def _follow(app: App, printer: Printer) -> None:
    cursor = "0-0"
    stream = app.connection.keys[0].events
    while True:
        answer = await app.connection.call("XREAD", "COUNT", 50, "BLOCK", 500, "STREAMS", stream, cursor)
        for mid, fields in rows(answer[0][1]) if answer else ():
            printer.show(mid, fields)
            cursor = mid


async def _caught_up(app: App, printer: Printer, tail: asyncio.Task[None]) -> None:
    """Wait until all of the stream is printed; raises what ended the printing (a reader that closed the pipe)."""
    while printer.shown < await app.connection.call("XLEN", app.connection.keys[0].events):
        if tail.done():
            tail.result()
        await asyncio.sleep(0.05)


async def _summary(app: App, say: Callable[[str], object], seconds: float) -> None:
    kinds: Counter[str] = Counter()
    for _, fields in rows(await app.connection.call("XRANGE", app.connection.keys[0].events, "-", "+")):
        kinds[fields[b"type"].decode().removeprefix("dateline.")] += 1
    states = [state async for state in app.feeds.all()]
    entries = sum(state.numbers.get("entries", 0) for state in states)
    say(f"\n=== {seconds:.1f} s: {len(states)} feeds, {entries} entries shown, ")
    say(
        f"{kinds['article.published']} articles, {kinds['article.copied']} copies, {kinds['article.revised']} revisions, "
    )
    say(f"{kinds['event.reported']} events, {kinds['event.retracted']} retracted ===\n")
    for state in states:
        if state.error:
            say(f"feed failed: {state.url}\n    {inert(state.error, 160)}\n")
    letters = [letter async for letter in DeadLetters(app.connection).all()]
    say(f"dead letters: {len(letters)}\n")
    for letter in letters:
        say(f"  {letter.fields.get('code', '?'):<14} {letter.fields.get('url') or letter.fields.get('guid')}\n")
        say(f"{'':17}{inert(letter.fields.get('reason', ''), 140)}\n")
    with contextlib.suppress(OSError):
        sys.stdout.flush()
