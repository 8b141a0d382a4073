"""What is said: the stretch that belongs to a verb of saying, before it, after it or around it."""

from __future__ import annotations

from dataclasses import dataclass

from worker.read.quotes_frames import Frame
from worker.read.quotes_lexicon import Cues
from worker.read.quotes_speaker import Speakers

_CLAUSE = frozenset(
    [
        "is",
        "was",
        "are",
        "were",
        "has",
        "had",
        "have",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "should",
        "must",
        "does",
        "did",
        "do",
        "'s",
        "’s",
        "'re",
        "’re",
        "'ll",
        "’ll",
        "'ve",
        "’ve",
        "n't",
        "cannot",
        "won't",
    ]
)
_PAST = frozenset(
    [
        "went",
        "came",
        "took",
        "made",
        "gave",
        "got",
        "saw",
        "knew",
        "left",
        "won",
        "lost",
        "met",
        "held",
        "led",
        "began",
        "became",
        "found",
        "felt",
        "kept",
        "ran",
        "sent",
        "told",
        "said",
        "paid",
        "cut",
        "put",
        "let",
        "set",
        "hit",
        "fell",
    ]
)
_WH = frozenset({"whether", "if", "how", "why", "what", "who", "where", "when"})
_SUBJECTS = frozenset(
    [
        "he",
        "she",
        "they",
        "it",
        "we",
        "i",
        "you",
        "there",
        "this",
        "that",
        "these",
        "those",
        "some",
        "many",
        "most",
        "all",
        "no",
        "nobody",
        "everyone",
        "nothing",
    ]
)


@dataclass(frozen=True, slots=True)
class Saying:
    """One attribution in a frame: token spans of speaker and content (``parts``), and of the cue."""

    speaker: tuple[int, int] | None
    cue: tuple[int, int]
    parts: tuple[tuple[int, int], ...]
    naming: bool = False


def sayings(frame: Frame, cues: Cues, speakers: Speakers) -> list[Saying]:
    """All attributions of the frame, in the order of their cues."""
    found: list[Saying] = []
    last = frame.last()
    for k in range(len(frame)):
        if frame.quoted[k] is not None:
            continue
        low = frame.lows[k]
        if low in cues.verbs and _is_verb(frame, k, cues, speakers):
            saying = _of_verb(frame, k, last, cues, speakers, found)
        elif low in cues.according_first and any(
            tuple(frame.lows[k : k + len(phrase)]) == phrase for phrase in cues.according
        ):
            saying = _according(frame, k, last, cues, speakers)
        elif low == ":" and k + 1 < len(frame) and frame.quoted[k + 1] is not None and k > 0:
            subject = speakers.left(frame, k)
            known = subject is not None and speakers.mention_of(frame, subject) is not None
            saying = Saying(subject, (k, k + 1), ((k + 1, k + 2),)) if known and not _covered(found, k + 1) else None
        else:
            continue
        if saying is not None:
            found.append(saying)
    return found


_DETERMINERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "its",
        "his",
        "her",
        "their",
        "our",
        "my",
        "your",
        "any",
        "no",
        "some",
        "such",
        "each",
        "every",
        "'s",
        "’s",
    ]
)
_NEVER_NOUNS = frozenset(
    ["said", "says", "told", "wrote", "thinks", "thought", "believes", "believed", "asked", "added", "knows", "knew"]
)
#: What may stand after the speaker of "said X"; anything else makes X the subject of the next clause.
_AFTER_SPEAKER = frozenset(",.;:—–(") | frozenset(
    [
        "in",
        "on",
        "at",
        "during",
        "after",
        "before",
        "of",
        "for",
        "from",
        "who",
        "as",
        "when",
        "while",
        "with",
        "and",
        "to",
        "by",
        "following",
        "outside",
        "about",
        "today",
        "yesterday",
    ]
)
#: Words that make praise or blame say something: "blamed X for Y", "praised X as Y".
_REASON = frozenset({"for", "as", "because", "over"})
#: Never inverted: what follows is who hears it.
_HEARD = frozenset({"told", "tells", "tell", "informed", "assured", "reminded", "notified", "advised"})
#: "Asked X to do it": X is part of what is asked (stems of ask, call on, want, expect).
_OBJECT_TOO = frozenset({"ask", "asks", "aske", "aski", "call", "want", "expe"})
#: What is cited is reported, whatever its form: "media cited analyses of images that showed ...".
_CITING = frozenset({"cited", "cites", "cite"})
_CHARGES = {"accus": "of", "blam": "for"}  #: stem of the verb, and what stands before the charge


def _is_verb(frame: Frame, k: int, cues: Cues, speakers: Speakers) -> bool:
    """Not "the report", not "State Department", not "an informed source"."""
    if frame.lows[k] in _NEVER_NOUNS:
        return True
    if k and frame.lows[k - 1] == "to":
        return False  # "vowed to respond": the finite verb speaks
    if frame.lows[k] in cues.nounish and not speakers.agrees(frame, k):
        return False
    if frame.starts[k] in speakers.by_start or (frame.texts[k][0].isupper() and k > 0):
        return False
    return k == 0 or frame.quoted[k - 1] is not None or frame.lows[k - 1] not in _DETERMINERS


def _covered(found: list[Saying], i: int) -> bool:
    return any(a <= i < b for saying in found for a, b in saying.parts)


def _of_verb(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers, earlier: list[Saying]) -> Saying | None:
    low = frame.lows[k]
    seconds = cues.particle.get(low)
    cue_end = k + 1
    if seconds is not None:
        if cue_end >= len(frame) or frame.lows[cue_end] not in seconds:
            return None
        cue_end += 1
    participle = low.endswith("ing")
    subject, inverted = _subject(frame, k, participle, cues, speakers, earlier)
    if subject is None or _impersonal(frame, subject, k):
        return None
    charge = _charge(frame, cue_end, last, low)
    if charge is not None:
        return Saying(subject, (k, cue_end), (charge,))
    naming = low in cues.naming and low not in cues.speech
    after = subject[1] if inverted else cue_end
    right = None if inverted and not _quote_follows(frame, after) else _right(frame, after, last, low, cues, speakers)
    if inverted and right is None:
        right = _quote_after(frame, after, last)
    left = tail = None
    at_end = right is None and cue_end >= last
    if right is None and not inverted and not participle:
        tail = _after_parenthesis(frame, k, last, cues)
    if not participle and (low in cues.speech or at_end) and (right is None or frame.quoted[right[0]] is not None):
        left = _left(frame, min(subject[0], k), earlier, whole=right is None, least=1 if tail else 3)
    if participle and k == 0 and right is not None:  # "Insisting it was chance, X left": up to the comma
        comma = next((j for j in range(right[0], right[1]) if frame.texts[j] == ","), right[1])
        right = (right[0], comma) if comma > right[0] else None
    parts = [part for part in (left, tail if left else None, right) if part]
    return Saying(subject, (k, cue_end), tuple(parts), naming) if parts else None


def _impersonal(frame: Frame, subject: tuple[int, int], k: int) -> bool:
    """ "It was not known whether", "it is expected that": nobody is said to say so."""
    return frame.lows[subject[0]] == "it" and any(
        frame.lows[i] in ("is", "was", "be", "been", "'s", "’s") for i in range(subject[1], k)
    )


def _subject(
    frame: Frame, k: int, participle: bool, cues: Cues, speakers: Speakers, earlier: list[Saying]
) -> tuple[tuple[int, int] | None, bool]:
    """The speaker of the verb at ``k``, and whether he stands after it."""
    before = frame.lows[k - 1] if k else ""
    if participle and k == 0:
        return _first_mention(frame, k + 1, len(frame), speakers, after_comma=True), False
    if participle and (
        before in (",", "and", "without", "by", "while", "before", "after") or frame.quoted[k - 1] is not None
    ):
        return _main_subject(frame, k, speakers, earlier), False
    if before in ("and", "but", "or") and not participle:
        return _main_subject(frame, k, speakers, earlier), False
    if not participle and frame.lows[k] in cues.speech and frame.lows[k] not in _HEARD and _may_invert(frame, k):
        subject = speakers.right(frame, k)
        if subject is not None:
            follow = frame.lows[subject[1]] if subject[1] < len(frame) else "."
            if speakers.by_start.get(frame.starts[subject[0]]) is None and not _plain_subject(frame, subject, follow):
                return speakers.left(frame, k), False
            pronoun = frame.lows[subject[0]] in ("it", "they", "we", "i", "there", "you")
            closes = follow in _AFTER_SPEAKER or follow in cues.days or frame.quoted[subject[1]] is not None
            if closes and not pronoun:
                return subject, True
    return speakers.left(frame, k), False


def _plain_subject(frame: Frame, subject: tuple[int, int], follow: str) -> bool:
    """A speaker that no mention covers: short, without a verb, closed by a mark."""
    inside = range(subject[0], subject[1])
    verb = any(frame.lows[i] in _CLAUSE or (frame.lows[i].endswith("ed") and i > subject[0]) for i in inside)
    return subject[1] - subject[0] <= 5 and not verb and follow in (",", ".", ";", "who", "in", "at")


def _charge(frame: Frame, i: int, last: int, verb: str) -> tuple[int, int] | None:
    """ "accused X of VP": what X is accused of, with X."""
    mark = next((word for stem, word in _CHARGES.items() if verb.startswith(stem)), None)
    if mark is None or i >= last:
        return None
    for j in range(i + 1, min(last, i + 14)):
        if frame.quoted[j] is not None or frame.texts[j] in ",;":
            return None
        if frame.lows[j] == mark and j + 1 < last:
            return i, last
    return None


def _may_invert(frame: Frame, k: int) -> bool:
    if k == 0:
        return False
    return frame.quoted[k - 1] is not None or frame.texts[k - 1] in ",—–"


def _quote_follows(frame: Frame, i: int) -> bool:
    return any(frame.quoted[j] is not None for j in range(i, min(i + 3, len(frame))))


def _quote_after(frame: Frame, i: int, last: int) -> tuple[int, int] | None:
    """The quotation that goes on after "said X, head of Y," in the same sentence."""
    for j in range(i, min(last, i + 20)):
        if frame.quoted[j] is not None and j and frame.texts[j - 1] in ",:":
            return j, j + 1
    return None


def _main_subject(frame: Frame, k: int, speakers: Speakers, earlier: list[Saying]) -> tuple[int, int] | None:
    """Whom a participle or a second verb belongs to: the last speaker of the sentence, else its first mention."""
    if earlier and earlier[-1].speaker is not None:
        return earlier[-1].speaker
    return _first_mention(frame, 0, k, speakers)


def _first_mention(
    frame: Frame, i: int, end: int, speakers: Speakers, *, after_comma: bool = False
) -> tuple[int, int] | None:
    seen = not after_comma
    for start in range(i, end):
        if frame.quoted[start] is not None:
            seen = True
            continue
        seen = seen or frame.texts[start] == ","
        mention = speakers.by_start.get(frame.starts[start]) if seen else None
        if mention is not None:
            j = start
            while j < end and frame.ends[j] <= mention.end:
                j += 1
            return (start, j) if j > start else None
    return None


def _right(frame: Frame, i: int, last: int, verb: str, cues: Cues, speakers: Speakers) -> tuple[int, int] | None:
    if verb in _CITING and i + 4 < last and frame.quoted[i] is None:
        return i, _content_end(frame, i, last, cues)
    if verb[:4] in _OBJECT_TOO and i < last and _aim(frame, i, last) is not None:
        return i, _content_end(frame, i, last, cues)
    aim = _aim(frame, i, _content_end(frame, i, last, cues)) if verb in cues.purpose and i < last else None
    if aim is not None:
        return aim
    i = _over_hearer(frame, i, last, verb, cues, speakers)
    i = _over_adjuncts(frame, i, last, cues, speakers)
    if i >= last:
        return None
    if frame.texts[i] in ",:" and i + 1 < len(frame) and (frame.quoted[i + 1] is not None or frame.texts[i] == ":"):
        i += 1
    if i >= last:
        return None
    end = _content_end(frame, i, last, cues)
    if frame.quoted[i] is not None:
        goes_on = (
            i + 1 < end
            and frame.texts[i + 1] not in ",.;—–"
            and frame.lows[i + 1] not in ("and", "as", "in", "on", "at", "during", "after", "while", "but")
        )
        return (i, end) if goes_on else (i, i + 1)
    low = frame.lows[i]
    if low == "that" and i + 1 < end:
        return i + 1, end
    if verb in cues.naming and verb not in cues.speech:
        has_quote = any(frame.quoted[j] is not None for j in range(i, min(end, i + 8)))
        judged = end - i > 3 and (verb in cues.labelling or any(low in _REASON for low in frame.lows[i + 1 : end - 1]))
        return (i, end) if has_quote or judged else None
    if verb.startswith("den") and (low in _DETERMINERS or low.endswith("ing")):
        return i, end
    if low in _WH and end - i >= 3:
        return i, end
    if (
        (low in cues.adjuncts and low not in ("this", "that", "last", "about"))
        or frame.texts[i] in ",;()—–"
        or verb not in cues.bare
    ):
        return None
    return (i, end) if _is_clause(frame, i, end, speakers) else None


def _aim(frame: Frame, i: int, end: int) -> tuple[int, int] | None:
    """ "to VP", perhaps after the one who shall do it: "urged both sides to stop"."""
    for j in range(i, min(end - 2, i + 14)):
        if (
            frame.quoted[j] is not None
            or frame.texts[j] in ",;:"
            or frame.lows[j] in _CLAUSE
            or frame.lows[j] == "that"
        ):
            return None
        if (
            frame.lows[j] == "to"
            and frame.lows[j - 1] != "not"
            and (frame.lows[j + 1] != "the" and frame.texts[j + 1][0].islower())
        ):
            return j, end
    return None


def _over_hearer(frame: Frame, i: int, last: int, verb: str, cues: Cues, speakers: Speakers) -> int:
    if verb not in cues.hearer or i >= last or frame.quoted[i] is not None or frame.lows[i] in ("that", ",", ":", "to"):
        return i
    for j in range(i + 1, min(last, i + 14)):
        if frame.lows[j] == "that" and frame.lows[j - 1] not in _CLAUSE:
            return j
        if frame.quoted[j] is not None or frame.lows[j] in _CLAUSE or frame.texts[j] in (",", ":"):
            break
    mention = speakers.by_start.get(frame.starts[i])
    if mention is not None:
        while i < last and frame.ends[i] <= mention.end and frame.quoted[i] is None:
            i += 1
        return i
    for j in range(i, min(last, i + 6)):
        if frame.quoted[j] is not None or (
            frame.lows[j] in ("that", ",", ":", "to", "in", "on", "at", "he", "she", "they", "it", "the") and j > i
        ):
            return j
    return i + 1


def _over_adjuncts(frame: Frame, i: int, last: int, cues: Cues, speakers: Speakers) -> int:
    """After "said on Friday in a statement to reporters" and the like; bounded, three of them at most."""
    for _ in range(3):
        if i >= last or frame.quoted[i] is not None:
            return i
        low = frame.lows[i]
        if (low in cues.days and low not in ("this", "last", "late", "early")) or low in (
            "later",
            "again",
            "too",
            "recently",
        ):
            i += 1
        elif low in (
            "in",
            "on",
            "at",
            "to",
            "during",
            "after",
            "from",
            "by",
            "via",
            "late",
            "early",
            "last",
            "through",
            "of",
            "earlier",
        ):
            j = i + 1
            while j < last and j - i < 9 and frame.quoted[j] is None:
                if frame.lows[j] in ("that", "he", "she", "they", "it", "there") or frame.texts[j] in ",:":
                    break
                if frame.lows[j - 1] in cues.days or (
                    frame.lows[j - 1]
                    in (
                        "statement",
                        "interview",
                        "reporters",
                        "speech",
                        "tweet",
                        "letter",
                        "email",
                        "conference",
                        "post",
                    )
                ):
                    break
                j += 1
            else:
                if j >= last or frame.quoted[j] is None:
                    return j if j >= last else i
            i = j
        else:
            return i
    return i


def _content_end(frame: Frame, i: int, last: int, cues: Cues) -> int:
    for j in range(i + 1, last):
        if (
            frame.lows[j] == "and"
            and j + 1 < last
            and (
                frame.lows[j + 1] in _NEVER_NOUNS
                or (frame.lows[j + 1] in cues.speech and frame.lows[j + 1].endswith("ed"))
            )
        ):
            return j
        if frame.texts[j] == "," and j + 1 < last and frame.quoted[j] is None:
            low = frame.lows[j + 1]
            if _attributes(frame, j + 1, last, cues):
                return j
            if low in ("but", "according", "adding", "citing", "saying"):
                return j
            if (
                low in ("and", "while")
                and j + 3 < last
                and any(frame.lows[m] in ("said", "says", "told", "added") for m in range(j + 2, min(last, j + 7)))
            ):
                return j
    return last


def _attributes(frame: Frame, i: int, last: int, cues: Cues) -> bool:
    """Whether ", X said ..." ends the sentence from ``i`` on: a later speaker of the whole, no part of this content."""
    for j in range(i + 1, min(last, i + 9)):
        if frame.quoted[j] is not None or frame.texts[j] == "," or frame.lows[j] == "that":
            return False
        if frame.lows[j] in _NEVER_NOUNS or (frame.lows[j] in cues.speech and frame.lows[j].endswith("ed")):
            return j + 1 >= last or frame.lows[j + 1] in cues.adjuncts or frame.lows[j + 1] in cues.days
    return False


def _is_clause(frame: Frame, i: int, end: int, speakers: Speakers) -> bool:
    """Whether a subject and a finite verb begin at ``i``: the verb before the first comma, or after an apposition's second."""
    commas = 0
    for j in range(i + 1, end):
        if frame.quoted[j] is not None:
            if j - i <= _SUBJECT_LIMIT:
                return True
            continue
        low = frame.lows[j]
        if low == ",":
            commas += 1
            if commas == 1 and "," not in frame.texts[j + 1 : j + _SUBJECT_LIMIT * 2]:
                return False
        elif (
            low in _CLAUSE
            or low in _PAST
            or low.endswith(("n't", "n’t"))
            or (low.endswith("ed") and len(low) > 3 and frame.texts[j][0].islower())
            or (_third_person(frame, j, i, speakers))
            or (j - i <= 6 and frame.lows[j - 1] in ("they", "we", "i", "you"))
        ):
            return True
    return False


def _third_person(frame: Frame, j: int, i: int, speakers: Speakers) -> bool:
    """Whether the word in -s at ``j`` is a verb: after "it", "he" or a name that ends there."""
    low = frame.lows[j]
    if not low.endswith("s") or len(low) < 4 or not frame.texts[j][0].islower():
        return False
    return frame.lows[j - 1] in _SUBJECTS or (frame.ends[j - 1] in speakers.by_end and j - i <= _SUBJECT_LIMIT)


def _left(frame: Frame, k: int, earlier: list[Saying], *, whole: bool, least: int = 3) -> tuple[int, int] | None:
    """Content before the speaker: from the frame's start, or from where an earlier attribution ended."""
    if k == 0:
        return None
    if frame.quoted[k - 1] is not None:
        end = k
    elif frame.texts[k - 1] in ",—–" or frame.texts[k - 1] in "?!":
        end = k - 1
    else:
        return None
    start = 0
    for saying in earlier:
        if frame.lows[saying.cue[0]] not in _NEVER_NOUNS and not any(frame.quoted[a] for a, _ in saying.parts):
            continue
        start = max(start, saying.cue[1], *(b for _, b in saying.parts))
    while start < end and frame.quoted[start] is None and frame.texts[start] in ",.;:—–":
        start += 1
    if not whole and end > start:  # "A," he said, "b": only the quotation before counts, not what leads to it
        while start < end and frame.quoted[start] is None:
            start += 1
    if end - start < 1 or (end - start < least and all(frame.quoted[j] is None for j in range(start, end))):
        return None
    return start, end


def _after_parenthesis(frame: Frame, k: int, last: int, cues: Cues) -> tuple[int, int] | None:
    """The rest of a clause that "X said" interrupts: "The deal, X said, will close in May"."""
    i = k + 1
    while i < last and frame.quoted[i] is None and (frame.lows[i] in cues.days or frame.lows[i] == "on"):
        i += 1
    if i + 1 >= last or frame.texts[i] not in (",", "—", "–") or frame.quoted[i + 1] is not None:
        return None
    low = frame.lows[i + 1]
    if (low in cues.adjuncts and low != "this") or low in _CONCESSIONS or low.endswith("ing"):
        return None
    return i + 1, last


def _according(frame: Frame, k: int, last: int, cues: Cues, speakers: Speakers) -> Saying | None:
    begin = k + (2 if frame.lows[k] == "according" else 3 if frame.lows[k] == "in" or frame.lows[k] == "as" else 1)
    subject = speakers.right(frame, begin - 1)
    if subject is None or (frame.lows[k] == "per" and speakers.by_start.get(frame.starts[begin]) is None):
        return None
    a, b = subject
    while b < last and frame.texts[b] not in ",;" and frame.quoted[b] is None and b - a < _SOURCE_LIMIT and k > 0:
        b += 1
    if k > 0 and frame.lows[k - 1] not in ("and", "but"):
        end = k - 1 if frame.texts[k - 1] in ",—–" else k
        start = 0
        while start < end and frame.texts[start] in ",":
            start += 1
        parts: tuple[tuple[int, int], ...] = ((start, end),) if end - start >= 3 or any(frame.quoted[start:end]) else ()
        if not parts:
            return None
        if (
            b + 1 < last
            and frame.texts[b] == ","
            and _is_clause(frame, b + 1, last, speakers)
            and frame.lows[b + 1] in _CLAUSE
        ):
            parts = (*parts, (b + 1, last))
        return Saying((a, b), (k, begin), parts)
    while b < last and frame.texts[b] != "," and b - a < _SOURCE_LIMIT:
        b += 1
    return Saying((a, b), (k, begin), ((b + 1, last),)) if b + 2 < last else None


_CONCESSIONS = frozenset({"although", "though", "while", "because", "even", "so", "or", "nor", "yet", "despite"})
_SOURCE_LIMIT = 16
_SUBJECT_LIMIT = 7  #: tokens of a subject before its verb, where the clause is quoted in part
