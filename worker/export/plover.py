"""PLOVER 2.0 records as JSON lines: event, mode, context, compound actors and recipients, date, place, magnitudes.

The manual (Open Event Data Alliance) names the fields; factuality goes where it asks for it, into ``context``. What it has no
field for is under ``dateline``, so that a strict reader can drop one key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..contract.event import Event, Party
from .articles import ArticleHead, EventLines


class PloverLines(EventLines):
    """One line per event that is reported; a retraction has no form in PLOVER."""

    def event_lines(self, event: Event, article: ArticleHead, time: str) -> Iterable[str]:
        """Return the event's record."""
        return [json.dumps(record(event, article), ensure_ascii=False)]


def record(event: Event, article: ArticleHead) -> dict[str, Any]:
    """Return the PLOVER record of one event; keys that have no value are left out."""
    place, counts = event.location, event.counts
    row: dict[str, Any] = {
        "id": event.id,
        "date": event.date.start if event.date else (article.published or "")[:10],
        "event": event.plover.type,
        "mode": [event.plover.mode] if event.plover.mode else [],
        "context": _contexts(event),
        "actor": [_party(party) for party in event.actors],
        "recipient": [_party(party) for party in event.recipients],
        "quad": event.plover.quad,
        "intensity": event.plover.intensity,
        "location": None if place is None else _without_empty(
            {"name": place.name, "country": place.country, "admin1": place.admin1, "lat": place.lat, "lon": place.lon}
        ),
        "dead": _range(counts.killed), "injured": _range(counts.injured), "size": _range(counts.size),
        "text": event.evidence.text,
        "publisher": article.publisher,
        "publication_date": (article.published or "")[:10],
        "language": article.language,
        "url": article.address,
        "dateline": _without_empty({
            "article": event.article, "revision": event.revision, "cluster_id": event.cluster_id, "cameo": event.cameo.code,
            "date_end": event.date.end if event.date and event.date.end != event.date.start else None,
            "date_inferred": event.date is None, "place_inferred": bool(place and place.inferred),
            "attributed_to": event.attribution.source, "certainty": event.attribution.certainty,
            "arrested": _range(counts.arrested), "confidence": event.confidence, "main": event.main,
        }),
    }  # fmt: skip
    return _without_empty(row)


def _contexts(event: Event) -> list[str]:
    facts = event.factuality
    flags = (
        ("historical", facts.historical),
        ("future", facts.tense == "future" or event.attribution.certainty == "anticipated"),
        ("hypothetical", facts.conditional),
        ("negation", facts.negated),
    )
    return [*event.plover.contexts, *(name for name, holds in flags if holds and name not in event.plover.contexts)]


def _party(party: Party) -> dict[str, Any]:
    return _without_empty(
        {"name": party.canonical or party.text, "country": party.country, "sector": party.sector, "code": party.code,
         "title": party.title, "text": party.text}
    )  # fmt: skip


def _range(span: tuple[int, int] | None) -> int | list[int] | None:
    """Return one number, or [least, most] where the text gives several."""
    if span is None:
        return None
    return span[0] if span[0] == span[1] else list(span)


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in (None, "", [], {})}
