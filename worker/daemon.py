"""Runs the daemon: its loops side by side until it is asked to stop, the upkeep of the store, the reload of the settings."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable
from pathlib import Path

from . import clock, failpoints
from .app import App
from .errors import DatelineError, StoreUnavailable
from .ingest.work import EntrySettings
from .polling import feed_list
from .settings import Settings, load
from .store import groups, upkeep
from .store.redis import Connection, until_it_heals
from .store.workers import mark_restart, sign_in, sign_out
from .telemetry import get_logger, watch_loop_lag

#: Sections of the settings that a running worker does not take over.
NEEDS_RESTART = ("redis", "serve", "desk", "pool", "fetch", "archive", "websub", "forward", "log", "trace")

log = get_logger("daemon")
GC_THRESHOLD = 50_000  #: objects made, less those freed, between two collections of the youngest


def freeze_objects() -> None:
    """Keep what was made at the start out of the garbage collector's sight, and let it run less often.

    Each poll makes some hundred objects that live until it ends; with Python's own threshold (700) the collector took a fifth
    of a poll's CPU (bench/poll.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)


async def run(app: App, *, once: bool = False, reload: Callable[[], Settings] | None = None) -> None:
    """The daemon until SIGTERM or SIGINT (a second one ends it at once); with ``once`` until nothing is due."""
    loop = asyncio.get_running_loop()
    stop = app.stop

    def asked(signame: str) -> None:
        if stop.is_set():
            log.warning("daemon.shutdown_forced", signal=signame)
            for task in list(running):
                task.cancel()
        else:
            log.info("daemon.stopping", signal=signame)
            stop.set()
            failpoints.hit("during_shutdown")

    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, asked, sig.name)
    if reload is not None:
        hangup = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, hangup.set)
    running = [
        asyncio.create_task(app.poller.run(stop), name="poller"),
        asyncio.create_task(app.consumer.run(stop, drain_seconds=25.0), name="entries"),
        asyncio.create_task(app.rechecker.run(stop, lambda: clock.now().timestamp()), name="recheck"),
        asyncio.create_task(app.forwarding.run(stop), name="forward"),
        asyncio.create_task(_upkeep(app, stop), name="upkeep"),
    ]
    lag = asyncio.create_task(watch_loop_lag(app.metrics))
    # The first requests go out while the children warm; what is to be read waits for them.
    extra = [app.listing, asyncio.create_task(_say_started(app), name="start")]
    if once:
        extra.append(asyncio.create_task(_until_idle(app, stop), name="once"))
    if reload is not None:
        extra.append(asyncio.create_task(_watch_files(app, reload, hangup), name="files"))
    try:
        waiting = {*running, *extra}
        while waiting & set(running):
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if not task.cancelled() and (error := task.exception()):
                    stop.set()
                    await asyncio.wait(running, timeout=30)
                    raise error
    finally:
        for task in [*running, *extra, lag]:
            task.cancel()
        await asyncio.gather(*running, *extra, lag, return_exceptions=True)
        with contextlib.suppress(StoreUnavailable):
            await app.drift.flush()
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(sig, _closing)  # what is open is closed in order; that is bounded in time
        log.info("daemon.stopped")


async def _say_started(app: App) -> None:
    """Wait for the children, and say that all runs. Raises as `App.started`."""
    await app.started()
    feeds: int | None = None
    with contextlib.suppress(StoreUnavailable):  # Redis went away just now: each loop waits for it by itself
        feeds = await app.feeds.count()
    log.info("daemon.started", feeds=feeds, consumer=app.entries.consumer, redis=app.connection.where)


def _closing() -> None:
    """A signal after the last loop has ended changes nothing."""


async def _until_idle(app: App, stop: asyncio.Event) -> None:
    await asyncio.wait([app.listing])
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(0.3)
        try:
            quiet = quiet + 1 if await app.idle() else 0
        except StoreUnavailable:
            quiet = 0
    stop.set()


async def _upkeep(app: App, stop: asyncio.Event) -> None:
    """Every few seconds: sign in, trim what every group has read, warn before the cap bites, count what waits."""
    near = False

    async def look_at_memory() -> None:
        try:
            await app.memory.look()
        finally:
            app.due.memory_fill = app.memory.fill

    async def sign() -> None:
        await sign_in(app.connection, app.entries.consumer)

    async def count() -> None:
        waiting, _ = await app.entries.backlog()
        app.metrics.backlog.set(waiting)
        app.metrics.in_hand.set(app.consumer.in_hand)

    async def store_rates() -> None:
        await app.drift.flush()
        app.metrics.show_publishers(app.drift.figures())

    async def trim() -> None:
        await upkeep.trim(app.connection, app.settings.redis.keep_days * 86400)

    async def trim_near_cap() -> None:
        nonlocal near
        near = await _trim_if_near_cap(app.connection, near)

    async def delete_silent() -> None:
        await app.entries.forget_dead_consumers()
        await groups.delete_silent_consumers(app.connection)

    ticks = 0
    while not stop.is_set():
        # Memory before what a full server refuses.
        steps = [look_at_memory, app.recovery.look, sign, count, store_rates]
        steps += [app.archive.rotate_if_due] if app.archive else []
        steps += [trim] if ticks % 12 == 0 else []
        steps += [trim_near_cap]
        steps += [delete_silent] if ticks % 120 == 60 else []
        failed: StoreUnavailable | None = None
        for step in steps:  # what one server that is away makes fail costs no other step
            if stop.is_set():
                break
            try:
                await step()
            except StoreUnavailable as error:
                failed = failed or error
        if failed is not None:
            log.warning("store.unavailable", reason=str(failed))
        ticks += 1
        try:
            await asyncio.wait_for(stop.wait(), 5.0)
        except TimeoutError:
            continue
    with contextlib.suppress(StoreUnavailable):
        await sign_out(app.connection, app.entries.consumer)


async def _trim_if_near_cap(connection: Connection, near: bool) -> bool:
    """Trim a stream near its cap as far as its groups allow; return whether it is still near. Warns once (``near``: before)."""
    if await upkeep.fill(connection) <= upkeep.NEAR_CAP:
        return False
    if gone := await upkeep.relieve(connection):
        log.info("stream.trimmed_early", entries=gone, note="near its cap: trimmed what every group has read")
    fill = await upkeep.fill(connection)
    if fill <= upkeep.NEAR_CAP or near:
        return fill > upkeep.NEAR_CAP
    groups = [group for number in range(len(connection.keys)) for group in await upkeep.groups(connection, number)]
    slow = max(groups, key=lambda g: g["pending"] + (g["lag"] or 0), default={"name": "no group"})["name"]
    log.warning("stream.near_cap", fill=round(fill, 3), slowest_group=slow)
    subject = connection.keys[0].events
    await upkeep.notify(connection, "stream.near_cap", subject, {"fill": fill, "slowest": slow})
    return True


def needing_restart(fresh: Settings, started_with: Settings) -> list[str]:
    """Return the changed sections that a running worker cannot take over."""
    return [name for name in NEEDS_RESTART if getattr(fresh, name) != getattr(started_with, name)]


async def _reload(app: App, read: Callable[[], Settings]) -> None:
    """Read the settings again; a mistake keeps the old ones and says so."""
    await asyncio.wait([app.listing])  # else it would add what the file no longer lists
    try:
        fresh = await asyncio.to_thread(read)
        ingesting = EntrySettings.of(fresh)
        listed = await asyncio.to_thread(feed_list.read, Path(fresh.feeds_file)) if fresh.feeds_file else None
    except DatelineError as error:
        log.error("settings.refused", reason=str(error), note="the settings before this stay in force")
        return
    fixed = needing_restart(fresh, app.started_with)
    app.poller.apply(fresh)
    app.consumer.apply(ingesting, fresh.ingest.at_once)
    app.polite_client.apply(fresh.politeness, dict(fresh.owners))
    app.client.apply(fresh.credentials)
    app.settings = fresh
    log.info("settings.reloaded")
    app.metrics.restart_needed.set(bool(fixed))
    if fixed:
        log.warning(
            "settings.need_restart", sections=fixed, remedy="restart this worker: it goes on with the old values"
        )
    with contextlib.suppress(StoreUnavailable):  # doctor then does not know it; the log does
        await mark_restart(app.connection, app.entries.consumer, fixed)
    if listed is not None:

        def tell(error: StoreUnavailable, wait: float) -> None:
            log.warning("store.unavailable", reason=str(error), wait_seconds=round(wait, 1))

        counts = await until_it_heals(lambda: feed_list.sync_feeds(app.feeds, listed), tell)
        log.info("feeds.synced", **counts)


async def _watch_files(app: App, read: Callable[[], Settings], hangup: asyncio.Event) -> None:
    """Reload at SIGHUP (``hangup``), and when a settings file's time changes. One at a time."""

    def changed_at(path: str) -> float:
        try:
            return Path(path).stat().st_mtime
        except OSError:
            return 0.0  # gone for the moment in which an editor replaces it

    def times() -> list[float]:
        return [changed_at(path) for path in (app.settings.where, app.settings.feeds_file) if path]

    before = await asyncio.to_thread(times)
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(hangup.wait(), 2.0)
        now = await asyncio.to_thread(times)
        if now != before or hangup.is_set():
            hangup.clear()
            before = now
            await _reload(app, read)


def load_for(path: Path | None) -> Callable[[], Settings]:
    """Return the reader of the settings, which a reload calls again."""
    return lambda: load(path)
