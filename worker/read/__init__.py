"""Reading: what an article says. Pure functions over typed blocks with exact offsets, one stage a file.

The front door (`front_page`, `front_text`) makes the article with its blocks; `read_article` runs the stages after it, and
their order is written there and nowhere else. All of it works in a child process: values in, values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from worker.contract.article import Article
from worker.contract.event import Event
from worker.read.dates import resolve_dates
from worker.read.events import code_events
from worker.read.frames import load_lexicon
from worker.read.front import front_page, front_text
from worker.read.names import find_names
from worker.read.quotes import find_quotes
from worker.read.record import article_with, document_of
from worker.read.sentences import split_sentences

__all__ = ["front_page", "front_text", "read_article"]


def read_article(
    article: Article,
    *,
    gazetteers: Sequence[Path] = (),
    lexicons: Sequence[Path] = (),
    spacy_model: Path | None = None,
    other_languages: bool = False,
) -> tuple[Article, tuple[Event, ...]]:
    """The article with its quotes, entities and dates, and the events it reports, the main one marked.

    Events are coded from English only; other languages give an empty tuple, with everything else as far as it goes.

    Args:
        article: As the front door made it; its ``id`` and ``revision`` go into the events.
        gazetteers: The user's files of names, which extend or override ours.
        lexicons: The user's files of frames, likewise.
        spacy_model: Folder of the user's own spaCy model; ``extractor`` then names it.
        other_languages: Whether dateparser reads dates in other languages than English.
    Raises:
        LexiconError: A user's file is wrong; the message names file and line.
        SettingsError: The model, or an extra that one of these needs, is missing.
    """
    document = document_of(article)
    document = split_sentences(document)
    document = resolve_dates(document)
    if other_languages:
        from worker.read.dates_languages import resolve_more

        document = resolve_more(document)
    document = find_names(document, gazetteers)
    if spacy_model is not None:
        from worker.read import names_spacy

        document, has_read = names_spacy.find_more(document, spacy_model, gazetteers)
        if has_read and article.extractor:
            article = msgspec.structs.replace(article, extractor=names_spacy.made_with(article.extractor, spacy_model))
    document = find_quotes(document)
    document = code_events(document, article_id=article.id, revision=article.revision, extra=tuple(lexicons))
    if article.extractor:
        version = load_lexicon(tuple(lexicons)).version
        article = msgspec.structs.replace(
            article, extractor=msgspec.structs.replace(article.extractor, lexicon=version)
        )
    return article_with(article, document), document.events
