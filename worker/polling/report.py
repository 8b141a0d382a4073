"""What is said of a poll: counters and one line in the log, and notices for operators and consumers."""

from __future__ import annotations

from prometheus_client import Counter

from .. import urls
from ..store import upkeep
from ..store.feed_state import FeedState
from ..store.feeds import Feeds
from ..store.redis import Connection
from ..telemetry import Logger, Metrics, get_logger, inert
from .history import PollDecision
from .poll import FetchedFeed


class PollReport:
    """Reports polls; one instance per process."""

    def __init__(self, connection: Connection, feeds: Feeds, metrics: Metrics) -> None:
        self._connection = connection
        self._feeds = feeds
        self._metrics = metrics
        self._outcomes: dict[str, Counter] = {}
        self.log: Logger = get_logger("poller")

    def count(
        self, state: FeedState, fetched: FetchedFeed, decision: PollDecision, answer: str, took_seconds: float
    ) -> None:
        """Count a poll and write its line."""
        reading = fetched.reading
        outcome = fetched.poll.outcome if answer in ("ok", "already") else answer
        if (counter := self._outcomes.get(outcome)) is None:
            counter = self._outcomes[outcome] = self._metrics.polls.labels(outcome)
        counter.inc()
        if answer not in ("ok", "already"):
            self.log.warning("feed.commit_refused", feed=state.shown, answer=answer)
            return
        if reading:
            self._metrics.entries_seen.inc(reading.entries)
        if fetched.queued:
            self._metrics.entries_new.labels("poll").inc(len(fetched.queued))
        say = self.log.info if fetched.error is None else self.log.warning
        say(
            "feed.polled",
            feed=state.shown,
            status=fetched.fields.get("status"),
            entries=reading.entries if reading else 0,
            new=len(fetched.queued),
            took_seconds=round(took_seconds, 3),
            next_seconds=round(decision.delay_seconds),
            why=decision.reason,
            **({"error": urls.masked(str(fetched.error))} if fetched.error else {}),
        )

    async def notify(self, state: FeedState, fetched: FetchedFeed, decision: PollDecision) -> None:
        """Tell operators and consumers what they may want to know of a committed poll. Raises StoreUnavailable."""
        notices: list[tuple[str, dict[str, object]]] = []
        if decision.gap_seconds is not None:
            notices.append(
                ("feed.gap_suspected", {"seconds": round(decision.gap_seconds), "entries": fetched.poll.entries})
            )
        if decision.failing:
            notices.append(
                ("feed.failing", {"code": fetched.poll.code, "error": inert(urls.masked(str(fetched.error)), 300)})
            )
        if decision.recovered:
            notices.append(("feed.recovered", {}))
        if fetched.reading and fetched.reading.mode_reason:
            notices.append(
                ("feed.identity_degraded", {"mode": fetched.reading.mode, "reason": fetched.reading.mode_reason})
            )
        if decision.moved_to:
            notices.append(("feed.moved", {"from": state.shown, "to": urls.masked(decision.moved_to)}))
        if decision.moved_to:
            await self._feeds.moved(state.feed, decision.moved_to)
        for kind, data in notices:
            self.log.warning(kind, feed=state.shown, **data)
            await upkeep.notify(self._connection, kind, state.shown, data)
