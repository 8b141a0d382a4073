"""A feed's own rhythm: how many entries in how much time, and at which hours of the day. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from .history import FeedHistory

HALF_LIFE_SECONDS = 7 * 86_400.0
#: What is assumed of a feed that nothing is known of, worth one observation: an entry an hour.
PRIOR_GAP_SECONDS = 3_600.0
#: So many entries must be counted by hour before the hours are believed.
ENOUGH_FOR_HOURS = 36
#: Interval in hours of a feed with an entry an hour. The others follow with the square root of their gap: for a given number
#: of polls that keeps the mean delay of all entries least (minimise the sum of rate x interval with the sum of 1/interval
#: fixed). So 10 entries an hour give 5 minutes, one a day 1.2 hours, one a week 3.2 hours.
HOURLY_INTERVAL_HOURS = 0.25
_HOUR = 3_600.0
_MAX_SPAN_SECONDS = 60 * 86_400.0


def observe(
    history: FeedHistory, now: float, new: int, new_times: Sequence[float], *, all_new: bool = False
) -> FeedHistory:
    """Return the history with one more look in it; as `observed`."""
    return msgspec.structs.replace(history, **observed(history, now, new, new_times, all_new=all_new))


def observed(
    history: FeedHistory, now: float, new: int, new_times: Sequence[float], *, all_new: bool = False
) -> dict[str, Any]:
    """Return what one more look changes in the history: ``new`` entries since the last one.

    At the first look there is nothing to compare with: the dates of the entries stand for the past, as many as there are.
    Where ``all_new`` says that no entry was known, the window may reach back less far than the last look (we were down,
    or too slow); then too the entries' own dates count.
    """
    times = [time for time in new_times if now - _MAX_SPAN_SECONDS <= time <= now + _HOUR]
    if history.last_at == 0:
        span = now - min(times) if len(times) > 1 else 0.0
        seen = float(len(times) - 1) if span > 0 else 0.0
        # Sixty entries of one minute are a site's launch, not its rhythm.
        span = max(span, seen * 60.0)
        latest = int(min(max(times, default=now), now))
    else:
        elapsed = max(0.0, now - history.last_at)
        if all_new and len(times) > 1:
            elapsed = min(elapsed, now - min(times))
        fading = 0.5 ** (elapsed / HALF_LIFE_SECONDS)
        seen = history.seen * fading + new
        span = history.span * fading + elapsed
        latest = int(now) if new else history.last_new_at
    return {
        "seen": round(min(seen, 1e6), 3),
        "span": round(span, 0),
        "hours": _hours(history.hours, times if times else [now] * min(new, 8)),
        "last_new_at": max(latest, history.last_new_at),
    }


def mean_gap_seconds(history: FeedHistory) -> float:
    """Mean time between two entries, the prior included."""
    return (history.span + PRIOR_GAP_SECONDS) / (history.seen + 1.0)


def rhythm_interval_seconds(history: FeedHistory, now: float, longest: float) -> float:
    """The interval that the rhythm asks for, above 0 up to ``longest``, walking through the hours ahead at their own rates."""
    mean_rate = _HOUR / mean_gap_seconds(history)  # entries an hour
    total = sum(history.hours)
    if total < ENOUGH_FOR_HOURS:
        return min(HOURLY_INTERVAL_HOURS * _HOUR / math.sqrt(mean_rate), longest)
    walked = 0.0
    moment = now
    while moment < now + longest:
        hour = int(moment // _HOUR) % 24
        # One is added to each hour, so that an hour without entries so far is slow and not dead.
        speed = math.sqrt((history.hours[hour] + 1) / (total + 24) * 24 * mean_rate) / _HOUR
        step = min(_HOUR - moment % _HOUR, now + longest - moment)
        if step <= 0:
            break
        if walked + speed * step >= HOURLY_INTERVAL_HOURS:
            return moment - now + (HOURLY_INTERVAL_HOURS - walked) / speed
        walked += speed * step
        moment += step
    return longest


def entries_per_day(history: FeedHistory) -> float:
    """Entries a day, the prior included."""
    return 86_400.0 / mean_gap_seconds(history)


def _hours(stored: bytes, times: Sequence[float]) -> bytes:
    if not times:
        return stored
    counts = list(stored) if len(stored) == 24 else [0] * 24
    for time in times[:200]:
        if math.isfinite(time):
            counts[int(time // _HOUR) % 24] += 1
    while max(counts) > 255:
        counts = [count // 2 for count in counts]
    return bytes(counts)
