"""Say which blocks of a page are its gold text, aligned in order.

Long blocks are compared by word trigrams; short ones (subheads, list items) by their words and their place between labelled
neighbours; of two copies of one text the one whose neighbours stand beside it in the gold too is the article's.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

_CJK = re.compile("([\u0e00-\u0e7f\u1000-\u109f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_INVISIBLE = {ord(c): None for c in "\u00ad\u200b\u200c\u200d\u2060\ufeff"}
_WORD = re.compile(r"\w+")
#: From this many words on, a block is compared by trigrams alone.
_LONG_WORDS = 8
_LEAST_SHARE = 0.5
#: A short block may stand so many gold words outside its neighbours' places.
_SLACK_WORDS = 12
_NEIGHBOURS = 6

Gram = tuple[str, str, str]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case and NFC; each character of a script without spaces is one."""
    plain = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return _WORD.findall(_CJK.sub(r" \1 ", plain).lower())


class Gold:
    """A gold text as words, with the places of its words and trigrams."""

    def __init__(self, text: str) -> None:
        self.words = words_of(text)
        self.places: dict[Gram, list[int]] = defaultdict(list)
        for at, gram in enumerate(_grams(self.words)):
            self.places[gram].append(at)
        self.firsts: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.words):
            self.firsts[word].append(at)

    def share(self, words: list[str]) -> float:
        """The share of a block's trigrams that the gold has."""
        grams = _grams(words)
        return sum(gram in self.places for gram in grams) / len(grams) if grams else 0.0

    def place(self, words: list[str], near: int | None = None) -> int | None:
        """Where a block begins in the gold, by the median of its rarest trigrams; nearest to ``near`` where several fit."""
        guesses: list[int] = []
        for offset, gram in enumerate(_grams(words)):
            found = self.places.get(gram)
            if found and len(found) <= 3:
                best = found[0] if near is None else min(found, key=lambda at: abs(at - offset - near))
                guesses.append(best - offset)
        guesses.sort()
        return guesses[len(guesses) // 2] if guesses else None

    def find(self, words: list[str], low: int, high: int) -> int | None:
        """The first place from ``low`` to ``high`` at which exactly these words stand."""
        starts = self.firsts.get(words[0], [])
        for at in starts[bisect_left(starts, max(0, low)) :]:
            if at > high:
                return None
            if self.words[at : at + len(words)] == words:
                return at
        return None


def _grams(words: list[str]) -> list[Gram]:
    return [(words[i], words[i + 1], words[i + 2]) for i in range(len(words) - 2)]


def align(texts: Sequence[str], gold: Gold) -> list[int]:
    """1 for each block that is part of the gold text, else 0, in the page's order."""
    tokens = [words_of(text) for text in texts]
    places: list[int | None] = [None] * len(texts)
    for i, words in enumerate(tokens):
        if len(words) >= _LONG_WORDS and gold.share(words) > _LEAST_SHARE:
            places[i] = gold.place(words)
            if places[i] is None:
                places[i] = gold.find(words[:3], 0, len(gold.words))
    _drop_copies(tokens, places)
    _place_short(tokens, places, gold)
    return [int(place is not None) for place in places]


def _drop_copies(tokens: list[list[str]], places: list[int | None]) -> None:
    """Of blocks that claim the same words of the gold, keep the one whose neighbours fit best."""
    claims: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, place in enumerate(places):
        if place is not None:
            claims[tuple(tokens[i])].append(i)
    rivals: list[list[int]] = [group for group in claims.values() if len(group) > 1]
    taken = sorted(
        ((place, place + len(tokens[i]), i) for i, place in enumerate(places) if place is not None),
    )
    for (start, end, i), (other, until, j) in pairwise(taken):
        if tokens[i] != tokens[j] and min(end, until) - max(start, other) > 0.8 * min(end - start, until - other):
            rivals.append([i, j])
    for group in rivals:
        alive = [i for i in group if places[i] is not None]
        if len(alive) < 2:
            continue
        best = max(
            alive, key=lambda i: (_fit(i, tokens, places), len(tokens[i]) if _is_whole(i, alive, tokens) else 0, -i)
        )
        for i in alive:
            if i != best:
                places[i] = None


def _is_whole(i: int, group: list[int], tokens: list[list[str]]) -> bool:
    return all(len(tokens[i]) >= len(tokens[j]) for j in group)


def _fit(i: int, tokens: list[list[str]], places: list[int | None]) -> float:
    """How well the blocks around one stand around its place in the gold too."""
    own = places[i] or 0
    fit = 0.0
    for step in (-1, 1):
        at, seen = i + step, 0
        expected = own - 1 if step < 0 else own + len(tokens[i])
        while 0 <= at < len(tokens) and seen < _NEIGHBOURS:
            place = places[at]
            if len(tokens[at]) >= _LONG_WORDS:
                seen += 1
            if place is not None:
                edge = place + len(tokens[at]) if step < 0 else place
                fit += 1.0 / (1.0 + abs(edge - expected) / 20.0) / (1.0 + 0.2 * seen)
                break
            at += step
    return fit


def _place_short(tokens: list[list[str]], places: list[int | None], gold: Gold) -> None:
    """Place short blocks between the labelled blocks before and behind them."""
    behind: list[int] = [len(gold.words)] * len(tokens)
    following, distance = len(gold.words), 10_000
    gaps: list[int] = [0] * len(tokens)
    for i in range(len(tokens) - 1, -1, -1):
        behind[i], gaps[i] = following, distance
        place = places[i]
        if place is not None:
            following, distance = place, 0
        else:
            distance += 1
    low, since = 0, 10_000
    for i, words in enumerate(tokens):
        place = places[i]
        if place is not None:
            low, since = place + len(words), 0
            continue
        since += 1
        if not words or len(words) >= _LONG_WORDS or (since > 40 and gaps[i] > 40):
            continue
        high = behind[i] if behind[i] >= low else len(gold.words)
        slack = _SLACK_WORDS if len(words) > 2 else 2
        found = gold.find(words, low - slack if len(words) > 2 else low, min(high + slack, low + 400))
        if found is not None and (found <= high or len(words) > 2):
            places[i] = found
            low = max(low, found + len(words))
