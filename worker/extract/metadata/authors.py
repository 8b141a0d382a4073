"""Who wrote it: JSON-LD and meta fields first, then the byline that the page prints.

A printed byline is looked for in two ways: elements whose markup says author or byline, best marked and nearest to the headline
first; then a short line around the headline that opens with "By" (in several languages).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from ...model.page import PageAuthor
from ...text.bylines import end_of_opening, is_position
from ..blocks import Block, Layout
from ..regions import Region
from ..text import fold, plain, text_of
from .head import Head
from .json_ld import JsonLd, types
from .names import Names, agency_of, clean_name, is_handle, like_a_name, read_byline
from .titles import same_words

_META = ("author", "article:author", "dc.creator", "dcterms.creator", "byl", "sailthru.author", "parsely-author",
         "citation_author", "article.author", "byline", "dcsext.author", "cxenseparse:author", "authors")  # fmt: skip
_TEXTS = etree.XPath("descendant::text()[not(parent::style or parent::script or parent::time or parent::button)]")
_MAX_MARKED = 60
_NO_BYLINES = ("body", "html", "img", "meta", "link", "article", "main", "script", "figure")
_DATED_BYLINE_CHARS = 120
_MAX_CHARS = 200
_CHROME_WORDS = (
    "comment", "related", "sidebar", "footer", "widget", "recommend", "teaser", "trending", "popular", "recirc",
)  # fmt: skip
_WINDOW_BLOCKS = 12
_NO_BYLINE_REGIONS = Region.COMMENTS | Region.RELATED | Region.ADVERT | Region.FOOTER | Region.FIGURE | Region.CAPTION
#: A line that says by whom and, beside bars, little more: "By Ask the Doctors", "May 3, 2026 | By the Harbour Desk".
_PEN_NAME = re.compile(
    r"(?:[A-Z][a-z]{2,8}\.? \d{1,2},? (?:19|20)\d\d\s*[|•·,]?\s*)?(?:written |words |posted |story )?by:? "
    r"(?P<name>[^|•·.!?:;]{3,60}?)\s*(?:[|•·].*)?$",
    re.IGNORECASE,
)
_PEN_NAME_CHARS, _PEN_NAME_WORDS = 100, 5


def find_authors(
    head: Head, data: JsonLd, layout: Layout, site_names: list[str], root: etree._Element | None = None
) -> Names:
    """People and agency. An answer that is only the site's own name, or a user's, yields to a person's name from a later
    source; robots are nobody."""
    sites = {same_words(s) for s in site_names if s}
    fallback: Names | None = None
    sources: tuple[Callable[[], Names], ...] = (
        lambda: _from_json_ld(data),
        lambda: _from_meta(head),
        lambda: find_byline(layout),
        lambda: _linked(root) if root is not None else Names(),
        lambda: _labelled(head),
        lambda: _signed(layout.blocks),
        lambda: _only_marked(layout.authors),
    )
    for source in sources:
        names = source()
        if not names.authors and not names.agency:
            continue
        weak = all(same_words(a.name) in sites or is_handle(a.name) for a in names.authors)
        if weak and not names.agency:
            fallback = fallback or names
            continue
        if fallback is not None and not _surely_people(names):
            continue
        return _without_sites(_as_printed(names, layout.blocks), sites)
    return fallback or _pen_name(layout.blocks)


def _as_printed(names: Names, blocks: list[Block]) -> Names:
    """``names``, or those of the line "By ..." between headline and text where they are people and share none with ``names``.

    What a page declares is at times who entered the text. On open pages that line is right in 6 of 8 such cases.
    """
    if not names.authors:
        return names
    for block in _near_headline(blocks, after_prose=2):
        if (opening := end_of_opening(block.text)) is None:
            continue
        printed = read_byline(block.text[opening:])
        if printed.authors and _surely_people(printed) and all(like_a_name(a.name) for a in printed.authors):
            declared = [same_words(a.name) for a in names.authors]
            said = [same_words(a.name) for a in printed.authors]
            return names if any(a in b or b in a for a in declared for b in said) else printed
    return names


def _pen_name(blocks: list[Block]) -> Names:
    """The team, column or pen name in the first line between headline and text that says "By" and little more, where nothing
    on the page names a person."""
    for block in _near_headline(blocks, after_prose=2):
        if len(block.text) <= _PEN_NAME_CHARS and (match := _PEN_NAME.match(block.text)):
            name = clean_name(match["name"])
            return Names((PageAuthor(name=name),)) if name and len(name.split()) <= _PEN_NAME_WORDS else Names()
    return Names()


def _without_sites(names: Names, sites: set[str]) -> Names:
    """``names`` without the site's own among people's: "Ann Bell and Bo Chen, The Daily Paper"."""
    people = tuple(a for a in names.authors if same_words(a.name) not in sites)
    return Names(people, names.agency) if people else names


def _surely_people(names: Names) -> bool:
    """Whether names are good enough to overrule a page that names itself as its author."""
    return 0 < len(names.authors) <= 3 and all(
        2 <= len(a.name.split()) <= 4 and a.name[0].isupper() for a in names.authors
    )


def _from_json_ld(data: JsonLd) -> Names:
    if data.article is None:
        return Names()
    authors: list[PageAuthor] = []
    agency = None
    for key in ("author", "creator"):
        for value in _listed(data.article.get(key)):
            value = data.follow(value)
            if isinstance(value, dict):
                agency_node = "Organization" in types(value) or "NewsMediaOrganization" in types(value)
                affiliation = value.get("affiliation") or value.get("worksFor")
                affiliation = data.follow(
                    affiliation[0] if isinstance(affiliation, list) and affiliation else affiliation
                )
                place = plain(affiliation.get("name")) if isinstance(affiliation, dict) else plain(affiliation)
                for name in _listed(value.get("name")):
                    agency = _add(authors, plain(name), place, whole=agency_node) or agency
            else:
                agency = _add(authors, plain(value), None, whole=False) or agency
        if authors or agency:
            break
    return Names(tuple(authors), agency)


def _add(authors: list[PageAuthor], text: str | None, affiliation: str | None, *, whole: bool) -> str | None:
    """Add the names in ``text``; the agency among them, if any. Agencies that a page lists as authors stay listed."""
    if not text or len(text) > 300 or text.startswith(("http://", "https://")):
        return None
    found = Names((PageAuthor(name=text),)) if whole or agency_of(text) else read_byline(text)
    for author in found.authors:
        name = clean_name(author.name)
        if name and all(same_words(name) != same_words(a.name) for a in authors):
            authors.append(PageAuthor(name=name, affiliation=author.affiliation or affiliation))
    return found.agency or agency_of(text)


def _listed(value: object) -> list[object]:
    if isinstance(value, list):
        return value[:20]
    return [] if value is None else [value]


def _from_meta(head: Head) -> Names:
    for name in _META:
        authors: list[PageAuthor] = []
        agency = None
        for value in head.all(name):
            if name == "citation_author":  # "Bell, Ann", one field each
                last, comma, first = value.partition(", ")
                value = f"{first} {last}" if comma and "," not in first else value
            agency = _add(authors, value, None, whole=False) or agency
        if authors or agency:
            return Names(tuple(authors), agency)
    return Names()


def find_byline(layout: Layout) -> Names:
    """Names in the printed byline; empty where the page prints none that can be told."""
    names = _marked(layout.authors)
    return names if names.authors or names.agency else _opening(layout.blocks)


def _marked(elements: list[etree._Element]) -> Names:
    best: tuple[float, etree._Element, Names] | None = None
    for rank, element in enumerate(elements[:_MAX_MARKED]):
        if element.tag in _NO_BYLINES:
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


def _only_marked(elements: list[etree._Element]) -> Names:
    """The names on which all elements clearly marked as the author's agree, wherever they stand: in a box after the text, in a
    sidebar. Lists of other stories name several."""
    found: Names | None = None
    for element in elements[:_MAX_MARKED]:
        if _markup_score(element) < 2 or element.tag in _NO_BYLINES or _is_among_comments(element):
            continue
        names = _names_in(element)
        if not names.authors:
            continue
        if found is not None and found.authors != names.authors:
            return Names()
        found = names
    return found if found is not None and _surely_people(found) else Names()


def _is_among_comments(element: etree._Element) -> bool:
    around = (e for e in (element, *element.iterancestors()) if e.tag not in ("body", "html"))
    return any("comment" in f"{e.get('class') or ''} {e.get('id') or ''}".lower() for e in around)


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
            if _reviews(other, group):
                continue
            more = _names_in(other)
            agency = agency or more.agency
            authors += [a for a in more.authors if all(a.name.casefold() != b.name.casefold() for b in authors)]
    return Names(tuple(authors[:8]), agency)


#: Names of elements that hold who looked a text over, and the words before such a name.
_REVIEWER = re.compile(r"review|expert|check|verif|edit", re.IGNORECASE)
_REVIEWED_BY = re.compile(r"\b(?:reviewed|checked|edited|verified|approved)\s+by:?\s*$", re.IGNORECASE)


def _reviews(element: etree._Element, group: etree._Element) -> bool:
    """Whether an element inside ``group`` names who reviewed or edited the text, by the names or the words before it."""
    for above in (element, *element.iterancestors()):
        before, parent = above.getprevious(), above.getparent()
        if above is group or parent is None:
            break
        words = parent.text if before is None else before.tail
        if _REVIEWED_BY.search((words or "").rstrip()) or _REVIEWER.search(above.get("class") or ""):
            return True
    return False


#: Addresses of pages about those who write.
_OF_AUTHOR = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|contributors?|writers?|producers?|reporters?|journalists?|columnists?|our-experts|"
    r"experts|redakteure?)/[^/?#]+/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_MAX_LINKS = 400


def _linked(root: etree._Element) -> Names:
    """Names of the first links after the headline that lead to an author's page, with those beside them."""
    seen_headline = False
    for n, element in enumerate(root.iter("a", "h1")):
        if element.tag == "h1":
            seen_headline = True
            continue
        if n > _MAX_LINKS:
            break
        if not seen_headline or not _OF_AUTHOR.search(element.get("href") or "") or _in_chrome(element):
            continue
        name = clean_name(text_of(element) or "")
        if not name or len(name.split()) < 2 or not like_a_name(name):
            continue
        authors = [PageAuthor(name=name)]
        for other in element.itersiblings("a"):
            more = clean_name(text_of(other) or "")
            if more and _OF_AUTHOR.search(other.get("href") or "") and like_a_name(more):
                authors.append(PageAuthor(name=more))
        return Names(tuple(authors[:8]))
    return Names()


def _labelled(head: Head) -> Names:
    """The name under the label "Written by" of a shared link's preview."""
    for n in ("1", "2"):
        label, value = head.first(f"twitter:label{n}"), head.first(f"twitter:data{n}")
        if label and value and label.casefold() in _LABELS:
            authors: list[PageAuthor] = []
            agency = _add(authors, value, None, whole=False)
            return Names(tuple(authors), agency)
    return Names()


#: "Written by", in the languages of the most common site builders' pages.
_LABELS = frozenset({"written by", "author", "by", "verfasst von", "geschrieben von", "escrito por", "écrit par", "scritto da",
                     "geschreven door", "autor", "napisane przez", "автор", "yazan"})  # fmt: skip
#: "May 3, 2026 by Ann Bell", a byline behind a date.
_BY_INSIDE = re.compile(r"(?:^|\d\d\s*[|,•·–—-]?\s*)[Bb][Yy]:? (?=[^\W\d_a-z])")


#: A whole line that names the writer, above or below the text.
_SIGNED = re.compile(
    r"^(?:(?:this (?:post|article|story|guide) was )?(?:written|words|story|article|contributed) by:? "
    r"(?P<name>[^,.;|()]{4,40}?)(?:,[^.;|]{0,80})?\.?|"
    r"posted by:? (?P<poster>[^,.;|()\d]{4,40}?) (?:on|at) [^.;|]*\d{4}\b.{0,60})$",
    re.IGNORECASE,
)


def _signed(blocks: list[Block]) -> Names:
    """The name in the one line of the page that says "Written by"."""
    bad = Region.COMMENTS | Region.RELATED | Region.ADVERT | Region.NAV | Region.CAPTION
    lines = (b.text for b in blocks if len(b.text) <= _DATED_BYLINE_CHARS and not b.region & bad)
    found = {match["name"] or match["poster"]: None for line in lines if (match := _SIGNED.match(line))}
    if len(found) != 1:
        return Names()
    names = read_byline(next(iter(found)))
    return names if _surely_people(names) and all(like_a_name(a.name) for a in names.authors) else Names()


def _opening(blocks: list[Block]) -> Names:
    """A short line near the headline that opens with "By"."""
    for block in _near_headline(blocks, after_prose=6):
        text = block.text
        inside = _BY_INSIDE.search(text) if len(text) < _DATED_BYLINE_CHARS else None
        opening = end_of_opening(text)
        if opening is not None or block.region & Region.AUTHOR or block.is_signed or inside:
            names = read_byline(text[inside.end() if inside else opening or 0 :])
            authors = tuple(a for a in names.authors if like_a_name(a.name))
            if authors:
                return Names(authors, names.agency)
        elif name := _name_beside_role(text):
            return Names((PageAuthor(name=name),))
    return Names()


def _near_headline(blocks: list[Block], *, after_prose: int) -> Iterator[Block]:
    """The short blocks between the headline and the first long paragraph, and so many behind its beginning."""
    start = next((i for i, b in enumerate(blocks) if b.tag == "h1"), None)
    first_prose = next((i for i, b in enumerate(blocks) if b.is_prose and i > (start or 0)), len(blocks))
    begin = start + 1 if start is not None else max(0, first_prose - _WINDOW_BLOCKS)
    for block in blocks[begin : max(first_prose, begin) + after_prose][: 3 * _WINDOW_BLOCKS]:
        if len(block.text) <= _MAX_CHARS and not block.region & _NO_BYLINE_REGIONS:
            yield block


def _name_beside_role(text: str) -> str | None:
    """The name in "Ann Bell | Senior Writer | July 2, 2025", a line near the headline that has no "By"."""
    name, *rest = (part.strip() for part in text.split("|"))
    if not rest or not any(is_position(part) for part in rest) or not 2 <= len(name.split()) <= 4:
        return None
    return clean_name(name) if like_a_name(name) and not is_position(name) else None
