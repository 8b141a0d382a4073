"""Clauses inside a clause: relatives, reduced relatives and complements that a walk to the subject has to pass over."""

from __future__ import annotations

from .chunks import REACH, Chunk, Clauses
from .tagger import CLAUSE_TAKERS


def reduced_before(chunks: list[Chunk], head: int) -> int:
    """ "Men arrested in Rome were", "a woman convicted of helping to kill her mother was": the participle to whose noun
    the chain belongs, or -1."""
    for j in range(head - 1, max(0, head - 7), -1):
        chunk = chunks[j]
        if chunk.kind == "VG" and not chunk.finite and not chunk.infinitive and chunks[j - 1].kind == "NP":
            return -1 if j == head - 1 and chunk.form == "g" and chunk.word in CLAUSE_TAKERS else j
        if chunk.kind != "P" and not (chunk.kind == "VG" and not chunk.finite):
            return -1
    return -1


def relative_before(chunks: list[Chunk], head: int) -> int:
    """ "The man who stabbed an officer was": the relative whose verb has the chain at ``head`` as object, or -1."""
    j = head - 1
    if j >= 1 and chunks[j].kind == "P":
        j -= 1
    if j > 2 and chunks[j].kind == "VG" and chunks[j].form == "b" and chunks[j - 1].kind == "NP":
        j -= 2  # "who helped men enter the country was"
    if j < 1 or chunks[j].kind != "VG" or not chunks[j].finite or chunks[j].word in CLAUSE_TAKERS - _HELPING:
        return -1
    return j - 1 if chunks[j - 1].kind == "Q" and chunks[j - 1].word in ("who", "that", "which") else -1


_HELPING = frozenset({"help", "let", "make"})


def over_complement(clauses: Clauses, v: int, k: int) -> int:
    """The verb of saying that governs the present-tense clause of ``v``, where the verb behind "and" at ``k`` is in the past as
    it is: "the mayor said the city grows and urged"; else ``v``."""
    chunks, low = clauses.chunks, clauses.tokens.low
    after = chunks[k + 1] if k + 1 < len(chunks) else None
    if (
        after is None
        or after.kind != "VG"
        or after.form not in "xd"
        or after.aux >= 0
        or not _in_present(chunks[v], low)
    ):
        return v
    for j in range(v - 1, max(-1, v - REACH), -1):
        chunk = chunks[j]
        if chunk.kind == ";":
            break
        if chunk.kind == "VG" and chunk.finite and not _in_present(chunk, low):
            return j if chunk.word in CLAUSE_TAKERS and chunk.form in "xd" and not chunk.passive else v
    return v


def _in_present(verb: Chunk, low: list[str]) -> bool:
    """Whether the finite verb group is in the present or future."""
    if verb.modal:
        return verb.modal in ("will", "can", "must", "may", "shall")
    if verb.aux >= 0 or verb.passive or verb.perfect:
        return low[verb.first] in ("is", "are", "has", "have", "'s", "’s", "do", "does")
    return verb.form in "sb"


def in_relative(chunks: list[Chunk], k: int) -> bool:
    """Whether the noun phrase ``k`` ends the predicate of ", who ...": "Lieberman, who sat in the Senate for years, first"."""
    j = k
    while j > 0 and chunks[j].kind in ("NP", "P"):
        j -= 1
    verb = chunks[j]
    return (
        j > 1
        and verb.kind == "VG"
        and verb.finite
        and chunks[j - 1].word == "who"
        and chunks[j - 2].kind in (",", "NP")
    )
