"""Where what is said ends: before a second verb of saying, a later speaker, the writer's remark, or the sentence's own verb."""

from __future__ import annotations

from ..lexicon import past_verbs
from ..syntax.grammar import listed
from .lexicon import Cues
from .passages import Passage

_CLAUSE = listed("quotes", "clause")
PAST = past_verbs() | listed("quotes", "past")
_SUBJECTS = listed("quotes", "subjects")
_DETERMINERS = listed("quotes", "determiners")
_NEVER_NOUNS = listed("quotes", "never_nouns")
_SUBORDINATORS = listed("quotes", "subordinators")
_RELATIVE = frozenset({"who", "whom", "whose", "which", "where", "when", "from", "prompting"})
_JOINED = frozenset({"and", "or", "that", "which", "who", "to", "what", "not"})
_REMARKS = frozenset({("even", "as"), ("even", "though"), ("as", "did"), ("as", "does"), ("as", "has"), ("as", "have")})
_LEAST = 3  #: tokens of a clause


def is_finite(word: str) -> bool:
    """Whether a word, as the text writes it, may be the verb of a clause."""
    low = word.lower()
    return low in _CLAUSE or low in PAST or (low.endswith(("ed", "n't", "n’t")) and word[0].islower())


def content_end(passage: Passage, i: int, last: int, cues: Cues) -> int:
    """Index after the content that begins at ``i``: before "but", a second verb of saying, or a later speaker."""
    for j in range(i + 1, last):
        if (
            passage.low[j] == "and"
            and j + 1 < last
            and (
                passage.low[j + 1] in _NEVER_NOUNS
                or (passage.low[j + 1] in cues.speech and passage.low[j + 1].endswith("ed"))
            )
        ):
            return j
        if passage.quoted[j] is None and (
            passage.text[j] == ";" or (passage.low[j] == "even" and _concedes(passage, j))
        ):
            return j
        if passage.text[j] == "," and j + 1 < last and passage.quoted[j] is None:
            low = passage.low[j + 1]
            if _attributes(passage, j + 1, last, cues):
                return j
            if low.endswith("ing") and low in cues.speech:
                return j
            if low in ("but", "according", "adding", "citing", "saying") or _concedes(passage, j + 1):
                return j
            if (
                low in ("and", "while")
                and j + 3 < last
                and any(passage.low[m] in ("said", "says", "told", "added") for m in range(j + 2, min(last, j + 7)))
            ):
                return j
    return last


def _concedes(passage: Passage, i: int) -> bool:
    """ ", although", ", even as", ", as did X": the writer's own remark on what was said."""
    low, follow = passage.low[i], passage.low[i + 1] if i + 1 < len(passage) else ""
    return low in ("although", "though") or (low, follow) in _REMARKS


def _attributes(passage: Passage, i: int, last: int, cues: Cues) -> bool:
    """Whether ", X said ..." ends the sentence from ``i`` on: a later speaker of the whole, no part of this content."""
    for j in range(i + 1, min(last, i + 9)):
        if passage.quoted[j] is not None or passage.text[j] == "," or passage.low[j] == "that":
            return False
        if passage.low[j] in _NEVER_NOUNS or (passage.low[j] in cues.speech and passage.low[j].endswith("ed")):
            return (
                j + 1 >= last
                or passage.low[j + 1] in cues.adjuncts
                or passage.low[j + 1] in cues.days
                or (passage.low[j] == "told" and only_hearer(passage, j, last))
            )
    return False


def only_hearer(passage: Passage, j: int, last: int) -> bool:
    """Whether only a hearer follows the verb at ``j``: "told CNN", "warned reporters," and a comma or the end."""
    end = next(
        (m for m in range(j + 1, min(last, j + 7)) if passage.quoted[m] is not None or passage.text[m] == ","), last
    )
    return end - j <= 6 and all(
        passage.low[m] not in _SUBJECTS and passage.low[m] not in _CLAUSE for m in range(j + 1, end)
    )


def clause_end(passage: Passage, i: int, last: int, cues: Cues, *, subject: bool = False) -> int:
    """Index after a clause that a noun or adjective brings; one in ``subject`` place ends before the sentence's own verb."""
    end = content_end(passage, i, last, cues)
    end = next((j for j in range(i + 1, end - 1) if passage.text[j] == "," and passage.low[j + 1].endswith("ing")), end)
    if not subject:
        return end
    verbs = 0
    for j in range(i + 1, end):
        low = passage.low[j]
        before = passage.low[j - 1]
        named = before.endswith(("ed", "s")) or before in _SUBJECTS or passage.text[j - 1][0].isupper()
        finite = low in _CLAUSE or low in PAST or (low.endswith("ed") and named)
        if passage.quoted[j] is None and finite and passage.low[j - 1] not in _CLAUSE:
            verbs += 1
            joined = passage.low[j - 1] in _JOINED or passage.low[j - 1] in _SUBJECTS
            if verbs > 1 and not joined and j - i >= _LEAST:
                return j
    return end


def phrase_end(passage: Passage, i: int, last: int, cues: Cues) -> int:
    """Index after a noun phrase with what describes it: before a comma, a new verb, a day, or a second part of the sentence."""
    for j in range(i + 1, last):
        low = passage.low[j]
        if passage.quoted[j] is not None:
            continue
        if passage.text[j] in ",;:()—–" or low in _SUBORDINATORS or low in ("but", "that"):
            return j
        if low.endswith("day") and low in cues.days:
            return j - 1 if passage.low[j - 1] in ("on", "last", "early", "late", "this") else j
        follow = passage.low[j + 1] if j + 1 < last else ""
        if low == "and" and (follow.endswith("ed") or follow in PAST):
            return j
    return last


def object_end(passage: Passage, i: int, end: int) -> int:
    """Where what is praised, blamed or called something ends: before ", who" and before a second verb with its object."""
    for j in range(i + 1, end - 1):
        if passage.quoted[j] is not None:
            continue
        low, follow = passage.low[j], passage.low[j + 1]
        if low == "," and (follow in _RELATIVE or follow.endswith("ing")):
            return j
        verb = passage.quoted[j + 1] is None and (follow.endswith("ed") or follow in PAST)
        if (
            low == "and"
            and verb
            and j + 2 < end
            and (passage.low[j + 2] in _DETERMINERS or passage.low[j + 2] in _SUBJECTS)
        ):
            return j - 1 if passage.text[j - 1] == "," else j
    return end
