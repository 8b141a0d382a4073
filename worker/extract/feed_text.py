"""The article as the feed itself carries it, for pages that fail, are walls or say less than the feed did."""

from __future__ import annotations

import re

from lxml import etree

from ..errors import DatelineError
from ..model.page import Extracted, PageMetadata, Paragraph
from ..model.records import Entry
from ..text.language import choose_language
from .blocks import Block, walk
from .body import kind_of
from .metadata.names import read_byline
from .text import plain, word_count
from .tree import parse_page

_LINES = re.compile(r"\s*\n\s*")
#: A ``content`` shorter than this (in words) is a teaser whatever its element is called.
MIN_CONTENT_WORDS = 60


def extract_entry(entry: Entry, *, url: str | None) -> Extracted | None:
    """The article as the feed carries it: ``content``, else ``summary``; None where the entry has neither.

    ``extracted_from`` says which; a summary is marked truncated.
    """
    content = paragraphs_of(entry.content)
    if content and sum(word_count(p.text) for p in content) >= MIN_CONTENT_WORDS:
        return _extracted(entry, content, "feed", url)
    summary = paragraphs_of(entry.summary)
    best = max((content, summary), key=lambda ps: sum(len(p.text) for p in ps))
    return _extracted(entry, best, "summary", url) if best else None


def paragraphs_of(html: str | None) -> tuple[Paragraph, ...]:
    """The blocks of an HTML fragment; a fragment without any markup is one paragraph."""
    if not html or not html.strip():
        return ()
    if "<" not in html:
        return tuple(Paragraph(text=t) for line in _LINES.split(html) if (t := plain(line)))
    try:
        page = parse_page(f"<html><body><div>{html}</div></body></html>".encode("utf-8", "replace"))
    except DatelineError:
        return ()
    etree.strip_elements(page.root, "script", "style", with_tail=False)
    return tuple(Paragraph(text=b.text, kind=kind_of(b)) for b in walk(page.root).blocks if not _is_furniture(b))


def _is_furniture(block: Block) -> bool:
    """A block that is one link ("Continue reading", "Comments") or the "appeared first on" line of a blog's feed."""
    mostly_link = block.link_chars > 0.8 * len(block.text)
    return (mostly_link and len(block.text) < 60) or ("appeared first on" in block.text and block.links > 0)


def _extracted(entry: Entry, paragraphs: tuple[Paragraph, ...], source: str, url: str | None) -> Extracted:
    text = "\n".join(p.text for p in paragraphs)
    names = read_byline(plain(entry.author) or "")
    metadata = PageMetadata(
        title=entry.title,
        authors=names.authors,
        agency=names.agency,
        published=entry.published.isoformat() if entry.published else None,
        published_raw=entry.published_raw,
        updated=entry.updated.isoformat() if entry.updated else None,
        canonical_url=url or entry.link,
        language=choose_language(text, entry.language),
        summary=plain(entry.summary) if source == "feed" else None,
        image=entry.image,
        keywords=entry.categories[:30],
        usage_rights=entry.rights,
    )
    return Extracted(paragraphs=paragraphs, metadata=metadata, extracted_from=source, truncated=source == "summary")
