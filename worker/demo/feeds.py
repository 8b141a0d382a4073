"""The papers' feeds: RSS 2.0, Atom, RDF, JSON Feed and a Google-News sitemap, with each paper's own faults in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from .layout import author
from .stories import Paper, Printing


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed as it goes over the wire: its bytes, what it says it is, and when it last changed."""

    body: bytes
    content_type: str
    changed_at: datetime


def feed_document(paper: Paper, printings: Sequence[Printing], origin: str) -> FeedDocument:
    """Return the feed of ``paper`` with ``printings``, newest first; ``origin`` is where the paper lives."""
    text, content_type = _WRITERS[paper.format](paper, printings, origin)
    if "broken_xml" in paper.quirks:
        text = _break(text)
    body = text.encode("latin-1", "xmlcharrefreplace") if "wrong_charset" in paper.quirks else text.encode()
    return FeedDocument(body, content_type, max(printing.updated for printing in printings))


def _link(printing: Printing, origin: str) -> str:
    """Return what the feed gives as the entry's address, escaped for XML."""
    path = printing.feed_path or ""
    if "tracked_links" in printing.paper.quirks:
        path += "?utm_source=rss&utm_medium=feed&utm_campaign=" + printing.section.lower()
    return escape(path if "relative_links" in printing.paper.quirks else origin + path)


def _rss(paper: Paper, printings: Sequence[Printing], origin: str) -> tuple[str, str]:
    items = "".join(
        f"""    <item>
      <title>{escape(one.headline)}</title>
      <link>{_link(one, origin)}</link>
      <guid isPermaLink="false">{escape(one.guid)}</guid>
      <pubDate>{format_datetime(one.published)}</pubDate>
      <dcterms:modified>{one.updated.isoformat()}</dcterms:modified>
      <dc:creator>{escape(author(one) or one.agency or paper.title)}</dc:creator>
      <category>{escape(one.section)}</category>
      <description><![CDATA[<p>{escape(one.summary)}</p>]]></description>
{_rss_pictures(one, origin)}    </item>
"""
        for one in printings
    )
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
  <channel>
    <title>{escape(paper.title)}</title>
    <link>{escape(origin)}/</link>
    <atom:link href="{escape(origin + paper.feed)}" rel="self" type="application/rss+xml"/>
    <description>{escape(paper.tagline)}</description>
    <language>{paper.language}</language>
    <ttl>15</ttl>
{items}  </channel>
</rss>
"""
    return text, "application/rss+xml; charset=utf-8"


def _rss_pictures(printing: Printing, origin: str) -> str:
    return "".join(
        f'      <media:content url="{escape(origin)}/media/{printing.slug}-{number}.svg" type="image/svg+xml" medium="image">'
        f"<media:description>{escape(picture.text)}</media:description>"
        f"<media:credit>{escape(picture.credit or '')}</media:credit></media:content>\n"
        for number, picture in enumerate(printing.pictures)
    )


def _atom(paper: Paper, printings: Sequence[Printing], origin: str) -> tuple[str, str]:
    entries = "".join(
        f"""  <entry>
    <id>tag:{paper.slug}.example,{one.published.year}:{escape(one.guid)}</id>
    <title type="text">{escape(one.headline)}</title>
    <link rel="alternate" type="text/html" href="{_link(one, origin)}"/>
    <published>{one.published.isoformat()}</published>
    <updated>{one.updated.isoformat()}</updated>
    <author><name>{escape(author(one) or one.agency or paper.title)}</name></author>
    <category term="{escape(one.section)}"/>
    <summary type="html">&lt;p&gt;{escape(escape(one.summary))}&lt;/p&gt;</summary>
  </entry>
"""
        for one in printings
    )
    newest = max(one.updated for one in printings).isoformat()
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{paper.language}">
  <id>tag:{paper.slug}.example,2020:feed</id>
  <title>{escape(paper.title)}</title>
  <subtitle>{escape(paper.tagline)}</subtitle>
  <link rel="self" href="{escape(origin + paper.feed)}"/>
  <link rel="alternate" href="{escape(origin)}/"/>
  <updated>{newest}</updated>
{entries}</feed>
"""
    return text, "application/atom+xml"


def _rdf(paper: Paper, printings: Sequence[Printing], origin: str) -> tuple[str, str]:
    order = "".join(f'<rdf:li rdf:resource="{_link(one, origin)}"/>' for one in printings)
    items = "".join(
        f"""  <item rdf:about="{_link(one, origin)}">
    <title>{escape(one.headline)}</title>
    <link>{_link(one, origin)}</link>
    <description>{escape(one.summary)}</description>
    <dc:date>{one.published.isoformat()}</dc:date>
    <dc:creator>{escape(author(one) or one.agency or paper.title)}</dc:creator>
    <dc:language>{one.language}</dc:language>
  </item>
"""
        for one in printings
    )
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
         xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
  <channel rdf:about="{escape(origin + paper.feed)}">
    <title>{escape(paper.title)}</title>
    <link>{escape(origin)}/</link>
    <description>{escape(paper.tagline)}</description>
    <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
    <items><rdf:Seq>{order}</rdf:Seq></items>
  </channel>
{items}</rdf:RDF>
"""
    return text, "application/rdf+xml; charset=utf-8"


def _json(paper: Paper, printings: Sequence[Printing], origin: str) -> tuple[str, str]:
    items: list[dict[str, object]] = []
    for one in printings:
        item: dict[str, object] = {
            "id": one.guid,
            "title": one.headline,
            "summary": one.summary,
            "date_published": one.published.isoformat(),
            "authors": [{"name": author(one) or one.agency or paper.title}],
            "tags": [one.section],
        }
        if one.feed_path:
            item["url"] = origin + one.feed_path
        else:
            item["content_text"] = "\n\n".join(one.paragraphs)
        items.append(item)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.title,
        "description": paper.tagline,
        "home_page_url": origin + "/",
        "feed_url": origin + paper.feed,
        "language": paper.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1), "application/feed+json"


def _news_sitemap(paper: Paper, printings: Sequence[Printing], origin: str) -> tuple[str, str]:
    urls = "".join(
        f"""  <url>
    <loc>{_link(one, origin)}</loc>
    <lastmod>{one.updated.isoformat()}</lastmod>
    <news:news>
      <news:publication><news:name>{escape(paper.title)}</news:name><news:language>{one.language}</news:language></news:publication>
      <news:publication_date>{one.published.isoformat()}</news:publication_date>
      <news:title>{escape(one.headline)}</news:title>
    </news:news>
  </url>
"""
        for one in printings
    )
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{urls}</urlset>
"""
    return text, "application/xml"


def _break(text: str) -> str:
    """Return what an old script prints: stray ampersands and entities, tags in the wrong order, and no end."""
    text = text.replace("<description>", "<description>News &amp; views &nbsp;", 1).replace("&amp;", "&")
    text = text.replace("</description>", "</b></description>", 1).replace("</category>\n", "</link></category>\n", 1)
    return text[: text.rindex("  </channel>")] + "    <ite"


_WRITERS = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json, "news_sitemap": _news_sitemap}
