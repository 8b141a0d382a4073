"""Builds every adapter from the settings, and opens and closes them in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from . import failpoints
from .archive.write import Archive
from .errors import SettingsError, StoreUnavailable
from .fetch.client import Client
from .fetch.guard import Guard
from .fetch.polite_client import PoliteClient
from .forward.runner import Forwarding
from .ingest.consumer import EntryConsumer
from .ingest.outcomes import EntryHandler
from .ingest.pipeline import Pipeline
from .ingest.quality import Drift
from .ingest.reading import Reader
from .ingest.recheck import Rechecker
from .ingest.work import EntrySettings
from .jobs import user_files
from .polling import feed_list
from .polling.due import DueFeeds
from .polling.poll import FeedFetcher
from .polling.poller import Poller
from .polling.report import PollReport
from .polling.websub import Hubs
from .pool import Pool
from .pool.isolation import CrashIsolation
from .settings import Settings
from .store import checks, memory, upkeep
from .store.budget import Budget
from .store.connect import open_store
from .store.entries import Entries
from .store.failures import KeptFailures
from .store.feeds import Feeds, NewFeed
from .store.ledger import Ledger
from .store.redis import Connection, until_it_heals
from .store.subscriptions import Subscriptions
from .telemetry import Metrics, get_logger, trace_to

#: A start waits until a list of so many feeds is in line with its file; a longer one follows while feeds are polled.
SHORT_LIST = 5_000

log = get_logger("daemon")
T = TypeVar("T")


@dataclass(slots=True)
class App:
    """Every part of one running daemon."""

    settings: Settings
    connection: Connection
    feeds: Feeds
    entries: Entries
    ledger: Ledger
    polite_client: PoliteClient
    pool: Pool
    metrics: Metrics
    due: DueFeeds
    hubs: Hubs | None  #: None where hubs cannot reach this worker
    poller: Poller
    consumer: EntryConsumer
    rechecker: Rechecker
    client: Client
    forwarding: Forwarding
    stop: asyncio.Event
    drift: Drift
    archive: Archive | None
    memory: memory.MemoryWatch
    started_with: Settings  #: what a reload does not change
    listing: asyncio.Task[
        None
    ]  #: brings the list in Redis in line with the file; done at the start but for a long list
    starting: asyncio.Task[None]  #: of the pool
    recovery: Recovery

    async def started(self) -> None:
        """Wait until the pool's children can work. Raises SettingsError where they cannot, or the list fails meanwhile."""
        await _until(_ended(self.starting), self.listing)

    async def idle(self) -> bool:
        """Nothing is due, being processed or waiting for a place: what `run --once` waits for."""
        if self.poller.under_way or self.consumer.in_hand:
            return False
        due = await self.feeds.next_due_at()
        if due is not None and due <= await upkeep.server_time(self.connection):
            return False
        waiting, _ = await self.entries.backlog()
        soon = await self.entries.next_later_seconds()
        return waiting == 0 and (soon is None or soon > 30.0)


@asynccontextmanager
async def open_app(
    settings: Settings, *, resolver: object | None = None, list_feeds: bool = False, wait: bool = True
) -> AsyncIterator[App]:
    """All adapters, opened in order; closed in the opposite order. Raises SettingsError, StoreUnavailable.

    ``list_feeds``: bring the list in Redis in line with ``settings.feeds_file`` as well; a long one goes on in ``listing``.
    ``wait``: for the pool; else the caller does by `App.started`, with what else it opens meanwhile.
    """
    failpoints.arm()
    ingesting = EntrySettings.of(settings)
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        pool, starting = _start_pool(stack, settings, ingesting)
        reading = asyncio.create_task(_read_list(settings.feeds_file if list_feeds else None))
        connection = await stack.enter_async_context(open_store(settings, daemon=True))
        await _until(_ready(connection), starting, reading)
        name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        stack.enter_context(trace_to(settings.trace.endpoint, share=settings.trace.share, instance=name))
        entries = Entries(connection, name, settings.ingest.lease_seconds)
        await when_there_is_room(connection, entries.set_up)
        feeds = Feeds(connection, settings.poll.lease_seconds)
        listing = _start_listing(stack, _sync_list(settings.feeds_file, connection, feeds, reading))
        await _until(_listed(reading, listing), starting)
        del reading  # which holds 30 MB for 100,000 feeds
        stack.push_async_exit(_closing(pool, starting))
        client = await stack.enter_async_context(_client(settings, resolver))
        budget = Budget(connection, at_once=settings.politeness.at_once)
        polite_client = PoliteClient(client, budget, settings.politeness, dict(settings.owners), metrics)
        ledger = Ledger(connection)
        drift = Drift(connection)
        archive = Archive(settings.archive) if settings.archive.folder else None
        if archive:
            stack.push_async_callback(archive.close)
        reader = Reader(pool, ingesting, metrics, drift, KeptFailures(connection), ledger.compress)
        pipeline = Pipeline(ledger, polite_client, reader, ingesting, metrics, archive)
        isolation = CrashIsolation()
        due = DueFeeds(feeds, connection, settings.poll)
        fetcher = FeedFetcher(polite_client, pool, settings, metrics)
        hubs = _hubs(settings, connection, feeds, polite_client, fetcher, due, metrics)
        report = PollReport(connection, feeds, metrics)
        poller = Poller(due, feeds, fetcher, ledger, report, settings, isolation, hubs)
        handler = EntryHandler(pipeline, ledger, entries, ingesting, metrics, lambda: fetcher.is_offline)
        recovery = Recovery(connection, feeds, entries, settings, await checks.read_mark(connection))
        entry_consumer = EntryConsumer(
            handler, entries, len(connection.keys), settings.ingest.at_once, recovery.emptied, isolation
        )
        rechecker = Rechecker(connection)
        forwarding = Forwarding(connection, settings.forward, client, metrics=metrics)
        app = App(
            settings, connection, feeds, entries, ledger, polite_client, pool, metrics, due, hubs, poller, entry_consumer,
            rechecker, client, forwarding, asyncio.Event(), drift, archive, memory.MemoryWatch(connection), settings,
            listing, starting, recovery,
        )  # fmt: skip
        if wait:
            await app.started()
        yield app


def _start_pool(stack: AsyncExitStack, settings: Settings, ingesting: EntrySettings) -> tuple[Pool, asyncio.Task[None]]:
    """Return the pool and its start: the zygote imports and warms for a second, beside Redis' start and the feed list."""
    pool = Pool(settings.pool, warm_with=user_files.warm_with(ingesting.read))
    starting = asyncio.create_task(pool.start())
    stack.push_async_callback(_give_up, pool, starting)
    return pool, starting


def _client(settings: Settings, resolver: object | None) -> Client:
    return Client(
        settings.fetch,
        Guard(settings.fetch.allow),
        resolver=resolver,  # type: ignore[arg-type]
        keep_raw_headers=settings.archive.folder is not None,
        credentials=settings.credentials,
    )


def _start_listing(stack: AsyncExitStack, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin to bring the list in line; what closes the daemon ends it."""
    listing = asyncio.create_task(work)
    stack.push_async_callback(_cancel, listing)
    return listing


def _hubs(
    settings: Settings,
    connection: Connection,
    feeds: Feeds,
    client: PoliteClient,
    fetcher: FeedFetcher,
    due: DueFeeds,
    metrics: Metrics,
) -> Hubs | None:
    """Return the WebSub subscriber; None where hubs cannot reach this worker."""
    if not settings.websub.callback_url:
        return None
    if not settings.serve.enabled:
        get_logger("websub").warning("websub.off", remedy="serve.enabled = true: hubs call websub.callback_url")
        return None
    return Hubs(Subscriptions(connection), feeds, client, fetcher, due, settings.websub, metrics)


def _closing(pool: Pool, starting: asyncio.Task[None]) -> Callable[..., Awaitable[None]]:
    """Return how a pool is left that may still be starting: as by ``async with``."""

    async def close(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await _cancel(starting)
        await pool.__aexit__(kind, error, trace)

    return close


async def _give_up(pool: Pool, starting: asyncio.Task[None]) -> None:
    """Close a pool that may still be starting; one that is closed already stays so."""
    await _cancel(starting)
    await pool.close(grace_seconds=0)


async def _until(step: Coroutine[Any, Any, None], *beside: asyncio.Task[Any]) -> None:
    """Do a step of the start; a failure of what goes on beside it is raised at once, however long the step may wait."""
    doing = asyncio.create_task(step)
    try:
        waiting = {doing, *beside}
        while doing in waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        doing.cancel()


async def _listed(reading: asyncio.Task[list[NewFeed]], listing: asyncio.Task[None]) -> None:
    """Wait for the file; and, where it is short, until the list in Redis is in line with it."""
    if len(await reading) <= SHORT_LIST:
        await listing


async def _ended(task: asyncio.Task[None]) -> None:
    await task


async def _cancel(task: asyncio.Task[None]) -> None:
    """End a task; what it failed on was raised where it was waited for."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _read_list(file: str | None) -> list[NewFeed]:
    """Read the feed list in a thread; nothing where there is none. Raises SettingsError."""
    return await asyncio.to_thread(feed_list.read, Path(file)) if file else []


async def _sync_list(
    file: str | None, connection: Connection, feeds: Feeds, reading: asyncio.Task[list[NewFeed]]
) -> None:
    """Bring the list in Redis in line with the one that is being read."""
    listed = await reading
    if listed:
        log.info(
            "feeds.synced",
            file=file,
            **await when_there_is_room(connection, lambda: feed_list.sync_feeds(feeds, listed)),
        )
    if await when_there_is_room(connection, feeds.count) == 0:
        remedy = f"list them in {file or 'feeds.toml beside the settings file'}, or run `dateline feeds add URL`"
        log.warning("feeds.none", remedy=remedy)


@dataclass(slots=True)
class Recovery:
    """What follows when a running daemon finds Redis without its data: say so loudly, set up anew, bring no old news.

    ``mark``: of the store that the daemon began with (`checks.read_mark`); another one is a store without its data, whoever has
    set it up. It is taken over at the end, so what Redis' absence cuts off is done again at the next look.
    """

    connection: Connection
    feeds: Feeds
    entries: Entries
    settings: Settings
    mark: str

    async def look(self) -> None:
        """Recover where another worker has set up what Redis lost, or our own recovery was cut off."""
        if await checks.read_mark(self.connection) != self.mark:
            await self.emptied()

    async def emptied(self) -> None:
        """Set up streams and groups, mark the loss, list the feeds of the file again."""
        at = await upkeep.server_time(self.connection)
        await self.entries.set_up()
        if await checks.is_set_up(self.connection, self.mark):
            return  # only the stream was deleted
        # Before the layout is marked and any feed is listed again: every worker's polls ask for it.
        await upkeep.mark_emptied(self.connection, at)
        is_first = await checks.check_schema(self.connection)
        log.error(
            "store.emptied",
            where=self.connection.where,
            note="Redis came back without its data: what was published is forgotten; old entries will not be sent again",
        )
        if is_first:
            await upkeep.notify(self.connection, "store.emptied", self.connection.keys[0].events, {"at": at})
        if self.settings.feeds_file:
            listed = await asyncio.to_thread(feed_list.read, Path(self.settings.feeds_file))
            log.info("feeds.synced", **await feed_list.sync_feeds(self.feeds, listed))
        self.mark = await checks.read_mark(self.connection)


async def _ready(connection: Connection) -> None:
    """Wait until Redis answers; refuse one that cannot hold our promises; say loudly what weakens them."""

    def tell(error: StoreUnavailable, wait: float) -> None:
        log.warning(
            "store.unavailable", reason=str(error), wait_seconds=round(wait, 1),
            remedy="start Redis there, or correct redis.url; this worker waits for it",
        )  # fmt: skip

    findings = await until_it_heals(lambda: checks.check_server(connection), tell)
    for finding in findings:
        if finding.level == "error" and "too old" in finding.say:
            raise SettingsError(f"Redis at {connection.where}: {finding.say}; {finding.remedy}")
        if finding.level != "ok":
            getattr(log, finding.level)("store.checked", finding=finding.say, remedy=finding.remedy)
    if await when_there_is_room(connection, lambda: checks.check_schema(connection)):
        log.info("store.empty", where=connection.where, note="a fresh start: nothing is known yet")


async def when_there_is_room(connection: Connection, step: Callable[[], Awaitable[T]]) -> T:
    """Do a step of the start; into a Redis that is full: say so, free what may go, and wait until it has room."""

    async def make_room() -> T:
        try:
            return await step()
        except StoreUnavailable:
            with contextlib.suppress(StoreUnavailable):
                entries, texts = await memory.free_memory(connection)
                if entries or texts:
                    log.warning("store.memory_freed", entries_trimmed=entries, texts_dropped=texts)
            raise

    def tell(error: StoreUnavailable, wait: float) -> None:
        log.warning("store.unavailable", reason=str(error), wait_seconds=round(wait, 1))

    found: T = await until_it_heals(make_room, tell)
    return found
