"""What offices and bodies are of, as capitalised words in a row: "of Labour and Employment", ", Industries and Agriculture"."""

from __future__ import annotations

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens

#: Words for what ministries, committees and chambers see to. Own list.
_FIELDS = listed("names", "fields")
_LINKS = frozenset({"of", "for"})
_BETWEEN = frozenset({",", "and", "&", "the", "of"})
_MOST = 16  #: tokens of such a row


def end_of_fields(tokens: Tokens, i: int) -> int:
    """The token after the row of fields that begins at ``i``; ``i`` where there is none.

    A row opens with "of" or "for" and a field, or goes on from a field right before it with a comma or "and".
    """
    low, count = tokens.low, len(tokens.low)
    if i == 0 or i + 1 >= count:
        return i
    opens = low[i] in _LINKS
    goes_on = low[i] in (",", "and", "&") and is_field(tokens, i - 1)
    if not opens and not goes_on:
        return i
    end, j = i, i + 1
    while j < min(count, i + _MOST):
        if is_field(tokens, j):
            end = j + 1
        elif low[j] not in _BETWEEN:
            break
        j += 1
    several = any(low[k] in ("and", "&") for k in range(i, end))
    named = opens and low[i - 1] == "minister" and i < end < count and tokens.capital[end]
    return end if several or named else i  # "Minister of Economic Affairs Ann Bell"


def is_field(tokens: Tokens, i: int) -> bool:
    """Whether the token is a capitalised word for what an office sees to."""
    return tokens.capital[i] and tokens.low[i] in _FIELDS
