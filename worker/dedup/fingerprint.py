"""Two marks of a body text: a fingerprint (equal text) and a sketch (nearly equal text). Pure.

The fingerprint ignores white space, case, punctuation and typographic variants, not words. The sketch has three parts:

- elements, the smallest hashes of all runs of five words ("bottom-k", Broder 1997). 12 of a text are stored as an index, and
  64 of a new text are looked up in it; one that is found makes a candidate: runs of five are rare enough to find few others,
  and of a text cut to a quarter one of 12 is left in 97 of 100 cases;
- shingles, the smallest hashes of all runs of three words. 40 are kept in the article's record, two bytes of each, and decide
  on a candidate: two texts are near where the smaller one is mostly in the other. Runs of three outlive a change of every
  fifth word (half of them do; of runs of five a third), and two stories on one subject share under a fourth;
- numbers, the smallest hashes of all words with a digit, each with the word after it; 16 are kept. Two reports made from one
  template (weather, markets) share the words, not the numbers.

How well this finds edited copies, and how many others it joins: ``tools/measure_near_copies.py``, docs/adr/0007.
"""

from __future__ import annotations

import hashlib
import heapq
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate

import tomli

from ..encoding.unicode import normal
from ..model.sketch import Sketch as Sketch

PRINT_BYTES = 8  #: of a fingerprint: among 10 million texts two are equal by chance in one of 370,000 such collections
QUERY_SIZE = 64  #: elements of a text that are looked up in the index
ELEMENT_WORDS = 5
SHINGLE_WORDS = 3
SHINGLES_KEPT = 40  #: shingles in an article's record
SHINGLES_COMPARED = 320  #: of a new text: of one much longer than a stored one fewer would compare ten shingles or less
NUMBERS_KEPT = 16
NUMBERS_COMPARED = 64
LEAST_NUMBERS, NUMBERS_SHARE = 3, 0.4  #: of so many comparable numbers this share must agree
MIN_SKETCH_WORDS = 40  #: a shorter text has too few shingles to say anything
SHORT_BODY_WORDS = 25  #: below this the title is part of the fingerprint: two one-line notices are not one copy

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_WHOLE = 0xFFFFFFFF  #: the largest hash: the limit of a text all of whose shingles are kept
#: Odd, 2**32 divided by the golden ratio (Knuth, TAOCP 3, 6.4). A checksum alone is linear: texts made from one template have
#: hashes that all differ in the same bits, and the smallest are no fair sample of them.
_SPREAD = 0x9E3779B1


def words(paragraphs: Iterable[str]) -> list[str]:
    """Return the words of a text in comparable form: compatibility forms folded, lower case, no punctuation.

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
    table = tomli.loads(files(__package__).joinpath("counters.toml").read_text("utf-8"))
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


def sketch(body: list[str]) -> Sketch:
    """Return the sketch of a text; ``body`` is what `words` gave."""
    if len(body) < MIN_SKETCH_WORDS:
        return Sketch()
    encoded = [word.encode("utf-8", "surrogatepass") for word in body]
    text, ends = b" ".join(encoded), [end - 1 for end in accumulate(len(word) + 1 for word in encoded)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    crc = zlib.crc32
    runs, shingles = (
        {crc(text[start:end]) * _SPREAD & _WHOLE for start, end in zip(starts, ends[size - 1 :], strict=False)}
        for size in (ELEMENT_WORDS, SHINGLE_WORDS)
    )
    numbers = {
        crc(text[starts[at] : ends[min(at + 1, len(body) - 1)]]) & 0xFFFF
        for at, word in enumerate(body)
        if not word.isalpha() and _DIGIT.search(word)
    }
    return Sketch(
        tuple(mark.to_bytes(4, "big") for mark in heapq.nsmallest(QUERY_SIZE, runs)),
        tuple(sorted(shingles)[:SHINGLES_COMPARED]),
        tuple(sorted(numbers)[:NUMBERS_COMPARED]),
    )


def stored_sketch(found: Sketch) -> bytes:
    """Return what an article's record keeps of its text's sketch: how many numbers (a byte), the largest hash up to which the
    shingles are complete (4 bytes), the lower 2 bytes of each shingle, the numbers (2 bytes each). Its length is odd."""
    if not found.shingles:
        return b""
    shingles, numbers = found.shingles[:SHINGLES_KEPT], found.numbers[:NUMBERS_KEPT]
    limit = shingles[-1] if len(shingles) == SHINGLES_KEPT else _WHOLE
    low = b"".join((mark & 0xFFFF).to_bytes(2, "big") for mark in shingles)
    return bytes([len(numbers)]) + limit.to_bytes(4, "big") + low + b"".join(one.to_bytes(2, "big") for one in numbers)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts have in common, as far as their smallest hashes tell. `prints.lua` counts in the same way."""

    both: int  #: shingles in both
    least: int  #: comparable shingles of the smaller text
    other_numbers: bool  #: too few of the numbers agree: two reports made from one template

    def has_share(self, share: float) -> bool:
        """Return True where so much of the smaller text is in the other."""
        return self.both >= share * self.least


def is_comparable(stored: bytes) -> bool:
    """Return False for a record without a sketch, or with one of an older form."""
    return len(stored) % 2 == 1


def overlap(stored: bytes, found: Sketch) -> Overlap:
    """Return what the text of a record's sketch (`stored_sketch`) and another text have in common."""
    end = len(stored) - 2 * stored[0]
    kept, numbers = ([*_pairs(stored, start, stop)] for start, stop in ((5, end), (end, len(stored))))
    limit, theirs, last = int.from_bytes(stored[1:5], "big"), len(kept), found.shingles[-1]
    if len(found.shingles) == SHINGLES_COMPARED and last < limit:
        theirs, limit = int(theirs * last / limit + 0.5), last
    comparable = {mark & 0xFFFF for mark in found.shingles if mark <= limit}
    ours = sum(mark <= limit for mark in found.shingles)
    both = sum(mark in comparable for mark in kept)
    return Overlap(both, min(ours, theirs), _have_other_numbers(numbers, found.numbers))


def _have_other_numbers(kept: Sequence[int], found: Sequence[int]) -> bool:
    limit = kept[-1] if len(kept) == NUMBERS_KEPT else 0xFFFF
    if len(found) == NUMBERS_COMPARED:
        limit = min(limit, found[-1])
    before, now = ({one for one in numbers if one <= limit} for numbers in (kept, found))
    least = min(len(before), len(now))
    return least >= LEAST_NUMBERS and len(before & now) < NUMBERS_SHARE * least


def _pairs(data: bytes, start: int, end: int) -> Iterator[int]:
    return (int.from_bytes(data[at : at + 2], "big") for at in range(start, end, 2))
