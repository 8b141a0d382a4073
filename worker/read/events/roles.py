"""Role words: which nouns stand for somebody who acts, of which sector, and which of their uses name nobody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..lexicon import listed, table
from ..syntax.inflection import s_form

PLACES = frozenset({"COUNTRY", "CITY", "REGION", "LOC", "FACILITY"})
ACTORS = frozenset({"PERSON", "ORG", "IGO", "COUNTRY", "CITY", "REGION", "NORP", "GROUP", "ROLE"})
#: Sectors whose bearers act at home unless the text says otherwise: their country may be taken from the place.
LOCAL = frozenset({"OPP", "LAB", "CVL", "MED", "CRM", "LEG", "JUD"})
PERSON_ENDINGS = ("ors", "ers", "ists", "ians", "men", "women", "eers", "ants")


@dataclass(frozen=True, slots=True)
class Roles:
    """Sector by head word, the words that group others, and the news agencies."""

    sectors: dict[str, str]
    groups: frozenset[str]
    agencies: frozenset[str]


@cache
def roles() -> Roles:
    """The role words, compiled once per process."""
    data = dict(table("party_roles"))
    groups = frozenset(w for word in data.pop("groups").split() for w in (word, s_form(word)))
    agencies = frozenset(data.pop("agencies").split())
    sectors: dict[str, str] = {}
    for sector, sector_words in data.items():
        for word in sector_words.split():
            plural = word[:-3] + "men" if word.endswith("man") else {"person": "persons"}.get(word)
            if word.endswith("child"):
                plural = word + "ren"
            for form in (word, plural or s_form(word)):
                sectors.setdefault(form, {"EDU": "CVL", "BODY": ""}.get(sector, sector))
    return Roles(sectors, groups, agencies)


def names_people(head: str) -> bool:
    """Whether a noun in lower case stands for somebody who acts: a role, a body, a group, or people by its ending."""
    known = roles()
    return head in known.sectors or head in known.groups or head.endswith(PERSON_ENDINGS)


#: Words before a role noun that make it a thing or an idea: "excessive force", "social media", "a state capital".
_ABSTRACT = {
    "force": listed("abstract_force"),
    "media": frozenset({"social", "digital", "traditional"}),
    "capital": frozenset({"state", "human", "political", "working", "venture", "private", "social"}),
    "union": (
        _UNITED := frozenset({"gay", "civil", "same-sex", "customs", "monetary", "currency", "banking", "fiscal"})
    ),
    "unions": _UNITED,
    "justice": frozenset({"social", "criminal", "racial", "climate", "economic", "transitional", "restorative"}),
    "power": frozenset({"nuclear", "political", "military", "executive", "veto"}),
}
_ARTICLES = frozenset({"a", "an", "the", "its", "their"})


def is_machine(text: str) -> bool:
    """Whether the words of a party name a ship, aircraft or weapon, which neither hears nor says anything."""
    return text.lower().rpartition(" ")[2] in _machines()


@cache
def _machines() -> frozenset[str]:
    return frozenset(form for word in listed("machines") for form in (word, s_form(word)))


def is_abstract(words: list[str], head: str) -> bool:
    """Whether a noun phrase of these lower-case words with that head names nobody, though its head is a role word."""
    if len(words) == 1 and words[0] in _ARTICLES:
        return True  # what a time expression left of "a 2012 ruling"
    if head == "intelligence" and words[0] == head:
        return True  # "promised intelligence and equipment"
    return not _ABSTRACT.get(head, frozenset()).isdisjoint(words)
