"""A text's language from its script and its commonest words: enough to know whether our English stages apply."""

from __future__ import annotations

import re
from collections import Counter

from .lexicon import table

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 3000  #: Characters looked at.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_COMMON: dict[str, frozenset[str]] = {language: frozenset(words) for language, words in table("wire_languages").items()}


def guess_language(text: str) -> str | None:
    """ISO 639-1 code of the text's language, or None where the text is too short or its words fit no language we know."""
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    if not letters:
        return None
    for language, script in _SCRIPTS:
        if len(script.findall(sample)) * 3 > letters:
            return language
    words = Counter(word.lower() for word in _WORD.findall(sample))
    total = words.total()
    scores = {language: sum(words[word] for word in common) for language, common in _COMMON.items()}
    best = max(scores, key=lambda language: scores[language])
    others = max(score for language, score in scores.items() if language != best)
    enough = scores[best] >= max(2, total * 0.12) and scores[best] > others  # one word proves nothing
    return best if enough else None
