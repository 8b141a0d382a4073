"""The country of parties that have it from the article's memory alone: whose people they are, or nobody's that we know."""

from __future__ import annotations

from bisect import bisect_left

from msgspec.structs import replace

from ...contract.event import Party
from ..document import Document
from .candidate import Draft
from .roles import ACTORS, LOCAL, PLACES, is_machine, names_people

_MOURNED = ("victim", "victims", "families", "relatives", "survivors", "mourners")
#: Those whom forces meet at home.
_CROWDS = (
    "protesters",
    "protestors",
    "demonstrators",
    "rioters",
    "marchers",
    "crowd",
    "crowds",
    "inmates",
    "prisoners",
)
_AUTHORITIES = frozenset({"GOV", "COP", "JUD", "LEG", "MIL"})


def at_home(party: Party, actors: list[Party], kind: str = "") -> Party:
    """A local group that memory placed abroad belongs to the actor's country ("Poland's government ... the unions"); the
    staff that an international body dismisses has none of its own."""
    if party.resolved_by != "memory" or party.sector not in LOCAL or party.country != party.code:
        return party
    if party.sector in ("CVL", "MED") and not _is_generic(party):
        return party  # "French police arrested Ngo": whose people somebody with a name is, the arrest does not tell
    if party.text.lower().endswith(_MOURNED):
        return party  # condolences go abroad
    if party.sector == "LAB" and any(p.sector == "IGO" for p in actors):
        return replace(party, country=None, code=None, resolved_by="text")
    home = {p.country for p in actors if p.resolved_by not in ("memory", "pronoun") or p.canonical}
    if len(home) != 1 or None in home or actors[0].sector not in _AUTHORITIES:
        return party
    abroad = kind == "ASSAULT" and not party.text.lower().endswith(_CROWDS)
    if actors[0].sector == "MIL" and (party.sector != "CVL" or abroad):
        return party  # armies fight abroad; whom they address is at home
    country = next(iter(home))
    return replace(party, country=country, code=country, resolved_by="text")


def unsettle(draft: Draft, document: Document) -> None:
    """Take the country from victims and things that have it from memory alone, where the place of the deed tells another.

    "Gunmen of Hamas killed 1,200 people": theirs is not the gunmen's country nor the article's topic, unless the place of the
    deed, the article's dateline, or a name in the sentence is there.
    """
    if draft.type == "ASSAULT":  # "artillery pounded the region": whose, the text has not said
        draft.actors = [
            replace(p, country=None, code=None, canonical=None)
            if p.resolved_by == "memory" and p.sector == "MIL" and is_machine(p.text) and _is_generic(p)
            else p
            for p in draft.actors
        ]
    if draft.type == "ACCUSE":  # "condemned the terrorist acts": nobody's whom the text names
        draft.recipients = [
            replace(p, country=None, code=None, canonical=None)
            if p.resolved_by == "memory" and p.sector == "REB" and _is_deed(p)
            else p
            for p in draft.recipients
        ]
    fighters = draft.mode in _OF_WAR or any(_fights(p) or _is_weapon(p) for p in draft.actors)
    if draft.type != "ASSAULT" and not (draft.type == "COERCE" and draft.mode == "seize"):
        return
    if not draft.recipients or not fighters:
        return
    place = draft.location.country if draft.location is not None and not draft.location.inferred else None
    home = document.dateline.country if document.dateline is not None else None
    settled = {place, home}
    ours = {p.country or p.code for p in draft.actors}
    if settled == {None}:  # nothing says where it is: theirs is a country that the sentence names, not the attackers'
        named = (document.mentions[m] for m in draft.clauses.tokens.mention if m >= 0)
        settled |= {m.country for m in named if m.type in PLACES or m.resolved_by == "demonym"} - ours
    there = place or (home if draft.lead and home not in ours else None)
    sure = len(settled - {None}) > 0 or any(p.resolved_by != "memory" and p.country for p in draft.actors)
    draft.recipients = [
        replace(
            p, country=there if p.sector == "CVL" else None, code=there if p.sector == "CVL" else None, canonical=None
        )
        if p.resolved_by == "memory"
        and p.title is None
        and _is_generic(p)
        and (p.country in ours - settled or (sure and p.country not in settled))
        else p
        for p in draft.recipients
    ]


#: Sectors of those who fight abroad, and modes of war: police and courts harm people of their own country.
_FIGHTERS, _OF_WAR = frozenset({"MIL", "REB"}), frozenset({"heavy-weapons", "firearms"})


def _fights(party: Party) -> bool:
    """Whether the party is of an army or armed group, or gunmen and attackers of whatever kind."""
    return party.sector in _FIGHTERS or party.text.lower().endswith(_ATTACKERS)


_ATTACKERS = ("gunman", "gunmen", "attacker", "attackers", "assailant", "assailants", "raiders", "bandits")
_BLOWS = ("strike", "strikes", "shelling", "raid", "raids", "massacre", "bombing", "bombings", "attack", "attacks")


def _is_weapon(party: Party) -> bool:
    """Whether the party's words name what flies or falls, or a deed done with it: "Yemeni missiles", "an Israeli airstrike"."""
    return is_machine(party.text) or party.text.lower().endswith(_BLOWS)


def _is_deed(party: Party) -> bool:
    """Whether the party's words name what somebody did: "the terrorist acts", "the rebel attack"."""
    return party.text.lower().endswith(
        ("acts", "act", "attack", "attacks", "bombing", "bombings", "raid", "raids", "violence")
    )


def _is_generic(party: Party) -> bool:
    """Whether a party is told by a common noun alone ("1,400 people", "two drones")."""
    return party.text.rsplit(" ", 1)[-1].islower()


#: Endings of nouns for one person, where no list has them: "a former FBI informant", "army trainees".
_PERSONS = ("ees", "ee", "er", "or", "ist", "ant", "ian", "man", "woman")


def owner_alone(party: Party, document: Document) -> Party:
    """The one whose deed or thing the party's words name ("the Indian missile strikes"); others unchanged."""
    head = party.text.rpartition(" ")[2]
    if head == party.text or not head.islower() or names_people(head) or head.endswith(_PERSONS):
        return party  # "Afghan army trainees"
    first = bisect_left(document.mentions, party.start, key=lambda m: m.start)
    owner = None
    for m in document.mentions[first:]:
        if m.start >= party.end:
            break
        if m.end == party.end:
            return party
        named = m.type in ACTORS and m.type not in ("GROUP", "ROLE") and m.resolved_by in _BY_NAME
        theirs = m.canonical == party.canonical and m.resolved_by == party.resolved_by
        if owner is None and named and theirs and m.code and m.code in (party.code, party.country):
            owner = m
    if owner is None:
        return party
    text = document.text[owner.head_start : owner.head_end]
    if text.rpartition("-")[2].islower() and "-" in text:
        return party  # "Houthi-controlled areas"
    return Party(text=text, canonical=owner.canonical, country=owner.country, sector=owner.sector, code=owner.code,
                 title=owner.title, start=owner.head_start, end=owner.head_end, resolved_by=owner.resolved_by)  # fmt: skip


_BY_NAME = frozenset({"name", "demonym", "capital"})


def those_who_act(parties: list[Party], document: Document) -> list[Party]:
    """The parties as they are published: nobody's ships and aircraft are none, a deed or thing is its owner's."""
    named = [p for p in parties if p.country or p.code or not is_machine(p.text)]
    return [owner_alone(p, document) for p in named or parties]
