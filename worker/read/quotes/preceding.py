"""Who the sentence before a quotation speaks of: whose words one without a verb of saying is, and whom "he said" means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from ...contract.article import Quote, Speaker
from ..document import Mention
from ..entities.lexicon import load_name_words
from ..syntax.grammar import listed
from .passages import Passage
from .span_end import is_finite
from .speaker import Speakers

_PREPOSITIONS = listed("quotes", "prepositions")
_OTHERS = frozenset({"i", "we", "you"})
_SINGULAR = {"he": "he", "she": "she"}
_BODIES = frozenset({"PERSON", "ORG", "IGO", "GROUP", "ROLE"})
_REACH = 4  #: tokens from a subject to its verb
_LEAST, _SHARE = (
    4,
    0.75,
)  #: quotations of a person, and their share of all named ones, that make an article an interview


@dataclass(frozen=True, slots=True)
class Preceding:
    """The person of a sentence that a quotation may follow. ``spoke``: by an attribution, not only as its subject."""

    speaker: Speaker
    gender: str | None
    spoke: bool
    is_person: bool


def preceding(
    passage: Passage,
    speakers: Speakers,
    text: str,
    speaker: Speaker | None,
    span: tuple[int, int] | None,
    before: Preceding | None,
) -> Preceding | None:
    """Who speaks in the passage, else the person who is the subject of its first verb.

    Args:
        speaker: By the passage's last attribution, None where it has none.
        span: The tokens of that speaker.
        before: The same of the sentence before the passage.
    """
    if speaker is not None and span is not None:
        if passage.low[span[0]] in _OTHERS:
            return None  # "I ask", "we said": the writer
        known = speakers.mention_of(passage, span)
        is_person = known is not None and known.type == "PERSON"
        return Preceding(speaker, gender_of(passage, span, speaker.entity), True, is_person)
    if passage.text and passage.text[-1] == "?":
        return None  # a question, and an answer by somebody else
    leads = bool(passage.text) and passage.text[-1] == ":"
    for i in range(len(passage)):
        if passage.quoted[i] is not None:
            return None
        known = speakers.by_start.get(passage.start[i])
        if known is None or known.type not in (_BODIES if leads else ("PERSON",)):
            continue
        end = next((j for j in range(i, len(passage)) if passage.end[j] >= known.end), len(passage) - 1) + 1
        if _is_subject(passage, i, end):
            words = text[passage.start[i] : passage.end[end - 1]]
            named = known.type == "PERSON" or known.resolved_by == "pronoun" or known.type in ("ORG", "IGO")
            entity = known.canonical if named else None
            if known.resolved_by == "pronoun":
                entity = meant_by(passage.low[i], known, before) or entity
            gender = gender_of(passage, (i, end), entity)
            return Preceding(Speaker(text=words, entity=entity), gender, False, known.type == "PERSON")
    return None


def _is_subject(passage: Passage, i: int, end: int) -> bool:
    """Whether a verb follows the name of tokens ``i:end``, and no preposition stands before it."""
    if i and passage.low[i - 1] in _PREPOSITIONS:
        return False
    j = end
    if j < len(passage) and passage.text[j] == ",":  # an apposition, up to its second comma
        j = next((k for k in range(j + 1, len(passage)) if passage.text[k] == ","), len(passage)) + 1
    for k in range(j, min(j + _REACH, len(passage))):
        if passage.quoted[k] is not None or (k == end and passage.low[k] in ("'s", "’s")):
            return False
        third = passage.low[k].endswith("s") and passage.text[k].islower() and k == j
        if is_finite(passage.text[k]) or third:
            return True
    return False


def gender_of(passage: Passage, span: tuple[int, int], entity: str | None) -> str | None:
    """What the words used for a speaker and his full name tell: he, she or None."""
    genders = load_name_words().genders
    words = [*passage.low[span[0] : span[1]], (entity or "").partition(" ")[0]]
    return next((_SINGULAR.get(word) or genders[word] for word in words if word in _SINGULAR or word in genders), None)


def meant_by(pronoun: str, known: Mention | None, before: Preceding | None) -> str | None:
    """The full name that "he" or "she" behind a quotation stands for, or None where the sentence before names nobody who fits.

    Args:
        known: Whom the article's names as a whole make it.
    """
    gender = _SINGULAR.get(pronoun)
    if gender is None or before is None or not before.is_person or before.gender not in (None, gender):
        return None
    if not before.spoke and before.gender is None and known is not None:
        first = known.canonical.partition(" ")[0]
        if load_name_words().genders.get(first) == gender:
            return None
    return before.speaker.entity


def give_to_main_speaker(quotes: list[Quote], lone: Sequence[int]) -> None:
    """Give quotations with nobody beside them (``lone``) to the person whom the article quotes nearly all through."""
    named = Counter(q.speaker.entity for q in quotes if q.kind == "direct" and q.speaker and q.speaker.entity)
    if not named or not lone:
        return
    entity, count = named.most_common(1)[0]
    if count < _LEAST or count < _SHARE * named.total():
        return
    words = next(q.speaker.text for q in quotes if q.speaker and q.speaker.entity == entity)
    for i in lone:
        if quotes[i].speaker is None:
            quotes[i] = replace(quotes[i], speaker=Speaker(text=words, entity=entity))
