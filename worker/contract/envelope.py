"""The flat stream entry around a record: CloudEvents 1.0 attributes, and a few of our own to filter by without parsing.

Every value is a string; an attribute that does not apply is left out. ``data`` is the record as JSON, compressed where
``datacontentencoding`` says so (`compression`). What a consumer
may rely on:

``id``          derived from content: the same revision of the same article (or event) always has the same id, on any
                worker, at any time. ``source`` and ``id`` together are unique, as CloudEvents asks.
``source``      the feed: its URL where that is known, else ``/feeds/<name>``
``type``        one of `TYPES`
``subject``     ``<article id>``, for events ``<article id>/<event id>``; a prefix finds all that belongs to one article
``time``        when the worker published it (RFC 3339, UTC), not when it happened: that is ``occurred``
``dataschema``  which record ``data`` holds; the same URI is the ``$id`` of its JSON Schema
``seq``         1, 2, 3, ... in each stream; a hole is a loss. The store's script gives it, not this module
``lang``        language of the article, BCP 47
``publisher``   who printed it
``plover``      PLOVER type of an event (ASSAULT, CONSULT, ...)
``countries``   ISO 3166 alpha-3, comma between; event: of actors, recipients and place; article: of dateline and names
``occurred``    event: ISO 8601 day, or ``start/end``; article: when it was published by its source
``confidence``  event: 0.00 to 1.00
``traceparent`` W3C trace context of the job that wrote it (CloudEvents' Distributed Tracing); only where its poll is traced
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import msgspec

from .article import Article
from .compression import plain_fields
from .event import NO_COUNTS, Event
from .lean import drop_texts, restore_texts

ArticleKind = Literal["published", "revised", "withdrawn", "copied"]
RetractionReason = Literal["revised", "withdrawn"]

#: Every ``type`` on the events stream.
TYPES: tuple[str, ...] = (
    "dateline.article.published",
    "dateline.article.revised",
    "dateline.article.withdrawn",
    "dateline.article.copied",
    "dateline.event.reported",
    "dateline.event.retracted",
)
ARTICLE_SCHEMA = "urn:dateline:article:1"
EVENT_SCHEMA = "urn:dateline:event:1"
RETRACTION_SCHEMA = "urn:dateline:retraction:1"

#: Longest attribute, in code points; ``data`` has no limit here. Keeps one odd page from swelling every entry's head.
MAX_ATTRIBUTE_LENGTH = 512
#: Most countries listed in one envelope; an article that names more is about the world.
MAX_COUNTRIES = 16


class MalformedEnvelope(ValueError):
    """The stream entry is not one of ours: an attribute is missing or its value cannot be what it says."""


class NewerContract(MalformedEnvelope):
    """The record is of a major version that this client does not read: a newer one is needed (docs/contract.md)."""


class Retraction(msgspec.Struct, frozen=True, kw_only=True):
    """An event reported earlier no longer holds: the article's new revision does not support it, or was withdrawn.

    ``id`` is the event's own id, ``article`` and ``revision`` say which revision dropped it.
    """

    id: str
    article: str
    revision: int
    reason: RetractionReason = "revised"


Record: TypeAlias = Article | Event | Retraction


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the events stream; the module's docstring tells each attribute. ``data`` is JSON text."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    dataschema: str
    data: str
    specversion: str = "1.0"
    datacontenttype: str = "application/json"
    seq: int | None = None
    lang: str | None = None
    publisher: str | None = None
    plover: str | None = None
    countries: tuple[str, ...] = ()
    occurred: str | None = None
    confidence: float | None = None
    traceparent: str | None = None

    def record(self) -> Record:
        """Return the typed record in ``data``.

        Raises:
            NewerContract: ``dataschema`` is a later major version than this client reads.
            MalformedEnvelope: An unknown ``dataschema``, or data that does not fit it.
        """
        kind = _RECORDS.get(self.dataschema)
        if kind is None:
            name, _, version = self.dataschema.removeprefix("urn:dateline:").partition(":")
            if f"urn:dateline:{name}:1" in _RECORDS and version.isdecimal() and len(version) < 10 and int(version) > 1:
                raise NewerContract(
                    f"{self.id}: its {name} is version {version}, and this client reads version 1: install a newer dateline "
                    "or dateline-client (docs/contract.md)"
                )
            raise MalformedEnvelope(f"{self.id}: dataschema {self.dataschema!r} is not one of {', '.join(_RECORDS)}")
        try:
            record = msgspec.json.decode(self.data, type=kind)
            return restore_texts(record) if isinstance(record, Article) else record
        except (msgspec.MsgspecError, RecursionError) as error:
            raise MalformedEnvelope(f"{self.id}: data does not fit {self.dataschema}: {error}") from error


_RECORDS: dict[str, type[Article] | type[Event] | type[Retraction]] = {
    ARTICLE_SCHEMA: Article,
    EVENT_SCHEMA: Event,
    RETRACTION_SCHEMA: Retraction,
}


def article_envelope(article: Article, kind: ArticleKind, time: datetime, *, source: str | None = None) -> Envelope:
    """Return the envelope of one article revision.

    Args:
        kind: ``published`` (first time), ``revised``, ``withdrawn`` or ``copied`` (the text is known from elsewhere).
        time: When it is published, aware; it is not part of the id.
        source: The feed's URL; without it, what ``article.feed`` says.
    """
    countries = [
        article.dateline.country if article.dateline else None,
        *(entity.country for entity in article.entities),
    ]
    return Envelope(
        id=_content_id(f"dateline.article.{kind}", article.id, str(article.revision), article.text_sha256),
        source=_source(article, source),
        type=f"dateline.article.{kind}",
        subject=article.id,
        time=_rfc3339(time),
        dataschema=ARTICLE_SCHEMA,
        data=_json(drop_texts(article)),
        lang=article.language,
        publisher=article.publisher,
        countries=_countries(countries),
        occurred=article.published,
    )


def event_envelope(event: Event, article: Article, time: datetime, *, source: str | None = None) -> Envelope:
    """Return the envelope of one event of ``article``. A revision that still reports the event gives a new envelope id (the
    revision is part of it) around the same ``data.id``."""
    parties = [*event.actors, *event.recipients]
    return Envelope(
        id=_content_id("dateline.event.reported", article.id, str(article.revision), event.id),
        source=_source(article, source),
        type="dateline.event.reported",
        subject=f"{article.id}/{event.id}",
        time=_rfc3339(time),
        dataschema=EVENT_SCHEMA,
        data=_json(event if event.counts != NO_COUNTS else msgspec.structs.replace(event, counts=NO_COUNTS)),
        lang=article.language,
        publisher=article.publisher,
        plover=event.plover.type,
        countries=_countries([*(p.country for p in parties), event.location.country if event.location else None]),
        occurred=_interval(event),
        confidence=event.confidence,
    )


def retraction_envelope(
    event_id: str, article: Article, time: datetime, *, reason: RetractionReason = "revised", source: str | None = None
) -> Envelope:
    """Return the envelope that takes back the event ``event_id``; ``article`` is the revision that no longer supports it."""
    retraction = Retraction(id=event_id, article=article.id, revision=article.revision, reason=reason)
    return Envelope(
        id=_content_id("dateline.event.retracted", article.id, str(article.revision), event_id),
        source=_source(article, source),
        type="dateline.event.retracted",
        subject=f"{article.id}/{event_id}",
        time=_rfc3339(time),
        dataschema=RETRACTION_SCHEMA,
        data=_json(retraction),
        lang=article.language,
        publisher=article.publisher,
    )


def fields(envelope: Envelope) -> dict[str, str]:
    """Return the flat string fields to append, in the contract's order. Not ``seq``: the script that appends gives that."""
    flat = {
        "specversion": envelope.specversion,
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time,
        "datacontenttype": envelope.datacontenttype,
        "dataschema": envelope.dataschema,
        "lang": envelope.lang or "",
        "publisher": envelope.publisher or "",
        "plover": envelope.plover or "",
        "countries": ",".join(envelope.countries),
        "occurred": envelope.occurred or "",
        "confidence": "" if envelope.confidence is None else f"{envelope.confidence:.2f}",
        "traceparent": envelope.traceparent or "",
    }
    short = {name: value[:MAX_ATTRIBUTE_LENGTH] for name, value in flat.items() if value}
    short["data"] = envelope.data
    return short


def data_with_texts(flat: Mapping[str, str]) -> bytes:
    """Return an entry's ``data`` as JSON, an article with the texts that the stream leaves out.

    A record that this version does not know comes as it is, one that is missing as null.
    """
    data = flat.get("data", "null").encode()
    if flat.get("dataschema") != ARTICLE_SCHEMA:
        return data
    try:
        return msgspec.json.encode(restore_texts(msgspec.json.decode(data, type=Article)))
    except (msgspec.MsgspecError, RecursionError):
        return data


def parse(flat: Mapping[bytes, bytes] | Mapping[str, str]) -> Envelope:
    """Return the envelope of a stream entry as Redis gives it; attributes that we do not know are ignored.

    Raises:
        MalformedEnvelope: A required attribute is missing, or a value is no UTF-8 or not the number it should be.
        CannotDecompress: ``data`` is compressed, and the package zstandard is missing.
    """
    try:
        given = {_text(name): _text(value) for name, value in _plain(flat).items()}
        return Envelope(
            id=given["id"],
            source=given["source"],
            type=given["type"],
            subject=given.get("subject", ""),
            time=given.get("time", ""),
            dataschema=given.get("dataschema", ""),
            data=given.get("data", ""),
            specversion=given["specversion"],
            datacontenttype=given.get("datacontenttype", "application/json"),
            seq=_whole_number(given["seq"]) if "seq" in given else None,
            lang=given.get("lang"),
            publisher=given.get("publisher"),
            plover=given.get("plover"),
            countries=tuple(filter(None, given.get("countries", "").split(","))),
            occurred=given.get("occurred"),
            confidence=_share(given["confidence"]) if "confidence" in given else None,
            traceparent=given.get("traceparent"),
        )
    except KeyError as missing:
        raise MalformedEnvelope(f"the stream entry has no attribute {missing}; is this the events stream?") from missing
    except ValueError as error:
        raise MalformedEnvelope(f"the stream entry has an unreadable attribute: {error}") from error


def _plain(flat: Mapping[bytes, bytes] | Mapping[str, str]) -> Mapping[bytes, bytes] | Mapping[str, str]:
    raw = {name: value for name, value in flat.items() if isinstance(name, bytes) and isinstance(value, bytes)}
    return plain_fields(raw) if len(raw) == len(flat) else flat


def _content_id(*parts: str) -> str:
    # 128 bits: a collision among 10^12 entries has a chance of 10^-15. The NUL keeps parts from running together.
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _source(article: Article, source: str | None) -> str:
    given = source or article.feed
    if not given:
        return "/extract"
    return given if "://" in given else f"/feeds/{given}"


def _countries(codes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code))[:MAX_COUNTRIES]


def _interval(event: Event) -> str | None:
    if event.date is None:
        return None
    return event.date.start if event.date.start == event.date.end else f"{event.date.start}/{event.date.end}"


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _json(record: Record) -> str:
    return msgspec.json.encode(record).decode()


def _whole_number(text: str) -> int:
    """Return the number; ValueError for one that Redis and SQLite, which count with 64 bits, cannot hold."""
    number = int(text)
    if not 0 <= number < 1 << 63:
        raise ValueError(f"{text[:40]!r} is no count")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{text[:40]!r} is not from 0 to 1")
    return number


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
