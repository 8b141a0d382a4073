"""A phrase while it is being read, and what phrases that stand side by side give each other."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from ..syntax.tokenizer import Tokens
from .fields import is_field


@dataclass(slots=True)
class Phrase:
    """A phrase being read; indices are tokens of its sentence, ``head`` the name or noun in it."""

    start: int
    end: int
    head: int
    head_end: int
    kind: str  #: person, role, group, place, country, demonym, organisation, other, unknown, pronoun, back
    type: str
    canonical: str
    country: str | None = None
    sector: str | None = None
    code: str | None = None
    title: str | None = None
    resolved_by: str = "name"
    noun: str | None = None
    plural: bool = False
    definite: bool = False
    hint: str | None = None  #: country of a place that stands beside the phrase
    owner: str | None = None  #: possessive pronoun that opens the phrase
    beside: Phrase | None = None  #: the role in apposition: "its spokesman, X,"
    bearer: Phrase | None = None  #: the name in apposition: "the foreign minister, X,"
    foreign: bool = False  #: "Western", "European", "international": belongs to no country at hand
    inside: bool = False  #: part of a larger phrase
    of_body: bool = False  #: "of" a body without a country follows: "the president of the Control Commission"
    source: Phrase | None = None  #: the phrase inside ("of the party", "the party's") that a missing country comes from


def appositions(phrases: list[Phrase], tokens: Tokens, given: Set[str] = frozenset()) -> None:
    """Let a name and the role beside it ("X, a member of Y," and "the minister, X,") share country, sector and title."""
    outer = [d for d in phrases if not d.inside]
    for left, right in pairwise(outer):
        if right.start != left.end + 1 or tokens.text[left.end] != ",":
            continue
        after = tokens.text[right.end] if right.end < len(tokens) else "."
        name = tokens.text[right.head]
        if (
            left.kind == "role"
            and not left.plural
            and right.kind in ("country", "place")
            and name in given
            and after == ","
        ):
            right.kind, right.type, right.canonical, right.country, right.code = "person", "PERSON", name, None, None
        everyone = right.resolved_by == "demonym" and tokens.low[right.start] in ("both", "all")
        if left.kind == "group" and everyone and left.country is None:
            left.country = left.code = right.country  # "two men, both Zambian nationals,"
            left.resolved_by = "demonym"
        said_of = right.kind == "role" or (right.kind == "group" and after in (",", ".", ";", ")"))
        if left.kind == "person" and said_of and not right.plural:  # not "in a blow to Ann Bell, the Senate voted"
            if left.country is None:
                left.country, left.code = right.country, right.code
                left.source = left.source or right.source
            left.sector = left.sector or right.sector
            left.title = left.title or right.canonical
            right.canonical, right.resolved_by = left.canonical, "text"
        elif left.kind == "role" and right.kind in ("person", "unknown") and after in (",", ".", ";", "said", "told"):
            right.kind, right.type = "person", "PERSON"
            right.country, right.code = right.country or left.country, right.code or left.code
            right.beside = left
            left.bearer = right if not left.plural and after != "." else None
            right.sector, right.title = right.sector or left.sector, right.title or left.canonical


def coordinated(phrases: list[Phrase], tokens: Tokens) -> list[Phrase]:
    """ "US and British activists" means both: the bare first demonym takes the noun of the second. "Natural Resources and
    Environment Minister X" is one man."""
    out = list(phrases)
    fields: list[Phrase] = []
    for k, left in enumerate(out[:-1]):
        right = out[k + 1]
        joined = right.start == left.end + 1 and tokens.low[left.end] in ("and", "or")
        if (
            joined
            and left.kind in ("demonym", "country")
            and right.kind == "group"
            and right.resolved_by == "demonym"
            and left.resolved_by != "capital"
        ):
            out[k] = replace(right, start=left.start, country=left.country, code=left.code, canonical=right.canonical)
            right.start = left.start
        fielded = joined and right.kind == "person" and right.title is not None and left.country is None
        if fielded and is_field(tokens, right.start) and all(is_field(tokens, i) for i in range(left.start, left.end)):
            right.start = left.start
            fields.append(left)
    return [phrase for phrase in out if phrase not in fields] if fields else out


def ends_aside(low: Sequence[str], i: int, phrases: Sequence[Phrase]) -> bool:
    """Whether token ``i`` is the verb after an aside to the sentence's first phrase: "the mayor, elected in May, accused".

    ``low`` are the sentence's tokens in lower case, ``phrases`` those read so far.
    """
    if i < 3 or low[i - 1] != "," or not phrases:
        return False
    first = min(phrases, key=lambda phrase: (phrase.start, -phrase.end))
    return first.start == 0 and first.end < i - 1 and low[first.end] == ","
