"""Restraint: sport and markets speak of attacks and fights and mean none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ..document import Document
from ..lexicon import table
from ..syntax.objects import complements
from .candidate import Draft

_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")
#: Sectors whose deeds are meant literally even on the sports page.
_HARD = frozenset({"GOV", "MIL", "COP", "JUD", "LEG", "REB", "IGO"})
#: Sectors of private people: on the arts and market pages their fights are words.
_SOFT = frozenset({"CVL", "BUS", "MED", "OPP"})
#: Types that the arts pages, and those that the market pages, use for what is nothing of the kind.
_METAPHORS = frozenset(
    {"ACCUSE", "ASSAULT", "REJECT", "REQUEST", "THREATEN", "COERCE", "RETREAT", "CONCEDE", "MOBILIZE", "SUPPORT"}
)
_MARKET_METAPHORS = frozenset({"ASSAULT", "COERCE", "RETREAT", "CONCEDE", "MOBILIZE", "THREATEN"})
_STRONG_POINTS, _WEAK_POINTS = 2.0, 1.0
#: Points in one sentence, and points per hundred words of the article, from which the words are taken for sport.
SENTENCE_POINTS, ARTICLE_POINTS = 3.0, 5.0
#: Fewer are enough for markets, which nobody with a country or an office is asked about here.
MARKET_POINTS = 2.0


@dataclass(frozen=True, slots=True)
class _Topic:
    strong: frozenset[str]
    weak: frozenset[str]

    def points(self, words: list[str]) -> float:
        """Points of the different topic words in a list."""
        found = set(words)
        return _STRONG_POINTS * len(found & self.strong) + _WEAK_POINTS * len(found & self.weak)


@cache
def _topics() -> dict[str, _Topic]:
    return {
        name: _Topic(frozenset(t["strong"].split()), frozenset(t["weak"].split()))
        for name, t in table("blocked_topics").items()
    }


#: Triggers that accidents share with attacks.
_COUNTED = frozenset(
    {"dozens", "scores", "hundreds", "thousands", "himself", "herself", "themselves", "many", "several"}
)
_FOES = frozenset(
    {"protesters", "demonstrators", "militants", "rebels", "insurgents", "gunmen", "hostages", "activists"}
)
_CASUALTIES = frozenset({"kill", "wound", "injure", "hurt"})


def _lifeless(draft: Draft) -> bool:
    """ "Killed hopes of a cut", "hurt sales": the object is neither somebody nor a number."""
    clauses, match = draft.clauses, draft.match
    if draft.recipients or match.verb != match.chunk or clauses.chunks[match.chunk].passive:
        return False
    objects = complements(clauses, match.chunk).objects
    if not objects:
        return False
    chunk = clauses.chunks[objects[0][0]]
    tags = clauses.tokens.tag[chunk.first : chunk.last + 1]
    return tags[-1] == "N" and "#" not in tags and chunk.word not in _COUNTED


class Restraint:
    """Tells sport and market talk from events, by the words of the sentence and of the article."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        words = _WORD.findall(document.text[:6000].lower())
        self._sports_article = len(words) > 40 and self._share("sport", words) >= ARTICLE_POINTS
        self._arts_article = len(words) > 40 and self._share("entertainment", words) >= ARTICLE_POINTS
        self._market_article = len(words) > 40 and self._share("market", words) >= ARTICLE_POINTS
        self._sentences: dict[int, float] = {}
        violence, accident = _topics()["violence"], _topics()["accident"]
        self._accident_article = accident.points(words) > violence.points(words)
        self._violent_words, self._accident_words = violence.strong | violence.weak, accident.strong | accident.weak

    @staticmethod
    def _share(topic: str, words: list[str]) -> float:
        """Points of all words of a topic, per hundred words; 0 where they are few different ones."""
        lists = _topics()[topic]
        if lists.points(words) < 7:
            return 0.0
        counted = _STRONG_POINTS * sum(w in lists.strong for w in words) + 0.5 * sum(w in lists.weak for w in words)
        return counted * 100 / max(100, len(words))

    def allows(self, draft: Draft) -> bool:
        """False for what is sport; parties of state, army or court are believed outside the sports page."""
        points = self._sentences.get(draft.sentence)
        if points is None:
            start, end = draft.sentence_span
            words = _WORD.findall(self._text[start:end].lower())
            points = self._sentences[draft.sentence] = _topics()["sport"].points(words)
        if self._is_story(draft) or self._is_show_or_market(draft):
            return False
        if draft.match.frame.trigger in _CASUALTIES and (_lifeless(draft) or not self._is_violent(draft)):
            return False
        hard = any(p.sector in _HARD for p in draft.actors)
        if self._sports_article:
            return hard
        if points >= SENTENCE_POINTS and not hard:
            return any(p.country and p.sector not in (None, "CVL") for p in draft.actors + draft.recipients)
        return True

    def _is_show_or_market(self, draft: Draft) -> bool:
        """ "Wall Street bombed", "the singer slammed her critics": talk of markets and shows, with nobody who could mean it."""
        if draft.type not in _METAPHORS or any(
            p.sector in _HARD or (p.code and p.sector not in _SOFT) for p in draft.actors
        ):
            return False
        start, end = draft.sentence_span
        words = _WORD.findall(self._text[start:end].lower())
        if self._arts_article:
            return True
        if _topics()["entertainment"].points(words) >= SENTENCE_POINTS:
            return not (draft.type == "ASSAULT" and set(words) & self._violent_words)
        if draft.type not in _MARKET_METAPHORS:
            return False
        return self._market_article or _topics()["market"].points(words) >= MARKET_POINTS

    def _is_story(self, draft: Draft) -> bool:
        """ "In the novel, France invades": present tense beside words of fiction."""
        start, end = draft.sentence_span
        words = set(_WORD.findall(self._text[start:end].lower()))
        if not words & _topics()["fiction"].strong:
            return False
        verb = draft.clauses.chunks[draft.match.verb] if draft.match.verb >= 0 else None
        return verb is None or verb.form in ("s", "b", "g")

    def _is_violent(self, draft: Draft) -> bool:
        """Whether people were killed or hurt by somebody: an armed actor, or words of violence and none of an accident."""
        if any(p.sector in _HARD for p in draft.actors):
            return True
        start, end = draft.sentence_span
        here = set(_WORD.findall(self._text[max(0, start - 300) : end].lower()))
        own = set(_WORD.findall(self._text[start:end].lower()))
        if own & self._violent_words:
            return True
        if not own & self._accident_words and any(
            p.sector == "OPP" or _FOES & set(p.text.lower().split()) for p in draft.recipients
        ):
            return True  # protesters and rebels do not die by themselves
        if own & self._accident_words or self._accident_article:
            return False
        if draft.actors and any(p.sector or p.code for p in draft.actors):
            return True
        return bool(here & self._violent_words)
