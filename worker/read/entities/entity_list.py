"""The names that an article is published with: each once, at its first mention, as what the kind model believes it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...contract.article import Entity
from ..document import Document, Mention
from ..syntax.grammar import listed
from .borders import widened
from .demonyms import is_people, named_peoples
from .name_features import Names
from .name_kinds import believed

_ARTICLES = listed("names", "articles")
_NAMED = frozenset(
    {"PERSON", "COUNTRY", "CITY", "REGION", "LOC", "FACILITY", "ORG", "IGO", "WEAPON", "EVENT", "PRODUCT", "LAW"}
)


def entities(document: Document, extra: Sequence[Path] = ()) -> tuple[Entity, ...]:
    """What the article names, each once, at its first mention; groups, roles and pronouns are left out, and in English the
    names that the kind model takes for terms, headings, products or parts of longer names. ``extra``: the user's gazetteer
    files."""
    found: list[Entity] = []
    english = is_english(document)
    names = Names(document, extra)
    reach = 0  # end of the last name that was found to be longer
    for m in first_mentions(document):
        kind = believed(names, m) if english else m.type
        if kind is None or m.head_start < reach:
            continue
        start, end, canonical = m.head_start, m.head_end, m.canonical
        if english and kind == "ORG" and m.type == "ORG":
            start, end = widened(names, m)
            if (start, end) != (m.head_start, m.head_end):
                canonical, reach = " ".join(document.text[start:end].split()), end
        found.append(
            Entity(
                text=document.text[start:end], type=kind, canonical=canonical, country=m.country, start=start, end=end
            )
        )
    return tuple(sorted([*found, *named_peoples(document)], key=lambda e: (e.start, -e.end)))


def is_english(document: Document) -> bool:
    """Whether the document is in English, or says of no language."""
    return (document.language or "en").partition("-")[0] == "en"


def first_mentions(document: Document) -> Iterator[Mention]:
    """Yield the first mention by name of each entity that has one, as the name finder gave it."""
    seen: set[int] = set()
    english = is_english(document)
    for m in document.mentions:
        if m.entity in seen or m.type not in _NAMED:
            continue
        text = document.text[m.head_start : m.head_end]
        sure = not is_people(m, document.text) if english else _is_sure(m, text)
        if sure and _is_name(m, text):
            seen.add(m.entity)
            yield m


def _is_name(m: Mention, text: str) -> bool:
    """Whether the mention names its entity: no pronoun, no short form, no adjective standing for a country."""
    if m.resolved_by == "memory":  # the country is from discourse, "Supreme Court" is a name nevertheless
        return m.type == "ORG" and " " in text and all(word[0].isupper() for word in text.split() if len(word) > 3)
    return m.resolved_by != "pronoun" and (m.resolved_by != "demonym" or m.type != "COUNTRY")


def _is_sure(m: Mention, text: str) -> bool:
    """Whether a capital is a name in another language too, where nouns, titles and articles may have one: by a list of ours, a
    title, or as two capitals without an article between them."""
    if m.resolved_by in ("text", "memory"):
        return False
    words = text.split()
    if m.type == "PERSON":
        named = len(words) > 1 and all(word[0].isupper() for word in words) and words[0].lower() not in _ARTICLES
        return named or m.country is not None
    opened = m.type in ("ORG", "IGO") and words[0].lower() in _ARTICLES
    return not opened and (m.canonical != text or m.country is not None or m.code is not None)
