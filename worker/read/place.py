"""Where an event happened: from its clause, else its sentence, else the dateline or the actor, and then marked as inferred."""

from __future__ import annotations

from worker.contract.event import Location
from worker.read.document import Document, Mention
from worker.read.events_draft import Draft
from worker.read.events_parties import PLACES
from worker.read.events_words import listed
from worker.read.gazetteer import lookup_place

#: Prepositions of place.
LOCATIVE = listed("locative") - {"central", "northern", "southern", "eastern", "western", "downtown"}
#: Prepositions of direction: the place of a visit, a deployment or a withdrawal.
_DIRECTIVE = frozenset({"to", "into", "from", "toward", "towards", "for"})
#: Reading back over these from a place's name to its preposition.
_MODIFIERS = listed("modifiers")
#: Nouns that a name of a place explains: anything may describe them ("the restive border town of").
_KINDS = frozenset({"city", "town", "village", "capital", "province", "region", "district", "port", "state", "island", "suburb",
                    "enclave", "resort", "county", "area", "neighbourhood", "neighborhood"})  # fmt: skip
_FINE = {"CITY": 0, "FACILITY": 1, "REGION": 2, "LOC": 3, "COUNTRY": 4}


def places_by_sentence(document: Document) -> dict[int, list[Mention]]:
    """Place mentions by the index of their sentence, in order."""
    found: dict[int, list[Mention]] = {}
    sentences = document.sentences
    k = 0
    for mention in sorted((m for m in document.mentions if m.type in PLACES), key=lambda m: m.start):
        while k + 1 < len(sentences) and mention.start >= sentences[k].end:
            k += 1
        if sentences and sentences[k].start <= mention.start < sentences[k].end:
            found.setdefault(k, []).append(mention)
    return found


def locate(draft: Draft, document: Document, places: dict[int, list[Mention]]) -> None:
    """Fill in ``location``; None where neither clause, sentence, dateline nor actor tells."""
    start, end = draft.span
    goal = draft.mode in ("visit", "withdraw") or draft.match.frame.trigger in _MOVING
    words = LOCATIVE | _DIRECTIVE if goal else LOCATIVE
    here = [m for m in places.get(draft.sentence, ()) if says_place(document.text, m.start, words)]
    parties = {(p.start, p.end) for p in draft.actors}
    if not goal:
        parties |= {(p.start, p.end) for p in draft.recipients if draft.type not in _PHYSICAL}
    inside = [m for m in here if start <= m.start and m.end <= end and (m.start, m.end) not in parties]
    candidates = inside or [m for m in here if (m.start, m.end) not in parties and not draft.match.light]
    candidates = candidates or ([m for m in here if (m.start, m.end) not in parties] if not goal else [])
    if candidates:
        best = min(
            candidates,
            key=lambda m: (
                _cut_off(document.text, draft.trigger, m),
                m.resolved_by == "demonym",  # "the Algerian city of Oran" is Oran
                _FINE.get(m.type, 5) + (abs(m.start - draft.trigger[1]) > 160),
                m.start,
            ),
        )
        draft.location = _location(best, inferred=False)
        return
    if goal:
        named = {m.canonical for m in places.get(draft.sentence, ())}
        for party in draft.recipients:
            if party.country and party.sector is None and party.canonical in named:
                draft.location = Location(name=party.canonical or party.text, country=party.country, inferred=False,
                                          span=(party.start, party.end))  # fmt: skip
                return
    if draft.mode == "phone":
        return  # at both ends of the line
    if draft.lead and document.dateline is not None and draft.type in _PHYSICAL:
        place = lookup_place(document.dateline.place, document.dateline.country)
        draft.location = Location(
            name=document.dateline.place, country=document.dateline.country, admin1=place.admin1 if place else None,
            lat=place.lat if place else None, lon=place.lon if place else None, inferred=True,
        )  # fmt: skip
        return
    countries = {p.country for p in draft.actors if p.country}
    if len(countries) == 1 and draft.type in _PHYSICAL:
        draft.location = Location(country=next(iter(countries)), inferred=True)


#: Types whose events happen at a place rather than being said.
_PHYSICAL = frozenset({"ASSAULT", "COERCE", "PROTEST", "MOBILIZE", "AID", "RETREAT", "CONSULT"})


_BORDERS = frozenset({"after", "before", "since", "following", "when", "while", "as", "who", "which", "that"})
_MOVING = frozenset(
    {"send", "deploy", "visit", "arrive", "travel", "dispatch", "fly", "withdraw", "evacuate", "deliver"}
)


def says_place(text: str, start: int, words: frozenset[str] = LOCATIVE) -> bool:
    """True when a preposition of place stands before the name at ``start``, not "Tehran said".

    Over "in the restive northern Afghan city of" and "in Sudan's"; ``words`` are the prepositions that count.
    """
    kind = owner = False
    others = 0
    for word in reversed(text[max(0, start - 70) : start].replace(",", " ").split()[-8:]):
        low = word.lower()
        if low in words:
            return True
        if low in _KINDS:
            kind = True
        elif low.endswith(("'s", "’s", "s'", "s’")) and not owner:
            owner = True
        elif low not in _MODIFIERS:
            others += 1
            if not kind or others > 2 or not low.replace("-", "").isalpha():
                return False
    return False


def _cut_off(text: str, trigger: tuple[int, int], mention: Mention) -> bool:
    """True when the place belongs to another clause: "bombed targets in Iraq after an attack in Ankara"."""
    between = text[trigger[1] : mention.start] if mention.start >= trigger[1] else text[mention.end : trigger[0]]
    return bool(_BORDERS & set(between.lower().replace(",", " ").split()))


def _location(mention: Mention, *, inferred: bool) -> Location:
    country = mention.country
    place = lookup_place(mention.canonical, country) if mention.type != "COUNTRY" else None
    return Location(
        name=mention.canonical, country=country or (place.country if place else None),
        admin1=place.admin1 if place else None, lat=place.lat if place else None, lon=place.lon if place else None,
        inferred=inferred, span=(mention.start, mention.end),
    )  # fmt: skip
