"""Score how far a page and a sentence are about public affairs: a linear model over words and kinds of name.

The weights are in ``lexicon/public_affairs.tsv``, made by ``tools/train_public_affairs.py``; ``docs/public_affairs.md`` is
the model's card. Names count by their kind alone, so no person or country has a weight of its own.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from ..document import Document, Mention
from ..lexicon import listed

_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*")
#: Kinds of mention whose own words are common nouns and count as such.
_COMMON = frozenset({"GROUP", "ROLE", "PRONOUN"})
#: Words of every text: they tell styles apart, not topics.
_NEUTRAL = listed("neutral")
#: Longest stretch of a page that is looked at, in characters.
PAGE_CHARACTERS = 8000
#: Sentences from which a page is told; a note of fewer counts as neither.
LEAST_SENTENCES = 5
_BIAS = "(bias)"
#: Log-odds below which a page, and a sentence, is taken for one of other things: the training set has short sentences, so the
#: borders were set on whole pages (docs/public_affairs.md).
PAGE_BORDER, SENTENCE_BORDER = -2.2, -1.0


@cache
def _weights() -> dict[str, float]:
    text = resources.files("dateline.read").joinpath("lexicon/public_affairs.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: float(weight) for word, weight in rows}


def features(text: str, mentions: Sequence[Mention], start: int, end: int) -> Iterator[str]:
    """Yield the features of ``text[start:end]``: its words, and for each name its kind and sector.

    Args:
        mentions: Those that begin in the stretch, in the order of their start.
    """
    at = start
    for mention in mentions:
        if mention.start < at:
            continue
        yield from _words(text[at : mention.start])
        if mention.type in _COMMON:
            yield from _words(mention.text)
        yield f"<{mention.type}>"
        if mention.sector:
            yield f"<{mention.sector}>"
        at = mention.end
    yield from _words(text[at:end])


def _words(text: str) -> Iterator[str]:
    """Yield the words of a stretch that tell topics apart."""
    return (word for word in _WORD.findall(text.lower()) if word not in _NEUTRAL)


def score_features(found: Sequence[str], weights: dict[str, float]) -> float:
    """Sum the weights of the features, over the root of their number: log-odds that the text is of public affairs."""
    if not found:
        return 0.0
    return weights[_BIAS] + sum(weights.get(word, 0.0) for word in found) / math.sqrt(len(found))


class Gate:
    """Scores one article's page and sentences; each at most once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._mentions = sorted(document.mentions, key=lambda m: (m.start, -m.end))
        self._starts = [m.start for m in self._mentions]
        self._page: float | None = None
        self._sentences: dict[int, float] = {}

    def _score(self, start: int, end: int) -> float:
        inside = self._mentions[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        return score_features(list(features(self._document.text, inside, start, end)), _weights())

    def page(self) -> float:
        """Score the page: the mean over its sentences, as far as ``PAGE_CHARACTERS``."""
        if self._page is None:
            spans = [(s.start, s.end) for s in self._document.sentences if s.start < PAGE_CHARACTERS]
            spans = [span for span in spans if span[1] - span[0] > 25]
            enough = len(spans) >= LEAST_SENTENCES
            self._page = sum(self._score(*span) for span in spans) / len(spans) if enough else 0.0
        return self._page

    def sentence(self, number: int) -> float:
        """Score the sentence of that index."""
        if number not in self._sentences:
            span = self._document.sentences[number]
            self._sentences[number] = self._score(span.start, span.end)
        return self._sentences[number]
