"""How errors slow a feed down: fractional weights, growing waits, never an end. Pure."""

from __future__ import annotations

from ..settings import PolitenessSettings
from .history import Poll

#: Nothing over there says that the feed is broken: the way to it, or the machine behind it, failed for now.
_SOFT = frozenset({"timeout", "connection", "protocol", "dns", "bad_encoding"})
#: What an outage of our own looks like.
NETWORK = frozenset({"timeout", "connection", "dns"})
HARD_WEIGHT, SOFT_WEIGHT, TEMPORARY_WEIGHT = 1.0, 0.5, 0.25


#: Wait after the first error and its growth with each further one, as far as the ceiling (for 429s: the second one).
FIRST_SECONDS, GROWTH = 300.0, 1.6
CEILING_SECONDS, THROTTLED_CEILING_SECONDS = 86_400.0, 21_600.0
#: Shortest wait after a 404, for pages do come back, but not in minutes; and after a 410, which says that it is meant.
MISSING_SECONDS, GONE_SECONDS = 3_600.0, 43_200.0
#: Sum of weights at which the notice ``feed.failing`` goes out.
FAILING_WEIGHT = 3.0


def weight(poll: Poll) -> float:
    """Return how much an error says against the feed: 1 hard, 0.5 soft, 0.25 temporary, 0 for "slow down"."""
    if poll.code == "throttled" or poll.offline:
        return 0.0
    if poll.temporary:
        return TEMPORARY_WEIGHT
    if poll.code in _SOFT or (poll.code == "http_status" and _passing(poll.status)):
        return SOFT_WEIGHT
    return HARD_WEIGHT


def is_network(poll: Poll) -> bool:
    """Return whether the error is of the class that an outage of our own produces."""
    return poll.outcome == "error" and poll.code in NETWORK


def wait_seconds(poll: Poll, errors: float, refusals: int, politeness: PolitenessSettings) -> float:
    """Return the seconds until the next try.

    Args:
        errors: Sum of weights before this error.
        refusals: 429s in a row before this one.
        politeness: How short and how long a Retry-After is believed.
    """
    if poll.code == "throttled":
        wait = min(_grown(float(refusals)), THROTTLED_CEILING_SECONDS)
    else:
        wait = min(_grown(errors), CEILING_SECONDS)
        if poll.status == 410 or poll.code == "gone":
            wait = max(wait, GONE_SECONDS)
        elif poll.status == 404:
            wait = max(wait, MISSING_SECONDS)
    if poll.retry_after_seconds is not None:
        asked = max(poll.retry_after_seconds, politeness.retry_after_floor_seconds)
        wait = max(wait if poll.code != "throttled" else 0.0, min(asked, politeness.retry_after_ceiling_seconds))
    return wait


def _grown(steps: float) -> float:
    # 1.6^40 is beyond any ceiling; the power of a counter that has grown for years would overflow.
    return FIRST_SECONDS * float(GROWTH ** min(steps, 40.0))


def _passing(status: int | None) -> bool:
    return status is not None and (status >= 500 or status in (304, 206, 408, 425, 429))
