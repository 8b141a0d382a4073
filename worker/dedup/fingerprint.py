"""Two marks of a body text: a fingerprint (equal text) and a sketch (nearly equal text). Pure.

The fingerprint ignores white space, case, punctuation and typographic variants, not words. The sketch holds the smallest hashes
of all runs of five words ("bottom-k", Broder 1997). 16 of a text are stored, and 64 of a new text are looked up among them: so
the stored ones are found in a text that was cut or reworded as well, although it has hashes of its own that are smaller.

Two texts are near where one of them is mostly in the other, as far as the smallest hashes tell (``prints.lua``): texts that
have a fifth of their sentences in common are not.

Measured on 1,115 article texts with twelve edits of 150 texts (the share was chosen while looking at
them; typography, dateline, boilerplate,
reorder, cut to 60, 40, 25 %, 10 and 25 % added, 5, 10, 20 % of words replaced): where .35 of the smaller text has to be
shared .945 of the copies are found (cut to 25 % .82, 20 % replaced .53, all others over .98), at .45 .916 (.82, .25, 10 %
replaced .93). Of the 621,055 pairs of texts 32 join at .35, 31 at .45. The ledger asks for .40: at .35 one of twenty stories
that share a fifth of their sentences joined another. Before (runs of eight words, 16 of 16, five shared) cut to 25 % gave
.36, 10 % replaced .82, 20 % replaced .12.

``tools/measure_near_copies.py`` plays the decision against a background: of 200 other texts .926 are found at .40 (cut to 25 %
.79, 20 % replaced .37, 10 % .97, all others over .98), and 5 of 4,000 altered articles join one that is not theirs.
"""

from __future__ import annotations

import hashlib
import heapq
import re
import tomllib
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from ..encoding.unicode import normal

PRINT_BYTES = 8  #: of a fingerprint: among 10 million texts two are equal by chance in one of 370,000 such collections
SKETCH_SIZE = 16  #: elements of a text that are stored
ELEMENT_BYTES = 3  #: of the four of an element that a record keeps: what it compares shared three elements before
QUERY_SIZE = 64  #: elements of a text that are looked up among the stored ones
SHINGLE_WORDS = 5
MIN_SKETCH_WORDS = 40  #: a shorter text has too few shingles to say anything
SHORT_BODY_WORDS = 25  #: below this the title is part of the fingerprint: two one-line notices are not one copy

_WORD = re.compile(r"\w+")


def words(paragraphs: Iterable[str]) -> list[str]:
    """The words of a text in comparable form: compatibility forms folded, lower case, no punctuation.

    Text without spaces (Chinese, Japanese, Thai) gives long runs; they are cut into single characters.
    """
    folded = normal("\n".join(paragraphs), "NFKC").casefold().replace("\u00ad", "")
    found = _WORD.findall(folded)
    if any(len(word) > 40 or "\u0e00" <= word[0] <= "\u0e7f" or "\u3040" <= word[0] <= "\u9fff" for word in found):
        return [piece for word in found for piece in (word if _runs_on(word) else [word])]
    return found


def _runs_on(word: str) -> bool:
    return "\u0e00" <= word[0] <= "\u0e7f" or "\u3040" <= word[0] <= "\u9fff"


_NUMBER = re.compile(r"[\d.,:/°%]+|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b")
_LETTERS = re.compile(r"[^\W\d_]+")
MAX_COUNTER_CHARS = 120
MAX_ADVERTISEMENT_CHARS = 300


@cache
def _counters() -> tuple[frozenset[str], re.Pattern[str]]:
    table = tomllib.loads(files(__package__).joinpath("counters.toml").read_text("utf-8"))
    openings = "|".join(sorted(map(re.escape, table["advertisements"]), key=len, reverse=True))
    return frozenset(table["words"]), re.compile(rf"\s*(?:{openings})\b\s*(?:[:|–—-].*)?\Z", re.IGNORECASE | re.DOTALL)


def is_counter(paragraph: str) -> bool:
    """Return True for a line that only counts or advertises: "1,234 views", "Updated 5 minutes ago", "ADVERTISEMENT: ...".

    It is part of the page's text, not of what makes a revision of it.
    """
    if len(paragraph) > MAX_ADVERTISEMENT_CHARS:
        return False
    words_that_count, advertisement = _counters()
    if advertisement.match(paragraph):
        return True
    if len(paragraph) > MAX_COUNTER_CHARS or not any(sign.isdigit() for sign in paragraph):
        return False
    return all(word in words_that_count for word in _LETTERS.findall(_NUMBER.sub(" ", paragraph.casefold())))


def fingerprint(body: list[str], title: str | None = None) -> bytes:
    """8 bytes that are equal for equal texts. ``body`` is what `words` gave; empty bytes for an empty text."""
    if not body:
        return b""
    if len(body) < SHORT_BODY_WORDS and title:
        body = [*words([title]), "|", *body]
    return hashlib.blake2b(" ".join(body).encode("utf-8", "surrogatepass"), digest_size=PRINT_BYTES).digest()


def sketch(body: list[str]) -> tuple[bytes, ...]:
    """Return up to 64 elements of 4 bytes, smallest first; empty for a text under 40 words. The first 16 are stored."""
    if len(body) < MIN_SKETCH_WORDS:
        return ()
    crc = zlib.crc32
    encoded = [word.encode("utf-8", "surrogatepass") for word in body]
    marks = {crc(b" ".join(encoded[at : at + SHINGLE_WORDS])) for at in range(len(encoded) - SHINGLE_WORDS + 1)}
    return tuple(mark.to_bytes(4, "big") for mark in heapq.nsmallest(QUERY_SIZE, marks))


def stored_sketch(found: Sequence[bytes]) -> bytes:
    """Return what an article's record keeps of its text's sketch: the first 16 elements, `ELEMENT_BYTES` of each."""
    return b"".join(element[:ELEMENT_BYTES] for element in found[:SKETCH_SIZE])


def sketch_elements(stored: bytes) -> set[bytes]:
    """Return the elements of what `stored_sketch` gave."""
    return {stored[at : at + ELEMENT_BYTES] for at in range(0, len(stored), ELEMENT_BYTES)}
