"""Quotes of a text, for the tests of quotations."""

from __future__ import annotations

from dateline.contract.article import Block, Quote
from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.quotes.extractor import find_quotes


def quotes_of(text: str) -> list[Quote]:
    return list(find_quotes(find_names(Document(text=text))).quotes)


def quotes_in_paragraphs(text: str) -> list[Quote]:
    """The quotes of a text whose paragraphs are parted by empty lines."""
    blocks, at = [], 0
    for part in text.split("\n\n"):
        blocks.append(Block(kind="body", text=part, start=at, end=at + len(part)))
        at += len(part) + 2
    return list(find_quotes(find_names(Document(text=text, blocks=tuple(blocks)))).quotes)
