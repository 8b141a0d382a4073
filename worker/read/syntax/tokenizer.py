"""Words and marks of a stretch of text, as parallel lists: what the name finder walks over.

A possessive mark is a token of its own ("Korea" + "'s"), an abbreviation of single letters is one token ("U.S."), hyphens and
inner apostrophes keep a word together ("Kim Jong-un", "N'Djamena"). Linear: no alternative can match the same text twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}(?:-[^\W_]+)*"  # U.S., U.S.-led
    r"|\d+(?:[.,:]\d+)*%?"
    r"|[’'‘]s\b(?![’'])"
    r"|[^\W_]+(?:(?:[-&]|[’'ʼ‘](?![sS]\b))[^\W_]+)*"
    r"|[^\w\s]|_"
)


#: An Arabic article before a name counts as its capital: "al-Sisi".
_PARTICLE = re.compile(r"(?:[aeu][a-z]{1,2}|d)[-’'][A-Z]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one sentence. ``keys`` are the texts as the gazetteer writes them: "SEOUL" is also looked up as "Seoul"."""

    texts: list[str]
    lows: list[str]
    starts: list[int]
    ends: list[int]
    capital: list[bool]

    def __len__(self) -> int:
        return len(self.texts)


def scan(text: str, start: int, end: int) -> Tokens:
    """The tokens of ``text[start:end]``, with offsets into ``text``."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text, start, end):
        texts.append(match.group())
        starts.append(match.start())
        ends.append(match.end())
    return Tokens(
        texts,
        [t.lower() for t in texts],
        starts,
        ends,
        [t[0].isupper() or _PARTICLE.match(t) is not None for t in texts],
    )


def words(name: str) -> tuple[str, ...]:
    """A name's tokens, cut as running text is cut, apostrophes straight."""
    return tuple(_TOKEN.findall(name.replace("’", "'")))
