"""The tagger's vocabulary: closed classes and generated verb forms, from ``lexicon/clauses.toml`` and the event lexicon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..lexicon import table
from .inflection import british, s_form, verb_forms

_BE = {"be", "is", "are", "was", "were", "been", "being", "am", "'re", "’re", "'m", "’m"}
_HAVE = {"have", "has", "had", "having", "'ve", "’ve"}
_DO = {"do", "does", "did"}


@dataclass(frozen=True, slots=True)
class Words:
    """The compiled word lists: closed classes by word, and every verb form with its lemma and kind."""

    closed: dict[str, str]
    verbs: dict[str, tuple[str, str]]
    nouns: frozenset[str]
    people: frozenset[str]  #: words for actors: a name's phrase does not go on over "ministry required airlines"


@cache
def words(extra_verbs: frozenset[str] = frozenset(), extra_nouns: frozenset[str] = frozenset()) -> Words:
    """The word lists, with the trigger verbs and noun forms of the event lexicon added."""
    data = table("clauses")
    irregular: dict[str, list[str]] = data["irregular"]
    closed: dict[str, str] = {}
    for tag, name in (
        ("Y", "adverbs"), ("D", "determiners"), ("P", "prepositions"), ("K", "clause_prepositions"), ("R", "pronouns"),
        ("S", "subordinators"), ("Q", "relatives"), ("C", "conjunctions"), ("M", "modals"), ("!", "negations"),
    ):  # fmt: skip
        for word in data[name].split():
            closed[word] = tag
    closed.update(dict.fromkeys(_BE, "B") | dict.fromkeys(_HAVE, "H") | dict.fromkeys(_DO, "O"))
    verbs: dict[str, tuple[str, str]] = {}
    # Sorted: of two spellings that share a form ("endeavor", "endeavour") the same one in every process.
    for lemma in sorted({*data["verbs"].split(), *extra_verbs}):
        for spelling in (lemma, british(lemma)):
            if spelling:
                for form, kind in verb_forms(spelling, irregular).items():
                    if form not in verbs or form == lemma or kind == "g":
                        verbs[form] = (lemma, kind)
    # Where two verbs share a form, the one that news uses: found/find, left/leave, lay/lie, wound/wind.
    verbs.update({"found": ("find", "x"), "left": ("leave", "x"), "felt": ("feel", "x"), "lay": ("lay", "b"),
                  "fell": ("fall", "d"), "saw": ("see", "d"), "hung": ("hang", "x"), "shown": ("show", "n"),
                  "ground": ("ground", "b"), "bore": ("bear", "d")})  # fmt: skip
    verbs.pop("ground", None)
    roles = table("party_roles")
    people = frozenset(form for names in roles.values() for word in names.split() for form in (word, s_form(word)))
    return Words(closed, verbs, frozenset(data["noun_first"].split()) | extra_nouns, people)
