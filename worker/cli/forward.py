"""``dateline forward``: the configured forwarders, a test record to each, groups that were left over, dead letters."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ..errors import DatelineError, PartlyForwarded, SettingsError
from ..forward.options import Configured, configure
from ..forward.status import ForwarderRow, describe_forwarders
from ..settings import load_for_verb
from ..store import groups
from ..store.connect import open_used_store
from ..store.redis import Connection
from ..store.workers import workers
from ..telemetry import inert, set_up_logs

if TYPE_CHECKING:
    from ..fetch.client import Client

_VERBS = ("list", "check", "adopt", "drop", "dead-letters", "requeue")


def forward(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline forward list|check|adopt|drop|dead-letters|requeue``."""
    parser.add_argument("what", choices=_VERBS, nargs="?", default="list", help="what to do (default: list)")
    parser.add_argument(
        "groups", nargs="*", metavar="GROUP", help="as `forward list` names it; adopt: the old group, then the new one"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line for each")
    return _forward


async def _forward(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    settings = load_for_verb(options.config)
    configured = configure(settings.forward)
    given, most = options.groups, {"list": 0, "check": None, "adopt": 2}.get(options.what, 1)
    least = 1 if options.what in ("drop", "dead-letters", "requeue") else most or 0
    if len(given) < least or (most is not None and len(given) > most):
        usage = {"list": "", "check": " [GROUP|KIND ...]", "adopt": " OLD NEW"}.get(options.what, " GROUP")
        raise SettingsError(f"usage: dateline forward {options.what}{usage}; `dateline forward list` lists the groups")
    if options.what == "check":
        from ..fetch.client import Client  # here: the other verbs start without the client, in half the time
        from ..fetch.guard import Guard

        async with Client(settings.fetch, Guard(settings.fetch.allow)) as client:
            return await _check(configured, given, client, as_json=options.json)
    async with open_used_store(settings) as connection:
        if options.what == "adopt":
            return await _adopt(connection, *given)
        if options.what == "drop":
            return await _drop(connection, given[0], configured)
        if options.what == "dead-letters":
            return await _dead_letters(connection, given[0], as_json=options.json)
        if options.what == "requeue":
            return await _requeue(connection, given[0])
        return await _list(connection, configured, as_json=options.json)


async def _list(connection: Connection, configured: list[Configured], *, as_json: bool) -> int:
    found = await describe_forwarders(connection, [(one.group, one.kind, one.target) for one in configured])
    needs_restart = any(one.there and "forward" in one.needs_restart for one in await workers(connection))
    for row in found:
        if as_json:
            sys.stdout.write(json.dumps({name: getattr(row, name) for name in row.__slots__}) + "\n")
        else:
            sys.stdout.write(_line(row, time.time()))
    if needs_restart and not as_json:
        sys.stdout.write(
            "[[forward]] was changed while a worker runs: restart it; until then it goes on with the old tables\n"
        )
    if not found and not as_json:
        sys.stdout.write("no [[forward]] table in the settings; docs/forwarders.md has one for each kind\n")
    return 0


def _line(row: ForwarderRow, now: float) -> str:
    state = "works"
    if row.is_left:
        state = f"no [[forward]] table names it; `forward adopt {row.group} NEW` or `forward drop {row.group}`"
    elif row.failing_since:
        state = f"fails since {(now - row.failing_since) / 60:.0f} min: {inert(row.reason, 200)}"
    elif not row.accepted_at:
        state = "nothing was sent yet"
    letters = f", {row.dead_letters} dead letters" if row.dead_letters else ""
    return f"{row.group}\n    {row.kind} {inert(row.target)}: {row.lag} entries to send{letters}\n    {state}\n"


async def _check(configured: list[Configured], wanted: list[str], client: Client, *, as_json: bool) -> int:
    from ..forward.check import send_test_record

    chosen = [one for one in configured if not wanted or one.group in wanted or one.kind in wanted]
    if not chosen:
        there = ", ".join(one.group for one in configured) or "none: docs/forwarders.md has a table for each kind"
        raise SettingsError(f"no forwarder {' '.join(wanted)}; there are: {there}".replace("  ", " "))
    failed = 0
    for one in chosen:
        try:
            await send_test_record(one, client.post, client.exchange)
            problem = None
        except DatelineError as error:
            problem = (
                "; ".join(error.refused.values())
                if isinstance(error, PartlyForwarded) and error.refused
                else str(error)
            )
            failed += 1
        if as_json:
            sys.stdout.write(json.dumps({"group": one.group, "kind": one.kind, "error": problem}) + "\n")
        else:
            say = f"FAILED  {inert(problem)}" if problem else "ok      a test record was accepted"
            sys.stdout.write(f"{one.kind} {inert(one.target)}: {say}\n")
    if failed and not as_json:
        sys.stdout.write("entries for it wait; start the receiver, or correct its [[forward]] table, and check again\n")
    return 1 if failed else 0


async def _adopt(connection: Connection, old: str, new: str) -> int:
    if old not in await _names(connection):
        raise SettingsError(f"no consumer group {old!r}; `dateline forward list` lists those left over")
    moved = await groups.adopt(connection, old, new)
    sys.stdout.write(f"{new} goes on where {old} was, with {moved} entries that were pending\n")
    return 0


async def _drop(connection: Connection, group: str, configured: list[Configured]) -> int:
    if any(one.group == group for one in configured):
        raise SettingsError(f"{group} belongs to a [[forward]] table; take the table out of the settings first")
    if not await groups.drop(connection, group):
        raise SettingsError(f"no consumer group {group!r}; `dateline forward list` lists those left over")
    sys.stdout.write(f"deleted: {group}\n")
    return 0


async def _dead_letters(connection: Connection, group: str, *, as_json: bool) -> int:
    count = 0
    async for one in groups.dead_letters(connection, group):
        count += 1
        if as_json:
            row = {"id": one.id, "stream_id": one.stream_id, "reason": one.reason, "tries": one.deliveries}
            sys.stdout.write(json.dumps(row | {"entry": one.fields}) + "\n")
        else:
            what = f"{one.fields.get('type', '?')} {one.fields.get('subject', '?')}"
            sys.stdout.write(f"{one.stream_id:<22} {inert(what)}  after {one.deliveries} tries: {inert(one.reason)}\n")
    if not count and not as_json:
        sys.stdout.write(f"no dead letters of {group}\n")
    return 0


async def _requeue(connection: Connection, group: str) -> int:
    if group not in await _names(connection):
        raise SettingsError(f"no consumer group {group!r}; there are: {', '.join(await _names(connection)) or 'none'}")
    found = [one async for one in groups.dead_letters(connection, group)]
    done = await groups.requeue(connection, group, found)
    sys.stdout.write(f"{done} of {len(found)} dead letters are pending again\n")
    if done < len(found):
        sys.stdout.write(f"the others are not on the stream any more: `dateline forward dead-letters {group} --json`\n")
    return 0 if done == len(found) else 1


async def _names(connection: Connection) -> list[str]:
    found = {row["name"] for number in range(len(connection.keys)) for row in await groups.describe(connection, number)}
    return sorted(found)
