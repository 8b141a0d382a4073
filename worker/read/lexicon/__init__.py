"""Load the word lists of the reading steps: TOML and TSV files in this folder, one loader for all of them.

In: the name of a file here. Out: its content, parsed once per process and shared.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import tomli

FOLDER = Path(__file__).resolve().parent


@cache
def table(name: str) -> dict[str, Any]:
    """Return the content of ``<name>.toml``. The same object each time: read it, do not change it."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomli.load(file)


def past_verbs() -> frozenset[str]:
    """Return the irregular past tenses that all steps read by; each adds its own."""
    return frozenset(table("past_verbs")["past"])


@cache
def _event_lists() -> dict[str, frozenset[str]]:
    files = ("event_words", "factuality_words")
    return {name: frozenset(value.split()) for file in files for name, value in table(file).items()}


def listed(name: str) -> frozenset[str]:
    """Return the words of a list of ``event_words.toml`` or ``factuality_words.toml``. Raises KeyError: no file has it."""
    return _event_lists()[name]
