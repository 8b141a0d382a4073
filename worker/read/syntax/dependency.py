"""What a dependency parse adds to our clauses: subjects and objects that our own reading did not find.

The parse comes from a model of the user's own (`names_spacy`). It fills; what our clauses found stays.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ..document import Arcs
from .chunks import Clauses
from .subjects import subject


def follow(clauses: Clauses, parsed: Sequence[Arcs]) -> None:
    """Give the verb groups of one sentence the subjects and objects that the parse has for them.

    Args:
        clauses: Of the sentence; its memo of subjects and its ``objects`` are filled.
        parsed: Of the document, in order of their verbs.
    """
    tokens = clauses.tokens
    if not parsed or not tokens.start:
        return
    at = bisect_right(parsed, tokens.start[0] - 1, key=lambda arcs: arcs.verb)
    chunk_at = {
        tokens.start[i]: k for k, chunk in enumerate(clauses.chunks) for i in range(chunk.first, chunk.last + 1)
    }
    while at < len(parsed) and parsed[at].verb < tokens.end[-1]:
        arcs, at = parsed[at], at + 1
        v = chunk_at.get(arcs.verb, -1)
        if v < 0 or clauses.chunks[v].kind != "VG":
            continue
        doers = _phrases(clauses, chunk_at, arcs.subjects)
        if doers and not _names_somebody(clauses, subject(clauses, v)) and _names_somebody(clauses, doers):
            clauses.subjects[v] = doers
            if arcs.passive is not None:
                clauses.chunks[v].passive = arcs.passive
        done_to = _phrases(clauses, chunk_at, arcs.objects)
        if done_to:
            clauses.objects[v] = done_to


def _phrases(clauses: Clauses, chunk_at: dict[int, int], starts: Sequence[int]) -> list[int]:
    """The noun phrases that hold the words at these offsets, each once, in order."""
    found = {chunk_at[start] for start in starts if start in chunk_at}
    return sorted(k for k in found if clauses.chunks[k].kind == "NP")


def _names_somebody(clauses: Clauses, phrases: Sequence[int]) -> bool:
    return any(
        clauses.tokens.mention[i] >= 0
        for k in phrases
        for i in range(clauses.chunks[k].first, clauses.chunks[k].last + 1)
    )
