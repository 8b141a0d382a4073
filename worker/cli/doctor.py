"""``dateline doctor``: checks with their remedies."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from ..errors import StoreNotRunning, StoreUnavailable
from ..forward.options import configure
from ..forward.status import describe_forwarders, judge
from ..settings import Settings, load_for_verb, name_running
from ..store import checks, upkeep
from ..store.connect import open_store
from ..store.dead_letters import DeadLetters
from ..store.failures import KeptFailures
from ..store.feeds import Feeds
from ..store.memory import estimate_memory, key_memory
from ..store.workers import workers
from ..telemetry import set_up_logs
from .reference import check_components, describe_reading

#: Kinds of keys that take less are one row of `doctor`, in bytes.
SHOWN_BYTES = 1_000_000

#: Where to look when feeds are polled and nothing is published.
SILENT_REMEDY = (
    "`dateline dead-letters list`, `dead-letters list --dropped` (stages), `dateline feeds list --failing`; "
    "is it just quiet, raise poll.silence_seconds"
)

Main = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def doctor(parser: argparse.ArgumentParser) -> Main:
    """``dateline doctor``."""
    parser.add_argument("--json", action="store_true", help="one JSON line for each finding")
    return _doctor


async def _doctor(options: argparse.Namespace) -> int:
    """Every check with its remedy; exit 1 where one is an error."""
    set_up_logs(options.log_level or "error")
    settings = load_for_verb(options.config)
    from ..ingest.work import EntrySettings  # tells of wrong stages and words

    EntrySettings.of(settings)
    check_components(settings)
    found = [
        checks.Finding("ok", f"settings from {settings.where}"),
        checks.Finding("ok", f"reading: {describe_reading()}"),
    ]
    try:
        async with open_store(settings) as connection:
            found += await checks.check_server(connection)
            if await checks.check_schema(connection, mark=False):
                say = f"no worker has used this Redis with redis.prefix {settings.redis.prefix!r}: there is no data"
                found.append(
                    checks.Finding("warning", say, "start `dateline run`, or correct redis.url and redis.prefix")
                )
            found += await _flow(connection, settings)
            found += await _forwarders(connection, settings)
            found += await _size(connection, settings)
            found += _memory_by_kind(await key_memory(connection))
    except StoreNotRunning as error:
        found.append(checks.Finding("error", f"{error}{name_running()}"))  # it has its remedy
    except StoreUnavailable as error:
        found.append(checks.Finding("error", str(error), "start Redis there, or correct redis.url"))
    for finding in found:
        if options.json:
            sys.stdout.write(json.dumps(dataclasses.asdict(finding), ensure_ascii=False) + "\n")
            continue
        sys.stdout.write(
            f"{finding.level:<8} {finding.say}\n" + (f"{'':9}-> {finding.remedy}\n" if finding.remedy else "")
        )
    return 1 if any(finding.level == "error" for finding in found) else 0


def _memory_by_kind(found: Sequence[tuple[str, int, float]]) -> list[checks.Finding]:
    """One row for each kind of key that takes at least `SHOWN_BYTES`, one for all others together."""
    shown = [row for row in found if row[2] >= SHOWN_BYTES]
    others = [row for row in found if row[2] < SHOWN_BYTES]
    if others:
        shown.append(("others" if shown else "all keys", sum(row[1] for row in others), sum(row[2] for row in others)))
    return [
        checks.Finding("ok", f"{kind:<24} {keys:>9} keys  {size / 1e6:>9.2f} MB (estimated)")
        for kind, keys, size in shown
    ]


async def _size(connection: Any, settings: Settings) -> list[checks.Finding]:
    """Memory that will be needed at the pace of articles so far; an error of ten per cent is usual."""
    counted, now = await upkeep.stats(connection), await upkeep.server_time(connection)
    since = await connection.call("HGET", connection.keys[0].meta, "since")
    days = max(1.0, (now - int(since or now)) / 86400)
    pace = sum(counted.get(kind, 0) for kind in ("published", "revised", "copied")) / days
    feeds = await Feeds(connection, 1.0).count()
    keep, known = settings.redis.keep_days, settings.redis.memory_days
    need = estimate_memory(pace, keep, known, feeds)
    say = (
        f"{pace:.0f} articles a day, kept {keep:g} days, and {feeds} feeds will need about {need / 1e6:.0f} MB of Redis"
    )
    limit = await checks.memory_limit(connection)
    if limit and need > 0.85 * limit:
        remedy = "raise maxmemory, or lower redis.keep_days; docs/scale.md has the table"
        return [checks.Finding("warning", f"{say}; it may take {limit / 1e6:.0f} MB (maxmemory)", remedy)]
    return [checks.Finding("ok", say)]


async def _flow(connection: Any, settings: Settings) -> list[checks.Finding]:
    found = [await _at_work(connection), *await _restarts(connection)]
    if (minutes := await upkeep.silent_minutes(connection)) is not None:
        say = f"feeds are polled, and nothing was published for {minutes:.0f} min"
        found.append(checks.Finding("warning", say, SILENT_REMEDY))
    fill = await upkeep.fill(connection)
    level = "error" if fill > 0.95 else "warning" if fill > 0.8 else "ok"
    remedy = "let consumers catch up, or raise redis.stream_limit" if level != "ok" else ""
    found.append(checks.Finding(level, f"events stream at {fill:.1%} of its cap", remedy))
    for partition in range(len(connection.keys)):
        for group in await upkeep.groups(connection, partition):
            idle = time.time() - int(group["last_delivered"].partition("-")[0]) / 1000
            if group["lag"] and idle > 86400 and group["consumers"] >= 0:
                say = f"group {group['name']} has not read for {idle / 86400:.1f} days: nothing is trimmed"
                remedy = f"start its consumer, or `dateline groups --delete {group['name']}`"
                found.append(checks.Finding("warning", say, remedy))
    dead = await DeadLetters(connection).count()
    if dead > 0.8 * settings.redis.dead_letters_limit:
        found.append(
            checks.Finding(
                "warning",
                f"{dead} dead letters, limit {settings.redis.dead_letters_limit}",
                "`dateline dead-letters requeue` or `drop`",
            )
        )
    found += await _failures(connection)
    feeds = await Feeds(connection, 1.0).count_by_health()
    if failing := feeds["failing"]:
        level = "error" if failing == feeds.total() - feeds["paused"] else "warning"
        say = f"{failing} of {feeds.total()} feeds failed at their last poll"
        found.append(checks.Finding(level, say, "`dateline feeds list --failing`"))
    if not feeds:
        found.append(
            checks.Finding(
                "warning", "no feeds", "`dateline feeds add URL`, or list them in feeds.toml beside the settings"
            )
        )
    return found


async def _failures(connection: Any) -> list[checks.Finding]:
    """Steps that failed, and apart from them texts that may be cut short, where no step failed."""
    kept = Counter(one.record.failure.step == "length" for one in await KeptFailures(connection).all())
    found = []
    if kept[False]:
        remedy = "`dateline failures list`, then report them; `dateline failures replay --all` after an upgrade"
        found.append(checks.Finding("warning", f"{kept[False]} texts on which a reading step failed", remedy))
    if kept[True]:
        say = f"{kept[True]} articles may be cut short: their feed, or trafilatura, has much more text"
        found.append(checks.Finding("warning", say, "`dateline failures list`, then `dateline extract --compare URL`"))
    return found


async def _forwarders(connection: Any, settings: Settings) -> list[checks.Finding]:
    configured = [(one.group, one.kind, one.target) for one in configure(settings.forward)]
    now = await upkeep.server_time(connection)
    return [finding for row in await describe_forwarders(connection, configured) for finding in judge(row, now)]


async def _restarts(connection: Any) -> list[checks.Finding]:
    return [
        checks.Finding(
            "warning",
            f"worker {worker.name}: changes of {', '.join(f'[{name}]' for name in worker.needs_restart)} wait for a restart",
            "restart it; it goes on with the old values until then",
        )
        for worker in await workers(connection)
        if worker.there and worker.needs_restart
    ]


async def _at_work(connection: Any) -> checks.Finding:
    known = await workers(connection)
    there = [worker for worker in known if worker.there]
    if there:
        held = sum(worker.in_hand for worker in there)
        many = f"{len(there)} workers are" if len(there) > 1 else "one worker is"
        return checks.Finding("ok", f"{many} running, {held} entries in progress")
    seen = f" for {known[0].silent_seconds / 60:.0f} min" if known else ""
    return checks.Finding("warning", f"no worker has run{seen}: nothing is polled or published", "start `dateline run`")
