"""Background: what a sentence tells of long ago, asks, or says there is no ground for, is no news of today."""

from __future__ import annotations

from msgspec.structs import replace

from worker.read.clauses import Clauses
from worker.read.document import Document
from worker.read.events_draft import Draft
from worker.read.events_words import listed

#: "No evidence that", "little sign of": what follows did not happen, as far as anybody knows.
_LACKING = frozenset({"no", "little", "without", "any", "scant", "false", "baseless", "unfounded", "untrue", "bogus"})
_GROUNDS = listed("grounds")
_DOUBTS = listed("doubts")
#: "Five years after", "decades since": what follows is older than a month.
_SPANS = frozenset({"year", "years", "decade", "decades", "century", "centuries", "months"})
_SINCE = frozenset({"since", "after", "before"})
_BYGONE = listed("bygone")
_MARKING = frozenset({"mark", "commemorate", "remember", "honour", "honor", "celebrate"})
#: Verbs of a life's story.
_LIVED = frozenset({"born", "aged", "grew", "biography", "memoir", "memoirs", "obituary"})


def groundless(draft: Draft, document: Document) -> bool:
    """True where the sentence asks, doubts, or prefers something else: "Why does X keep arming", "no evidence that"."""
    start, end = draft.sentence_span
    if document.text[start:end].rstrip("\"'”’) \n").endswith("?"):
        return True
    clauses, match = draft.clauses, draft.match
    low = clauses.tokens.low
    first = match.trigger[0]
    for i in range(max(0, first - 14), first):
        if low[i] in _GROUNDS and _LACKING & set(low[max(0, i - 4) : i]) and {"that", "of"} & set(low[i + 1 : i + 3]):
            return True
        if low[i] in _DOUBTS and low[i + 1] in ("that", "if", "whether"):
            return True
    return _preferred_not(clauses, match.verb if match.verb >= 0 else match.chunk)


def _preferred_not(clauses: Clauses, k: int) -> bool:
    """ "Rather die than surrender", "instead of attacking"."""
    chunks, low = clauses.chunks, clauses.tokens.low
    if k <= 0 or chunks[k].kind != "VG":
        return False
    before = low[max(0, chunks[k].first - 2) : chunks[k].first]
    if before[-1:] == ["than"]:
        return True
    return not chunks[k].finite and (before == ["instead", "of"] or before[-1:] == ["without"])


def old_news(draft: Draft, *, dated_page: bool) -> None:
    """Flag as historical what is told beside "N years since", a commemoration, or of a state that is no more.

    ``dated_page`` is False for a text that may be as old as the state: then the state's name tells nothing.
    """
    if draft.factuality.historical or draft.factuality.tense == "future":
        return
    low = draft.clauses.tokens.low
    first = draft.match.trigger[0]
    bygone = dated_page and any(
        _BYGONE & set(p.text.lower().replace("-", " ").split()) for p in draft.actors + draft.recipients
    )
    if bygone or _years_ago(low, first) or (_marked(draft) and draft.type != "CONSULT") or _LIVED & set(low[:3]):
        draft.factuality = replace(draft.factuality, historical=True, tense="historical")


def _years_ago(low: list[str], first: int) -> bool:
    """ "Five years after crowds burned", "30 years since the genocide in which": no comma parts the span from the event."""
    for i in range(max(0, first - 14), first - 1):
        if low[i] in _SPANS and low[i + 1] in _SINCE and not {",", ";", "–", "—"} & set(low[i + 2 : first]):
            return True
    return False


def _marked(draft: Draft) -> bool:
    """The event's clause hangs on a verb of remembrance: "marked the day when", "remembered the sailors killed"."""
    chunks = draft.clauses.chunks
    k = draft.match.verb if draft.match.verb >= 0 else draft.match.chunk
    for j in range(k - 1, max(-1, k - 8), -1):
        if chunks[j].kind == "VG" and chunks[j].word in _MARKING:
            return True
        if chunks[j].kind in (";", ",", "C"):
            return False
    return False
