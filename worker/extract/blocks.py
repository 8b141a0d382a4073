"""A page as a list of text blocks, in one walk over the tree: what each says, and where on the page it stands.

A block is a run of text that no block-level element interrupts. Two line breaks in a row end one too, as old templates
write paragraphs. Regions (navigation, related links, comments ...) come from element names and from the words of class
and id; one that would hold most of the page's prose is a wrapper with a misleading name and does not count.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from .regions import CHROME, HEADINGS, Region, RegionReader
from .text import fold, size_of

_SKIPPED: Final = frozenset(
    (
        "area", "audio", "button", "canvas", "datalist", "embed", "head", "iframe", "input", "link", "map", "math",
        "menu", "meta", "meter", "nav", "noscript", "object", "optgroup", "option", "progress", "rp", "rt", "script",
        "select", "style", "svg", "template", "textarea", "video",
    )
)  # fmt: skip
_BLOCK: Final = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hgroup", "hr", "html", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table",
        "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    )
)  # fmt: skip
_CREDIT_TAGS: Final = frozenset(("cite", "small"))
_BOLD: Final = frozenset(("b", "strong"))
_CODE: Final = frozenset(("pre", "code"))
#: One look-up for each element: skipped, block level, one that is counted, or any other (`_PLAIN`).
_PLAIN: Final = 0
_SKIP: Final = 1
_IS_BLOCK: Final = 2
_COUNTED: Final = 3
_TAGS: Final = {
    **dict.fromkeys(_SKIPPED, _SKIP),
    **dict.fromkeys(_BLOCK, _IS_BLOCK),
    **dict.fromkeys(("a", "code", *_BOLD, *_CREDIT_TAGS), _COUNTED),
}
#: A region with more than this share of the page's prose is the page, whatever its name.
WRAPPER_SHARE: Final = 0.5
_NEVER_WRAPPER: Final = Region.NAV | Region.COMMENTS | Region.FIGURE
#: What is named as comments or navigation may be longer than the article. With the headline in it, or with this share of the
#: prose and at most that share before it, it is the page.
_WHOLE_SHARE: Final = 0.8
_BEFORE_SHARE: Final = 0.02
_SHAPES: Final = Region.LIST | Region.QUOTE | Region.TABLE | Region.ARTICLE | Region.BODY | Region.FORM
#: What an inline element says of its paragraph only where it makes up most of it (a link to the comments in a sentence):
#: what is marked so is left out whatever the model says.
_MOSTLY: Final = Region.COMMENTS | Region.CONSENT | Region.NAV
#: Names that are not believed of what holds the page.
_MISLEADING: Final = Region.NAV | Region.COMMENTS
PROSE_CHARS: Final = 80
#: What stands between the cells of a table's row, and how long a cell may be in a table of data.
CELL_MARK: Final = " | "
_CELL_CHARS: Final = 240
_CELLS: Final = frozenset(("td", "th"))
_CELL_DEPTH: Final = 8
CHROME_SHARE: Final = 0.08
#: Elements of one chrome's name that hold more than this together are not chrome: paragraphs of class "paywall".
NAMED_SHARE: Final = 0.25
#: So many blocks without one that says more than this beside its links are a list of links, whatever its name, where links make
#: up this share of it: the rows of a table and the points of a list may be as short.
MANY_BLOCKS: Final = 6
TEXT_CHARS: Final = 40
LINK_SHARE: Final = 0.2


@dataclass(slots=True)
class Block:
    """One run of text. ``size`` is its length in Latin characters (`size_of`), ``link_chars`` counts characters inside
    links; ``region`` says what encloses it; ``tag`` is the block-level element that holds it; ``article`` numbers the
    innermost ``article`` element around it, 0 where there is none; ``is_signed`` where an author's element without words, a
    portrait, stands before it; ``is_dialog`` where it certainly stands in a box that asks the
    reader for something (consent, a subscription)."""

    text: str
    tag: str
    element: etree._Element
    depth: int
    link_chars: int = 0
    links: int = 0
    bold_chars: int = 0
    region: int = 0
    article: int = 0
    is_signed: bool = False
    is_dialog: bool = False
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = size_of(self.text)

    @property
    def is_prose(self) -> bool:
        """Long and not made of links: what articles are made of."""
        return self.size >= PROSE_CHARS and self.link_chars * 3 < len(self.text)


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a page; ``prose_chars`` in all; the elements that hold nothing an article is made of, outermost
    first; those marked as the author's; the class and id strings met; and for the number of each ``article`` element the number
    of the last one inside it (its own where there is none)."""

    blocks: list[Block]
    prose_chars: int
    chrome: list[etree._Element]
    authors: list[etree._Element]
    names: list[str]
    last_articles: list[int]


def walk(root: etree._Element) -> Layout:
    """All text blocks below ``root``'s body, in document order, each with its region."""
    body = root.find("body")
    walker = _Walker()
    walker.element(root if body is None else body, 0)
    walker.flush()
    return walker.finish()


class _Walker:
    """One pass; ``spans`` remembers which region covers which blocks (first, last, region, element, and how many characters an
    inline element gives to the block that it leaves open), to be judged when the whole page is known."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.spans: list[tuple[int, int, int, etree._Element, int]] = []
        self.regions = RegionReader()
        self.pieces: list[str] = []
        self.link_chars = self.links = self.bold_chars = self.breaks = self.chars = 0
        self.holder: tuple[etree._Element, str, int] | None = None
        self.in_link = self.in_bold = self.in_code = 0
        self.article = self.in_picture = 0
        self.last_articles = [0]
        self.authors: list[etree._Element] = []
        self.portraits: list[int] = []
        self.empty: list[etree._Element] = []

    def element(self, element: etree._Element, depth: int) -> None:
        """Take in one element with everything below it (recursion is bounded by the depth limit of the parse)."""
        tag = element.tag
        kind = _TAGS.get(tag, _PLAIN)
        if kind is _SKIP:
            return
        if tag == "br":
            self._line_break()
            return
        # Highlighted code has spans of class "comment" and the like, which say nothing about the page.
        region = 0 if self.in_code else self.regions.region_of(element, tag)
        is_block, chars = kind is _IS_BLOCK, self.chars
        if not region and kind is _PLAIN and self.holder is not None:
            first = len(self.blocks)
            self._content(element, depth)  # most inline elements
        else:
            if region & Region.AUTHOR:
                self.authors.append(element)
            if not is_block:
                if region & Region.HOVER and self.words_in_hand() and len(element):
                    return
                # A caption set as spans inside a paragraph is a block all the same; so is the credit inside a caption.
                is_block = bool(region & Region.CAPTION)
                if self.in_picture and (region & Region.CREDIT or tag in _CREDIT_TAGS):
                    region |= Region.CREDIT
                    is_block = True
            first = self._enclosed(element, tag, depth, region, is_block=is_block)
        if region or len(self.blocks) - first >= MANY_BLOCKS:
            # An inline element's words are still in hand: they count for the block to come.
            chars = self.chars - chars if not is_block and self.words_in_hand() else 0
            self.spans.append((first, len(self.blocks) + (chars > 0), region, element, chars))
            if region & Region.AUTHOR and not is_block and not chars:
                self.portraits.append(len(self.blocks))

    def _enclosed(self, element: etree._Element, tag: str, depth: int, region: int, *, is_block: bool) -> int:
        """What an element holds that may be a block, a link, bold, a picture or an article; gives its first block's index."""
        before, outer_article = self.holder, self.article
        if is_block:
            self.flush()
            self.holder = (element, tag, depth)
        elif before is None:
            self.holder = (element, tag, depth)
        first, spans = len(self.blocks), len(self.spans)
        if tag == "article":
            self.article = len(self.last_articles)
            self.last_articles.append(self.article)
        in_picture = bool(region & (Region.FIGURE | Region.CAPTION))
        is_link, is_bold, is_code = tag == "a", tag in _BOLD, tag in _CODE
        self.in_picture += in_picture
        self.links += is_link
        self.in_link += is_link
        self.in_bold += is_bold
        self.in_code += is_code
        self._content(element, depth)
        self.in_code -= is_code
        self.in_link -= is_link
        self.in_bold -= is_bold
        if is_block:
            self.flush()
            self.holder = before
            if len(self.blocks) == first:
                self.empty.append(element)
            elif tag == "tr" and len(self.blocks) > first + 1:
                self._join_cells(element, depth, first, spans)
        if tag == "article":
            self.last_articles[self.article] = len(self.last_articles) - 1
        self.article = outer_article
        self.in_picture -= in_picture
        return first

    def _join_cells(self, row: etree._Element, depth: int, first: int, spans: int) -> None:
        """Make one block of a data table's row. Rows of layout tables, whose cells hold pages, stay as they are.

        Args:
            first: Index of the row's first block.
            spans: How many spans there were before the row; what its cells' names say is dropped with the cells.
        """
        cells = self.blocks[first:]
        if any(len(c.text) > _CELL_CHARS or c.tag in HEADINGS for c in cells):
            return
        holders = {_cell_of(c.element, row) for c in cells}
        if None in holders or len(holders) < len(cells):
            return
        text = CELL_MARK.join(c.text for c in cells)
        links, link_chars = sum(c.links for c in cells), sum(c.link_chars for c in cells)
        bold_chars = sum(c.bold_chars for c in cells)
        self.blocks[first:] = [Block(text, "tr", row, depth, link_chars, links, bold_chars, 0, self.article)]
        del self.spans[spans:]

    def _content(self, element: etree._Element, depth: int) -> None:
        if text := element.text:
            self.words_of(text)
        for child in element:
            self.element(child, depth + 1)
            if text := child.tail:
                self.words_of(text)

    def words_in_hand(self) -> bool:
        """Whether a block has been begun."""
        return any(not piece.isspace() for piece in self.pieces)

    def _line_break(self) -> None:
        self.breaks += 1
        if self.breaks == 2:
            self.flush()
        else:
            self.pieces.append(" ")

    def words_of(self, text: str) -> None:
        """Add a piece of running text."""
        if text.isspace():
            if self.pieces:
                self.pieces.append(" ")
            return
        self.pieces.append(text)
        self.chars += len(text)
        self.breaks = 0
        if self.in_link:
            self.link_chars += len(text.strip())
        if self.in_bold:
            self.bold_chars += len(text.strip())

    def flush(self) -> None:
        """End the block in hand."""
        if self.pieces:
            text = fold("".join(self.pieces))
            if text and self.holder is not None:
                element, tag, depth = self.holder
                self.blocks.append(
                    Block(text, tag, element, depth, self.link_chars, self.links, self.bold_chars, 0, self.article)
                )
            self.pieces = []
        self.link_chars = self.links = self.bold_chars = 0
        self.breaks = 0

    def finish(self) -> Layout:
        """Give every block the regions that cover it, leaving out those that cover most of the page's prose."""
        blocks = self.blocks
        prose, texts, chars_before, linked = [0], [0], [0], [0]
        for block in blocks:
            chars_before.append(chars_before[-1] + len(block.text))
            linked.append(linked[-1] + block.link_chars)
            prose.append(prose[-1] + (block.size if block.is_prose else 0))
            texts.append(texts[-1] + (block.size - block.link_chars >= TEXT_CHARS))
        total = prose[-1] or 1
        named = self._prose_by_name(prose)
        chrome: list[tuple[int, int, etree._Element]] = []
        for first, last, region, element, chars in self.spans:
            last = min(last, len(blocks))
            held = prose[last] - prose[first]
            if held > WRAPPER_SHARE * total:
                beside = region & Region.CONSENT if self._is_beside_the_article(first, last, prose) else 0
                region &= _SHAPES | _NEVER_WRAPPER | beside
                if region & _MISLEADING and self._is_the_page(first, last, prose):
                    region &= ~_MISLEADING
                    _forget_comments(element)
                if beside:
                    chrome.append((first, last, element))
            elif (
                region & CHROME
                and held < CHROME_SHARE * total
                and (not held or named[region & CHROME] < NAMED_SHARE * total)
            ) or (
                last - first >= MANY_BLOCKS
                and texts[last] == texts[first]
                and linked[last] - linked[first] >= LINK_SHARE * (chars_before[last] - chars_before[first])
            ):
                chrome.append((first, last, element))
            if region:
                if chars and last > first and chars * 2 < len(blocks[last - 1].text):
                    last -= 1
                    blocks[last].region |= region & ~_MOSTLY
                for block in blocks[first:last]:
                    block.region |= region
        for at in self.portraits:
            if at < len(blocks):
                blocks[at].is_signed = True
        empty = self.empty[::-1]
        return Layout(
            blocks, prose[-1], _outermost(chrome) + empty, self.authors, self.regions.names, self.last_articles
        )

    def _is_beside_the_article(self, first: int, last: int, prose: list[int]) -> bool:
        """Return whether the page marks an article with prose outside these blocks, and none within them: then what they hold
        is longer than the article, and not the article."""
        is_outside = False
        for start, end, region, _, _ in self.spans:
            if region & (Region.ARTICLE | Region.BODY) and prose[min(end, len(self.blocks))] - prose[start] > 0:
                if start < last and end > first:
                    return False
                is_outside = True
        return is_outside

    def _is_the_page(self, first: int, last: int, prose: list[int]) -> bool:
        """Return whether an element that is named as comments or navigation holds the page's text: the headline with most of
        the prose, or nearly all prose with hardly any before it."""
        if any(block.tag == "h1" for block in self.blocks[first:last]):
            return True
        held, total = prose[last] - prose[first], prose[-1]
        return held > _WHOLE_SHARE * total and prose[first] <= _BEFORE_SHARE * total

    def _prose_by_name(self, prose: list[int]) -> dict[int, int]:
        """The prose under each kind of chrome, all its elements together."""
        named: dict[int, int] = defaultdict(int)
        for first, last, region, _, _ in self.spans:
            if region & CHROME:
                named[region & CHROME] += prose[min(last, len(self.blocks))] - prose[first]
        return named


def _cell_of(element: etree._Element, row: etree._Element) -> etree._Element | None:
    """The cell of ``row`` that holds ``element``, as deep as editors nest paragraphs in it; None where there is none, or a list
    or table of its own between them."""
    for _ in range(_CELL_DEPTH):
        parent = element.getparent()
        if parent is row or parent is None:
            return element if element.tag in _CELLS else None
        if element.tag in ("tr", "li", "dd", "dt"):
            return None
        element = parent
    return None


def _forget_comments(element: etree._Element) -> None:
    """Take names of comments from an element that is none, for what reads the tree after us."""
    for key in ("class", "id"):
        value = element.get(key)
        if value and "comment" in value.lower():
            element.set(key, " ".join(name for name in value.split() if "comment" not in name.lower()))


def _outermost(spans: list[tuple[int, int, etree._Element]]) -> list[etree._Element]:
    """The elements that lie in none of the others; spans come innermost first."""
    kept: list[etree._Element] = []
    start = end = -1
    for first, last, element in reversed(spans):
        if start <= first and last <= end:
            continue
        start, end = first, last
        kept.append(element)
    return kept
