"""Our text of a page beside trafilatura's, paragraph by paragraph, for a person who judges or reports."""

from __future__ import annotations

from difflib import SequenceMatcher

import msgspec

from .page import extract_page
from .text import squash, word_count
from .trafilatura_reading import read_whole
from .tree import parse_page


class ComparedParagraph(msgspec.Struct, frozen=True):
    """One paragraph: ``side`` is both, ours or trafilatura."""

    side: str
    text: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The paragraphs of both texts in the page's order, with the words of each text and those that only it has, and where ours
    came from."""

    paragraphs: tuple[ComparedParagraph, ...]
    words: int
    trafilatura_words: int
    only_ours: int
    only_trafilatura: int
    extracted_from: str
    notes: tuple[str, ...] = ()


def compare_page(html: bytes, *, url: str | None, content_type: str | None = None) -> Comparison:
    """Compare the text of `extract_page` with that of trafilatura's default settings on the page as it came.

    Raises:
        NoArticle, TooLarge: As `extract_page`.
    """
    page = extract_page(html, url=url, content_type=content_type)
    ours = [p.text for p in page.paragraphs if p.kind != "caption"]
    theirs = list(read_whole(parse_page(html, content_type=content_type).root).paragraphs)
    rows: list[ComparedParagraph] = []
    keys, their_keys = [squash(text) for text in ours], [squash(text) for text in theirs]
    whole, their_whole = "".join(keys), "".join(their_keys)
    for kind, a, b, c, d in SequenceMatcher(None, keys, their_keys, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += (ComparedParagraph("both", text) for text in ours[a:b])
            continue
        # One side may write as one paragraph what the other parts.
        rows += (
            ComparedParagraph("both" if key in their_whole else "ours", text)
            for key, text in zip(keys[a:b], ours[a:b], strict=True)
        )
        rows += (
            ComparedParagraph("trafilatura", text)
            for key, text in zip(their_keys[c:d], theirs[c:d], strict=True)
            if key not in whole
        )
    return Comparison(
        paragraphs=tuple(rows),
        words=sum(map(word_count, ours)),
        trafilatura_words=sum(map(word_count, theirs)),
        only_ours=sum(word_count(row.text) for row in rows if row.side == "ours"),
        only_trafilatura=sum(word_count(row.text) for row in rows if row.side == "trafilatura"),
        extracted_from=page.extracted_from,
        notes=(*page.notes, *(f.note or f"{f.step} failed" for f in page.failures)),
    )
