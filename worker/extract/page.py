"""The order of work: bytes to one tree, metadata, text blocks, trafilatura's reading, and the choice among the blocks."""

from __future__ import annotations

import msgspec

from worker.errors import NoArticle
from worker.extract.article import read_article
from worker.extract.blocks import walk
from worker.extract.body import compose
from worker.extract.features import About
from worker.extract.head import read_head
from worker.extract.json_ld import read_json_ld
from worker.extract.language import choose_language
from worker.extract.metadata import read_metadata
from worker.extract.text import plain
from worker.extract.tree import parse_page
from worker.model import Entry
from worker.page import Extracted

_MAX_BODY_CHARS = 200_000


def extract_page(
    html: bytes, *, url: str | None, content_type: str | None = None, entry: Entry | None = None
) -> Extracted:
    """The article in a page.

    Args:
        html: The page's bytes, already inflated.
        url: Where the last redirect led; relative addresses and the canonical one are read against it.
        content_type: The Content-Type header, if there was one.
        entry: The feed's entry that led here: its title, date and content stand in for what the page lacks.
    Raises:
        NoArticle: Not HTML, nothing in it, or a wall; and the entry has no text of its own either.
        TooLarge: Over a limit of bytes, elements, attributes or depth.
    """
    page = parse_page(html, content_type=content_type)
    head = read_head(page.root)
    data = read_json_ld(page.root, url)
    layout = walk(page.root)
    metadata = read_metadata(page.root, head, data, layout.blocks, url=url, entry=entry)
    json_body = plain((data.article or {}).get("articleBody"), limit=_MAX_BODY_CHARS)
    about = About.of(metadata.title, metadata.summary, json_body)
    body = compose(layout, read_article(page.root, layout.chrome), about)
    if not body.paragraphs:
        raise NoArticle(f"{url or 'the page'} has no text that could be an article")
    text = "\n".join(p.text for p in body.paragraphs if p.kind != "caption")
    language = choose_language(text, head.language, head.first("og:locale"), entry.language if entry else None)
    metadata = msgspec.structs.replace(metadata, language=language, summary=body.standfirst or metadata.summary)
    return Extracted(paragraphs=body.paragraphs, metadata=metadata)
