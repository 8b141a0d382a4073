"""How a guest behaves towards one owner: spacing, and how far a refusal reaches. Pure.

The shared budget itself (who holds a place, when the next one is free) is kept in Redis; these are its rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from worker.urls import parse

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

    scope: str  #: ``u:<hash of the address>``, ``h:<host and port>`` or ``o``, the whole owner
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

    The first refusal stops that address alone; a second within the hour the host it comes from, or the whole owner
    where it comes from another host; a third the owner. Without a time of its own the wait doubles from the floor on.

    Args:
        memory: The owner's earlier refusals.
        asked_seconds: What Retry-After asked for; clamped to the settings' floor and ceiling.
    Returns:
        The memory to store, and the new block.
    """
    recent = [block for block in memory.blocks if now - block.since <= WINDOW_SECONDS or block.until > now]
    host = _host(url)
    if asked_seconds is None:
        asked_seconds = settings.retry_after_floor_seconds * 2.0 ** min(len(recent), 12)
    wait = min(max(asked_seconds, settings.retry_after_floor_seconds), settings.retry_after_ceiling_seconds)
    if not recent:
        scope = _address(url)
    elif len(recent) == 1 and recent[0].host == host:
        scope = f"h:{host}"
    else:
        scope = "o"
    block = Block(scope, host, now, now + wait)
    return Refusals((*recent, block)[-MAX_BLOCKS:]), block


def blocked_until(memory: Refusals, url: str, now: float) -> float | None:
    """Until when ``url`` must be left alone (POSIX seconds), or None if it may be asked now."""
    if not memory.blocks:
        return None
    reaching = {"o", f"h:{_host(url)}", _address(url)}
    until = max((block.until for block in memory.blocks if block.scope in reaching), default=0.0)
    return until if until > now else None


def _host(url: str) -> str:
    return parse(url).origin.partition("//")[2]


def _address(url: str) -> str:
    return "u:" + hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=8).hexdigest()
