"""The tokens of a sentence: words and marks with exact offsets. All reading steps share one list of them.

A contraction is two tokens ("do" + "n't", "they" + "'re"), and so are a name and its possessive mark ("Korea" + "'s"). An
abbreviation of single letters is one token ("U.S.", "U.S.-led"); hyphens, "&" and inner apostrophes keep a word together
("Kim Jong-un", "AT&T", "N'Djamena"), an ordinal is one token ("3rd"), a percent sign its own. Linear: no alternative of
the pattern can match the same text in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"[^\W\d_]++(?=[\s,])"  # the usual word, found first; the alternatives below would give the same
    r"|(?:[^\W\d_]\.){2,}(?:[-‐‑][^\W_]+)*"  # U.S., U.S.-led
    r"|U\.[SK]\b"  # "U.S officials"
    r"|\d+(?:[.,:]\d+)*+(?:(?:st|nd|rd|th)\b)?"
    r"|[^\W\d_]{1,3}(?=\d+[.,]\d)"  # the currency of "N14.3billion"
    r"|[’'‘](?:[sS]|re|ve|ll|d|m)\b(?![’'])"
    r"|[^\W_]++(?:(?:[-‐‑&]|[’'‘](?!(?:[sS]|re|ve|ll|d|m|t)\b))[^\W_]++)*+(?:(?<=n)(?P<not>[’']t)\b)?"
    r"|--+|[^\w\s]|_"
)
#: An Arabic article before a name counts as its capital: "al-Sisi".
_PARTICLE = re.compile(r"(?:[aeu][a-z]{1,2}|d)[-’'][A-Z]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sentence as parallel lists. Offsets count code points in the document's text.

    ``tag``, ``mention`` and ``kind`` are empty until `dateline.read.syntax.tagger.tag_tokens` has read the sentence.
    """

    text: list[str]  #: as written
    low: list[str]  #: in lower case
    start: list[int]
    end: list[int]
    capital: list[bool]  #: begins with a capital, or with an Arabic article before one
    tag: list[str] = field(default_factory=list)  #: part of speech
    mention: list[int] = field(default_factory=list)  #: index into `Document.mentions`, or -1
    kind: list[str] = field(default_factory=list)  #: the mention's type, or an empty string

    def __len__(self) -> int:
        return len(self.text)

    def between(self, first: int, last: int) -> Tokens:
        """Return the tokens ``first:last``, untagged."""
        return Tokens(
            self.text[first:last],
            self.low[first:last],
            self.start[first:last],
            self.end[first:last],
            self.capital[first:last],
        )

    def pieces(self, most: int) -> Iterator[Tokens]:
        """Yield the tokens, at most ``most`` at a time."""
        if len(self) <= most:
            yield self
            return
        for first in range(0, len(self), most):
            yield self.between(first, first + most)


NO_TOKENS = Tokens([], [], [], [], [])


def tokenize(text: str, start: int, end: int) -> Tokens:
    """Return the tokens of ``text[start:end]``, with offsets into ``text``."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text, start, end):
        token, first, last = match[0], match.start(), match.end()
        if match.lastindex and last - first > 3:  # "didn't"; a bare "n't" stays whole
            texts.append(token[:-3])
            starts.append(first)
            first = last - 3
            ends.append(first)
            token = token[-3:]
        texts.append(token)
        starts.append(first)
        ends.append(last)
    lows = [token.lower() for token in texts]
    capital = [
        token != low and (token[0].isupper() or _PARTICLE.match(token) is not None)
        for token, low in zip(texts, lows, strict=True)
    ]
    return Tokens(texts, lows, starts, ends, capital)


def split_name(name: str) -> tuple[str, ...]:
    """Return a name's tokens, cut as running text is cut, with straight apostrophes."""
    if name.isalpha():
        return (name,)
    name = name.replace("’", "'")
    return tuple(tokenize(name, 0, len(name)).text)


def is_dash(tokens: Tokens, i: int) -> bool:
    """Whether the hyphen at ``i`` has space on both sides: "X - which Y - said"."""
    if not 0 < i < len(tokens) - 1:
        return False
    return tokens.end[i - 1] < tokens.start[i] and tokens.end[i] < tokens.start[i + 1]
