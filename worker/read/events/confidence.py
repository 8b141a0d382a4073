"""Confidence: the log-odds of evidence, summed, as a probability. docs/events.md explains the parts and how far they hold."""

from __future__ import annotations

import math

from ...contract.event import Party
from .candidate import Draft
from .clause_position import is_description
from .public_affairs import PAGE_BORDER, SENTENCE_BORDER

#: Log-odds of an event of which nothing else is known: a frame matched, with its needed words in place.
BASE = 0.0
#: What is older on the day of publication is mostly told as background ("In June, the two met").
OLD_DAYS = 14
_WEIGHTS: dict[str, float] = {
    "main clause": 0.35,
    "describing clause": -0.8,
    "subordinate clause": -0.25,
    "event noun alone": -0.7,
    "present tense": -0.25,
    "simple present": -0.3,
    "to come": -0.4,
    "material cooperation": -1.0,
    "verbal cooperation": -0.55,
    "coercion": -0.3,
    "public actor": 0.35,
    "private actor": -0.4,
    "no public party": -1.0,
    "no actor": -0.1,
    "actor by pronoun": -0.4,
    "actor by memory": -0.1,
    "recipient named": 0.15,
    "recipient by pronoun": -0.7,
    "two countries": 0.35,
    "dated in its clause": 0.6,
    "weeks old": -0.6,
    "dated by a month or more": -0.3,
    "lead paragraph": 0.45,
    "said more than once": 0.45,
    "anonymous source": -0.1,
    "page of public affairs": 0.4,
    "page of other things": -1.8,
    "sentence of other things": -0.4,
    "own plan called off": -1.0,
    "perfect on an undated page": -0.5,
    "conditional": -0.6,
    "negated": -0.4,
    "alleged": -0.4,
}
#: Log-odds of a page from which it is clearly about public affairs.
_CLEARLY_PUBLIC = 1.0
#: Sectors of people and bodies who act in public affairs.
PUBLIC = frozenset({"GOV", "MIL", "COP", "LEG", "JUD", "REB", "IGO", "PTY", "OPP", "LAB", "SPY", "NGO", "REF", "CRM"})
#: Types that private people do every day, so that somebody of public office must be in them.
_EVERYDAY = frozenset({"AID", "COOPERATE", "SUPPORT", "CONSULT", "AGREE", "MOBILIZE", "CONCEDE", "RETREAT"})
_MATERIAL_COOPERATION = frozenset({"AID", "CONCEDE", "COOPERATE"})
_VERBAL_COOPERATION = frozenset({"AGREE", "CONSULT", "SUPPORT"})
_COERCION = frozenset({"COERCE", "SANCTION", "PROTEST", "RETREAT", "MOBILIZE"})


def score(draft: Draft) -> None:
    """Fill in ``confidence``, 0.02 to 0.98, and put the parts of the sum before the other reasons."""
    parts = _parts(draft)
    total = BASE + sum(_WEIGHTS[name] for name in parts)
    draft.confidence = round(min(0.98, max(0.02, 1 / (1 + math.exp(-total)))), 2)
    draft.reasons = [
        f"frame {draft.match.frame.id}",
        *(f"{name} {_WEIGHTS[name]:+.2f}" for name in parts),
        *draft.reasons,
    ]


def is_public(party: Party) -> bool:
    """Whether the party is a state or somebody of public office, party, court, union, armed or organised group."""
    if party.sector in PUBLIC:
        return True
    return party.sector is None and party.country is not None


def _parts(draft: Draft) -> list[str]:
    """List the names of the weights that apply."""
    return [*_clause_parts(draft), *_party_parts(draft), *_other_parts(draft)]


def _clause_parts(draft: Draft) -> list[str]:
    match = draft.match
    parts: list[str] = []
    verb = draft.clauses.chunks[match.verb] if match.verb >= 0 else None
    if draft.position == "noun" or (match.frame.kind == "noun" and not match.light):
        parts.append("event noun alone")
    elif draft.position == "main":
        parts.append("main clause")
    elif is_description(draft.position):
        parts.append("describing clause")
    elif draft.position != "infinitive":
        parts.append("subordinate clause")
    tense = draft.factuality.tense
    if tense == "future":
        parts.append("to come")
    elif tense == "present":
        parts.append("present tense")
        if verb is not None and verb.form in ("s", "b") and verb.aux < 0 and not verb.modal:
            parts.append("simple present")
    if draft.factuality.conditional:
        parts.append("conditional")
    if draft.factuality.negated:
        parts.append("negated")
    return parts


def _party_parts(draft: Draft) -> list[str]:
    parts: list[str] = []
    actors, recipients = draft.actors, draft.recipients
    if not actors:
        parts.append("no actor")
    elif any(is_public(p) for p in actors):
        parts.append("public actor")
    else:
        parts.append("private actor")
    if actors and actors[0].resolved_by == "pronoun":
        parts.append("actor by pronoun")
    elif actors and actors[0].resolved_by == "memory" and actors[0].canonical is None:
        parts.append("actor by memory")
    if recipients and recipients[0].resolved_by == "pronoun":
        parts.append("recipient by pronoun")
    elif recipients and any(p.canonical and p.code for p in recipients):
        parts.append("recipient named")
    theirs = {p.country or p.code for p in recipients}
    if any(code and theirs - {code, None} for code in {p.country or p.code for p in actors}):
        parts.append("two countries")
    elif draft.type in _EVERYDAY and not any(is_public(p) for p in (actors or recipients)):
        parts.append("no public party")
    return parts


def _other_parts(draft: Draft) -> list[str]:
    parts: list[str] = []
    for name, types in (("material cooperation", _MATERIAL_COOPERATION), ("verbal cooperation", _VERBAL_COOPERATION),
                        ("coercion", _COERCION)):  # fmt: skip
        if draft.type in types:
            parts.append(name)
    if draft.days_before is not None and draft.days_before > OLD_DAYS:
        parts.append("weeks old")
    elif draft.date is not None and draft.date.granularity in _LONG_TIMES and draft.factuality.tense != "future":
        parts.append("dated by a month or more")
    elif draft.date is not None:
        parts.append("dated in its clause")
    elif draft.undated and draft.date is None and not draft.lead and _in_perfect(draft):
        parts.append("perfect on an undated page")
    if draft.lead:
        parts.append("lead paragraph")
    if _calls_off(draft):
        parts.append("own plan called off")
    if draft.mentions > 1:
        parts.append("said more than once")
    if draft.attribution.anonymous:
        parts.append("anonymous source")
    if draft.attribution.certainty == "alleged":
        parts.append("alleged")
    if draft.page_score < PAGE_BORDER:
        parts.append("page of other things")
        if draft.sentence_score < SENTENCE_BORDER:
            parts.append("sentence of other things")
    elif draft.page_score > _CLEARLY_PUBLIC:
        parts.append("page of public affairs")
    return parts


_WORDS = frozenset({"ACCUSE", "REJECT", "REQUEST", "THREATEN"})
#: Times that are no day of the news: "in June", "last year".
_LONG_TIMES = frozenset({"month", "quarter", "season", "year", "decade", "century"})


def _in_perfect(draft: Draft) -> bool:
    """Whether a deed, not words, is told in the perfect tense: how things stand ("has jailed dozens of critics")."""
    return draft.type not in _WORDS and draft.match.verb >= 0 and draft.clauses.chunks[draft.match.verb].perfect


#: Verbs of calling off, what of one's own is called off, and words that tell of a quarrel behind it.
_CALLING_OFF = frozenset({"cancel", "postpone", "scrap", "delay"})
_PLANS = frozenset({"visit", "trip", "tour", "visits", "trips"})
_QUARREL = frozenset(
    {"over", "protest", "after", "following", "amid", "because", "response", "retaliation", "row", "dispute"}
)


def _calls_off(draft: Draft) -> bool:
    """Whether somebody called off a journey of his own and no reason is told: it may be a cold."""
    if draft.match.frame.trigger not in _CALLING_OFF:
        return False
    first, last = draft.match.trigger
    low = draft.clauses.tokens.low
    return bool(_PLANS & set(low[first : last + 8])) and not _QUARREL & set(low)
