"""Who works on this Redis: workers sign in every few seconds, and sign out when they end in order.

Each also says which sections of its settings file changed since it started and wait for a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .entries import pairs
from .keys import GROUP
from .redis import Connection
from .upkeep import server_time

#: A worker signs every 5 s while Redis answers; after this it is not there any more.
GONE_SECONDS = 30.0
#: How long one that did not sign out is remembered.
REMEMBER_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class AtWork:
    """One worker. ``silent_seconds``: since it signed last, by Redis' clock; ``in_hand``: entries it holds;
    ``needs_restart``: changed sections of its settings that it has not taken over."""

    name: str
    silent_seconds: float
    in_hand: int
    needs_restart: tuple[str, ...] = ()

    @property
    def there(self) -> bool:
        """Whether it is alive, as far as Redis can tell."""
        return self.silent_seconds < GONE_SECONDS


async def sign_in(connection: Connection, name: str) -> None:
    """Say that worker ``name`` is there; those that have long said nothing are forgotten."""
    keys, now = connection.keys[0], await server_time(connection)
    await connection.pipeline(
        [
            ("ZADD", keys.workers, now, name),
            ("ZREMRANGEBYSCORE", keys.workers, "-inf", now - REMEMBER_SECONDS),
            ("EXPIRE", keys.workers, 86400),
            ("EXPIRE", keys.restart, 86400),
        ]
    )


async def sign_out(connection: Connection, name: str) -> None:
    """Worker ``name`` ends in order."""
    keys = connection.keys[0]
    await connection.pipeline([("ZREM", keys.workers, name), ("HDEL", keys.restart, name)])


async def mark_restart(connection: Connection, name: str, sections: Sequence[str]) -> None:
    """Say which changed sections of the settings worker ``name`` takes over only when it starts again; none: all are."""
    key = connection.keys[0].restart
    if sections:
        await connection.pipeline([("HSET", key, name, " ".join(sections)), ("EXPIRE", key, 86400)])
    else:
        await connection.call("HDEL", key, name)


async def workers(connection: Connection) -> list[AtWork]:
    """Every worker that did not sign out, the one heard from last first."""
    now = await server_time(connection)
    flat = await connection.call("ZREVRANGE", connection.keys[0].workers, 0, -1, "WITHSCORES")
    silent = {
        name.decode("utf-8", "replace"): max(0.0, now - float(at))
        for name, at in zip(flat[::2], flat[1::2], strict=True)
    }
    held: dict[str, int] = {}
    for keys in connection.keys if silent else ():
        if not await connection.call("EXISTS", keys.entries):
            continue  # Redis came back empty a moment ago
        for row in await connection.call("XINFO", "CONSUMERS", keys.entries, GROUP):
            info = pairs(row)
            name = info[b"name"].decode("utf-8", "replace")
            held[name] = held.get(name, 0) + int(info[b"pending"])
    waiting = await connection.call("HGETALL", connection.keys[0].restart) if silent else []
    changed = {
        name.decode("utf-8", "replace"): tuple(sections.decode().split()) for name, sections in pairs(waiting).items()
    }
    return [AtWork(name, seconds, held.get(name, 0), changed.get(name, ())) for name, seconds in silent.items()]
