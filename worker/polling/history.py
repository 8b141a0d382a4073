"""What the scheduler remembers of one feed, and what it is told of one poll. Values only."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..model.rows import encode_row, filled

_THOUSAND = 1000
_HOURS, _HALF = 24, 15


class FeedHistory(msgspec.Struct, frozen=True):
    """A feed's past, some 40 to 80 bytes as it is stored (`dump`). Times are POSIX seconds, whole; 0 means never.

    ``seen`` entries in ``span`` seconds are the feed's rhythm, both fading with a half-life of a week; ``hours`` says at
    which hours of the day (UTC) entries appear, 24 counts of at most 255. ``pace`` is what overlap has taught us beyond
    the rhythm: under 1 we look more often, over 1 less often.
    """

    polls: int = 0
    last_at: int = 0  #: Last poll that gave an answer (200 or 304)
    last_new_at: int = 0
    last_full_at: int = 0  #: Last answer with a body
    entries: int = 0  #: In the last body that was believed
    seen: float = 0.0
    span: float = 0.0
    pace: float = 1.0
    hours: bytes = b""
    doubtful: int = 0  #: Bodies in a row that were empty or had shrunk, and were not believed
    errors: float = 0.0  #: Sum of weights since the last success
    first_error_at: int = 0
    refusals: int = 0  #: 429s in a row
    failing: bool = False  #: A notice said so
    moved_to: str = ""
    moved_polls: int = 0
    network: tuple[tuple[int, float], ...] = ()  #: When and how heavy the last network-class errors were
    max_age: int = 0  #: The hints of the last body hold until the next one: a 304 repeats hardly any
    ttl: int = 0
    update_period: int = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


class Hints(msgspec.Struct, frozen=True):
    """What a feed says about when to come back; None and empty where it says nothing."""

    max_age_seconds: float | None = None  #: Cache-Control or Expires, less the Age
    ttl_seconds: float | None = None
    update_period_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()  #: 0 to 23, UTC
    skip_days: tuple[int, ...] = ()  #: Monday is 0


class Poll(msgspec.Struct, frozen=True):
    """One poll, as it went.

    ``outcome``: ``changed`` (a body with news or without that we parsed), ``unchanged`` (304, or the body we had),
    ``error`` (then ``code``, ``status`` and so on are those of the error).
    """

    outcome: Literal["changed", "unchanged", "error"]
    url: str = ""  #: As it was asked for
    entries: int = 0
    new: int = 0
    waiting: int = 0  #: Entries of earlier polls that wait for their pages
    new_times: tuple[float, ...] = ()  #: Publication times of the new entries, POSIX seconds, where known
    had_body: bool = False
    hints: Hints = Hints()
    permanent_url: str | None = None  #: Where 301 and 308 alone led, see `dateline.polling.redirects.permanent_url`
    pushed: bool = False  #: WebSub delivers this feed; polling is the safety net
    code: str = ""
    status: int | None = None
    retry_after_seconds: float | None = None
    temporary: bool = False
    offline: bool = False  #: We, not the feed, seem to be cut off (`dateline.polling.outage`)


class PollDecision(msgspec.Struct, frozen=True):
    """What follows from a poll.

    Attributes:
        delay_seconds: When to poll next, counted from now: the store has its own clock.
        reason: Why, for people; stored, and shown by ``dateline feeds explain``.
        history: To be stored with the feed.
        believed: False for an empty or shrunken body: keep the validators and the entries we had.
        unconditional: The next poll should send no validators.
        gap_seconds: Entries may have been missed in so many seconds before this poll; None where not.
        moved_to: The feed's new address, to be adopted now.
        failing, recovered: The notice of that name is due.
    """

    delay_seconds: float
    reason: str
    history: FeedHistory
    believed: bool = True
    unconditional: bool = False
    gap_seconds: float | None = None
    moved_to: str | None = None
    failing: bool = False
    recovered: bool = False


class _Stored(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """`FeedHistory` by position, what is usually there first: whole numbers, times as seconds before the last answer."""

    polls: int = 0
    last_at: int = 0
    entries: int = 0
    seen: int = 0  #: in thousandths, as ``pace``
    span: int = 0
    last_new: int | None = None  #: as ``last_full``: seconds before ``last_at``, None for never
    last_full: int | None = None
    hours: bytes = b""
    pace: int = _THOUSAND
    max_age: int = 0
    ttl: int = 0
    update_period: int = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    doubtful: int = 0
    errors: int = 0  #: in thousandths
    first_error_at: int = 0
    refusals: int = 0
    failing: bool = False
    network: tuple[tuple[int, float], ...] = ()
    moved_to: str = ""
    moved_polls: int = 0


_decode = msgspec.msgpack.Decoder(_Stored).decode


def load(data: bytes) -> FeedHistory:
    """Return a stored history; an empty or unreadable one is a feed that nothing is known of."""
    if not data:
        return FeedHistory()
    try:
        stored = _decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return FeedHistory()
    last_at = stored.last_at
    return filled(
        FeedHistory,
        stored,
        last_new_at=0 if stored.last_new is None else last_at - stored.last_new,
        last_full_at=0 if stored.last_full is None else last_at - stored.last_full,
        seen=stored.seen / _THOUSAND,
        span=float(stored.span),
        pace=stored.pace / _THOUSAND,
        hours=_unpacked(stored.hours),
        errors=stored.errors / _THOUSAND,
    )


def _packed(hours: bytes) -> bytes:
    """Return the counts of 24 hours in 12 bytes where none is over 15, as with most feeds; others as they are."""
    if len(hours) != _HOURS or max(hours) > _HALF:
        return hours
    return bytes.fromhex(hours.hex()[1::2])


def _unpacked(stored: bytes) -> bytes:
    if len(stored) != _HOURS // 2:
        return stored
    return bytes.fromhex("0" + "0".join(stored.hex()))


def dump(history: FeedHistory) -> bytes:
    """Return the history as it is stored; its decimals have three places (`dateline.polling.rhythm.observe`)."""
    last_at = history.last_at
    stored = filled(
        _Stored,
        history,
        seen=round(history.seen * _THOUSAND),
        span=round(history.span),
        last_new=last_at - history.last_new_at if history.last_new_at else None,
        last_full=last_at - history.last_full_at if history.last_full_at else None,
        hours=_packed(history.hours),
        pace=round(history.pace * _THOUSAND),
        errors=round(history.errors * _THOUSAND),
    )
    return encode_row(stored)
