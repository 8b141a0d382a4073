"""Google-News sitemaps to entries, sitemap indexes to the addresses of their sitemaps; plain sitemaps are refused. Pure.

A plain sitemap lists pages, not news: it says neither title nor day of publication, and holds a site's whole history.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from ..errors import NotAFeed
from ..model.records import Attachment, Entry, ParsedFeed
from . import feed_dates, limits
from .entry import LINK_RANKS, RawEntry, Text, finish, newest
from .links import absolute
from .plain_text import plain
from .xml_names import local, name

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def parse(root: etree._Element, *, base: str | None, where: str, now: datetime) -> ParsedFeed:
    """Return the news sitemap or sitemap index under ``root``.

    Args:
        root: A ``urlset`` or ``sitemapindex`` element.
        base: What relative links count from.
        where: How to name the document in an error.
        now: The time now, aware.
    Raises:
        NotAFeed: It is a plain sitemap.
    """
    if local(str(root.tag)) == "sitemapindex":
        return _index(root, base, now)
    pages = [child for child in root if local(str(child.tag)) == "url"]
    listed = [
        (page, news)
        for page in pages
        if (news := next((child for child in page if name(child) in ("news:news", "?news")), None)) is not None
    ]
    title = language_tag = None

    def entry(item: tuple[etree._Element, etree._Element]) -> Entry:
        nonlocal title, language_tag
        raw, publication, page_language = _entry(*item, base)
        title, language_tag = title or publication, language_tag or page_language
        return finish(raw, base=base, now=now)

    entries = tuple(map(entry, newest(listed, entry)))
    if pages and not entries:
        raise NotAFeed(
            f"{where} is a plain sitemap of {len(pages)} pages: it lists a site's pages without titles or dates of news; "
            "use the site's RSS or Atom feed or its news sitemap (often named in robots.txt or in a sitemap index)"
        )
    return ParsedFeed(
        format="news_sitemap",
        title=plain(title) if title else None,
        language=language_tag,
        entries=entries,
        notes=(limits.TOO_MANY_ENTRIES,) if len(listed) > limits.MAX_ENTRIES else (),
        parser="news_sitemap",
    )


def _entry(page: etree._Element, news: etree._Element, base: str | None) -> tuple[RawEntry, str | None, str | None]:
    """Return an entry, and the name and language of its publication."""
    raw = RawEntry()
    publication = language_tag = None
    for child in page:
        key = local(str(child.tag))
        value = (child.text or "").strip()
        if key == "loc" and (target := absolute(value, base)):
            raw.links.append((LINK_RANKS["alternate"], target))
        elif key == "lastmod" and value:
            raw.dates["updated"] = value
        elif name(child) == "image:image":
            raw.attachments += _pictures(child, base)
    for child in news:
        key = local(str(child.tag))
        value = (child.text or "").strip()
        if key == "title":
            raw.title = Text(value)
        elif key == "publication_date" and value:
            raw.dates["published"] = value
        elif key in ("keywords", "genres") and value:
            raw.categories += value[: limits.MAX_LINE_CHARS].split(",")
        elif key == "publication":
            said = {local(str(inside.tag)): (inside.text or "").strip() for inside in child}
            publication, language_tag = said.get("name"), said.get("language")
    raw.language = language_tag
    return raw, publication, language_tag


def _pictures(image: etree._Element, base: str | None) -> list[Attachment]:
    said = {local(str(child.tag)): (child.text or "").strip() for child in image}
    url = absolute(said.get("loc", ""), base)
    if url is None:
        return []
    title, caption, rights = (plain(said.get(key, "")[:2_000]) for key in ("title", "caption", "license"))
    return [Attachment(url=url, type="image", title=title, text=caption, rights=rights)]


def _index(root: etree._Element, base: str | None, now: datetime) -> ParsedFeed:
    """Return the children of a sitemap index, those with ``news`` in their address first, then newest first."""
    found: list[tuple[bool, datetime, str]] = []
    for child in root:
        if local(str(child.tag)) != "sitemap":
            continue
        said = {local(str(inside.tag)): (inside.text or "").strip() for inside in child}
        if target := absolute(said.get("loc", ""), base):
            changed = feed_dates.parse(said.get("lastmod"), now=now) or _LONG_AGO
            found.append(("news" in target.lower(), changed, target))
    found.sort(key=lambda one: (not one[0], -one[1].timestamp()))
    return ParsedFeed(
        format="sitemap_index",
        children=tuple(dict.fromkeys(target for _, _, target in found))[: limits.MAX_CHILDREN],
        notes=(limits.TOO_MANY_ENTRIES,) if len(found) > limits.MAX_CHILDREN else (),
        parser="news_sitemap",
    )
