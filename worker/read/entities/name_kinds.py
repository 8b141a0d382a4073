"""Tell what kind of thing a capitalised name is: organisation, person, place or none of them, by a small linear model.

The weights are in ``lexicon/name_kinds.tsv``, made by ``tools/train_name_kinds.py``; ``docs/name_kinds.md`` is the model's
card. The name finder decides where a name begins and ends, and guesses its type by lists, last words and shape; the model
looks at the name's words and shape, at the words around it, and at what else the article writes, and says how far to
believe the guess.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

from ..document import Mention
from ..lexicon import FOLDER, table
from ..syntax.grammar import listed
from .lexicon import load_name_words
from .name_features import LETTERS, Names, common_words, features

#: The kinds, in the order of the columns of the file; the last has no column: its score is 0.
KINDS = ("ORG", "PERSON", "LOC", "NONE")


@cache
def _known() -> frozenset[str]:
    """Bodies known by a bare name."""
    return frozenset(name for names in table("names_known").values() for name in names)


@cache
def _weights() -> dict[str, tuple[float, float, float]]:
    rows = (line.split("\t") for line in (FOLDER / "name_kinds.tsv").read_text(encoding="utf-8").splitlines())
    return {row[0]: (float(row[1]), float(row[2]), float(row[3])) for row in rows if not row[0].startswith("#")}


def likely(found: Iterable[str], weights: dict[str, tuple[float, float, float]]) -> Sequence[float]:
    """How likely each of ``KINDS`` is, given the features; the sum is 1."""
    org = person = place = 0.0
    for name in found:
        row = weights.get(name)
        if row is not None:
            org += row[0]
            person += row[1]
            place += row[2]
    top = max(org, person, place, 0.0)
    powers = [math.exp(org - top), math.exp(person - top), math.exp(place - top), math.exp(-top)]
    total = sum(powers)
    return [power / total for power in powers]


#: Sectors and words whose names say by their head that they are bodies: half of the border is enough.
_OFFICIAL = frozenset({"GOV", "COP", "LEG", "JUD", "PTY", "LAB"})
_HEADS = frozenset({"Institute", "University", "College", "School", "Association", "Society", "Foundation", "Federation",
                    "Times", "Inc", "Ltd", "LLC", "Corporation", "Bank", "Caucus", "Academy"})  # fmt: skip
_STAFF = frozenset({"boss", "ceo", "executive", "chairman", "chairwoman", "chair", "founder", "co-founder", "owner", "director",
                    "analyst", "economist", "spokesman", "spokeswoman", "spokesperson", "strategist", "employee", "employees",
                    "researcher", "researchers", "shares", "subsidiary"})  # fmt: skip
_LONGEST_PERSON = 5  #: words of a person's name, and one
_TOWN = 50_000  #: least people of a city that has a team of its name
#: Guesses that the model judges; countries, cities, lists and names with a suffix of places speak for themselves.
JUDGED = frozenset({"ORG", "PERSON", "LOC"})
#: How likely a kind must be: for a name that the finder took for the same kind, and for one that it took for another.
_BORDERS = {"ORG": (0.5, 0.7), "PERSON": (0.3, 0.6), "LOC": (0.2, 0.6)}
#: For bodies on a page that quotes somebody, as news does: names of several words, and letters ("JSC").
_NEWS_BORDER, _LETTERS_BORDER = 0.4, 0.2
#: The same on a guide, whose terms, products and headings have capitals.
_GUIDE_BORDERS = {"ORG": (0.7, 0.8), "PERSON": (0.6, 0.7), "LOC": (0.5, 0.7)}


def is_judged(names: Names, first: Mention) -> bool:
    """Whether the model has a say: not where the gazetteer lists exactly this name, nor on a person with a title."""
    if first.type not in JUDGED or (first.type == "PERSON" and first.title is not None):
        return False  # "Spanish judge X" is a person
    text = names.document.text[first.head_start : first.head_end]
    words = text.split()
    if first.type == "PERSON" and 1 < len(words) < _LONGEST_PERSON and not names.is_guide and _has_given(words):
        return False
    if names.is_guide and text.isupper() and len(text) < LETTERS - 1 and not names.listed(words, own=True):
        return True  # "a CIA certificate" on a page about accountants
    return not names.listed(words)


def believed(names: Names, first: Mention) -> str | None:
    """The type to publish a name with: the finder's, the model's where it is surer, or None where neither is sure.

    Args:
        first: The first mention of the name in the article.
    """
    text = names.document.text[first.head_start : first.head_end]
    if text.isupper() and text.lower() in common_words() and _is_shouted(names, first):
        return None  # "THIS IS ALSO": no group of that name
    if not is_judged(names, first):
        return first.type
    if text in _known() or (first.type != "PERSON" and not names.is_guide and _is_team(names, text)):
        return "ORG"
    if first.type == "ORG" and " " not in text and not text.isupper():
        if names.is_small(text):
            return None  # "Policy", where the article has "policy" too
        if first.resolved_by == "text" and text.lower() in common_words():
            return None  # a word that only a capital makes a name: 5 of 100 such are bodies
    if text.rstrip("s").upper() in _ABBREVIATIONS:
        return None
    if first.type == "ORG" and names.quotes and not names.is_guide and _has_head(text.split()):
        return "ORG"  # in news nearly all such names are
    shares = likely(features(names, first), _weights())
    borders = _GUIDE_BORDERS if names.is_guide else _BORDERS
    least = borders["ORG"][0]
    if first.type == "ORG":
        is_name = shares[2] < 0.5 and text.lower() not in common_words()
        if is_name and _is_employer(names, first):
            return "ORG"
        if names.quotes and not names.is_guide:
            letters = text.isupper() and len(text) > 2
            least = _LETTERS_BORDER if letters else _NEWS_BORDER if " " in text else least
        if shares[0] >= least / 2 and _has_head(text.split()):
            return "ORG"
        if shares[0] >= least and shares[0] == max(shares[:3]):
            return "ORG"
    for kind, share in zip(KINDS, shares, strict=True):
        as_found = kind == first.type
        if kind != "NONE" and share >= borders[kind][not as_found] and not (as_found and kind == "ORG"):
            return kind
    return None


#: Letters that everybody uses for things, offices and places: no body's name.
_ABBREVIATIONS = frozenset(word.upper() for word in listed("names", "abbreviations"))


def _has_given(words: Sequence[str]) -> bool:
    """Whether a given name opens the name and no common word or word for bodies follows it (97 of 100 such are persons)."""
    lexicon = load_name_words()
    return (
        words[0] in lexicon.genders
        and words[-1] not in lexicon.last
        and not any(word.lower() in common_words() for word in words[1:])
    )


def _has_head(words: Sequence[str]) -> bool:
    """Whether the name's head is a word for bodies: "Institute for Astrophysics", "Ozark Police Department"."""
    head = next((k - 1 for k in range(1, len(words)) if words[k] in ("of", "for")), len(words) - 1)
    known = load_name_words().last.get(words[head])
    # "Greenbelt, Maryland, and American University" is no name
    several = len(words) > 1 and not any(word.endswith(",") for word in words)
    return several and (words[head] in _HEADS or (known is not None and known[1] in _OFFICIAL))


def _is_employer(names: Names, m: Mention) -> bool:
    """Whether the name is what somebody works for: "the boss of Brightwell", "an analyst at Kestrel"."""
    tokens, i, _ = names.tokens_at(m.head_start)
    return i > 1 and tokens.low[i - 1] in ("of", "at", "for", "with") and tokens.low[i - 2] in _STAFF


def _is_team(names: Names, text: str) -> bool:
    """Whether the name is a city and a plural that the article does not write small: "Los Angeles Chargers"."""
    city, _, team = text.rpartition(" ")
    plural = team[:1].isupper() and team.endswith("s") and not team.endswith("ss") and not names.is_small(team)
    place = names.table.place(city) if city and plural and team.lower() not in common_words() else None
    return place is not None and place.kind == "city" and place.population > _TOWN


def _is_shouted(names: Names, m: Mention) -> bool:
    """Whether a word beside the name is a common word in capital letters as well."""
    tokens, i, _ = names.tokens_at(m.head_start)
    beside = [k for k in (i - 1, i + 1) if 0 <= k < len(tokens)]
    return any(tokens.text[k].isupper() and tokens.low[k] in common_words() for k in beside)
