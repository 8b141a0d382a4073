"""Confidence as a sum of evidence. The parts and their weights are explained, with a reliability table, in docs/events.md."""

from __future__ import annotations

from worker.read.events_draft import Draft

#: Where every event starts: a frame matched, with its needed words in place.
BASE = 0.40
_WEIGHTS: dict[str, float] = {
    "actor named": 0.10,
    "actor by role": 0.08,
    "recipient named": 0.05,
    "recipient by role": 0.04,
    "two parties": 0.02,
    "two countries": 0.07,
    "actor by memory": -0.06,
    "present tense": -0.06,
    "to come": -0.06,
    "specific frame": 0.04,
    "finite verb": 0.15,
    "dated in its clause": 0.03,
    "placed in its clause": 0.03,
    "lead paragraph": 0.03,
    "said more than once": 0.05,
    "named source": 0.02,
    "anonymous source": -0.03,
    "event noun alone": -0.18,
    "country inferred": -0.03,
    "place inferred": -0.04,
    "conditional": -0.10,
    "negated": -0.06,
    "alleged": -0.06,
}


def score(draft: Draft) -> None:
    """Fill in ``confidence``, 0.05 to 0.98, and put the parts of the sum before the other reasons."""
    parts = _parts(draft)
    total = BASE + sum(_WEIGHTS[name] for name in parts)
    draft.confidence = round(min(0.98, max(0.05, total)), 2)
    draft.reasons = [
        f"frame {draft.match.frame.id}",
        *(f"{name} {_WEIGHTS[name]:+.2f}" for name in parts),
        *draft.reasons,
    ]


def _parts(draft: Draft) -> list[str]:
    """The names of the weights that apply."""
    match = draft.match
    parts: list[str] = []
    if draft.actors:
        parts.append("actor named" if any(p.canonical and p.code for p in draft.actors) else "actor by role")
    if draft.recipients:
        parts.append(
            "recipient named" if any(p.canonical and p.code for p in draft.recipients) else "recipient by role"
        )
    if draft.actors and draft.recipients:
        parts.append("two parties")
        theirs = {p.country or p.code for p in draft.recipients}
        if any(code and theirs - {code, None} for code in {p.country or p.code for p in draft.actors}):
            parts.append("two countries")
    if any(p.resolved_by in ("memory", "pronoun") for p in draft.actors[:1]):
        parts.append("actor by memory")
    if draft.factuality.tense in ("present", "future"):
        parts.append("present tense" if draft.factuality.tense == "present" else "to come")
    if match.frame.weight >= 3:
        parts.append("specific frame")
    verb = draft.clauses.chunks[match.verb] if match.verb >= 0 else None
    if verb is not None and verb.finite:
        parts.append("finite verb")
    if match.frame.kind == "noun" and not match.light:
        parts.append("event noun alone")
    if draft.date is not None:
        parts.append("dated in its clause")
    if draft.location is not None:
        parts.append("place inferred" if draft.location.inferred else "placed in its clause")
    if draft.lead:
        parts.append("lead paragraph")
    if draft.mentions > 1:
        parts.append("said more than once")
    if draft.attribution.source:
        parts.append("anonymous source" if draft.attribution.anonymous else "named source")
    if any(p.resolved_by in ("memory", "place") and p.canonical is None for p in draft.actors):
        parts.append("country inferred")
    for name, holds in (("conditional", draft.factuality.conditional), ("negated", draft.factuality.negated),
                        ("alleged", draft.attribution.certainty == "alleged")):  # fmt: skip
        if holds:
            parts.append(name)
    return parts
