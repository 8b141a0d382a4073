"""Stage: who and what the text names, with country, sector and entity, in `Document.mentions`.

Mentions are sorted by start, the longer first; one may lie inside another (a possessor in its phrase), none crosses another.
Two mentions with the same span are the two parties of one plural phrase ("the two sides", "US and British activists").
Types beside the contract's: GROUP (police, protesters, the ministry), ROLE (an unnamed person: "a senior official").
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from worker.contract.article import Entity
from worker.read import gazetteer
from worker.read.document import Document, Mention
from worker.read.memory import Memory
from worker.read.names_drafts import appositions, coordinated
from worker.read.names_lexicon import Lexicon, lexicon
from worker.read.names_phrases import Phrases
from worker.read.names_resolve import resolve
from worker.read.names_runs import written_as_title
from worker.read.names_tokens import Tokens, scan
from worker.read.sentences import sentence_spans

_OPENING = frozenset("!?:\"“”‘'`—–(")
_PIECE = 4000  #: characters; a longer sentence is read in pieces, so that a page without full stops costs no more
_NAMED = frozenset(
    {"PERSON", "COUNTRY", "CITY", "REGION", "LOC", "FACILITY", "ORG", "IGO", "WEAPON", "EVENT", "PRODUCT", "LAW"}
)


def find_names(document: Document, extra: Sequence[Path] = ()) -> Document:
    """``document`` with its mentions. ``extra``: the user's gazetteer files."""
    table = gazetteer.load(extra)
    words = lexicon()
    sentences = [scan(document.text, start, end) for start, end in _stretches(document)]
    inner = _inner_capitals(sentences)
    home = document.dateline.country if document.dateline else None
    memory = Memory(home, words.machines, table.people, words.genders)
    korea = any(word in document.text for word in ("Korea", "KOREA", "Pyongyang", "Seoul"))
    heads = [(b.start, b.end) for b in document.blocks if b.kind in ("byline", "dateline")]
    swaps = _swaps(sentences, words)
    sport = len({low for tokens in sentences for low in tokens.lows if low in words.sport}) > 2
    known = _Either(inner, memory.by_word)
    mentions: list[Mention] = []
    for tokens in sentences:
        drafts = Phrases(tokens, table, words, known, memory.home, korea=korea, swaps=swaps, sport=sport).read()
        appositions(drafts, tokens, words.given)
        drafts = coordinated(drafts, tokens)
        memory.begin_sentence()
        told = not any(start <= tokens.starts[0] < end for start, end in heads) if tokens.starts else True
        mentions.extend(resolve(drafts, tokens, memory, words, document.text, told=told))
    return replace(document, mentions=tuple(_latest(mentions, memory)))


class _Either:
    """Words that are names even at a sentence's start: with a capital inside others, or part of a name read before."""

    __slots__ = ("inner", "named")

    def __init__(self, inner: Container[str], named: Container[str]) -> None:
        self.inner, self.named = inner, named

    def __contains__(self, word: object) -> bool:
        return word in self.inner or word in self.named


def entities(document: Document) -> tuple[Entity, ...]:
    """What the article names, each once, at its first mention; groups, roles and pronouns are left out."""
    seen: dict[int, Entity] = {}
    for m in document.mentions:
        if m.entity not in seen and m.type in _NAMED and _is_name(m):
            text = document.text[m.head_start : m.head_end]
            seen[m.entity] = Entity(
                text=text, type=m.type, canonical=m.canonical, country=m.country, start=m.head_start, end=m.head_end
            )
    return tuple(seen.values())


def _swaps(sentences: list[Tokens], words: Lexicon) -> dict[str, gazetteer.Name]:
    """ "Georgia" is the American state where the article speaks of America and not of the Caucasus."""
    seen = {text for tokens in sentences for text in tokens.texts}
    if "Georgia" not in seen or seen & words.caucasus:
        return {}
    hints = {hint.removesuffix(".") for hint in words.america}
    return {"Georgia": gazetteer.Name("Georgia", "region", "REGION", "USA", None, "USA")} if seen & hints else {}


def _is_name(m: Mention) -> bool:
    """Whether the mention names its entity: no pronoun, no short form, no adjective standing for a country."""
    return m.resolved_by not in ("pronoun", "memory") and (m.resolved_by != "demonym" or m.type != "COUNTRY")


def _stretches(document: Document) -> Iterable[tuple[int, int]]:
    spans: list[tuple[int, int]] = [(s.start, s.end) for s in document.sentences]
    covered = {s.block for s in document.sentences}
    spans.extend((b.start, b.end) for k, b in enumerate(document.blocks) if k not in covered)
    for start, end in sorted(spans) or sentence_spans(document.text, 0, len(document.text)):
        for piece in range(start, end, _PIECE):
            yield piece, min(end, piece + _PIECE)


def _inner_capitals(sentences: list[Tokens]) -> frozenset[str]:
    """Words with a capital inside a sentence that the article never writes small: names even where they open a sentence."""
    inner: set[str] = set()
    small: set[str] = set()
    for tokens in sentences:
        if written_as_title(tokens):
            continue
        for i, (text, capital) in enumerate(zip(tokens.texts, tokens.capital, strict=True)):
            if not capital:
                small.add(text)
            elif i and tokens.texts[i - 1] not in _OPENING:
                inner.add(text)
    return frozenset(text for text in inner if text.lower() not in small)


def _latest(mentions: list[Mention], memory: Memory) -> Iterable[Mention]:
    """Give early mentions what later ones told: a headline's bare name its bearer, a person his country and sector."""
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        known = memory.known[m.entity]
        if known.type != "PERSON" and m.resolved_by == "text" and " " not in known.canonical:
            known = memory.recall(known.canonical) or known
        moved = known.number != m.entity
        if moved or (m.type == "PERSON" and known.type == "PERSON"):
            country = m.country or known.country
            yield replace(
                m,
                type=known.type,
                entity=known.number,
                canonical=known.canonical,
                country=country,
                code=m.code or country or known.code,
                sector=m.sector or known.sector,
            )
        else:
            yield m
