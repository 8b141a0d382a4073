"""What the reading stages hand on: one text, typed blocks over it, and what each stage found, all with exact offsets.

A stage is a pure function ``Document -> Document``; it adds its own field and leaves the others. Every ``start`` and ``end``
counts code points in ``Document.text``. ``worker/read/__init__.py`` writes the order of the stages down, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..contract.article import Agency, Author, Block, Caption, Dateline, Quote, Timex
from ..contract.event import Event
from .syntax.tokenizer import Tokens

#: Kinds of blocks that are read for names, quotes and dates.
SPOKEN = frozenset({"headline", "body", "bullet", "caption", "correction"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence inside one block, cut into tokens. ``block`` is the index into ``Document.blocks``."""

    start: int
    end: int
    block: int
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where the text names (or refers to) somebody or something.

    ``start:end`` is the whole phrase (title and role included: "Russian Defense Minister Sergei Shoigu"), ``head_start:
    head_end`` the name itself. ``entity`` groups mentions of the same thing: equal numbers, same entity. ``country`` is
    ISO 3166 alpha-3, ``sector`` as in `dateline.contract.event.Party`, ``code`` the country's or organisation's code.
    ``resolved_by``: name, demonym, capital, title, memory, pronoun, lexicon, text, model.
    """

    start: int
    end: int
    text: str
    type: str
    canonical: str
    entity: int
    head_start: int
    head_end: int
    country: str | None = None
    sector: str | None = None
    code: str | None = None
    title: str | None = None
    resolved_by: str = "name"


@dataclass(frozen=True, slots=True)
class Arcs:
    """What a dependency parse says of one verb: where it begins, where the heads of its subjects and objects begin, and
    whether the subject suffers what the verb says; None where it has no subject of its own."""

    verb: int
    subjects: tuple[int, ...] = ()
    objects: tuple[int, ...] = ()
    passive: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An article on its way through the stages.

    ``text``, ``published``, ``title`` and ``language`` are given; ``wire`` fills blocks to tail; then sentences, timex,
    mentions, quotes and events. ``published`` is the publication time (aware) that relative dates count from; where the
    page gives none, the dateline's date or the fetch time, and `anchor_is_sure` says which.
    """

    text: str
    published: datetime | None = None
    anchor_is_sure: bool = True
    title: str | None = None
    language: str | None = None
    publisher: str | None = None
    blocks: tuple[Block, ...] = ()
    agency: Agency | None = None
    byline: tuple[Author, ...] = ()
    dateline: Dateline | None = None
    captions: tuple[Caption, ...] = ()
    slug: str | None = None
    correction: str | None = None
    end_mark: str | None = None
    usage_rights: str | None = None
    header_date: str | None = None
    sentences: tuple[Sentence, ...] = ()
    timex: tuple[Timex, ...] = ()
    mentions: tuple[Mention, ...] = ()
    parsed: tuple[Arcs, ...] = ()  #: by a model of the user's own, in the order of the verbs; empty where there is none
    parsed_by_model: bool = False  #: whether that model has read it
    quotes: tuple[Quote, ...] = ()
    events: tuple[Event, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def kind_of(self, sentence: Sentence) -> str:
        """Return the kind of the block that a sentence stands in; "body" where the document has no blocks."""
        return self.blocks[sentence.block].kind if self.blocks else "body"
