"""Small closed word lists of the grammar (``lexicon/grammar_*.toml``), as sets: pronouns, finite verbs, sites.

They are data, not code: each list stands in its file under the name it has where it is used.
"""

from __future__ import annotations

from ..lexicon import table


def listed(name: str, key: str) -> frozenset[str]:
    """The list ``key`` of ``grammar_<name>.toml``. Raises KeyError: no such list, a bug in the package."""
    return frozenset(table(f"grammar_{name}")[key])
