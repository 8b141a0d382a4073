"""Paragraphs that say nothing of their own: pull quotes, paragraphs printed twice, a line of author and time. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ...model.page import Paragraph

MIN_PULL_CHARS = 40  #: shorter ones ("He declined.") may well be said twice
MAX_PULL_CHARS = 500
MAX_CHECKED = 400  #: paragraphs of one page looked at: a page with more is no story with pull quotes
_SIGNATURE_AMONG = 4  #: a line of author and time stands among the first paragraphs
_MARKS = re.compile(r"[\s\"'“”‘’«»„…]+")
_TIME_WORDS = re.compile(
    r"\b(?:by|from|on|at|in|and|the|updated?|published|posted|last|modified|first|gmt|utc|[ecmp][ds]?t|cet|cest|bst|ist|am|pm|"
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|"
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|\d{1,4}(?:st|nd|rd|th|h)?)\b",
    re.IGNORECASE,
)


def without_repeats(paragraphs: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """The paragraphs without pull quotes (a stretch of another paragraph, set apart to catch the eye) and without the
    second printing of a whole paragraph. One that is printed three times is meant: a refrain."""
    spoken = [p for p in paragraphs[:MAX_CHECKED] if p.kind in ("paragraph", "quote")]
    folded = {id(p): _folded(p.text) for p in spoken}
    whole = "\n".join(folded[id(p)] for p in spoken)
    times = Counter(folded.values())
    seen: set[str] = set()
    gone: set[int] = set()
    for paragraph in spoken:
        text = folded[id(paragraph)]
        if not len(text) >= MIN_PULL_CHARS:
            continue
        if text in seen:
            if times[text] == 2:
                gone.add(id(paragraph))
        elif len(text) <= MAX_PULL_CHARS and whole.count(text) > 1:
            holders = [other for key, other in folded.items() if key != id(paragraph) and text in other]
            if any(len(other) >= 1.2 * len(text) for other in holders):
                gone.add(id(paragraph))
        seen.add(text)
    return tuple(p for p in paragraphs if id(p) not in gone) if gone else paragraphs


def without_signature(paragraphs: tuple[Paragraph, ...], names: Iterable[str]) -> tuple[Paragraph, ...]:
    """The paragraphs without a line near the top that holds nothing but the authors' names and a time."""
    known = [name for name in names if name]
    kept = []
    for at, paragraph in enumerate(paragraphs):
        if at < _SIGNATURE_AMONG and paragraph.kind in ("paragraph", "bullet") and len(paragraph.text) <= 140:
            rest = paragraph.text
            for name in known:
                rest = re.sub(re.escape(name), " ", rest, flags=re.IGNORECASE)
            named = rest != paragraph.text
            rest = re.sub(r"\b([ap])\.m\.?", r"\1m", rest, flags=re.IGNORECASE)
            rest = re.sub(r"[\W_]+", "", _TIME_WORDS.sub(" ", rest))
            if not rest and (named or re.search(r"\d", paragraph.text)):
                continue
        kept.append(paragraph)
    return tuple(kept)


def _folded(text: str) -> str:
    return _MARKS.sub(" ", text).strip(" .,;:").casefold()
