"""What a page says about itself, in one pass: JSON-LD's article node, meta and OpenGraph, then what is printed.

A search (htmldate) runs only for a date that none of these gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lxml import etree

from ...errors import PermanentError
from ...model.failures import Failures
from ...model.page import PageMetadata
from ...model.records import Entry
from ...urls import canonical, owner, resolve
from ..blocks import Layout
from ..text import plain
from .authors import find_authors
from .head import Head
from .json_ld import JsonLd, Node, types
from .names import Names
from .times import Times, find_times
from .titles import choose_title

_MAX_KEYWORDS = 30
_CREDIBLE_CANONICAL_DEPTH = 1

T = TypeVar("T")


def read_metadata(
    root: etree._Element,
    head: Head,
    data: JsonLd,
    layout: Layout,
    *,
    url: str | None,
    entry: Entry | None,
    failures: Failures | None = None,
) -> PageMetadata:
    """Everything but the language, which needs the text, and the walls. ``root`` is left as it was. Each part is a step of
    its own: one that raises is empty, and stands in ``failures``."""
    failures = failures or Failures(url or "")
    article = data.article or {}

    def part(act: Callable[[], T], otherwise: T) -> T:
        return failures.attempt("metadata", act, otherwise)

    publisher = part(lambda: _publisher(head, data), None)
    site_names: list[str] = part(lambda: _site_names(head, publisher, url), [])
    fed = entry.title if entry else None
    title = part(lambda: _title(head, article, site_names, fed), fed or head.title)
    times = part(
        lambda: find_times(root, head, data, layout.blocks, title=title, url=url, entry=entry), Times(None, None, None)
    )
    names = part(lambda: find_authors(head, data, layout, site_names, root), Names())
    return PageMetadata(
        title=title,
        authors=names.authors,
        agency=names.agency,
        published=times.published.iso if times.published else None,
        published_raw=times.raw,
        updated=times.updated.iso if times.updated else None,
        canonical_url=part(lambda: _canonical(head, url), None),
        publisher=publisher,
        summary=part(lambda: _summary(head, article), None),
        image=part(lambda: _image(head, data, url), None),
        keywords=part(lambda: _keywords(head, article), ()),
        section=part(lambda: _section(head, article), None),
        paywalled=part(lambda: _paywalled(head, data), otherwise=False),
        usage_rights=part(lambda: _rights(head, article), None),
    )


def _title(head: Head, article: Node, site_names: list[str], fed: str | None) -> str | None:
    return choose_title(
        headings=[text for text, _ in head.headings],
        json_ld=plain(article.get("headline")) or plain(article.get("name")),
        open_graph=head.first("og:title"),
        twitter=head.first("twitter:title"),
        document=head.title,
        feed=fed,
        site_names=site_names,
        is_news=any(kind.endswith("NewsArticle") for kind in types(article)),
    )


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


def _canonical(head: Head, url: str | None) -> str | None:
    """The page's own canonical address where it is credible: same owner as the page's, and not a front page."""
    base = url
    for value in (head.canonical, head.first("og:url")):
        if not value:
            continue
        try:
            full = resolve(value, base)
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
        if not isinstance(value, str) or not value.strip() or value.startswith("data:"):
            continue
        try:
            full = resolve(value, url)
        except (PermanentError, ValueError):
            continue
        if full and full.startswith(("http://", "https://")) and full != url:
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
