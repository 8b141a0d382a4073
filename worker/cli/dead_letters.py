"""``dateline dead-letters``: entries that could not be ingested, and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from .. import urls
from ..errors import SettingsError
from ..settings import load_for_verb
from ..store.connect import open_used_store
from ..store.dead_letters import DeadLetter, DeadLetters
from ..telemetry import inert, set_up_logs
from .stream import at_least_0


def letters(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """The verbs below ``dead-letters``."""
    sub = parser.add_subparsers(dest="what", required=True, metavar="VERB")
    rows = sub.add_parser("list", help="list dead letters and count their reasons")
    rows.add_argument("--json", action="store_true", help="one JSON line for each")
    rows.add_argument("--most", type=at_least_0, default=1000, metavar="N", help="the newest N (default 1000)")
    show = sub.add_parser("show", help="show all fields of a dead letter")
    show.add_argument("ids", nargs="+", metavar="ID", help="as `dead-letters list` shows it")
    for name, about in (("requeue", "put them back into the queue"), ("drop", "delete them")):
        one = sub.add_parser(name, help=about)
        one.add_argument("ids", nargs="*", metavar="ID", help="as `dead-letters list` shows it")
        one.add_argument("--all", action="store_true", help="all of them")
        one.add_argument("--code", help="all with this reason code")
        one.add_argument("--feed", help="all of this feed")
    for one in sub.choices.values():
        one.add_argument(
            "--dropped", action="store_true", help="entries that a stage dropped, in place of the dead letters"
        )
    return _letters


async def _letters(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    async with open_used_store(load_for_verb(options.config)) as connection:
        table = DeadLetters(connection, dropped=options.dropped)
        if options.what == "list":
            return await _list(table, options)
        if options.what != "show" and not (options.ids or options.all or options.code or options.feed):
            raise SettingsError("name ids, --code CODE, --feed URL or --all; `dateline dead-letters list` shows them")
        if options.what != "show" and options.all and (options.ids or options.code or options.feed):
            raise SettingsError("--all selects everything; omit it to select by id, --code or --feed")
        chosen = [letter async for letter in table.all() if _wanted(letter, options)]
        if options.what == "show":
            for letter in chosen:
                entry = msgspec.to_builtins(msgspec.structs.asdict(letter.entry.entry))
                row = {"id": letter.id, **letter.fields, "entry": entry}
                sys.stdout.write(json.dumps(row, ensure_ascii=False, indent=1) + "\n")
        else:
            done = await (table.requeue(chosen) if options.what == "requeue" else table.drop(chosen))
            sys.stdout.write(f"{done} {'requeued' if options.what == 'requeue' else 'dropped'}\n")
        missing = set(options.ids) - {letter.id for letter in chosen}
        for name in sorted(missing):
            sys.stderr.write(f"dateline: no dead letter {name}; `dateline dead-letters list` shows the ids\n")
        return 1 if missing else 0


def _wanted(letter: DeadLetter, options: argparse.Namespace) -> bool:
    if options.ids:
        return letter.id in options.ids
    code, feed = getattr(options, "code", None), getattr(options, "feed", None)
    feeds = (feed, urls.public(feed or ""))  # letters name a feed without its query
    return (not code or letter.fields.get("code") == code) and (not feed or letter.fields.get("feed") in feeds)


async def _list(table: DeadLetters, options: argparse.Namespace) -> int:
    """Write the newest ones, oldest of them first, and how many there are of each reason."""
    reasons: Counter[str] = Counter()
    newest: deque[DeadLetter] = deque(maxlen=max(0, options.most))
    async for letter in table.all():
        reasons[letter.fields.get("code", "?")] += 1
        newest.append(letter)
    for letter in newest:
        if options.json:
            sys.stdout.write(json.dumps({"id": letter.id, **letter.fields}, ensure_ascii=False) + "\n")
        else:
            what = letter.fields.get("url") or letter.fields.get("guid") or "?"
            sys.stdout.write(f"{letter.id:<20} {letter.fields.get('code', '?'):<16} {inert(what, 100)}\n")
            sys.stdout.write(f"{'':<21}{inert(letter.fields.get('reason', ''), 140)}\n")
    said = ", ".join(f"{n} {code}" for code, n in reasons.most_common())
    what = "dropped entries" if options.dropped else "dead letters"
    sys.stderr.write(f"{reasons.total()} {what}{': ' + said if said else ''}\n")
    if reasons.total() > len(newest):
        sys.stderr.write(f"shown are the newest {len(newest)}; --most {reasons.total()} shows all\n")
    return 0
