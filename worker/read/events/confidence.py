"""Confidence: the log-odds of evidence, summed, as a probability. docs/events.md explains the parts and how far they hold."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from ...contract.event import Party
from ..document import Document
from ..lexicon import listed
from .candidate import Draft
from .clause_position import is_description
from .public_affairs import PAGE_BORDER, SENTENCE_BORDER

#: Log-odds of an event of which nothing else is known: a frame matched, with its needed words in place.
BASE = 0.16
#: What is older on the day of publication is mostly told as background ("In June, the two met").
OLD_DAYS = 14
_WEIGHTS: dict[str, float] = {
    "main clause": 0.2,
    "describing clause": -0.5,
    "gerund": -0.3,
    "subordinate clause": -0.2,
    "deep in its sentence": -0.3,
    "event noun alone": -0.4,
    "present tense": -0.2,
    "simple present": -0.2,
    "to come": -0.3,
    "perfect without a date": -0.4,
    "material cooperation": -0.65,
    "verbal cooperation": -0.35,
    "agreement": -0.4,
    "threat or retreat": -0.25,
    "coercion": -0.2,
    "plain verb": 0.5,
    "public actor": 0.2,
    "private actor": -0.25,
    "no public party": -1.0,
    "no actor": -0.1,
    "actor with an office": 0.4,
    "actor by memory": -0.1,
    "recipient named": 0.1,
    "recipient by pronoun": -0.25,
    "dated in its clause": 0.4,
    "weeks old": -0.75,
    "dated by a month or more": -0.7,
    "beside the past": -0.45,
    "earlier than the news": -0.65,
    "lead paragraph": 0.5,
    "second paragraph": 0.2,
    "also": 0.3,
    "several of its type": 0.2,
    "word of the headline": 0.25,
    "said more than once": 0.3,
    "anonymous source": -0.1,
    "page of other things": -1.5,
    "sentence of other things": -0.25,
    "own plan called off": -0.65,
    "conditional": -0.4,
    "negated": -0.25,
    "alleged": -0.25,
}
#: What the page's log-odds of public affairs count, and how far they do.
_TOPIC, _TOPIC_MOST = 0.25, 1.5
#: Sectors of people and bodies who act in public affairs.
PUBLIC = frozenset({"GOV", "MIL", "COP", "LEG", "JUD", "REB", "IGO", "PTY", "OPP", "LAB", "SPY", "NGO", "REF", "CRM"})
#: Types that private people do every day, so that somebody of public office must be in them.
_EVERYDAY = frozenset({"AID", "COOPERATE", "SUPPORT", "CONSULT", "AGREE", "MOBILIZE", "CONCEDE", "RETREAT"})
_TYPES: dict[str, frozenset[str]] = {
    "material cooperation": frozenset({"AID", "CONCEDE", "COOPERATE"}),
    "verbal cooperation": frozenset({"AGREE", "CONSULT", "SUPPORT"}),
    "agreement": frozenset({"AGREE"}),
    "threat or retreat": frozenset({"THREATEN", "RETREAT"}),
    "coercion": frozenset({"COERCE", "SANCTION", "PROTEST", "RETREAT", "MOBILIZE"}),
}
#: Events of one type from which a page is about such deeds.
_SEVERAL = 3


class Scorer:
    """Gives the events of one article their confidence."""

    def __init__(self, document: Document, drafts: Sequence[Draft]) -> None:
        """``drafts``: all events of the article."""
        self._document = document
        self._counts = Counter(draft.type for draft in drafts)
        body = [number for number, block in enumerate(document.blocks) if block.kind == "body"]
        self._second = body[1] if len(body) > 1 else -1
        self._headline = frozenset(_stem(word) for word in _LETTERS.findall((document.title or "").lower()))
        self._pasts: dict[int, bool] = {}

    def score(self, draft: Draft) -> None:
        """Fill in ``confidence``, 0.02 to 0.98, and put the parts of the sum before the other reasons."""
        parts = [(name, _WEIGHTS[name]) for name in (*_parts(draft), *self._page_parts(draft))]
        topic = round(_TOPIC * min(_TOPIC_MOST, max(-_TOPIC_MOST, draft.page_score)), 2)
        if topic:
            parts.append(("topic of the page", topic))
        total = BASE + sum(weight for _, weight in parts)
        draft.confidence = round(min(0.98, max(0.02, 1 / (1 + math.exp(-total)))), 2)
        draft.reasons = [
            f"frame {draft.match.frame.id}",
            *(f"{name} {weight:+.2f}" for name, weight in parts),
            *draft.reasons,
        ]

    def _page_parts(self, draft: Draft) -> list[str]:
        """List what the place in the page, the headline and the sentence before say for or against an event."""
        parts: list[str] = []
        if draft.lead:
            parts.append("lead paragraph")
        elif draft.block == self._second:
            parts.append("second paragraph")
        if draft.date is None and (self._is_past(draft.sentence) or self._is_past(draft.sentence - 1)):
            parts.append("beside the past")
        first, last = draft.trigger
        if self._headline and _stem(self._document.text[first:last].lower()) in self._headline:
            parts.append("word of the headline")
        if self._counts[draft.type] >= _SEVERAL:
            parts.append("several of its type")
        return parts

    def _is_past(self, number: int) -> bool:
        """Whether the sentence ``number`` names an earlier year, or words of the past ("months ago")."""
        if number < 0:
            return False
        known = self._pasts.get(number)
        if known is None:
            document, sentence = self._document, self._document.sentences[number]
            text = document.text[sentence.start : sentence.end]
            year = document.published.year if document.published is not None else 0
            known = any(int(found) < year for found in _YEAR.findall(text)) or _PAST.search(text) is not None
            self._pasts[number] = known
        return known


_LETTERS = re.compile(r"[a-z]+")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_PAST = re.compile(
    r"\b(?:(?:year|decade|month)s? ago|(?:last|earlier this) (?:year|month)|last (?:spring|summer|autumn|fall|winter"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)|(?:in )?recent years"
    r"|in recent months|previous(?:ly)?|in the past|formerly|once|historically|at the time|back then)\b",
    re.IGNORECASE,
)
_ENDINGS = ("ings", "ing", "ions", "ion", "ed", "es", "s")
#: Letters that stay of a word without its ending.
_SHORTEST_STEM = 4


def _stem(word: str) -> str:
    """The word without its ending, so that "arrests" and "arrested" are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


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
        if draft.position == "gerund":
            parts.append("gerund")
    elif draft.position != "infinitive":
        parts.append("subordinate clause")
    tense = draft.factuality.tense
    if tense == "future":
        parts.append("to come")
    elif tense == "present":
        parts.append("present tense")
        if verb is not None and verb.form in ("s", "b") and verb.aux < 0 and not verb.modal:
            parts.append("simple present")
    if _is_deep(draft):
        parts.append("deep in its sentence")
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
    if actors and actors[0].title:
        parts.append("actor with an office")
    if actors and actors[0].resolved_by == "memory" and actors[0].canonical is None:
        parts.append("actor by memory")
    if recipients and recipients[0].resolved_by == "pronoun":
        parts.append("recipient by pronoun")
    elif recipients and any(p.canonical and p.code for p in recipients):
        parts.append("recipient named")
    theirs = {p.country or p.code for p in recipients}
    abroad = any(code and theirs - {code, None} for code in {p.country or p.code for p in actors})
    if not abroad and draft.type in _EVERYDAY and not any(is_public(p) for p in (actors or recipients)):
        parts.append("no public party")
    return parts


def _other_parts(draft: Draft) -> list[str]:
    arrest = draft.mode == "arrest"
    parts = [name for name, types in _TYPES.items() if draft.type in types and not (arrest and name == "coercion")]
    if draft.match.frame.kind == "verb" and draft.match.frame.trigger in _PLAIN:
        parts.append("plain verb")
    parts += _time_parts(draft)
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
    return parts


def _time_parts(draft: Draft) -> list[str]:
    """List what dates, tense and adverbs say of whether the event is of today."""
    low, (first, last) = draft.clauses.tokens.low, draft.match.trigger
    near = frozenset(low[max(0, first - _BEFORE) : first]) | frozenset(low[last + 1 : last + 1 + _BEHIND])
    parts = ["also"] if "also" in near else []
    if draft.days_before is not None and draft.days_before > OLD_DAYS:
        parts.append("weeks old")
    elif draft.date is not None and draft.date.granularity in _LONG_TIMES and draft.factuality.tense != "future":
        parts.append("dated by a month or more")
    elif draft.date is not None:
        parts.append("dated in its clause")
    if draft.date is None:
        if not near.isdisjoint(_EARLIER):
            parts.append("earlier than the news")
        if _in_perfect(draft):
            parts.append("perfect without a date")
    return parts


#: Verbs that hardly mean anything else than the deed of their frame.
_PLAIN = listed("plain_verbs")
#: Words near the trigger of what was done before.
_EARLIER = listed("earlier_words")
#: How near they are, in words.
_BEFORE, _BEHIND = 7, 3
#: Times that are no day of the news: "in June", "last year".
_LONG_TIMES = frozenset({"month", "quarter", "season", "year", "decade", "century"})
#: Words, and other finite verbs, before a trigger that is deep in its sentence.
_DEEP_WORDS, _DEEP_VERBS = 25, 2


def _is_deep(draft: Draft) -> bool:
    """Whether two finite verbs or many words come before the trigger in its sentence."""
    if draft.match.trigger[0] > _DEEP_WORDS:
        return True
    at = draft.match.verb if draft.match.verb >= 0 else draft.match.chunk
    return sum(chunk.kind == "VG" and chunk.finite for chunk in draft.clauses.chunks[:at]) >= _DEEP_VERBS


def _in_perfect(draft: Draft) -> bool:
    """Whether the perfect tells how things stand ("has jailed dozens of critics"), or what had been before.

    It tells news in the lead and where somebody says it ("said it had shelled"). Plain verbs ("has condemned") are spared on
    thin evidence: docs/events.md, tenth sheet.
    """
    if draft.match.verb < 0:
        return False
    verb = draft.clauses.chunks[draft.match.verb]
    if not verb.perfect or draft.match.frame.trigger in _PLAIN:
        return False
    if "had" in draft.clauses.tokens.low[verb.first : verb.last + 1]:
        return draft.attribution.certainty != "reported"
    return not draft.lead


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
