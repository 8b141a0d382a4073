"""What nouns and adjectives say: "the claim that X", "is confident that X"; and what is announced by a noun alone."""

from __future__ import annotations

from ..syntax.grammar import listed
from .clauses import Frame, Saying
from .lexicon import Cues
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


def of_noun(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """What the "that" after the noun at ``k`` brings, and whose word it is where the text tells."""
    at = _after_that(frame, k, last)
    if at is None or (k and frame.low[k - 1] in _LACKING):
        return None
    if frame.low[at] in _CLAUSE or not is_clause(frame, at, last, speakers):
        return None
    opens = k - (k > 0 and frame.low[k - 1] in _DETERMINERS)
    subject = k < _OPENING or frame.text[opens - 1] == "," or frame.low[opens - 1] in _BEFORE_SUBJECTS
    end = clause_end(frame, at, last, cues, subject=subject)
    return Saying(_holder(frame, k, at - 1, cues, speakers), (k, k + 1), ((at, end),)) if end - at >= _LEAST else None


def of_adjective(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """ "X is confident that Y": the adjective at ``k``."""
    e = k - 1
    while e > 0 and frame.quoted[e] is None and (frame.low[e].endswith("ly") or frame.low[e] in _DEGREES):
        e -= 1
    if e <= 0 or frame.low[e] not in _BE or k + _LEAST >= last:
        return None
    subject = speakers.left(frame, e)
    that = frame.low[k + 1] == "that"
    at = k + 2 if that else k + 1
    plain = that or frame.low[at] in _SUBJECTS or frame.start[at] in speakers.by_start
    if subject is None or frame.low[subject[0]] == "it" or not plain or not is_clause(frame, at, last, speakers):
        return None
    end = clause_end(frame, at, last, cues)
    return Saying(subject, (e, k + 1), ((at, end),)) if end - at >= _LEAST else None


_DEGREES = frozenset({"so", "very", "more", "quite", "also", "still", "now", "been", "increasingly"})


def of_object(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """ "X announced a cut in tariffs": the noun phrase after the verb at ``k``, where it says enough by itself."""
    low, at = frame.low[k], k + 1
    if low in cues.about and at < last and frame.low[at] in cues.about[low]:
        at += 1
    elif low not in cues.object:
        return None
    if at >= last or frame.quoted[at] is not None or low.endswith("ing"):
        return None
    first = frame.low[at]
    opens = first in _DETERMINERS or frame.start[at] in speakers.by_start or frame.text[at][0].isdigit() or at > k + 1
    subject = speakers.left(frame, k)
    if frame.low[k - 1 : k] == ["to"]:
        return None
    if not opens or first == "that" or subject is None or frame.low[subject[0]] == "it":
        return None
    end = phrase_end(frame, at, last, cues)
    if end - at < _LEAST_OF_PHRASE or is_clause(frame, at, end, speakers):
        return None
    return Saying(subject, (k, at), ((at, end),))


def _after_that(frame: Frame, k: int, last: int) -> int | None:
    """Index after the "that" of the noun, perhaps over "of the minister"; None where no clause follows it."""
    for j in range(k + 1, min(last - _LEAST, k + 8)):
        if frame.quoted[j] is not None or frame.text[j] in ",;:.":
            return None
        if frame.low[j] == "that":
            return j + 1
        if j == k + 1 and frame.low[j] not in _FROM:
            return None
    return None


def _holder(frame: Frame, k: int, that: int, cues: Cues, speakers: Speakers) -> tuple[int, int] | None:
    """Whose claim: "his", "Brandt's", "by the board", or the subject of "voiced"."""
    if that > k + 2:  # "the claim of the board that"
        return k + 2, that
    a = k - 1
    while a > 0 and frame.quoted[a] is None and frame.start[a] not in speakers.by_start and frame.low[a].isalpha():
        if frame.low[a] in _DETERMINERS or k - a > 3 or frame.low[a] in cues.voicing:
            break
        a -= 1
    if a < 0 or frame.quoted[a] is not None:
        return None
    if frame.low[a] in _OWN:
        return a, a + 1
    if frame.low[a] in ("'s", "’s") and a:
        return speakers.left(frame, a)
    if frame.low[a] in _DETERMINERS and a:
        a -= 1
    return speakers.left(frame, a) if frame.low[a] in cues.voicing and a else None
