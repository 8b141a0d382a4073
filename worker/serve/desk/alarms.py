"""Alarms for the top of the desk: one sentence each, worst first, with a remedy. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...forward.status import STUCK_SECONDS

Row = dict[str, Any]

#: Share of the stream's cap above which an alarm is raised.
NEAR_CAP = 0.8
#: A consumer group that is behind and has not read for this many seconds is probably abandoned.
ABANDONED_SECONDS = 86_400.0


def alarms(stats: Mapping[str, Any], feeds: Sequence[Row], missing: str | None) -> list[Row]:
    """Return alarms as ``{level, say, remedy}``, level ``bad`` or ``warn``; none where all is well.

    Args:
        stats: What the desk's ``stats`` gives: at, stream_fill, groups, workers, forwarders.
        feeds: Every feed with its health.
        missing: Why this worker is not ready; None where it is.
    """
    found = [
        *_missing(missing),
        *_workers(stats.get("workers", ())),
        *_feeds(feeds),
        *_stream(stats.get("stream_fill", 0.0), stats.get("groups", ())),
        *_groups(stats.get("groups", ()), stats["at"]),
        *_forwarders(stats.get("forwarders", ()), stats["at"]),
    ]
    return sorted(found, key=lambda row: row["level"] != "bad")


def _alarm(level: str, say: str, remedy: str) -> Row:
    return {"level": level, "say": say, "remedy": remedy}


def _missing(missing: str | None) -> list[Row]:
    return (
        [_alarm("bad", f"this worker is not ready: {missing}", "see its log; nothing is lost meanwhile")]
        if missing
        else []
    )


def _workers(workers: Sequence[Row]) -> list[Row]:
    found = []
    for worker in workers:
        if not worker["there"]:
            minutes = max(1, round(worker["silent_seconds"] / 60))
            held = f"; it holds {worker['in_hand']} entries" if worker["in_hand"] else ""
            say = f"no heartbeat of worker {worker['name']} for {minutes} min{held}"
            found.append(_alarm("warn", say, "other workers take over its entries; restart it if it should run"))
    return found


def _feeds(feeds: Sequence[Row]) -> list[Row]:
    if not feeds:
        return [_alarm("warn", "no feeds yet", "list them in config/feeds.toml, or run `dateline feeds add URL`")]
    failing = [feed for feed in feeds if feed["health"] == "failing"]
    if not failing:
        return []
    first = failing[0]
    error = first["error"] if first["title"] in first["error"] else f"{first['title']}: {first['error']}"
    say = f"{len(failing)} of {len(feeds)} feeds failed at their last poll; for example {error}"
    level = "bad" if len(failing) * 2 > len(feeds) else "warn"
    return [_alarm(level, say, "each is polled again; `dateline feeds list --failing` lists them")]


def _stream(fill: float, groups: Sequence[Row]) -> list[Row]:
    if fill <= NEAR_CAP:
        return []
    slowest = max(groups, key=lambda group: group["lag"] or 0, default=None)
    who = f"; group {slowest['name']} is furthest behind" if slowest and slowest["lag"] else ""
    remedy = (
        "let consumers catch up, or raise redis.stream_limit; polling slows down before it is full, nothing is dropped"
    )
    return [_alarm("bad", f"the events stream is {fill:.0%} full{who}", remedy)]


def _groups(groups: Sequence[Row], now: float) -> list[Row]:
    found = []
    for group in groups:
        idle = now - int(group["last_delivered"].partition("-")[0]) / 1000
        if group["lag"] and idle > ABANDONED_SECONDS and group["last_delivered"] != "0-0":
            say = (
                f"group {group['name']} has not read for {idle / 86_400:.0f} days and is {group['lag']} entries behind"
            )
            remedy = (
                f"start its consumer, or `dateline groups --delete {group['name']}`: unread entries are never trimmed"
            )
            found.append(_alarm("warn", say, remedy))
    return found


def _forwarders(forwarders: Sequence[Row], now: float) -> list[Row]:
    """Forwarders whose receiver has taken nothing for a while."""
    found = []
    for forwarder in forwarders:
        if forwarder["failing_since"] and now - forwarder["failing_since"] > STUCK_SECONDS:
            minutes = round((now - forwarder["failing_since"]) / 60)
            say = f"forwarder {forwarder['group']} has sent nothing for {minutes} min: {forwarder['reason']}"
            found.append(_alarm("bad", say, f"repair the receiver, then `dateline forward check {forwarder['group']}`"))
    return found
