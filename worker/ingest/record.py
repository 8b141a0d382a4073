"""Builds the record of an article for the ledger, after a revision and after a look without one. Pure."""

from __future__ import annotations

import msgspec

from ..dedup.fingerprint import stored_sketch
from ..jobs.records import PageReading, ReadReading
from ..model.records import Body, Entry, QueuedEntry
from ..store.records import ArticleRecord, ArticleState, text_digest
from .recheck import RESTARTS
from .revision import FROM_FEED, RevisionDecision

MAX_HINT_CHARS = 300  #: of an entry's title and author, kept because extraction reads pages by them
MAX_SPACING_SECONDS = 86400.0
MAX_REVISION_TIMES = 8


def stored_validators(record: ArticleRecord | None, link: str | None) -> tuple[str | None, str | None]:
    """Return etag and last-modified for a conditional request: only those that this very address gave."""
    if record is None or record.state.url != link:
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


def record_of_unchanged(queued: QueuedEntry, record: ArticleRecord, body: Body | None, now: float) -> ArticleRecord:
    """Return the record after a look that found nothing new."""
    state = msgspec.structs.replace(
        record.state,
        rechecks=record.state.rechecks + (1 if queued.reason == "recheck" else 0),
        gone=0,
        idle=record.state.idle + 1,
        looked_at=now,
    )
    state = with_hints(state, queued)
    if body is not None and queued.entry.link == record.state.url:
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
