"""Whether the text says it happened, when seen from publication, and who says so."""

from __future__ import annotations

from datetime import date

from ...contract.article import Quote
from ...contract.event import Attribution, Certainty, Factuality
from ..document import Document
from ..lexicon import listed
from ..syntax.chunks import Chunk, Clauses
from ..syntax.subjects import subject
from .candidate import Draft
from .doubt import clause_opener, doubt, is_called_off, is_conditional, is_told_of, shares_denial
from .match_context import FUTURE, TRANSPARENT

#: Modal verbs that leave it open.
_POSSIBLE = frozenset({"may", "might", "could", "can", "ca"})
#: Words right before or inside the verb group that make a report an allegation.
_ALLEGED = frozenset({"allegedly", "purportedly", "supposedly", "reputedly"})
_REPORTED = frozenset({"reportedly", "apparently"})
_ALLEGING_CUES = frozenset(
    {
        "claim",
        "claimed",
        "claims",
        "claiming",
        "allege",
        "alleged",
        "alleges",
        "alleging",
        "accuse",
        "accused",
        "accuses",
    }
)
_DOUBTING = listed("doubting")
_ALLEGED_ADJECTIVES = listed("alleged_adjectives")
_UNKNOWN_OPENERS = frozenset({"whether"})
_HYPOTHETICAL = frozenset({"if", "unless", "lest"})
#: Nouns whose "of X" or clause tells of something past: a commemoration is no news of it.
_COMMEMORATION = frozenset({"anniversary", "commemoration", "memory", "memorial", "centenary", "remembrance"})
_NOBODY = frozenset({"no", "neither", "none", "nobody", "nothing"})
#: It was close, but it was not.
_NEARLY = frozenset({"nearly", "almost"})
_FAILING = listed("failing")
#: A habit is no event.
_HABITUAL = listed("habitual")
#: An event older than this on the day of publication is background.
HISTORICAL_DAYS = 32


def judge(draft: Draft, document: Document) -> None:
    """Fill in ``factuality`` and ``known``; the date must be there already."""
    clauses, match = draft.clauses, draft.match
    chunks = clauses.chunks
    verb = chunks[match.verb] if match.verb >= 0 else None
    governor = chunks[match.transparent] if match.transparent >= 0 else None
    negated = bool(verb is not None and verb.negated and match.frame.negated is not True)
    if match.verb >= 0 and shares_denial(clauses, match.verb):
        negated = True
    if draft.type == "REJECT" and match.type == "REJECT" and match.frame.type != "REJECT":
        negated = False  # the negation is what makes it a refusal
    if governor is not None and (governor.word in _FAILING or (governor.negated and governor.word in TRANSPARENT)):
        negated = True
    if _negative_subject(clauses, match.chunk):
        negated = True
    at = match.verb if match.verb >= 0 else match.chunk
    opened = clause_opener(clauses, at)
    if opened < 0 and verb is not None and verb.infinitive:  # "if Chile is found to have ordered"
        over = next((j for j in range(match.verb - 1, -1, -1) if chunks[j].kind == "VG" and chunks[j].finite), -1)
        opened = clause_opener(clauses, over) if over >= 0 else -1
    opener = chunks[opened].word if opened >= 0 else ""
    draft.doubt = doubt(clauses, at)
    if match.frame.kind == "noun" and is_called_off(clauses, match.chunk):
        negated = True
    if draft.doubt == "unknown" or opener in _UNKNOWN_OPENERS:
        draft.known = False
    for group in (verb, governor):
        around = clauses.tokens.low[max(0, group.first - 1) : group.last + 1] if group is not None else []
        if not _HABITUAL.isdisjoint(around) or not _NEARLY.isdisjoint(around) or "ever" in around:
            draft.known = False
    modal = verb.modal if verb is not None else ""
    owed = modal in ("must", "should", "ought") and not match.duty  # "which must still be ratified"
    conditional = (
        owed or modal in _POSSIBLE or opener in _HYPOTHETICAL or (governor is not None and governor.modal in _POSSIBLE)
    )
    planned = match.planned or modal in FUTURE
    if is_conditional(clauses, at, supposed=modal == "would"):
        conditional = True  # "if elected, she would pardon him"
    draft.days_before = _days_before(draft, document)
    historical = _is_historical(draft)
    tense = "past"
    if historical:
        tense = "historical"
    elif planned or (governor is not None and governor.modal in FUTURE):
        tense = "future"
    elif verb is not None and _is_present(verb, governor):
        tense = "present"
    draft.factuality = Factuality(tense=tense, negated=negated, conditional=conditional, historical=historical)


def _is_present(verb: Chunk, governor: Chunk | None) -> bool:
    carrier = governor if governor is not None and governor.finite and not verb.finite else verb
    if carrier.perfect:
        return False
    return carrier.form in ("b", "s") or (carrier.form == "g" and carrier.finite)


def _negative_subject(clauses: Clauses, k: int) -> bool:
    """ "No troops were sent": the denial stands in the noun phrase."""
    chunk = clauses.chunks[k]
    if chunk.kind == "NP":
        return chunk.negative
    low = clauses.tokens.low
    return any(clauses.chunks[s].negative or low[clauses.chunks[s].first] in _NOBODY for s in subject(clauses, k)[:1])


def _is_historical(draft: Draft) -> bool:
    """Older than a month on publication, or under an anniversary."""
    low = draft.clauses.tokens.low
    first = draft.match.trigger[0]
    window = low[max(0, first - 12) : first]
    if _COMMEMORATION & set(window) and draft.match.chunk != 0 and "of" in window:
        return True
    return draft.days_before is not None and draft.days_before > HISTORICAL_DAYS


def _days_before(draft: Draft, document: Document) -> int | None:
    """Days from the event's last day to the publication; None where either is not known."""
    sure = document.anchor_is_sure  # a page without a date of its own may be as old as what it tells
    published = document.published.date() if document.published and sure else None
    if published is None and document.dateline is not None and document.dateline.date:
        try:
            published = date.fromisoformat(document.dateline.date)
        except ValueError:
            published = None
    if published is None or draft.date is None:
        return None
    try:
        end = date.fromisoformat(draft.date.end)
    except ValueError:
        return None
    return (published - end).days


def _no_source(quote: Quote) -> bool:
    """A relative pronoun is nobody, and who "is expected to" did not say so."""
    speaker = quote.speaker.text.lower() if quote.speaker is not None else ""
    return speaker in ("which", "who", "that", "whose", "what") or (quote.cue or "").lower() in (
        "expected",
        "scheduled",
        "due",
    )


def _own_words(draft: Draft, quote: Quote) -> bool:
    """Whether the event is what the speaker does by speaking: then the article tells it ("accused X and called for Y")."""
    speaker = quote.speaker.text if quote.speaker is not None else ""
    return draft.match.frame.outer and any(party.text == speaker for party in draft.actors)


def _is_past_words(draft: Draft, document: Document, quote: Quote) -> bool:
    """Whether "but" ends what a speaker threatened or vowed before the trigger: "threatened to leave but stayed after"."""
    if quote.kind != "indirect" or (quote.cue or "").lower() not in _VOWS:
        return False
    return " but " in document.text[quote.start : draft.trigger[0]]


#: Words of what somebody says he will do.
_VOWS = frozenset({"threatened", "vowed", "promised", "pledged", "offered", "agreed", "refused", "threatens", "vows"})


def attribute(draft: Draft, document: Document, quote: Quote | None, deeds: frozenset[str]) -> None:
    """Fill in ``attribution`` from the quote that covers the trigger; the article itself speaks where there is none.

    ``deeds`` are the sentence's trigger words: who "declared an emergency after hackers attacked" did not report the attack.
    """
    if quote is not None and ((quote.cue or "").lower() in deeds or _is_past_words(draft, document, quote)):
        quote = None
    low = draft.clauses.tokens.low
    first, last = draft.match.trigger
    verb = draft.clauses.chunks[draft.match.verb] if draft.match.verb >= 0 else None
    start = min(first, verb.first if verb is not None else first)
    near = set(low[max(0, start - 2) : last + 2])
    certainty: Certainty = "asserted"
    source = None
    anonymous = False
    span = None
    if quote is not None and quote.speaker is not None and not _no_source(quote) and not _own_words(draft, quote):
        source, anonymous, certainty = quote.speaker.text, quote.anonymous, "reported"
        place = document.text.find(source, max(0, quote.start - 400), quote.end + 400)
        span = (place, place + len(source)) if place >= 0 else None
        if quote.cue and quote.cue.lower() in _ALLEGING_CUES:
            certainty = "alleged"
    governor = draft.clauses.chunks[draft.match.transparent] if draft.match.transparent >= 0 else None
    if is_told_of(governor, verb) and governor is not None:
        certainty = "alleged" if governor.word in _DOUBTING else "reported"
    described = draft.match.frame.kind == "noun" and set(low[max(0, first - 2) : first]) & _ALLEGED_ADJECTIVES
    if near & _ALLEGED or draft.doubt == "alleged" or described:
        certainty = "alleged"
    elif near & _REPORTED and certainty == "asserted":
        certainty = "reported"
    if draft.factuality.tense == "future" or draft.factuality.conditional:
        certainty = "anticipated"
    if source:
        draft.sources.add(source.lower())
    draft.attribution = Attribution(source=source, anonymous=anonymous, certainty=certainty, span=span)
