"""Which key a command is about, and which slot of a cluster that key lies in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SLOTS = 16384
#: Commands whose key is not their first argument: where it stands.
_AT = {"EVAL": 3, "EVALSHA": 3, "XGROUP": 2, "XINFO": 2, "MEMORY": 2, "OBJECT": 2}
#: Commands about a server, not about a key.
_KEYLESS = {"CLUSTER", "CONFIG", "INFO", "PING", "ROLE", "SCAN", "TIME", "WAIT", "SENTINEL", "ASKING", "SCRIPT"}


def find_key(command: Sequence[Any]) -> str | bytes | None:
    """Return the key that a command is about, the first where it has several; None where it is about no key."""
    name = str(command[0]).upper()
    if name in _KEYLESS or len(command) < 2:
        return None
    if name in ("XREAD", "XREADGROUP"):
        start = 4 if name == "XREADGROUP" else 1  # a group or a consumer may have that name
        key: str | bytes = command[list(command).index("STREAMS", start) + 1]
        return key
    place: str | bytes = command[_AT.get(name, 1)]
    return place


def slot_of(key: str | bytes) -> int:
    """Return the slot of a key, 0 to 16383."""
    from redis.crc import key_slot  # with it come redis and asyncio, 0.2 s that reading an address need not take

    return int(key_slot(key.encode() if isinstance(key, str) else key))
