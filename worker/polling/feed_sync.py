"""Brings the list in Redis in line with feeds.toml: adds, updates, pauses what the file dropped. Nothing is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from ..dedup.identity import feed_id
from ..store.feeds import Feeds, NewFeed
from ..urls import canonical
from .feed_list import ListedFeed


async def sync_feeds(feeds: Feeds, listed: Sequence[ListedFeed]) -> dict[str, int]:
    """Gives counts: added, listed, paused, resumed."""
    wanted = {feed_id(canonical(row.url)): row for row in listed}
    paused = resumed = 0
    async for state in feeds.all():
        if state.origin == "file" and state.feed not in wanted and not state.paused:
            await feeds.pause(state.feed, True, dropped=True)
            paused += 1
        elif state.feed in wanted and state.dropped:
            await feeds.pause(state.feed, False)
            resumed += 1
    rows = [NewFeed(feed, row.url, row.title, row.group, row.overrides, "file") for feed, row in wanted.items()]
    return {"added": await feeds.add(rows), "listed": len(rows), "paused": paused, "resumed": resumed}
