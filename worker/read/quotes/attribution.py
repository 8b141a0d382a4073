"""What is said: the stretch that belongs to a verb of saying, before it, after it or around it."""

from __future__ import annotations

from collections.abc import Iterator

from ..syntax.grammar import listed
from .clauses import Frame, Saying
from .lexicon import Cues
from .nouns import of_adjective, of_noun, of_object
from .span import after_aside, after_verb, before_speaker, is_clause
from .span_end import content_end, is_finite, only_hearer
from .speaker import Speakers
from .tags import of_quotation

_PRONOUNS = frozenset({"he", "she", "they", "we", "i"})
_NOT = frozenset({"not", "n't", "n’t", "never", "neither", "nor", "cannot", "longer"})
_BE = frozenset({"is", "was", "are", "were", "be", "been", "being", "'s", "’s"})
_CLAUSE = listed("quotes", "clause")
_DETERMINERS = listed("quotes", "determiners")
_NEVER_NOUNS = listed("quotes", "never_nouns")
#: What may stand after the speaker of "said X"; anything else makes X the subject of the next clause.
_AFTER_SPEAKER = listed("quotes", "after_speaker") | frozenset("(,.:;–—")
#: Never inverted: what follows is who hears it.
_HEARD = listed("quotes", "heard")
_CHARGES = {"accus": "of", "blam": "for"}  #: stem of the verb, and what stands before the charge
_MODALS = listed("quotes", "modals")
_ANSWERING = frozenset({"respond", "answer", "reply", "counter"})
#: Verbs before "to say" that say nothing themselves.
_RAISING = listed("quotes", "raising")
_SOURCE_LIMIT = 16


def sayings(frame: Frame, cues: Cues, speakers: Speakers) -> list[Saying]:
    """All attributions of the frame, in the order of their cues."""
    found: list[Saying] = []
    last = frame.last()
    for k in range(len(frame)):
        if frame.quoted[k] is not None:
            continue
        low = frame.low[k]
        if low in cues.verbs and _is_verb(frame, k, cues, speakers):
            saying = _of_verb(frame, k, last, cues, speakers, found) or of_object(frame, k, last, cues, speakers)
        elif low in cues.according_first and any(
            tuple(frame.low[k : k + len(phrase)]) == phrase for phrase in cues.according
        ):
            saying = _according(frame, k, last, cues, speakers)
        elif low == ":" and k + 1 < len(frame) and frame.quoted[k + 1] is not None and k > 0:
            subject = speakers.left(frame, k)
            known = subject is not None and speakers.mention_of(frame, subject) is not None
            known = known and subject is not None and not any(map(is_finite, frame.text[subject[0] : subject[1]]))
            saying = Saying(subject, (k, k + 1), ((k + 1, k + 2),)) if known and not _covered(found, k + 1) else None
        elif low in cues.nouns:
            saying = of_noun(frame, k, last, cues, speakers)
        elif low in cues.adjectives:
            saying = of_adjective(frame, k, last, cues, speakers)
        elif low in cues.about or low in cues.object:
            saying = of_object(frame, k, last, cues, speakers)
        else:
            continue
        if saying is not None:
            found.append(saying)
    for q, quoted in enumerate(frame.quoted):
        if quoted is not None and not _covered(found, q):
            saying = of_quotation(frame, q, last, cues, speakers)
            found.extend([saying] if saying is not None else [])
    return found


def _is_verb(frame: Frame, k: int, cues: Cues, speakers: Speakers) -> bool:
    """Not "the report", not "State Department", not "an informed source"."""
    if frame.low[k] in _NEVER_NOUNS:
        return True
    if k and frame.low[k - 1] == "to":
        return _raised(frame, k) is not None  # "vowed to respond": the finite verb speaks
    if frame.low[k] in cues.nounish and not speakers.agrees(frame, k):
        return False
    if frame.start[k] in speakers.by_start or (frame.text[k][0].isupper() and k > 0):
        return False
    return k == 0 or frame.quoted[k - 1] is not None or frame.low[k - 1] not in _DETERMINERS


def _raised(frame: Frame, k: int) -> int | None:
    """Index of the finite verb of "seemed to say", "went on to say", whose subject is the speaker; None for other "to say"."""
    if k < 3 or frame.low[k - 1] != "to":
        return None
    if frame.low[k - 2] == "on" and frame.low[k - 3] in ("went", "goes", "go"):
        return k - 3
    return k - 2 if frame.low[k - 2] in _RAISING else None


def _covered(found: list[Saying], i: int) -> bool:
    return any(a <= i < b for saying in found for a, b in saying.parts)


def _of_verb(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers, earlier: list[Saying]) -> Saying | None:
    low = frame.low[k]
    seconds = cues.particle.get(low)
    cue_end = k + 1
    if seconds is not None:
        if cue_end >= len(frame) or frame.low[cue_end] not in seconds:
            return None
        cue_end += 1
    participle = low.endswith("ing")
    finite = _raised(frame, k)
    finite = k if finite is None else finite
    reduced = low in cues.naming and not participle and _reduced(frame, k)
    if reduced and (named := _called_by(frame, k, last, speakers)):
        return named
    subject, inverted = _subject(frame, finite, participle, cues, speakers, earlier)
    if subject is None or (not inverted and _is_relative(frame, subject, k, low, cues)):
        return None
    if not inverted and (_impersonal(frame, subject, k) or _passive(frame, subject, k)):
        return _hearsay(frame, subject, k, last, cues)
    if low in _ANSWERING and any(before in _MODALS for before in frame.low[subject[1] : k]):
        return None  # "would respond": a deed to come
    if not inverted and any(low in _NOT for low in frame.low[subject[1] : k]):
        return None  # "did not say whether": nothing is claimed
    if reduced and not inverted:
        return None
    charge = _charge(frame, cue_end, content_end(frame, cue_end, last, cues), low)
    if charge is not None:
        return Saying(subject, (k, cue_end), (charge,))
    naming = low in cues.naming and low not in cues.speech
    after = subject[1] if inverted else cue_end
    right = (
        None if inverted and not _quote_follows(frame, after) else after_verb(frame, after, last, low, cues, speakers)
    )
    if inverted and right is None:
        right = _quote_after(frame, after, last)
    left = tail = None
    at_end = right is None and cue_end >= last
    if right is None and not inverted and not participle:
        tail = after_aside(frame, k, last, cues)
    if not participle and (low in cues.speech or at_end) and (right is None or frame.quoted[right[0]] is not None):
        begin = min(subject[0], k)
        if inverted or _is_tag(frame, cue_end, last, low, cues) or frame.quoted[begin - 1] is not None:
            left = before_speaker(frame, begin, earlier, whole=right is None, aside=tail is not None)
    if participle and k == 0 and right is not None:  # "Insisting it was chance, X left": up to the comma
        quote = next((j for j in range(right[0], right[1]) if naming and frame.quoted[j] is not None), right[0])
        quoted = frame.quoted[quote]
        ends = quoted is not None and quoted.closed
        comma = quote + 1 if ends else next((j for j in range(quote + 1, right[1]) if frame.text[j] == ","), right[1])
        right = (right[0], comma) if comma > right[0] else None
    parts = [part for part in (left, tail if left else None, right) if part]
    return Saying(subject, (k, cue_end), tuple(parts), naming) if parts else None


def _is_tag(frame: Frame, i: int, last: int, verb: str, cues: Cues) -> bool:
    """Whether the verb that ends at ``i`` has no object of its own: "..., X warned." but not "X advised the board"."""
    if i >= last or frame.quoted[i] is not None or (verb in cues.hearer and only_hearer(frame, i - 1, last)):
        return True
    low = frame.low[i]
    return frame.text[i] in ",;:()—–" or low in cues.adjuncts or low in cues.days or low in cues.between


def _impersonal(frame: Frame, subject: tuple[int, int], k: int) -> bool:
    """ "It was not known whether", "it is expected that": nobody is said to say so."""
    return frame.low[subject[0]] == "it" and any(
        frame.low[i] in ("is", "was", "be", "been", "'s", "’s") for i in range(subject[1], k)
    )


def _hearsay(frame: Frame, subject: tuple[int, int], k: int, last: int, cues: Cues) -> Saying | None:
    """ "X is expected to win", "it is believed that X won": somebody says so, but the text does not say who."""
    follow = frame.low[k + 1] if k + 1 < last else ""
    if frame.low[k] not in cues.hearsay or follow not in ("to", "that", "as"):
        return None
    impersonal = frame.low[subject[0]] == "it" and follow == "that"
    start = k + 2 if impersonal else subject[0]
    end = content_end(frame, k + 1, last, cues)
    return Saying(None, (k, k + 1), ((start, end),)) if end - start > 3 else None


def _reduced(frame: Frame, k: int) -> bool:
    """ "the members -- dubbed "Skippers" by the board --": a past form right after a dash, bracket or comma."""
    return k > 0 and frame.quoted[k - 1] is None and frame.text[k - 1] in ",–—-(" and frame.low[k].endswith(("ed", "d"))


def _called_by(frame: Frame, k: int, last: int, speakers: Speakers) -> Saying | None:
    """The quoted name that "by X" gives after a passive; None without a quotation, or where nobody is named."""
    for j in range(k + 1, min(last, k + 4)):
        if frame.quoted[j] is not None:
            by = j + 1 < last and frame.low[j + 1] == "by"
            subject = speakers.right(frame, j + 1) if by else None
            return Saying(subject, (k, k + 1), ((j, j + 1),), naming=True) if subject else None
    return None


def _is_relative(frame: Frame, subject: tuple[int, int], k: int, verb: str, cues: Cues) -> bool:
    """ "What we know is this", "the joke, as he called it,": the verb's object stands before it."""
    before = frame.low[subject[0] - 1] if subject[0] else ""
    follow = frame.low[k + 1] if k + 1 < len(frame) else ""
    return (before == "what" and follow in _BE) or (before == "as" and verb in cues.naming and follow in ("it", "them"))


def _passive(frame: Frame, subject: tuple[int, int], k: int) -> bool:
    """ "The deal is expected to close", "X was told": the subject does not speak."""
    if not frame.low[k].endswith(("ed", "en", "ld", "wn", "id")):
        return False
    near = range(max(subject[1], k - 3), k)
    return any(frame.low[i] in _BE and (frame.low[i][0].isalpha() or i == subject[1]) for i in near)


def _subject(
    frame: Frame, k: int, participle: bool, cues: Cues, speakers: Speakers, earlier: list[Saying]
) -> tuple[tuple[int, int] | None, bool]:
    """The speaker of the verb at ``k``, and whether he stands after it."""
    before = frame.low[k - 1] if k else ""
    if participle and before == "as":
        return _quoted_subject(frame, k, speakers), False
    if participle and k == 0:
        return _next_subject(frame, k + 1, len(frame), speakers), False
    if participle and (
        before in (",", "and", "without", "by", "while", "before", "after") or frame.quoted[k - 1] is not None
    ):
        return _main_subject(frame, k, speakers, earlier), False
    if before in ("and", "but", "or", ";") and not participle:
        return _main_subject(frame, k, speakers, earlier), False
    if not participle and frame.low[k] in cues.speech and frame.low[k] not in _HEARD and _may_invert(frame, k):
        subject = speakers.right(frame, k)
        if subject is not None:
            follow = frame.low[subject[1]] if subject[1] < len(frame) else "."
            if speakers.by_start.get(frame.start[subject[0]]) is None and not _plain_subject(frame, subject, follow):
                return speakers.left(frame, k), False
            pronoun = frame.low[subject[0]] in ("it", "they", "we", "i", "there", "you")
            closes = follow in _AFTER_SPEAKER or follow in cues.days or frame.quoted[subject[1]] is not None
            if closes and not pronoun:
                return subject, True
    return speakers.left(frame, k), False


def _plain_subject(frame: Frame, subject: tuple[int, int], follow: str) -> bool:
    """A speaker that no mention covers: short, without a verb, closed by a mark."""
    inside = range(subject[0], subject[1])
    verb = any(frame.low[i] in _CLAUSE or (frame.low[i].endswith("ed") and i > subject[0]) for i in inside)
    return subject[1] - subject[0] <= 5 and not verb and follow in (",", ".", ";", "who", "in", "at")


def _quoted_subject(frame: Frame, k: int, speakers: Speakers) -> tuple[int, int] | None:
    """Who speaks in "X was quoted by Y as saying" and in "Y quoted X as saying"; None for any other "as saying"."""
    for q in range(k - 2, max(-1, k - 16), -1):
        if frame.low[q] in ("quoted", "cited"):
            passive = q > 0 and frame.low[q - 1] in _BE
            return speakers.left(frame, q) if passive else speakers.right(frame, q)
    return None


def _charge(frame: Frame, i: int, last: int, verb: str) -> tuple[int, int] | None:
    """ "accused X of VP": what X is accused of, with X."""
    mark = next((word for stem, word in _CHARGES.items() if verb.startswith(stem)), None)
    if mark is None or i >= last:
        return None
    for j in range(i + 1, min(last, i + 14)):
        if frame.quoted[j] is not None or frame.text[j] in ",;":
            return None
        if frame.low[j] == mark and j + 1 < last:
            return i, last
    return None


def _may_invert(frame: Frame, k: int) -> bool:
    if k == 0:
        return False
    return frame.quoted[k - 1] is not None or frame.text[k - 1] in ",—–"


def _quote_follows(frame: Frame, i: int) -> bool:
    return any(frame.quoted[j] is not None for j in range(i, min(i + 3, len(frame))))


def _quote_after(frame: Frame, i: int, last: int) -> tuple[int, int] | None:
    """The quotation that goes on after "said X, head of Y," in the same sentence."""
    for j in range(i, min(last, i + 20)):
        if frame.quoted[j] is not None and j and frame.text[j - 1] in ",:":
            return j, j + 1
    return None


def _main_subject(frame: Frame, k: int, speakers: Speakers, earlier: list[Saying]) -> tuple[int, int] | None:
    """Whom a participle or a second verb belongs to: the last speaker of the sentence, else its first mention."""
    if earlier and earlier[-1].speaker is not None:
        return earlier[-1].speaker
    return (0, 1) if frame.low[0] in _PRONOUNS else next(_mentioned(frame, 0, k, speakers), None)


def _next_subject(frame: Frame, i: int, end: int, speakers: Speakers) -> tuple[int, int] | None:
    """Whom an opening participle belongs to: the first after a comma or quotation, rather one with no comma behind."""
    found = []
    for a, b in _mentioned(frame, i, end, speakers):
        if any(frame.quoted[j] is not None or frame.text[j] == "," for j in range(i, a)):
            if b < end and frame.text[b] != ",":
                return a, b
            found.append((a, b))
    return found[-1] if found else None


def _mentioned(frame: Frame, i: int, end: int, speakers: Speakers) -> Iterator[tuple[int, int]]:
    """Token spans of the mentions that begin between ``i`` and ``end``."""
    for start in range(i, end):
        mention = speakers.by_start.get(frame.start[start]) if frame.quoted[start] is None else None
        if mention is None:
            continue
        j = start
        while j < end and frame.end[j] <= mention.end:
            j += 1
        if j > start:
            yield start, j


def _according(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    begin = k + (2 if frame.low[k] == "according" else 3 if frame.low[k] == "in" or frame.low[k] == "as" else 1)
    subject = speakers.right(frame, begin - 1)
    if subject is None or (frame.low[k] == "per" and speakers.by_start.get(frame.start[begin]) is None):
        return None
    a, b = subject
    while b < last and frame.text[b] not in ",;" and frame.quoted[b] is None and b - a < _SOURCE_LIMIT and k > 0:
        b += 1
    if k > 0 and frame.low[k - 1] not in ("and", "but"):
        end = k - 1 if frame.text[k - 1] in ",—–" else k
        start = 0
        while start < end and frame.text[start] in ",":
            start += 1
        parts: tuple[tuple[int, int], ...] = ((start, end),) if end - start >= 3 or any(frame.quoted[start:end]) else ()
        if not parts:
            return None
        if (
            b + 1 < last
            and frame.text[b] == ","
            and is_clause(frame, b + 1, last, speakers)
            and frame.low[b + 1] in _CLAUSE
        ):
            parts = (*parts, (b + 1, last))
        return Saying((a, b), (k, begin), parts)
    while b < last and frame.text[b] != "," and b - a < _SOURCE_LIMIT:
        b += 1
    return Saying((a, b), (k, begin), ((b + 1, last),)) if b + 2 < last else None
