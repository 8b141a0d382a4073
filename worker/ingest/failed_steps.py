"""What the daemon does with a failed step: counts it, logs it, and keeps the text for replay."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract.article import Article
from ..errors import DatelineError
from ..model.failures import MAX_ERROR_CHARS, MAX_PIECE_BYTES, MAX_TEXT_CHARS, Failure, plain
from ..model.records import unpack
from ..store.failures import KeptFailures
from ..telemetry import Metrics, get_logger
from .work import Work

#: Kinds of failure whose trace one process logs; those after them are logged without.
MAX_TRACES = 500


class FailedSteps:
    """Reports failed steps; one instance per process. ``kept``: None keeps nothing."""

    def __init__(self, metrics: Metrics, kept: KeptFailures | None) -> None:
        self._metrics = metrics
        self._kept = kept
        self._logged: set[str] = set()
        self.log = get_logger("steps")

    async def report(self, work: Work, failures: Sequence[Failure]) -> None:
        """Count, log and keep these failures of one entry. The trace is logged once for each kind of failure. What cannot be
        kept (Redis away or full) is logged and not kept: the article goes on."""
        for failure in failures:
            self._metrics.step_failures.labels(failure.step).inc()
            url = work.queued.entry.link or ""
            about = {
                "step": failure.step,
                "url": url,
                "error": failure.error,
                "where": failure.where,
                "text": failure.text,
            }
            if failure.signature not in self._logged and len(self._logged) < MAX_TRACES:
                self._logged.add(failure.signature)
                about["exception"] = failure.trace
            self.log.warning("step.failed", **about)
            if self._kept is None:
                continue
            try:
                await self._kept.keep(failure, url=url, feed=work.queued.feed_url, article=work.article)
            except DatelineError as error:
                self.log.warning("step.failure_not_kept", step=failure.step, url=url, reason=str(error))


def unread(what: str, error: str, article: bytes) -> Failure:
    """Return the failure of an article that cost its child: ``what`` is reading or stages, ``article`` MessagePack."""
    text = unpack(article, Article).text
    return Failure(
        step=what,
        error=plain(error, MAX_ERROR_CHARS),
        text=plain(text, MAX_TEXT_CHARS),
        article=article if len(article) <= MAX_PIECE_BYTES else b"",
    )
