"""``dateline verify``: check the delivery guarantees against the data in Redis. Read-only."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from ..settings import load_for_verb
from ..store.audit import Problem, judge
from ..store.connect import open_used_store
from ..store.snapshot import Snapshot, snapshot, tokens_in_hand
from ..telemetry import inert, set_up_logs


def verify(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline verify [--json]``; exit 1 where a promise is broken."""
    parser.add_argument("--json", action="store_true", help="one JSON line for each problem")
    return _verify


async def _verify(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    found: list[tuple[int, Problem]] = []
    async with open_used_store(load_for_verb(options.config)) as connection:
        in_hand = await tokens_in_hand(connection)
        for partition in range(len(connection.keys)):
            held = await snapshot(connection, partition)
            found += [(partition, problem) for problem in judge(held, in_hand)]
            if not options.json:
                sys.stdout.write(_line(held) + "\n")
    for partition, problem in found:
        if options.json:
            sys.stdout.write(json.dumps({"partition": partition, **dataclasses.asdict(problem)}) + "\n")
        else:
            sys.stdout.write(f"{problem.kind:<18} {inert(problem.say)}\n{'':19}-> {problem.remedy}\n")
    if not found and not options.json:
        sys.stdout.write("all guarantees hold\n")
    return 1 if found else 0


def _line(held: Snapshot) -> str:
    return (
        f"partition {held.partition}: {len(held.stream)} stream entries, seq {held.last_seq}, {len(held.records)} articles "
        f"known, {len(held.feeds)} feeds, {len(held.waiting)} entries waiting ({len(held.pending)} in progress), "
        f"{len(held.later)} later, {held.dead} dead letters"
    )
