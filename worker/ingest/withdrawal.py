"""A published article whose page is gone: the record and the stream entries that say so. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from ..contract import envelope
from ..contract.article import Article
from ..model.records import QueuedEntry
from ..store.records import ArticleRecord, text_digest

_NO_TEXT = hashlib.sha256(b"").hexdigest()


def withdrawal(
    article: str, queued: QueuedEntry, record: ArticleRecord, now: datetime, reason: str, *, wall: bool = False
) -> tuple[ArticleRecord, list[list[tuple[str, str]]], int]:
    """The renewed record, the envelopes (the article withdrawn, each of its events retracted), and how many retractions.

    The withdrawn revision has no text: what was there is on the stream under ``supersedes``. ``wall``: the page was never the
    article, which may still come.
    """
    gone = Article(
        id=article,
        revision=record.revision + 1,
        supersedes=record.state.envelope_id or None,
        changed=["withdrawn"],
        url=record.state.url,
        feed=record.state.feed_url,
        guid=record.state.guid,
        title=queued.entry.title,
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
        record.state, withdrawn=True, events=(), envelope_id=first.id, text_digest=text_digest(_NO_TEXT), wall=wall
    )
    if wall:  # looked at again from now on; the wall's own text is no news
        state = msgspec.structs.replace(state, looks_from=now.timestamp(), rechecks=0, revised_at=())
    fingerprint = record.fingerprint if wall else b"withdrawn"
    fresh = msgspec.structs.replace(record, revision=record.revision + 1, fingerprint=fingerprint, state=state)
    return fresh, [list(envelope.fields(row).items()) for row in rows], len(rows) - 1
