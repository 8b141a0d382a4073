"""Finds out what a document is that is not a feed, and raises an error with a remedy. Pure functions."""

from __future__ import annotations

import re

from ..errors import NotAFeed, PermanentError
from .plain_text import plain
from .xml_names import local
from .xml_repair import Opened

_SIGNATURES = (
    (b"%PDF-", "a PDF"), (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP file"), (b"BZh", "a bzip2 file"), (b"\x28\xb5\x2f\xfd", "zstd data"), (b"\xfd7zXZ", "an xz file"),
    (b"RIFF", "a media file"), (b"ID3", "an MP3 file"), (b"OggS", "an Ogg file"), (b"\x00\x00\x00\x18ftyp", "an MP4 file"),
)  # fmt: skip
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})", re.IGNORECASE)
#: Root elements that feedparser is worth asking about: feeds without their outer element, and old or mistyped ones.
_FEEDLIKE = frozenset({"rss", "feed", "rdf", "channel", "urlset", "sitemapindex", "item", "entry", "items"})
_FEED_INSIDE = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s>]", re.IGNORECASE)
_HTML = frozenset({"html", "head", "body", "title", "meta", "div", "script", "p", "h1", "br", "table", "center"})
_TAGS = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,40})[^<>]*?(/?)>")
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "col", "area", "param", "wbr", "p", "li"})
_ABSURD_DEPTH = 3_000


def by_signature(body: bytes) -> str | None:
    """Return what kind of file ``body`` is by its first bytes, where that is plainly no text."""
    return next((known for start, known in _SIGNATURES if body.startswith(start)), None)


def check(document: Opened, text: str, where: str) -> None:
    """Raise NotAFeed where ``document`` cannot be a feed.

    Args:
        document: The document from its root element on.
        text: All of it.
        where: How to name it in the error.
    """
    root = local(document.root)
    if not root:
        raise NotAFeed(f"{where} is text without any element, not RSS, Atom or JSON Feed; use the feed's own URL")
    if root in _FEEDLIKE:
        return
    if root in _HTML:
        found = _TITLE.search(text[:65_536])
        title = plain(found[1]) if found else None
        called = f" ({title[:80]!r})" if title else ""
        raise NotAFeed(
            f"{where} is an HTML page{called}, not RSS or Atom; use the feed's own URL "
            "(`dateline feeds discover` lists the feeds that a site offers)"
        )
    if root == "opml":
        raise NotAFeed(f"{where} is OPML, a list of feeds; `dateline feeds import` reads it")
    if not _FEED_INSIDE.search(document.text):
        raise NotAFeed(
            f"{where} is XML with the root element {root[:40]!r}, not RSS, Atom or RDF; use the feed's own URL"
        )


def check_depth(text: str, where: str) -> None:
    """Raise PermanentError where elements of one entry nest absurdly deep. Tags that are never closed count as well, so
    the limit is far above the 256 at which the strict parser stops."""
    depth = 0
    for tag in _TAGS.finditer(text):
        if tag[1]:
            depth = 0 if tag[2].lower() in ("item", "entry") else max(0, depth - 1)
        elif not tag[3] and tag[2].lower() not in _VOID:
            depth += 1
            if depth > _ABSURD_DEPTH:
                raise PermanentError(f"{where} nests elements {depth} deep; no feed does", code="parse_error")
