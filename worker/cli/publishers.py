"""``dateline stats --publisher``: how well each publisher's pages are read, now and before."""

from __future__ import annotations

import json
import sys
import time

from ..ingest.quality import Rate, as_row, rates
from ..settings import Settings
from ..store.connect import open_store
from ..store.publishers import Publisher, Publishers
from ..telemetry import inert

_HEADS = {
    "no_title": "no title",
    "no_byline": "no byline",
    "no_date": "no date",
    "empty_body": "empty",
    "short_text": "short",
}


async def publisher_stats(settings: Settings, name: str, *, as_json: bool) -> int:
    """One publisher, or all of them where ``name`` is empty; gives the exit code."""
    async with open_store(settings) as connection:
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
    )


def _line(name: str, rate: Rate) -> str:
    return f"{_HEADS.get(name, name):<14}{_cell(name, rate.now):>9}{_cell(name, rate.past):>9}\n"


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if name == "length" else f"{value:.1%}"
