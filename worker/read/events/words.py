"""Word lists of the event stages, from ``lexicon/event_words.toml`` and the files beside it."""

from __future__ import annotations

from functools import cache

from ..lexicon import table

_FILES = ("event_words", "factuality_words")


@cache
def _lists() -> dict[str, frozenset[str]]:
    return {name: frozenset(value.split()) for file in _FILES for name, value in table(file).items()}


def listed(name: str) -> frozenset[str]:
    """The words of the list ``name``; a KeyError names a list that no file has."""
    return _lists()[name]
