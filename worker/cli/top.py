"""``dateline top``: feeds, throughput, lag and alarms, live in the terminal. Needs the extra ``top`` (rich)."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from ..errors import SettingsError, StoreUnavailable
from ..serve.desk.alarms import alarms
from ..serve.desk.rows import Row, feed_view
from ..serve.state import read_state
from ..settings import load_for_verb
from ..store.checks import check_schema
from ..store.connect import open_used_store
from ..store.feeds import Feeds
from ..store.redis import Connection
from ..telemetry import set_up_logs

try:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    HAS_RICH = True
except ImportError:  # said when the verb runs: help and completion need none of it
    HAS_RICH = False

#: Over how long rates are taken, in seconds.
RATE_SECONDS = 60.0
#: Feeds are read at most every so often: there may be many.
FEEDS_SECONDS = 10.0
#: Counter of the store to what it is called here.
_RATES = {
    "polls": "polls", "enqueued": "entries new", "published": "articles", "revised": "revisions", "copied": "copies",
    "events": "events", "retracted": "retractions", "dead": "dead letters",
}  # fmt: skip
_COLOURS = {
    "bad": "bold red",
    "warn": "yellow",
    "failing": "red",
    "slowed": "yellow",
    "waiting": "dim",
    "paused": "dim",
}


def top(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline top``."""
    parser.add_argument(
        "--every", type=_at_least_half, default=2.0, metavar="SECONDS", help="how often it is read anew (default 2)"
    )
    parser.add_argument("--once", action="store_true", help="print one picture and end")
    return _top


def _at_least_half(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.5 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no time from 0.5 to 3600 seconds")
    return seconds


async def _top(options: argparse.Namespace) -> int:
    if not HAS_RICH:
        raise SettingsError("dateline top needs the package rich: pip install 'dateline[top]'")
    set_up_logs(options.log_level or ("warning" if options.once else "error"))
    settings = load_for_verb(options.config)
    async with open_used_store(settings) as connection:
        view = View(connection)
        console = Console()
        if options.once:
            console.print(await view.picture(height=10_000))
            return 0
        if not sys.stdout.isatty():
            raise SettingsError("dateline top needs a terminal; --once prints one picture")
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                try:
                    shown = await view.picture(height=console.size.height)
                except StoreUnavailable as error:
                    shown = Group(
                        Text(f"Redis does not answer: {error}", style="bold red"), Text("waiting; Ctrl-C ends this")
                    )
                live.update(shown, refresh=True)
                await asyncio.sleep(options.every)


class View:
    """Reads the store and draws it. Keeps the counters of the last minute for the rates."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table = Feeds(connection, 60.0)
        self._counters: deque[tuple[float, Mapping[str, int]]] = deque()
        self._feeds: list[Row] = []
        self._feeds_until = 0.0

    async def picture(self, height: int) -> Group:
        """Read the store and return what to show in ``height`` lines. Raises StoreUnavailable."""
        state = await read_state(self._connection)
        state["feeds"] = await self._read_feeds()
        self._counters.append((time.monotonic(), state["counters"]))
        while len(self._counters) > 2 and self._counters[0][0] < time.monotonic() - RATE_SECONDS:
            self._counters.popleft()
        above: list[Text | Table] = [
            self._head(state),
            *_alarm_lines(alarms(state)),
            *await self._unused(state),
            Text(),
        ]
        above += [self._flow(state), _group_table(state["groups"])]
        used = 9 + len(above) + max(len(_RATES) // 2, 1) + len(state["groups"])
        return Group(*above, _feed_table(state["feeds"], most=max(3, height - used)))

    async def _unused(self, state: Row) -> list[Text]:
        """Return the line that says that no worker has used this Redis with this prefix, where that is so."""
        if state["workers"] or not await check_schema(self._connection, mark=False):
            return []
        said = f"no worker has used this Redis with the prefix {self._connection.settings.prefix!r}: there is no data"
        return [Text(f"{said}  -> start `dateline run`, or correct redis.url and redis.prefix", style="yellow")]

    async def _read_feeds(self) -> list[Row]:
        if time.monotonic() >= self._feeds_until:
            now = time.time()
            found = [feed_view(state, now) async for state in self._table.shown()]
            order = ("failing", "slowed", "waiting", "well", "paused")
            self._feeds = sorted(found, key=lambda row: (order.index(row["health"]), row["next_at"] or 0))
            self._feeds_until = time.monotonic() + FEEDS_SECONDS
        return self._feeds

    def _head(self, state: Row) -> Text:
        there = sum(1 for worker in state["workers"] if worker["there"])
        held = sum(worker["in_hand"] for worker in state["workers"])
        memory = state["memory"]
        limit = f" of {memory['limit'] / 1e6:.0f}" if memory["limit"] else ""
        many = "1 worker" if there == 1 else f"{there} workers"
        return Text(
            f"Dateline  {time.strftime('%H:%M:%S')}  {many}, {held} entries in progress\n"
            f"Redis {self._connection.where}  {memory['used'] / 1e6:.0f}{limit} MB",
            style="bold",
        )

    def _flow(self, state: Row) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name in ("", "a minute", "in total", "", ""):
            table.add_column(name, justify="right" if name else "left")
        sizes = [
            ("entries waiting", str(state["backlog"])), ("waiting for a retry", str(state["later"])),
            ("dead letters", str(state["dead"])),
            ("on the stream", f"{state['stream']} ({state['stream_fill']:.1%} of the cap)"),
        ]  # fmt: skip
        for number, (name, shown) in enumerate(_RATES.items()):
            right = sizes[number] if number < len(sizes) else ("", "")
            table.add_row(shown, self._rate(name), str(state["counters"].get(name, 0)), *right)
        return table

    def _rate(self, name: str) -> str:
        """Return how many a minute, over at most `RATE_SECONDS`; "-" at the first picture."""
        (began, first), (now, last) = self._counters[0], self._counters[-1]
        return f"{(last.get(name, 0) - first.get(name, 0)) * 60.0 / (now - began):.1f}" if now > began else "-"


def _alarm_lines(found: Sequence[Row]) -> list[Text]:
    if not found:
        return [Text("no alarm", style="green")]
    return [Text(f"{row['say']}  -> {row['remedy']}", style=_COLOURS[row["level"]]) for row in found[:6]]


def _add_row(table: Table, cells: Sequence[object], style: str | None = None) -> None:
    """Add a row of plain text: names from outside are no markup, and one line each."""
    table.add_row(*(Text(str(cell), overflow="ellipsis", no_wrap=True) for cell in cells), style=style)


def _group_table(groups: Sequence[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("group", "lag", "pending", "oldest unread", "consumers", ""):
        table.add_column(name, justify="left" if name in ("group", "") else "right", ratio=1 if name == "" else None)
    for group in groups:
        late = f"{group['late_seconds']:.0f} s" if group["lag"] or group["pending"] else "-"
        about = group["trouble"] or group["target"] or ""
        _add_row(table, (group["name"], group["lag"], group["pending"], late, group["consumers"], about))
    return table


def _feed_table(feeds: Sequence[Row], most: int) -> Table:
    by_health = Counter(feed["health"] for feed in feeds)
    said = ", ".join(f"{count} {health}" for health, count in by_health.most_common())
    table = Table(box=None, padding=(0, 2, 0, 0), title=f"{len(feeds)} feeds: {said or 'none'}", title_justify="left")
    for name in ("health", "next", "polls", "entries", "feed", "why"):
        table.add_column(name, justify="right" if name in ("next", "polls", "entries") else "left")
    now = time.time()
    for feed in feeds[:most]:
        is_due = feed["next_at"] and feed["health"] != "paused"
        wait = f"{max(0.0, feed['next_at'] / 1000 - now):.0f} s" if is_due else "-"
        counts = (feed["numbers"].get(name, 0) for name in ("polls", "new"))
        row = (feed["health"], wait, *counts, feed["title"], feed["trouble"] or feed["reason"])
        _add_row(table, row, _COLOURS.get(feed["health"]))
    if len(feeds) > most:
        table.add_row("", "", "", "", f"... and {len(feeds) - most} more", "")
    return table
