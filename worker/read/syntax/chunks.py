"""A sentence's chunks: noun phrases, verb groups and what stands between them, and the chains that noun phrases form."""

from __future__ import annotations

from dataclasses import dataclass, field

from .tokenizer import Tokens

#: Longest walk in chunks; the 99th percentile of a subject's distance in wire copy is under 15.
REACH = 28


@dataclass(slots=True)
class Chunk:
    """A noun phrase (``NP``), verb group (``VG``), preposition (``P``), conjunction (``C``), subordinator (``S``), relative
    (``Q``), comma (``,``), stop (``;``) or quotation mark. ``head`` is the token index of the head word."""

    kind: str
    first: int
    last: int
    head: int
    word: str = ""
    # verb groups
    form: str = ""
    passive: bool = False
    negated: bool = False
    modal: str = ""
    perfect: bool = False
    infinitive: bool = False
    finite: bool = False
    aux: int = -1
    # noun phrases
    owner: int = -1  #: token index of the possessive mark, or -1
    negative: bool = False
    leader: tuple[int, int] = (0, -1)  #: first and last token of the name in "a delegation led by X"


@dataclass(slots=True)
class Clauses:
    """The chunks of one sentence and what was found about its verb groups (memo by chunk index)."""

    tokens: Tokens
    chunks: list[Chunk]
    subjects: dict[int, list[int]] = field(default_factory=dict)
    objects: dict[int, list[int]] = field(default_factory=dict)  #: by a parse, see `clauses_parsed`

    def text(self, first: int, last: int) -> str:
        """The lower-case words of a stretch of tokens."""
        return " ".join(self.tokens.low[first : last + 1])


_AROUND = frozenset({"around", "across", "inside", "within", "near", "outside"})


def noun_chain_head(clauses: Clauses, k: int) -> int:
    """Index of the noun phrase that heads the chain ending at ``k``: "the leader of the party" from "the party"."""
    chunks = clauses.chunks
    steps = 0
    while k >= 2 and chunks[k - 1].kind == "P" and chunks[k - 2].kind == "NP" and steps < REACH:
        if chunks[k - 1].word in ("after", "before", "since", "until", "till", "as", "because"):
            break
        k -= 2
        steps += 1
    if k >= 3 and chunks[k - 1].word in _AROUND and chunks[k - 2].word == "from" and chunks[k - 3].kind == "NP":
        return noun_chain_head(clauses, k - 3)  # "chiefs from around the country"
    return k
