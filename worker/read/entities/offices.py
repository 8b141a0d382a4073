"""The sector of roles whose word alone does not tell it: the captain of a ship, a bank's officer, a club's president."""

from __future__ import annotations

from collections.abc import Sequence

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from .lexicon import Noun

#: Ranks and offices that companies, ships, schools and clubs have too; sectors that such a body takes from them.
_SHARED = listed("names", "shared_offices")
_OF_STATE = frozenset({"GOV", "MIL", "COP", "LEG", "JUD"})
#: Words for ships, aircraft, teams, schools, firms; words of forces, which win over them.
_CIVIL = listed("names", "civil_bodies")
_ARMED = listed("names", "armed_bodies")
#: Words before an office that make it one of business, health or sport: "press officer", "keynote speaker".
_CIVIL_KINDS = listed("names", "civil_kinds")
_CIVIL_SECTORS = frozenset({"BUS", "NGO", "MED", "CVL", "LAB"})
#: Sectors of people who study, report on or belong to a force and are none of it: "military analyst", "army wife".
_OUTSIDE = frozenset({"CVL", "MED", "BUS"})
_FORCES = frozenset({"MIL", "COP", "JUD", "LEG", "CRM"})
_OWNING = frozenset({"'s", "’s", "'", "’"})
_BEHIND = frozenset({"of", "at", "for", "with", "aboard", "in"})
_WINDOW = 5  #: words behind "of" in which the body is named


def role_sector(tokens: Tokens, start: int, heads: Sequence[tuple[int, int, Noun]]) -> str | None:
    """The sector of a noun phrase by its nouns, the last of which is its head.

    Args:
        start: First token of the phrase.
        heads: Start, end and meaning of each noun; the head is the last.
    """
    begin, end, noun = heads[-1]
    sector = noun.sector
    if noun.word == "party" and noun.plural and _is_in_conflict(tokens, start, begin, end):
        return None
    if sector in _OF_STATE and noun.word in _SHARED:
        civil = next((n.sector for _, _, n in reversed(heads[:-1]) if n.sector in _CIVIL_SECTORS), None)
        if not _ARMED.isdisjoint(tokens.low[max(0, start - 2) : end + _WINDOW]):
            return sector
        if not _CIVIL_KINDS.isdisjoint(tokens.low[start:begin]):
            return None  # "a press officer"
        if civil is not None or _is_civil(tokens, start, begin, end):
            return civil
    return sector


def _is_in_conflict(tokens: Tokens, start: int, begin: int, end: int) -> bool:
    """Whether parties are those to a war, accord or lawsuit: "the warring parties", "the parties to the conflict"."""
    low = tokens.low
    if not _WARRING.isdisjoint(low[start:begin]):
        return True
    return low[end : end + 2] in (["in", "conflict"], ["to", "the"], ["to", "a"]) or low[end : end + 1] == ["concerned"]


_WARRING = frozenset({"warring", "conflicting", "belligerent", "opposing", "feuding"})


def is_outside(noun: Noun, force: str | None) -> bool:
    """Whether a head like "analyst", "widow" or "biologist" stays what it is behind a word for a force."""
    return force in _FORCES and noun.sector in _OUTSIDE


def _is_civil(tokens: Tokens, start: int, begin: int, end: int) -> bool:
    """Whether the words around the office name a ship, team, school or firm, or say of what kind it is."""
    low = tokens.low
    before = {low[i] for i in range(start, begin) if not tokens.capital[i]}  # not "Soviet Union officials"
    if start >= 2 and low[start - 1] in _OWNING:
        before.add(low[start - 2])
    if not before.isdisjoint(_CIVIL):
        return True
    if end >= len(low) or low[end] not in _BEHIND:
        return False
    for i in range(end + 1, min(end + 1 + _WINDOW, len(low))):
        if low[i] in _CIVIL and not tokens.capital[i]:
            return True
        if not (low[i][0].isalnum() or low[i] in _OWNING) or low[i] in ("who", "which", "that", "to", "and"):
            return False
    return False
