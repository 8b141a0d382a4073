"""What is known of each text block when the choice is made: numbers only, in a fixed order, from one pass each.

The order of `NAMES` is the contract with block_model.json: the model file carries the names it was made with.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from lxml import etree

from .blocks import CELL_MARK, Block, Layout
from .lines import cue
from .metadata.titles import has_same_words, same_words
from .regions import CHROME, REGIONS, SUBHEADINGS, Region
from .text import SENTENCE_ENDS, squash, word_count
from .trafilatura_reading import Reading

Vector = list[float]

_REGIONS: Final = tuple((name.lower(), bit) for name, bit in REGIONS.items())
_TAGS: Final = (
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "td",
    "tr",
    "section",
    "figcaption",
    "blockquote",
    "pre",
    "span",
)
_OWN: Final = (
    "depth", "log_chars", "log_words", "link_density", "links", "bold_density", "ends_sentence", "ends_colon", "commas",
    "digits", "starts_lower", "upper_share", "is_title", "title_overlap", "is_description", "repeated", "in_json",
    "has_json", "cue", "date_like",
)  # fmt: skip
_AROUND: Final = (
    "read", "read_before", "read_after", "read_near", "read_share", "between_read", "from_first_read", "to_last_read",
    "gap_to_read", "prose_before", "prose_after", "run_prose", "link_before", "link_after", "parent_prose",
    "parent_blocks", "grand_prose", "style_prose", "style_count", "style_read", "in_best", "best_depth", "after_h1",
    "from_h1", "place", "same_parent_before", "same_parent_after", "article", "title_article", "h1s_before",
)  # fmt: skip
NAMES: Final[tuple[str, ...]] = (*(f"region_{n}" for n, _ in _REGIONS), *(f"tag_{t}" for t in _TAGS), *_OWN, *_AROUND)

_NO_HEADINGS: Final = CHROME & ~Region.NAV
_DIGITS: Final = b"0123456789"
_CAPITALS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS: Final = _CAPITALS + _CAPITALS.lower()
_SHORT: Final = 24
_WORTH_CHARS: Final = 60
#: The longest live blogs have some 2,000; a page with more is a list, and each costs 0.05 ms.
MAX_CANDIDATES: Final = 4_000
_NONE: Final = -99.0
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d\b|\d{1,2}[./]\d{1,2}[./]\d")


@dataclass(frozen=True, slots=True)
class About:
    """What the page's metadata says, made ready for comparing with blocks; ``is_news`` where the page says that it is an
    article or when it was published."""

    title: str
    title_words: frozenset[str]
    description: str
    json_body: str
    is_news: bool = True

    @staticmethod
    def of(title: str | None, description: str | None, json_body: str | None, *, is_news: bool = True) -> About:
        return About(
            is_news=is_news,
            title=same_words(title or ""),
            title_words=frozenset((title or "").casefold().split()),
            description=same_words(description or "")[:200],
            json_body=squash(json_body or ""),
        )


def read_marks(blocks: list[Block], reading: Reading) -> list[bool]:
    """For each block, whether trafilatura's reading has it: as a paragraph of its own, or inside one when long."""
    exact = {squash(p) for p in reading.paragraphs}
    marks: list[bool] = []
    for block in blocks:
        text = squash(block.text if block.tag != "tr" else block.text.replace(CELL_MARK, ""))
        marks.append(text in exact or (block.size >= _SHORT and text in reading.squashed))
    return marks


def candidates(blocks: list[Block], marks: list[bool]) -> list[int]:
    """The blocks worth a vector: what trafilatura has, and whatever is neither links alone nor a scrap of chrome."""
    worth = [
        i
        for i, b in enumerate(blocks)
        if marks[i]
        or (b.link_chars < 0.9 * len(b.text) and (b.size >= _WORTH_CHARS or not b.region & CHROME))
        or (b.tag in SUBHEADINGS and not b.region & _NO_HEADINGS)
    ]
    return worth[:MAX_CANDIDATES]


def vectors(layout: Layout, marks: list[bool], chosen: list[int], about: About) -> list[Vector]:
    """One vector for each of the ``chosen`` blocks, in the order of `NAMES`; linear in the blocks of the page."""
    around = _Surroundings(layout, marks, about)
    seen: set[str] = set()
    return [_own(layout.blocks[i], about, seen) + around.of(i) for i in chosen]


@lru_cache(maxsize=2_048)
def _region_row(region: int) -> tuple[float, ...]:
    return tuple(1.0 if region & bit else 0.0 for _, bit in _REGIONS)


@lru_cache(maxsize=256)
def _tag_row(tag: str) -> tuple[float, ...]:
    return tuple(1.0 if tag == t else 0.0 for t in _TAGS)


def _own(block: Block, about: About, seen: set[str]) -> Vector:
    """What the block is in itself and against the page's metadata."""
    text, region, tag = block.text, block.region, block.tag
    chars = len(text)
    digits, upper = _shares(text[:80])
    start = text[:400]
    repeated = start in seen
    seen.add(start)
    # Folding costs more than all the rest: only where the lengths or the first letters leave a doubt.
    is_title = 0 < len(about.title) <= chars <= 2 * len(about.title) + 40 and same_words(start) == about.title
    is_description = (
        bool(about.description)
        and same_words(text[:16])[:4] == about.description[:4]
        and same_words(start)[:200] == about.description
    )
    words = word_count(text)
    overlap = 0.0
    if words <= 30 and about.title_words:
        overlap = len(about.title_words & set(text.casefold().split())) / len(about.title_words)
    row = [*_region_row(region), *_tag_row(tag)]
    row += (
        block.depth, math.log1p(block.size), math.log1p(words), block.link_chars / chars, min(block.links, 10),
        block.bold_chars / chars, text.endswith(SENTENCE_ENDS), text.endswith((":", "：")),
        min(text.count(",") + text.count("、") + text.count("，"), 10),
        digits, text[0].islower(), upper,
        is_title, overlap, is_description, repeated,
        bool(about.json_body) and chars > 10 and squash(text) in about.json_body, bool(about.json_body),
        cue(text), chars < 80 and _DATE.search(text) is not None,
    )  # fmt: skip
    return row


def _shares(start: str) -> tuple[float, float]:
    """The share of digits among characters, and of capitals among letters."""
    if not start.isascii():
        letters = sum(map(str.isalpha, start)) or 1
        return sum(map(str.isdigit, start)) / len(start), sum(map(str.isupper, start)) / letters
    raw = start.encode("ascii")
    length = len(raw)
    letters = length - len(raw.translate(None, _LETTERS))
    return (
        (length - len(raw.translate(None, _DIGITS))) / length,
        (length - len(raw.translate(None, _CAPITALS))) / (letters or 1),
    )


class _Surroundings:
    """Where each block stands: among what trafilatura read, among prose, and among blocks of its own make."""

    def __init__(self, layout: Layout, marks: list[bool], about: About) -> None:
        blocks = layout.blocks
        self.blocks, self.marks, self.count = blocks, marks, len(blocks)
        self.total = layout.prose_chars or 1
        self.prose = [b.is_prose for b in blocks]
        self.parent_prose: dict[etree._Element | None, float] = defaultdict(float)
        self.parent_blocks: dict[etree._Element | None, int] = defaultdict(int)
        self.grand_prose: dict[etree._Element | None, float] = defaultdict(float)
        self.style: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self.places: list[tuple[etree._Element | None, etree._Element | None, list[float]]] = []
        known: dict[etree._Element | None, tuple[etree._Element | None, str]] = {None: (None, "")}
        for i, block in enumerate(blocks):
            parent = block.element.getparent()
            if parent is not None and parent not in known:
                known[parent] = parent.getparent(), parent.get("class") or str(parent.tag)
            grand, above = known[parent]
            style = self.style[block.tag, block.element.get("class") or "", above]
            chars = block.size if self.prose[i] else 0
            self.parent_prose[parent] += chars
            self.parent_blocks[parent] += 1
            self.grand_prose[grand] += chars
            style[0] += chars
            style[1] += 1
            style[2] += marks[i]
            self.places.append((parent, grand, style))
        self.best = max(
            self.parent_prose, key=lambda p: self.parent_prose[p] + 0.5 * self.grand_prose.get(p, 0.0), default=None
        )
        self.best_depth = next((b.depth for b, p in zip(blocks, self.places, strict=True) if p[0] is self.best), 0)
        self.h1 = _headline(blocks, about.title)
        self.title_article = blocks[self.h1].article if self.h1 >= 0 else 0
        self.h1s = list(accumulate((b.tag == "h1" for b in blocks), initial=0))
        self._measure_reading()

    def _measure_reading(self) -> None:
        read_at = [i for i, m in enumerate(self.marks) if m]
        self.first_read, self.last_read = (read_at[0], read_at[-1]) if read_at else (-1, -1)
        self.read_share = sum(self.blocks[i].size for i in read_at) / self.total
        self.gap = [50.0] * self.count
        for order in (range(self.count), range(self.count - 1, -1, -1)):
            last = None
            for i in order:
                if last is not None:
                    self.gap[i] = min(self.gap[i], abs(i - last))
                if self.marks[i]:
                    last = i

    def of(self, i: int) -> Vector:
        """The surroundings of block ``i``."""
        marks, prose, places, blocks = self.marks, self.prose, self.places, self.blocks
        parent, grand, style = places[i]
        after = i + 1 < self.count
        return [
            marks[i], i > 0 and marks[i - 1], after and marks[i + 1], sum(marks[max(0, i - 4) : i + 5]), self.read_share,
            self.first_read <= i <= self.last_read, i - self.first_read if self.first_read >= 0 else _NONE,
            self.last_read - i if self.first_read >= 0 else _NONE, self.gap[i],
            i > 0 and prose[i - 1], after and prose[i + 1], sum(prose[max(0, i - 3) : i + 4]),
            blocks[i - 1].link_chars / len(blocks[i - 1].text) if i else 0.0,
            blocks[i + 1].link_chars / len(blocks[i + 1].text) if after else 0.0,
            self.parent_prose[parent] / self.total, math.log1p(self.parent_blocks[parent]),
            self.grand_prose[grand] / self.total, style[0] / self.total, math.log1p(style[1]), style[2] / style[1],
            parent is self.best or grand is self.best, blocks[i].depth - self.best_depth,
            i > self.h1 >= 0, i - self.h1 if self.h1 >= 0 else -1.0, i / self.count,
            i > 0 and places[i - 1][0] is parent, after and places[i + 1][0] is parent,
            min(blocks[i].article, 6), blocks[i].article == self.title_article, min(self.h1s[i], 6),
        ]  # fmt: skip


def _headline(blocks: list[Block], title: str) -> int:
    """Index of the block that prints the headline, -1 where there is none."""
    for tags in (("h1",), ("h1", "h2", "div", "p")):
        for i, block in enumerate(blocks):
            if block.tag in tags and len(block.text) < 400 and has_same_words(block.text, title):
                return i
    return -1
