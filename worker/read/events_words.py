"""Word lists of the event stages, from ``lexicon/event_words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def _lists() -> dict[str, frozenset[str]]:
    text = resources.files("worker.read").joinpath("lexicon/event_words.toml").read_text(encoding="utf-8")
    return {name: frozenset(value.split()) for name, value in tomllib.loads(text).items()}


def listed(name: str) -> frozenset[str]:
    """The words of the list ``name``; a KeyError names a list that the file does not have."""
    return _lists()[name]
