"""Find where in its sentence a trigger stands: in the main clause, or in one that describes, explains or accompanies.

What a main clause tells is mostly news; what a relative, reduced or participial clause tells is mostly background. Pure
functions over the chunks of one sentence.
"""

from __future__ import annotations

from ..syntax.chunks import Chunk, Clauses, noun_chain_head
from .match_context import Match

#: Longest walk back from a verb to the word that opens its clause, in chunks.
_REACH = 10
#: Subordinators of time and reason; "that" only opens what somebody says.
_ADVERBIAL = frozenset({"after", "before", "when", "while", "since", "as", "because", "though", "although", "until", "whenever",
                        "where", "once", "whereas", "if", "unless", "so"})  # fmt: skip


def find_position(clauses: Clauses, match: Match) -> str:
    """Name the place of a match's carrying verb in its sentence.

    Returns one of ``main``, ``relative`` ("rebels who killed"), ``reduced`` ("a man convicted of"), ``participle``
    ("..., killing nine"), ``gerund`` ("by banning", "banning rallies has"), ``infinitive``, ``adverbial`` ("after police
    fired"), ``noun`` (an event noun that no verb carries).
    """
    chunks = clauses.chunks
    k = match.verb if match.verb >= 0 else match.chunk
    if chunks[k].kind != "VG":
        return "noun"
    verb = chunks[k]
    if verb.infinitive:
        return "infinitive"
    if not verb.finite:
        return _non_finite(clauses, k)
    return _finite(clauses, k)


def _non_finite(clauses: Clauses, k: int) -> str:
    chunks = clauses.chunks
    before = chunks[k - 1] if k else None
    if before is None:
        return "participle"
    if chunks[k].form == "g" and not chunks[k].passive:
        if _is_what_a_paper_says(clauses, k):
            return "main"
        if before.kind == ",":
            return "participle"
        if before.kind == "NP" and k >= 2:
            return (
                "reduced"
                if chunks[noun_chain_head(clauses, k - 1) - 1].kind == "P" or _is_object(clauses, k - 1)
                else "participle"
            )
        return "gerund"
    return "reduced"


#: What is sent, signed or passed, and speaks for who does so.
_PAPERS = frozenset({"letter", "statement", "resolution", "petition", "declaration", "communique", "motion", "message", "note",
                     "decree", "order", "directive", "appeal", "open-letter", "memo", "memorandum"})  # fmt: skip
_SENDING = frozenset({"send", "sign", "issue", "release", "adopt", "pass", "write", "publish", "deliver", "hand", "approve",
                      "submit", "post", "read", "address", "table", "file", "circulate"})  # fmt: skip
#: Longest way from the paper to the gerund, in chunks: "a letter to the president urging".
_TO_THE_PAPER = 5


def _is_what_a_paper_says(clauses: Clauses, k: int) -> bool:
    """Whether the gerund ``k`` tells what a paper says that the main verb sends: "adopted a resolution condemning"."""
    chunks = clauses.chunks
    over = next((j for j in range(k - 1, max(-1, k - _TO_THE_PAPER), -1) if chunks[j].kind not in ("NP", "P")), -1)
    if over < 0 or chunks[over].kind != "VG" or chunks[over].word not in _SENDING or chunks[over].negated:
        return False
    first = chunks[over + 1]
    return first.kind == "NP" and first.word in _PAPERS and chunks[over].finite and _finite(clauses, over) == "main"


def _is_object(clauses: Clauses, k: int) -> bool:
    """Whether the noun phrase ``k`` belongs to a verb before it: "saw men carrying", not ", police firing"."""
    head = noun_chain_head(clauses, k)
    return head > 0 and clauses.chunks[head - 1].kind == "VG"


def _finite(clauses: Clauses, k: int) -> str:
    chunks = clauses.chunks
    crossed = False
    for j in range(k - 1, max(-1, k - _REACH), -1):
        chunk = chunks[j]
        if chunk.kind == "Q":
            if j and chunks[j - 1].kind == "P" and chunks[j].word == "which":
                return "adverbial"  # "a meeting during which he threatened"
            return "relative" if _is_relative(chunks, j) else "main"
        if chunk.kind == "S":
            return "adverbial" if chunk.word in _ADVERBIAL else "main"
        if chunk.kind == "P" and chunk.word in _ADVERBIAL and not crossed:
            return "adverbial"
        if chunk.kind == "VG" and chunk.finite:
            if chunks[k - 1].kind == "C" and not crossed and (over := _finite(clauses, j)) in ("relative", "adverbial"):
                return over  # "which supports Syria and has been criticized"
            if chunks[j + 1].kind == "C" or (j + 2 < k and chunks[j + 1].kind == "," and chunks[j + 2].kind == "C"):
                return _finite(clauses, j)  # "who came and killed": both in the relative clause
            return "main"
        if chunk.kind in (";", ","):
            crossed = True
    return "main"


def _is_relative(chunks: list[Chunk], j: int) -> bool:
    """Whether the relative word at ``j`` follows what it describes, over a comma or preposition."""
    i = j - 1
    while i >= 0 and chunks[i].kind in (",", "P", '"'):
        i -= 1
    return i >= 0 and chunks[i].kind == "NP"


def is_description(position: str) -> bool:
    """Whether a clause in that position says what somebody or something is like, more than what happened."""
    return position in ("relative", "reduced", "gerund")
