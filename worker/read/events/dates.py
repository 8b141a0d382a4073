"""When an event happened: the time expression of its clause, else of its sentence. No guess where neither has one."""

from __future__ import annotations

import re
from datetime import date

from msgspec.structs import replace

from ...contract.article import Timex
from ...contract.event import EventDate
from ..document import Document
from ..temporal.tagger import interval
from .candidate import Draft
from .factuality import HISTORICAL_DAYS

#: Words between trigger and time that hand the time to another clause.
_BORDERS = ("that", "as", "while", "scheduled for")
#: Words after which somebody else's words, or another clause, have times of their own.
_FAR_BORDERS = ("saying", "adding", "arguing", "noting", "insisting", "claiming", "and would", "and will")
#: Words after which another time is told.
_TURNS = ("after", "before", "since", "following", "ahead of", "when", "until")


_LATER = re.compile(r"\b(?:later|afterwards?|after that)$", re.IGNORECASE)


def times_by_sentence(document: Document) -> dict[int, list[Timex]]:
    """Dated time expressions by the index of their sentence."""
    found: dict[int, list[Timex]] = {}
    k, sentences = 0, document.sentences
    for timex in sorted(document.timex, key=lambda t: t.start):
        while k + 1 < len(sentences) and timex.start >= sentences[k].end:
            k += 1
        if sentences and sentences[k].start <= timex.start < sentences[k].end and interval(timex) is not None:
            found.setdefault(k, []).append(timex)
    return found


def date_draft(draft: Draft, document: Document, times: dict[int, list[Timex]]) -> None:
    """Fill in ``date`` from the nearest time expression that no clause border cuts off."""
    best: tuple[float, Timex] | None = None
    start, end = draft.span
    governed = draft.match.governed
    speech_ends = draft.clauses.tokens.start[governed] if governed >= 0 else end + len(document.text)
    for timex in times.get(draft.sentence, ()):
        if timex.start > speech_ends:
            continue  # the time of what is spoken about
        if timex.anchor == "publication" and _LATER.search(timex.text):
            continue  # "seven years later" than something told before, not than today
        own = draft.trigger[1] <= timex.start < end
        if timex.granularity == "year" and _modifies(document.text, timex, draft.trigger[1] if own else -1):
            continue  # "the 2015 accord" of another clause, "dropped a case over a 2010 fire"
        if _of_participle(draft, timex):
            continue  # "condemned the move announced on Monday"
        if _is_matter(draft, document, timex):
            continue  # "accused the army for his removal in April 2022"
        if draft.type not in _SPOKEN and _SAID.search(document.text, max(0, timex.start - 40), timex.start):
            continue  # the day of the report, not of the deed
        cost = _distance(draft, document.text, timex)
        if timex.end <= draft.trigger[0] and _RELATIVES & set(document.text[start : timex.start].lower().split()):
            cost += 500  # "France, whose troops left in 2022, urged"
        if timex.end <= draft.trigger[0] and _ends_aside(document.text, start, timex):
            cost += 500  # "the mayor, elected in May, accused"
        if not (start <= timex.start < end):
            cost += 120
        if best is None or cost < best[0]:
            best = (cost, timex)
    if best is None or best[0] > 400:
        return
    draft.date = event_date(best[1])


#: Types that are acts of speech: the day they were said is their day.
_SPOKEN = frozenset({"REQUEST", "ACCUSE", "REJECT", "THREATEN", "SUPPORT"})
_SAID = re.compile(
    r"\b(?:said|told|reported|confirmed|added|says)(?: \w+){0,2}?(?: on| late| early)* ?$", re.IGNORECASE
)
_RELATIVES = frozenset({"which", "who", "whose", "that", "when", "where"})
_ARTICLES = ("the", "a", "an", "its", "their", "his", "her")


def _ends_aside(text: str, start: int, timex: Timex) -> bool:
    """Whether the time closes an aside between two commas that says something of its own before it."""
    _, comma, aside = text[start : timex.start].rpartition(",")
    words = [word for word in aside.lower().split() if word not in _BEFORE_TIMES]
    return bool(comma and words) and text[timex.end : timex.end + 1] == ","


#: Words that belong to the time itself: "the mayor, late on Monday, accused".
_BEFORE_TIMES = frozenset(
    {"on", "in", "at", "late", "early", "the", "last", "this", "of", "during", "earlier", "later"}
)


def _modifies(text: str, timex: Timex, trigger: int) -> bool:
    """True for a year between an article and a noun.

    ``trigger``: where the trigger ends, if the year follows in its own clause: "signed the 2015 accord", "in the 1967 war" tell
    when, but not "dropped a case over a 2010 fire".
    """
    before = text[max(0, timex.start - 12) : timex.start].lower().split()
    if not before or before[-1] not in _ARTICLES or not text[timex.end : timex.end + 2].strip().isalpha():
        return False
    return trigger < 0 or not _MATTER.isdisjoint(text[trigger : timex.start].lower().split())


def _of_participle(draft: Draft, timex: Timex) -> bool:
    """Whether the time stands right behind a participle that describes a noun told after the trigger."""
    chunks, tokens = draft.clauses.chunks, draft.clauses.tokens
    for k, chunk in enumerate(chunks):
        if chunk.kind != "VG" or chunk.finite or not chunk.passive or not k or chunks[k - 1].kind != "NP":
            continue
        if draft.trigger[1] <= tokens.start[chunk.first] < timex.start:
            between = [i for i in range(chunk.last + 1, len(tokens.low)) if tokens.start[i] < timex.start]
            if len(between) <= 1:
                return True
    return False


def _is_matter(draft: Draft, document: Document, timex: Timex) -> bool:
    """Whether a time of long ago belongs to what a speech act is about, told after it behind "for", "of" or "over"."""
    days, published = interval(timex), document.published
    if draft.type not in _SPOKEN or published is None or days is None or timex.start < draft.trigger[1]:
        return False
    between = document.text[draft.trigger[1] : timex.start].lower().split()
    return (published.date() - days[1]).days > HISTORICAL_DAYS and not _MATTER.isdisjoint(between[:-1])


#: Prepositions before what somebody speaks about.
_MATTER = frozenset({"for", "of", "over", "about", "from", "into", "behind", "against", "under"})


def _distance(draft: Draft, text: str, timex: Timex) -> float:
    """Characters between trigger and expression, with a charge for each clause border between them."""
    first, last = draft.trigger
    between = text[last : timex.start] if timex.start >= last else text[timex.end : first]
    low = f" {between.lower()} ".replace(" during which ", " ")
    cost = float(len(between))
    opening = timex.start - draft.sentence_span[0] < 30
    shared = timex.start < first and low.startswith("  when ")  # "in June when gunmen attacked": the time of both
    cost += 450 * (any(f" {word} " in low for word in _TURNS) and not shared)
    cost += 450 * (not opening and timex.end <= first and _own_subject(draft, timex))
    cost += 450 * (";" in between or any(f" {word} " in low for word in _FAR_BORDERS))
    cost += (60 if opening else 450) * any(f" {word} " in low for word in ("who", "which", "whose"))
    cost += 150 * sum(f" {word} " in low for word in _BORDERS)
    before = text[max(0, timex.start - 8) : timex.start].lower().split()
    if before and before[-1] in ("since", "until", "by", "till", "before"):
        cost += 250
    if low.strip().startswith(("said", "told")) or " said " in low:
        cost += 40
    return cost


def _own_subject(draft: Draft, timex: Timex) -> bool:
    """Whether the trigger's clause has a subject of its own behind a comma and "and" after the time.

    "Sent ships on Thursday, and the ministry demanded": the demand has no day.
    """
    tokens, chunks = draft.clauses.tokens, draft.clauses.chunks
    if (
        not draft.match.actors
        or draft.match.verb < 0
        or not (draft.type in _SPOKEN or draft.type in ("AGREE", "CONSULT"))
    ):
        return False  # "marched on Thursday, and police detained": the same day
    k = draft.match.actors[0]
    if k < 2 or k > draft.match.verb or tokens.start[chunks[k].first] < timex.end:
        return False
    joined = chunks[k - 1].kind == "C" and chunks[k - 2].kind == ","
    return joined and tokens.start[chunks[k - 2].first] >= timex.end


def clip(draft: Draft, published: date | None) -> None:
    """Cut the date at the day of publication: what happened "this week" did so up to now, what will happen does so from now."""
    when = draft.date
    if when is None or published is None:
        return
    today = published.isoformat()
    if when.start > today and draft.factuality.tense in ("past", "historical") and not draft.factuality.conditional:
        draft.date = None  # counted from something else: "retook them 74 days later"
    if when.start == when.end:
        return
    if not when.start <= today <= when.end:
        return
    if draft.factuality.tense == "past":
        draft.date = replace(when, end=today)
    elif draft.factuality.tense == "future":
        draft.date = replace(when, start=today)


def event_date(timex: Timex) -> EventDate | None:
    """The days that a time expression covers, as the event's date."""
    days = interval(timex)
    if days is None:
        return None
    return EventDate(start=days[0].isoformat(), end=days[1].isoformat(), granularity=timex.granularity,
                     expression=timex.text, anchor=timex.anchor, span=(timex.start, timex.end))  # fmt: skip
