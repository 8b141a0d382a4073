"""What `doctor` looks at and every start checks: the Redis servers, and whether the keys in them are of this layout."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..errors import SettingsError
from .keys import KEY_SCHEMA
from .redis import Connection

OLDEST_REDIS = (6, 2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing `doctor` saw: ``level`` ok, warning or error; ``say`` what, ``remedy`` what to do."""

    level: str
    say: str
    remedy: str = ""


async def check_server(connection: Connection) -> list[Finding]:
    """Check version, durability, eviction and memory of every Redis server that we write to, and how they stand together;
    worst first. Raises StoreUnavailable where one does not answer."""
    findings: list[Finding] = []
    replicas: dict[str, int] = {}
    for where, asked in await connection.at_primaries(
        [("INFO", section) for section in ("server", "memory", "persistence", "replication")]
    ):
        info: dict[str, str] = {}
        for answer in asked:
            info |= info_fields(answer)
        replicas[where] = int(info.get("connected_slaves", 0))
        name = f"Redis at {where}: " if connection.servers.is_cluster else ""
        findings += [Finding(one.level, name + one.say, one.remedy) for one in _check_one(info)]
    if connection.servers.address.kind == "sentinel":
        findings += await _check_sentinels(connection, replicas)
    if connection.servers.is_cluster:
        findings += await _check_cluster(connection, replicas)
    return sorted(findings, key=lambda f: ("error", "warning", "ok").index(f.level))


def _check_one(info: dict[str, str]) -> list[Finding]:
    findings = []
    version = tuple(int(part) for part in info.get("redis_version", "0").split(".")[:2])
    name = f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info.get('redis_version')}"
    if version < OLDEST_REDIS:
        findings.append(Finding("error", f"{name} is too old", "use Redis 6.2 or newer"))
    else:
        findings.append(Finding("ok", name))
    if info.get("aof_enabled") != "1":
        findings.append(
            Finding("warning", "AOF is off: a Redis crash loses what came since its last snapshot",
                    "set appendonly yes (appendfsync everysec loses one second at most, always loses nothing)"))  # fmt: skip
    policy = info.get("maxmemory_policy", "")
    if policy and policy != "noeviction" and info.get("maxmemory", "0") != "0":
        findings.append(
            Finding("error", f"maxmemory-policy is {policy}: Redis may throw our memory away and old news come again",
                    "set maxmemory-policy noeviction"))  # fmt: skip
    if info.get("role") not in ("master", "primary", None):
        findings.append(
            Finding("error", "this Redis is a replica and refuses writes", "point redis.url at the primary")
        )
    if info.get("aof_last_write_status", "ok") != "ok" or info.get("rdb_last_bgsave_status", "ok") != "ok":
        findings.append(Finding("error", "Redis cannot write to its disk", "free the disk; see Redis' own log"))
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if limit and used > 0.85 * limit:
        findings.append(Finding("warning", f"Redis uses {used / limit:.0%} of its maxmemory", "raise maxmemory"))
    return findings


async def _check_sentinels(connection: Connection, replicas: dict[str, int]) -> list[Finding]:
    findings = []
    hosts = len(connection.servers.address.hosts)
    there = await connection.servers.count_sentinels()
    say = f"{there} of {hosts} sentinels answer; the primary is {', '.join(replicas)}"
    if there <= hosts // 2:
        findings.append(Finding("error", say, "start the others: without a majority no failover happens"))
    elif there < hosts or hosts < 3:
        findings.append(
            Finding("warning", say, "run three sentinels on three machines, and name them all in redis.url")
        )
    else:
        findings.append(Finding("ok", say))
    if not sum(replicas.values()):
        findings.append(Finding("warning", "the primary has no replica: nothing can take over", "start a replica"))
    return findings


async def _check_cluster(connection: Connection, replicas: dict[str, int]) -> list[Finding]:
    findings = []
    held = Counter([await connection.servers.where_is(keys.events) for keys in connection.keys])
    shares = ", ".join(f"{where} {held[where]}" for where in sorted(replicas))
    say = f"Redis Cluster of {len(replicas)} primaries; partitions on each: {shares}"
    if any(not held[where] for where in replicas):
        remedy = (
            f"raise redis.partitions to {8 * len(replicas)} (dateline partitions), or move slots; see docs/scale.md"
        )
        findings.append(Finding("warning", say, remedy))
    else:
        findings.append(Finding("ok", say))
    for where, count in replicas.items():
        if count < max(1, connection.settings.wait_replicas):
            findings.append(
                Finding("warning", f"the primary {where} has {count} replicas: if it dies, its partitions stand still, and "
                        "what was published last may be lost", "start a replica for it"))  # fmt: skip
    return findings


def info_fields(answer: Any) -> dict[str, str]:
    """Return what INFO answered as names and values."""
    if isinstance(answer, dict):
        return {str(k): str(v) for k, v in answer.items()}
    lines = answer.decode("utf-8", "replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


async def memory_limit(connection: Connection) -> int:
    """Bytes that all servers together may take (maxmemory); 0 where one of them has no limit."""
    limits = [
        int(info_fields(answer).get("maxmemory", 0))
        for _, (answer,) in await connection.at_primaries([("INFO", "memory")])
    ]
    return sum(limits) if all(limits) else 0


async def check_schema(connection: Connection, *, mark: bool = True) -> bool:
    """Refuse a Redis whose keys are of another layout. True where some partition was empty of us.

    ``mark``: note the layout in a fresh one. By this workers notice that Redis lost its data, so verbs must not do it.
    """
    first = connection.keys[0]
    streams = " ".join(keys.events for keys in connection.keys)
    schema, partitions, named, under_way = await connection.call(
        "HMGET", first.meta, "schema", "partitions", "streams", "to_partitions"
    )
    if schema is not None and int(schema) != KEY_SCHEMA:
        raise SettingsError(
            f"Redis at {connection.where} holds Dateline keys of layout {int(schema)}, this version reads "
            f"{KEY_SCHEMA}: run the version that wrote them, or choose another redis.prefix to start anew"
        )
    if under_way is not None:
        raise SettingsError(
            f"Redis at {connection.where} is on its way to {int(under_way)} partitions: run `dateline partitions "
            f"{int(under_way)}` until it says that it is done"
        )
    if schema is not None and int(partitions or 1) != len(connection.keys):
        raise SettingsError(
            f"Redis at {connection.where} was set up with {int(partitions or 1)} partitions, redis.partitions says "
            f"{len(connection.keys)}: set it back, or move the data with `dateline partitions {len(connection.keys)}`"
        )
    if schema is not None and int(partitions or 1) > 1 and (named or b"").decode() != streams:
        raise SettingsError(
            f"the partitions in Redis at {connection.where} are of an older version, which named them otherwise: choose "
            "another redis.prefix to start anew"
        )
    if not mark:
        return schema is None
    if schema is None:
        facts = ("partitions", len(connection.keys), "streams", streams, "since", int(time.time()))
        await connection.call("HSET", first.meta, *facts)
    # Each partition has its own mark, so that one that a server lost alone is noticed.
    return any(await connection.pipeline([("HSETNX", keys.meta, "schema", KEY_SCHEMA) for keys in connection.keys]))


async def read_mark(connection: Connection) -> str:
    """Return what tells this store from one that was set up anew: when that was. Empty where it is not set up."""
    found = await connection.call("HGET", connection.keys[0].meta, "since")
    return (found or b"").decode()


async def is_set_up(connection: Connection, mark: str) -> bool:
    """Return whether this is the store of that mark, and no partition has lost its own."""
    there = await connection.pipeline([("HEXISTS", keys.meta, "schema") for keys in connection.keys])
    return all(there) and await read_mark(connection) == mark
