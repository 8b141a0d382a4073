"""Stage: who and what the text names, with country, sector and entity, in `Document.mentions`.

Mentions are sorted by start, the longer first; one may lie inside another (a possessor in its phrase), none crosses another.
Two mentions with the same span are the two parties of one plural phrase ("the two sides", "US and British activists").
Types beside the contract's: GROUP (police, protesters, the ministry), ROLE (an unnamed person: "a senior official").
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..document import Document, Mention, Sentence
from ..syntax.sentences import split_sentences
from ..syntax.tokenizer import Tokens
from . import gazetteer
from .acronyms import acronyms
from .casing import written_as_title, written_large
from .coreference import DiscourseModel, Known
from .lexicon import NameWords, load_name_words
from .linking import resolve
from .noun_phrases import Phrases
from .page_country import bodies_at_home, country_of_page, spoken_of
from .phrase import appositions, coordinated

_OPENING = frozenset("!?:\"“”‘'`—–(") | {"--"}
_PIECE = 800  #: tokens; a longer sentence is read in pieces, so that a page without full stops costs no more


def find_names(document: Document, extra: Sequence[Path] = ()) -> Document:
    """``document`` with its mentions. ``extra``: the user's gazetteer files."""
    table = gazetteer.load(extra)
    words = load_name_words()
    if not document.sentences:
        document = split_sentences(document)
    pieces = [(part, _kind(document, s)) for s in document.sentences for part in s.tokens.pieces(_PIECE)]
    sentences, kinds = [part for part, _ in pieces], [kind for _, kind in pieces]
    inner = _inner_capitals(sentences, kinds)
    home = _home(document, sentences, kinds, table) if document.dateline else country_of_page(sentences, table)
    discourse = DiscourseModel(home, words.machines, table.people, words.genders)
    korea = any(word in document.text for word in ("Korea", "KOREA", "Pyongyang", "Seoul"))
    spoken = spoken_of(sentences)
    swaps = {**acronyms(sentences, table, home), **_swaps(sentences, words), **bodies_at_home(sentences, home)}
    sport = len({low for tokens in sentences for low in tokens.low if low in words.sport}) > 2
    known, bearers = _Either(inner, discourse.by_word), _Bearers(discourse.by_word)
    mentions: list[Mention] = []
    for tokens, kind in zip(sentences, kinds, strict=True):
        phrases = Phrases(
            tokens,
            table,
            words,
            known,
            discourse.home,
            korea=korea,
            swaps=swaps,
            sport=sport,
            kind=kind,
            bearers=bearers,
            spoken=spoken,
        ).read()
        appositions(phrases, tokens, words.given)
        phrases = coordinated(phrases, tokens)
        discourse.begin_sentence()
        is_story = kind not in ("byline", "dateline")
        mentions.extend(resolve(phrases, tokens, discourse, words, document.text, is_story=is_story))
    return replace(document, mentions=tuple(_placed(document, _latest(mentions, discourse))))


#: Longest line without a full stop that is read as a heading, in tokens.
_HEADING = 12


def _kind(document: Document, sentence: Sentence) -> str:
    """The kind of the sentence's block; a short line of body text without a full stop is a heading."""
    kind, texts = document.kind_of(sentence), sentence.tokens.text
    if kind not in ("body", "bullet") or not texts or len(texts) > _HEADING or texts[-1] in _ENDING:
        return kind
    return "headline"


_ENDING = frozenset(".!?…\"”’'")

#: Seats of international bodies: a story from there is about the host country only where it names it.
_SEATS = frozenset({"strasbourg", "brussels", "geneva", "the hague", "luxembourg", "united nations"})


def _home(
    document: Document, sentences: Sequence[Tokens], kinds: Sequence[str], table: gazetteer.Gazetteer
) -> str | None:
    """The dateline's country, for people and bodies without one; None at the seat of an international body."""
    line = document.dateline
    if line is None or (line.place or "").partition(",")[0].strip().lower() not in _SEATS:
        return line.country if line else None
    for tokens, kind in zip(sentences, kinds, strict=True):
        if kind in ("dateline", "byline"):
            continue
        for i, text in enumerate(tokens.text):
            named = any(
                len(words) == 1 and name.country == line.country and name.kind in ("country", "demonym")
                for words, name in table.names.get(text, ())
            )
            if named and (i == 0 or tokens.text[i - 1] != ","):  # not "STRASBOURG, France (AP)"
                return line.country
    return None


def _placed(document: Document, mentions: Iterable[Mention]) -> Iterator[Mention]:
    """The mentions, with the dateline's place for what it is: "CAPE CANAVERAL, Fla." is nobody's name."""
    line = document.dateline
    place = (line.place or "").partition(",")[0].casefold() if line else ""
    for m in mentions:
        guess = m.type in ("PERSON", "ORG", "UNKNOWN", "LOC") and m.country is None and m.code is None
        if line is not None and place and guess and m.canonical.casefold() == place:
            yield replace(m, type="CITY", country=line.country, code=line.country)
        else:
            yield m


class _Either:
    """Words that are names even at a sentence's start: with a capital inside others, or part of a name read before."""

    __slots__ = ("inner", "named")

    def __init__(self, inner: Container[str], named: Container[str]) -> None:
        self.inner, self.named = inner, named

    def __contains__(self, word: object) -> bool:
        return word in self.inner or word in self.named


class _Bearers:
    """Last names of persons named so far."""

    __slots__ = ("by_word",)

    def __init__(self, by_word: Mapping[str, Known]) -> None:
        self.by_word = by_word

    def __contains__(self, word: object) -> bool:
        known = self.by_word.get(word) if isinstance(word, str) else None
        return known is not None and known.type == "PERSON" and known.canonical.endswith(f" {word}")


def _swaps(sentences: list[Tokens], words: NameWords) -> dict[str, gazetteer.Name]:
    """ "Georgia" is the American state where the article speaks of America and not of the Caucasus."""
    seen = {text for tokens in sentences for text in tokens.text}
    if "Georgia" not in seen or seen & words.caucasus:
        return {}
    hints = {hint.removesuffix(".") for hint in words.america}
    return {"Georgia": gazetteer.Name("Georgia", "region", "REGION", "USA", None, "USA")} if seen & hints else {}


def _inner_capitals(sentences: list[Tokens], kinds: list[str]) -> frozenset[str]:
    """Words with a capital inside a sentence that the article never writes small: names even where they open a sentence."""
    inner: set[str] = set()
    small: set[str] = set()
    for tokens, kind in zip(sentences, kinds, strict=True):
        several = kind != "byline" and tokens.capital.count(True) > 2
        if several and (written_large(tokens) or written_as_title(tokens, headline=kind == "headline")):
            continue
        for i, (text, capital) in enumerate(zip(tokens.text, tokens.capital, strict=True)):
            if not capital:
                small.add(text)
            elif i and tokens.text[i - 1] not in _OPENING:
                inner.add(text)
    return frozenset(text for text in inner if text.lower() not in small)


def _latest(mentions: list[Mention], discourse: DiscourseModel) -> Iterable[Mention]:
    """Give early mentions what later ones say: whose a headline's bare name is, a person's country and sector."""
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        known = discourse.known[m.entity]
        if known.type != "PERSON" and m.resolved_by == "text" and " " not in known.canonical:
            known = discourse.recall(known.canonical) or known
        moved = known.number != m.entity
        if moved or (m.type == "PERSON" and known.type == "PERSON"):
            country = m.country or known.country
            governs = m.sector == "MIL" and known.sector == "GOV"  # "Gen Prayut", whom the text calls prime minister
            sector = known.sector if governs else m.sector or known.sector
            yield Mention(
                m.start, m.end, m.text, known.type, known.canonical, known.number, m.head_start, m.head_end, country,
                sector, m.code or country or known.code, m.title, m.resolved_by,
            )  # fmt: skip
        else:
            yield m
