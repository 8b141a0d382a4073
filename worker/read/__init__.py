"""Reading: what an article says. Pure functions over typed blocks with exact offsets, one stage a file.

The front door (`front_page`, `front_text`) makes the article with its blocks; `read_article` runs the stages after it, and
their order is written there and nowhere else. All of it works in a child process: values in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from .. import failpoints
from ..contract.article import Article, Entity, Quote
from ..contract.event import Event
from ..model.failures import Failures
from .document import Document
from .entities.entity_list import entities
from .entities.recognizer import find_names
from .events.coder import code_events
from .events.frames import load_lexicon
from .locate_failure import blamed, fails_on, leave_out_failing
from .quotes.extractor import find_quotes, select_quotes
from .record import document_of
from .syntax.sentences import blocks_as_sentences, split_sentences
from .temporal.tagger import resolve_dates
from .wire.article import front_page, front_text

__all__ = ["front_page", "front_text", "read_article"]

Step = tuple[str, Callable[[Document], Document]]
#: Steps that read sentence by sentence: one that fails on a sentence goes on without it.
_BY_SENTENCE = frozenset({"dates", "other dates", "names", "quotes", "events"})


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
        article: As the front door made it; its ``id`` and ``revision`` go into the events.
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
        document = _take(step, done, document, article, failures)
        if step[0] == "sentences" and not done:
            document = blocks_as_sentences(document)
    with_model = spacy_model if document.parsed_by_model else None
    if article.extractor:
        version, maker = load_lexicon(tuple(lexicons)).version, article.extractor
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


def _take(step: Step, done: list[Step], document: Document, article: Article, failures: Failures) -> Document:
    """Return the document after one step.

    Where the step raises, it is run again without the sentences that make it raise; where that does not help, the document
    stays as it was. ``done``: the steps that gave something; grows by this one.
    """
    name, act = step
    before = len(failures.found)
    after = failures.attempt(name, lambda: act(document), document, text=document.text)
    if len(failures.found) == before:
        done.append(step)
        return after

    def read_rest(rest: Document) -> Document:
        text = " ".join(rest.text[sentence.start : sentence.end] for sentence in rest.sentences)
        failpoints.hit("in_step", f"{name} {failures.about} {text}")
        return act(rest)

    partial, suspects = leave_out_failing(read_rest, document) if name in _BY_SENTENCE else (None, ())

    def again(piece: Article) -> None:
        failpoints.hit("in_step", f"{name} {piece.text}")
        small = document_of(piece)
        for _, earlier in done:
            small = earlier(small)
        act(small)

    failures.found[-1] = blamed(failures.found[-1], article, fails_on(again), suspects)
    if partial is None:
        return document
    done.append(step)
    return partial
