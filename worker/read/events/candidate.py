"""What the event stages pass among themselves: an event in the making, with the clause it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from ...contract.event import Attribution, Counts, EventDate, Factuality, Location, Party
from ..document import Document
from ..syntax.chunker import Clauses
from .match_context import Match


@dataclass(slots=True)
class Draft:
    """An event in the making; offsets count code points in the document's text."""

    match: Match
    clauses: Clauses
    sentence: int
    block: int
    kind: str  #: the block's kind
    type: str
    mode: str | None
    actors: list[Party]
    recipients: list[Party]
    trigger: tuple[int, int]
    span: tuple[int, int]
    sentence_span: tuple[int, int]
    factuality: Factuality = field(default_factory=Factuality)
    attribution: Attribution = field(default_factory=Attribution)
    date: EventDate | None = None
    location: Location | None = None
    counts: Counts = field(default_factory=Counts)
    known: bool = True  #: false for "it was not known whether": no event
    doubt: str = ""  #: "alleged" where its clause hangs on a claim or rumour
    lead: bool = False
    position: str = "main"  #: where in its sentence the trigger stands, see `events_position`
    page_score: float = (
        0.0  #: how far the page, and the sentence, are about public affairs: log-odds, see `events_gate`
    )
    sentence_score: float = 0.0
    sources: set[str] = field(default_factory=set)
    mentions: int = 1
    reasons: list[str] = field(default_factory=list)
    confidence: float = 0.0
    main: bool = False
    told: tuple[
        str, ...
    ] = ()  #: what tells the event from others, as its first mention has it: later ones may come and go

    @property
    def codes(self) -> tuple[frozenset[str], frozenset[str]]:
        """Codes (else names) of the actors and of the recipients."""
        return _codes(self.actors), _codes(self.recipients)


def _codes(parties: list[Party]) -> frozenset[str]:
    return frozenset(p.code or p.country or (p.canonical or p.text).lower() for p in parties)


def unsettle(draft: Draft, document: Document) -> None:
    """Take the country from victims and things that have it from memory alone, and the same one as their attacker.

    "Gunmen of Hamas killed 1,200 people": theirs is not the gunmen's country, unless the place of the deed, or the article's
    dateline, is there.
    """
    fighters = any(p.sector in _FIGHTERS for p in draft.actors) or draft.mode in _OF_WAR
    if draft.type != "ASSAULT" and not (draft.type == "COERCE" and draft.mode == "seize"):
        return
    if not draft.recipients or not fighters:
        return
    ours = {p.country or p.code for p in draft.actors}
    place = draft.location.country if draft.location is not None and not draft.location.inferred else None
    home = document.dateline.country if document.dateline is not None else None
    settled = {place, home}
    draft.recipients = [
        replace(p, country=None, code=None, canonical=None)
        if p.resolved_by == "memory" and p.title is None and p.country in ours - settled and _is_generic(p)
        else p
        for p in draft.recipients
    ]


#: Sectors of those who fight abroad, and modes of war: police and courts harm people of their own country.
_FIGHTERS, _OF_WAR = frozenset({"MIL", "REB"}), frozenset({"heavy-weapons", "firearms"})


def _is_generic(party: Party) -> bool:
    """Whether a party is told by a common noun alone ("1,400 people", "two drones")."""
    return party.text.rsplit(" ", 1)[-1].islower()
