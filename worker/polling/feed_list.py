"""``config/feeds.toml``: the feeds by group, with per-feed overrides; and how it meets the list in Redis.

Which wins: the file is the list of what must be there, with its overrides; feeds added by the command line stay beside it
(group ``added``). A feed taken out of the file is paused, not forgotten: put it back and it goes on where it stopped.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli

from ..dedup.identity import feed_id
from ..errors import DatelineError, SettingsError, explain_os_error
from ..store.feed_state import LISTED
from ..store.feeds import Feeds, NewFeed
from ..urls import canonical, same_key

#: What one feed (or a whole group) may set for itself, with its type.
OVERRIDES: dict[str, type] = {
    "interval_seconds": float, "floor_seconds": float, "ceiling_seconds": float, "jitter": float,
    "full_text": bool, "language": str, "title": str,
}  # fmt: skip


def read(path: Path) -> list[NewFeed]:
    """Return the feeds of the file, each address once. Raises SettingsError naming the group, the feed and the valid choices.

    Takes about a second for 100,000 feeds, most of it in `tomli`: a daemon that polls reads it in a thread.
    """
    try:
        table = tomli.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no such file; list feeds there or use `dateline feeds add URL`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {explain_os_error(error)}") from error
    except (ValueError, RecursionError) as error:  # ValueError: tomli's own, or a number of 4,300 digits
        raise SettingsError(f"{path}: not TOML: {error}; write [groups.NAME] with feeds = [...]") from error
    groups = table.pop("groups", {})
    if table:
        raise SettingsError(f"{path}: no section {sorted(table)}; write [groups.NAME] with feeds = [...]")
    found: dict[str, NewFeed] = {}
    for group, rows in groups.items():
        if not isinstance(rows, dict) or not isinstance(rows.get("feeds", []), list):
            raise SettingsError(f'{path}: [groups.{group}] needs feeds = ["URL", ...]')
        given_to_all = {k: v for k, v in rows.items() if k != "feeds"}
        shared = _overrides(given_to_all, f"{path}: [groups.{group}]", ("feeds",))
        for row in rows.get("feeds", []):
            url, title, overrides = row, "", shared
            if not isinstance(row, str):
                given = dict(row) if isinstance(row, dict) else {}
                url = given.pop("url", None)
                if not isinstance(url, str):
                    raise SettingsError(
                        f'{path}: [groups.{group}]: a feed is "URL" or {{url = "URL", ...}}, not {row!r}'
                    )
                own = _overrides(given, f"{path}: [groups.{group}] {url!r}")
                title, overrides = str(own.pop("title", "")), {**shared, **own}
            try:
                feed = feed_id(canonical(url))
            except DatelineError as error:
                hint = "" if "://" in url else f"; write https://{url}"
                raise SettingsError(f"{path}: [groups.{group}] {url!r}: {error}{hint}") from error
            if feed not in found:
                found[feed] = NewFeed(feed, url, title, str(group), overrides, "file")
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


async def sync_feeds(feeds: Feeds, listed: Sequence[NewFeed]) -> dict[str, int]:
    """Bring the list in Redis in line with the file; return counts: added, listed, paused, resumed.

    A feed that is listed under another address than before (https, the address it redirects to) goes on with what it showed.
    Only what differs is written; the loop is never held for longer than a few milliseconds.
    """
    wanted = {row.feed: row for row in listed}
    missing, unlisted = set(wanted), []
    async for part in feeds.pages():
        for feed, _ in part:
            if feed in wanted:
                missing.discard(feed)
            else:
                unlisted.append(feed)
    paused = 0
    by_key: dict[str, str] = {}
    async for feed, url, origin, is_paused, has_memory in feeds.origins(unlisted):
        if has_memory and missing:
            by_key[same_key(url)] = feed
        if origin == LISTED and not is_paused:
            await feeds.pause(feed, True, dropped=True)
            paused += 1
    for feed in missing if by_key else ():
        if (before := by_key.get(same_key(wanted[feed].url))) and (old := await feeds.get(before)):
            await feeds.take_over(old, feed)
    added, resumed = await feeds.put(listed)
    return {"added": added, "listed": len(listed), "paused": paused, "resumed": resumed}
