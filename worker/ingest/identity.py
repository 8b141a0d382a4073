"""Finds the article that an entry is, and claims it.

`Identification.claim` goes by the entry's names, `confirm` by the page once it was read.
"""

from __future__ import annotations

from ..dedup.identity import article_id
from ..errors import PermanentError, Postponed, TransientError
from ..jobs.records import PageReading
from ..store.ledger import ClaimState, Ledger
from ..store.records import ArticleRecord
from ..telemetry import Logger, get_logger
from .same_story import (
    Match,
    has_left,
    is_at_new_address,
    is_its_page,
    is_replaced,
    is_same_story,
    is_same_text,
    match_entry,
)
from .work import EntrySettings, Work

MAX_CANDIDATES = 4  #: articles that the names of one entry may lead to


class Identification:
    """Names, claims and what a page says of its own identity."""

    def __init__(self, ledger: Ledger, settings: EntrySettings) -> None:
        self.ledger = ledger
        self.settings = settings
        self.log: Logger = get_logger("ingest")

    async def claim(self, work: Work) -> ClaimState:
        """Claim the article that the entry's names lead to, or a new one; sets ``work.article`` and ``work.record``.

        Returns KNOWN where the entry brings nothing new of it. Raises Postponed where another entry is processing it.
        """
        queued = work.queued
        work.article, work.record, work.unsure, work.moved = "", None, False, False
        named = await self.ledger.resolve(queued.article, queued.aliases)
        known = list(dict.fromkeys(filter(None, named))) or [queued.article]
        unsure = ""
        for article in known[:MAX_CANDIDATES]:
            state = await self._claim(work, article)
            match = Match.SAME if work.is_look or work.record is None else match_entry(queued, work.record)
            if match is Match.SAME:
                unknown = [alias for alias, name in zip(queued.aliases, named, strict=True) if not name]
                if unknown:
                    await self.ledger.further_names(article, unknown)
                # A known address beside the article's own is another feed's.
                work.moved = bool(unknown or queued.attempts) and _has_moved(work)
                if work.moved and state is ClaimState.KNOWN:
                    state = await self._claim(work, article, b"")
                return state
            if match is Match.UNSURE and not unsure:
                unsure = (
                    article  # unless a weaker name leads to an article that the entry surely is: guids were swapped
                )
            await self._let_go(work)
        if unsure:
            state = await self._claim(work, unsure)
            if state is ClaimState.KNOWN:
                state = await self._claim(work, unsure, b"")
            work.unsure = True
            return state
        return await self._claim_new(work)

    async def confirm(self, work: Work, reading: PageReading) -> None:
        """Hold the page against the article that is claimed, and claim the right one where it is another.

        Raises PermanentError(code="gone") where a published page now leads elsewhere, TransientError where the page is none of
        the entry's, Postponed.
        """
        record = _published(work)
        if record is None:
            self._refuse_foreign_page(work, reading)
            await self._join_on_evidence(work, reading)
            return
        if work.unsure and not is_same_text(reading, record):
            await self._let_go(work)
            await self._claim_new(work)
            record = _published(work)
        if record is None:
            self._refuse_foreign_page(work, reading)
            return
        if has_left(reading, record):
            raise PermanentError(f"{work.queued.entry.link} now leads to another page", code="gone")
        if is_replaced(reading, record):
            raise TransientError(f"{work.queued.entry.link} shows a page about something else", code="wall")
        await self.ledger.further_names(work.article, [*work.queued.aliases, *reading.aliases])

    async def take_over(self, work: Work, other: str, reading: PageReading) -> None:
        """Claim ``other`` in place of the article that is claimed: both are one. It gets all names of the entry and its page.

        Raises Postponed where another entry is processing it.
        """
        candidate = work.article
        await self._claim(work, other, b"")
        await self.ledger.take_names(other, [*work.queued.aliases, *reading.aliases])
        await self.ledger.release(candidate, work.held.token)

    async def claim_now(self, article: str, work: Work) -> ArticleRecord | None:
        """Claim another article for the same entry, whatever is published of it; None where nothing is, or where
        another entry is processing it."""
        state, record = await self.ledger.claim(article, work.held.token, b"", self.settings.lease_seconds)
        if state is ClaimState.MINE and (record is None or not record.revision):
            await self.ledger.release(article, work.held.token)
            return None
        return record if state is ClaimState.MINE else None

    async def _claim(self, work: Work, article: str, version: bytes | None = None) -> ClaimState:
        if version is None:
            # A new entry of an article we have brings nothing new (rechecks watch its page); a changed one may.
            version = {"new": b"*", "changed": work.queued.version}.get(work.queued.reason, b"")
        state, record = await self.ledger.claim(article, work.held.token, version, self.settings.lease_seconds)
        if state is ClaimState.BUSY:
            raise Postponed(self.settings.busy_seconds)
        work.record = record
        if state is ClaimState.MINE:
            work.article = article
        return state

    async def _let_go(self, work: Work) -> None:
        if work.article:
            await self.ledger.release(work.article, work.held.token)
        work.article, work.record, work.unsure = "", None, False

    async def _claim_new(self, work: Work) -> ClaimState:
        """Claim an article of the entry's own, and give it the entry's strongest name and those that nobody has."""
        queued = work.queued
        entry = queued.entry
        article = article_id(f"{queued.article} {entry.guid} {entry.link} {entry.title}")
        self.log.info("entry.told_apart", url=entry.link, guid=entry.guid, article=article)
        state = await self._claim(work, article)
        await self.ledger.take_names(article, queued.aliases[:1])
        await self.ledger.further_names(article, queued.aliases[1:])
        return state

    def _refuse_foreign_page(self, work: Work, reading: PageReading) -> None:
        """A link that leads elsewhere, to a page about something else: maintenance, consent, a section. It may come back."""
        if reading.landed and not is_its_page(reading):
            raise TransientError(
                f"{work.queued.entry.link} leads to {reading.landed_url}, which says nothing of its title", code="wall"
            )

    async def _join_on_evidence(self, work: Work, reading: PageReading) -> None:
        """Where the page's canonical address or the redirect's target is known for another article, and title and text agree,
        the entry is that article."""
        if not reading.aliases:
            return
        known = await self.ledger.further_names(work.article, reading.aliases)
        others = [name for name in dict.fromkeys(known) if name and name != work.article]
        for other in others[:MAX_CANDIDATES]:
            found = await self.ledger.record(other)
            if found is None or not found.revision:
                continue
            if not is_same_story(work.queued.entry, reading, found):
                self.log.info("canonical.not_believed", article=work.article, other=other)
                continue
            await self.take_over(work, other, reading)
            return


def _has_moved(work: Work) -> bool:
    return not work.is_look and work.record is not None and is_at_new_address(work.queued, work.record)


def _published(work: Work) -> ArticleRecord | None:
    """Return the record of the claimed article; None where nothing of it is published."""
    return work.record if work.record and work.record.revision else None
