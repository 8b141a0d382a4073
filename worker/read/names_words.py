"""Small closed word lists of the grammar (``lexicon/grammar_*.toml``), as sets: pronouns, finite verbs, sites.

They are data, not code: each list stands in its file under the name it has where it is used.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache

from worker.read.gazetteer import LEXICON


@lru_cache(maxsize=4)
def _file(name: str) -> dict[str, list[str]]:
    return tomllib.loads((LEXICON / f"grammar_{name}.toml").read_text(encoding="utf-8"))


def listed(name: str, key: str) -> frozenset[str]:
    """The list ``key`` of ``grammar_<name>.toml``. Raises KeyError: no such list, a bug in the package."""
    return frozenset(_file(name)[key])
