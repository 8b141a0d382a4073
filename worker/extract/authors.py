"""Who wrote it: JSON-LD and meta fields first, then the byline that the page prints."""

from __future__ import annotations

from lxml import etree

from worker.extract.blocks import Block, Region
from worker.extract.head import Head
from worker.extract.json_ld import JsonLd, types
from worker.extract.names import Names, agency_of, clean_name, read_byline
from worker.extract.text import fold, plain
from worker.extract.titles import same_words
from worker.page import PageAuthor

_META = ("author", "article:author", "dc.creator", "dcterms.creator", "byl", "sailthru.author", "parsely-author",
         "citation_author", "article.author", "byline", "dcsext.author", "cxenseparse:author", "authors")  # fmt: skip
_MAX_BYLINE_CHARS = 200
_BYLINE_WINDOW_BLOCKS = 12


def find_authors(root: etree._Element, head: Head, data: JsonLd, blocks: list[Block], site_names: list[str]) -> Names:
    """People and agency. An answer that is only the site's own name yields to a person's name from a later source."""
    sites = {same_words(s) for s in site_names if s}
    fallback: Names | None = None
    for source in (_from_json_ld, _from_meta, _from_markup, _from_byline):
        names = source(root, head, data, blocks)
        if not names.authors and not names.agency:
            continue
        if all(same_words(a.name) in sites for a in names.authors) and not names.agency:
            fallback = fallback or names
            continue
        return names
    return fallback or Names()


def _from_json_ld(root: etree._Element, head: Head, data: JsonLd, blocks: list[Block]) -> Names:
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
    if not text or len(text) > 300:
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


def _from_meta(root: etree._Element, head: Head, data: JsonLd, blocks: list[Block]) -> Names:
    for name in _META:
        authors: list[PageAuthor] = []
        agency = None
        for value in head.all(name):
            agency = _add(authors, value, None, whole=False) or agency
        if authors or agency:
            return Names(tuple(authors), agency)
    return Names()


def _from_markup(root: etree._Element, head: Head, data: JsonLd, blocks: list[Block]) -> Names:
    """Elements marked as the author's: rel=author, itemprop=author. Those in comments and related boxes do not count."""
    authors: list[PageAuthor] = []
    agency = None
    for element in root.xpath("//*[@rel='author' or @itemprop='author' or @itemprop='creator']")[:20]:
        inner = element.xpath(".//*[@itemprop='name']")
        text = fold(" ".join((inner[0] if inner else element).itertext()))
        if 2 < len(text) <= 80 and not _in_chrome(element):
            agency = _add(authors, text, None, whole=False) or agency
        if len(authors) >= 8:
            break
    return Names(tuple(authors), agency)


def _in_chrome(element: etree._Element) -> bool:
    for above in element.iterancestors():
        if above.tag in ("aside", "footer", "nav"):
            return True
        name = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if "comment" in name or "related" in name:
            return True
    return False


def _from_byline(root: etree._Element, head: Head, data: JsonLd, blocks: list[Block]) -> Names:
    """The printed byline: a short block near the headline that is marked as one or opens with "By"."""
    start = next((i for i, b in enumerate(blocks) if b.tag == "h1"), None)
    first_prose = next((i for i, b in enumerate(blocks) if b.is_prose and i > (start or 0)), len(blocks))
    begin = start + 1 if start is not None else max(0, first_prose - _BYLINE_WINDOW_BLOCKS)
    window = blocks[begin : max(first_prose, begin) + 6][: 3 * _BYLINE_WINDOW_BLOCKS]
    bad = Region.NAV | Region.COMMENTS | Region.RELATED | Region.ADVERT | Region.FOOTER | Region.FIGURE
    for marked in (True, False):
        for block in window:
            if len(block.text) > _MAX_BYLINE_CHARS or block.region & bad:
                continue
            opens = block.text[:3].casefold() == "by " or block.text[:4].casefold() in ("von ", "por ", "par ", "von:")
            if not (opens if not marked else opens or block.region & Region.AUTHOR):
                continue
            names = read_byline(block.text)
            if names.authors and all(_like_a_name(a.name) for a in names.authors):
                return names
    return Names()


def _like_a_name(text: str) -> bool:
    words = text.split()
    return (
        1 < len(words) <= 5
        and all(w[:1].isupper() or len(w) <= 3 for w in words)
        and not any(c.isdigit() for c in text)
    )
