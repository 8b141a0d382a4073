"""One entry, from its link to the stream: the function to read first is `Pipeline.ingest`."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec

from .. import clock
from ..archive.write import Archive
from ..errors import DatelineError, NoArticle, PermanentError, Postponed, TransientError
from ..jobs.records import PageReading, ReadReading
from ..model.records import Body, Outcome
from ..ports import Pages
from ..store.ledger import ClaimState, Ledger, Printed
from ..store.records import ArticleRecord
from ..telemetry import Logger, Metrics, get_logger, span
from .identity import Identification
from .reading import Reader
from .recheck import next_look_seconds
from .revision import (
    RevisionDecision,
    decide_revision,
    record_of_revision,
    record_of_unchanged,
    revisable_at,
    seconds_until_recheck,
    stored_validators,
    with_address,
    with_hints,
    withdrawal,
)  # fmt: skip
from .same_story import EqualText, is_same_story, is_series, is_wall_record, judge_equal_text, same_address, same_owner
from .work import EntrySettings, Work

#: We may not have the page: the feed's own text does not stand in for it.
_FORBIDDEN = {"blocked", "bad_scheme", "robots"}
#: A page that is not there is no article either, but where its feed contains the text itself: so many words.
LEAST_FEED_WORDS = 60
_TAG = re.compile(r"<[^<>]*>")
MAX_MOVED = 4  #: articles whose address is asked whether it leads to the page of a new entry
MAX_WITHDRAWN = 8  #: printings of a wall that one entry withdraws


class Pipeline:
    """Ingests entries; one instance per process, many entries at a time."""

    def __init__(
        self,
        ledger: Ledger,
        pages: Pages,
        reader: Reader,
        settings: EntrySettings,
        metrics: Metrics,
        archive: Archive | None = None,
    ) -> None:
        self.ledger = ledger
        self.pages = pages
        self.metrics = metrics
        self.archive = archive
        self.identification = Identification(ledger, settings)
        self.reader = reader
        self.settings = settings
        self.log: Logger = get_logger("ingest")

    def apply(self, settings: EntrySettings) -> None:
        """Use new settings, from the next entry on."""
        self.settings = self.identification.settings = self.reader.settings = settings

    async def ingest(self, work: Work) -> Outcome:
        """Bring one entry from its link to the stream. Returns the Outcome, or raises a DatelineError."""
        work.revision = 0
        if await self.identification.claim(work) is ClaimState.KNOWN or await self._is_deferred(work):
            return Outcome.KNOWN
        body = await self._fetch(work)
        if body is not None and body.status == 304:
            return await self._settle_unchanged(work, body)
        reading = await self.reader.extract(work, body)
        await self.identification.confirm(work, reading)
        decision = await self._decide(work, reading)
        if decision.kind in ("unchanged", "held"):
            return await self._settle_unchanged(work, body, held=decision.kind == "held")
        finished = await self.reader.read(work, reading, decision)
        return await self._publish(work, reading, decision, finished, body)

    async def _is_deferred(self, work: Work) -> bool:
        """Return True where a changed entry's page was looked at a short while ago; the look is due later. Where only the text
        can tell whether the entry is that article, it is looked at now."""
        if work.record is None or work.unsure or work.queued.reason != "changed" or work.queued.full_text:
            return False
        now = clock.now().timestamp()
        wait = seconds_until_recheck(work.record, now, self.settings.recheck_seconds[0] / 2)
        if wait > 0 and (work.record.state.settled or work.moved):
            state = with_hints(work.record.state, work.queued)
            if work.moved:  # the look is at the address that the feed shows
                state = with_address(state, work.queued.entry.link, state.url_before or state.url)
                wait = min(wait, next_look_seconds(state, now, self.settings.recheck_seconds) or wait)
            await self._store_look(work, msgspec.structs.replace(work.record, state=state), wait)
        elif wait > 0:
            await self.ledger.schedule_recheck(work.article, wait)
        return wait > 0

    async def _fetch(self, work: Work) -> Body | None:
        """Fetch and archive the entry's page; None where it has none, or where the page fails and the feed's text must do."""
        queued, link = work.queued, work.queued.entry.link
        if not link or queued.full_text or work.from_feed:
            return None
        etag, last_modified = stored_validators(work.record, link)
        try:
            with span("fetch page") as step:
                body = await self.pages.page(link, etag=etag, last_modified=last_modified)
                step.set(status=body.status, bytes=len(body.body))
        except PermanentError as error:
            if error.code in _FORBIDDEN or work.record is not None:
                raise
            gone = error.code == "gone" or error.status in (404, 410)
            if not (has_feed_text(work) if gone else queued.entry.content or queued.entry.summary):
                raise
            self.log.info("page.fallback_to_feed", url=link, code=error.code)
            return None
        work.answered = True
        if body.status != 304 and not body.body:
            raise TransientError(f"{link}: an empty page", code="empty")
        if body.status != 304 and self.archive is not None:
            await self.archive.keep(body, clock.now(), archive_metadata(work))
        return body

    async def _decide(self, work: Work, reading: PageReading) -> RevisionDecision:
        """Decide what the article is. Raises TransientError(code="wall") where many links of its owner show its text."""
        printed = await self._printed(work, reading)
        if await self._has_moved_here(work, reading, printed):
            printed = await self._printed(work, reading)
        equal_text = EqualText.COPY
        if printed.first != work.article and work.record is None:
            first = await self.ledger.record(printed.first)
            equal_text = judge_equal_text(work.article, reading, printed, first, self.settings)
        if equal_text is EqualText.WALL:
            links = same_owner(work.article, reading, printed)
            await self._withdraw_wall(work, reading, links)
            say = f"{reading.owner} shows this same text under {len(links) + 1} links: a login, consent or error page"
            raise NoArticle(say, code="wall")
        now = clock.now().timestamp()
        if printed.near and printed.first == work.article and printed.family != work.article:
            near = await self.ledger.record(printed.near)
            if near is not None and is_series(reading, near, now):
                printed = replace(printed, near="", family=work.article, owners={})
        return decide_revision(
            work.article, reading, work.record, printed, self.settings, equal_text=equal_text, now=now
        )

    async def _printed(self, work: Work, reading: PageReading) -> Printed:
        """Ask who had the text first; a first article that came to nothing loses it to this one."""
        item = (work.article, reading.owner, reading.fingerprint, reading.sketch)
        printed = await self.ledger.printed(*item)
        if printed.first != work.article and await self.ledger.abandoned(printed.first):
            printed = await self.ledger.printed(*item, instead_of=printed.first)
        return printed

    async def _has_moved_here(self, work: Work, reading: PageReading, printed: Printed) -> bool:
        """Claim the article that an entry with a new guid and a new link is; returns whether there is one: of this owner, with
        this title and text, and its address leads to the entry's page now, or is gone."""
        if work.is_look or not work.queued.entry.link or (work.record is not None and work.record.revision):
            return False
        others = dict.fromkeys([printed.first, printed.near, *same_owner(work.article, reading, printed)])
        for other in [name for name in others if name and name != work.article][:MAX_MOVED]:
            record = await self.ledger.record(other)
            if record is None or not record.revision or record.owner != reading.owner:
                continue
            if is_same_story(work.queued.entry, reading, record) and await self._leads_here(record, work, reading):
                self.log.info("entry.moved", url=work.queued.entry.link, before=record.state.url, article=other)
                await self.ledger.forget_printing(work.article, printed)
                await self.identification.take_over(work, other, reading)
                work.moved = True
                return True
        return False

    async def _leads_here(self, record: ArticleRecord, work: Work, reading: PageReading) -> bool:
        """Ask the address of a published article; return whether it leads to the entry's page, or is gone."""
        before, link = record.state.url, work.queued.entry.link
        if not before:
            return False
        try:
            body = await self.pages.page(before)
        except PermanentError as error:
            return error.code == "gone" or error.status in (404, 410)
        except TransientError:
            return False
        return any(same_address(body.url, here) for here in (link, reading.landed_url) if here)

    async def _withdraw_wall(self, work: Work, reading: PageReading, articles: list[str]) -> None:
        """Withdraw what was published of a wall before it was known for one. Its pages are looked at again: the story may
        still come."""
        for article in articles[:MAX_WITHDRAWN]:
            record = await self.identification.claim_now(article, work)
            if record is None:
                continue
            if not is_wall_record(reading, record, len(articles), self.settings):
                await self.ledger.release(article, work.held.token)
                continue
            title = record.state.hints.title if record.state.hints else None
            await self._withdraw(work, article, title, record, "the page was a login, consent or error page", wall=True)

    async def withdraw_lost(self, work: Work, record: ArticleRecord, error: DatelineError) -> Outcome:
        """Store that a published article's page could not be had again; withdraw the article where the page is gone for good.

        Raises Postponed where another entry of the article was faster.
        """
        status = error.status if isinstance(error, PermanentError) else None
        gone = isinstance(error, PermanentError) and (error.code == "gone" or status in (404, 410))
        if gone and record.state.url_before and work.queued.entry.link == record.state.url:
            # The feed's new address never had the article: the one before counts, and is looked at next.
            record = msgspec.structs.replace(record, state=with_address(record.state, record.state.url_before))
            gone = False
        looks = record.state.gone + 1 if gone else record.state.gone if record.state.withdrawn else 0
        state = msgspec.structs.replace(record.state, gone=looks, rechecks=record.state.rechecks + 1)
        if gone and looks >= 2 and not state.withdrawn:
            missing = 0 if status == 410 else looks  # a site that was down may show the page again
            if await self._withdraw(
                work, work.article, work.queued.entry.title, record, str(error), missing=missing
            ) in ("fenced", "conflict"):
                raise Postponed(self.settings.busy_seconds)
            work.revision = record.revision + 1
            return Outcome.WITHDRAWN
        fresh = msgspec.structs.replace(record, state=state, version=work.queued.version or record.version)
        wait = self.settings.recheck_seconds[0] if gone and looks < 2 else None
        wait = wait or next_look_seconds(state, clock.now().timestamp(), self.settings.recheck_seconds)
        await self._store_look(work, fresh, wait)
        return Outcome.UNCHANGED

    async def _withdraw(
        self,
        work: Work,
        article: str,
        title: str | None,
        record: ArticleRecord,
        reason: str,
        *,
        wall: bool = False,
        missing: int = 0,
    ) -> str:
        """Append the withdrawal of a published article that this entry has claimed; returns the ledger's answer. ``wall`` and
        ``missing``: see `withdrawal`."""
        now = clock.now()
        fresh, envelopes, retracted = withdrawal(article, title, record, now, reason, wall=wall, missing=missing)
        answer = await self.ledger.publish(
            article,
            work.held.token,
            fresh,
            envelopes,
            expected_revision=record.revision,
            recheck_seconds=next_look_seconds(fresh.state, now.timestamp(), self.settings.recheck_seconds),
            stats=[("withdrawn", 1), ("retracted", retracted)],
        )
        if answer.state == "ok":
            self.metrics.articles.labels("withdrawn").inc()
            self.metrics.events.labels("retracted").inc(retracted)
        return answer.state

    async def _publish(
        self, work: Work, reading: PageReading, decision: RevisionDecision, finished: ReadReading, body: Body | None
    ) -> Outcome:
        """Append the article with its events and store its record, in one step; a repeat gives the same answer."""
        queued, now = work.queued, clock.now().timestamp()
        fresh = record_of_revision(queued, reading, decision, finished, work.record, body, now)
        with span(
            "publish", kind=decision.kind, entry_id=finished.envelope_id, entries=len(finished.envelopes)
        ) as step:
            answer = await self.ledger.publish(
                work.article,
                work.held.token,
                fresh,
                finished.envelopes,
                expected_revision=decision.expected,
                recheck_seconds=next_look_seconds(fresh.state, now, self.settings.recheck_seconds),
                stats=[(decision.kind, 1), ("events", finished.reported), ("retracted", finished.retracted)],
                claimed=True,
            )
            step.set(answer=answer.state)
        if answer.state == "conflict":
            raise Postponed(0.0)  # the article moved on since it was compared: compare again
        if answer.state == "fenced":
            # Our claim ran out, and another entry of this article may have it. Ours may tell more than that one: look again.
            raise Postponed(self.settings.busy_seconds)
        work.revision = decision.revision
        if answer.state == "ok":
            self.metrics.articles.labels(decision.kind).inc()
            self.metrics.events.labels("reported").inc(finished.reported)
            self.metrics.events.labels("retracted").inc(finished.retracted)
            if queued.reason == "new" and queued.seen_at:
                self.metrics.age_seconds.observe(max(0.0, now - queued.seen_at))
        return Outcome(decision.kind)

    async def _settle_unchanged(self, work: Work, body: Body | None, *, held: bool = False) -> Outcome:
        """Store the look and when the next is due; nothing is appended. ``held``: the page changed, and is published later."""
        record, now = work.record, clock.now().timestamp()
        if record is None:
            raise TransientError(f"{work.queued.entry.link}: 304 to a request without validators", code="empty")
        fresh = record_of_unchanged(work.queued, record, None if held else body, now, moved=work.moved)
        wait = next_look_seconds(fresh.state, now, self.settings.recheck_seconds)
        if held:
            wait = max(60.0, revisable_at(record, self.settings) - now)
        await self._store_look(work, fresh, wait)
        return Outcome.UNCHANGED

    async def _store_look(self, work: Work, record: ArticleRecord, wait: float | None) -> None:
        """Store what is known of an article, and when its next look is due. Raises Postponed."""
        answer = await self.ledger.publish(
            work.article, work.held.token, record, (), expected_revision=record.revision, recheck_seconds=wait
        )
        if answer.state in ("fenced", "conflict"):
            raise Postponed(self.settings.busy_seconds)


def has_feed_text(work: Work) -> bool:
    """Return whether the feed itself contains the article, or enough of it to be published without its page."""
    entry = work.queued.entry
    texts = (_TAG.sub(" ", text) for text in (entry.content, entry.summary) if text)
    return any(len(text.split(None, LEAST_FEED_WORDS)) >= LEAST_FEED_WORDS for text in texts)


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
