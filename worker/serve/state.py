"""Reads how the store and its readers are: counters, sizes, groups, workers, memory. For the desk and ``dateline top``."""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import clock
from ..store.entries import rows
from ..store.groups import forwarders
from ..store.redis import Connection
from ..store.upkeep import fill, groups, silent_minutes, stats
from ..store.workers import workers
from .desk.rows import Row, clean


async def read_state(connection: Connection) -> Row:
    """Return counters since the store began, present sizes, groups, workers and memory."""
    keys = connection.keys
    sizes = [("XLEN", k.events) for k in keys] + [("XLEN", k.entries) for k in keys]
    sizes += [("ZCARD", k.later) for k in keys] + [("XLEN", k.dead) for k in keys]
    answers: list[int] = await connection.pipeline(sizes)
    n = len(keys)
    return {
        "at": round(clock.now().timestamp() * 1000),
        "counters": await stats(connection),
        "stream": sum(answers[:n]),
        "stream_limit": connection.settings.stream_limit * n,
        "stream_fill": await fill(connection),
        "backlog": sum(answers[n : 2 * n]),
        "later": sum(answers[2 * n : 3 * n]),
        "dead": sum(answers[3 * n :]),
        "groups": await read_groups(connection),
        "workers": [dataclasses.asdict(worker) | {"there": worker.there} for worker in await workers(connection)],
        "memory": await read_memory(connection),
        "silent_minutes": await silent_minutes(connection),
    }


async def read_groups(connection: Connection) -> list[Row]:
    """Return every consumer group over all partitions, with how old its oldest unread entry is."""
    found: dict[str, Row] = {}
    known = await forwarders(connection)
    now = clock.now().timestamp() * 1000
    for partition, keys in enumerate(connection.keys):
        for group in await groups(connection, partition):
            unread = await connection.call("XRANGE", keys.events, f"({group['last_delivered']}", "+", "COUNT", 1)
            oldest = group["oldest_pending"] or (rows(unread)[0][0] if unread else None)
            late = max(0.0, now - int(oldest.partition("-")[0])) / 1000 if oldest else 0.0
            state = known.get(group["name"])
            row = found.setdefault(
                group["name"],
                {"name": group["name"], "is_forwarder": state is not None, "consumers": 0, "pending": 0, "lag": 0,
                 "late_seconds": 0.0, "target": f"{state.kind} {state.target}".strip() if state else None,
                 "failing_seconds": now / 1000 - state.failing_since if state and state.failing_since else None,
                 "trouble": clean(state.reason) if state and state.failing_since else None},
            )  # fmt: skip
            row["consumers"] = max(row["consumers"], group["consumers"])
            row["pending"] += group["pending"]
            row["lag"] = None if group["lag"] is None or row["lag"] is None else row["lag"] + group["lag"]
            row["late_seconds"] = max(row["late_seconds"], late)
    return sorted(found.values(), key=lambda row: -row["late_seconds"])


async def read_memory(connection: Connection) -> Row:
    """Return the memory of the fullest Redis server: ``{used, limit, share}``; share None where it has no limit."""
    used = limit = 0
    share: float | None = None
    for _, answers in await connection.at_primaries([("INFO", "memory")]):
        info = _info(answers[0])
        used += info["used_memory"]
        limit += info["maxmemory"]
        if info["maxmemory"]:
            share = max(share or 0.0, info["used_memory"] / info["maxmemory"])
    return {"used": used, "limit": limit or None, "share": share}


def _info(answer: Any) -> dict[str, int]:
    """Return the numbers of ``INFO memory``, which redis-py may have parsed already."""
    if isinstance(answer, dict):
        text = {str(name): value for name, value in answer.items()}
    else:
        lines = (answer.decode() if isinstance(answer, bytes) else str(answer)).splitlines()
        text = dict(line.split(":", 1) for line in lines if ":" in line)
    return {name: int(text.get(name, 0)) for name in ("used_memory", "maxmemory")}
