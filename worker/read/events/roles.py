"""Role words: which nouns stand for somebody who acts, of which sector, which of their uses name nobody, and where in its
noun phrase a party's name begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..document import Mention
from ..lexicon import listed, table
from ..syntax.chunks import Chunk, Clauses
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
    if head in ("intelligence", "force") and words[0] == head:
        return True  # "promised intelligence and equipment"
    return not _ABSTRACT.get(head, frozenset()).isdisjoint(words)


_OPENING = frozenset({"the", "a", "an"})
#: Kinds of mention that are names: what stands before them in lower case describes them or belongs to another phrase.
_NAMED = frozenset({"PERSON", "COUNTRY", "IGO", "ORG"})
_MONTHS = frozenset({"january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                     "november", "december"})  # fmt: skip
#: Words for bodies that name a deed or stance with what stands behind them: "the movement of troops", "opposition to".
_DEEDS = {
    "campaign": frozenset({"of", "against"}),
    "campaigns": frozenset({"of", "against"}),
    "movement": frozenset({"of"}),
    "opposition": frozenset({"to"}),
    "defence": frozenset({"of"}),
    "defense": frozenset({"of"}),
}
#: Verbs of making: what does not exist yet neither hears nor suffers anything.
_MAKING = frozenset({"form", "create", "establish", "build", "launch", "found", "constitute"})


def name_begins(clauses: Clauses, begin: int, last: int, mention: Mention) -> int:
    """The token with which the party's own words begin: "[imagines] the European Union", "[March] Russia".

    A noun phrase read too far to the left holds a verb or noun of what stands before; nothing is lost where it describes.
    """
    tokens = clauses.tokens
    if mention.start <= tokens.start[begin]:
        return begin
    first = next((i for i in range(begin, last + 1) if tokens.start[i] >= mention.start), begin)
    before = range(begin, first)
    if "said" in tokens.low[begin:first]:
        return first  # "some said government troops"
    if mention.type in _NAMED:
        foreign = [i for i in before if (not tokens.capital[i] and tokens.low[i] not in _OPENING)]
        if foreign or (first == begin + 1 and tokens.low[begin] in _MONTHS):
            return first
    elif before and tokens.low[first] in _OPENING and all(tokens.mention[i] < 0 for i in before):
        return first  # "told the radio's morning programme the government must"
    return begin


def deed_word(clauses: Clauses, first: int, last: int) -> int:
    """The token that makes the noun phrase something done or held and no body, or -1: "a campaign of arrests", "the movement
    of troops"."""
    tokens = clauses.tokens
    for i in range(first, min(last + 1, len(tokens) - 1)):
        links = _DEEDS.get(tokens.low[i])
        if links is None or tokens.capital[i] or tokens.low[i + 1] not in links:
            continue
        takes_noun = tokens.tag[i + 1] != "T" and tokens.tag[i + 1 : i + 3][-1] in "DNEG#RV"
        if takes_noun or tokens.low[i + 1] != "to":
            return i  # but "urged the opposition to join"
    return -1


def is_made(clauses: Clauses, k: int) -> bool:
    """Whether noun phrase ``k`` is what a verb of making makes: "ready to form a unity government"."""
    chunks, low = clauses.chunks, clauses.tokens.low
    if k < 1 or low[chunks[k].first] not in ("a", "an", "new"):
        return False
    verb: Chunk = chunks[k - 1]
    return verb.kind == "VG" and verb.word in _MAKING and not verb.passive
