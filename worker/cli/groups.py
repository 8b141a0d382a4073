"""``dateline groups``: who reads the events stream, and how far behind each is."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from ..errors import SettingsError
from ..settings import load_for_verb
from ..store import upkeep
from ..store.connect import open_used_store
from ..telemetry import set_up_logs
from .stream import listed

Main = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def groups(parser: argparse.ArgumentParser) -> Main:
    """``dateline groups``."""
    parser.add_argument(
        "--delete", metavar="GROUP", help="delete an unused group, which would keep the stream from being trimmed"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line for each group")
    return _groups


async def _groups(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    async with open_used_store(settings) as connection:
        if options.delete is not None:
            gone = 0
            there: set[str] = set()
            for partition, keys in enumerate(connection.keys):
                there |= (names := {group["name"] for group in await upkeep.groups(connection, partition)})
                if options.delete in names:
                    gone += int(await connection.call("XGROUP", "DESTROY", keys.events, options.delete))
            if not gone:
                raise SettingsError(f"no consumer group {options.delete!r}; there are: {listed(list(there))}")
            sys.stdout.write(f"deleted: {options.delete}\n")
            return 0
        for partition in range(len(connection.keys)):
            found = await upkeep.groups(connection, partition)
            for group in found if options.json else ():
                sys.stdout.write(json.dumps({"partition": partition, **group}) + "\n")
            width = max((len(group["name"]) for group in found), default=0)
            for group in () if options.json else found:
                age = time.time() - int(group["last_delivered"].partition("-")[0]) / 1000
                seen = f"{age / 3600:.1f} h ago" if group["last_delivered"] != "0-0" else "never"
                lag = "?" if group["lag"] is None else group["lag"]
                sys.stdout.write(
                    f"{group['name']:<{width}}  lag {lag:>8}  pending {group['pending']:>6}  "
                    f"consumers {group['consumers']:>3}  last read {seen}\n"
                )
            if not found and not options.json:
                sys.stdout.write("no consumer group yet\n")
    return 0
