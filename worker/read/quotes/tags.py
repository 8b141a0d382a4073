"""Speech without a verb of saying: ``"No," Brandt laughed.``, ``He smiled: "Yes."``, and a headline's "Ferry sank: police"."""

from __future__ import annotations

from .lexicon import Cues
from .passages import Passage, Saying
from .span import is_opening
from .span_end import PAST
from .speaker import Speakers

_PRONOUNS = frozenset({"he", "she", "they", "i", "we"})
_SPEAKING = frozenset({"PERSON", "GROUP", "ROLE", "IGO", "ORG"})
_DASHES = frozenset({"-", "–", "—", "--"})
_SPOKEN = 12  #: characters of a quotation that nobody takes for a single quoted word
_NAMED_BY = 5  #: tokens of a source in a headline
_CLAUSE = 3  #: tokens that a headline's source says


def of_quotation(passage: Passage, q: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    """Who speaks the quotation at ``q``, by what stands around it: a subject and any verb, or only a dash and a name."""
    quoted = passage.quoted[q]
    if quoted is None or quoted.end - quoted.start < _SPOKEN:
        return None
    return _after(passage, q, last, cues, speakers) or _before(passage, q, speakers)


def _after(passage: Passage, q: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    quoted = passage.quoted[q]
    i = q + 1
    dash = i < last and passage.text[i] in _DASHES
    if i < last and (passage.text[i] == "," or dash):
        i += 1
    elif quoted is None or not quoted.closed:
        return None
    subject = _subject(passage, i, speakers)
    if subject is None:
        return None
    v = subject[1]
    if dash and v >= last:
        return Saying(subject, (q + 1, q + 2), ((q, q + 1),))
    while v < last and passage.quoted[v] is None and (passage.low[v] in cues.between or passage.low[v].endswith("ly")):
        v += 1
    if v >= last or not _is_past(passage, v):
        return None
    follow = passage.low[v + 1] if v + 1 < len(passage) else "."
    ends = v + 1 >= last or follow in ",;:—–" or follow in cues.adjuncts or follow in cues.days
    return Saying(subject, (v, v + 1), ((q, q + 1),)) if ends else None


def _before(passage: Passage, q: int, speakers: Speakers) -> Saying | None:
    """``Brandt shook his head: "No chance."``: the sentence's subject, where a comma or colon leads to a whole quotation."""
    quoted = passage.quoted[q]
    if quoted is None or not quoted.closed or q < 3 or passage.text[q - 1] not in ",:":
        return None
    subject = _subject(passage, 0, speakers)
    if subject is None:
        return None
    verb = next((j for j in range(subject[1], q - 1) if _is_past(passage, j)), None)
    return Saying(subject, (verb, verb + 1), ((q, q + 1),)) if verb is not None else None


def _subject(passage: Passage, i: int, speakers: Speakers) -> tuple[int, int] | None:
    """The person or body that token ``i`` begins."""
    if i >= len(passage) or passage.quoted[i] is not None:
        return None
    if passage.low[i] in _PRONOUNS:
        return i, i + 1
    mention = speakers.by_start.get(passage.start[i])
    j = i
    if mention is not None and mention.type in _SPEAKING:
        while j < len(passage) and passage.end[j] <= mention.end:
            j += 1
    elif mention is None and i:  # a bare surname after a quotation
        while j < len(passage) and j - i < 3 and passage.text[j][0].isupper():
            j += 1
    return (i, j) if j > i else None


def _is_past(passage: Passage, j: int) -> bool:
    low = passage.low[j]
    return passage.quoted[j] is None and passage.text[j][0].islower() and (low.endswith("ed") or low in PAST)


def of_headline(passage: Passage, cues: Cues, speakers: Speakers) -> Saying | None:
    """ "Police: Ferry was overloaded", "Ferry was overloaded: police", "Ferry was overloaded - union"."""
    last = passage.last()
    marks = [j for j in range(1, last - 1) if passage.text[j] == ":" or passage.text[j] in _DASHES]
    if not marks:
        return None
    first, final = marks[0], marks[-1]
    if passage.text[first] == ":" and first <= _NAMED_BY and last - first > _CLAUSE:
        subject = _subject(passage, 0, speakers)
        if subject == (0, first) or (first == 1 and passage.low[0] in cues.anonymous):
            return Saying((0, first), (first, first + 1), ((first + 1, last),))
    spaced = passage.text[final] == ":" or passage.start[final] > passage.end[final - 1]
    if spaced and final > _CLAUSE and 0 < last - final - 1 <= _NAMED_BY and not is_opening(passage, 0, final):
        mention = speakers.by_start.get(passage.start[final + 1])
        kind = mention.type if mention is not None and mention.end >= passage.end[last - 1] else ""
        unnamed = passage.low[last - 1] in cues.anonymous and passage.text[last - 1][0].islower()
        by_name = kind in ("PERSON", "GROUP", "ROLE") or (kind in ("IGO", "ORG") and passage.text[final] == ":")
        if unnamed or by_name:
            return Saying((final + 1, last), (final, final + 1), ((0, final),))
    return None
