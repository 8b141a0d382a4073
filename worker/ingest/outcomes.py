"""Settles every entry in one of four ways: done, later, set aside with its reason, or dropped by a stage.

`EntryHandler.handle` runs `Pipeline.ingest` and turns each failure into one of them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from .. import urls
from ..errors import (
    MOST_OWN_OUTAGE_SECONDS,
    OWN_OUTAGES,
    DatelineError,
    PermanentError,
    Poison,
    Postponed,
    StoreUnavailable,
    TransientError,
)  # fmt: skip
from ..model.records import Outcome, wrap
from ..store.entries import Entries
from ..store.ledger import Ledger
from ..store.records import ArticleRecord
from ..telemetry import Logger, Metrics, get_logger, span
from .pipeline import Pipeline, has_feed_text
from .work import EntrySettings, Work

#: Errors that an outage of our own looks like.
_ON_THE_WAY = frozenset({"timeout", "connection", "dns", "robots"})
#: Passing errors of a page whose owner does answer.
_THE_PAGE_ITSELF = frozenset({"wall", "empty"})
#: How often an entry comes back by itself from the dead letters because its owner answered again.
MOST_REVIVED = 3
#: A dead letter's payload over this goes without the texts that its feed contained, which are kept apart and bounded.
LONG_PAYLOAD_BYTES = 1024


class EntryHandler:
    """Ingests entries and settles each; one instance per process."""

    def __init__(
        self,
        pipeline: Pipeline,
        ledger: Ledger,
        entries: Entries,
        settings: EntrySettings,
        metrics: Metrics,
        is_offline: Callable[[], bool] = lambda: False,
    ) -> None:
        """``is_offline``: whether we ourselves seem to be cut off; what fails then costs no try."""
        self._pipeline = pipeline
        self._ledger = ledger
        self._entries = entries
        self._settings = settings
        self._metrics = metrics
        self._is_offline = is_offline
        self.log: Logger = get_logger("entries")

    def apply(self, settings: EntrySettings) -> None:
        """Use new settings, from the next entry on."""
        self._settings = settings
        self._pipeline.apply(settings)

    async def handle(self, work: Work) -> Outcome:
        """Ingest one entry and settle it by its outcome. Raises only what is not about the entry: StoreUnavailable, and
        cancellation."""
        queued = work.queued
        url = urls.masked(queued.entry.link or "")
        with span(
            "entry", queued.trace, url=url, feed=queued.feed, reason=queued.reason, attempt=queued.attempts
        ) as whole:
            outcome = await self._handle(work)
            whole.set(outcome=outcome.value, article=work.article, revision=work.revision)
            return outcome

    async def _handle(self, work: Work) -> Outcome:
        try:
            outcome = await self._pipeline.ingest(work)
        except Postponed as postponed:
            return await self._later(
                work, postponed.wait_seconds, attempts=work.queued.attempts, outcome=Outcome.POSTPONED
            )
        except StoreUnavailable:
            raise
        except TransientError as error:
            return await self._retry(work, error)
        except PermanentError as error:
            if error.code in ("bad_encoding", "wall"):  # a body cut on its way, a page that may open again
                return await self._retry(work, error)
            return await self._set_aside(work, error)
        except Exception as error:  # a bug costs its entry, which is set aside; the worker goes on
            self.log.error("entry.failed", url=work.queued.entry.link, exc_info=True)
            return await self._set_aside(work, PermanentError(f"{type(error).__name__}: {error}", code="bug"))
        await self._settle(work, "done", outcome, owner=_owner(work) if work.answered else "")
        return outcome

    async def _retry(self, work: Work, error: TransientError | PermanentError) -> Outcome:
        self._metrics.errors.labels("page", error.code).inc()
        offline = error.code in _ON_THE_WAY and self._is_offline()
        if offline or error.code in OWN_OUTAGES:  # our own outage costs no try
            away = min(getattr(error, "retry_after_seconds", None) or 0.0, MOST_OWN_OUTAGE_SECONDS)
            wait = max(away, 60.0 if offline else 2.0, *self._settings.retry_seconds[:1])
            code = "offline" if offline else error.code
            tries = work.queued.attempts
            self.log.info("entry.postponed", url=work.queued.entry.link, code=code, attempt=tries, wait_seconds=wait)
            return await self._later(work, wait, attempts=tries, outcome=Outcome.POSTPONED)
        attempts = work.queued.attempts + 1
        if attempts > len(self._settings.retry_seconds):
            if work.record is None and not work.from_feed and has_feed_text(work):
                self.log.info("page.fallback_to_feed", url=work.queued.entry.link, code=error.code)
                work.from_feed = True
                return await self._handle(work)
            return await self._set_aside(work, error)
        asked = getattr(error, "retry_after_seconds", None) or 0.0
        wait = max(self._settings.retry_seconds[attempts - 1], min(asked, 86400.0))
        self.log.info(
            "entry.postponed", url=work.queued.entry.link, code=error.code, attempt=attempts, wait_seconds=wait
        )
        return await self._later(
            work, wait, attempts=attempts, outcome=Outcome.RETRY, code=error.code, reason=str(error)
        )

    async def _later(
        self, work: Work, wait_seconds: float, *, attempts: int, outcome: Outcome, code: str = "", reason: str = ""
    ) -> Outcome:
        payload = wrap(msgspec.structs.replace(work.queued, attempts=attempts))
        await self._settle(
            work, "later", outcome, payload=payload, delay_seconds=wait_seconds, code=code, reason=reason
        )
        return outcome

    async def _set_aside(self, work: Work, error: DatelineError) -> Outcome:
        # A look of our own that fails is no entry of any feed: the next one may succeed. What a feed called changed is.
        if work.queued.reason == "recheck" or (work.queued.reason == "changed" and isinstance(error, PermanentError)):
            seen = await self._ledger.record(work.article) if work.article else None
            if seen is not None and seen.revision:
                return await self._settle_lost(work, seen, error)
        self._metrics.errors.labels("entry", error.code).inc()
        level = self.log.warning if isinstance(error, Poison) or error.code == "bug" else self.log.info
        level("entry.set_aside", url=work.queued.entry.link, code=error.code, reason=str(error))
        outcome = Outcome.DROPPED if error.code == "dropped" else Outcome.DEAD
        queued, owner = work.queued, ""
        if isinstance(error, TransientError) and error.code not in _THE_PAGE_ITSELF and queued.revived < MOST_REVIVED:
            queued, owner = msgspec.structs.replace(queued, attempts=0, revived=queued.revived + 1), _owner(work)
        payload = wrap(queued)
        slim = b""
        if len(payload) > LONG_PAYLOAD_BYTES:
            entry = msgspec.structs.replace(queued.entry, content=None, summary=None)
            slim = wrap(msgspec.structs.replace(queued, entry=entry))
        await self._settle(
            work, outcome.value, outcome, payload=payload, code=error.code, reason=str(error), slim=slim, owner=owner
        )
        return outcome

    async def _settle_lost(self, work: Work, record: ArticleRecord, error: DatelineError) -> Outcome:
        try:
            outcome = await self._pipeline.withdraw_lost(work, record, error)
        except Postponed as postponed:
            return await self._later(
                work, postponed.wait_seconds, attempts=work.queued.attempts, outcome=Outcome.POSTPONED
            )
        await self._settle(work, "done", outcome, code=error.code, reason=str(error))
        return outcome

    async def refuse(self, work: Work, code: str, reason: str) -> None:
        """Set an entry aside that is not to be ingested, as it came."""
        await self._settle(work, "dead", Outcome.DEAD, payload=work.held.payload, code=code, reason=reason)

    async def _settle(
        self,
        work: Work,
        what: str,
        outcome: Outcome,
        *,
        payload: bytes = b"",
        delay_seconds: float = 0.0,
        code: str = "",
        reason: str = "",
        slim: bytes = b"",
        owner: str = "",
    ) -> None:
        queued = work.queued
        trail = [
            ("outcome", outcome.value), ("code", code), ("reason", reason[:400]), ("url", (queued.entry.link or "")[:1000]),
            ("guid", (queued.entry.guid or "")[:300]), ("feed", queued.feed_url[:500]),
            ("article", work.article or queued.article),
            ("why", queued.reason), ("attempts", str(queued.attempts)), ("title", (queued.entry.title or "")[:200]),
        ]  # fmt: skip
        if outcome is Outcome.POSTPONED or (outcome in (Outcome.KNOWN, Outcome.UNCHANGED) and queued.reason != "new"):
            trail = []  # no news for `explain`, and most of what happens
        answer = await self._entries.settle(
            work.held, what, article=work.article, payload=payload, delay_seconds=delay_seconds, trail=trail,
            revision=work.revision if what == "done" else 0, slim=slim, owner=owner,
        )  # fmt: skip
        if answer == "unpublished":
            raise StoreUnavailable("Redis has lost what it had confirmed (a failover, or its last second): once more")
        # Fenced: another worker took the entry over while we stood still, and settles it.
        self._metrics.outcomes.labels(Outcome.FENCED.value if answer == "fenced" else outcome.value).inc()


def _owner(work: Work) -> str:
    """Return the owner of the entry's page; empty where it has no address."""
    try:
        return urls.owner(work.queued.entry.link or "")
    except DatelineError:
        return ""
