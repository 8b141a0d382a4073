"""What a page says about itself, in one pass: JSON-LD's article node, meta and OpenGraph, then what is printed.

A search (htmldate) runs only for a date that none of these gives.
"""

from __future__ import annotations

from lxml import etree

from worker.errors import PermanentError
from worker.extract.authors import find_authors
from worker.extract.blocks import Block, Region
from worker.extract.date_search import search_date
from worker.extract.dates import Moment, moment_in_url, read_moment
from worker.extract.head import Head
from worker.extract.json_ld import JsonLd, Node
from worker.extract.names import agency_of
from worker.extract.text import plain, text_of
from worker.extract.titles import choose_title
from worker.model import Entry
from worker.page import PageMetadata
from worker.urls import canonical, owner, resolve

_PUBLISHED = ("article:published_time", "og:article:published_time", "article:published", "datepublished", "datecreated",
              "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date",
              "pubdate", "publishdate", "publish-date", "publication_date", "publish_date", "article.published",
              "published_at", "cxenseparse:recs:publishtime", "og:published_time", "rnews:datepublished", "date",
              "dcsext.articlefirstpublished", "displaydate", "created", "article:post_date", "ptime", "shareaholic:article_published_time",
              "citation_publication_date", "citation_date", "date_published", "article_date_original",
              "og:pubdate", "bt:pubdate", "originalpublicationdate", "publication-date", "time", "doc_date")  # fmt: skip
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "article:modified", "dcterms.modified",
            "lastmod", "last-modified", "revised", "updated_time", "dc.date.modified", "bt:moddate", "lastmodifieddate")  # fmt: skip
_MAX_KEYWORDS = 30
_CREDIBLE_CANONICAL_DEPTH = 1


def read_metadata(
    root: etree._Element, head: Head, data: JsonLd, blocks: list[Block], *, url: str | None, entry: Entry | None
) -> PageMetadata:
    """Everything but the language, which needs the text, and the walls. ``root`` is left as it was."""
    article = data.article or {}
    publisher = _publisher(head, data)
    address = _canonical(head, data, url)
    site_names = _site_names(head, publisher, url)
    title = choose_title(
        headings=[text for text, _ in head.headings],
        json_ld=plain(article.get("headline")) or plain(article.get("name")),
        open_graph=head.first("og:title"),
        twitter=head.first("twitter:title"),
        document=head.title,
        feed=entry.title if entry else None,
        site_names=site_names,
    )
    published, updated, raw = _times(root, head, data, blocks, url, entry)
    names = find_authors(root, head, data, blocks, site_names)
    return PageMetadata(
        title=title,
        authors=names.authors,
        agency=names.agency,
        published=published.iso if published else None,
        published_raw=raw,
        updated=updated.iso if updated else None,
        canonical_url=address,
        publisher=publisher,
        summary=_summary(head, article),
        image=_image(head, data, url),
        keywords=_keywords(head, article),
        section=_section(head, article),
        paywalled=_paywalled(head, data),
        usage_rights=_rights(head, article),
    )


def _times(
    root: etree._Element, head: Head, data: JsonLd, blocks: list[Block], url: str | None, entry: Entry | None
) -> tuple[Moment | None, Moment | None, str | None]:
    """Published, updated, and the raw string of the publication time (kept even where it was absurd)."""
    nodes: list[Node] = [n for n in (data.article, data.page) if n]
    raws: list[object] = [n.get(k) for n in nodes for k in ("datePublished", "dateCreated", "uploadDate")]
    raws += head.all(*_PUBLISHED)
    raws += [_time_of(element) for element in head.times if _is_publication(element)]
    raw = next((r for r in raws if isinstance(r, str) and r.strip()), None)
    published = next((m for r in raws if r and (m := read_moment(r))), None)
    if published is not None and not published.has_time:
        # A day alone: another field that agrees on the day may know the hour.
        fuller = (m for r in raws if r and (m := read_moment(r)) and m.has_time and m.iso[:10] == published.iso)
        published = next(fuller, published)
    if published is None:
        published = _printed(head, blocks) or moment_in_url(url)
    if published is None and entry is not None and entry.published is not None:
        published = Moment(entry.published.isoformat(), entry.published_raw or "")
    if published is None:
        published = search_date(root, url)
    changed: list[object] = [n.get("dateModified") for n in nodes]
    changed += head.all(*_UPDATED)
    updated = next((m for r in changed if r and (m := read_moment(r))), None)
    return published, updated, raw or (published.raw if published else None)


def _time_of(element: etree._Element) -> str | None:
    return element.get("datetime") or element.get("content") or text_of(element) or None


def _is_publication(element: etree._Element) -> bool:
    """A time element that stands with the article, not in a list of other articles or under a comment."""
    if element.get("itemprop") == "dateModified" or "updated" in (element.get("class") or "").lower().split():
        return False
    for above in element.iterancestors():
        name = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if above.tag in ("aside", "footer", "nav", "li") or "comment" in name or "related" in name or "teaser" in name:
            return False
    return True


def _printed(head: Head, blocks: list[Block]) -> Moment | None:
    """A date in a short line around the headline."""
    start = next((i for i, b in enumerate(blocks) if b.tag == "h1"), None)
    first = next((i for i, b in enumerate(blocks) if b.is_prose and i > (start or 0)), 0)
    around = blocks[(start if start is not None else max(0, first - 10)) : first + 3]
    before = blocks[max(0, (start or 0) - 4) : start] if start else []
    for block in (*around[:20], *before):
        if len(block.text) <= 120 and not block.region & (Region.NAV | Region.RELATED | Region.COMMENTS):
            if moment := read_moment(block.text):
                return moment
    return None


def _publisher(head: Head, data: JsonLd) -> str | None:
    node = data.follow((data.article or {}).get("publisher"))
    if isinstance(node, list):
        node = data.follow(node[0]) if node else None
    name = plain(node.get("name")) if isinstance(node, dict) else plain(node)
    return name or head.first("og:site_name", "application-name", "al:ios:app_name", "publisher", "dc.publisher")


def _site_names(head: Head, publisher: str | None, url: str | None) -> list[str]:
    names = [
        n
        for n in (publisher, head.first("og:site_name"), head.first("application-name"), head.first("twitter:site"))
        if n
    ]
    if url:
        try:
            domain = owner(url)
        except PermanentError:
            return names
        names += [domain, domain.partition(".")[0]]
    return names


def _canonical(head: Head, data: JsonLd, url: str | None) -> str | None:
    """The page's own canonical address where it is credible: same owner as the page's, and not a front page."""
    base = url
    for value in (head.canonical, head.first("og:url")):
        if not value:
            continue
        try:
            full = resolve(base, value) if base else value
            if not full or not full.startswith(("http://", "https://")):
                continue
            found = canonical(full)
            if url is None:
                return found
            if owner(found) != owner(url):
                continue
        except (PermanentError, ValueError):
            continue
        if _path_depth(found) >= _CREDIBLE_CANONICAL_DEPTH or _path_depth(url) < _CREDIBLE_CANONICAL_DEPTH:
            return found
    try:
        return canonical(url) if url else None
    except (PermanentError, ValueError):
        return None


def _path_depth(address: str) -> int:
    rest = address.partition("://")[2]
    return len([p for p in rest.partition("/")[2].split("/") if p])


def _summary(head: Head, article: Node) -> str | None:
    return head.first("og:description", "description", "twitter:description") or plain(article.get("description"))


def _image(head: Head, data: JsonLd, url: str | None) -> str | None:
    candidates: list[object] = [head.first("og:image", "og:image:url", "og:image:secure_url", "twitter:image")]
    image = (data.article or {}).get("image")
    for value in image if isinstance(image, list) else [image]:
        value = data.follow(value)
        candidates.append(value.get("url") or value.get("contentUrl") if isinstance(value, dict) else value)
    for value in candidates:
        if isinstance(value, str) and value and not value.startswith("data:"):
            try:
                full = resolve(url, value) if url else value
            except (PermanentError, ValueError):
                continue
            if full and full.startswith(("http://", "https://")):
                return full
    return None


def _keywords(head: Head, article: Node) -> tuple[str, ...]:
    raw = article.get("keywords")
    values: list[str] = []
    for value in raw if isinstance(raw, list) else [raw]:
        text = plain(value.get("name") if isinstance(value, dict) else value)
        if text:
            values += [text] if isinstance(raw, list) and "," not in text else text.split(",")
    values += head.all("article:tag")
    if not values:
        values = [
            k for v in head.all("news_keywords", "keywords", "parsely-tags", "sailthru.tags") for k in v.split(",")
        ]
    cleaned = dict.fromkeys(k.strip() for k in values if 1 < len(k.strip()) <= 80)
    return tuple(cleaned)[:_MAX_KEYWORDS]


def _section(head: Head, article: Node) -> str | None:
    raw = article.get("articleSection")
    if isinstance(raw, list):
        raw = raw[0] if raw else None
    return plain(raw) or head.first(
        "article:section", "section", "parsely-section", "og:article:section", "cxenseparse:recs:category"
    )


def _paywalled(head: Head, data: JsonLd) -> bool:
    """What the page declares: schema.org's isAccessibleForFree of the article (not of a part), or a content tier."""
    value = (data.article or {}).get("isAccessibleForFree")
    if isinstance(value, str):
        value = value.strip().lower() not in ("false", "no", "0", "http://schema.org/false", "https://schema.org/false")
    if value is False:
        return True
    tier = (head.first("article:content_tier", "og:article:content_tier") or "").lower()
    return tier in ("locked", "metered", "paid", "premium")


def _rights(head: Head, article: Node) -> str | None:
    """Licence or terms of use that the page states."""
    for key in ("usageInfo", "license", "copyrightNotice"):
        value = article.get(key)
        if isinstance(value, dict):
            value = value.get("url") or value.get("name")
        if text := plain(value):
            return text
    return head.licence or head.first("dc.rights", "dcterms.rights", "rights", "copyright")


def agency_in(value: str | None) -> str | None:
    """The agency named in a field such as ``article:source``."""
    return agency_of(value)
