"""What is read of a page before its text is chosen: head, JSON-LD, blocks, metadata, and trafilatura's reading."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from ..model.failures import Failures
from ..model.page import PageMetadata
from ..model.records import Entry
from .blocks import Layout, walk
from .consent import with_dialogs
from .declared_text import MAX_CHARS
from .features import About
from .metadata.collect import read_metadata
from .metadata.head import Head, read_head
from .metadata.json_ld import JsonLd, read_json_ld
from .text import plain
from .trafilatura_reading import Reading, read_article
from .wrappers import free_wrapped_text


@dataclass(frozen=True, slots=True)
class PageParts:
    """A page, read but for its text; ``entry`` is the feed's entry that led to it."""

    url: str | None
    entry: Entry | None
    head: Head
    data: JsonLd
    layout: Layout
    metadata: PageMetadata
    second: Reading  #: trafilatura's

    def about(self) -> About:
        """Return what is known of the article, for the block model."""
        metadata, article = self.metadata, self.data.article
        is_declared = "article" in (self.head.first("og:type") or "").lower()
        is_news = article is not None or metadata.published is not None or is_declared
        text = plain((article or {}).get("articleBody"), limit=MAX_CHARS)
        return About.of(metadata.title, metadata.summary, text, is_news=is_news)


def read_parts(root: etree._Element, url: str | None, entry: Entry | None, failures: Failures) -> PageParts:
    """Read a page's parts; a step that raises costs its own output. The tree loses what wraps its text."""
    head = read_head(root)
    data = failures.attempt("json-ld", lambda: read_json_ld(root, url), JsonLd([], url))
    free_wrapped_text(root)
    layout = failures.require("blocks", lambda: with_dialogs(walk(root)))
    metadata = failures.require(
        "metadata", lambda: read_metadata(root, head, data, layout, url=url, entry=entry, failures=failures)
    )
    second = failures.attempt("trafilatura", lambda: read_article(root, layout.chrome), Reading((), ""))
    return PageParts(url, entry, head, data, layout, metadata, second)
