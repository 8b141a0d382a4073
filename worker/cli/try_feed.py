"""``dateline feeds add``, ``check``, ``discover``: try URLs that an operator typed."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from ..dedup.identity import feed_id
from ..errors import DatelineError
from ..fetch.client import Client
from ..fetch.guard import Guard
from ..polling.discovery import Found, discover, try_feed
from ..settings import Settings
from ..store.feeds import Feeds, NewFeed
from ..telemetry import inert
from ..urls import canonical

_BARE = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?].*)?")


def named(url: str, error: DatelineError) -> str:
    """Return the error's words, with the address where they do not name it."""
    words = str(error) if url in str(error) else f"{url}: {error}"
    if getattr(error, "status", None) in (404, 410):
        words += (
            f"; `dateline feeds discover {urlsplit(url).scheme}://{urlsplit(url).netloc}` looks for the site's feeds"
        )
    return words


def addressed(typed: str) -> str:
    """``paper.example/news`` as people type it, with https before it; whatever else, as it is."""
    return f"https://{typed}" if _BARE.fullmatch(typed.strip()) else typed


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[Client]:
    fetching = settings.fetch
    async with Client(fetching, Guard(fetching.allow), credentials=settings.credentials) as client:
        yield client


async def show(settings: Settings, options: argparse.Namespace) -> int:
    """Print what each URL gives, for ``check`` and ``discover``; stores nothing."""
    async with _client(settings) as client:
        results = [await _show(client, addressed(url), options.what) for url in options.urls]
    return 0 if all(results) else 1


async def add(settings: Settings, table: Feeds, options: argparse.Namespace) -> int:
    """Add each URL to the list, after a test request unless ``--no-check`` is given."""
    bad = 0
    async with _client(settings) as client:
        for url in map(addressed, options.urls):
            try:
                title = ""
                if not options.no_check:
                    found = await discover(client, url)
                    _print_found(found)
                    url, title = found.url, found.feed.title or ""
                row = NewFeed(feed_id(canonical(url)), url, inert(title, 200), options.group)
                added = await table.add([row])
                sys.stdout.write(
                    f"{'added' if added else 'known already'}: {url} (id {row.feed}, group {options.group})\n"
                )
            except DatelineError as error:
                bad += 1
                sys.stderr.write(f"dateline: {named(url, error)}\n")
    return 1 if bad else 0


async def discover_all(
    settings: Settings, addresses: Sequence[str]
) -> AsyncIterator[tuple[str, Found | DatelineError]]:
    """Yield what each address gives: its feed, or why there is none."""
    async with _client(settings) as client:
        for address in map(addressed, addresses):
            try:
                yield address, await discover(client, address)
            except DatelineError as error:
                yield address, error


async def _show(client: Client, url: str, what: str) -> bool:
    try:
        found = await (discover(client, url) if what == "discover" else try_feed(client, url))
    except DatelineError as error:
        sys.stderr.write(f"dateline: {named(url, error)}\n")
        return False
    _print_found(found)
    for entry in found.feed.entries[:5] if what == "check" else ():
        when = entry.published or entry.updated
        sys.stdout.write(
            f"  {when.isoformat() if when else 'no date':<26} {inert(entry.title or '', 90)}\n      {entry.link}\n"
        )
    return True


def _print_found(found: Found) -> None:
    feed = found.feed
    dated = sorted(e.published for e in feed.entries if e.published)
    rhythm = ""
    if len(dated) >= 2:
        hours = (dated[-1] - dated[0]).total_seconds() / 3600 / (len(dated) - 1)
        rhythm = f", one every {hours:.1f} h" if hours >= 1 else f", one every {hours * 60:.0f} min"
    said = f", notes: {', '.join(feed.notes)}" if feed.notes else ""
    title = inert(feed.title or "no title", 80)
    sys.stdout.write(f"{found.url}\n  {title}: {feed.format}, {len(feed.entries)} entries{rhythm}{said}\n")
    for other in found.others[:8]:
        sys.stdout.write(f"  other feed: {other}\n")
