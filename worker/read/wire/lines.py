"""A text's lines as the wire front end reads them: paragraphs, and the single lines of head and tail, with exact offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHUNK = re.compile(r"\S(?:[^\n]|\n(?![^\S\n]*\n))*")
_LINE = re.compile(r"[^\S\n]*(\S[^\n]*)")
_ENDS_SENTENCE = re.compile(r"[.!?…:;—]['\"”’»)\]]*$")
_STARTS_LINE = re.compile(
    r"(?:[*•▪■●◦·–—-]\s|#|\(|By\s|BY\s|by [A-Z]|Image (?:source|caption)|Source:|Editor:|(?:Purchase|"
    r"Acquire) Licensing|Eds:|Keywords|Last updated|Published|Updated|Copyright|©|___|--)"
)


_NARROWEST = 56  #: Characters; text is not wrapped to less, so shorter lines are a head's or a tail's.


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of the text: ``text`` is ``whole[start:end]``, without white space around it.

    ``hint`` is the page's guess (paragraph, heading, bullet, caption, quote) or None for plain text; ``credit`` and
    ``rights`` are a caption's, where the page's markup sets them apart. ``after_blank``: a blank line stands before it.
    """

    text: str
    start: int
    end: int
    hint: str | None = None
    credit: str | None = None
    rights: str | None = None
    after_blank: bool = True


def split_lines(text: str) -> list[Line]:
    """The lines of a plain text: blank lines part paragraphs; inside one, line breaks part it unless they only wrap it."""
    found: list[Line] = []
    for chunk in _CHUNK.finditer(text):
        rows = [(match.start(1) + chunk.start(), match.end(1) + chunk.start()) for match in _LINE.finditer(chunk[0])]
        if len(rows) > 1:
            rows = _unwrapped(text, rows)
        for number, (start, end) in enumerate(rows):
            end = start + len(text[start:end].rstrip())
            found.append(Line(text[start:end], start, end, after_blank=number == 0))
    return found


def _unwrapped(text: str, rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Rows of one chunk, with those joined that a fixed line width broke."""
    width = max(end - start for start, end in rows)
    if width > 110:  # such lines are paragraphs of their own, but for a lower-case continuation
        return _joined(text, rows, wrap_at=10**9)
    if width < _NARROWEST:
        return rows
    return _joined(text, rows, wrap_at=width - 22)


def _joined(text: str, rows: list[tuple[int, int]], *, wrap_at: int) -> list[tuple[int, int]]:
    merged = [rows[0]]
    last_length = rows[0][1] - rows[0][0]
    for start, end in rows[1:]:
        above = text[merged[-1][0] : merged[-1][1]].rstrip()
        row = text[start:end]
        indented = (
            start >= 2 and text[start - 2 : start].isspace() and text[start - 1] != "\n" and text[start - 2] != "\n"
        )
        wraps = last_length >= wrap_at and not (_ENDS_SENTENCE.search(above[-8:]) and indented)
        continues = row[0].islower() and not _ENDS_SENTENCE.search(above[-8:])
        if (wraps or continues) and not _STARTS_LINE.match(row):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
        last_length = end - start
    return merged
