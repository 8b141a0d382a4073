"""Who says it: the subject of a verb of saying, left or right of it, and whether the text names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...contract.article import Speaker
from ..document import Mention
from ..syntax.grammar import listed
from .lexicon import Cues
from .passages import Passage
from .span_end import is_finite

_DETERMINERS = listed("quotes", "determiners")
_STOPS = listed("quotes", "stops") | frozenset("!(),:;?–—")
_OPENERS = listed("quotes", "openers")
_PREPOSITIONS = listed("quotes", "prepositions")
_FINITE = listed("quotes", "finite")
_SAID = listed("quotes", "said")
_MODALS = listed("quotes", "modals")
_DENIALS = listed("quotes", "denials")
_PRONOUNS = listed("quotes", "pronouns")
_NOT = frozenset({"n't", "n’t"})
_EVIDENCE = ("show", "suggest", "indicat", "reveal", "find")  #: verbs of polls and data
_ANTECEDENT = 8  #: tokens of whom a relative clause describes
_LONGEST = 24  #: tokens of a speaker with everything that describes him
_NAMED = frozenset({"PERSON", "ORG", "IGO", "COUNTRY", "CITY", "REGION"})


def _is_adverb(passage: Passage, e: int) -> bool:
    """Not "the family", "the daily": a word in -ly right after an article is a noun."""
    low = passage.low[e]
    plain = low.endswith("ly") and len(low) > 4 and not passage.text[e][0].isupper()
    return plain and not (e and passage.low[e - 1] in _DETERMINERS)


class Speakers:
    """Finds the subjects of one document's passages through its mentions."""

    def __init__(self, mentions: Sequence[Mention], cues: Cues) -> None:
        self.cues = cues
        self.by_end: dict[int, Mention] = {}
        self.by_start: dict[int, Mention] = {}
        for m in mentions:
            if m.end not in self.by_end or m.start < self.by_end[m.end].start:
                self.by_end[m.end] = m
            if m.start not in self.by_start or m.end > self.by_start[m.start].end:
                self.by_start[m.start] = m

    def lowered(self, passage: Passage) -> Passage:
        """A headline whose words all have capitals, with only its names left in them; any other passage as it is."""
        words = [text for text in passage.text if text.isalpha() and len(text) > 3]
        if len(words) < 3 or sum(text[0].isupper() for text in words) < len(words) * 0.75:
            return passage
        texts, reach = list(passage.text), 0
        for i, text in enumerate(texts):
            mention = self.by_start.get(passage.start[i])
            reach = max(reach, mention.end) if mention is not None else reach
            if passage.end[i] > reach and i:
                texts[i] = text.lower()
        return replace(passage, text=texts)

    def left(self, passage: Passage, k: int) -> tuple[int, int] | None:
        """Token span of the subject that ends before the verb at ``k``, or None."""
        e = self._over_adverbs(passage, k - 1)
        if e < 0 or passage.quoted[e] is not None:
            return None
        if passage.text[e] in (",", "—", "–", "_"):
            e = self._before_apposition(passage, e)
            if e < 0:
                return None
        if passage.low[e] in ("who", "that") and (passage.low[e] == "who" or e == k - 1):
            e -= 2 if e and passage.text[e - 1] == "," else 1
            return self._antecedent(passage, e) if e >= 0 else None
        region = self._region(passage, e)
        subject = self._subject_of_verb(passage, *region) if region is not None else None
        return self._named_before(passage, *subject) if subject is not None else None

    def is_apposed(self, passage: Passage, k: int) -> bool:
        """Whether the comma before the verb at ``k`` ends an apposition to a person who opens the sentence: "Ann Bell, D-Ohio,
        called"; not "the members, dubbed"."""
        e = self._before_apposition(passage, k - 1)
        known = self.by_end.get(passage.end[e]) if e >= 0 else None
        if known is None or known.type != "PERSON" or e + 2 >= k:
            return False
        start = next(i for i in range(e + 1) if passage.end[i] > known.start)
        return start == 0 or passage.quoted[start - 1] is not None or passage.text[start - 1] in ",;:"

    def _subject_of_verb(self, passage: Passage, a: int, b: int) -> tuple[int, int] | None:
        """Leave from tokens ``a:b`` the subject alone where a verb of its own follows it: "X put out a statement" (saying)."""
        if b - a == 1 and is_finite(passage.text[a]) and passage.end[a] not in self.by_end:
            return None  # "and recorded himself shouting": whoever did stands further before
        for v in range(a + 1, b):
            verb = passage.quoted[v] is None and passage.text[v][0].islower() and is_finite(passage.text[v])
            end = self._over_adverbs(passage, v - 1) if verb else -1
            if end < a or passage.low[end] in _DETERMINERS or passage.low[end] in ("who", "which", "that"):
                continue
            if passage.low[end] in _PRONOUNS:
                return end, end + 1
            known = self.by_end.get(passage.end[end])
            if known is not None and known.start >= passage.start[a]:
                return next(i for i in range(a, end + 1) if passage.end[i] > known.start), end + 1
            if end == a and passage.low[a] not in _PREPOSITIONS:
                return a, a + 1
        return a, b

    def _named_before(self, passage: Passage, a: int, b: int) -> tuple[int, int]:
        """The name that tokens ``a:b`` describe without a second comma: "X, a member of the board said"."""
        if a < 2 or passage.text[a - 1] != "," or passage.low[a] not in ("a", "an"):
            return a, b
        named = self.by_end.get(passage.end[a - 2]) if passage.quoted[a - 2] is None else None
        if named is None or named.type != "PERSON":
            return a, b
        start = next(i for i in range(a - 1) if passage.end[i] > named.start)
        opens = start == 0 or passage.quoted[start - 1] is not None or passage.text[start - 1] in ",;:—–"
        return (start, a - 1) if opens else (a, b)

    def _antecedent(self, passage: Passage, e: int) -> tuple[int, int] | None:
        """Whom "who" after token ``e`` means: the mention that ends there, else back to its article or number."""
        if passage.quoted[e] is not None:
            return None
        mention = self.by_end.get(passage.end[e])
        a = e
        while a > 0 and e - a < _ANTECEDENT and passage.quoted[a - 1] is None:
            if mention is not None and passage.start[a] <= mention.start:
                break
            if mention is None and (passage.low[a - 1] in _STOPS or passage.low[a - 1] in _PREPOSITIONS):
                break
            if mention is None and passage.low[a] in _DETERMINERS:
                break
            a -= 1
        return a, e + 1

    def right(self, passage: Passage, k: int) -> tuple[int, int] | None:
        """Token span of the subject that follows the verb at ``k`` ("said X"), or None."""
        i = k + 1
        if i >= len(passage) or passage.quoted[i] is not None:
            return None
        mention = self.by_start.get(passage.start[i])
        if mention is not None:
            j = i
            while j < len(passage) and passage.end[j] <= mention.end:
                j += 1
            while (
                j < len(passage)
                and mention.type in ("GROUP", "ROLE")
                and j - i < _LONGEST
                and self._goes_on(passage, j, mention)
            ):
                j += 1  # "two people with knowledge of the talks"
            follow = self.by_start.get(passage.start[j]) if j < len(passage) and passage.quoted[j] is None else None
            if follow is not None and follow.type == "PERSON" and mention.type in ("ORG", "IGO"):
                return self.right(passage, j - 1)  # "said Senate leader X": a body, then whom it describes
            return (i, j) if j > i else None
        if (
            passage.low[i] in _PRONOUNS
            or (
                passage.text[i][0].isupper() and passage.low[i] not in self.cues.days
            )  # "X, the chairman, said Tuesday"
            or passage.low[i] in ("the", "a", "an", "one", "two", "several")
        ):
            j = i
            while (
                j < len(passage)
                and j - i < 8
                and passage.quoted[j] is None
                and passage.text[j] not in ",.;:—–()"
                and passage.low[j] not in _PREPOSITIONS
            ):
                j += 1
            return (i, j) if j > i else None
        return None

    def agrees(self, passage: Passage, k: int) -> bool:
        """Whether a subject that fits the verb form at ``k`` ends right before it: "polls show", "the ministry claims"."""
        follow = passage.low[k + 1] if k + 1 < len(passage) else ""
        if follow in ("that", ".") and passage.low[k].startswith(_EVIDENCE):
            return True  # "a poll taken on Monday shows that", "..., the data show."
        e = self._over_adverbs(passage, k - 1)
        if e < 0 or passage.quoted[e] is not None:
            return False
        low, third = passage.low[e], passage.low[k].endswith("s")
        if low in ("he", "she", "it", "who", "which", "that") and third:
            return True
        if low in ("they", "we", "i", "you", "who"):
            return True
        if low == "," or e < k - 1:
            return low == "," or passage.low[k - 1] in _MODALS
        known = passage.end[e] in self.by_end
        return (known and third != (low.endswith("s") and not passage.text[e][0].isupper())) or (
            low.endswith("s") and not third
        )

    def _goes_on(self, passage: Passage, j: int, mention: Mention) -> bool:
        """Whether token ``j`` still describes the unnamed speaker ``mention``."""
        if passage.quoted[j] is not None or passage.text[j] in ",.;:—–()" or passage.low[j] in self.cues.days:
            return False
        first = passage.end[j - 1] <= mention.end
        return not first or passage.low[j] in ("with", "familiar", "close", "briefed", "who", "involved")

    def _over_adverbs(self, passage: Passage, e: int) -> int:
        while e >= 0 and passage.quoted[e] is None:
            low = passage.low[e]
            if low in _NOT:
                e -= 2  # "does" + "n't"
            elif low in self.cues.between or _is_adverb(passage, e):
                e -= 1
            elif low == "longer" and e and passage.low[e - 1] == "no":
                e -= 2
            elif low in self.cues.days:
                e -= 1
                if e >= 0 and passage.low[e] in ("on", "in"):
                    e -= 1
            else:
                break
        return e

    def _before_apposition(self, passage: Passage, e: int) -> int:
        """The subject's end where a comma stands before the verb: "X, head of Y, said", "X, 62, who led Y, said"."""
        nearest = named = -1
        for i in range(e - 1, max(0, e - _LONGEST), -1):
            if passage.quoted[i] is not None:
                break
            if passage.text[i] == passage.text[e] and passage.quoted[i - 1] is None:
                if passage.end[i - 1] in self.by_end:  # a name or a noun, not the age
                    named = i - 1 if named < 0 else named
                    if self.by_end[passage.end[i - 1]].start <= passage.start[0]:
                        return i - 1  # opens the sentence: "X, along with Y, offered"
                nearest = i - 1 if nearest < 0 else nearest
        return named if named >= 0 else nearest

    def _region(self, passage: Passage, e: int) -> tuple[int, int] | None:
        if passage.low[e] in _PRONOUNS:
            return e, e + 1
        a, verb = e, False
        mention = self.by_end.get(passage.end[e])
        while a > 0 and e - a < _LONGEST:
            low = passage.low[a - 1]
            if mention is not None and passage.start[a - 1] >= mention.start:
                a -= 1  # a word of the speaker's own description: "an informed source"
                continue
            if (
                passage.quoted[a - 1] is not None
                or low in _STOPS
                or (low == "and" and a > 1 and passage.text[a - 2] == ",")
            ):
                break
            if low in _SAID:
                break
            if (low in _FINITE and passage.low[a - 2] not in ("who", "that")) or (
                low in self.cues.verbs and low.endswith("ed")
            ):
                verb = True
                break
            a -= 1
        if mention is None and (passage.low[e] in _DENIALS or passage.low[a] in _FINITE):
            return None
        while a < e and (passage.low[a] in _OPENERS or passage.low[a] in self.cues.days):
            a += 1
        if mention is not None and (verb or passage.low[a] in _PREPOSITIONS or e - a > 14):
            while a < e and passage.start[a] < mention.start:
                a += 1
            return a, e + 1
        if passage.low[a] in _PREPOSITIONS or (verb and mention is None and passage.low[e] not in _PRONOUNS):
            return None
        if verb:
            a = e
        return a, e + 1

    def mention_of(self, passage: Passage, span: tuple[int, int]) -> Mention | None:
        """The mention that a subject is: the one that opens it, else the one that ends it."""
        start, end = passage.start[span[0]], passage.end[span[1] - 1]
        found = self.by_start.get(start)
        if found is not None and found.end <= end:
            return found
        found = self.by_end.get(end)
        if found is not None and found.start >= start:
            return found
        for i in range(span[0], span[1]):
            inner = self.by_start.get(passage.start[i])
            if inner is not None and inner.end <= end:
                return inner
        return None

    def speaker(self, text: str, passage: Passage, span: tuple[int, int]) -> tuple[Speaker, bool]:
        """The contract's speaker, and whether he stays anonymous by the words used for him."""
        named = self._apposed(passage, span)
        if named is not None:
            return Speaker(text=text[named.start : named.end], entity=named.canonical), False
        words = text[passage.start[span[0]] : passage.end[span[1] - 1]]
        mention = self.mention_of(passage, span)
        anonymous = self._anonymous(passage, span, mention)
        entity = None
        if mention is not None and (mention.type in _NAMED or mention.resolved_by == "pronoun" or not anonymous):
            entity = mention.canonical
        return Speaker(text=words, entity=entity), anonymous

    def _apposed(self, passage: Passage, span: tuple[int, int]) -> Mention | None:
        """The name right after a role: "his lawyer, Marta Quispe,"."""
        b = span[1]
        if b + 1 >= len(passage) or passage.text[b] != "," or passage.quoted[b + 1] is not None:
            return None
        role = self.by_end.get(passage.end[b - 1])
        person = self.by_start.get(passage.start[b + 1])
        apposed = role is not None and role.type == "ROLE" and person is not None and person.type == "PERSON"
        return person if apposed else None

    def _anonymous(self, passage: Passage, span: tuple[int, int], mention: Mention | None) -> bool:
        if mention is not None and mention.type == "PERSON":
            return False
        if mention is not None and mention.resolved_by == "pronoun":
            return any(word in self.cues.anonymous for word in mention.canonical.lower().split())
        for i in range(span[0], span[1]):
            low = passage.low[i]
            if low in ("of", "for", "from", "at", "with", "familiar", "who", ","):
                return False
            if low == "and" and i > span[0]:
                return False  # "state media and officials"
            if low in self.cues.anonymous:
                follow = passage.text[i + 1] if i + 1 < span[1] else ""
                return not follow[:1].isupper()
        return False
