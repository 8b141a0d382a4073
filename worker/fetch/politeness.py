"""How a guest behaves towards one owner: spacing, and how far a refusal reaches. Pure.

The shared budget itself (who holds a place, when the next one is free) is kept in Redis; these are its rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ..urls import parse

#: Refusals older than this no longer widen a new one.
WINDOW_SECONDS = 3_600.0
#: Refusals remembered of one owner.
MAX_BLOCKS = 16


@dataclass(frozen=True, slots=True)
class PolitenessSettings:
    """Rules towards one owner."""

    spacing_seconds: float = 2.0  #: From the start of one request to the start of the next
    at_once: int = 2  #: Requests running at a time
    retry_after_floor_seconds: float = 60.0  #: Shortest wait after a refusal
    retry_after_ceiling_seconds: float = 86_400.0  #: Longest wait believed


class Block(msgspec.Struct, frozen=True, array_like=True):
    """One refusal: what it reaches, since when, until when (POSIX seconds)."""

    scope: str  #: ``h:<host and port>`` or ``o``, the whole owner
    host: str
    since: float
    until: float


class Refusals(msgspec.Struct, frozen=True, array_like=True):
    """What one owner has refused lately; a value to store as MessagePack, at most `MAX_BLOCKS` entries."""

    blocks: tuple[Block, ...] = ()


def spacing_seconds(settings: PolitenessSettings, crawl_delay_seconds: float | None) -> float:
    """Seconds between the starts of two requests: our own spacing, or the site's Crawl-delay where that is longer."""
    return max(settings.spacing_seconds, crawl_delay_seconds or 0.0)


def earliest_start(last_start_at: float, running: int, now: float, gap_seconds: float, at_once: int) -> float | None:
    """When the next request may start (POSIX seconds, ``now`` or later), or None until one of ``running`` has ended."""
    if running >= at_once:
        return None
    return max(now, last_start_at + gap_seconds)


def refused(
    memory: Refusals, url: str, now: float, asked_seconds: float | None, settings: PolitenessSettings
) -> tuple[Refusals, Block]:
    """What follows from a 429 or a 503 with Retry-After for ``url``.

    The first refusal stops the host it comes from; a second within the hour, or one from another host of the owner, the
    whole owner. A refusal from a host that is blocked already belongs to a request that was on its way: it may
    lengthen the block and widens nothing. Without a time of its own the wait doubles from the floor on.

    Args:
        memory: The owner's earlier refusals.
        asked_seconds: What Retry-After asked for; clamped to the settings' floor and ceiling.
    Returns:
        The memory to store, and the new block.
    """
    recent = [block for block in memory.blocks if now - block.since <= WINDOW_SECONDS or block.until > now]
    host = host_of(url)
    on_its_way = [block for block in recent if block.until > now and block.scope in ("o", f"h:{host}")]
    if asked_seconds is None:
        earlier = len(recent) - bool(on_its_way)
        asked_seconds = settings.retry_after_floor_seconds * 2.0 ** min(earlier, 12)
    wait = min(max(asked_seconds, settings.retry_after_floor_seconds), settings.retry_after_ceiling_seconds)
    if on_its_way:
        last = on_its_way[-1]
        block = msgspec.structs.replace(last, until=max(last.until, now + wait))
        recent.remove(last)
    else:
        block = Block("o" if recent else f"h:{host}", host, now, now + wait)
    return Refusals((*recent, block)[-MAX_BLOCKS:]), block


def blocked_until(memory: Refusals, url: str, now: float) -> float | None:
    """Until when ``url`` must be left alone (POSIX seconds), or None if it may be asked now."""
    if not memory.blocks:
        return None
    reaching = {"o", f"h:{host_of(url)}"}
    until = max((block.until for block in memory.blocks if block.scope in reaching), default=0.0)
    return until if until > now else None


def host_of(url: str) -> str:
    """Host and port of an address: the narrowest thing that a refusal stops."""
    return parse(url).origin.partition("//")[2]
