"""Which blocks of a page are the article."""

from __future__ import annotations

from worker.extract.article import Reading
from worker.extract.blocks import Block, Region
from worker.extract.text import squash
from worker.extract.titles import same_words
from worker.page import PageMetadata, Paragraph, ParagraphKind

CHROME = (
    Region.NAV | Region.RELATED | Region.COMMENTS | Region.SHARE | Region.ADVERT | Region.NEWSLETTER | Region.CONSENT
    | Region.HIDDEN | Region.FOOTER
)  # fmt: skip
_SHORT = 25


def compose(blocks: list[Block], reading: Reading, metadata: PageMetadata) -> tuple[Paragraph, ...]:
    exact = {squash(p) for p in reading.paragraphs}
    title = same_words(metadata.title or "")
    out: list[Paragraph] = []
    for block in blocks:
        text = squash(block.text)
        if text not in exact and (len(text) < _SHORT or text not in reading.squashed):
            continue
        if block.tag in ("h1", "h2") and title and same_words(block.text) == title:
            continue
        out.append(Paragraph(text=block.text, kind=kind_of(block)))
    return tuple(out)


def kind_of(block: Block) -> ParagraphKind:
    """What a block's markup says it is."""
    if block.region & Region.CAPTION:
        return "caption"
    if block.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return "heading"
    if block.region & Region.QUOTE:
        return "quote"
    return "bullet" if block.tag in ("li", "dd", "dt") else "paragraph"
