"""``dateline feeds ...``: the feed list."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import clock
from ..errors import DatelineError, PermanentError, SettingsError, explain_os_error
from ..model.ids import feed_id
from ..settings import load_for_verb
from ..store.connect import open_store, open_used_store
from ..store.feeds import Feeds, NewFeed
from ..telemetry import inert, set_up_logs
from ..urls import canonical


def feeds(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """The verbs below ``feeds``."""
    sub = parser.add_subparsers(dest="what", required=True, metavar="VERB")
    add = sub.add_parser("add", help="add a feed by its URL, or by a site's URL: the feed is found and tried first")
    add.add_argument("urls", nargs="+", metavar="URL", help="of a feed or of a site")
    add.add_argument("--group", default="added", help="the group to put it into (default: added)")
    add.add_argument("--no-check", action="store_true", help="add it without a test request")
    rows = sub.add_parser("list", help="list feeds, their state and when they are due")
    rows.add_argument("--json", action="store_true", help="one JSON line for each")
    rows.add_argument("--failing", action="store_true", help="only feeds whose last poll failed")
    for name, about in (
        ("remove", "delete a feed; its published articles stay known"), ("pause", "stop polling a feed"),
        ("resume", "poll a paused feed again"), ("now", "poll a feed now"),
        ("explain", "show when a feed is polled next, and why"),
    ):  # fmt: skip
        sub.add_parser(name, help=about).add_argument("urls", nargs="+", metavar="URL|ID", help="of a feed")
    imported = sub.add_parser("import", help="add the feeds of an OPML file")
    imported.add_argument("file", metavar="FILE", help="an OPML file")
    imported.add_argument("--group", help="put all of them into this group")
    sub.add_parser("export", help="write OPML to standard output")
    for name, about in (("check", "show what a poll would find"), ("discover", "find the feeds of a site")):
        sub.add_parser(name, help=about).add_argument("urls", nargs="+", metavar="URL", help="of a feed or of a site")
    return _feeds


async def _feeds(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    if options.what in ("add", "check", "discover"):
        from . import try_feed  # brings the client and the parsers with it

        if options.what != "add":
            return await try_feed.show(settings, options)
    opened = open_store if options.what in ("add", "import") else open_used_store
    async with opened(settings) as connection:
        table = Feeds(connection, settings.poll.lease_seconds)
        if options.what == "add":
            return await try_feed.add(settings, table, options)
        if options.what == "list":
            return await _list(table, options)
        if options.what == "import":
            return await _import(table, options)
        if options.what == "export":
            return await _export(table)
        return await _each(table, options)


async def _list(table: Feeds, options: argparse.Namespace) -> int:
    states = sorted([state async for state in table.all()], key=lambda s: (s.group, s.url))
    now = time.time()
    for state in states:
        if options.failing and not state.error:
            continue
        due = "paused" if state.paused else _wait(state.next_at - now) if state.next_at else "now"
        if options.json:
            row: dict[str, Any] = {
                "id": state.feed, "url": state.url, "title": state.title, "group": state.group, "status": state.status,
                "error": state.error, "origin": state.origin, "paused": state.paused,
                "due": due, "next_at": _iso(state.next_at) if state.next_at and not state.paused else None,
                "reason": state.reason, "polls": state.numbers.get("polls", 0), "entries": state.numbers.get("new", 0),
            }  # fmt: skip
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(
                f"{state.group:<12} {due:>10}  {state.status or '-':<14} {inert(state.title, 40):<40} {state.url}\n"
            )
            if state.error:
                sys.stdout.write(f"{'':<26}{inert(state.error, 160)}\n")
    if not states:
        sys.stderr.write("no feeds yet: list them in feeds.toml beside the settings, or run `dateline feeds add URL`\n")
    return 0


def _wait(seconds: float) -> str:
    """Return a time from now as text, e.g. ``in 5 min``."""
    if seconds <= 0:
        return "now"
    if seconds < 120:
        return f"in {seconds:.0f} s"
    return f"in {seconds / 60:.0f} min" if seconds < 7200 else f"in {seconds / 3600:.0f} h"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


async def _import(table: Feeds, options: argparse.Namespace) -> int:
    try:
        raw = await asyncio.to_thread(Path(options.file).read_bytes)
    except OSError as error:
        raise SettingsError(f"{options.file}: cannot be read: {explain_os_error(error)}") from error
    from tqdm import tqdm

    from ..polling import opml

    try:
        listed = opml.read(raw)
    except PermanentError as error:
        raise PermanentError(f"{options.file}: {error}", code=error.code) from error
    if not listed:
        raise PermanentError(
            f"{options.file}: no feed in it: an outline of a feed has the attribute xmlUrl", code="empty"
        )
    bad, rows = 0, {}
    now = time.time()
    for at, row in enumerate(listed):
        try:
            feed = feed_id(canonical(row.url))
        except DatelineError as error:
            bad += 1
            sys.stderr.write(f"dateline: {inert(row.url, 200)}: {error}\n")
            continue
        group = options.group or (row.group[0] if row.group else "imported")
        # First polls are spread over a quarter of an hour, not all at once.
        rows[feed] = NewFeed(
            feed, row.url, inert(row.title or "", 200), group, due_at=now + 900.0 * at / max(1, len(listed))
        )
    added = 0
    every = list(rows.values())
    for start in tqdm(range(0, len(every), 500), disable=not sys.stderr.isatty(), file=sys.stderr, unit=" x500 feeds"):
        added += await table.add(every[start : start + 500])
    sys.stdout.write(f"{added} added, {len(every) - added} known already, {bad} refused, of {len(listed)}\n")
    return 1 if bad else 0


async def _export(table: Feeds) -> int:
    from ..polling import opml

    rows = [
        opml.OpmlFeed(url=state.url, title=state.title or state.url, group=(state.group,) if state.group else ())
        async for state in table.all()
    ]
    sys.stdout.buffer.write(opml.write(rows))
    return 0


async def _each(table: Feeds, options: argparse.Namespace) -> int:
    known = await table.ids()
    bad = 0
    for name in options.urls:
        feed = name if name in known else feed_id(canonical(name)) if "://" in name else name
        if feed not in known:
            feed = next((i for i, url in known.items() if url == name), feed)
        if feed not in known:
            bad += 1
            sys.stderr.write(f"dateline: {name or repr(name)}: no such feed; `dateline feeds list` shows them\n")
            continue
        state = await table.get(feed)
        note = ""
        if options.what == "remove":
            await table.remove(feed)
            if state is not None and state.origin == "file":
                note = " (feeds.toml lists it: take it out there too, or it comes back with the next reload)"
        elif options.what in ("pause", "resume"):
            await table.pause(feed, options.what == "pause")
        elif options.what == "now":
            await table.poll_now(feed)
            note = " (it is paused: `dateline feeds resume` first)" if state is not None and state.paused else ""
        else:
            await _explain(table, feed)
            continue
        sys.stdout.write(f"{options.what}: {known[feed]}{note}\n")
    return 1 if bad else 0


async def _explain(table: Feeds, feed: str) -> None:
    from ..dedup.identity import Memory
    from ..polling import websub_rules

    state = await table.get(feed)
    if state is None:
        return
    now = time.time()
    due = "paused" if state.paused else _wait(state.next_at - now)
    hub = websub_rules.describe(websub_rules.loaded(state.push), state.numbers.get("pushes", 0), clock.now())
    lines = [
        ("feed", state.url), ("title", inert(state.title, 200)), ("group", f"{state.group} (from {state.origin})"),
        ("next poll", due), ("because", state.reason or "it was never polled"), ("last answer", state.status or "-"),
        ("error", inert(state.error, 300)),
        ("validators", f"etag {state.etag or '-'}, last-modified {state.last_modified or '-'}"),
        ("hub", inert(hub, 400)),
        ("identity", f"by {state.mode or 'guid'}"), ("polls", str(state.numbers.get("polls", 0))),
        ("entries enqueued", str(state.numbers.get("new", 0))),
        ("remembers", f"{len(Memory(state.memory))} names"), ("overrides", json.dumps(dict(state.overrides))),
    ]  # fmt: skip
    for name, value in lines:
        if value:
            sys.stdout.write(f"{name:>17}: {value}\n")
