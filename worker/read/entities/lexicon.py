"""The common words the name finder goes by, from ``lexicon/names_*``: nouns that name actors, suffixes, small words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..lexicon import FOLDER, past_verbs, table
from ..syntax.grammar import listed
from ..syntax.tokenizer import split_name
from .gazetteer import rows_of


@dataclass(frozen=True, slots=True)
class Noun:
    """A common noun that names an actor. ``kind``: role (one person) or group (people, or a body)."""

    word: str  #: singular, lower case
    kind: str
    sector: str | None
    plural: bool


@dataclass(frozen=True, slots=True)
class NameWords:
    """All word lists, ready for look-up."""

    nouns: dict[str, list[tuple[tuple[str, ...], Noun]]]  #: by first token, longest first
    determiners: frozenset[str]
    possessives: frozenset[str]
    numbers: frozenset[str]
    adjectives: frozenset[str]
    openers: frozenset[str]  #: every word of these lists that may open a phrase
    connectors: frozenset[str]
    not_names: frozenset[str]
    not_modifiers: frozenset[str]
    verbs: frozenset[str]
    things: frozenset[str]
    machines: frozenset[str]
    given: frozenset[str]
    caucasus: frozenset[str]  #: words that make "Georgia" the country
    america: frozenset[str]  #: words that make it the American state
    offices: dict[str, str]  #: title -> the one country that has it
    others: frozenset[str]
    fighters: frozenset[str]
    sport: frozenset[str]
    clubs: frozenset[str]
    genders: dict[str, str]  #: word of a title (small) or given name (with capital) -> he or she
    people_endings: tuple[str, ...]
    not_people: frozenset[str]
    pronouns: dict[str, str]  #: pronoun -> person, thing or plural
    country_nouns: frozenset[str]
    sides: dict[str, list[tuple[str, ...]]]
    last: dict[str, tuple[str, str | None]]  #: last word of a capitalised run -> (type, sector)
    first: dict[str, tuple[str, str | None]]
    weapons: frozenset[str]


def plural_of(word: str) -> str:
    """The regular plural of a noun phrase (its last word)."""
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _nouns() -> dict[str, list[tuple[tuple[str, ...], Noun]]]:
    table: dict[str, list[tuple[tuple[str, ...], Noun]]] = {}
    seen: set[tuple[str, ...]] = set()

    def add(form: str, noun: Noun) -> None:
        tokens = split_name(form)
        if tokens not in seen:
            seen.add(tokens)
            table.setdefault(tokens[0], []).append((tokens, noun))

    for _, (kind, sector, forms, *_) in rows_of(FOLDER / "names_nouns.tsv", 3):
        for form in forms.split(";"):
            singular, _, plural = form.partition("/")
            whole = singular.endswith("s") and not singular.endswith("ss") and kind == "group" and not plural
            add(
                singular,
                Noun(singular, kind, sector or None, whole or singular in ("police", "people", "men", "women")),
            )
            if not whole:
                many = plural or plural_of(singular)
                add(many, Noun(singular, "group" if kind == "role" else kind, sector or None, True))
    for rows in table.values():
        rows.sort(key=lambda row: -len(row[0]))
    return table


def _suffixes(data: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    table: dict[str, tuple[str, str | None]] = {}
    for sector, forms in data["last"].items():
        table.update(dict.fromkeys(forms, ("ORG", None if sector == "CLUB" else sector)))
    for type_, forms in (*data["place"].items(), *data["other"].items()):
        table.update({form: (type_, None) for form in forms if form not in table})
    return table


def committee_sector(texts: list[str]) -> str | None:
    """Return whose committee the words name: LEG for "House Intelligence Committee", GOV for "National Security Committee".

    None where they do not tell or are no committee.
    """
    if texts[-1] not in ("Committee", "Subcommittee", "Committees"):
        return None
    fields = {text.lower() for text in texts[:-1]}
    if texts[0] == "National":
        return "GOV" if fields.isdisjoint(listed("names", "private_committees")) else None
    return None if fields.isdisjoint(listed("names", "committee_fields")) else "LEG"


@lru_cache(maxsize=1)
def load_name_words() -> NameWords:
    """The word lists, read once per process."""
    data = table("names_words")
    suffixes = table("names_suffixes")
    sides: dict[str, list[tuple[str, ...]]] = {}
    for phrase in data["back"]["sides"]["phrases"]:
        tokens = split_name(phrase)
        sides.setdefault(tokens[0], []).append(tokens)
    pronouns = {form: kind for kind, forms in data["pronouns"].items() for form in forms}
    openers = ("determiners", "possessive_pronouns", "adjectives", "numbers")
    return NameWords(
        nouns=_nouns(),
        determiners=frozenset(data["determiners"]),
        possessives=frozenset(data["possessive_pronouns"]),
        numbers=frozenset(data["numbers"]),
        adjectives=frozenset(data["adjectives"]),
        openers=frozenset(pronouns).union(*(data[name] for name in openers)),
        connectors=frozenset(data["connectors"]),
        not_names=frozenset(data["calendar"]) | frozenset(data["not_names"]),
        not_modifiers=frozenset(data["not_modifiers"]),
        given=frozenset(data["people"]["given"]),
        caucasus=frozenset(data["georgia"]["caucasus"]),
        america=frozenset(data["georgia"]["america"]),
        offices={title: code for code, titles in data["offices"].items() for title in titles},
        others=frozenset(data["others"]["nouns"]),
        fighters=frozenset(data["fighters"]["nouns"]),
        sport=frozenset(data["sport"]["words"]),
        clubs=frozenset(data["sport"]["clubs"]),
        genders={word: key.partition("_")[0] for key, forms in data["gender"].items() for word in forms},
        people_endings=tuple(data["people_nouns"]["endings"]),
        not_people=frozenset(data["people_nouns"]["exceptions"]),
        verbs=past_verbs() | frozenset(data["verbs"]),
        things=frozenset(data["things"]),
        machines=frozenset(data["machines"]),
        pronouns=pronouns,
        country_nouns=frozenset(data["back"]["country"]["nouns"]),
        sides=sides,
        last=_suffixes(suffixes),
        first={form: ("ORG", sector) for sector, forms in suffixes["first"].items() for form in forms},
        weapons=frozenset(suffixes["weapon"]["nouns"]),
    )
