"""Quotes of a text, for the tests of quotations."""

from __future__ import annotations

from dateline.contract.article import Quote
from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.quotes.extractor import find_quotes


def quotes_of(text: str) -> list[Quote]:
    return list(find_quotes(find_names(Document(text=text))).quotes)
