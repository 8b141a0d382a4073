"""Recent pages once more: when to look again (pure), and the loop that brings them back into the entries stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from ..errors import DatelineError, StoreUnavailable
from ..model.records import Entry, QueuedEntry, wrap
from ..store import upkeep
from ..store.records import ArticleRecord, ArticleState
from ..store.redis import Connection
from ..telemetry import get_logger

OLD_NEWS_SECONDS = 48 * 3600.0  #: an article first seen later than this after its date is not looked at again
RESTARTS = 5  #: revisions that restart the schedule; a page that changes with every look is left alone after that


def next_look_seconds(state: ArticleState, now: float, schedule: tuple[float, ...]) -> float | None:
    """Return the seconds until an article's page is looked at again, or None for never.

    ``schedule`` counts from the publication of the revision. Asked after a look: the steps that lie behind (the worker was
    down) were made up by that one. A publication "in the future" (a clock was set back) delays no look beyond its step.
    An article that was withdrawn because its page was missing is looked at as before: a site that was down comes back.
    """
    if (state.withdrawn and not (state.wall or state.gone)) or state.own_text or not state.url:
        return None
    if state.published is not None and state.first_published_at - state.published > OLD_NEWS_SECONDS:
        return None
    waits = (min(step, state.looks_from + step - now) for step in schedule[state.rechecks :])
    return next((max(60.0, wait) for wait in waits if wait > 0), None)


def queued(article: str, record: ArticleRecord, now: float) -> QueuedEntry:
    """Return the entry that has an article's page looked at again."""
    state = record.state
    return QueuedEntry(
        feed=state.feed,
        feed_url=state.feed_url,
        article=article,
        entry=msgspec.structs.replace(state.hints or Entry(), link=state.url, guid=state.guid),
        version=record.version,
        reason="recheck",
        seen_at=now,
        feed_title=state.feed_title,
        feed_language=state.feed_language,
    )


class Rechecker:
    """Claims articles whose look is due and enqueues them; many workers share the work."""

    def __init__(self, connection: Connection, *, every_seconds: float = 2.0, backlog_limit: int = 5000) -> None:
        self._connection = connection
        self._every_seconds = every_seconds
        self._backlog_limit = backlog_limit
        self.log = get_logger("recheck")

    async def once(self, now: float) -> int:
        """Enqueue what is due now; gives how many. A partition that cannot be asked costs the others nothing."""
        waiting = await self._connection.answers([("XLEN", keys.entries) for keys in self._connection.keys])
        # What is new comes first: where too much of it waits, the looks stay due.
        asked = [n for n, length in enumerate(waiting) if isinstance(length, int) and length <= self._backlog_limit]
        failed = [length for length in waiting if isinstance(length, Exception)]
        done = 0
        for partition, due in zip(asked, await self._claim(asked), strict=True):
            if isinstance(due, DatelineError):
                failed.append(due)
                continue
            items = [(article, wrap(queued(article, record, now))) for article, record in due]
            try:
                done += await upkeep.enqueue_rechecks(self._connection, partition, items) if items else 0
            except DatelineError as error:
                failed.append(error)
        if failed:
            self.log.warning("store.unavailable", reason=str(failed[0]), partitions=len(failed))
        return done

    async def _claim(self, partitions: list[int]) -> list[list[tuple[str, ArticleRecord]] | DatelineError]:
        return await upkeep.claim_rechecks(self._connection, partitions, 200, 60.0) if partitions else []

    async def run(self, stop: asyncio.Event, now: Callable[[], float]) -> None:
        """Until ``stop``; ``now`` gives seconds since 1970."""
        while not stop.is_set():
            try:
                found = await self.once(now())
                if found:
                    self.log.debug("pages.rechecked", entries=found)
            except StoreUnavailable as error:
                self.log.warning("store.unavailable", reason=str(error))
            try:
                await asyncio.wait_for(stop.wait(), self._every_seconds)
            except TimeoutError:
                continue
