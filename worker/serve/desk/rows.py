"""Rows that the desk shows for stream entries and feeds: plain dictionaries for its page.

Nothing here is HTML: the page inserts every string as text. Offsets are code points, as in the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...contract.article import Article
from ...contract.envelope import Envelope, MalformedEnvelope, Retraction
from ...contract.event import Event, Party
from ...contract.lean import list_fields
from ...store.feed_state import FeedState

Row = dict[str, Any]


def row_of(envelope: Envelope) -> Row:
    """Return one line of the wire: an article's head, an event in short, or a retraction.

    ``what`` is article, event, retraction, or unreadable where the data does not fit its schema.
    """
    row: Row = {
        "id": envelope.id,
        "seq": envelope.seq,
        "type": envelope.type.removeprefix("dateline."),
        "time": envelope.time,
        "source": shown_url(envelope.source),
        "publisher": envelope.publisher,
        "language": envelope.lang,
        "article": envelope.subject.partition("/")[0],
    }
    try:
        record = envelope.record()
    except MalformedEnvelope as error:
        return row | {"what": "unreadable", "error": str(error)}
    if isinstance(record, Article):
        return row | _article_head(record)
    if isinstance(record, Event):
        return row | event_view(record)
    return row | _retraction(record)


def article_view(article: Article, events: list[Event]) -> Row:
    """Return an article in full with its events, for the reading pane."""
    view: Row = list_fields(article)
    return view | {"url": link(article.url), "events": [event_view(event) for event in events]}


def event_view(event: Event) -> Row:
    """Return an event in short. ``evidence`` has its own text, so that a line needs no article."""
    evidence = event.evidence
    return {
        "what": "event",
        "event": event.id,
        "plover": event.plover.type,
        "mode": event.plover.mode,
        "quad": event.plover.quad,
        "intensity": event.plover.intensity,
        "cameo": event.cameo.code,
        "actors": [_party(party) for party in event.actors],
        "recipients": [_party(party) for party in event.recipients],
        "place": event.location.name if event.location else None,
        "country": event.location.country if event.location else None,
        "date": event.date.start if event.date else None,
        "certainty": event.attribution.certainty,
        "said_by": event.attribution.source,
        "negated": event.factuality.negated,
        "conditional": event.factuality.conditional,
        "counts": {name: value for name, value in msgspec.to_builtins(event.counts).items() if value},
        "evidence": evidence.text,
        "start": evidence.start,
        "end": evidence.end,
        "trigger": [evidence.trigger.start, evidence.trigger.end],
        "confidence": round(event.confidence, 2),
        "reasons": event.reasons,
        "main": event.main,
    }


def feed_view(feed: FeedState, now: float) -> Row:
    """Return a feed with its health: failing, paused, waiting (never polled) or well."""
    return {
        "feed": feed.feed,
        "title": feed.title or shown_url(feed.url),
        "url": shown_url(feed.url),
        "group": feed.group,
        "health": feed.health,
        "status": feed.status,
        "error": feed.error,
        "reason": feed.reason,
        "identity": feed.mode,
        "next_in_seconds": round(feed.next_at - now) if feed.next_at else None,
        "numbers": dict(feed.numbers),
    }


def letter_view(letter: str, fields: Mapping[bytes, bytes]) -> Row:
    """Return a dead letter: entry, time and reason."""
    text = {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items() if name != b"e"}
    at = int(letter.partition("/")[2].partition("-")[0]) / 1000
    return {
        "id": letter,
        "time": datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds"),
        "code": text.get("code", "?"),
        "reason": text.get("reason", ""),
        "title": text.get("title") or shown_url(text.get("url") or text.get("guid") or "?"),
        "url": link(text.get("url")),
    }


def shown_url(url: str) -> str:
    """Return ``url`` without user, password and query: private feeds keep keys there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]  # brackets that hold no address
    if not parts.scheme or not parts.netloc:
        return url
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def link(url: str | None) -> str | None:
    """Return ``url`` where it is http or https, else None."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _article_head(article: Article) -> Row:
    family = article.family
    return {
        "what": "article",
        "revision": article.revision,
        "changed": article.changed,
        "title": article.title,
        "url": link(article.url),
        "agency": article.agency.name if article.agency else None,
        "place": article.dateline.place if article.dateline else None,
        "published": article.published,
        "words": len(article.text.split()),
        "captions": len(article.captions),
        "quotes": len(article.quotes),
        "paywalled": article.paywalled,
        "family": {"id": family.id, "role": family.role, "size": family.size, "owners": family.owners}
        if family
        else None,
    }


def _retraction(retraction: Retraction) -> Row:
    return {
        "what": "retraction",
        "event": retraction.id,
        "revision": retraction.revision,
        "reason": retraction.reason,
    }


def _party(party: Party) -> Row:
    return {
        "text": party.text,
        "name": party.canonical or party.text,
        "country": party.country,
        "sector": party.sector,
        "start": party.start,
        "end": party.end,
    }
