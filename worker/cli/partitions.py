"""``dateline partitions``: how many there are and where they lie, and another number of them, with the data in place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from ..errors import SettingsError
from ..settings import load_for_verb
from ..store.connect import open_store
from ..store.redis import Connection
from ..store.repartition import repartition
from ..telemetry import set_up_logs
from .stream import at_least_0

#: Of `redis.partitions`.
MOST = 1024


def partitions(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline partitions [N]``."""
    parser.add_argument(
        "number", type=at_least_0, nargs="?", metavar="N",
        help="move the data to N partitions, while no worker runs; then set redis.partitions to N. Without: show what there is",
    )  # fmt: skip
    return _partitions


async def _partitions(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    async with open_store(settings) as connection:
        meta = connection.keys[0].meta
        found, under_way = await connection.call("HMGET", meta, "partitions", "to_partitions")
        if found is None:
            raise SettingsError(f"Redis at {connection.where} holds nothing of ours: set redis.partitions and begin")
        before = int(found)
        old = Connection(msgspec.structs.replace(connection.settings, partitions=before))
        try:
            if options.number is None:
                await _show(old)
                return 0
            _refuse_number(options.number, under_way)
            if options.number == before and under_way is None:
                sys.stdout.write(f"there are {before} partitions already\n")
                return 0
            new = Connection(msgspec.structs.replace(connection.settings, partitions=options.number))
            try:
                moved = await repartition(old, new, settings.redis.keep_days * 86400)
            finally:
                await new.close()
        finally:
            await old.close()
    for kind, count in sorted(moved.items()):
        sys.stdout.write(f"{kind:<14} {count:>9} moved\n")
    sys.stdout.write(f"done: {before} partitions became {options.number}; set redis.partitions = {options.number}\n")
    return 0


def _refuse_number(number: int, under_way: bytes | None) -> None:
    if not 1 <= number <= MOST:
        raise SettingsError(f"{number} partitions: there may be 1 to {MOST}")
    if under_way is not None and int(under_way) != number:
        raise SettingsError(f"the data is on its way to {int(under_way)} partitions: finish that first")


async def _show(connection: Connection) -> None:
    for number, keys in enumerate(connection.keys):
        where = await connection.servers.where_is(keys.events)
        entries, feeds = await connection.pipeline([("XLEN", keys.events), ("ZCARD", keys.due)])
        sys.stdout.write(f"{number:>4}  {keys.events:<28} {where:<22} {entries:>9} stream entries  {feeds:>7} feeds\n")
