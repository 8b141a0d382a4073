"""Where a body's name ends that goes on behind a small word: "Islamic Society | of North America", "Ministry of Education |,
Science and Technology", and where it begins: "Seoul | National University".

For the entity list alone: the event coder goes by the shorter name, which is enough for a party.
"""

from __future__ import annotations

from ..document import Mention
from ..syntax.tokenizer import Tokens
from .lexicon import load_name_words
from .name_features import Names, common_words

_BEHIND = frozenset({"of", "for", "into"})
_BODIES = frozenset({"ORG", "IGO"})
#: First words of names that a city's or region's name may stand before.
_LOCAL = frozenset({"National", "State", "City", "University", "Metropolitan", "Medical", "Technical", "Technological",
                    "International", "Central", "Regional", "District", "County", "Community", "School", "Fire", "High",
                    "Police", "Stock"})  # fmt: skip
_SIDES = frozenset({"North", "South", "East", "West"})
_LONGEST = 12  #: tokens of a name


def widened(names: Names, m: Mention) -> tuple[int, int]:
    """Start and end of a body's whole name, in characters; those of the mention where nothing belongs to it besides."""
    tokens, i, _ = names.tokens_at(m.head_start)
    if i >= len(tokens) or tokens.start[i] != m.head_start:
        return m.head_start, m.head_end
    j = i
    while j < len(tokens) and tokens.start[j] < m.head_end:
        j += 1
    if tokens.end[j - 1] != m.head_end:
        return m.head_start, m.head_end
    j = _behind(tokens, i, j)
    if i and tokens.text[i] in _LOCAL and j - i > 1 and tokens.capital[i - 1]:
        place = names.table.city(tokens.text[i - 1])
        if place is not None and place.population and tokens.end[i - 1] + 1 == tokens.start[i]:
            i -= 1
    return tokens.start[i], tokens.end[j - 1]


def _behind(tokens: Tokens, i: int, j: int) -> int:
    """Index after what goes on behind the name ``i:j``."""
    lexicon = load_name_words()
    last = lexicon.last.get(tokens.text[j - 1])
    is_open = last is not None and last[0] in _BODIES and last[1] not in ("BUS", "MED")
    if is_open and j + 1 < len(tokens) and tokens.low[j] in _BEHIND:
        k = j + 1 + (tokens.low[j + 1] == "the")
        after = _capitals(tokens, k)
        if after > k and (tokens.low[j] == "of" or _is_field(tokens, k, after)):
            j = after
    of = next((k for k in range(i + 1, j) if tokens.low[k] in _BEHIND), None)
    if of is None or (tokens.text[of - 1] not in lexicon.first and tokens.text[of - 1] not in lexicon.last):
        return j
    return _listed(tokens, i, j)


def _capitals(tokens: Tokens, k: int) -> int:
    """Index after the capitalised words that begin at ``k``, ``k`` where none does."""
    lexicon = load_name_words()
    start = k
    while k < len(tokens) and tokens.capital[k] and tokens.text[k].isalpha():
        if tokens.text[k] in lexicon.not_names and not (k == start and tokens.text[k] in _SIDES):
            break
        k += 1
    return start if k == start + 1 and tokens.text[start] in _SIDES else k


def _listed(tokens: Tokens, i: int, j: int) -> int:
    """Index after ", Y and Z" or "and Z" behind "Ministry of X", ``j`` where no such list ends in a capitalised word."""
    k = j
    while k + 1 < len(tokens) and k - i < _LONGEST:
        if tokens.low[k] == "and":
            after = _capitals(tokens, k + 1)
            return after if k + 1 < after <= k + 3 and _is_field(tokens, k + 1, after) else j
        if tokens.text[k] != ",":
            return j
        after = _capitals(tokens, k + 1)
        if after == k + 1:
            return j
        k = after + (after < len(tokens) and tokens.text[after] == "," and tokens.low[after + 1 : after + 2] == ["and"])
    return j


def _is_field(tokens: Tokens, a: int, b: int) -> bool:
    """Whether the capitalised words ``a:b`` name a field of work by common words: no person, no other body."""
    lexicon = load_name_words()
    own = b - a > 1 and tokens.text[b - 1] in lexicon.last  # "and Harbour Board"
    own = own or tokens.text[a] in lexicon.first or tokens.text[a] in lexicon.genders
    return not own and all(low in common_words() for low in tokens.low[a:b])
