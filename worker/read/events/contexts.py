"""What an event is about, beside what was done: PLOVER's contexts, by the words of the sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from ..lexicon import table

#: More than three contexts say nothing.
MOST = 3


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    """Contexts by word."""
    by_word: dict[str, tuple[str, ...]] = {}
    for name, words in table("event_contexts").items():
        for word in words.split():
            by_word[word] = (*by_word.get(word, ()), name)
    return by_word


def contexts(lows: Sequence[str], given: Sequence[str] = ()) -> list[str]:
    """The contexts of a sentence's lower-case words, most words first, after those that the frame itself gives."""
    by_word = _by_word()
    found = Counter(name for word in set(lows) for name in by_word.get(word, ()))
    ranked = [name for name, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]
    return list(dict.fromkeys([*given, *ranked]))[:MOST]
