"""``dateline desk``: the desk as a process of its own, beside any number of workers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from ..serve.desk.api import DeskLimits, add_desk
from ..serve.desk.desk import index_file, open_desk
from ..serve.http import serve
from ..settings import load
from ..store.connect import open_store
from ..telemetry import Metrics, get_logger, set_up_logs, watch_loop_lag


def desk(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline desk``."""
    return _desk


async def _desk(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings = load(options.config)
    set_up_logs(options.log_level or settings.log.level, settings.log.form)
    stop = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stop.set)
    metrics = Metrics()
    async with open_store(settings) as connection, open_desk(settings, connection) as opened:

        async def ready() -> str | None:
            await connection.call("PING")
            return None

        limits = DeskLimits(allowed_hosts=settings.serve.allowed_hosts)
        async with serve(settings.serve, metrics, ready, lambda app: add_desk(app, opened, limits)) as port:
            if port is not None and sys.stderr.isatty():
                sys.stderr.write(f"the desk: http://{settings.serve.host}:{port}/desk\n")
            get_logger("desk").info("desk.started", index=str(index_file(settings)), redis=connection.where)
            lag = asyncio.create_task(watch_loop_lag(metrics))
            await stop.wait()
            lag.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await lag
    get_logger("desk").info("desk.stopped")
    return 0
