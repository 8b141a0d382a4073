"""Reading: what an article says. Pure functions over typed blocks with exact offsets, one stage a file.

`front_page` and `front_text` make the article with its blocks; `read_article` runs the stages after them, and their order is
written there and nowhere else. All of it works in a child process: values in, values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from ..contract.article import Article, Entity, Quote
from ..contract.event import Event
from ..model.failures import Failures
from .document import Document
from .entities.entity_list import entities
from .entities.recognizer import find_names
from .events.coder import code_events, lexicon_version
from .locate_failure import Step, take_step
from .quotes.extractor import find_quotes, select_quotes
from .record import document_of
from .syntax.sentences import blocks_as_sentences, split_sentences
from .temporal.tagger import resolve_dates
from .wire.article import front_page, front_text

__all__ = ["front_page", "front_text", "read_article"]


def read_article(
    article: Article,
    *,
    gazetteers: Sequence[Path] = (),
    lexicons: Sequence[Path] = (),
    spacy_model: Path | None = None,
    other_languages: bool = False,
    failures: Failures | None = None,
) -> tuple[Article, tuple[Event, ...]]:
    """The article with its quotes, entities and dates, and the events it reports, the main one marked.

    Events are coded from English only; other languages give an empty tuple, with everything else as far as it goes. A step
    that raises costs its own output: the others go on, and the article's notes name it.

    Args:
        article: As `front_page` or `front_text` made it; its ``id`` and ``revision`` go into the events.
        gazetteers: The user's files of names, which extend or override ours.
        lexicons: The user's files of frames, likewise.
        spacy_model: Folder of the user's own spaCy model; ``extractor`` then names it.
        other_languages: Whether dateparser reads dates in other languages than English.
        failures: Takes the steps that failed, each with the smallest text that makes it fail.
    Raises:
        LexiconError: A user's file is wrong; the message names file and line.
        SettingsError: The model, or an extra that one of these needs, is missing.
    """
    failures = Failures(article.url or "") if failures is None else failures
    steps = _steps(article, gazetteers, lexicons, spacy_model, other_languages=other_languages)
    document = document_of(article)
    done: list[Step] = []
    for step in steps:
        document = take_step(step, done, document, article, failures)
        if step[0] == "sentences" and not done:
            document = blocks_as_sentences(document)
    with_model = spacy_model if document.parsed_by_model else None
    if article.extractor:
        version, maker = lexicon_version(tuple(lexicons)), article.extractor
        if with_model is not None:
            from .entities import spacy_model as spacy_names

            maker = spacy_names.made_with(maker, with_model)
        article = msgspec.structs.replace(article, extractor=msgspec.structs.replace(maker, lexicon=version))
    quotes: list[Quote] = failures.attempt("quotes", lambda: select_quotes(document.quotes), [])
    named: tuple[Entity, ...] = failures.attempt("names", lambda: entities(document, gazetteers), ())
    notes = list(dict.fromkeys([*article.notes, *failures.notes()]))
    article = msgspec.structs.replace(
        article, quotes=quotes, entities=list(named), timex=list(document.timex), notes=notes
    )
    return article, document.events


def _steps(
    article: Article,
    gazetteers: Sequence[Path],
    lexicons: Sequence[Path],
    spacy_model: Path | None,
    *,
    other_languages: bool,
) -> list[Step]:
    """The steps in their order, each by the name that notes and metrics have for it."""
    steps: list[Step] = [("sentences", split_sentences), ("dates", resolve_dates)]
    if other_languages:
        from .temporal.languages import resolve_more

        steps.append(("other dates", resolve_more))
    steps.append(("names", lambda document: find_names(document, gazetteers)))
    if spacy_model is not None:
        steps.append(("model", lambda document: _with_model(document, spacy_model, gazetteers)))
    steps.append(("quotes", find_quotes))

    def code(document: Document) -> Document:
        return code_events(document, article_id=article.id, revision=article.revision, extra=tuple(lexicons))

    steps.append(("events", code))
    return steps


def _with_model(document: Document, model: Path, gazetteers: Sequence[Path]) -> Document:
    from .entities import spacy_model as spacy_names

    document, has_read = spacy_names.find_more(document, model, gazetteers)
    return replace(document, parsed_by_model=has_read)
