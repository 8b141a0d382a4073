"""``dateline.article/1``: one revision of one article, as consumers read it.

Every ``start`` and ``end`` counts Unicode code points in ``Article.text``, whose SHA-256 is ``text_sha256``;
``text[start:end]`` is the text it belongs to. What is unknown, false or empty is absent, never guessed; the ``text`` of a
block, an entity or a time expression is absent where it is ``text[start:end]`` (`lean`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .fields import always

BlockKind = Literal["headline", "byline", "dateline", "body", "caption", "bullet", "tail", "correction"]
QuoteKind = Literal["direct", "scare", "indirect", "name"]
Granularity = Literal["year", "quarter", "month", "week", "day", "part_of_day", "hour", "minute", "decade", "season"]
ExtractedFrom = Literal["page", "trafilatura", "json-ld", "feed", "summary", "text"]
FamilyRole = Literal["original", "copy", "rewrite"]


class Agency(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The news agency whose copy this is. ``id`` is a short stable word (ap, reuters, afp, yonhap, ...)."""

    id: str
    name: str


class Author(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person who signed, with the affiliation or role printed beside the name."""

    name: str
    affiliation: str | None = None
    role: str | None = None


class Dateline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The place and date that open a wire story. ``country`` is ISO 3166 alpha-3, ``date`` ISO 8601."""

    place: str
    country: str | None = None
    date: str | None = None
    raw: str
    start: int
    end: int


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A typed stretch of ``Article.text``."""

    kind: BlockKind
    text: str = ""
    start: int
    end: int


class Caption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture's caption, without its credit and rights, which stand apart.

    ``origin`` is the organisation that released or carried the picture; ``depicts_date`` the day it shows, which a
    "file photo" makes another day than the story's.
    """

    text: str
    credit: str | None = None
    rights: str | None = None
    origin: str | None = None
    date: str | None = None
    depicts_date: str | None = None
    file_photo: bool = False
    start: int = always(0)
    end: int = always(0)


class Speaker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is quoted: the words used, and the canonical entity they point to."""

    text: str
    entity: str | None = None


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Direct speech, indirect speech, scare quotes, or a name in quotation marks."""

    text: str
    speaker: Speaker | None = None
    kind: QuoteKind
    cue: str | None = None
    anonymous: bool = False
    start: int
    end: int


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person, place or organisation that the article names; the span is its first mention.

    ``type``: PERSON, COUNTRY, CITY, REGION, LOC, FACILITY, ORG, IGO, NORP, WEAPON, EVENT, PRODUCT, LAW.
    """

    text: str = ""
    type: str
    canonical: str
    country: str | None = None
    start: int
    end: int


class Timex(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A date or time expression. ``value`` is ISO 8601 (2023-07-26, 2023-07, 2011, 2023-07-27T20:00); ``anchor`` says
    what a relative expression was counted from: publication, dateline, mention (the last resolved date) or none."""

    text: str = ""
    start: int
    end: int
    value: str | None = None
    granularity: Granularity
    anchor: str
    type: Literal["DATE", "TIME", "DURATION", "SET"] = always("DATE")


class Family(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The printings of one copy. ``owners`` are the registrable domains that printed it, this one included."""

    id: str
    role: FamilyRole
    size: int
    owners: list[str]
    original: str | None = None
    evidence: str | None = None


class ExtractorInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What made the record: compare it before you compare records."""

    name: str
    version: str
    lexicon: str


class Article(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of one article. ``supersedes`` is the id of the stream entry of the revision before it."""

    id: str
    revision: int = always(1)
    supersedes: str | None = None
    changed: list[str] = []
    url: str | None = None
    canonical_url: str | None = None
    feed: str | None = None
    guid: str | None = None
    title: str | None = None
    language: str | None = None
    agency: Agency | None = None
    publisher: str | None = None
    byline: list[Author] = []
    dateline: Dateline | None = None
    published: str | None = None
    published_raw: str | None = None
    updated: str | None = None
    fetched: str | None = None
    slug: str | None = None
    correction: str | None = None
    end_mark: str | None = None
    text: str
    text_sha256: str
    blocks: list[Block] = []
    captions: list[Caption] = []
    quotes: list[Quote] = []
    entities: list[Entity] = []
    timex: list[Timex] = []
    keywords: list[str] = []
    section: str | None = None
    summary: str | None = None
    image: str | None = None
    paywalled: bool = False
    truncated: bool = False
    extracted_from: ExtractedFrom = always("page")
    family: Family | None = None
    usage_rights: str | None = None
    extractor: ExtractorInfo | None = None
    notes: list[str] = []
