"""Runs the desk: its index, what fills it, and who watches. The routes over it are in `api`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import DatelineError, StoreUnavailable
from ...index import article, cards, overview
from ...index.database import Database, IndexUnavailable, open_database
from ...index.filters import Filters
from ...index.write import get_meta
from ...settings import DeskSettings, Settings
from ...store.redis import Connection
from ...telemetry import get_logger
from .follower import Follower
from .health import Health
from .rows import Row
from .set_aside import SetAside

#: Answers kept while the index does not change, and for how long an overview is given again although it changed.
_KEPT_ANSWERS, _KEPT_SECONDS = 64, 2.0

Watcher = asyncio.Queue[int | None]


class Desk:
    """The desk's data. ``version`` grows with every change of the index."""

    def __init__(self, database: Database, connection: Connection, settings: DeskSettings, health: Health) -> None:
        self.health = health
        self.set_aside = SetAside(connection)
        self.version = 0
        self.watchers: set[Watcher] = set()
        self._database = database
        self.follower = Follower(connection, database, settings, self.announce)
        self._answers: OrderedDict[tuple[Any, ...], tuple[int, float, Row]] = OrderedDict()

    async def start(self) -> None:
        """Read the index's version; call once, before requests."""
        self.version = int(await self._database.read(lambda connection: get_meta(connection, "version")) or 0)

    async def warm(self) -> None:
        """Read the last month into memory, so that the first overview is as quick as the next."""
        with suppress(IndexUnavailable):
            await self._database.read(overview.keep_last_month)

    def announce(self, version: int) -> None:
        """Tell everybody who watches that the index has a new version."""
        self.version = version
        for watcher in self.watchers:
            offer(watcher, version)

    def end_watching(self) -> None:
        """End all open streams, so that shutdown does not wait for browsers."""
        for watcher in self.watchers:
            offer(watcher, None)

    async def wire(self, filters: Filters, *, limit: int, after: str) -> Row:
        """Return a page of cards; see `dateline.index.cards.wire`."""
        found = await self._database.read(lambda connection: cards.wire(connection, filters, limit=limit, after=after))
        return found | {"version": self.version}

    async def changes(self, filters: Filters, since_version: int) -> Row:
        """Return the cards that changed since a version; see `dateline.index.cards.changes`."""
        version = self.version
        found = await self._database.read(lambda connection: cards.changes(connection, filters, since_version))
        return found | {"version": version}

    async def search(self, filters: Filters, *, limit: int, after: str) -> Row:
        """Return a page of articles; see `dateline.index.cards.search`."""
        return await self._database.read(lambda connection: cards.search(connection, filters, limit=limit, after=after))

    async def facets(self, filters: Filters, now: int) -> Row:
        """Return what the matches have in common, and their histogram; ``now`` in ms."""

        def look(connection: Any) -> Row:
            since, until = cards.time_range(connection, filters, now)
            return cards.facets(connection, filters) | {"bars": overview.bars(connection, filters, since, until)}

        return await self._kept(_kept_key("facets", filters, now), look)

    async def overview(self, filters: Filters, *, since: int, until: int) -> Row:
        """Return what happened in a range; see `dateline.index.overview`."""
        found = await self._kept(
            _kept_key("overview", replace(filters, since=since), until),
            lambda connection: overview.overview(connection, filters, since=since, until=until),
        )
        return found | {"version": self.version, "caught_up": self.follower.is_caught_up}

    async def article(self, name: str, revision: int | None) -> Row | None:
        """Return one article; see `dateline.index.article.read`."""
        return await self._database.read(lambda connection: article.read(connection, name, revision))

    async def _kept(self, key: tuple[Any, ...], look: Callable[[Any], Row]) -> Row:
        """Return an answer again while nothing changed, or for a moment: many browsers ask the same at once."""
        now = asyncio.get_running_loop().time()
        version, at, found = self._answers.get(key, (-1, 0.0, {}))
        if version == self.version or (found and now - at < _KEPT_SECONDS):
            return found
        version = self.version
        found = await self._database.read(look)
        self._answers[key] = (version, now, found)
        self._answers.move_to_end(key)
        while len(self._answers) > _KEPT_ANSWERS:
            self._answers.popitem(last=False)
        return found


def _kept_key(kind: str, filters: Filters, now: int) -> tuple[Any, ...]:
    """Return what an answer is kept by: "the last 24 hours" moves on with each millisecond, so times count by the minute."""
    times = (filters.since or 0) // 60_000, (filters.until or now) // 60_000
    return kind, replace(filters, since=None, until=None), filters.since is None, *times


def offer(watcher: Watcher, version: int | None) -> None:
    """Tell a watcher of a new version; one that has not read the last yet gets only the newest."""
    while watcher.full():
        watcher.get_nowait()
    watcher.put_nowait(version)


def index_file(settings: Settings) -> Path:
    """Return the index's file: ``desk.index_file``, else beside the private Redis."""
    return Path(settings.desk.index_file or Path(settings.redis.data_folder) / "desk.sqlite")


@asynccontextmanager
async def open_desk(
    settings: Settings,
    connection: Connection,
    *,
    ready: Callable[[], Awaitable[str | None]] | None = None,
    sample_seconds: float = 15.0,
) -> AsyncIterator[Desk]:
    """Run a desk on the configured store while the block runs. Raises SettingsError where its index cannot be opened.

    Nor where it was filled from another Redis.
    """
    database = await open_database(index_file(settings))
    health = Health(connection, database, ready=ready, sample_seconds=sample_seconds)
    desk = Desk(database, connection, settings.desk, health)
    try:
        with suppress(StoreUnavailable):  # asked again before anything is read
            await desk.follower.check_store()
        await desk.start()
    except BaseException:
        await database.close()
        raise
    running = (_kept_running(desk.follower.run), _kept_running(health.run), desk.warm())
    tasks = [asyncio.create_task(one) for one in running]
    try:
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


async def _kept_running(run: Callable[[], Awaitable[None]]) -> None:
    """Run a task again where it fails by a mistake of ours: the desk must not stop the worker, nor stop itself."""
    while True:
        try:
            await run()
        except DatelineError as error:
            get_logger("desk").warning("desk.delayed", reason=str(error), wait_seconds=10)
        except Exception:  # the desk may fail and try again; the worker beside it goes on
            get_logger("desk").error("desk.failed", wait_seconds=10, exc_info=True)
        await asyncio.sleep(10.0)
