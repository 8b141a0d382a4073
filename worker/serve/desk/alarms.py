"""Alarms of the desk: one sentence each, worst first, with a remedy. Pure functions with their thresholds.

What passes by itself raises none: one failed poll, a 429, a group that is a few entries behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...forward.status import STUCK_SECONDS

Row = dict[str, Any]

#: Share of the stream's cap, and of Redis's memory limit, above which an alarm is raised; and above which it is a bad one.
NEAR_CAP, AT_CAP = 0.8, 0.95
#: The same for Redis' memory: workers free it above 0.8, down to a little less.
NEAR_FULL = 0.76
#: A feed that has failed for this long needs a person.
FAILING_SECONDS = 86_400.0
#: Share of feeds that fail at the same time: more looks like our own connection. Of fewer feeds than this nothing is said.
MANY_FAILING, FEWEST_FEEDS = 0.3, 5
#: A group is late when it has unread entries and its oldest is older than this; abandoned after a day.
LATE_SECONDS, ABANDONED_SECONDS = 900.0, 86_400.0
#: Entries waiting above which polling will soon slow down.
LONG_QUEUE = 10_000
#: Entries that the desk has not indexed.
DESK_BEHIND = 20_000


def alarms(state: Mapping[str, Any]) -> list[Row]:
    """Return alarms as ``{level, say, remedy}``, level ``bad`` or ``warn``; none where all is well.

    Args:
        state: What `dateline.serve.desk.health.Health.state` gives.
    """
    found = [
        *_missing(state.get("missing")),
        *_workers(state.get("workers", ())),
        *_feeds(state.get("feeds", ())),
        *_silence(state.get("silent_minutes")),
        *_memory(state.get("memory") or {}),
        *_stream(state.get("stream_fill", 0.0), state.get("groups", ())),
        *_groups(state.get("groups", ())),
        *_queue(state.get("backlog", 0)),
        *_desk(state.get("index") or {}),
    ]
    return sorted(found, key=lambda row: row["level"] != "bad")


def _alarm(level: str, say: str, remedy: str) -> Row:
    return {"level": level, "say": say, "remedy": remedy}


def _missing(missing: str | None) -> list[Row]:
    if not missing:
        return []
    return [_alarm("bad", f"this worker is not ready: {missing}", "see its log; nothing is lost meanwhile")]


def _workers(workers: Sequence[Row]) -> list[Row]:
    if not workers:
        return [_alarm("bad", "no worker is running: nothing is polled or published", "start `dateline run`")]
    found = []
    for worker in workers:
        if not worker["there"]:
            minutes = max(1, round(worker["silent_seconds"] / 60))
            held = f"; it holds {worker['in_hand']} entries" if worker["in_hand"] else ""
            say = f"worker {worker['name']} has not reported for {minutes} min{held}"
            found.append(_alarm("warn", say, "other workers take over its entries; restart it if it should run"))
        elif sections := worker.get("needs_restart"):
            say = f"worker {worker['name']}: changed settings of {', '.join(f'[{name}]' for name in sections)} are not in force"
            found.append(_alarm("warn", say, "restart it"))
    return found


def _feeds(feeds: Sequence[Row]) -> list[Row]:
    if not feeds:
        return [
            _alarm(
                "warn",
                "there are no feeds yet",
                "list them in feeds.toml beside the settings, or run `dateline feeds add URL`",
            )
        ]
    polled = [feed for feed in feeds if feed["health"] in ("failing", "well", "slowed")]
    failing = [feed for feed in polled if feed["health"] == "failing"]
    found = []
    if len(polled) >= FEWEST_FEEDS and len(failing) > MANY_FAILING * len(polled):
        level = "bad" if len(failing) * 2 > len(polled) else "warn"
        say = f"{len(failing)} of {len(polled)} feeds fail at the moment"
        found.append(
            _alarm(level, say, "see Health: where most fail with the same reason, look at our own network first")
        )
    old = [feed for feed in failing if (feed["failing_seconds"] or 0) > FAILING_SECONDS]
    if old:
        longest = max(old, key=lambda feed: feed["failing_seconds"])
        days = longest["failing_seconds"] / 86_400
        many = "1 feed has" if len(old) == 1 else f"{len(old)} feeds have"
        say = f"{many} failed for more than a day; {longest['title']} for {days:.0f} days: {longest['trouble']}"
        found.append(_alarm("warn", say, "correct its address (`dateline feeds check URL`) or remove it"))
    return found


def _silence(minutes: float | None) -> list[Row]:
    if minutes is None:
        return []
    say = f"feeds are polled, and nothing was published for {minutes:.0f} min"
    remedy = "look at what is set aside, at failing feeds, and at stages that drop articles"
    return [_alarm("bad", say, remedy)]


def _memory(memory: Mapping[str, Any]) -> list[Row]:
    share = memory.get("share")
    if share is None or share <= NEAR_FULL:
        return []
    level = "bad" if share > AT_CAP else "warn"
    remedy = "what every group has read goes early; raise maxmemory, or lower redis.keep_days"
    return [_alarm(level, f"Redis uses {share:.0%} of its memory limit", remedy)]


def _stream(fill: float, groups: Sequence[Row]) -> list[Row]:
    if fill <= NEAR_CAP:
        return []
    slowest = max(groups, key=lambda group: group["lag"] or 0, default=None)
    who = f"; group {slowest['name']} is furthest behind" if slowest and slowest["lag"] else ""
    remedy = "let consumers catch up, or raise redis.stream_limit; polling slows before it is full, nothing is dropped"
    return [_alarm("bad" if fill > AT_CAP else "warn", f"the events stream is {fill:.0%} full{who}", remedy)]


def _groups(groups: Sequence[Row]) -> list[Row]:
    found = []
    for group in groups:
        failing = group["failing_seconds"] or 0
        if failing > STUCK_SECONDS:
            say = f"forwarder {group['name']} has sent nothing for {failing / 60:.0f} min: {group['trouble']}"
            found.append(_alarm("bad", say, f"repair the receiver, then `dateline forward check {group['name']}`"))
            continue
        late = group["late_seconds"] or 0
        behind = (group["lag"] or 0) + group["pending"]
        if not behind or late <= LATE_SECONDS:
            continue
        kind = "forwarder" if group["is_forwarder"] else "group"
        if late > ABANDONED_SECONDS:
            say = f"{kind} {group['name']} has not kept up for {late / 86_400:.0f} days: {behind} entries behind"
            remedy = (
                f"start its consumer, or `dateline groups --delete {group['name']}`: unread entries are never trimmed"
            )
        else:
            say = f"{kind} {group['name']} is {behind} entries and {late / 60:.0f} min behind"
            remedy = (
                "look at its receiver; it catches up by itself" if group["is_forwarder"] else "look at its consumer"
            )
        found.append(_alarm("warn", say, remedy))
    return found


def _queue(waiting: int) -> list[Row]:
    if waiting <= LONG_QUEUE:
        return []
    return [_alarm("warn", f"{waiting} entries wait to be read", "start another worker; polling slows meanwhile")]


def _desk(index: Mapping[str, Any]) -> list[Row]:
    behind = index.get("behind") or 0
    if behind <= DESK_BEHIND:
        return []
    return [
        _alarm("warn", f"this desk is {behind} entries behind the stream", "it catches up by itself; search lacks them")
    ]
