"""The front door of reading: what extraction or a plain text gives, made into an `Article` with typed blocks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import get_args

import msgspec

from ...contract.article import Agency, Article, Author, Block, BlockKind, Caption, ExtractedFrom
from ...model.failures import Failures
from ...model.page import Extracted, PageAuthor, PageMetadata, Paragraph
from ...model.records import Entry
from ...text.language import detect_language
from ..document import Document
from ..record import iso, parse_iso, text_hash
from .byline import read_names
from .duplicates import without_repeats, without_signature
from .lines import Line
from .parser import read_lines, read_wire
from .words import agency_named, agency_with_id


def front_page(
    extracted: Extracted,
    *,
    article_id: str,
    fetched: datetime,
    url: str | None = None,
    feed: str | None = None,
    guid: str | None = None,
    entry: Entry | None = None,
    feed_title: str | None = None,
    feed_language: str | None = None,
    published_fallback: datetime | None = None,
    failures: Failures | None = None,
) -> Article:
    """The article of one page: paragraphs joined by blank lines into ``text``, typed, with metadata from page, text and feed.

    The page's own metadata comes first, then what the text says, then the feed's entry. ``published_fallback`` is the feed's
    time, used where the page gives none. Quotes, entities and timex stay empty until `read_article`. ``failures`` takes the
    steps that raised, those of the extraction included; the article's notes name them.
    """
    failures = Failures(url or "") if failures is None else failures
    failures.found.extend(extracted.failures)
    metadata = extracted.metadata
    signed = [author.name for author in metadata.authors] + [entry.author if entry and entry.author else ""]
    paragraphs = failures.attempt(
        "repeats", lambda: without_signature(without_repeats(extracted.paragraphs), signed), extracted.paragraphs
    )
    text, lines = join_paragraphs(paragraphs)
    guessed = metadata.language or (entry.language if entry else None)
    guessed = guessed or failures.attempt("language", lambda: detect_language(text), None)
    published = parse_iso(metadata.published) or published_fallback or (entry.published if entry else None)
    title = metadata.title or (entry.title if entry else None)
    document = Document(
        text=text,
        published=published or fetched,
        anchor_is_sure=published is not None,
        title=title,
        language=guessed or feed_language,
        publisher=metadata.publisher or feed_title,
        usage_rights=metadata.usage_rights,
    )
    bare = document
    wire = failures.attempt("wire", lambda: read_lines(bare, lines, failures), None, text=text)
    document = read = wire or _as_body(bare, lines)
    document = replace(
        document,
        byline=failures.attempt("byline", lambda: _byline(read, metadata, entry), read.byline),
        agency=failures.attempt("agency", lambda: _agency(read, metadata), read.agency),
    )
    article = _article(document, article_id=article_id, url=url, published=published, fetched=fetched)
    return _replace(_with_page(article, extracted, entry, feed=feed, guid=guid), notes=failures.notes())


def front_text(
    text: str,
    *,
    article_id: str,
    fetched: datetime,
    url: str | None = None,
    published: datetime | None = None,
    title: str | None = None,
    language: str | None = None,
    failures: Failures | None = None,
) -> Article:
    """The article of a plain text: ``Article.text`` is the input itself, unchanged, so that offsets fit it.

    Where ``published`` is not given, a date in the header lines or a dateline with a year stands in.
    """
    failures = Failures(url or "") if failures is None else failures
    document = Document(
        text=text,
        published=published,
        anchor_is_sure=published is not None,
        title=title,
        language=language or failures.attempt("language", lambda: detect_language(text), None),
    )
    bare = document
    wire = failures.attempt("wire", lambda: _wire(bare, published, failures), None, text=text)
    document, published = wire or (_as_body(bare, _plain_lines(text)), published)
    if published is None:
        document = failures.attempt("dateline", lambda: _with_year(bare, document, fetched), document)
    article = _article(document, article_id=article_id, url=url, published=published, fetched=fetched)
    article = _replace(article, notes=failures.notes())
    if published is None:
        stamp_text = document.dateline.date if document.dateline and _YEAR.search(document.dateline.raw) else None
        return _replace(article, published=stamp_text, extracted_from="text")
    return _replace(article, extracted_from="text", published_raw=document.header_date)


def _wire(document: Document, published: datetime | None, failures: Failures) -> tuple[Document, datetime | None]:
    """The document as its wire form says, and its time: ``published``, else the header's."""
    read = read_wire(document, failures)
    if published is None and (stamp := parse_iso(read.header_date)):
        again = read_wire(replace(read, published=stamp, title=document.title))
        return replace(again, header_date=read.header_date), stamp
    return read, published


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def _with_year(bare: Document, document: Document, fetched: datetime) -> Document:
    """The document with the year of its dateline's day, the last before the fetch, where the dateline prints none."""
    dateline = document.dateline
    if dateline is None or dateline.date is not None or not _DAY.search(dateline.raw):
        return document
    again = read_wire(replace(bare, published=fetched)).dateline
    return replace(document, dateline=again) if again is not None and again.raw == dateline.raw else document


_DAY = re.compile(r"\d")


def _plain_lines(text: str) -> list[Line]:
    return [Line(match[0], match.start(), match.end()) for match in re.finditer(r"\S[^\n]*", text)]


def _as_body(document: Document, lines: list[Line]) -> Document:
    """The document with every line as body text or caption: what is left where the wire form cannot be read."""
    blocks, captions = [], []
    for line in lines:
        text = line.text.strip()
        if not text:
            continue
        start = line.start + line.text.index(text)
        kind: BlockKind = "caption" if line.hint == "caption" else "bullet" if line.hint == "bullet" else "body"
        blocks.append(Block(kind=kind, text=text, start=start, end=start + len(text)))
        if kind == "caption":
            captions.append(
                Caption(text=text, credit=line.credit, rights=line.rights, start=start, end=start + len(text))
            )
    return replace(document, blocks=tuple(blocks), captions=tuple(captions))


def join_paragraphs(paragraphs: tuple[Paragraph, ...]) -> tuple[str, list[Line]]:
    """The paragraphs as one text, blank lines between them, and as lines with the page's hints."""
    pieces: list[str] = []
    lines: list[Line] = []
    at = 0
    for paragraph in paragraphs:
        piece = paragraph.text.strip()
        if not piece:
            continue
        lines.append(Line(piece, at, at + len(piece), paragraph.kind, paragraph.credit, paragraph.rights))
        pieces.append(piece)
        at += len(piece) + 2
    return "\n\n".join(pieces), lines


def _article(
    document: Document, *, article_id: str, url: str | None, published: datetime | None, fetched: datetime
) -> Article:
    return Article(
        id=article_id,
        url=url,
        title=document.title,
        language=document.language,
        agency=document.agency,
        publisher=document.publisher,
        byline=list(document.byline),
        dateline=document.dateline,
        published=iso(published),
        fetched=iso(fetched),
        slug=document.slug,
        correction=document.correction,
        end_mark=document.end_mark,
        text=document.text,
        text_sha256=text_hash(document.text),
        blocks=list(document.blocks),
        captions=list(document.captions),
        usage_rights=document.usage_rights,
    )


def _with_page(
    article: Article, extracted: Extracted, entry: Entry | None, *, feed: str | None, guid: str | None
) -> Article:
    metadata = extracted.metadata
    source = extracted.extracted_from
    return _replace(
        article,
        feed=feed,
        guid=guid or (entry.guid if entry else None),
        canonical_url=metadata.canonical_url,
        published_raw=metadata.published_raw or (entry.published_raw if entry else None),
        updated=metadata.updated or iso(entry.updated if entry else None),
        keywords=list(metadata.keywords or (entry.categories if entry else ())),
        section=metadata.section,
        summary=metadata.summary,
        image=metadata.image or (entry.image if entry else None),
        paywalled=metadata.paywalled,
        truncated=extracted.truncated,
        extracted_from=source if source in get_args(ExtractedFrom) else "page",
    )


def _byline(document: Document, metadata: PageMetadata, entry: Entry | None) -> tuple[Author, ...]:
    """The authors: the text's own where it has them, with the page's affiliations; else the page's, else the feed's."""
    if document.byline:
        beside = {author.name.casefold(): author.affiliation for author in metadata.authors}
        return tuple(
            Author(
                name=author.name, affiliation=author.affiliation or beside.get(author.name.casefold()), role=author.role
            )
            for author in document.byline
        )
    named = _people(metadata.authors)
    if not named and entry is not None and entry.author:
        signed = read_names(entry.author.removeprefix("By ").removeprefix("by "))
        return signed.authors if signed else ()
    return named


def _people(authors: tuple[PageAuthor, ...]) -> tuple[Author, ...]:
    """The page's authors without the agencies and the page itself that some pages list among them."""
    return tuple(
        Author(name=author.name, affiliation=author.affiliation)
        for author in authors
        if author.name and agency_named(author.name) is None and len(author.name) <= 80
    )


def _agency(document: Document, metadata: PageMetadata) -> Agency | None:
    if document.agency:
        return document.agency
    named = agency_with_id(metadata.agency)
    if named:
        return named
    return next((found for author in metadata.authors if (found := agency_named(author.name))), None)


def _replace(article: Article, **changes: object) -> Article:
    return msgspec.structs.replace(article, **changes)
