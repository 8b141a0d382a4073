"""How words are written: which ones a name made, and texts whose every word has a capital."""

from __future__ import annotations

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens

#: Words that a headline may write with a capital.
SMALL = listed("names", "small")
_ORIGIN = listed("names", "origin")
_BENCHES = frozenset({"R", "D", "I"})  #: a senator's party before his state: "D-N.Y."
_JOINING = frozenset(
    {"with", "from", "into", "over", "than", "that", "upon", "amid", "after", "under", "about", "between", "through"}
)
_SENTENCE = 6  #: longer words with a capital that no sentence has all through
_TITLED = 0.75  #: share of longer words with a capital


def is_derived(text: str) -> bool:
    """ "U.S.-led", "Egyptian-drafted", "R-Mo": made from a name, none itself."""
    first, _, second = text.rpartition("-")
    if not first:
        return False
    return second in _ORIGIN or (second.endswith("ed") and second.islower()) or (first in _BENCHES and len(text) < 9)


def written_as_title(tokens: Tokens, *, headline: bool = False) -> bool:
    """Whether nearly every longer word has a capital (but not all letters); a ``headline`` shows it by fewer words."""
    if headline:
        long = [i for i, text in enumerate(tokens.text) if len(text) > 3 and text.isalpha()]
        # "Erdogan meets Putin in Sochi" is all names but for its verb: a word that a title would write large says it is none.
        plain = sum(
            len(t) > 2 and t.isalpha() and t.islower() and t not in SMALL and t not in _JOINING for t in tokens.text
        )
        return len(long) > 2 and plain <= len(long) // 9 and sum(tokens.capital[i] for i in long) >= _TITLED * len(long)
    long = [
        i
        for i, text in enumerate(tokens.text)
        if len(text) > 3 and text.isalpha() and text not in SMALL and text not in _JOINING
    ]
    stopped = bool(long) and tokens.text[-1] == "." and len(long) < _SENTENCE  # a sentence with many names
    small = sum(not tokens.capital[i] for i in long)
    return len(long) > 3 and not stopped and small <= len(long) // 20 and not written_large(tokens)


def written_large(tokens: Tokens) -> bool:
    """Whether all is written in capital letters."""
    long = [t for t in tokens.text if len(t) > 3 and t.isalpha()] if sum(map(str.isupper, tokens.text)) > 2 else []
    return len(long) > 2 and sum(text.isupper() for text in long) > _TITLED * len(long)
