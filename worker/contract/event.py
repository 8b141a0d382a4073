"""``dateline.event/1``: one thing that happened (or is said to), with the text that proves it.

Types, modes and quads follow PLOVER 2.0 (Open Event Data Alliance), roots CAMEO; wording and word lists are ours.
Offsets count code points in the text of the article revision named by ``article`` and ``revision``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .fields import always

PloverType = Literal[
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST",
    "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
]  # fmt: skip
Quad = Literal["verbal cooperation", "material cooperation", "verbal conflict", "material conflict"]
Certainty = Literal["asserted", "reported", "anticipated", "alleged"]

#: PLOVER type to quad class, as its manual has them.
QUADS: dict[str, Quad] = {
    "AGREE": "verbal cooperation", "CONSULT": "verbal cooperation", "SUPPORT": "verbal cooperation",
    "CONCEDE": "material cooperation", "COOPERATE": "material cooperation", "AID": "material cooperation",
    "RETREAT": "material cooperation",
    "REQUEST": "verbal conflict", "ACCUSE": "verbal conflict", "REJECT": "verbal conflict",
    "THREATEN": "verbal conflict",
    "PROTEST": "material conflict", "SANCTION": "material conflict", "MOBILIZE": "material conflict",
    "COERCE": "material conflict", "ASSAULT": "material conflict",
}  # fmt: skip


class Span(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stretch of the article's text."""

    text: str
    start: int
    end: int


class Plover(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """PLOVER coding. ``intensity`` is the Goldstein-like value of the type and mode, -10 to 10."""

    type: PloverType
    mode: str | None = None
    contexts: list[str] = []
    quad: Quad
    intensity: float


class Cameo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CAMEO root (two digits, 01 to 20), the code where the rule is finer, and the quad class 1 to 4."""

    root: str
    code: str
    quad_class: int


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An actor or a recipient.

    ``country`` is ISO 3166 alpha-3; ``sector`` GOV, MIL, COP, LEG, JUD, OPP, REB, LAB, BUS, CVL, REF, PTY, MED, IGO or NGO;
    ``code`` the country, or an IGO's or group's own code. ``resolved_by`` says how: name, demonym, capital, title, memory,
    pronoun, lexicon or text.
    """

    text: str
    canonical: str | None = None
    country: str | None = None
    sector: str | None = None
    code: str | None = None
    title: str | None = None
    start: int
    end: int
    resolved_by: str = always("text")


class EventDate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When it happened: ISO 8601 days, both ends included; ``expression`` is the words that say so."""

    start: str
    end: str
    granularity: str
    expression: str | None = None
    anchor: str | None = None
    span: tuple[int, int] | None = None


class Location(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where. ``inferred`` is true when the clause names no place and it was taken from dateline or actor."""

    name: str | None = None
    country: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    inferred: bool = False
    span: tuple[int, int] | None = None


class Attribution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who says so. ``source`` is absent where the article asserts it itself."""

    source: str | None = None
    anonymous: bool = False
    independent_sources: int = always(1)
    certainty: Certainty = always("asserted")
    span: tuple[int, int] | None = None


class Factuality(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the text says it happened. ``tense`` is past, present, future or historical."""

    tense: str = always("past")
    negated: bool = False
    conditional: bool = False
    historical: bool = False


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Numbers of people, each a closed range [low, high]; absent where the text gives none."""

    killed: tuple[int, int] | None = None
    injured: tuple[int, int] | None = None
    arrested: tuple[int, int] | None = None
    size: tuple[int, int] | None = None


#: No numbers at all: the default of `Event.counts`, absent from the JSON.
NO_COUNTS = Counts()


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The text that proves the event, with its trigger; ``block`` and ``sentence`` are their indices in the article."""

    text: str
    start: int
    end: int
    trigger: Span
    block: int
    sentence: int


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of one article revision. ``id`` is stable across revisions that still support it; ``cluster_id`` is equal
    across articles that report the same thing; ``confidence`` 0 to 1 is the sum that ``reasons`` spells out."""

    id: str
    cluster_id: str
    article: str
    revision: int = always(1)
    plover: Plover
    cameo: Cameo
    actors: list[Party] = []
    recipients: list[Party] = []
    date: EventDate | None = None
    location: Location | None = None
    attribution: Attribution = msgspec.field(default_factory=Attribution)
    factuality: Factuality = msgspec.field(default_factory=Factuality)
    counts: Counts = NO_COUNTS
    evidence: Evidence
    confidence: float
    reasons: list[str] = []
    main: bool = False
