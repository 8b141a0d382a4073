"""What an event is about, beside what was done: PLOVER's contexts, by the words of the sentence."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources

#: More than three contexts say nothing.
MOST = 3


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    """Contexts by word."""
    text = resources.files("worker.read").joinpath("lexicon/event_contexts.toml").read_text(encoding="utf-8")
    table: dict[str, tuple[str, ...]] = {}
    for name, words in tomllib.loads(text).items():
        for word in words.split():
            table[word] = (*table.get(word, ()), name)
    return table


def contexts(lows: Sequence[str], given: Sequence[str] = ()) -> list[str]:
    """The contexts of a sentence's lower-case words, most words first, after those that the frame itself gives."""
    table = _by_word()
    found = Counter(name for word in set(lows) for name in table.get(word, ()))
    ranked = [name for name, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]
    return list(dict.fromkeys([*given, *ranked]))[:MOST]
