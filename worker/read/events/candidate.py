"""What the event stages pass among themselves: an event in the making with its clause, and noun phrases with their mentions."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...contract.event import Attribution, Counts, EventDate, Factuality, Location, Party
from ..document import Document, Mention
from ..syntax.chunks import Clauses
from .match_context import Match
from .roles import ACTORS


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


class NamedParties:
    """Looks up the mentions of a document's sentences."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def speaker(self, text: str, start: int, end: int) -> Party | None:
        """The party that the words naming a speaker stand for, near the quotation ``start:end``; None where no name does."""
        near = [
            m
            for m in self._document.mentions
            if m.text in text and m.type in ACTORS and m.end > start - 300 and m.start < end + 300
        ]
        best = max(near, key=lambda m: (m.sector is not None, len(m.text), -abs(m.start - end)), default=None)
        return self._from_mention(best) if best is not None else None

    def is_person(self, party: Party) -> bool:
        """Whether the party is a person whom the text names in full."""
        named = party.canonical is not None and " " in party.canonical and party.resolved_by != "pronoun"
        return named and any(m.type == "PERSON" for m in self.names_in(party))

    def names_in(self, party: Party) -> list[Mention]:
        """The mentions inside the party's words."""
        return [m for m in self._document.mentions if party.start <= m.start and m.end <= party.end]

    def mention(self, index: int) -> Mention:
        """The document's mention number ``index``."""
        return self._document.mentions[index]

    def phrase(self, clauses: Clauses, k: int) -> Phrase:
        """The noun phrase chunk ``k`` with the mentions inside it."""
        chunk, tokens = clauses.chunks[k], clauses.tokens
        inside: list[int] = []
        owner = -1
        for i in range(chunk.first, chunk.last + 1):
            m = tokens.mention[i]
            if m >= 0 and (not inside or inside[-1] != m):
                inside.append(m)
            if m >= 0 and chunk.owner >= 0 and i < chunk.owner:
                owner = self._before(m, tokens.start[chunk.owner])  # not all of "the president's Middle East"
        head = tokens.mention[chunk.head]
        state = tokens.low[chunk.first] == "dead" and chunk.last > chunk.first  # "shot dead | five men"
        return Phrase(chunk.first + state, chunk.last, tokens.low[chunk.head], inside, head, owner)

    def _before(self, m: int, end: int) -> int:
        """The mention that begins where mention ``m`` does and ends before ``end``; ``m`` where that is itself, or none is."""
        whole, mentions = self.mention(m), self._document.mentions
        if whole.end <= end:
            return m
        inner = (n for n in range(m + 1, min(m + 5, len(mentions))) if mentions[n].start == whole.start)
        return next((n for n in inner if mentions[n].end <= end), m)

    def _from_mention(self, mention: Mention) -> Party:
        return Party(text=mention.text, canonical=mention.canonical, country=mention.country, sector=mention.sector,
                     code=mention.code or mention.country, title=mention.title, start=mention.start, end=mention.end,
                     resolved_by=mention.resolved_by)  # fmt: skip
