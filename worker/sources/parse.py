"""Parses a feed of any format: bytes in, a `ParsedFeed` out, or an error that names what the document is instead.

In order of cost: kind of document by its first characters; JSON Feed; XML as it is; repaired XML; feedparser. Runs in a
child process: synchronous, bounded, no network, no files.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from lxml import etree

from .. import clock, plugins
from ..encoding import charset
from ..errors import NotAFeed, PermanentError, TooLarge
from ..model.records import ParsedFeed
from . import json_feed, limits, links, news_sitemap, not_a_feed, xml_feed, xml_repair
from .entry import language
from .xml_names import local

_GZIP = b"\x1f\x8b"
_SITEMAPS = frozenset({"urlset", "sitemapindex"})


def parse_feed(body: bytes, *, url: str | None, headers: Mapping[str, str]) -> ParsedFeed:
    """Return the feed in ``body``: RSS, RDF, Atom, JSON Feed, news sitemap or sitemap index, also as a ``.gz`` file.

    Args:
        body: The document, already inflated of its Content-Encoding.
        url: Where it came from, after redirects; relative links count from there. None for a file.
        headers: HTTP response headers with lower-case names.
    Raises:
        NotAFeed: It is something else; the message says what, and what to do.
        TooLarge: Over a limit of bytes or of tags.
        PermanentError: A broken .gz file, or elements nested absurdly deep.
    """
    where = url or "the document"
    said: list[str] = []
    if body.startswith(_GZIP):
        body = _inflate(body, where)
        said.append(limits.GZIPPED)
    if len(body) > limits.MAX_BODY_BYTES:
        raise TooLarge(f"{where} has {len(body)} bytes, more than the {limits.MAX_BODY_BYTES} that are read of a feed")
    if not body.strip(b" \t\r\n\x00"):
        raise NotAFeed(f"{where} is empty", code="empty")
    if known := not_a_feed.by_signature(body):
        raise NotAFeed(f"{where} is {known}, not a feed; use the feed's own URL")
    for source in plugins.installed_sources():
        if source.matches(body, url, headers):
            return source.parse(body, url, headers)
    decoded = charset.decode(body, headers.get("content-type"), headers.get("content-language", ""))
    said += decoded.notes
    if headers.get("content-type", "").lower().startswith("text/html"):
        said.append(limits.TYPED_HTML)
    text = decoded.text.lstrip("\ufeff\x00 \t\r\n")
    base, now = links.base_of(url, headers), clock.now()
    if text.startswith(("{", "[")):
        parsed = json_feed.parse(text, base=base.url, where=where, now=now)
    else:
        parsed = _parse_xml(text, base, where, now)
    return _with_headers(parsed, said, headers, url)


def _parse_xml(text: str, base: links.Base, where: str, now: datetime) -> ParsedFeed:
    document = xml_repair.open_document(text)
    not_a_feed.check(document, text, where)
    if max(text.count("<"), text.count("=")) > limits.MAX_MARKUP:
        raise TooLarge(f"{where} has more than {limits.MAX_MARKUP} tags or attributes, far more than a feed needs")
    data = document.text.encode("utf-8", "replace")
    root = _tree(data)
    if root is None:
        document = xml_repair.repair(document)
        data = document.text.encode("utf-8", "replace")
        root = _tree(data)
    parsed = None
    if root is not None:
        if local(str(root.tag)) in _SITEMAPS:
            parsed = news_sitemap.parse(root, base=base.url, where=where, now=now)
        else:
            parsed = xml_feed.parse(root, base=base, document=data, now=now)
    elif local(document.root) in _SITEMAPS:
        raise NotAFeed(f"{where} is a sitemap that is not well-formed XML; tell its publisher", code="parse_error")
    if parsed is None or (
        not parsed.entries and xml_feed.has_entries(document.text) and parsed.format in xml_feed.FORMATS
    ):
        # Unknown structure, or entries in places that the fast parser does not search.
        not_a_feed.check_depth(document.text, where)
        other = _parse_with_fallback(document, base, where, now)
        parsed = other if parsed is None or other.entries else parsed
    return msgspec.structs.replace(parsed, notes=(*document.notes, *parsed.notes))


def _parse_with_fallback(document: xml_repair.Opened, base: links.Base, where: str, now: datetime) -> ParsedFeed:
    # Imported here: feedparser costs a process 10 MB and 60 ms, and one feed in a hundred needs it.
    from . import fallback

    return fallback.parse(document, base=base, where=where, now=now)


def _tree(data: bytes) -> etree._Element | None:
    """Return the root of a well-formed document without comments, or None. Entities are not expanded, nothing is loaded."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
        collect_ids=False,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _with_headers(parsed: ParsedFeed, said: list[str], headers: Mapping[str, str], url: str | None) -> ParsedFeed:
    """Return the feed with what only its HTTP headers say: hub and self links (WebSub), language; and with its own address as
    its link where it names no site."""
    changes: dict[str, object] = {}
    if said:
        changes["notes"] = tuple(dict.fromkeys((*said, *parsed.notes)))
    if link_header := headers.get("link"):
        found = links.from_header(link_header, url)
        hubs = [*parsed.hubs, *(target for rel, target in found if rel == "hub")]
        changes["hubs"] = tuple(dict.fromkeys(hubs))[: limits.MAX_HUBS]
        changes["self_url"] = parsed.self_url or next((target for rel, target in found if rel == "self"), None)
    if parsed.language is None and "," not in (language_tag := headers.get("content-language", "")):
        changes["language"] = language(language_tag)
    if parsed.link is None and parsed.format not in ("news_sitemap", "sitemap_index"):
        changes["link"] = changes.get("self_url") or parsed.self_url or url
    return msgspec.structs.replace(parsed, **changes) if changes else parsed


def _inflate(body: bytes, where: str) -> bytes:
    """Return a .gz file's content; whatever follows its end is passed over."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        data = inflater.decompress(body, limits.MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise PermanentError(f"{where} is a broken .gz file ({error})", code="bad_encoding") from error
    if len(data) > limits.MAX_BODY_BYTES:
        raise TooLarge(f"{where} inflates to more than the {limits.MAX_BODY_BYTES} bytes that are read of a feed")
    if not inflater.eof:
        raise PermanentError(f"{where} is a .gz file that ends too early", code="bad_encoding")
    return data
