"""What is said: the stretch that belongs to a verb of saying, before it, after it or around it."""

from __future__ import annotations

from collections.abc import Iterator

from ..syntax.grammar import listed
from .lexicon import Cues
from .nouns import of_adjective, of_noun, of_object
from .passages import Passage, Saying
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


def sayings(passage: Passage, cues: Cues, speakers: Speakers) -> list[Saying]:
    """All attributions of the passage, in the order of their cues."""
    found: list[Saying] = []
    last = passage.last()
    for k in range(len(passage)):
        if passage.quoted[k] is not None:
            continue
        low = passage.low[k]
        if low in cues.verbs and _is_verb(passage, k, cues, speakers):
            saying = _of_verb(passage, k, last, cues, speakers, found) or of_object(passage, k, last, cues, speakers)
        elif low in cues.according_first and any(
            tuple(passage.low[k : k + len(phrase)]) == phrase for phrase in cues.according
        ):
            saying = _according(passage, k, last, speakers)
        elif low == ":" and k + 1 < len(passage) and passage.quoted[k + 1] is not None and k > 0:
            subject = speakers.left(passage, k)
            known = subject is not None and speakers.mention_of(passage, subject) is not None
            known = known and subject is not None and not any(map(is_finite, passage.text[subject[0] : subject[1]]))
            saying = Saying(subject, (k, k + 1), ((k + 1, k + 2),)) if known and not _covered(found, k + 1) else None
        elif low in cues.nouns:
            saying = of_noun(passage, k, last, cues, speakers)
        elif low in cues.adjectives:
            saying = of_adjective(passage, k, last, cues, speakers)
        elif low in cues.about or low in cues.object:
            saying = of_object(passage, k, last, cues, speakers)
        else:
            continue
        if saying is not None:
            found.append(saying)
    for q, quoted in enumerate(passage.quoted):
        if quoted is not None and not _covered(found, q):
            saying = of_quotation(passage, q, last, cues, speakers)
            found.extend([saying] if saying is not None else [])
    return found


def _is_verb(passage: Passage, k: int, cues: Cues, speakers: Speakers) -> bool:
    """Not "the report", not "State Department", not "an informed source"."""
    if passage.low[k] in _NEVER_NOUNS:
        return True
    if k and passage.low[k - 1] == "to":
        return _raised(passage, k) is not None  # "vowed to respond": the finite verb speaks
    if passage.low[k] in cues.nounish and not speakers.agrees(passage, k):
        return False
    if passage.start[k] in speakers.by_start or (passage.text[k][0].isupper() and k > 0):
        return False
    return k == 0 or passage.quoted[k - 1] is not None or passage.low[k - 1] not in _DETERMINERS


def _raised(passage: Passage, k: int) -> int | None:
    """Index of the finite verb of "seemed to say", "went on to say", whose subject is the speaker; None for other "to say"."""
    if k < 3 or passage.low[k - 1] != "to":
        return None
    if passage.low[k - 2] == "on" and passage.low[k - 3] in ("went", "goes", "go"):
        return k - 3
    return k - 2 if passage.low[k - 2] in _RAISING else None


def _covered(found: list[Saying], i: int) -> bool:
    return any(a <= i < b for saying in found for a, b in saying.parts)


def _of_verb(
    passage: Passage, k: int, last: int, cues: Cues, speakers: Speakers, earlier: list[Saying]
) -> Saying | None:
    low = passage.low[k]
    seconds = cues.particle.get(low)
    cue_end = k + 1
    if seconds is not None:
        if cue_end >= len(passage) or passage.low[cue_end] not in seconds:
            return None
        cue_end += 1
    participle = low.endswith("ing")
    finite = _raised(passage, k)
    finite = k if finite is None else finite
    reduced = low in cues.naming and not participle and _reduced(passage, k) and not speakers.is_apposed(passage, k)
    if reduced and (named := _called_by(passage, k, last, speakers)):
        return named
    subject, inverted = _subject(passage, finite, participle, cues, speakers, earlier)
    if subject is None or (not inverted and _is_relative(passage, subject, k, low, cues)):
        return None
    if not inverted and (_impersonal(passage, subject, k) or _passive(passage, subject, k)):
        return _hearsay(passage, subject, k, last, cues)
    if low in _ANSWERING and any(before in _MODALS for before in passage.low[subject[1] : k]):
        return None  # "would respond": a deed to come
    if not inverted and any(low in _NOT for low in passage.low[subject[1] : k]):
        return None  # "did not say whether": nothing is claimed
    if reduced and not inverted:
        return None
    charge = _charge(passage, cue_end, content_end(passage, cue_end, last, cues), low)
    if charge is not None:
        return Saying(subject, (k, cue_end), (charge,))
    naming = low in cues.naming and low not in cues.speech
    after = subject[1] if inverted else cue_end
    right = (
        None
        if inverted and not _quote_follows(passage, after)
        else after_verb(passage, after, last, low, cues, speakers)
    )
    if inverted and right is None:
        right = _quote_after(passage, after, last)
    left = tail = None
    at_end = right is None and cue_end >= last
    if right is None and not inverted and not participle:
        tail = after_aside(passage, k, last, cues)
    if not participle and (low in cues.speech or at_end) and (right is None or passage.quoted[right[0]] is not None):
        begin = min(subject[0], k)
        if inverted or _is_tag(passage, cue_end, last, low, cues) or passage.quoted[begin - 1] is not None:
            left = before_speaker(passage, begin, earlier, whole=right is None, aside=tail is not None)
    if participle and k == 0 and right is not None:  # "Insisting it was chance, X left": up to the comma
        quote = next((j for j in range(right[0], right[1]) if naming and passage.quoted[j] is not None), right[0])
        quoted = passage.quoted[quote]
        ends = quoted is not None and quoted.closed
        comma = quote + 1 if ends else next((j for j in range(quote + 1, right[1]) if passage.text[j] == ","), right[1])
        right = (right[0], comma) if comma > right[0] else None
    parts = [part for part in (left, tail if left else None, right) if part]
    return Saying(subject, (k, cue_end), tuple(parts), naming) if parts else None


def _is_tag(passage: Passage, i: int, last: int, verb: str, cues: Cues) -> bool:
    """Whether the verb that ends at ``i`` has no object of its own: "..., X warned." but not "X advised the board"."""
    if i >= last or passage.quoted[i] is not None or (verb in cues.hearer and only_hearer(passage, i - 1, last)):
        return True
    low = passage.low[i]
    return passage.text[i] in ",;:()—–" or low in cues.adjuncts or low in cues.days or low in cues.between


def _impersonal(passage: Passage, subject: tuple[int, int], k: int) -> bool:
    """ "It was not known whether", "it is expected that": nobody is said to say so."""
    return passage.low[subject[0]] == "it" and any(
        passage.low[i] in ("is", "was", "be", "been", "'s", "’s") for i in range(subject[1], k)
    )


def _hearsay(passage: Passage, subject: tuple[int, int], k: int, last: int, cues: Cues) -> Saying | None:
    """ "X is expected to win", "it is believed that X won": somebody says so, but the text does not say who."""
    follow = passage.low[k + 1] if k + 1 < last else ""
    if passage.low[k] not in cues.hearsay or follow not in ("to", "that", "as"):
        return None
    impersonal = passage.low[subject[0]] == "it" and follow == "that"
    start = k + 2 if impersonal else subject[0]
    end = content_end(passage, k + 1, last, cues)
    return Saying(None, (k, k + 1), ((start, end),)) if end - start > 3 else None


def _reduced(passage: Passage, k: int) -> bool:
    """ "the members -- dubbed "Skippers" by the board --": a past form right after a dash, bracket or comma."""
    return (
        k > 0
        and passage.quoted[k - 1] is None
        and passage.text[k - 1] in ",–—-("
        and passage.low[k].endswith(("ed", "d"))
    )


def _called_by(passage: Passage, k: int, last: int, speakers: Speakers) -> Saying | None:
    """The quoted name that "by X" gives after a passive; None without a quotation, or where nobody is named."""
    for j in range(k + 1, min(last, k + 4)):
        if passage.quoted[j] is not None:
            by = j + 1 < last and passage.low[j + 1] == "by"
            subject = speakers.right(passage, j + 1) if by else None
            return Saying(subject, (k, k + 1), ((j, j + 1),), naming=True) if subject else None
    return None


def _is_relative(passage: Passage, subject: tuple[int, int], k: int, verb: str, cues: Cues) -> bool:
    """ "What we know is this", "the joke, as he called it,": the verb's object stands before it."""
    before = passage.low[subject[0] - 1] if subject[0] else ""
    follow = passage.low[k + 1] if k + 1 < len(passage) else ""
    return (before == "what" and follow in _BE) or (before == "as" and verb in cues.naming and follow in ("it", "them"))


def _passive(passage: Passage, subject: tuple[int, int], k: int) -> bool:
    """ "The deal is expected to close", "X was told": the subject does not speak."""
    if not passage.low[k].endswith(("ed", "en", "ld", "wn", "id")):
        return False
    near = range(max(subject[1], k - 3), k)
    return any(passage.low[i] in _BE and (passage.low[i][0].isalpha() or i == subject[1]) for i in near)


def _subject(
    passage: Passage, k: int, participle: bool, cues: Cues, speakers: Speakers, earlier: list[Saying]
) -> tuple[tuple[int, int] | None, bool]:
    """The speaker of the verb at ``k``, and whether he stands after it."""
    before = passage.low[k - 1] if k else ""
    if participle and before == "as":
        return _quoted_subject(passage, k, speakers), False
    if participle and k == 0:
        return _next_subject(passage, k + 1, len(passage), speakers), False
    if participle and (
        before in (",", "and", "without", "by", "while", "before", "after") or passage.quoted[k - 1] is not None
    ):
        return _main_subject(passage, k, speakers, earlier), False
    if before in ("and", "but", "or", ";") and not participle:
        return _main_subject(passage, k, speakers, earlier), False
    if not participle and passage.low[k] in cues.speech and passage.low[k] not in _HEARD and _may_invert(passage, k):
        subject = speakers.right(passage, k)
        if subject is not None:
            follow = passage.low[subject[1]] if subject[1] < len(passage) else "."
            if speakers.by_start.get(passage.start[subject[0]]) is None and not _plain_subject(
                passage, subject, follow
            ):
                return speakers.left(passage, k), False
            pronoun = passage.low[subject[0]] in ("it", "they", "we", "i", "there", "you")
            closes = follow in _AFTER_SPEAKER or follow in cues.days or passage.quoted[subject[1]] is not None
            if closes and not pronoun:
                return subject, True
    return speakers.left(passage, k), False


def _plain_subject(passage: Passage, subject: tuple[int, int], follow: str) -> bool:
    """A speaker that no mention covers: short, without a verb, closed by a mark."""
    inside = range(subject[0], subject[1])
    verb = any(passage.low[i] in _CLAUSE or (passage.low[i].endswith("ed") and i > subject[0]) for i in inside)
    return subject[1] - subject[0] <= 5 and not verb and follow in (",", ".", ";", "who", "in", "at")


def _quoted_subject(passage: Passage, k: int, speakers: Speakers) -> tuple[int, int] | None:
    """Who speaks in "X was quoted by Y as saying" and in "Y quoted X as saying"; None for any other "as saying"."""
    for q in range(k - 2, max(-1, k - 16), -1):
        if passage.low[q] in ("quoted", "cited"):
            passive = q > 0 and passage.low[q - 1] in _BE
            return speakers.left(passage, q) if passive else speakers.right(passage, q)
    return None


def _charge(passage: Passage, i: int, last: int, verb: str) -> tuple[int, int] | None:
    """ "accused X of VP": what X is accused of, with X."""
    mark = next((word for stem, word in _CHARGES.items() if verb.startswith(stem)), None)
    if mark is None or i >= last:
        return None
    for j in range(i + 1, min(last, i + 14)):
        if passage.quoted[j] is not None or passage.text[j] in ",;":
            return None
        if passage.low[j] == mark and j + 1 < last:
            return i, last
    return None


def _may_invert(passage: Passage, k: int) -> bool:
    if k == 0:
        return False
    return passage.quoted[k - 1] is not None or passage.text[k - 1] in ",—–"


def _quote_follows(passage: Passage, i: int) -> bool:
    return any(passage.quoted[j] is not None for j in range(i, min(i + 3, len(passage))))


def _quote_after(passage: Passage, i: int, last: int) -> tuple[int, int] | None:
    """The quotation that goes on after "said X, head of Y," in the same sentence."""
    for j in range(i, min(last, i + 20)):
        if passage.quoted[j] is not None and j and passage.text[j - 1] in ",:":
            return j, j + 1
    return None


def _main_subject(passage: Passage, k: int, speakers: Speakers, earlier: list[Saying]) -> tuple[int, int] | None:
    """Whom a participle or a second verb belongs to: the last speaker of the sentence, else its first mention."""
    if earlier and earlier[-1].speaker is not None:
        return earlier[-1].speaker
    return (0, 1) if passage.low[0] in _PRONOUNS else next(_mentioned(passage, 0, k, speakers), None)


def _next_subject(passage: Passage, i: int, end: int, speakers: Speakers) -> tuple[int, int] | None:
    """Whom an opening participle belongs to: the first after a comma or quotation, rather one with no comma behind."""
    found = []
    for a, b in _mentioned(passage, i, end, speakers):
        if any(passage.quoted[j] is not None or passage.text[j] == "," for j in range(i, a)):
            if b < end and passage.text[b] != ",":
                return a, b
            found.append((a, b))
    return found[-1] if found else None


def _mentioned(passage: Passage, i: int, end: int, speakers: Speakers) -> Iterator[tuple[int, int]]:
    """Token spans of the mentions that begin between ``i`` and ``end``."""
    for start in range(i, end):
        mention = speakers.by_start.get(passage.start[start]) if passage.quoted[start] is None else None
        if mention is None:
            continue
        j = start
        while j < end and passage.end[j] <= mention.end:
            j += 1
        if j > start:
            yield start, j


def _according(passage: Passage, k: int, last: int, speakers: Speakers) -> Saying | None:
    begin = k + (2 if passage.low[k] == "according" else 3 if passage.low[k] == "in" or passage.low[k] == "as" else 1)
    subject = speakers.right(passage, begin - 1)
    if subject is None or (passage.low[k] == "per" and speakers.by_start.get(passage.start[begin]) is None):
        return None
    a, b = subject
    while b < last and passage.text[b] not in ",;" and passage.quoted[b] is None and b - a < _SOURCE_LIMIT and k > 0:
        b += 1
    if k > 0 and passage.low[k - 1] not in ("and", "but"):
        end = k - 1 if passage.text[k - 1] in ",—–" else k
        start = 0
        while start < end and passage.text[start] in ",":
            start += 1
        parts: tuple[tuple[int, int], ...] = (
            ((start, end),) if end - start >= 3 or any(passage.quoted[start:end]) else ()
        )
        if not parts:
            return None
        if (
            b + 1 < last
            and passage.text[b] == ","
            and is_clause(passage, b + 1, last, speakers)
            and passage.low[b + 1] in _CLAUSE
        ):
            parts = (*parts, (b + 1, last))
        return Saying((a, b), (k, begin), parts)
    while b < last and passage.text[b] != "," and b - a < _SOURCE_LIMIT:
        b += 1
    return Saying((a, b), (k, begin), ((b + 1, last),)) if b + 2 < last else None
