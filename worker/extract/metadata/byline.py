"""The byline that a page prints, for pages whose metadata names nobody.

Looked for in two ways: elements whose markup says author or byline, best marked and nearest to the headline first; then a
short line around the headline that opens with "By" (in several languages).
"""

from __future__ import annotations

from lxml import etree

from ...model.page import PageAuthor
from ..blocks import Block, Layout
from ..regions import Region
from ..text import fold
from .names import Names, like_a_name, read_byline

_TEXTS = etree.XPath("descendant::text()[not(parent::style or parent::script or parent::time or parent::button)]")
_MAX_MARKED = 60
_MAX_CHARS = 200
_CHROME_WORDS = (
    "comment",
    "related",
    "sidebar",
    "footer",
    "widget",
    "recommend",
    "teaser",
    "trending",
    "popular",
    "recirc",
)
_WINDOW_BLOCKS = 12
_OPENINGS = (
    "by ",
    "by: ",
    "von ",
    "von: ",
    "por ",
    "por: ",
    "par ",
    "par : ",
    "di ",
    "door ",
    "av ",
    "autor: ",
    "автор: ",
    "文／",
    "文・",
)


def find_byline(layout: Layout) -> Names:
    """Names in the printed byline; empty where the page prints none that can be told."""
    names = _marked(layout.authors)
    return names if names.authors or names.agency else _opening(layout.blocks)


def _marked(elements: list[etree._Element]) -> Names:
    best: tuple[float, etree._Element, Names] | None = None
    for rank, element in enumerate(elements[:_MAX_MARKED]):
        if element.tag in ("body", "html", "img", "meta", "link", "article", "main", "script", "figure"):
            continue
        names = _names_in(element)
        if not names.authors and not names.agency:
            continue
        score = _markup_score(element) - rank * 0.05 - (4 if _in_chrome(element) else 0)
        if best is None or score > best[0]:
            best = (score, element, names)
    if best is None or best[0] < 0:
        return Names()
    return _with_siblings(best[1], best[2])


def _names_in(element: etree._Element) -> Names:
    """Names in one marked element; each text node is a part of its own, as templates set name and role apart."""
    texts = _TEXTS(element)
    parts = [t for t in (fold(str(t)) for t in texts) if t] if isinstance(texts, list) else []
    line = " | ".join(parts)
    if not line or len(line) > _MAX_CHARS:
        return Names()
    names = read_byline(line)
    marked = _markup_score(element) >= 2
    authors = tuple(a for a in names.authors if like_a_name(a.name, marked=marked))
    return Names(authors, names.agency)


def _markup_score(element: etree._Element) -> float:
    """How clearly the markup says that this is the author's name."""
    classes = (element.get("class") or "").lower()
    score = 0.0
    if element.get("rel") == "author":
        score += 3
    if "author" in (element.get("itemprop") or "") or "creator" in (element.get("itemprop") or ""):
        score += 2
    if "name" in classes and ("author" in classes or "byline" in classes):
        score += 2.5
    elif "author" in classes.split() or "byline" in classes.split():
        score += 2
    elif "byline" in classes or "author" in classes:
        score += 1
    if "bio" in classes or "avatar" in classes or "image" in classes or "social" in classes or "box" in classes:
        score -= 1.5
    return score


def _in_chrome(element: etree._Element) -> bool:
    for above in element.iterancestors():
        if above.tag in ("aside", "footer", "nav", "figure"):
            return True
        if above.tag in ("body", "html", "main"):
            return False
        name = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if any(word in name for word in _CHROME_WORDS):
            return True
    return False


def _with_siblings(element: etree._Element, names: Names) -> Names:
    """The names of this element and of its like beside it ("By A and B" as two links)."""
    authors: list[PageAuthor] = list(names.authors)
    agency = names.agency
    beside = element.getparent()
    if beside is None:
        return names
    groups = [beside] if beside.tag not in ("li", "span") or beside.getparent() is None else [beside.getparent()]
    for group in groups:
        if group is None:
            continue
        for other in group.iter(str(element.tag)):
            same = other.get("class") == element.get("class") and other.get("rel") == element.get("rel")
            if other is element or not same or other.get("itemprop") != element.get("itemprop"):
                continue
            more = _names_in(other)
            agency = agency or more.agency
            authors += [a for a in more.authors if all(a.name.casefold() != b.name.casefold() for b in authors)]
    return Names(tuple(authors[:8]), agency)


def _opening(blocks: list[Block]) -> Names:
    """A short line near the headline that opens with "By"."""
    start = next((i for i, b in enumerate(blocks) if b.tag == "h1"), None)
    first_prose = next((i for i, b in enumerate(blocks) if b.is_prose and i > (start or 0)), len(blocks))
    begin = start + 1 if start is not None else max(0, first_prose - _WINDOW_BLOCKS)
    bad = Region.COMMENTS | Region.RELATED | Region.ADVERT | Region.FOOTER | Region.FIGURE | Region.CAPTION
    for block in blocks[begin : max(first_prose, begin) + 6][: 3 * _WINDOW_BLOCKS]:
        if len(block.text) > _MAX_CHARS or block.region & bad:
            continue
        if block.text.casefold().startswith(_OPENINGS) or block.region & Region.AUTHOR:
            names = read_byline(block.text)
            authors = tuple(a for a in names.authors if like_a_name(a.name))
            if authors:
                return Names(authors, names.agency)
    return Names()
