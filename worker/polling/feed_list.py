"""``config/feeds.toml``: the feeds by group, with per-feed overrides; and how it meets the list in Redis.

Which wins: the file is the list of what must be there, with its overrides; feeds added by the command line stay beside it
(group ``added``). A feed taken out of the file is paused, not forgotten: put it back and it goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..dedup.identity import feed_id
from ..errors import DatelineError, SettingsError
from ..store.feeds import Feeds, NewFeed
from ..urls import canonical, same_key

#: What one feed (or a whole group) may set for itself, with its type.
OVERRIDES: dict[str, type] = {
    "interval_seconds": float, "floor_seconds": float, "ceiling_seconds": float, "jitter": float,
    "full_text": bool, "language": str, "title": str,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed as the file lists it."""

    url: str
    group: str
    title: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path) -> list[ListedFeed]:
    """The feeds of the file. Raises SettingsError naming the group, the feed and the valid choices."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no such file; list feeds there or use `dateline feeds add URL`") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    groups = table.pop("groups", {})
    if table:
        raise SettingsError(f"{path}: no section {sorted(table)}; write [groups.NAME] with feeds = [...]")
    found: dict[str, ListedFeed] = {}
    for group, rows in groups.items():
        if not isinstance(rows, dict) or not isinstance(rows.get("feeds", []), list):
            raise SettingsError(f'{path}: [groups.{group}] needs feeds = ["URL", ...]')
        given_to_all = {k: v for k, v in rows.items() if k != "feeds"}
        shared = _overrides(given_to_all, f"{path}: [groups.{group}]", ("feeds",))
        for row in rows.get("feeds", []):
            given = {"url": row} if isinstance(row, str) else dict(row) if isinstance(row, dict) else {}
            url = given.pop("url", None)
            where = f"{path}: [groups.{group}] {url!r}"
            if not isinstance(url, str):
                raise SettingsError(f'{path}: [groups.{group}]: a feed is "URL" or {{url = "URL", ...}}, not {row!r}')
            own = _overrides(given, where)
            try:
                key = canonical(url)
            except DatelineError as error:
                hint = "" if "://" in url else f"; write https://{url}"
                raise SettingsError(f"{where}: {error}{hint}") from error
            title = str(own.pop("title", ""))
            found.setdefault(key, ListedFeed(url, str(group), title, {**shared, **own}))
    return list(found.values())


def _overrides(given: Mapping[str, Any], where: str, beside: tuple[str, ...] = ()) -> dict[str, Any]:
    """Check overrides and return them. ``beside``: other keys that may stand there, for the message."""
    known = [*beside, *OVERRIDES]
    for key, value in given.items():
        if key not in OVERRIDES:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise SettingsError(f"{where}: no option {key!r}{hint} There are: {', '.join(known)}")
        wanted = OVERRIDES[key]
        if not isinstance(value, wanted) and not (wanted is float and isinstance(value, int)):
            raise SettingsError(f"{where}: {key} is {value!r}, wanted {wanted.__name__}")
    return dict(given)


async def sync_feeds(feeds: Feeds, listed: Sequence[ListedFeed]) -> dict[str, int]:
    """Bring the list in Redis in line with the file; return counts: added, listed, paused, resumed.

    A feed that is listed under another address than before (https, the address it redirects to) goes on with what it showed.
    """
    # In a thread: the addresses of 100,000 feeds take seconds, in which the loop would stand still.
    wanted, rows = await asyncio.to_thread(_rows, listed)
    by_key: dict[str, str] = {}
    known: set[str] = set()
    paused = resumed = 0
    async for feed, url, origin, is_paused, was_dropped, has_memory in feeds.listed():
        known.add(feed)
        if has_memory and feed not in wanted:
            by_key[same_key(url)] = feed
        if origin == b"file" and feed not in wanted and not is_paused:
            await feeds.pause(feed, True, dropped=True)
            paused += 1
        elif feed in wanted and was_dropped:
            await feeds.pause(feed, False)
            resumed += 1
    for feed, row in wanted.items() if by_key else ():
        if feed not in known and (before := by_key.get(same_key(row.url))) and (old := await feeds.get(before)):
            await feeds.take_over(old, feed)
    return {"added": await feeds.add(rows), "listed": len(rows), "paused": paused, "resumed": resumed}


def _rows(listed: Sequence[ListedFeed]) -> tuple[dict[str, ListedFeed], list[NewFeed]]:
    """Return the listed feeds by id, and as the store takes them."""
    wanted = {feed_id(canonical(row.url)): row for row in listed}
    return wanted, [NewFeed(feed, row.url, row.title, row.group, row.overrides, "file") for feed, row in wanted.items()]
