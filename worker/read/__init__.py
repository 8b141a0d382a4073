"""Reading: what an article says. Pure functions over typed blocks with exact offsets, one stage a file.

The front door (`front_page`, `front_text`) makes the article with its blocks; `read_article` then runs the stages in the order
of `STAGES`. All of it works in a child process: values in, values out.
"""

from __future__ import annotations

from collections.abc import Callable

from worker.contract.article import Article
from worker.contract.event import Event
from worker.read.dates import resolve_dates
from worker.read.document import Document
from worker.read.events import code_events
from worker.read.front import front_page, front_text
from worker.read.names import find_names
from worker.read.quotes import find_quotes
from worker.read.record import article_with, document_of
from worker.read.sentences import split_sentences

__all__ = ["STAGES", "front_page", "front_text", "read_article"]

#: The stages after the front door, in order: each reads what those before it found.
STAGES: tuple[Callable[[Document], Document], ...] = (split_sentences, resolve_dates, find_names, find_quotes)


def read_article(article: Article) -> tuple[Article, tuple[Event, ...]]:
    """The article with its quotes, entities and dates, and the events it reports, the main one marked.

    Events are coded from English only; other languages give an empty tuple, with everything else as far as it goes.
    """
    document = document_of(article)
    for stage in STAGES:
        document = stage(document)
    document = code_events(document, article_id=article.id, revision=article.revision)
    return article_with(article, document), document.events
