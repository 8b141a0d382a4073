"""Who wrote it: JSON-LD and meta fields first, then the byline that the page prints."""

from __future__ import annotations

from collections.abc import Callable

from ...model.page import PageAuthor
from ..blocks import Layout
from ..text import plain
from .byline import find_byline
from .head import Head
from .json_ld import JsonLd, types
from .names import Names, agency_of, clean_name, read_byline
from .titles import same_words

_META = ("author", "article:author", "dc.creator", "dcterms.creator", "byl", "sailthru.author", "parsely-author",
         "citation_author", "article.author", "byline", "dcsext.author", "cxenseparse:author", "authors")  # fmt: skip


def find_authors(head: Head, data: JsonLd, layout: Layout, site_names: list[str]) -> Names:
    """People and agency. An answer that is only the site's own name yields to a person's name from a later source."""
    sites = {same_words(s) for s in site_names if s}
    fallback: Names | None = None
    sources: tuple[Callable[[], Names], ...] = (
        lambda: _from_json_ld(data),
        lambda: _from_meta(head),
        lambda: find_byline(layout),
    )
    for source in sources:
        names = source()
        if not names.authors and not names.agency:
            continue
        if all(same_words(a.name) in sites for a in names.authors) and not names.agency:
            fallback = fallback or names
            continue
        if fallback is not None and not _surely_people(names):
            continue
        return names
    return fallback or Names()


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


def _from_meta(head: Head) -> Names:
    for name in _META:
        authors: list[PageAuthor] = []
        agency = None
        for value in head.all(name):
            agency = _add(authors, value, None, whole=False) or agency
        if authors or agency:
            return Names(tuple(authors), agency)
    return Names()
