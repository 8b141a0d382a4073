"""Tells an outage of our own from broken feeds: when most polls fail at once, it is us. Pure, with the time handed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 120.0
#: Fewer polls than this prove nothing.
MIN_POLLS = 8
#: Network-class failures of different owners, as a share of all owners asked within the window.
MOST = 0.8


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage that is over: errors counted between ``since`` and ``until`` (POSIX seconds) were ours."""

    since: float
    until: float


class OfflineWatch:
    """Watches how polls end.

    Counts owners, not polls: one dead platform with a thousand feeds is not an outage. One answer from anywhere ends it.
    """

    def __init__(self, window_seconds: float = WINDOW_SECONDS, min_owners: int = MIN_POLLS, most: float = MOST) -> None:
        self._window_seconds = window_seconds
        self._min_owners = min_owners
        self._most = most
        self._polls: deque[tuple[float, str, bool]] = deque(maxlen=2_000)
        self._since: float | None = None

    @property
    def offline(self) -> bool:
        """Whether we seem to be cut off."""
        return self._since is not None

    def note(self, owner: str, network_error: bool, now: float) -> Outage | None:
        """Take note of one poll; gives the outage that this poll ends, if it ends one.

        Args:
            owner: Whose server was asked.
            network_error: Whether it failed without an answer (`dateline.polling.backoff.is_network`).
        """
        self._polls.append((now, owner, network_error))
        while self._polls and self._polls[0][0] < now - self._window_seconds:
            self._polls.popleft()
        if not network_error:
            if self._since is None:
                return None
            outage = Outage(self._since, now)
            self._since = None
            self._polls.clear()
            return outage
        if self._since is None:
            self._since = self._beginning()
        return None

    def _beginning(self) -> float | None:
        """Return the first failure of the window, if nearly all owners in it failed; the last word of each owner counts."""
        last: dict[str, bool] = {owner: failed for _, owner, failed in self._polls}
        if len(last) < self._min_owners or sum(last.values()) < self._most * len(last):
            return None
        return min(when for when, owner, failed in self._polls if failed and last[owner])
