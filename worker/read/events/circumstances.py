"""Add to a draft what its sentence and article say around the deed: when, where, how sure, who says so, of how many.

And what an event is about, beside what was done: PLOVER's contexts, by the words of the sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from msgspec.structs import replace as struct_replace

from ..document import Document
from ..lexicon import table
from ..quotes.extractor import attribution_of
from .background import Background
from .candidate import Draft
from .clause_position import find_position
from .counts import count_people
from .dates import clip, date_draft, times_by_sentence
from .factuality import attribute, judge
from .filters import Restraint
from .location import locate, places_by_sentence
from .party_country import unsettle
from .public_affairs import Gate

#: More than three contexts say nothing.
MOST = 3


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    """Contexts by word."""
    by_word: dict[str, tuple[str, ...]] = {}
    for name, words in table("event_contexts").items():
        for word in words.split():
            by_word[word] = (*by_word.get(word, ()), name)
    return by_word


def contexts(lows: Sequence[str], given: Sequence[str] = ()) -> list[str]:
    """The contexts of a sentence's lower-case words, most words first, after those that the frame itself gives."""
    by_word = _by_word()
    found = Counter(name for word in set(lows) for name in by_word.get(word, ()))
    ranked = [name for name, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]
    return list(dict.fromkeys([*given, *ranked]))[:MOST]


class Circumstances:
    """What one article says around the deeds that it reports."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._dated, self._placed = times_by_sentence(document), places_by_sentence(document)
        self._restraint, self._background = Restraint(document), Background(document, self._dated)
        self._gate = Gate(document)

    def add(self, draft: Draft, deeds: frozenset[str]) -> bool:
        """Add the circumstances to a draft, in this order: each reads what those before it wrote. False: it is no event.

        Args:
            deeds: The triggers of its sentence that report deeds, in lower case.
        """
        document = self._document
        draft.undated = not document.anchor_is_sure
        draft.position = find_position(draft.clauses, draft.match)
        draft.page_score, draft.sentence_score = self._gate.page(), self._gate.sentence(draft.sentence)
        date_draft(draft, document, self._dated)
        judge(draft, document)
        if not draft.known or self._background.groundless(draft) or not self._restraint.allows(draft):
            return False
        clip(draft, document.published.date() if document.published else None)
        start, end = draft.sentence_span
        draft.counts = count_people(document.text[start:end], draft.type)
        self._background.age(draft)
        attribute(draft, document, attribution_of(document, *draft.trigger), deeds)
        if draft.voice is not None:
            draft.attribution = struct_replace(draft.attribution, source=draft.voice.text, certainty="reported")
        locate(draft, document, self._placed)
        unsettle(draft, document)
        return True
