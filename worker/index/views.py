"""Records as plain rows for a page. Nothing here is HTML: the page inserts every string as text.

Offsets are code points, as in the contract.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from ..contract.article import Article
from ..contract.event import Event, Party
from ..contract.lean import list_fields, restore_texts
from .bodies import unpack_article, unpack_event

Row = dict[str, Any]

_ARTICLE = msgspec.json.Decoder(Article)
_EVENT = msgspec.json.Decoder(Event)


def read_article(body: bytes) -> Article:
    """Return the article of a packed body, with the texts of its parts."""
    return restore_texts(_ARTICLE.decode(unpack_article(body)))


def read_event(body: bytes) -> Event:
    """Return the event of a packed body."""
    return _EVENT.decode(unpack_event(body))


def article_view(article: Article) -> Row:
    """Return an article in full, its address only where it is one of the web."""
    view: Row = list_fields(article)
    return view | {"url": link(article.url)}


def event_view(event: Event) -> Row:
    """Return an event in short. ``evidence`` has its own text, so that a line needs no article."""
    evidence, location = event.evidence, event.location
    return {
        "event": event.id,
        "cluster": event.cluster_id,
        "article": event.article,
        "revision": event.revision,
        "type": event.plover.type,
        "mode": event.plover.mode,
        "contexts": event.plover.contexts,
        "quad": event.plover.quad,
        "intensity": event.plover.intensity,
        "cameo": event.cameo.code,
        "actors": [_party(party) for party in event.actors],
        "recipients": [_party(party) for party in event.recipients],
        "place": location.name if location else None,
        "country": location.country if location else None,
        "inferred_place": location.inferred if location else False,
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


def link(url: str | None) -> str | None:
    """Return ``url`` where it is http or https, else None."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def shown_url(url: str) -> str:
    """Return ``url`` without user, password and query: private feeds keep keys there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]  # brackets that hold no address
    if not parts.scheme or not parts.netloc:
        return url
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _party(party: Party) -> Row:
    return {
        "text": party.text,
        "name": party.canonical or party.text,
        "country": party.country,
        "sector": party.sector,
        "start": party.start,
        "end": party.end,
    }
