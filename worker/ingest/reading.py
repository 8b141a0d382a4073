"""Has pages extracted and articles read in child processes; what costs a child is left out, never the article.

A step that failed in a child is counted and logged, and the text that it failed on is kept, to be read again after a fix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from .. import clock, failpoints, urls
from ..contract.article import Article
from ..errors import DatelineError, NoArticle, PermanentError, Poison
from ..jobs.records import PageJob, PageReading, ReadJob, ReadReading
from ..model.failures import ENDINGS, MAX_ERROR_CHARS, MAX_PIECE_BYTES, MAX_TEXT_CHARS, Failure, plain, with_page
from ..model.records import Body, pack, unpack
from ..ports import Jobs
from ..store.failures import KeptFailures
from ..telemetry import Metrics, add_child_spans, get_logger, span, traceparent
from .quality import Drift
from .revision import RevisionDecision
from .work import EntrySettings, Work

_Job = TypeVar("_Job", PageJob, ReadJob)

#: Kinds of failure whose trace one process logs; those after them are logged without.
MAX_TRACES = 500


class Reader:
    """The two jobs of an entry, ``extract`` and ``read``; counts and reports the steps that failed in them."""

    def __init__(
        self,
        pool: Jobs,
        settings: EntrySettings,
        metrics: Metrics,
        drift: Drift | None = None,
        kept: KeptFailures | None = None,
        compress: Literal["zstd"] | None = None,
    ) -> None:
        self.settings = settings
        self._compress: Literal["zstd"] | None = compress
        self._pool = pool
        self._metrics = metrics
        self._drift = drift
        self._failed = FailedSteps(metrics, kept)

    async def extract(self, work: Work, body: Body | None) -> PageReading:
        """Extract the article from its page, or from the feed's own text. Raises NoArticle, Poison, PermanentError."""
        failpoints.hit("mid_page", work.queued.entry.link or "")
        job = PageJob(
            queued=work.queued,
            article=work.article,
            fetched=clock.now().timestamp(),
            body=body,
            max_bytes=self.settings.max_page_bytes,
            feed_fallback=not work.is_look,
        )
        watched = self._drift if body is not None and not work.is_look else None
        with self._metrics.job_seconds.labels("extract").time():
            try:
                reading = await self._run_extract(job)
            except NoArticle as error:
                if watched and body is not None:
                    watched.failure(urls.owner(body.url), error.code)
                raise
            except Poison as error:
                reading = await self._extract_from_feed(work, job, error)
        await self._failed.report(work, reading.failures)
        if watched:
            fallback = reading.extracted_from in ("feed", "summary")
            watched.article(reading.owner, reading.words, reading.lacks, fallback=fallback)
        return reading

    async def _run_extract(self, job: PageJob) -> PageReading:
        with span("extract job"):
            reading = unpack(await self._pool.run("extract", pack(_with_trace(job))), PageReading)
            add_child_spans(reading.spans)
            return reading

    async def _extract_from_feed(self, work: Work, job: PageJob, poison: Poison) -> PageReading:
        """Extract the feed's own text, where the page costs the child that extracts it; raises ``poison`` again where the feed
        has none, or where that costs its child too."""
        entry, body = work.queued.entry, job.body
        if body is None or not job.feed_fallback or not (entry.content or entry.summary):
            raise poison
        note = f"extraction {ENDINGS.get(poison.code, 'failed')}"
        again = msgspec.structs.replace(job, body=None, instead=note)
        try:
            reading = await self._run_extract(again)
        except PermanentError:
            raise poison from None
        failure = Failure(step="extraction", error=str(poison)[:MAX_ERROR_CHARS])
        await self._failed.report(
            work, [with_page(failure, body.body, body.encoding, body.headers.get("content-type"))]
        )
        return reading

    async def read(self, work: Work, reading: PageReading, decision: RevisionDecision) -> ReadReading:
        """Read the article and write its stream entries. Raises PermanentError(code="dropped") where a stage drops it."""
        record = work.record
        job = ReadJob(
            article=reading.article,
            article_id=work.article,
            kind=decision.kind,  # type: ignore[arg-type]
            revision=decision.revision,
            now=clock.now().timestamp(),
            supersedes=record.state.envelope_id or None if record else None,
            changed=decision.changed,
            family=decision.family,
            previous_events=record.state.events if record else (),
            source=work.queued.feed_url,
            stages=self.settings.stages,
            read=self.settings.read,
            certainties=self.settings.certainties,
            min_confidence=self.settings.min_confidence,
            compress=self._compress,
        )
        with self._metrics.job_seconds.labels("read").time():
            finished = await self._read_within_limits(work, job)
        await self._failed.report(work, finished.failures)
        if finished.dropped:
            raise PermanentError(finished.dropped, code="dropped")
        return finished

    async def _read_within_limits(self, work: Work, job: ReadJob) -> ReadReading:
        """Return the finished entries; where reading costs its child, those of the article unread, then without the stages."""
        for what in ("reading", "stages", ""):
            try:
                with span("read job"):
                    finished = unpack(await self._pool.run("read", pack(_with_trace(job))), ReadReading)
                    add_child_spans(finished.spans)
                    return finished
            except Poison as poison:
                if not what or job.kind not in ("published", "revised") or (what == "stages" and not job.stages):
                    raise
                job = msgspec.structs.replace(job, unread=(*job.unread, f"{what} {ENDINGS.get(poison.code, 'failed')}"))
                await self._failed.report(work, [unread(what, str(poison), job.article)])
        raise AssertionError("unreachable: the last turn returns or raises")


def _with_trace(job: _Job) -> _Job:
    """Return the job with the span that its child's spans belong to, where traces are on."""
    parent = traceparent()
    return msgspec.structs.replace(job, trace=parent) if parent else job


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
