"""Between the reading stages and the contract: a `Document` from an article, hashes and times."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ..contract.article import Article
from .document import Document


def text_hash(text: str) -> str:
    """SHA-256 of the text's UTF-8 form, in hex. Lone surrogates, which no page should hold, are hashed as they stand."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 of a time, to the second, keeping its own zone; None for None."""
    return moment.isoformat(timespec="seconds") if moment else None


def parse_iso(value: str | None) -> datetime | None:
    """The time that an ISO 8601 string says, or None."""
    if not value:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def document_of(article: Article) -> Document:
    """The document that the stages read: the article's text, blocks and metadata.

    Relative dates count from the publication; where there is none, from the dateline's date, then from the fetch.
    """
    published = parse_iso(article.published)
    sure = published is not None
    if published is None and article.dateline is not None:
        published = parse_iso(article.dateline.date)
        sure = published is not None
    if published is None:
        published = parse_iso(article.fetched)
    return Document(
        text=article.text,
        published=published,
        anchor_is_sure=sure,
        title=article.title,
        language=article.language,
        publisher=article.publisher,
        blocks=tuple(article.blocks),
        agency=article.agency,
        byline=tuple(article.byline),
        dateline=article.dateline,
        captions=tuple(article.captions),
        slug=article.slug,
        correction=article.correction,
        end_mark=article.end_mark,
        usage_rights=article.usage_rights,
    )
