"""What extraction hands to reading: the page's main text as paragraphs with a first guess of their kind, and metadata.

`dateline.read` joins the paragraphs with blank lines into ``Article.text`` and types them; extraction does not know wire style.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .failures import Failure

#: Note of a text that is much shorter than trafilatura's reading of the page.
SHORTER = "shorter than trafilatura"
ParagraphKind = Literal["paragraph", "heading", "bullet", "caption", "quote"]


class Paragraph(msgspec.Struct, frozen=True, omit_defaults=True):
    """One paragraph of the main text, plain, white space folded. A caption keeps the credit that its markup sets apart."""

    text: str
    kind: ParagraphKind = "paragraph"
    credit: str | None = None
    rights: str | None = None


class PageAuthor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name from the page's metadata or byline."""

    name: str
    affiliation: str | None = None


class PageMetadata(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a page says about itself; times ISO 8601 with zone where known, None where absent or absurd."""

    title: str | None = None
    authors: tuple[PageAuthor, ...] = ()
    agency: str | None = None
    published: str | None = None
    published_raw: str | None = None
    updated: str | None = None
    canonical_url: str | None = None
    publisher: str | None = None
    language: str | None = None
    summary: str | None = None
    image: str | None = None
    keywords: tuple[str, ...] = ()
    section: str | None = None
    paywalled: bool = False
    usage_rights: str | None = None


class Extracted(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One page, taken apart. ``extracted_from``: page, trafilatura, json-ld, feed or summary. ``wall`` names the kind of
    wall (login, consent, error, soft_404) when the page is one; then ``paragraphs`` may be empty. ``failures``: steps that
    raised, and a text much shorter than another reading of the page."""

    paragraphs: tuple[Paragraph, ...] = ()
    metadata: PageMetadata = PageMetadata()
    extracted_from: str = "page"
    truncated: bool = False
    wall: str | None = None
    withdrawn: bool = False
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
