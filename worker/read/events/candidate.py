"""What the event stages pass among themselves: an event in the making, with the clause it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...contract.event import Attribution, Counts, EventDate, Factuality, Location, Party
from ..syntax.chunks import Clauses
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
    voice: Party | None = None  #: the official who says "we condemn" in a direct quotation
    factuality: Factuality = field(default_factory=Factuality)
    attribution: Attribution = field(default_factory=Attribution)
    date: EventDate | None = None
    days_before: int | None = None  #: from its last day to the publication
    location: Location | None = None
    counts: Counts = field(default_factory=Counts)
    known: bool = True  #: false for "it was not known whether": no event
    doubt: str = ""  #: "alleged" where its clause hangs on a claim or rumour
    lead: bool = False
    undated: bool = False  #: whether nothing tells the day of its page
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


@dataclass(slots=True)
class Phrase:
    """A noun phrase of one sentence, as party material. ``head_mention`` is the index of the mention at its head, or -1."""

    first: int
    last: int
    head: str
    mentions: list[int]
    head_mention: int
    owner_mention: int
