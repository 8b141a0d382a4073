"""``dateline run``: the daemon."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp.web import Application

from ..app import App, open_app
from ..daemon import freeze_objects, load_for
from ..daemon import run as run_app
from ..errors import SettingsError
from ..polling.silence import Silence
from ..serve.desk.api import DeskLimits, add_desk
from ..serve.desk.desk import Desk, open_desk
from ..serve.http import serve
from ..serve.store_gauges import StoreGauges
from ..serve.websub_routes import add_websub
from ..settings import Settings
from ..settings.running import note_of
from ..store.connect import open_store
from ..telemetry import get_logger, set_up_logs
from ..topology.daemons import announced
from .reference import check_components


def run(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline run [--once] [--embedded]``."""
    parser.add_argument(
        "--once", action="store_true", help="poll the feeds that are due, ingest their entries, then exit"
    )
    parser.add_argument(
        "--embedded", action="store_true", help="start a private redis-server in redis.data_folder; ignores redis.url"
    )
    parser.add_argument("--feeds", metavar="FILE", help="feeds file (default: feeds.toml beside the settings)")
    parser.add_argument(
        "--data-folder", metavar="DIR", help="folder of the private redis-server (default: redis.data_folder)"
    )
    parser.add_argument(
        "--redis-only",
        action="store_true",
        help="run nothing but the private redis-server, for verbs that read or move its data while no worker runs",
    )
    return run_until_asked


async def run_until_asked(options: argparse.Namespace) -> int:
    """Run the daemon; SIGTERM or SIGINT during start-up (Redis away, children not warm) closes it with exit code 0."""
    loop, opening = asyncio.get_running_loop(), asyncio.current_task()
    asked: list[str] = []

    def stop(name: str) -> None:
        if not asked and opening is not None:
            asked.append(name)
            opening.cancel()

    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, stop, sig.name)
    try:
        return await _run(options)
    except asyncio.CancelledError:
        if not asked:
            raise
        get_logger("daemon").info("daemon.stopped", signal=asked[0], note="asked to stop before its loops ran")
        return 0


async def _run(options: argparse.Namespace) -> int:
    read = load_for(options.config)

    def settings_now() -> Settings:
        settings = read()
        redis = settings.redis
        if options.embedded or options.redis_only:
            redis = msgspec.structs.replace(redis, url=None)
        if options.data_folder:
            redis = msgspec.structs.replace(redis, data_folder=options.data_folder)
        return msgspec.structs.replace(settings, redis=redis, feeds_file=options.feeds or settings.feeds_file)

    settings = settings_now()
    set_up_logs(options.log_level or settings.log.level, settings.log.form)
    with announced(note_of(settings, options.config)):
        return await (_run_redis(settings) if options.redis_only else _run_daemon(options, settings, settings_now))


async def _run_redis(settings: Settings) -> int:
    """Run the private redis-server until SIGTERM or SIGINT, which cancel this."""
    async with open_store(settings, daemon=True) as connection:
        get_logger("daemon").info("redis_only.started", redis=connection.where)
        await asyncio.Event().wait()
    return 0


async def _run_daemon(options: argparse.Namespace, settings: Settings, settings_now: Callable[[], Settings]) -> int:
    check_components(settings)  # before a Redis is started
    if options.feeds and not await asyncio.to_thread(Path(options.feeds).exists):
        raise SettingsError(f"--feeds {options.feeds}: no such file; `dateline init --folder DIR` writes one")
    async with open_app(settings, list_feeds=True, wait=False) as app:

        async def ready() -> str | None:
            await app.connection.call("PING")
            if app.stop.is_set():
                return "it is stopping"
            return None if app.pool.stats().children else "no child process is ready yet"

        def add_routes(routes: Application) -> None:
            if desk is not None:
                add_desk(routes, desk, DeskLimits(allowed_hosts=settings.serve.allowed_hosts))
            if app.hubs is not None:
                add_websub(routes, app.hubs, max_bytes=settings.fetch.max_feed_bytes)

        gauges = StoreGauges(app.connection, app.feeds, app.metrics)
        async with (
            _desk(settings, app, ready) as desk,
            serve(
                settings.serve,
                app.metrics,
                ready,
                add_routes,
                refresh_metrics=gauges.refresh,
                warning=lambda: app.memory.warning,
            ) as port,
        ):
            if port is not None and desk is not None and sys.stderr.isatty():
                sys.stderr.write(f"the desk: http://{settings.serve.host}:{port}/desk\n")
            freeze_objects()
            silence = Silence(app.connection, app.metrics, lambda: app.settings.poll.silence_seconds)
            beside = [asyncio.create_task(silence.run(app.stop))]
            if app.hubs is not None:
                beside.append(asyncio.create_task(app.hubs.run(app.stop)))
            try:
                await run_app(app, once=options.once, reload=settings_now)
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
    return 0


@asynccontextmanager
async def _desk(settings: Settings, app: App, ready: Callable[[], Awaitable[str | None]]) -> AsyncIterator[Desk | None]:
    """Open the desk; None where the settings have none, or its index cannot be opened, which must not stop the worker."""
    async with AsyncExitStack() as stack:
        desk = None
        if settings.desk.enabled and settings.serve.enabled:
            try:
                desk = await stack.enter_async_context(open_desk(settings, app.connection, ready=ready))
            except SettingsError as error:
                get_logger("desk").warning("desk.off", reason=str(error))
        yield desk
