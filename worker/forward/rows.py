"""Stream entries as rows of the tables ``articles`` and ``events``: for forwarders to databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ..contract.article import Article
from ..contract.envelope import Envelope, MalformedEnvelope, Record, parse
from ..contract.event import Event

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """Entries of one batch that can be read, and those that cannot (``stream_id`` to reason)."""

    records: list[tuple[str, Envelope, Record]]
    refused: dict[str, str]


def read(entries: Sequence[dict[str, str]]) -> Taken:
    """Read the record of each entry."""
    taken = Taken([], {})
    for entry in entries:
        try:
            envelope = parse(entry)
            taken.records.append((entry["stream_id"], envelope, envelope.record()))
        except MalformedEnvelope as error:
            taken.refused[entry["stream_id"]] = str(error)
    return taken


def article_row(envelope: Envelope, article: Article, *, keep_withdrawn: bool = False) -> Row:
    """Return the row of an article; of one that its source withdrew without text and record, unless they are kept."""
    is_withdrawn = envelope.type.endswith(".withdrawn")
    is_kept = keep_withdrawn or not is_withdrawn
    return {
        "id": article.id,
        "revision": article.revision,
        "withdrawn": is_withdrawn,
        "published": article.published,
        "language": article.language,
        "publisher": article.publisher,
        "title": article.title,
        "url": article.canonical_url or article.url,
        "family": article.family.id if article.family else None,
        "countries": list(envelope.countries),
        "text": article.text if is_kept else None,
        "data": msgspec.json.encode(article).decode() if is_kept else None,
    }


def event_row(envelope: Envelope, event: Event) -> Row:
    """Return the row of an event."""
    return {
        "id": event.id,
        "article": event.article,
        "revision": event.revision,
        "plover": event.plover.type,
        "mode": event.plover.mode,
        "quad": event.plover.quad,
        "occurred_from": event.date.start if event.date else None,
        "occurred_to": event.date.end if event.date else None,
        "country": event.location.country if event.location else None,
        "countries": list(envelope.countries),
        "confidence": event.confidence,
        "certainty": event.attribution.certainty,
        "evidence": event.evidence.text,
        "data": msgspec.json.encode(event).decode(),
    }
