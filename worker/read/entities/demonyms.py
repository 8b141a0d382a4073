"""Peoples, faiths and currents that an article names by an adjective or a plural: "Russian", "Sunnis", "South Koreans".

They are entities of type NORP in the record. For the event coder an adjective stands for its country; that is a mention's doing
(`names_match`), not this module's.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ...contract.article import Entity
from ..document import SPOKEN, Document, Mention
from ..lexicon import FOLDER
from ..syntax.tokenizer import split_name
from .gazetteer import plural_people, rows_of

_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_]+(?:[-’'][^\W\d_]+)*")
#: Mentions whose own name the word may be part of: "Islamic State", "French Open", "Arab League".
_NAMES = frozenset({"ORG", "IGO", "EVENT", "LAW", "PRODUCT", "FACILITY", "LOC", "REGION", "CITY", "COUNTRY", "WEAPON"})
_GOES_ON = re.compile(r"[ \u00a0]([A-Z][^\W\d_]+)")

#: Word or words in lower case -> canonical form and country.
Peoples = dict[str, tuple[str, str | None]]


@lru_cache(maxsize=1)
def peoples() -> Peoples:
    """All forms, read once per process."""
    table: Peoples = {}
    for _, (code, _, _, people, *_) in rows_of(FOLDER / "places_countries.tsv", 5):
        words = list(filter(None, people.split(";")))
        for word in words:
            for form in (word, plural_people(word)):
                table.setdefault(form.lower(), (words[0], code))
    for _, (name, others, country, *_) in rows_of(FOLDER / "names_peoples.tsv", 3):
        for form in (name, *filter(None, others.split(";"))):
            table[form.lower().replace("’", "'")] = (name, country or None)
    return table


@lru_cache(maxsize=1)
def _openers() -> tuple[frozenset[str], frozenset[str]]:
    """The first words of all forms, and the first tokens of these."""
    words = frozenset(form.partition(" ")[0] for form in peoples())
    return words, frozenset(split_name(word)[0] for word in words)


def named_peoples(document: Document) -> Iterator[Entity]:
    """Each people, faith or current once, at its first place in the story, in order; English texts only.

    A word that is part of a longer name ("Arab League") or opens one that nobody knows ("French Riviera") is none.
    """
    if (document.language or "en").partition("-")[0] != "en":
        return
    table, text, seen = peoples(), document.text, set()
    openers, first_tokens = _openers()
    heads: list[tuple[int, int]] | None = None
    spans: list[tuple[int, int]] = []
    reach = 0
    for sentence in document.sentences:
        plain = first_tokens.isdisjoint(sentence.tokens.low) and text.find("-", sentence.start, sentence.end) < 0
        if plain or document.kind_of(sentence) not in SPOKEN:
            continue  # "anti-American" is one token
        end = document.blocks[sentence.block].end if document.blocks else len(text)
        for match in _CAPITAL.finditer(text, sentence.start, sentence.end):
            if match.start() < reach or match.group().replace("’", "'").lower() not in openers:
                continue
            stop, found = _longest(text, match, end, table)
            if found is None or found in seen:
                continue
            if heads is None:
                heads = _merged((m.head_start, m.head_end) for m in document.mentions if _is_other(m, text))
                spans = _merged((m.start, m.end) for m in document.mentions)
            if _covers(heads, match.start(), stop):
                continue
            if text[max(0, match.start() - 6) : match.start()] in ("South ", "North "):  # the South Pole is nobody
                continue
            after = _GOES_ON.match(text, stop, end)
            if after and not _covers(spans, after.start(1), after.end(1)):
                continue
            reach = stop
            seen.add(found)
            said = text[match.start() : stop]
            yield Entity(text=said, type="NORP", canonical=found[0], country=found[1], start=match.start(), end=stop)


def _longest(text: str, match: re.Match[str], end: int, table: Peoples) -> tuple[int, tuple[str, str | None] | None]:
    """Where the longest form at this word ends, two words before one, and what it means."""
    word = match.group().replace("’", "'").lower()
    after = _GOES_ON.match(text, match.end(), end)
    if after:
        two = table.get(f"{word} {after.group(1).lower()}")
        if two is not None:
            return after.end(), two
    return match.end(), table.get(word)


def is_people(m: Mention, text: str) -> bool:
    """Whether what a guess took for a body is a people: "Hausa traders", "Catholics"."""
    head = text[m.head_start : m.head_end]
    return (m.resolved_by in ("text", "memory") or " " in head) and head.lower() in peoples()


def _is_other(m: Mention, text: str) -> bool:
    """Whether the mention's head names something else than a people, by more than an adjective."""
    named = m.type in _NAMES and (m.resolved_by != "demonym" or " " in text[m.head_start : m.head_end])
    return named and not is_people(m, text)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, overlapping ones joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _covers(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the disjoint sorted spans overlaps ``start:end``."""
    at = bisect_right(spans, start, key=lambda span: span[0]) - 1
    return any(a < end and start < b for a, b in spans[max(at, 0) : at + 2])
