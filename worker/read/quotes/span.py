"""Where what is said begins and ends: after the verb, before the speaker, or around "X said"."""

from __future__ import annotations

from ..syntax.grammar import listed
from .lexicon import Cues
from .passages import Passage, Saying
from .span_end import PAST, content_end, is_finite, object_end
from .speaker import Speakers

_CLAUSE = listed("quotes", "clause")
_WH = listed("quotes", "wh")
_SUBJECTS = listed("quotes", "subjects")
_DETERMINERS = listed("quotes", "determiners")
_NEVER_NOUNS = listed("quotes", "never_nouns")
#: Words that make praise or blame say something: "blamed X for Y", "praised X as Y".
_REASON = listed("quotes", "reason")
#: "Asked X to do it": X is part of what is asked (stems of ask, call on, want, expect).
_OBJECT_TOO = listed("quotes", "object_too")
#: What is cited is reported, whatever its form: "media cited analyses of images that showed ...".
_CITING = frozenset({"cited", "cites", "cite"})
_CONCESSIONS = listed("quotes", "concessions")
_PREPOSITIONS = listed("quotes", "prepositions")
#: Conjunctions that open a clause of time, cause or concession.
_SUBORDINATORS = listed("quotes", "subordinators")
#: After a verb they make it another one: "figured out", "called up".
_PARTICLES = frozenset({"out", "up", "off", "down", "into", "away", "back"})
#: What leads an adjunct between the verb and what is said: "said in a statement late on Monday that".
_LEADING = listed("quotes", "leading")
_MANNERS = listed("quotes", "manners")
_OCCASIONS = listed("quotes", "occasions")
_ALSO_NOUNS = frozenset({"cut", "hit", "set", "put", "let", "lost", "shot", "cost", "rose", "shut", "ground", "found"})
_LEAST = 3  #: tokens of what is said without marks
_SUBJECT_LIMIT = 7  #: tokens of a subject before its verb, where the clause is quoted in part


def after_verb(
    passage: Passage, i: int, last: int, verb: str, cues: Cues, speakers: Speakers
) -> tuple[int, int] | None:
    """Tokens of what is said after the verb whose hearer and adjuncts begin at ``i``, or None."""
    if verb in _CITING and i + 4 < last and passage.quoted[i] is None:
        return i, content_end(passage, i, last, cues)
    if verb[:4] in _OBJECT_TOO and i < last and _aim(passage, i, last) is not None:
        return i, content_end(passage, i, last, cues)
    aim = _aim(passage, i, content_end(passage, i, last, cues)) if verb in cues.purpose and i < last else None
    if aim is not None:
        return aim
    i = _over_hearer(passage, i, last, verb, cues, speakers)
    i = _over_adjuncts(passage, i, last, cues)
    if i >= last:
        return None
    if (
        passage.text[i] in ",:"
        and i + 1 < len(passage)
        and (passage.quoted[i + 1] is not None or passage.text[i] == ":")
    ):
        i += 1
    if i >= last:
        return None
    end = content_end(passage, i, last, cues)
    quoted = passage.quoted[i]
    if quoted is not None:
        goes_on = (
            i + 1 < end
            and not quoted.closed
            and passage.text[i + 1] not in ",.;—–)"
            and passage.low[i + 1] not in ("and", "as", "in", "on", "at", "during", "after", "while", "but")
        )
        return (i, end) if goes_on else (i, i + 1)
    low = passage.low[i]
    if low == "that" and i + 1 < end:
        return i + 1, end
    if low in _CLAUSE or low in _PARTICLES or (low.endswith("ed") and passage.text[i][0].islower()):
        return (
            None  # "losses realized last year can be used", "figure out", "felt pressed to go": no clause begins here
        )
    if verb in cues.naming and verb not in cues.speech:
        end = object_end(passage, i, end)
        has_quote = any(passage.quoted[j] is not None for j in range(i, min(end, i + 8)))
        judged = end - i > 3 and (verb in cues.labelling or any(low in _REASON for low in passage.low[i + 1 : end - 1]))
        return (i, end) if has_quote or judged else None
    if verb.startswith("den") and (low in _DETERMINERS or low.endswith("ing")):
        return i, end
    if low in _WH and end - i >= 3:
        return i, end
    if (
        (low in cues.adjuncts and low not in ("this", "that", "last", "about"))
        or passage.text[i] in ",;()—–"
        or verb not in cues.bare
    ):
        return None
    return (i, end) if is_clause(passage, i, end, speakers) else None


def _aim(passage: Passage, i: int, end: int) -> tuple[int, int] | None:
    """ "to VP", perhaps after the one who shall do it: "urged both sides to stop"."""
    for j in range(i, min(end - 1, i + 14)):
        if (
            passage.quoted[j] is not None
            or passage.text[j] in ",;:"
            or passage.low[j] in _CLAUSE
            or passage.low[j] == "that"
        ):
            return None
        if passage.low[j] == "to" and passage.low[j + 1] not in _DETERMINERS and passage.text[j + 1][0].islower():
            if j + 2 < len(passage) and passage.low[j + 2] in ("named", "identified", "quoted"):
                return None  # "asked not to be named"
            stop = (m for m in range(j + 2, end - 1) if passage.text[m] == "," and passage.low[m + 1].endswith("ing"))
            return (j - 1 if passage.low[j - 1] in ("not", "never") else j), next(stop, end)
    return None


def _over_hearer(passage: Passage, i: int, last: int, verb: str, cues: Cues, speakers: Speakers) -> int:
    if (
        verb not in cues.hearer
        or i >= last
        or passage.quoted[i] is not None
        or passage.low[i] in ("that", ",", ":", "to")
    ):
        return i
    for j in range(i + 1, min(last, i + 14)):
        if passage.low[j] == "that" and passage.low[j - 1] not in _CLAUSE:
            return j
        if passage.quoted[j] is not None or passage.low[j] in _CLAUSE or passage.text[j] in (",", ":"):
            break
    mention = speakers.by_start.get(passage.start[i])
    if mention is not None and not _owns(passage, mention.end, i, last):
        while i < last and passage.end[i] <= mention.end and passage.quoted[i] is None:
            i += 1
        return i
    for j in range(i, min(last, i + 6)):
        if passage.quoted[j] is not None or (
            passage.low[j] in ("that", ",", ":", "to", "in", "on", "at", "he", "she", "they", "it", "the") and j > i
        ):
            return j
    return i + 1


def _owns(passage: Passage, end: int, i: int, last: int) -> bool:
    """Whether a possessive mark follows the mention that ends at character ``end``: "told the port's radio he left"."""
    return any(passage.start[j] == end and passage.low[j] in ("'s", "’s") for j in range(i, min(last, i + 8)))


def _over_adjuncts(passage: Passage, i: int, last: int, cues: Cues) -> int:
    """After "said on Friday in a statement to reporters" and the like; bounded, three of them at most."""
    for _ in range(3):
        if i >= last or passage.quoted[i] is not None:
            return i
        low = passage.low[i]
        if low in _MANNERS or (low in cues.days and low not in ("this", "last", "late", "early")):
            i += 1
        elif low.endswith("ly") and i + 1 < last and (passage.quoted[i + 1] is not None or passage.text[i + 1] in ",:"):
            i += 1  # "saying bluntly, ..."
        elif low in _LEADING:
            j = i + 1
            while j < last and j - i < 9 and passage.quoted[j] is None:
                if passage.low[j] in ("that", "he", "she", "they", "it", "there") or passage.text[j] in ",:":
                    break
                if passage.low[j - 1] in cues.days or passage.low[j - 1] in _OCCASIONS:
                    break
                j += 1
            else:
                if j >= last or passage.quoted[j] is None:
                    return j if j >= last else i
            i = j
        else:
            return i
    return i


_ASKED = frozenset({"asked", "questioned", "pressed", "speaking"})


def is_clause(passage: Passage, i: int, end: int, speakers: Speakers) -> bool:
    """Whether a subject and a finite verb begin at ``i``: the verb before the first comma, or after an apposition's second."""
    commas = 0
    for j in range(i + 1, end):
        if passage.quoted[j] is not None:
            if j - i <= _SUBJECT_LIMIT:
                return True
            continue
        low = passage.low[j]
        if low == ",":
            commas += 1
            if commas == 1 and "," not in passage.text[j + 1 : j + _SUBJECT_LIMIT * 2]:
                return False
        elif (
            low in _CLAUSE
            or (low in PAST and not (low in _ALSO_NOUNS and not _after_subject(passage, j, speakers)))
            or low.endswith(("n't", "n’t"))
            or (low.endswith("ed") and len(low) > 3 and passage.text[j][0].islower())
            or (_third_person(passage, j, i, speakers))
            or (j - i <= 6 and passage.low[j - 1] in ("they", "we", "i", "you"))
        ):
            return True
    return False


def _after_subject(passage: Passage, j: int, speakers: Speakers) -> bool:
    """Whether what stands before ``j`` may be a subject: a name, a pronoun or a plural; "a large cut" is none."""
    before = passage.low[j - 1]
    return before in _SUBJECTS or passage.end[j - 1] in speakers.by_end or before.endswith("s")


def _third_person(passage: Passage, j: int, i: int, speakers: Speakers) -> bool:
    """Whether the word in -s at ``j`` is a verb: after "it", "he" or a name that ends there."""
    low = passage.low[j]
    if not low.endswith("s") or len(low) < 4 or not passage.text[j][0].islower():
        return False
    return passage.low[j - 1] in _SUBJECTS or (passage.end[j - 1] in speakers.by_end and j - i <= _SUBJECT_LIMIT)


def before_speaker(
    passage: Passage, k: int, earlier: list[Saying], *, whole: bool, aside: bool = False
) -> tuple[int, int] | None:
    """Content before the speaker: from the passage's start, or from where an earlier attribution ended.

    ``whole``: there is no other content; ``aside``: it goes on after "X said", so that a word or two before are enough.
    """
    if k == 0:
        return None
    if passage.quoted[k - 1] is not None:
        end = k
    elif passage.text[k - 1] in ",—–" or passage.text[k - 1] in "?!":
        end = k - 1
    else:
        return None
    start = 0
    for saying in earlier:
        if passage.low[saying.cue[0]] not in _NEVER_NOUNS and not any(passage.quoted[a] for a, _ in saying.parts):
            continue
        start = max(start, saying.cue[1], *(b for _, b in saying.parts))
    while start < end and passage.quoted[start] is None and passage.text[start] in ",.;:—–":
        start += 1
    if not whole and end > start:  # "A," he said, "b": only the quotation before counts, not what leads to it
        while start < end and passage.quoted[start] is None:
            start += 1
    if passage.quoted[start : start + 1] == [None] and passage.low[start] in _ASKED:
        return None  # "Asked whether he would go, X said no"
    colon = next((j for j in range(end - 2, start, -1) if passage.text[j] == ":" and passage.quoted[j] is None), None)
    if colon is not None and passage.quoted[colon + 1] is not None:
        start = colon + 1  # "One thing is clear: "A," he said": what leads to the quotation is the writer's
    if end <= start or any(passage.quoted[j] is not None for j in range(start, end)):
        return (start, end) if end > start else None
    return (start, end) if aside or (end - start >= _LEAST and not is_opening(passage, start, end)) else None


def is_opening(passage: Passage, start: int, end: int) -> bool:
    """Whether the words before "X said" only lead to it: "In the film", "After years of war", "As the ferry sank"."""
    first = passage.low[start]
    if first not in _SUBORDINATORS and first not in _PREPOSITIONS:
        return False
    at = start + 1
    if first in _SUBORDINATORS:
        at = next((j for j in range(start + 1, end) if passage.text[j] == ","), end)
    return not any(_finite(passage, j) for j in range(at, end))


def _finite(passage: Passage, j: int) -> bool:
    return passage.quoted[j] is None and is_finite(passage.text[j])


def after_aside(passage: Passage, k: int, last: int, cues: Cues) -> tuple[int, int] | None:
    """The rest of a clause that "X said" interrupts: "The deal, X said, will close in May"."""
    i = k + 1
    while i < last and passage.quoted[i] is None and (passage.low[i] in cues.days or passage.low[i] == "on"):
        i += 1
    if i + 1 >= last or passage.text[i] not in (",", "—", "–") or passage.quoted[i + 1] is not None:
        return None
    low = passage.low[i + 1]
    if low == "and" and i + 3 < last and passage.low[i + 2] in _SUBJECTS and passage.low[i + 3] in _CLAUSE:
        return i + 1, last  # "It would leak, he thought, and it would seem that ..."
    begun = any(passage.quoted[j] is not None or _finite(passage, j) for j in range(k))
    if begun and ((low in cues.adjuncts and low != "this") or low in _CONCESSIONS or low.endswith("ing")):
        return None
    return i + 1, last
