"""The words that say who says it, from ``lexicon/quotes_cues.toml``, inflected and ready for look-up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ..lexicon import table


@dataclass(frozen=True, slots=True)
class Cues:
    """Word forms by what they can do. Two-word cues ("call on") are found by their verb; ``particle`` has the second word."""

    speech: frozenset[str]
    before: frozenset[str]
    purpose: frozenset[str]
    naming: frozenset[str]
    hearer: frozenset[str]
    labelling: frozenset[str]  #: those of ``naming`` whose object is what is said: "called it a stunt"
    stance: frozenset[str]  #: praise and blame: their object is not claimed, but taken for granted
    hearsay: frozenset[str]  #: participles of a passive that leaves the speaker open
    nounish: frozenset[str]  #: base and -s forms that are as often nouns
    bare: frozenset[str]  #: may govern a clause without "that"
    verbs: frozenset[str]  #: all of these
    particle: dict[str, frozenset[str]]  #: verb form that is a cue only before one of these words
    according: tuple[tuple[str, ...], ...]
    according_first: frozenset[str]
    nouns: frozenset[str]  #: "the claim that", both numbers
    voicing: frozenset[str]  #: "voiced hope that"
    adjectives: frozenset[str]  #: "is confident that"
    claimed: frozenset[str]  #: those of ``object`` by which the subject vouches for it: "admitted a raid on the port"
    object: frozenset[str]  #: "announced a cut in tariffs"
    about: dict[str, frozenset[str]]  #: the same with a preposition: "warned of floods"
    between: frozenset[str]
    days: frozenset[str]
    adjuncts: frozenset[str]
    anonymous: frozenset[str]
    anonymity: tuple[str, ...]


def forms_of(verb: str, irregular: dict[str, list[str]]) -> list[str]:
    """Base, third person, past and -ing form of a verb."""
    if verb in irregular:
        return [verb, *irregular[verb]]
    stem = verb[:-1] if verb.endswith("e") else verb
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    return [verb, third, stem + "ed", stem + "ing"]


@lru_cache(maxsize=1)
def cues() -> Cues:
    """The cue words, read once per process."""
    data = table("quotes_cues")
    irregular: dict[str, list[str]] = data["irregular"]
    particle: dict[str, set[str]] = {}

    def forms(verbs: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for verb in verbs:
            base, _, second = verb.partition(" ")
            for form in forms_of(base, irregular):
                found.add(form)
                if second:
                    particle.setdefault(form, set()).add(second)
        return frozenset(found)

    about: dict[str, set[str]] = {}
    for phrase in data["about"]:
        base, _, second = phrase.partition(" ")
        for form in forms_of(base, irregular):
            about.setdefault(form, set()).add(second)
    groups = {
        name: forms(data[name]) for name in ("speech", "before", "purpose", "naming", "hearer", "bare", "labelling")
    }
    whole = forms(v for name in ("speech", "before", "purpose", "naming") for v in data[name] if " " not in v)
    return Cues(
        **groups,
        nounish=frozenset(form for verb in data["nounish"] for form in forms_of(verb, irregular)[:2]),
        stance=groups["naming"] - groups["labelling"] - groups["speech"],
        verbs=frozenset().union(*(groups[name] for name in ("speech", "before", "purpose", "naming"))),
        particle={form: frozenset(seconds) for form, seconds in particle.items() if form not in whole},
        according=tuple(tuple(phrase.split()) for phrase in data["according"]),
        according_first=frozenset(phrase.split()[0] for phrase in data["according"]),
        hearsay=frozenset(data["hearsay"]),
        nouns=frozenset(form for noun in data["nouns"] for form in (noun, *forms_of(noun, {})[1:2])),
        voicing=forms(data["voicing"]),
        adjectives=frozenset(data["adjectives"]),
        claimed=forms(data["claimed"]),
        object=forms(data["object"]),
        about={verb: frozenset(words) for verb, words in about.items()},
        between=frozenset(data["between"]),
        days=frozenset(data["days"]),
        adjuncts=frozenset(data["adjuncts"]),
        anonymous=frozenset(data["anonymous"]),
        anonymity=tuple(data["anonymity"]),
    )
