"""Word lists of the event stages, from ``lexicon/event_words.toml`` and the files beside it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

_FILES = ("event_words.toml", "factuality_words.toml", "fivew_words.toml")


@cache
def _lists() -> dict[str, frozenset[str]]:
    folder = resources.files("worker.read").joinpath("lexicon")
    texts = (folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES)
    return {name: frozenset(value.split()) for text in texts for name, value in tomllib.loads(text).items()}


def listed(name: str) -> frozenset[str]:
    """The words of the list ``name``; a KeyError names a list that no file has."""
    return _lists()[name]
