"""What nouns and adjectives say: "the claim that X", "is confident that X"; and what is announced by a noun alone."""

from __future__ import annotations

from ..syntax.grammar import listed
from .lexicon import Cues
from .passages import Passage, Saying
from .span import is_clause
from .span_end import clause_end, phrase_end
from .speaker import Speakers

_CLAUSE = listed("quotes", "clause")
_DETERMINERS = listed("quotes", "determiners")
_SUBJECTS = listed("quotes", "subjects")
_OWN = frozenset({"his", "her", "its", "their", "my", "our", "your"})
_FROM = frozenset({"of", "by", "from", "among"})
_BE = frozenset(
    {"is", "was", "are", "were", "be", "been", "'s", "’s", "'m", "’m", "'re", "’re", "am", "feel", "feels", "felt"}
)
_BEFORE_SUBJECTS = frozenset({"that", "said", "says", "but", "and", "while", "because"})
_LACKING = frozenset({"no", "without", "little", "any"})
_LEAST = 3  #: tokens of a clause
_LEAST_OF_PHRASE = 4  #: tokens of a noun phrase that says enough by itself
_OPENING = 4  #: tokens before a noun that may be the sentence's subject


def of_noun(passage: Passage, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """What the "that" after the noun at ``k`` brings, and whose word it is where the text tells."""
    at = _after_that(passage, k, last)
    if at is None or (k and passage.low[k - 1] in _LACKING):
        return None
    if passage.low[at] in _CLAUSE or not is_clause(passage, at, last, speakers):
        return None
    opens = k - (k > 0 and passage.low[k - 1] in _DETERMINERS)
    subject = k < _OPENING or passage.text[opens - 1] == "," or passage.low[opens - 1] in _BEFORE_SUBJECTS
    end = clause_end(passage, at, last, cues, subject=subject)
    return Saying(_holder(passage, k, at - 1, cues, speakers), (k, k + 1), ((at, end),)) if end - at >= _LEAST else None


def of_adjective(passage: Passage, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """ "X is confident that Y": the adjective at ``k``."""
    e = k - 1
    while e > 0 and passage.quoted[e] is None and (passage.low[e].endswith("ly") or passage.low[e] in _DEGREES):
        e -= 1
    if e <= 0 or passage.low[e] not in _BE or k + _LEAST >= last:
        return None
    subject = speakers.left(passage, e)
    that = passage.low[k + 1] == "that"
    at = k + 2 if that else k + 1
    plain = that or passage.low[at] in _SUBJECTS or passage.start[at] in speakers.by_start
    if subject is None or passage.low[subject[0]] == "it" or not plain or not is_clause(passage, at, last, speakers):
        return None
    end = clause_end(passage, at, last, cues)
    return Saying(subject, (e, k + 1), ((at, end),)) if end - at >= _LEAST else None


_DEGREES = frozenset({"so", "very", "more", "quite", "also", "still", "now", "been", "increasingly"})


def of_object(passage: Passage, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """ "X announced a cut in tariffs": the noun phrase after the verb at ``k``, where it says enough by itself."""
    low, at = passage.low[k], k + 1
    if low in cues.about and at < last and passage.low[at] in cues.about[low]:
        at += 1
    elif low not in cues.object:
        return None
    if at >= last or passage.quoted[at] is not None or low.endswith("ing"):
        return None
    first = passage.low[at]
    opens = (
        first in _DETERMINERS or passage.start[at] in speakers.by_start or passage.text[at][0].isdigit() or at > k + 1
    )
    subject = speakers.left(passage, k)
    if passage.low[k - 1 : k] == ["to"]:
        return None
    if not opens or first == "that" or subject is None or passage.low[subject[0]] == "it":
        return None
    end = phrase_end(passage, at, last, cues)
    if end - at < _LEAST_OF_PHRASE or is_clause(passage, at, end, speakers):
        return None
    return Saying(subject, (k, at), ((at, end),))


def _after_that(passage: Passage, k: int, last: int) -> int | None:
    """Index after the "that" of the noun, perhaps over "of the minister"; None where no clause follows it."""
    for j in range(k + 1, min(last - _LEAST, k + 8)):
        if passage.quoted[j] is not None or passage.text[j] in ",;:.":
            return None
        if passage.low[j] == "that":
            return j + 1
        if j == k + 1 and passage.low[j] not in _FROM:
            return None
    return None


def _holder(passage: Passage, k: int, that: int, cues: Cues, speakers: Speakers) -> tuple[int, int] | None:
    """Whose claim: "his", "Brandt's", "by the board", or the subject of "voiced"."""
    if that > k + 2:  # "the claim of the board that"
        return k + 2, that
    a = k - 1
    while (
        a > 0 and passage.quoted[a] is None and passage.start[a] not in speakers.by_start and passage.low[a].isalpha()
    ):
        if passage.low[a] in _DETERMINERS or k - a > 3 or passage.low[a] in cues.voicing:
            break
        a -= 1
    if a < 0 or passage.quoted[a] is not None:
        return None
    if passage.low[a] in _OWN:
        return a, a + 1
    if passage.low[a] in ("'s", "’s") and a:
        return speakers.left(passage, a)
    if passage.low[a] in _DETERMINERS and a:
        a -= 1
    return speakers.left(passage, a) if passage.low[a] in cues.voicing and a else None
