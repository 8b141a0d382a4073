"""Decides what an extracted article is (new, revised, a copy, unchanged), and builds its record for the ledger. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

from ..contract import envelope
from ..contract.article import Article, Family
from ..dedup.fingerprint import stored_sketch
from ..jobs.records import PageReading, ReadReading
from ..model.records import Body, Entry, QueuedEntry
from ..store.ledger import Printed
from ..store.records import ArticleRecord, ArticleState, text_digest
from .recheck import RESTARTS
from .same_story import EqualText, is_its_page
from .work import EntrySettings

FROM_FEED = ("feed", "summary")
TEASER_SHARE = 0.6  #: a page cut off at a paywall with less than this of the words we had is no revision
MAX_HINT_CHARS = 300  #: of an entry's title and author, kept because extraction reads pages by them
MAX_SPACING_SECONDS = 86400.0
MAX_REVISION_TIMES = 8
_NO_TEXT = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class RevisionDecision:
    """What is to be published of an extracted article, and as which revision.

    ``kind``: published, revised, copied, withdrawn; unchanged and held publish nothing, held is looked at again later.
    """

    kind: str
    revision: int
    expected: int
    changed: tuple[str, ...] = ()
    family: Family | None = None
    family_root: str = ""
    copy_of: str | None = None


def decide_revision(
    article: str,
    reading: PageReading,
    record: ArticleRecord | None,
    printed: Printed,
    settings: EntrySettings,
    *,
    equal_text: EqualText = EqualText.COPY,
    now: float = 0.0,
) -> RevisionDecision:
    """Decide what an extracted article is, from its record and from who printed its text.

    Args:
        equal_text: What it is where another article had its text first.
        now: Seconds since 1970, for the number of revisions a day.
    """
    known = record if record is not None and record.revision else None
    if known and (known.fingerprint == reading.mark or not _supersedes(reading, known)):
        return RevisionDecision("unchanged", known.revision, known.revision)
    if known and not reading.withdrawn and revisable_at(known, settings) > now:
        return RevisionDecision("held", known.revision, known.revision)
    expected = known.revision if known else 0
    copied = printed.first != article and equal_text is EqualText.COPY
    owners = dict(printed.owners) | {article: reading.owner}
    if equal_text is EqualText.NOTICE:
        return RevisionDecision("published", 1, 0)
    role, evidence = "original", None
    if copied:
        role, evidence = "copy", "equal text"
    elif printed.near and printed.family != article:
        role = "copy" if printed.shared >= settings.copy_shares else "rewrite"
        evidence = f"{printed.shared}/16 of the shorter text shared"
    family = Family(
        id=printed.family,
        role=role,  # type: ignore[arg-type]
        size=max(1, len(owners)),
        owners=sorted({owner for owner in owners.values() if owner}),
        original=printed.family if printed.family != article else None,
        evidence=evidence,
    )
    kind = "withdrawn" if known and reading.withdrawn else "revised" if known else "copied" if copied else "published"
    changed: tuple[str, ...] = ()
    if known:
        changed = tuple(
            name
            for name, differs in (
                ("title", known.state.title != reading.title_key),
                ("text", known.state.text_digest != text_digest(reading.text_sha256)),
                ("withdrawn", reading.withdrawn),
            )
            if differs
        )
    return RevisionDecision(
        kind, expected + 1, expected, changed, family, printed.family, printed.first if copied else None
    )


def _supersedes(reading: PageReading, known: ArticleRecord) -> bool:
    """Return False where the text is shorter only because it came from the feed or from behind a paywall."""
    before = known.state
    if before.withdrawn and reading.withdrawn:
        return False
    if reading.extracted_from in FROM_FEED:
        return before.from_feed  # the page failed this time: its text stands
    if before.from_feed and not reading.withdrawn:
        return reading.words > before.words  # the page had less than the feed then, and still has
    return not (reading.partial and reading.words < TEASER_SHARE * before.words)


def revisable_at(record: ArticleRecord, settings: EntrySettings) -> float:
    """Return when the next revision may be published (seconds since 1970); 0.0 for now. A page that changes at every look
    has `EntrySettings.revisions_a_day`."""
    times = record.state.revised_at[-settings.revisions_a_day :]
    return times[0] + 86400.0 if len(times) >= settings.revisions_a_day else 0.0


def stored_validators(record: ArticleRecord | None, link: str | None) -> tuple[str | None, str | None]:
    """Return etag and last-modified for a conditional request: only those that this very address gave.

    None for a withdrawn article: a page that is back as it was must come whole.
    """
    if record is None or record.state.url != link or record.state.withdrawn:
        return None, None
    return record.state.etag, record.state.last_modified


def seconds_until_recheck(record: ArticleRecord, now: float, first_seconds: float) -> float:
    """Return the seconds until a page is fetched again for a changed entry; 0 or less: now.

    A feed that says something else with every poll (a time stamp, a counter) would have its pages fetched for ever. The first
    change after a revision is looked at at once; after each look that brought nothing, and after each revision beyond
    `RESTARTS`, the pause doubles, from ``first_seconds`` to a day.
    """
    idle = record.state.idle + max(0, record.revision - RESTARTS)
    if idle == 0:
        return 0.0
    pause = min(MAX_SPACING_SECONDS, first_seconds * 2.0 ** min(idle - 1, 30))
    return min(pause, record.state.looked_at + pause - now)


def record_of_revision(
    queued: QueuedEntry,
    reading: PageReading,
    decision: RevisionDecision,
    finished: ReadReading,
    record: ArticleRecord | None,
    body: Body | None,
    now: float,
) -> ArticleRecord:
    """Return the record of a revision that is to be appended now."""
    before = record.state if record and record.revision else None
    restarts = before is None or decision.revision <= RESTARTS
    state = ArticleState(
        envelope_id=finished.envelope_id,
        title=reading.title_key,
        url=queued.entry.link,
        feed=queued.feed,
        feed_url=queued.feed_url,
        guid=queued.entry.guid,
        published=reading.published,
        first_published_at=before.first_published_at if before else now,
        etag=body.headers.get("etag") if body else None,
        last_modified=body.headers.get("last-modified") if body else None,
        events=finished.events,
        text_digest=text_digest(reading.text_sha256),
        copy_of=decision.copy_of,
        looks_from=now if restarts or before is None else before.looks_from,
        rechecks=0 if restarts or before is None else before.rechecks + 1,
        withdrawn=decision.kind == "withdrawn",
        words=reading.words,
        from_feed=reading.extracted_from in FROM_FEED,
        own_text=queued.full_text,
        looked_at=now,
        hints=_hints(queued),
        feed_title=queued.feed_title,
        feed_language=queued.feed_language,
        landed=reading.landed,
        agreement=reading.agreement,
        revised_at=(*(before.revised_at if before else ()), now)[-MAX_REVISION_TIMES:],
        notice=(before.notice if before else 0) if is_its_page(reading) else decision.revision,
    )
    return ArticleRecord(
        revision=decision.revision,
        fingerprint=reading.mark,
        version=queued.version or (record.version if record else b""),
        state=state,
        family=decision.family_root,
        owner=reading.owner,
        text_print=reading.fingerprint,
        sketch=stored_sketch(reading.sketch),
    )


def record_of_unchanged(
    queued: QueuedEntry, record: ArticleRecord, body: Body | None, now: float, *, moved: bool = False
) -> ArticleRecord:
    """Return the record after a look that found nothing new. ``moved``: it was at the address that is the article's now."""
    state = msgspec.structs.replace(
        record.state,
        rechecks=record.state.rechecks + (1 if queued.reason == "recheck" else 0),
        gone=record.state.gone if record.state.withdrawn else 0,
        idle=record.state.idle + 1,
        looked_at=now,
        url_before=None,
    )
    state = with_hints(state, queued)
    if moved:
        state = with_address(state, queued.entry.link)
    if body is not None and queued.entry.link == state.url:
        state = msgspec.structs.replace(
            state,
            etag=body.headers.get("etag") or state.etag,
            last_modified=body.headers.get("last-modified") or state.last_modified,
        )
    return msgspec.structs.replace(record, state=state, version=queued.version or record.version)


def with_hints(state: ArticleState, queued: QueuedEntry) -> ArticleState:
    """Return the state with what a planned look needs, from the entry, where that is gone (`ArticleRecord.settled`)."""
    if not state.settled:
        return state
    hints = _hints(queued)
    if state.hints:
        hints = msgspec.structs.replace(hints, title=state.hints.title)
    return msgspec.structs.replace(
        state, settled=False, hints=hints, feed_title=queued.feed_title, feed_language=queued.feed_language
    )


def with_address(state: ArticleState, link: str | None, before: str | None = None) -> ArticleState:
    """Return the state of an article whose feed shows another address of it; validators belong to the one before.

    ``before``: that one, where the new one is still to be read (`ArticleState.url_before`).
    """
    return msgspec.structs.replace(state, url=link, url_before=before, etag=None, last_modified=None)


def _hints(queued: QueuedEntry) -> Entry:
    """Return the fields of the entry that extraction uses: a later look without them could read the page differently."""
    entry = queued.entry
    return Entry(
        title=entry.title[:MAX_HINT_CHARS] if entry.title else None,
        author=entry.author[:MAX_HINT_CHARS] if entry.author else None,
        published=entry.published,
        updated=entry.updated,
        language=entry.language,
    )


def withdrawal(
    article: str,
    title: str | None,
    record: ArticleRecord,
    now: datetime,
    reason: str,
    *,
    wall: bool = False,
    missing: int = 0,
) -> tuple[ArticleRecord, list[list[tuple[str, str]]], int]:
    """Return the renewed record, the envelopes (the article withdrawn, each of its events retracted), and how many retractions.

    The withdrawn revision has no text: what was there is on the stream under ``supersedes``. ``wall``: the page was never the
    article, which may still come. ``missing``: after so many looks in a row that did not find the page, which may come back;
    0 where it is known to be gone for good.
    """
    gone = Article(
        id=article,
        revision=record.revision + 1,
        supersedes=record.state.envelope_id or None,
        changed=["withdrawn"],
        url=record.state.url,
        feed=record.state.feed_url,
        guid=record.state.guid,
        title=title,
        correction=reason[:500],
        text="",
        text_sha256=_NO_TEXT,
        fetched=now.isoformat(),
    )
    first = envelope.article_envelope(gone, "withdrawn", now, source=record.state.feed_url)
    rows = [first]
    for event in record.state.events:
        rows.append(envelope.retraction_envelope(event, gone, now, reason="withdrawn", source=record.state.feed_url))
    state = msgspec.structs.replace(
        record.state,
        withdrawn=True,
        events=(),
        envelope_id=first.id,
        text_digest=text_digest(_NO_TEXT),
        wall=wall,
        gone=missing,
    )
    if wall or missing:  # looked at again from now on
        state = msgspec.structs.replace(state, looks_from=now.timestamp(), rechecks=0, revised_at=())
    fingerprint = record.fingerprint if wall else b"withdrawn"  # the wall's own text is no news
    fresh = msgspec.structs.replace(record, revision=record.revision + 1, fingerprint=fingerprint, state=state)
    return fresh, [list(envelope.fields(row).items()) for row in rows], len(rows) - 1
