"""``explain``, ``stats``, ``doctor``, ``schema``, ``config``: what is the case, and why."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from worker import urls
from worker.app import open_store
from worker.cli.publishers import publisher_stats
from worker.errors import DatelineError, StoreUnavailable
from worker.pieces import ingest_settings
from worker.settings import Settings, load, shown
from worker.store import upkeep
from worker.store.dead_letters import DeadLetters
from worker.store.entries import rows
from worker.store.feeds import Feeds
from worker.store.ledger import Ledger
from worker.store.memory import key_memory
from worker.telemetry import inert, set_up_logs

Main = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def explain(parser: argparse.ArgumentParser) -> Main:
    """``dateline explain URL``."""
    parser.add_argument("what", metavar="URL|GUID|ARTICLE")
    return _explain


def stats(parser: argparse.ArgumentParser) -> Main:
    """``dateline stats``."""
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--publisher", nargs="?", const="", metavar="NAME",
        help="how well each publisher's pages are read, now and before; with NAME one (its registrable domain)",
    )  # fmt: skip
    return _stats


def doctor(parser: argparse.ArgumentParser) -> Main:
    """``dateline doctor``."""
    return _doctor


def schema(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """``dateline schema``."""
    parser.add_argument("name", nargs="?", help="article, event, retraction or envelope; all of them without")
    return _schema


def config(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """``dateline config``."""
    parser.add_argument("--defaults", action="store_true", help="every option at its default, with its reason")
    return _config


async def _explain(options: argparse.Namespace) -> int:
    """What the trail says, what the ledger knows, what waits in the dead letters."""
    set_up_logs(options.log_level or "warning")
    async with open_store(load(Path(options.config) if options.config else None)) as connection:
        what = options.what
        wanted = {what} | _spellings(what)
        found = 0
        articles: dict[str, None] = {}
        for keys in connection.keys:
            start = "-"
            while True:
                page = rows(await connection.call("XRANGE", keys.trail, start, "+", "COUNT", 1000))
                for mid, raw in page:
                    fields = {k.decode(): v.decode("utf-8", "replace") for k, v in raw.items()}
                    same = {fields.get("url", ""), fields.get("guid", ""), fields.get("article", "")}
                    if not wanted & (same | _spellings(fields.get("url", ""))):
                        continue
                    found += 1
                    articles[fields.get("article", "")] = None
                    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(mid.partition("-")[0]) / 1000))
                    why = f" {fields['code']}: {fields['reason']}" if fields.get("code") else ""
                    tries = int(fields.get("attempts") or 0) + 1
                    outcome = fields.get("outcome", "?")
                    sys.stdout.write(f"{at}  {outcome:<10} ({fields.get('why')}, try {tries}){inert(why, 300)}\n")
                    sys.stdout.write(f"{'':21}from {fields.get('feed')}\n")
                if len(page) < 1000:
                    break
                start = "(" + page[-1][0]
        for article in articles or {what: None}:
            record = await Ledger(connection).record(article) if article else None
            if record is not None and record.revision:
                found += 1
                state = record.state
                kind = (
                    "withdrawn" if state.withdrawn else f"a copy of {state.copy_of}" if state.copy_of else "published"
                )
                sys.stdout.write(
                    f"article {article}: {kind}, revision {record.revision}, {len(state.events)} events, "
                    f"stream entry {record.stream_id} (seq {record.seq})\n"
                )
        if not found:
            sys.stdout.write(
                f"nothing is known of {what}: no feed showed it, or the trail no longer reaches back so far\n"
            )
            sys.stdout.write(
                "  `dateline feeds list` shows what is polled; `dateline feeds check URL` what a poll would bring\n"
            )
        return 0 if found else 1


def _spellings(url: str) -> set[str]:
    try:
        return {urls.same_key(url)} if "://" in url else set()
    except DatelineError:
        return set()


async def _stats(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load(Path(options.config) if options.config else None)
    if options.publisher is not None:
        return await publisher_stats(settings, options.publisher, as_json=options.json)
    async with open_store(settings) as connection:
        row: dict[str, Any] = dict(await upkeep.stats(connection))
        row["feeds"] = await Feeds(connection, 1.0).count()
        row["dead_letters"] = await DeadLetters(connection).count()
        lengths = await connection.pipeline(
            [
                c
                for k in connection.keys
                for c in (("XLEN", k.entries), ("ZCARD", k.later), ("XLEN", k.events), ("ZCARD", k.recheck))
            ]
        )
        for at, name in enumerate(("entries_waiting", "entries_later", "stream_entries", "rechecks_due")):
            row[name] = sum(lengths[at::4])
    if options.json:
        sys.stdout.write(json.dumps(row) + "\n")
    else:
        for name in sorted(row):
            sys.stdout.write(f"{name:<20} {row[name]:>12}\n")
    return 0


async def _doctor(options: argparse.Namespace) -> int:
    """Every check with its remedy; exit 1 where one is an error."""
    set_up_logs(options.log_level or "error")
    settings = load(Path(options.config) if options.config else None)
    ingest_settings(settings)
    found = [upkeep.Finding("ok", f"settings from {settings.where}")]
    try:
        async with open_store(settings) as connection:
            found += await upkeep.check_server(connection)
            await upkeep.check_schema(connection)
            found += await _flow(connection, settings)
            for kind, keys, size in await key_memory(connection):
                found.append(upkeep.Finding("ok", f"{kind:<24} {keys:>9} keys  {size / 1e6:>9.2f} MB (estimated)"))
    except StoreUnavailable as error:
        found.append(upkeep.Finding("error", str(error), "start Redis there, or correct redis.url"))
    for finding in found:
        sys.stdout.write(
            f"{finding.level:<8} {finding.say}\n" + (f"{'':9}-> {finding.remedy}\n" if finding.remedy else "")
        )
    return 1 if any(finding.level == "error" for finding in found) else 0


async def _flow(connection: Any, settings: Settings) -> list[upkeep.Finding]:
    found = []
    fill = await upkeep.fill(connection)
    level = "error" if fill > 0.95 else "warning" if fill > 0.8 else "ok"
    remedy = "let consumers catch up, or raise redis.stream_limit" if level != "ok" else ""
    found.append(upkeep.Finding(level, f"events stream at {fill:.1%} of its cap", remedy))
    for partition in range(len(connection.keys)):
        for group in await upkeep.groups(connection, partition):
            idle = time.time() - int(group["last_delivered"].partition("-")[0]) / 1000
            if group["lag"] and idle > 86400 and group["consumers"] >= 0:
                say = f"group {group['name']} has not read for {idle / 86400:.1f} days: nothing is trimmed"
                remedy = f"start its consumer, or `dateline groups --delete {group['name']}`"
                found.append(upkeep.Finding("warning", say, remedy))
    dead = await DeadLetters(connection).count()
    if dead > 0.8 * settings.redis.dead_letters_limit:
        found.append(
            upkeep.Finding(
                "warning", f"{dead} dead letters, limit {settings.redis.dead_letters_limit}", "requeue or drop them"
            )
        )
    failing = [state.url async for state in Feeds(connection, 1.0).all() if state.error]
    if failing:
        found.append(
            upkeep.Finding(
                "warning", f"{len(failing)} feeds failed at their last poll", "`dateline feeds list --failing`"
            )
        )
    if not await Feeds(connection, 1.0).count():
        found.append(upkeep.Finding("warning", "no feeds", "`dateline feeds add URL`, or config/feeds.toml"))
    return found


def _schema(options: argparse.Namespace) -> int:
    from worker.contract import schemas

    every = schemas.schemas()
    short = {name.removeprefix("dateline.").partition("/")[0]: name for name in every}
    if options.name and options.name not in every and options.name not in short:
        sys.stderr.write(f"dateline: no schema {options.name!r}; there are: {', '.join([*every, *short])}\n")
        return 2
    options.name = short.get(options.name, options.name)
    sys.stdout.write(json.dumps(every[options.name] if options.name else every, indent=1, ensure_ascii=False) + "\n")
    return 0


def _config(options: argparse.Namespace) -> int:
    if options.defaults:
        sys.stdout.write(CONFIG_HEAD + shown(Settings(), explain=True))
        return 0
    settings = load(Path(options.config) if options.config else None)
    sys.stdout.write(f"# from {settings.where} and the environment\n" + shown(settings))
    return 0


CONFIG_HEAD = """\
# Every option of Dateline at its default. Written by `dateline config --defaults`; the environment
# (DATELINE_<SECTION>_<OPTION>) goes over it.

"""
