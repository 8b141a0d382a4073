"""Clauses that leave open, deny or invent what they tell: conditions, rumours, what nobody could confirm, talks called off."""

from __future__ import annotations

from ..lexicon import listed
from ..syntax.chunks import REACH, Chunk, Clauses
from ..syntax.objects import end_of_chain
from ..syntax.subjects import subject

_ALLEGATIONS = listed("allegations")
_SUPPOSITIONS = listed("suppositions")
_PROOFS = listed("proofs")
_CONFIRM = listed("confirm")
_CANCEL = listed("cancel")
_FICTION = listed("fiction")
_REPORTING = listed("reporting")
_SAY = listed("say") | {"threaten", "vow", "pledge", "promise"}
_CONDITIONS = frozenset({"if", "unless"})
_CONCESSIONS = frozenset({"even", "as", "know", "see", "ask", "decide"})  # "even if", "as if", "asked if"


def clause_opener(clauses: Clauses, k: int) -> int:
    """The chunk of the subordinator that opens the clause of chunk ``k``, or -1."""
    chunks = clauses.chunks
    for j in range(k - 1, max(-1, k - 14), -1):
        kind = chunks[j].kind
        if kind == "S":
            return j
        if kind == ";" or (kind == "VG" and chunks[j].finite) or kind == "Q":
            return -1
    return -1


def is_conditional(clauses: Clauses, k: int, *, supposed: bool) -> bool:
    """Whether an "if" or "unless" of the sentence, or a "Had they ...," at its head, makes chunk ``k`` a supposition.

    ``supposed``: its verb says "would". Who "will boycott the vote unless" threatens, and who "said it would" does too: a
    condition is part of most threats and promises.
    """
    chunks, tokens = clauses.chunks, clauses.tokens
    if (border := _inverted(clauses)) > 0 and (chunks[k].first < border or supposed):
        return True
    if not supposed:
        return False
    for step in (1, -1):
        j = k + step
        while 0 <= j < len(chunks) and abs(j - k) <= REACH:
            chunk = chunks[j]
            if chunk.kind in (";", '"') or (step < 0 and chunk.kind == "VG" and chunk.finite and chunk.word in _SAY):
                break
            before = tokens.low[chunk.first - 1] if chunk.first else ""
            if chunk.kind == "S" and chunk.word in _CONDITIONS and before not in _CONCESSIONS and not _asked(chunks, j):
                return step < 0 or not _said(chunks, k)
            j += step
    return False


def _said(chunks: list[Chunk], k: int) -> bool:
    """Whether a verb of speech stands before chunk ``k`` in its sentence: "would" is then the past of "will"."""
    return any(chunk.kind == "VG" and chunk.word in _SAY for chunk in chunks[max(0, k - 8) : k])


def _asked(chunks: list[Chunk], j: int) -> bool:
    """ "asked if", "did not know if": a question, no condition."""
    return j > 0 and chunks[j - 1].kind == "VG" and chunks[j - 1].word in _CONCESSIONS | _CONFIRM


def _inverted(clauses: Clauses) -> int:
    """Token of the comma that ends an inverted condition at the sentence's head ("Had Peru attacked, ..."), or 0."""
    low, tags = clauses.tokens.low, clauses.tokens.tag
    if len(low) < 5 or low[0] not in ("had", "were", "should") or tags[1] not in "DENR#" or low[-1] == "?":
        return 0
    return next((i for i in range(2, len(low)) if low[i] == ","), 0)


def doubt(clauses: Clauses, k: int) -> str:
    """``unknown`` where the clause of chunk ``k`` is not told to be true, ``alleged`` where somebody's word is all, else ''."""
    chunks, tokens = clauses.chunks, clauses.tokens
    if tokens.low and tokens.low[0] in ("suppose", "imagine", "assume", "assuming", "supposing") and k < REACH:
        return "unknown"
    if any(chunk.kind == "NP" and chunk.word in _FICTION and _tells(chunks, j) for j, chunk in enumerate(chunks[:k])):
        return "unknown"
    if _is_only_hoped(clauses, k):
        return "unknown"
    opener = clause_opener(clauses, k)
    if opener < 1 or chunks[opener].word not in ("that", "whether"):
        return ""
    before = chunks[opener - 1]
    if before.kind == "NP":
        if before.word in _ALLEGATIONS:
            return "alleged"
        if before.word in _SUPPOSITIONS or (before.word in _PROOFS and _denied(clauses, opener - 1)):
            return "unknown"
    if before.kind == "VG" and before.word in _CONFIRM and before.negated:
        return "unknown"
    return ""


#: Verbs whose clause tells what somebody would like, or is afraid of.
_HOPING = frozenset({"hope", "fear", "wish", "worry", "dream", "pray", "pretend", "bet", "predict", "imagine"})


def _is_only_hoped(clauses: Clauses, k: int) -> bool:
    """Whether the clause of the finite verb ``k`` hangs on a hope or fear: "hopes the army will strike", "fears they did"."""
    chunks = clauses.chunks
    if chunks[k].kind != "VG" or not chunks[k].finite:
        return False
    for j in range(k - 1, max(-1, k - REACH), -1):
        chunk = chunks[j]
        if chunk.kind == "VG" and chunk.finite:
            return chunk.word in _HOPING and not chunk.negated and chunks[j + 1].kind in ("NP", "S")
        if chunk.kind in (";", "Q", '"', "VG") or (chunk.kind == "S" and chunk.word != "that"):
            return False
        if chunk.kind == "C" and chunks[j - 1].kind in (",", "VG"):
            return False
    return False


def _tells(chunks: list[Chunk], j: int) -> bool:
    """Whether a verb of telling follows the noun: "the novel tells how", not "the film's director was jailed"."""
    return (
        j + 1 < len(chunks)
        and chunks[j + 1].kind == "VG"
        and chunks[j + 1].word in ("tell", "show", "depict", "imagine", "say")
    )


def _denied(clauses: Clauses, k: int) -> bool:
    """ "no evidence", "there was not any proof", "found no sign"."""
    chunks = clauses.chunks
    return chunks[k].negative or (k > 0 and chunks[k - 1].kind == "VG" and chunks[k - 1].negated)


def is_called_off(clauses: Clauses, k: int) -> bool:
    """Whether the happening that the noun phrase ``k`` names did not take place: cancelled, foiled, called off."""
    chunks = clauses.chunks
    after = end_of_chain(clauses, k) + 1
    while after < len(chunks) and after <= k + 8 and chunks[after].kind in ("P", "NP", ","):
        after += 1
    if (
        after < len(chunks)
        and _cancels(clauses, after)
        and chunks[after].passive
        and subject(clauses, after)[:1] == [k]
    ):
        return True
    at = k - 2 if k > 1 and chunks[k - 1].word == "off" and chunks[k - 2].kind == "VG" else k - 1  # "called off talks"
    before = chunks[at] if k else None
    return before is not None and before.kind == "VG" and not before.passive and _cancels(clauses, at)


def _cancels(clauses: Clauses, k: int) -> bool:
    chunk, low = clauses.chunks[k], clauses.tokens.low
    if chunk.kind != "VG" or chunk.negated:
        return False
    called_off = chunk.word == "call" and low[chunk.last + 1 : chunk.last + 2] == ["off"]
    return called_off or chunk.word in _CANCEL


def shares_denial(clauses: Clauses, k: int) -> bool:
    """Whether "or" joins the verb ``k`` to a denied one: "has never spied on anybody or broken the law"."""
    chunks = clauses.chunks
    if k < 2 or chunks[k].kind != "VG" or chunks[k].negated or chunks[k].aux >= 0 or chunks[k - 1].word != "or":
        return False
    before = next((c for c in reversed(chunks[max(0, k - REACH) : k - 1]) if c.kind in ("VG", ";")), None)
    return before is not None and before.kind == "VG" and before.negated


def is_told_of(governor: Chunk | None, verb: Chunk | None) -> bool:
    """ "is said to have", "are believed to have": the passive of telling over a deed that is done."""
    if governor is None or verb is None:
        return False
    return governor.passive and governor.word in _REPORTING and verb.infinitive and verb.perfect
