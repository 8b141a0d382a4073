"""``dateline explain``: what happened to an entry or article, where it is now, and why.

Read-only. The trail has the past; queue, retries and dead letters have the present state. For an unknown URL it lists the
polled feeds of the same publisher and their state: one of them should have listed it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from .. import urls
from ..errors import DatelineError, SettingsError
from ..model.records import QueuedEntry, unwrap
from ..settings import load_for_verb
from ..store.connect import open_used_store
from ..store.dead_letters import DeadLetter, DeadLetters
from ..store.entries import rows
from ..store.feeds import Feeds
from ..store.ledger import Ledger
from ..store.redis import Connection
from ..telemetry import inert, set_up_logs
from ..urls.owner import owner

_PAGE = 1000
_MOST_FEEDS = 5

Row = dict[str, Any]


def explain(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], Coroutine[Any, Any, int]]:
    """``dateline explain URL``; exit 1 where nothing is known of it."""
    parser.add_argument("what", metavar="URL|GUID|ARTICLE", help="an entry's link or guid, or an article id")
    parser.add_argument("--json", action="store_true", help="one JSON object: trail, articles, now, feeds")
    return _explain


async def _explain(options: argparse.Namespace) -> int:
    set_up_logs(options.log_level or "warning")
    what = options.what.strip()
    if not what:
        raise SettingsError("name an entry's URL or guid, or an article's id")
    async with open_used_store(load_for_verb(options.config)) as connection:
        wanted = {what} | _spellings(what)
        trail = [row async for row in _trail(connection, wanted)]
        ids = dict.fromkeys(row["article"] for row in trail if row["article"]) or {what: None}
        waiting = [row async for row in _waiting(connection, wanted | set(ids))]
        ids |= dict.fromkeys(row["article"] for row in waiting)
        articles = [row for article in ids if (row := await _article(connection, article))]
        known = bool(trail or waiting or articles)
        feeds = [] if known else await _feeds_of_owner(connection, what)
    if options.json:
        found = {"what": what, "known": known, "trail": trail, "articles": articles, "now": waiting, "feeds": feeds}
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    elif known:
        _print_known(trail, articles, waiting)
    else:
        _print_unknown(what, feeds)
    return 0 if known else 1


def _print_known(trail: list[Row], articles: list[Row], waiting: list[Row]) -> None:
    for row in trail:
        why = f" {row['code']}: {row['reason']}" if row["code"] else ""
        at = row["at"][:19].replace("T", " ")
        sys.stdout.write(f"{at}  {row['outcome']:<10} ({row['why']}, try {row['try']}){inert(why, 300)}\n")
        sys.stdout.write(f"{'':21}from {row['feed']}\n")
    for row in articles:
        kind = "withdrawn" if row["withdrawn"] else f"a copy of {row['copy_of']}" if row["copy_of"] else "published"
        sys.stdout.write(
            f"article {row['article']}: {kind}, revision {row['revision']}, {row['events']} events, "
            f"stream entry {row['stream_id']} (seq {row['seq']})\n"
        )
        if row["next_look"]:
            sys.stdout.write(f"{'':4}its page is checked again at {row['next_look']}\n")
    for row in waiting:
        sys.stdout.write(f"now: {inert(row['say'], 400)}\n")


def _print_unknown(what: str, feeds: list[Row]) -> None:
    sys.stdout.write(f"{what} is unknown: no feed listed it, or it is older than the trail\n")
    for row in feeds:
        state = "paused" if row["paused"] else row["error"] or f"last answer {row['status'] or '-'}"
        sys.stdout.write(f"  polled feed of the same publisher: {row['url']} ({inert(state, 160)})\n")
    if not feeds:
        sys.stdout.write("  no feed of this publisher is polled; `dateline feeds add URL` finds a site's feed\n")
    sys.stdout.write("  `dateline feeds check URL` shows what a poll would find\n")


def _spellings(url: str) -> set[str]:
    try:
        return {urls.same_key(url)} if "://" in url else set()
    except DatelineError:
        return set()


async def _pages(connection: Connection, stream: str) -> AsyncIterator[tuple[str, dict[bytes, bytes]]]:
    start = "-"
    while True:
        page = rows(await connection.call("XRANGE", stream, start, "+", "COUNT", _PAGE))
        for row in page:
            yield row
        if len(page) < _PAGE:
            return
        start = "(" + page[-1][0]


async def _trail(connection: Connection, wanted: set[str]) -> AsyncIterator[Row]:
    for keys in connection.keys:
        async for mid, raw in _pages(connection, keys.trail):
            fields = {k.decode(): v.decode("utf-8", "replace") for k, v in raw.items()}
            same = {fields.get("url", ""), fields.get("guid", ""), fields.get("article", "")} - {""}
            if not wanted & (same | _spellings(fields.get("url", ""))):
                continue
            yield {
                "at": _iso(int(mid.partition("-")[0]) / 1000), "outcome": fields.get("outcome", "?"),
                "why": fields.get("why", ""), "try": int(fields.get("attempts") or 0) + 1, "code": fields.get("code", ""),
                "reason": fields.get("reason", ""), "feed": fields.get("feed", ""), "url": fields.get("url", ""),
                "article": fields.get("article", ""),
            }  # fmt: skip


async def _waiting(connection: Connection, wanted: set[str]) -> AsyncIterator[Row]:
    """Yield where it is now: queued, waiting for a retry, or a dead letter."""
    for keys in connection.keys:
        async for _, fields in _pages(connection, keys.entries):
            if (entry := _match(fields.get(b"e", b""), wanted)) is not None:
                yield {"state": "queued", "article": entry.article, "say": "queued, or being ingested by a worker"}
        for start in range(0, int(await connection.call("ZCARD", keys.later)), _PAGE):
            flat = await connection.call("ZRANGE", keys.later, start, start + _PAGE - 1, "WITHSCORES")
            for payload, due in zip(flat[::2], flat[1::2], strict=True):
                if (entry := _match(payload, wanted)) is not None:
                    say = f"waits for try {entry.attempts + 1} at {_iso(float(due) / 1000)}"
                    yield {"state": "later", "article": entry.article, "say": say}
    for is_dropped in (False, True):
        async for letter in DeadLetters(connection, dropped=is_dropped).all():
            if row := _set_aside(letter, is_dropped, wanted):
                yield row


def _set_aside(letter: DeadLetter, is_dropped: bool, wanted: set[str]) -> Row | None:
    """Return the row of a dead letter, or of an entry that a stage dropped, where it is a wanted one; else None."""
    about = letter.fields
    names = {about.get("url", ""), about.get("guid", ""), letter.entry.article} - {""}
    if not wanted & (names | _spellings(about.get("url", ""))):
        return None
    what, option = ("dropped", " --dropped") if is_dropped else ("dead letter", "")
    say = (
        f"{what} ({about.get('code', '?')}: {about.get('reason', '')}); "
        f"`dateline dead-letters requeue{option} {letter.id}` puts it back into the queue"
    )
    state = "dropped" if is_dropped else "dead"
    return {"state": state, "article": letter.entry.article, "letter": letter.id, "say": say}


def _match(payload: bytes, wanted: set[str]) -> QueuedEntry | None:
    """Return the entry in these bytes where it is a wanted one, else None."""
    try:
        queued = unwrap(payload)
    except ValueError:
        return None
    link = queued.entry.link or ""
    names = {link, queued.entry.guid or "", queued.article} - {""}
    return queued if wanted & (names | _spellings(link)) else None


async def _article(connection: Connection, article: str) -> Row | None:
    record = await Ledger(connection).record(article)
    if record is None or not record.revision:
        return None
    keys = connection.keys[connection.partition_of(article)]
    look = await connection.call("ZSCORE", keys.recheck, article)
    state = record.state
    return {
        "article": article, "revision": record.revision, "withdrawn": state.withdrawn, "copy_of": state.copy_of or None,
        "events": len(state.events), "stream_id": record.stream_id, "seq": record.seq,
        "next_look": _iso(float(look) / 1000) if look is not None else None,
    }  # fmt: skip


async def _feeds_of_owner(connection: Connection, what: str) -> list[Row]:
    """Return a few feeds of the same owner as the URL ``what``; none where it is no URL."""
    try:
        wanted_owner = owner(urls.canonical(what)) if "://" in what else ""
    except DatelineError:
        wanted_owner = ""
    if not wanted_owner:
        return []
    now, found = time.time(), []
    async for state in Feeds(connection, 1.0).all():
        if owner(state.url) == wanted_owner:
            found.append(
                {"url": state.url, "status": state.status, "error": state.error, "paused": state.paused,
                 "next_in_seconds": round(state.next_at - now)}
            )  # fmt: skip
        if len(found) >= _MOST_FEEDS:
            break
    return found


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
