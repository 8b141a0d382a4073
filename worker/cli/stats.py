"""``dateline stats``: counters, and how well each publisher's pages are read."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from ..ingest.quality import Rate, as_row, rates
from ..settings import Settings, load_for_verb
from ..store import upkeep
from ..store.connect import open_used_store
from ..store.dead_letters import DeadLetters
from ..store.feeds import Feeds
from ..store.publishers import Publisher, Publishers
from ..telemetry import inert, set_up_logs

#: Rows of `stats` in the order of the data flow; the first nine count since this Redis was first used.
COUNTERS = {
    "polls": "polls of feeds",
    "enqueued": "entries that were new or changed",
    "published": "articles",
    "revised": "revisions of articles",
    "copied": "copies of an article that another publisher has too",
    "withdrawn": "articles withdrawn by their publisher",
    "events": "events reported",
    "retracted": "events retracted",
    "dead": "entries that became dead letters",
    "dropped": "entries that a stage dropped: `dateline dead-letters list --dropped`",
    "feeds": "feeds configured",
    "entries_waiting": "entries queued",
    "entries_later": "entries waiting for a retry or for their site's request spacing",
    "rechecks_due": "published pages that will be checked again",
    "dead_letters": "dead letters: `dateline dead-letters list`",
    "stream_entries": "entries on the events stream",
}
_HEADS = {
    "no_title": "no title",
    "no_byline": "no byline",
    "no_date": "no date",
    "empty_body": "empty",
    "short_text": "short",
}

Main = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def stats(parser: argparse.ArgumentParser) -> Main:
    """``dateline stats``."""
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--publisher", nargs="?", const="", metavar="NAME",
        help="extraction quality of each publisher, now and before; NAME (a registrable domain) shows one",
    )  # fmt: skip
    return _stats


async def _stats(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    if options.publisher is not None:
        return await _publisher_stats(settings, options.publisher, as_json=options.json)
    async with open_used_store(settings) as connection:
        row: dict[str, Any] = dict(await upkeep.stats(connection))
        row["feeds"] = await Feeds(connection, 1.0).count()
        row["dead_letters"] = await DeadLetters(connection).count()
        lengths = await connection.pipeline(
            [
                c
                for k in connection.keys
                for c in (("XLEN", k.entries), ("ZCARD", k.later), ("XLEN", k.events), ("ZCARD", k.recheck))
            ]
        )
        for at, name in enumerate(("entries_waiting", "entries_later", "stream_entries", "rechecks_due")):
            row[name] = sum(lengths[at::4])
    if options.json:
        sys.stdout.write(json.dumps(row) + "\n")
    else:
        for name in sorted(row, key=lambda name: (list(COUNTERS).index(name) if name in COUNTERS else 99, name)):
            sys.stdout.write(f"{name:<20} {row[name]:>12}  {COUNTERS.get(name, '')}".rstrip() + "\n")
    return 0


async def _publisher_stats(settings: Settings, name: str, *, as_json: bool) -> int:
    """One publisher, or all of them where ``name`` is empty; gives the exit code."""
    async with open_used_store(settings) as connection:
        table = Publishers(connection)
        if name:
            one = await table.get(name.lower())
            found = [one] if one else []
        else:
            found = [known async for known in table.all()]
    if name and not found:
        sys.stderr.write(f"dateline: no page of {name} was read in the last 60 days; name the registrable domain\n")
        return 1
    if as_json:
        for known in found:
            sys.stdout.write(json.dumps(as_row(known), ensure_ascii=False) + "\n")
    elif name:
        _details(found[0])
    else:
        _table(found)
    return 0


def _table(found: list[Publisher]) -> None:
    if not found:
        sys.stdout.write("no page was read yet\n")
        return
    names = list(rates(found[0]))
    heads = "".join(f"{_HEADS.get(name, name):>11}" for name in names)
    sys.stdout.write(f"{'publisher':<32}{'pages':>7}{heads}  degraded\n")
    for known in sorted(found, key=lambda one: (not one.bad, -one.seen)):
        cells = "".join(f"{_cell(name, rate.now):>11}" for name, rate in rates(known).items())
        sys.stdout.write(f"{inert(known.name, 31):<32}{known.seen:>7}{cells}  {', '.join(known.bad) or '-'}\n")


def _details(known: Publisher) -> None:
    sys.stdout.write(f"{inert(known.name, 253)}: {known.seen} pages\n")
    if known.bad and known.since:
        since = time.strftime("%Y-%m-%d %H:%M", time.gmtime(known.since))
        sys.stdout.write(f"degraded since {since} UTC: {', '.join(known.bad)}\n")
    sys.stdout.write(f"{'':<14}{'now':>9}{'before':>9}\n")
    for name, rate in rates(known).items():
        sys.stdout.write(_line(name, rate))
    sys.stdout.write(
        "now: the last 30 pages or so; before: the last 300 or so. Shares of pages or articles; length in words.\n"
        "short: texts with under 60 % of trafilatura's words; `dateline failures list` names the articles.\n"
    )


def _line(name: str, rate: Rate) -> str:
    return f"{_HEADS.get(name, name):<14}{_cell(name, rate.now):>9}{_cell(name, rate.past):>9}\n"


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if name == "length" else f"{value:.1%}"
