"""What is wrong, in words: sentences for the top of the desk, worst first, each with its remedy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]

#: From here on the cap of the stream is near enough to say so.
FULL = 0.8
#: A consumer group that owes and has not read for so long has probably been forgotten, in seconds.
FORGOTTEN_SECONDS = 86_400.0


def alarms(stats: Mapping[str, Any], feeds: Sequence[Row], missing: str | None) -> list[Row]:
    """``{level, say, remedy}``, level bad or warn; none where all is well.

    Args:
        stats: What the desk's ``stats`` gives: at, stream_fill, groups, workers.
        feeds: Every feed with its health.
        missing: What keeps this worker from being ready, None where it is.
    """
    found = [
        *_missing(missing),
        *_workers(stats.get("workers", ())),
        *_feeds(feeds),
        *_stream(stats.get("stream_fill", 0.0), stats.get("groups", ())),
        *_groups(stats.get("groups", ()), stats["at"]),
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
            held = f", {worker['in_hand']} entries in its hand" if worker["in_hand"] else ""
            say = f"worker {worker['name']} was not heard of for {minutes} min{held}"
            found.append(_alarm("warn", say, "others take over what it held; start it again if it is missed"))
    return found


def _feeds(feeds: Sequence[Row]) -> list[Row]:
    if not feeds:
        return [_alarm("warn", "no feeds yet", "list them in config/feeds.toml, or `dateline feeds add URL`")]
    failing = [feed for feed in feeds if feed["health"] == "failing"]
    if not failing:
        return []
    first = failing[0]
    error = first["error"] if first["title"] in first["error"] else f"{first['title']}: {first['error']}"
    say = f"{len(failing)} of {len(feeds)} feeds failed at their last poll; one of them: {error}"
    level = "bad" if len(failing) * 2 > len(feeds) else "warn"
    return [_alarm(level, say, "each is tried again; `dateline feeds list --failing` shows all")]


def _stream(fill: float, groups: Sequence[Row]) -> list[Row]:
    if fill <= FULL:
        return []
    slowest = max(groups, key=lambda group: group["lag"] or 0, default=None)
    who = f"; group {slowest['name']} is furthest behind" if slowest and slowest["lag"] else ""
    remedy = "let consumers catch up, or raise redis.stream_limit; polling slows before it is full, nothing is dropped"
    return [_alarm("bad", f"the events stream is {fill:.0%} full{who}", remedy)]


def _groups(groups: Sequence[Row], now: float) -> list[Row]:
    found = []
    for group in groups:
        idle = now - int(group["last_delivered"].partition("-")[0]) / 1000
        if group["lag"] and idle > FORGOTTEN_SECONDS and group["last_delivered"] != "0-0":
            say = (
                f"group {group['name']} has not read for {idle / 86_400:.0f} days and is {group['lag']} entries behind"
            )
            remedy = f"start its consumer, or `dateline groups --delete {group['name']}`: until then nothing is trimmed"
            found.append(_alarm("warn", say, remedy))
    return found
