"""Some of a text around the words that were found, with their places. Offsets are code points."""

from __future__ import annotations

from collections.abc import Sequence

from .fold import fold, is_unspaced
from .views import Row

#: Code points of an excerpt.
_EXCERPT = 260


def excerpt(text: str, terms: Sequence[str]) -> Row:
    """Return ``{text, marks}``: some of ``text`` around the first of ``terms``, and the spans of all terms in it.

    Letters are compared without case and accents, as the index does; offsets are code points of the excerpt.
    """
    folded = "".join(_fold(letter) for letter in text)
    wanted = [
        "".join(map(_fold, term.strip('"*').strip("(){}[],.;:!?"))) for term in terms if term.strip('"*(){}[],.;:!?')
    ]
    hits = sorted(
        {(at, at + len(term)) for term in wanted for at in _all_of(folded, term)} if len(folded) == len(text) else ()
    )
    first = hits[0][0] if hits else 0
    start = 0 if first < 80 else text.find(" ", first - 70) + 1
    cut = text[start : start + _EXCERPT]
    marks = [[at - start, end - start] for at, end in hits if start <= at and end <= start + len(cut)]
    shown = ("…" if start else "") + cut.replace("\n", " ") + ("…" if start + len(cut) < len(text) else "")
    lead = 1 if start else 0
    return {"text": shown, "marks": [[at + lead, end + lead] for at, end in marks]}


def _fold(letter: str) -> str:
    """Return one code point for one: its base letter in lower case."""
    base = fold(letter).strip()[:1].lower()
    return base if len(base) == 1 else letter


def _all_of(text: str, term: str) -> list[int]:
    """Return where words that begin with ``term`` are, at most 20."""
    found: list[int] = []
    at = text.find(term)
    while at >= 0 and len(found) < 20:
        if at == 0 or not text[at - 1].isalnum() or is_unspaced(term[0]):
            found.append(at)
        at = text.find(term, at + 1)
    return found
