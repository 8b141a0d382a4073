"""Which feeds a site offers: from its page, and from where feeds usually are. Pure; trying the candidates is the caller's.

Order of trust: what the page declares (``link rel=alternate``), links whose address or text says feed, links to usual
paths, then usual paths that the page does not mention.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

import msgspec

from ..encoding import charset
from ..sources.links import absolute
from ..sources.plain_text import plain
from ..text.html_attributes import attributes


class Origin(StrEnum):
    """How a candidate was found, the most trusted first."""

    DECLARED = "declared"
    HTTP_HEADER = "http_header"
    KNOWN_SITE = "known_site"
    LINKED = "linked"
    GUESSED = "guessed"


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address that may be a feed. ``type`` and ``title`` are what the page says, never proven."""

    url: str
    origin: Origin
    title: str | None = None
    type: str | None = None


_FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml",
        "text/atom+xml", "application/x-rss+xml", "application/rss", "application/x.atom+xml",
    }
)  # fmt: skip
#: Types that many things share; counted where the address or title says feed.
_VAGUE_TYPES = frozenset({"application/xml", "text/xml", "application/json", "text/rdf", "text/x-opml"})
_FEED_WORD = re.compile(r"(?:^|[^a-z])(?:rss2?|atom|feeds?|rdf|news-?sitemap)(?:$|[^a-z])", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:rss|atom|feeds?|rdf|index\.(?:rss|rdf|atom|xml)|(?:rss|atom|feed|news)\.(?:xml|json|php|aspx?|rdf))(?:[/?#]|$)"
    r"|\.(?:rss|atom|rdf)(?:[?#]|$)|[?&](?:feed|format|type|output|alt)=(?:rss2?|atom|feed|rdf)\b|(?:^|//)feeds?\d?\.",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"\bcomments?\b|/comments?/|[ck]omm?ent[aá]|reacties|hozzászól|yorum", re.IGNORECASE)
_TAG = re.compile(r"<(link|a|base)\s((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
#: Their addresses say "feed" for a reader's wall and "rss" for a way to share.
_SHARERS = ("facebook.com", "twitter.com", "x.com", "linkedin.com", "news.google.com", "feedly.com", "outlook.com")
_END_A = re.compile(r"</a\s*>", re.IGNORECASE)
#: Under the site, in the order of how often news sites have them.
_USUAL_PATHS = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/feed/atom", "/rss/news", "/index.rdf",
    "/feed.json", "/news/rss", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/googlenews.xml",
)  # fmt: skip
_MAX_HTML_BYTES = 2_000_000
_MAX_TAGS = 20_000
_MAX_CANDIDATES = 60


def candidates(html: bytes, url: str) -> list[Candidate]:
    """Addresses that may be feeds of the page ``html``, the most trusted first, each once; at most 60.

    Args:
        html: The page, inflated; it may be broken or empty.
        url: Its address, after redirects.
    """
    text = charset.decode(html[:_MAX_HTML_BYTES]).text
    found: dict[str, Candidate] = {}
    base = url
    declared: list[Candidate] = []
    linked: list[Candidate] = []
    for count, tag in enumerate(_TAG.finditer(text)):
        if count > _MAX_TAGS:
            break
        given = attributes(tag[2])
        href = given.get("href", "")
        kind = tag[1].lower()
        if kind == "base":
            base = absolute(href, url) or base
        elif kind == "link":
            declared += _declared(given, base)
        elif href and len(linked) < _MAX_CANDIDATES:
            linked += _linked(given, text, tag.end(), base)
    declared.sort(key=_less_wanted)
    linked.sort(key=_less_wanted)
    for candidate in (*declared, *_known_site(url), *linked, *_guessed(url)):
        found.setdefault(candidate.url, candidate)
    found.pop(url, None)
    return list(found.values())[:_MAX_CANDIDATES]


def _declared(given: dict[str, str], base: str) -> list[Candidate]:
    """Return a ``link`` element that declares a feed; ``rel=feed`` as HTML 5 once had it, too."""
    rel = given.get("rel", "").lower().split()
    media_type = given.get("type", "").partition(";")[0].strip().lower()
    href = given.get("href", "")
    target = absolute(href, base) if href else None
    if target is None or not ("alternate" in rel or "feed" in rel) or "stylesheet" in rel:
        return []
    title = plain(given.get("title", ""), max_chars=300)
    vague = (not media_type or media_type in _VAGUE_TYPES) and (
        _FEED_PATH.search(target) or _FEED_WORD.search(title or "")
    )
    wordpress_api = media_type == "application/json" and "/wp-json/" in target
    if wordpress_api or not (media_type in _FEED_TYPES or "feed" in rel or vague):
        return []
    return [Candidate(url=target, origin=Origin.DECLARED, title=title, type=media_type or None)]


def _linked(given: dict[str, str], text: str, start: int, base: str) -> list[Candidate]:
    """Return a link in the body whose address, title or text says feed."""
    href = given["href"]
    if href.startswith(("#", "mailto:", "javascript:", "tel:")):
        return []
    target = absolute(href.partition("#")[0], base)
    if target is None:
        return []
    parts = urlsplit(target)
    if (parts.hostname or "").endswith(_SHARERS):
        return []
    where = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    says_path = _FEED_PATH.search(where) or _FEED_PATH.search(f"//{parts.netloc}")
    end = _END_A.search(text, start, start + 600)
    words = plain(_ANY_TAG.sub(" ", text[start : end.start()]), max_chars=200) if end else None
    label = given.get("title") or given.get("aria-label") or words or ""
    if not (says_path or (len(label) < 60 and _FEED_WORD.search(label))):
        return []
    if parts.path.lower().endswith((".html", ".htm", ".jpg", ".png", ".css", ".js", ".mp3", ".pdf")):
        return []
    return [Candidate(url=target, origin=Origin.LINKED, title=plain(label, max_chars=300))]


def _guessed(url: str) -> list[Candidate]:
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    section = parts.path.rsplit("/", 1)[0].rstrip("/") if parts.path.count("/") > 1 else ""
    addresses = [urljoin(root + "/", path) for path in _USUAL_PATHS]
    if section:
        addresses += [f"{root}{section}/feed", f"{root}{section}/rss.xml"]
    return [Candidate(url=address, origin=Origin.GUESSED) for address in addresses]


def _known_site(url: str) -> list[Candidate]:
    """Return the feeds of platforms that have them at fixed places and do not always say so."""
    parts = urlsplit(url)
    host, segments = (parts.hostname or "").removeprefix("www."), [s for s in parts.path.split("/") if s]
    addresses: list[str] = []
    if host in ("youtube.com", "m.youtube.com") and len(segments) >= 2 and segments[0] == "channel":
        addresses.append(f"https://www.youtube.com/feeds/videos.xml?channel_id={segments[1]}")
    elif host == "github.com" and len(segments) >= 2:
        addresses += [f"https://github.com/{segments[0]}/{segments[1]}/{what}.atom" for what in ("releases", "commits")]
    elif host in ("reddit.com", "old.reddit.com") and len(segments) >= 2:
        addresses.append(f"https://{parts.netloc}/{segments[0]}/{segments[1]}/.rss")
    elif host == "medium.com" and segments:
        addresses.append(f"https://medium.com/feed/{segments[0]}")
    elif host.endswith(".substack.com"):
        addresses.append(f"https://{parts.netloc}/feed")
    elif len(segments) >= 1 and segments[0].startswith("@"):  # Mastodon and its kin
        addresses.append(f"{parts.scheme}://{parts.netloc}/{segments[0]}.rss")
    return [Candidate(url=address, origin=Origin.KNOWN_SITE) for address in addresses]


def _less_wanted(candidate: Candidate) -> int:
    """Feeds of comments after feeds of articles; the order of the page otherwise."""
    return 1 if _COMMENTS.search(f"{candidate.url} {candidate.title or ''}") else 0
