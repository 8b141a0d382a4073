"""``dateline failures``: texts that a step of extraction or reading failed on, to be read again after a fix."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from ..errors import DatelineError, Poison, SettingsError
from ..jobs.records import ReplayJob, ReplayReading
from ..jobs.user_files import checked, warm_with
from ..model.records import pack, unpack
from ..pool import Pool
from ..settings import PoolSettings, ReadSettings, load_for_verb
from ..store.connect import open_used_store
from ..store.failures import Kept, KeptFailures
from ..telemetry import inert, set_up_logs
from .extract import pool_options


def failures(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """The verbs below ``failures``."""
    sub = parser.add_subparsers(dest="what", required=True, metavar="VERB")
    rows = sub.add_parser("list", help="list failures: step, error and text")
    rows.add_argument("--json", action="store_true", help="one JSON line for each")
    for name, about in (
        ("show", "show all fields, with the trace"),
        ("replay", "read them again in a child process; exit 1 where one still fails"),
        ("drop", "delete them"),
    ):
        one = sub.add_parser(name, help=about)
        one.add_argument("ids", nargs="*", metavar="ID", help="as `failures list` shows it")
        one.add_argument("--all", action="store_true", help="all of them")
        one.add_argument("--step", help="all of this step")
        if name == "replay":
            one.add_argument("--drop", action="store_true", help="delete those that no longer fail")
            pool_options(one)
    return _failures


async def _failures(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    async with open_used_store(settings) as connection:
        table = KeptFailures(connection)
        every = await table.all()
        if options.what == "list":
            return _list(every, as_json=options.json)
        if not (options.ids or options.all or options.step):
            raise SettingsError("name ids, --step STEP or --all; `dateline failures list` shows them")
        chosen = [
            kept
            for kept in every
            if options.all or kept.id in options.ids or (options.step and kept.record.failure.step == options.step)
        ]
        code = 0
        if options.what == "show":
            for kept in chosen:
                sys.stdout.write(json.dumps(_row(kept, whole=True), ensure_ascii=False, indent=1) + "\n")
        elif options.what == "drop":
            sys.stdout.write(f"{await table.drop([kept.id for kept in chosen])} dropped\n")
        else:
            repaired = await _replay(chosen, options, checked(settings.read))
            code = 1 if len(repaired) < len(chosen) else 0
            if options.drop:
                await table.drop(repaired)
    for name in sorted(set(options.ids) - {kept.id for kept in chosen}):
        sys.stderr.write(f"dateline: no failure {name}; `dateline failures list` shows them\n")
        code = 1
    return code


def _list(every: Sequence[Kept], *, as_json: bool) -> int:
    for kept in every:
        if as_json:
            sys.stdout.write(json.dumps(_row(kept, whole=False), ensure_ascii=False) + "\n")
            continue
        failure = kept.record.failure
        sys.stdout.write(f"{kept.id:<18} {failure.step:<12} {kept.times:>5}x  {inert(failure.error, 100)}\n")
        sys.stdout.write(f"{'':<19}{inert(failure.text or kept.record.url, 140)}\n")
    sys.stderr.write(f"{len(every)} kept; `dateline failures replay --all` reads them again\n")
    return 0


def _row(kept: Kept, *, whole: bool) -> dict[str, Any]:
    failure, record = kept.record.failure, kept.record
    row = {
        "id": kept.id, "step": failure.step, "times": kept.times,
        "last": datetime.fromtimestamp(kept.at, UTC).isoformat(timespec="seconds"),
        "error": failure.error, "where": failure.where, "text": failure.text, "url": record.url, "feed": record.feed,
        "article": record.article, "replayable": bool(failure.article or failure.page),
    }  # fmt: skip
    return row | ({"trace": failure.trace.splitlines()} if whole else {})


async def _replay(chosen: Sequence[Kept], options: argparse.Namespace, own: ReadSettings) -> list[str]:
    """Read each again and print the result; return the ids of those that no longer fail."""
    repaired = []
    limits = PoolSettings(children=options.children, wall_seconds=options.wall_seconds)
    async with Pool(limits, warm_with=warm_with(own)) as pool:
        for kept in chosen:
            said = await _read_again(pool, kept, own)
            if said == "":
                repaired.append(kept.id)
            sys.stdout.write(f"{kept.id:<18} {kept.record.failure.step:<12} {inert(said, 160) or 'no longer fails'}\n")
    return repaired


async def _read_again(pool: Pool, kept: Kept, own: ReadSettings) -> str:
    """Return what still fails; empty where nothing does."""
    if not (kept.record.failure.article or kept.record.failure.page):
        return f"its text was too large to store; `dateline extract {kept.record.url or 'URL'}` reads the page as it is now"
    job = ReplayJob(failure=kept.record.failure, url=kept.record.url or None, read=own)
    try:
        reading = unpack(await pool.run("replay", pack(job)), ReplayReading)
    except Poison as error:
        return f"still fails: {error}"
    except DatelineError as error:
        return f"cannot be read: {error}"
    return "; ".join(f"still fails in {one.step}: {one.error} ({one.where})" for one in reading.failures)
