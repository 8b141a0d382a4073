"""How errors slow a feed down: fractional weights, growing waits, never an end. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .history import Poll

#: Nothing over there says that the feed is broken: the way to it, or the machine behind it, failed for now.
_SOFT = frozenset({"timeout", "connection", "protocol", "dns", "bad_encoding"})
#: What an outage of our own looks like.
NETWORK = frozenset({"timeout", "connection", "dns"})
HARD_WEIGHT, SOFT_WEIGHT, TEMPORARY_WEIGHT = 1.0, 0.5, 0.25


@dataclass(frozen=True, slots=True)
class BackoffSettings:
    """Waits after errors. Weights and growth are those of the design page, section 6."""

    first_seconds: float = 300.0
    growth: float = 1.6
    ceiling_seconds: float = 86_400.0
    throttled_ceiling_seconds: float = 21_600.0
    missing_seconds: float = 3_600.0  #: Shortest wait after a 404: pages do come back, but not in minutes
    gone_seconds: float = 43_200.0  #: Shortest wait after a 410, which says that it is meant
    retry_after_floor_seconds: float = 60.0
    retry_after_ceiling_seconds: float = 86_400.0
    failing_errors: float = 3.0  #: Sum of weights at which the notice ``feed.failing`` goes out


def weight(poll: Poll) -> float:
    """How much an error says against the feed: 1 hard, 0.5 soft, 0.25 temporary, 0 for "slow down"."""
    if poll.code == "throttled" or poll.offline:
        return 0.0
    if poll.temporary:
        return TEMPORARY_WEIGHT
    if poll.code in _SOFT or (poll.code == "http_status" and _passing(poll.status)):
        return SOFT_WEIGHT
    return HARD_WEIGHT


def is_network(poll: Poll) -> bool:
    """Whether the error is of the class that an outage of our own produces."""
    return poll.outcome == "error" and poll.code in NETWORK


def wait_seconds(poll: Poll, errors: float, refusals: int, settings: BackoffSettings) -> float:
    """Seconds until the next try.

    Args:
        errors: Sum of weights before this error.
        refusals: 429s in a row before this one.
    """
    if poll.code == "throttled":
        wait = min(_grown(float(refusals), settings), settings.throttled_ceiling_seconds)
    else:
        wait = min(_grown(errors, settings), settings.ceiling_seconds)
        if poll.status == 410 or poll.code == "gone":
            wait = max(wait, settings.gone_seconds)
        elif poll.status == 404:
            wait = max(wait, settings.missing_seconds)
    if poll.retry_after_seconds is not None:
        asked = max(poll.retry_after_seconds, settings.retry_after_floor_seconds)
        wait = max(wait if poll.code != "throttled" else 0.0, min(asked, settings.retry_after_ceiling_seconds))
    return wait


def _grown(steps: float, settings: BackoffSettings) -> float:
    # 1.6^40 is beyond any ceiling; the power of a counter that has grown for years would overflow.
    return settings.first_seconds * float(settings.growth ** min(steps, 40.0))


def _passing(status: int | None) -> bool:
    return status is not None and (status >= 500 or status in (304, 206, 408, 425, 429))
