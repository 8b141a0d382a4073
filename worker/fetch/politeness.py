"""How far a refusal of a server reaches, and for how long. Pure.

The budget of an owner (who runs a request, when the next may start) is kept in Redis by ``reserve.lua``, which reads the
`Refusals` that `refused` makes.
"""

from __future__ import annotations

import msgspec

from ..urls import parse

#: Refusals older than this no longer widen a new one.
WINDOW_SECONDS = 3_600.0
#: Refusals kept of one owner.
MAX_BLOCKS = 16


class Block(msgspec.Struct, frozen=True, array_like=True):
    """One refusal: what it reaches, since when, until when (POSIX seconds)."""

    scope: str  #: ``h:<host and port>`` or ``o``, the whole owner
    host: str
    since: float
    until: float


class Refusals(msgspec.Struct, frozen=True, array_like=True):
    """The recent refusals of one owner; stored as MessagePack, at most `MAX_BLOCKS` entries."""

    blocks: tuple[Block, ...] = ()


def refused(
    memory: Refusals, url: str, now: float, asked_seconds: float | None, floor_seconds: float, ceiling_seconds: float
) -> tuple[Refusals, Block]:
    """Return what an owner has refused after a 429, or a 503 with Retry-After, for ``url``.

    The first refusal stops the host it comes from; a second within the hour, or one from another host of the owner, the
    whole owner. A refusal from a host that is blocked already belongs to a request that was on its way: it may
    lengthen the block and widens nothing. Without a time of its own the wait doubles from the floor on.

    Args:
        memory: The owner's earlier refusals.
        asked_seconds: What Retry-After asked for; None where it asked for nothing.
        floor_seconds: Shortest wait after a refusal.
        ceiling_seconds: Longest wait believed.
    Returns:
        The memory to store, and the new block.
    """
    recent = [block for block in memory.blocks if now - block.since <= WINDOW_SECONDS or block.until > now]
    host = host_of(url)
    on_its_way = [block for block in recent if block.until > now and block.scope in ("o", f"h:{host}")]
    if asked_seconds is None:
        earlier = len(recent) - bool(on_its_way)
        asked_seconds = floor_seconds * 2.0 ** min(earlier, 12)
    wait = min(max(asked_seconds, floor_seconds), ceiling_seconds)
    if on_its_way:
        last = on_its_way[-1]
        block = msgspec.structs.replace(last, until=max(last.until, now + wait))
        recent.remove(last)
    else:
        block = Block("o" if recent else f"h:{host}", host, now, now + wait)
    return Refusals((*recent, block)[-MAX_BLOCKS:]), block


def host_of(url: str) -> str:
    """Host and port of an address: the narrowest thing that a refusal stops."""
    return parse(url).origin.partition("//")[2]
