"""When a feed is due again, and why. Pure: the past and one poll in, a decision out.

The interval comes from the feed's rhythm (the square root of the gap between entries, hour by hour), corrected by overlap (few
known entries: we may be missing some), held between floor and ceiling. Then the hints: never before max-age; ``ttl`` and
``sy:updatePeriod`` as far as no entry is lost by them; not in the hours and days to be skipped. Errors only ever slow a
feed down; none is given up.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..settings import Settings
from . import rhythm
from .backoff import FAILING_WEIGHT, is_network, wait_seconds, weight
from .freshness import after_skipped
from .history import FeedHistory, Hints, Poll, PollDecision
from .redirects import moved
from .rhythm import entries_per_day, mean_gap_seconds, rhythm_interval_seconds

#: Overlap correction: how far it may go, and when it speaks.
_PACE_FASTEST, _PACE_SLOWEST = 0.25, 1.5
_FEW_KNOWN = 0.4
#: sy:updatePeriod is a default of publishing software more than a wish; believed up to an hour.
_MAX_UPDATE_PERIOD_SECONDS = 3_600.0
_QUIET_AFTER_SECONDS = 30 * 86_400
#: A feed that had at least so many entries cannot shrink to a quarter overnight: asked again before it is believed.
_DOUBT_FROM_ENTRIES = 4
_NETWORK_KEPT = 6
_MAX_HINT_SECONDS = 10 * 86_400.0
#: A new feed's ceiling, and for how many polls.
LEARNING_CEILING_SECONDS, LEARNING_POLLS = 3_600.0, 3
#: After so long with 304 only, a feed is asked once without validators.
FULL_AFTER_SECONDS = 172_800.0
#: Next try while we seem to be offline.
OFFLINE_SECONDS = 120.0


def decide(
    history: FeedHistory,
    observed: Poll,
    now: datetime,
    settings: Settings,
    *,
    fixed_seconds: float | None = None,
    chance: float = 0.5,
) -> PollDecision:
    """What follows from one poll.

    Args:
        history: The feed's past, as the last decision left it.
        now: When the poll ended, aware.
        fixed_seconds: The operator's own interval for this feed, in place of a learned one.
        chance: A random number, 0 to 1, for the jitter.
    """
    chance = min(max(chance, 0.0), 1.0)
    if observed.outcome == "error":
        return _after_error(history, observed, now, settings, chance)
    return _after_answer(history, observed, now, settings, fixed_seconds, chance)


def _after_answer(
    history: FeedHistory, observed: Poll, now: datetime, settings: Settings, fixed_seconds: float | None, chance: float
) -> PollDecision:
    at = now.timestamp()
    recovered = history.failing
    history, observed = _with_hints(history, observed)
    answered: dict[str, Any] = {
        "polls": history.polls + 1, "errors": 0.0, "first_error_at": 0, "refusals": 0, "failing": False, "network": (),
        "last_full_at": int(at) if observed.had_body else history.last_full_at,
    }  # fmt: skip
    if _doubtful(history, observed):
        past = msgspec.structs.replace(history, doubtful=1, **answered)
        delay = max(settings.poll.floor_seconds, _max_age(observed, settings))
        reason = f"{observed.entries} entries where there were {history.entries}: asked again before it is believed"
        return PollDecision(delay, reason, past, recovered=recovered, believed=False, unconditional=True)
    gap = _gap_seconds(history, observed, at)
    past = msgspec.structs.replace(
        history,
        last_at=int(at),
        doubtful=0,
        entries=observed.entries if observed.outcome == "changed" else history.entries,
        pace=_pace(history, observed),
        **answered,
        **rhythm.observed(history, at, observed.new, observed.new_times, all_new=gap is not None),
    )
    past, moved_to = moved(past, observed.url, observed.permanent_url)
    interval, reason = _interval(past, observed, at, settings)
    if fixed_seconds is not None:
        interval, reason = fixed_seconds, "set by the operator"
    delay, reason = _delay(interval, reason, observed, now, settings, chance)
    return PollDecision(
        delay,
        reason,
        past,
        recovered=recovered,
        gap_seconds=gap,
        moved_to=moved_to,
        unconditional=_wants_full(past, observed, at),
    )


def _with_hints(history: FeedHistory, observed: Poll) -> tuple[FeedHistory, Poll]:
    """Keep a body's hints; an answer without one gets those that were kept (RFC 9111, 4.3.4)."""
    said = observed.hints
    if observed.outcome == "changed":
        kept = msgspec.structs.replace(
            history,
            max_age=int(min(said.max_age_seconds or 0, _MAX_HINT_SECONDS)),
            ttl=int(min(said.ttl_seconds or 0, _MAX_HINT_SECONDS)),
            update_period=int(min(said.update_period_seconds or 0, _MAX_HINT_SECONDS)),
            skip_hours=tuple(hour for hour in said.skip_hours if 0 <= hour <= 23)[:24],
            skip_days=tuple(day for day in said.skip_days if 0 <= day <= 6)[:7],
        )
        return kept, observed
    if said.max_age_seconds is not None:
        history = msgspec.structs.replace(history, max_age=int(min(said.max_age_seconds, _MAX_HINT_SECONDS)))
    if not (history.max_age or history.ttl or history.update_period or history.skip_hours or history.skip_days):
        return history, observed  # nothing was kept
    remembered = Hints(
        max_age_seconds=said.max_age_seconds or history.max_age or None,
        ttl_seconds=said.ttl_seconds or history.ttl or None,
        update_period_seconds=said.update_period_seconds or history.update_period or None,
        skip_hours=said.skip_hours or history.skip_hours,
        skip_days=said.skip_days or history.skip_days,
    )
    return history, msgspec.structs.replace(observed, hints=remembered)


def _doubtful(history: FeedHistory, observed: Poll) -> bool:
    """One empty or shrunken body is not believed; the second in a row is."""
    shrunk = history.entries >= _DOUBT_FROM_ENTRIES and observed.entries * 4 <= history.entries
    return observed.outcome == "changed" and shrunk and history.doubtful == 0


def _gap_seconds(history: FeedHistory, observed: Poll, at: float) -> float | None:
    """How long entries may have come and gone unseen: not one of the entries was known, though the feed had some."""
    if observed.outcome != "changed" or not history.entries or not observed.entries or not history.last_at:
        return None
    return max(0.0, at - history.last_at) if observed.new >= observed.entries else None


def _wants_full(past: FeedHistory, observed: Poll, at: float) -> bool:
    """304 for days may be a server that says so whatever happens."""
    return (
        observed.outcome == "unchanged"
        and not observed.had_body
        and past.last_full_at > 0
        and at - past.last_full_at > FULL_AFTER_SECONDS
    )


def _known_share(observed: Poll) -> float:
    return 1.0 - min(observed.new, observed.entries) / observed.entries if observed.entries else 1.0


def _pace(history: FeedHistory, observed: Poll) -> float:
    pace = history.pace
    if not history.last_at:
        return pace  # at the first look everything is new
    known = _known_share(observed)
    if observed.outcome == "unchanged" or not observed.new:
        # A little: that nothing came is in the rhythm already.
        pace = pace**0.8 if pace < 1.0 else pace * 1.03
    elif known == 0:
        pace *= 0.5
    elif known < _FEW_KNOWN:
        pace *= 0.7
    else:
        pace **= 0.7  # what the rhythm says is right
    return round(min(max(pace, _PACE_FASTEST), _PACE_SLOWEST), 3)


def _interval(past: FeedHistory, observed: Poll, at: float, settings: Settings) -> tuple[float, str]:
    """Return the interval by rhythm, overlap and soft hints, between floor and ceiling, and why."""
    ceiling, limit = settings.poll.ceiling_seconds, "the ceiling"
    if past.polls < LEARNING_POLLS:
        ceiling, limit = min(ceiling, LEARNING_CEILING_SECONDS), "the ceiling for a new feed"
    elif past.last_new_at and at - past.last_new_at > _QUIET_AFTER_SECONDS:
        ceiling, limit = settings.poll.quiet_ceiling_seconds, "the ceiling for a quiet feed"
    by_rhythm = rhythm_interval_seconds(past, at, settings.poll.quiet_ceiling_seconds)
    if past.seen == 0 and past.span == 0:
        by_rhythm = settings.poll.interval_seconds
    # With this interval, half of the feed's window is new at each poll.
    half_window = max(1, past.entries) * mean_gap_seconds(past) / 2
    wanted = min(by_rhythm * past.pace, half_window)
    if observed.waiting > observed.entries:
        wanted = max(wanted, settings.poll.interval_seconds)
    per_day = entries_per_day(past)
    reason = f"about {per_day:.1f} entries a day" if per_day < 10 else f"about {per_day:.0f} entries a day"
    if observed.outcome == "changed" and observed.new and _known_share(observed) < _FEW_KNOWN and past.polls > 1:
        reason += f"; {observed.new} of {observed.entries} entries were new, some may have been missed"
    elif past.pace >= 1.4:
        reason += "; nothing new for some polls"
    floor = settings.poll.floor_seconds
    asked_short = min(observed.hints.max_age_seconds or 1e9, observed.hints.ttl_seconds or 1e9)
    if observed.waiting > observed.entries:
        reason += f"; {observed.waiting} of its entries wait for their pages"  # polled more often, it would bring more of them
    elif asked_short < floor or (past.seen >= 10 and min(wanted, half_window) < floor):
        floor = min(floor, settings.poll.busy_floor_seconds)
    interval = wanted
    soft, hint = _soft_hint(observed)
    soft = min(soft, max(wanted, half_window), ceiling)
    if soft > interval:
        interval, reason = soft, f"{reason}; {hint}"
    if observed.pushed and interval < settings.websub.backup_poll_seconds:
        interval, reason = settings.websub.backup_poll_seconds, "delivered by WebSub; polled as a safety net"
    if interval < floor:
        return floor, f"{reason}; the floor"
    if interval > ceiling:
        return ceiling, f"{reason}; {limit}"
    return interval, reason


def _soft_hint(observed: Poll) -> tuple[float, str]:
    ttl = observed.hints.ttl_seconds or 0.0
    period = min(observed.hints.update_period_seconds or 0.0, _MAX_UPDATE_PERIOD_SECONDS)
    return (ttl, f"ttl of {span(ttl)}") if ttl >= period else (period, f"sy:updatePeriod, {span(period)}")


def _max_age(observed: Poll, settings: Settings) -> float:
    return min(observed.hints.max_age_seconds or 0.0, settings.poll.quiet_ceiling_seconds)


def _delay(
    interval: float, reason: str, observed: Poll, now: datetime, settings: Settings, chance: float
) -> tuple[float, str]:
    """Return the interval spread by the jitter, not before max-age, not in skipped hours."""
    delay = interval * (1.0 + settings.poll.jitter * (2.0 * chance - 1.0))
    if interval >= settings.poll.ceiling_seconds * (1.0 - settings.poll.jitter):
        delay = interval * (1.0 - settings.poll.jitter * chance)  # the ceiling holds
    fresh = _max_age(observed, settings)
    if fresh > delay:
        delay = min(fresh * (1.0 + settings.poll.jitter * chance), max(fresh, settings.poll.quiet_ceiling_seconds))
        reason = f"{reason}; fresh for {span(fresh)} by Cache-Control"
    if not observed.hints.skip_hours and not observed.hints.skip_days:
        return delay, reason
    due = datetime.fromtimestamp(now.timestamp() + delay, UTC)
    later = after_skipped(due, observed.hints)
    if later != due:
        # Spread over a tenth of the hour, or all feeds of one publishing system come back on the stroke.
        delay = later.timestamp() - now.timestamp() + 360.0 * chance
        reason = f"{reason}; skipHours or skipDays until {later:%a %H:%M} UTC"
    return delay, reason


def _after_error(
    history: FeedHistory, observed: Poll, now: datetime, settings: Settings, chance: float
) -> PollDecision:
    at = now.timestamp()
    if observed.offline:
        delay = OFFLINE_SECONDS * (1.0 + chance)
        return PollDecision(delay, "we seem to be offline; nothing is held against the feed", history)
    heavy = weight(observed)
    wait = wait_seconds(observed, history.errors, history.refusals, settings.politeness)
    if heavy >= 1.0:
        usual = rhythm_interval_seconds(history, at, settings.poll.ceiling_seconds)
        wait = max(wait, min(usual, settings.poll.ceiling_seconds))
    errors = round(history.errors + heavy, 2)
    past = msgspec.structs.replace(
        history,
        errors=errors,
        first_error_at=history.first_error_at or int(at),
        refusals=min(history.refusals + 1, 100) if observed.code == "throttled" else 0,
        network=(*history.network, (int(at), heavy))[-_NETWORK_KEPT:] if is_network(observed) else history.network,
    )
    failing = not history.failing and errors >= FAILING_WEIGHT
    if failing:
        past = msgspec.structs.replace(past, failing=True)
    delay = wait * (1.0 + settings.poll.jitter * chance)
    return PollDecision(delay, _error_reason(past, observed, wait, now), past, failing=failing)


def _error_reason(past: FeedHistory, observed: Poll, wait: float, now: datetime) -> str:
    status = f" {observed.status}" if observed.status else ""
    what = f"{observed.code or 'error'}{status}"
    if observed.retry_after_seconds is not None and observed.code == "throttled":
        return f"{what}: Retry-After asks for {span(observed.retry_after_seconds)}; waiting {span(wait)}"
    since = span(max(0.0, now.timestamp() - past.first_error_at))
    return f"{what}: waiting {span(wait)}; failing for {since}, weight {past.errors:g}"


def rewind(history: FeedHistory, since: float, until: float = math.inf) -> FeedHistory:
    """Return the history without the network errors counted from ``since`` to ``until`` (POSIX seconds): our own outage."""
    counted = [heavy for when, heavy in history.network if int(since) <= when <= until]
    if not counted:
        return history
    errors = max(0.0, round(history.errors - sum(counted), 2))
    return msgspec.structs.replace(
        history,
        errors=errors,
        first_error_at=history.first_error_at if errors else 0,
        network=tuple((when, heavy) for when, heavy in history.network if not int(since) <= when <= until),
    )


def span(seconds: float) -> str:
    """Return a length of time for people: ``45 s``, ``15 min``, ``12 h``, ``3 d``."""
    for length, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * length or seconds == length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"
