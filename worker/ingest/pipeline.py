"""One entry, from its link to the stream: the function to read first is `Pipeline.ingest`."""

from __future__ import annotations

import msgspec

from .. import clock, failpoints, urls
from ..archive.write import Archive
from ..errors import NoArticle, PermanentError, Poison, Postponed, TransientError
from ..jobs.article import PageJob, PageReading, ReadJob, ReadReading
from ..model.failures import ENDINGS, MAX_ERROR_CHARS, Failure, with_page
from ..model.records import Body, Outcome, QueuedEntry, pack, unpack
from ..ports import Jobs, Pages
from ..store.failures import KeptFailures
from ..store.ledger import ClaimState, Ledger
from ..store.records import ArticleRecord
from ..telemetry import Logger, Metrics, get_logger
from .failed_steps import FailedSteps, unread
from .quality import Drift
from .recheck import next_look_seconds
from .record import record_of_revision, record_of_unchanged, seconds_until_recheck, stored_validators
from .revision import IngestSettings, RevisionDecision, Work, decide_revision

#: A page that answers so is no reason to fall back on the feed's own text: the article is not to be had.
_NO_FALLBACK = {"gone", "blocked", "bad_scheme", "robots"}


class Pipeline:
    """Ingests entries; one instance per process, many entries at a time."""

    def __init__(
        self,
        ledger: Ledger,
        pages: Pages,
        pool: Jobs,
        settings: IngestSettings,
        metrics: Metrics,
        drift: Drift | None = None,
        archive: Archive | None = None,
        kept: KeptFailures | None = None,
    ) -> None:
        self.ledger = ledger
        self.pages = pages
        self.pool = pool
        self.settings = settings
        self.metrics = metrics
        self.drift = drift
        self.archive = archive
        self.failed = FailedSteps(metrics, kept)
        self.log: Logger = get_logger("ingest")

    async def ingest(self, work: Work) -> Outcome:
        """Bring one entry from its link to the stream. Returns the Outcome, or raises a DatelineError."""
        queued, work.revision = work.queued, 0
        article = await self.ledger.article_of(queued.article, queued.aliases)
        # A new entry of an article we have brings nothing new (rechecks watch its page); a changed one may.
        version = {"new": b"*", "changed": queued.version}.get(queued.reason, b"")
        state, record = await self._claim(work, article, version)
        if state is ClaimState.KNOWN:
            return Outcome.KNOWN
        if state is ClaimState.BUSY:
            raise Postponed(self.settings.busy_seconds)
        if record is not None and queued.reason == "changed" and not queued.full_text:
            wait = seconds_until_recheck(record, clock.now().timestamp(), self.settings.recheck_seconds[0] / 2)
            if wait > 0:
                await self.ledger.schedule_recheck(work.article, wait)
                return Outcome.KNOWN
        body = await self._page(queued, record)
        if body is not None and body.status != 304 and self.archive is not None:
            await self.archive.keep(body, clock.now(), archive_metadata(work))
        if body is not None and body.status == 304 and record is not None:
            return await self._unchanged(work, record, body)
        reading = await self._extract(work, body)
        record = await self._same_article(work, reading, record)
        printed = await self.ledger.printed(work.article, reading.owner, reading.fingerprint, reading.sketch)
        if printed.first != work.article and await self.ledger.abandoned(printed.first):
            printed = await self.ledger.printed(
                work.article, reading.owner, reading.fingerprint, reading.sketch, instead_of=printed.first
            )
        decision = decide_revision(work.article, reading, record, printed, self.settings)
        if decision.kind == "unchanged" and record is not None:
            return await self._unchanged(work, record, body)
        finished = await self._read(work, reading, decision, record)
        if finished.dropped_by:
            raise PermanentError(f"stage {finished.dropped_by} dropped the article", code="dropped")
        return await self._publish(work, reading, decision, finished, record, body)

    async def _claim(self, work: Work, article: str, version: bytes) -> tuple[ClaimState, ArticleRecord | None]:
        state, record = await self.ledger.claim(article, work.held.token, version, self.settings.lease_seconds)
        if state is ClaimState.MINE:
            work.article = article
        return state, record

    async def _page(self, queued: QueuedEntry, record: ArticleRecord | None) -> Body | None:
        """The entry's page; None where it has none, or where the page fails and the feed's own text must do."""
        link = queued.entry.link
        if not link or queued.full_text:
            return None
        etag, last_modified = stored_validators(record, link)
        try:
            body = await self.pages.page(link, etag=etag, last_modified=last_modified)
        except PermanentError as error:
            gone = error.code in _NO_FALLBACK or error.status in (404, 410)
            if gone or record is not None or not (queued.entry.content or queued.entry.summary):
                raise
            self.log.info("page.fallback_to_feed", url=link, code=error.code)
            return None
        if body.status != 304 and not body.body:
            raise TransientError(f"{link}: an empty page", code="empty")
        return body

    async def _extract(self, work: Work, body: Body | None) -> PageReading:
        failpoints.hit("mid_page", work.queued.entry.link or "")
        job = PageJob(
            queued=work.queued,
            article=work.article,
            fetched=clock.now().timestamp(),
            body=body,
            max_bytes=self.settings.max_page_bytes,
            feed_fallback=work.queued.reason != "recheck",
        )
        watched = self.drift if body is not None and work.queued.reason != "recheck" else None
        with self.metrics.job_seconds.labels("extract").time():
            try:
                reading = unpack(await self.pool.run("extract", pack(job)), PageReading)
            except NoArticle as error:
                if watched and body is not None:
                    watched.failure(urls.owner(body.url), error.code)
                raise
            except Poison as error:
                reading = await self._extract_from_feed(work, job, error)
        await self.failed.report(work, reading.failures)
        if watched:
            fallback = reading.extracted_from in ("feed", "summary")
            watched.article(reading.owner, reading.words, reading.lacks, fallback=fallback)
        return reading

    async def _extract_from_feed(self, work: Work, job: PageJob, poison: Poison) -> PageReading:
        """The article in the feed's own text, where its page costs the child that extracts it; raises ``poison`` again where
        the feed has none, or costs its child too."""
        entry, body = work.queued.entry, job.body
        if body is None or not job.feed_fallback or not (entry.content or entry.summary):
            raise poison
        note = f"extraction {ENDINGS.get(poison.code, 'failed')}"
        again = msgspec.structs.replace(job, body=None, instead=note)
        try:
            reading = unpack(await self.pool.run("extract", pack(again)), PageReading)
        except PermanentError:
            raise poison from None
        failure = Failure(step="extraction", error=str(poison)[:MAX_ERROR_CHARS])
        await self.failed.report(work, [with_page(failure, body.body, body.encoding, body.headers.get("content-type"))])
        return reading

    async def _same_article(
        self, work: Work, reading: PageReading, record: ArticleRecord | None
    ) -> ArticleRecord | None:
        """The record of the article that the page's own names point to, where that is credibly the same article.

        A canonical address is believed only where title or text agree: some sites give every page the same one.
        """
        if not reading.aliases:
            return record
        known = await self.ledger.further_names(work.article, reading.aliases)
        other = next((name for name in known if name and name != work.article), None)
        found = await self.ledger.record(other) if other and record is None else None
        if other is None or found is None:
            return record
        same_title = found.state.title and found.state.title == reading.title_key
        if found.fingerprint != reading.mark and not same_title:
            self.log.info("canonical.not_believed", article=work.article, other=other)
            return record
        names = [*work.queued.aliases, *reading.aliases]
        candidate = work.article
        state, claimed = await self._claim(work, other, b"")
        if state is ClaimState.BUSY:
            raise Postponed(self.settings.busy_seconds)
        await self.ledger.take_names(other, names)
        await self.ledger.release(candidate, work.held.token)
        return claimed

    async def _read(
        self, work: Work, reading: PageReading, decision: RevisionDecision, record: ArticleRecord | None
    ) -> ReadReading:
        job = ReadJob(
            article=reading.article,
            kind=decision.kind,  # type: ignore[arg-type]
            revision=decision.revision,
            now=clock.now().timestamp(),
            supersedes=record.state.envelope_id or None if record else None,
            changed=decision.changed,
            family=decision.family,
            previous_events=record.state.events if record else (),
            source=work.queued.feed_url,
            stages=self.settings.stages,
            gazetteers=self.settings.gazetteers,
            lexicons=self.settings.lexicons,
            spacy_model=self.settings.spacy_model,
            other_languages=self.settings.other_languages,
            certainties=self.settings.certainties,
            min_confidence=self.settings.min_confidence,
        )
        with self.metrics.job_seconds.labels("read").time():
            finished = await self._read_within_limits(work, job)
        await self.failed.report(work, finished.failures)
        return finished

    async def _read_within_limits(self, work: Work, job: ReadJob) -> ReadReading:
        """The finished entries; where reading costs its child, those of the article unread, then without the stages too."""
        for what in ("reading", "stages", ""):
            try:
                return unpack(await self.pool.run("read", pack(job)), ReadReading)
            except Poison as poison:
                if not what or job.kind not in ("published", "revised") or (what == "stages" and not job.stages):
                    raise
                job = msgspec.structs.replace(job, unread=(*job.unread, f"{what} {ENDINGS.get(poison.code, 'failed')}"))
                await self.failed.report(work, [unread(what, str(poison), job.article)])
        raise AssertionError("unreachable: the last turn returns or raises")

    async def _publish(
        self,
        work: Work,
        reading: PageReading,
        decision: RevisionDecision,
        finished: ReadReading,
        record: ArticleRecord | None,
        body: Body | None,
    ) -> Outcome:
        """Append and remember in one step; a repeat gives the same answer."""
        queued, now = work.queued, clock.now().timestamp()
        fresh = record_of_revision(queued, reading, decision, finished, record, body, now)
        reported = finished.reported
        answer = await self.ledger.publish(
            work.article,
            work.held.token,
            fresh,
            finished.envelopes,
            expected_revision=decision.expected,
            recheck_seconds=next_look_seconds(fresh.state, now, self.settings.recheck_seconds),
            stats=[(decision.kind, 1), ("events", reported), ("retracted", finished.retracted)],
            claimed=True,
        )
        if answer.state == "conflict":
            raise Postponed(0.0)  # the article moved on since it was weighed: decide_revision again
        if answer.state == "fenced":
            # Our claim ran out, and another entry of this article may have it. Ours may tell more than that one: look again.
            raise Postponed(self.settings.busy_seconds)
        work.revision = decision.revision
        if answer.state == "ok":
            self.metrics.articles.labels(decision.kind).inc()
            self.metrics.events.labels("reported").inc(reported)
            self.metrics.events.labels("retracted").inc(finished.retracted)
            if queued.reason == "new" and queued.seen_at:
                self.metrics.age_seconds.observe(max(0.0, now - queued.seen_at))
        return Outcome(decision.kind)

    async def _unchanged(self, work: Work, record: ArticleRecord, body: Body | None) -> Outcome:
        """Remember the look and when the next is due; nothing is appended."""
        now = clock.now().timestamp()
        fresh = record_of_unchanged(work.queued, record, body, now)
        answer = await self.ledger.publish(
            work.article,
            work.held.token,
            fresh,
            (),
            expected_revision=record.revision,
            recheck_seconds=next_look_seconds(fresh.state, now, self.settings.recheck_seconds),
        )
        if answer.state in ("fenced", "conflict"):
            raise Postponed(self.settings.busy_seconds)
        return Outcome.UNCHANGED


def archive_metadata(work: Work) -> dict[str, str]:
    """Return what the archive stores beside a page: enough to read it again as the same article."""
    entry = work.queued.entry
    published = entry.published or entry.updated
    return {
        "via": work.queued.feed_url,
        "article": work.article,
        "guid": (entry.guid or "")[:1000],
        "title": (entry.title or "")[:1000],
        "published": published.isoformat() if published else "",
    }
