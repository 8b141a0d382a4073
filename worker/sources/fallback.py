"""Reads what the fast parser (`xml_feed`) does not, with feedparser. The only module that imports feedparser.

Its known weaknesses are avoided: comments, processing instructions and document types are removed first, and repeated
elements are limited (`floods`). Its sanitiser and link rewriting are slow and off; stored HTML is made safe where it is shown.
Malformed input yields malformed values, e.g. strings for lists, so all values are read through `_Node`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import feedparser

from ..errors import NotAFeed, PermanentError
from ..model.records import Attachment, ParsedFeed
from . import feed_dates, limits
from .entry import LINK_RANKS, RawEntry, Text, finish, identifier, language, line, rank
from .floods import bound
from .hints import Hints
from .links import Base, absolute
from .media import length, media_type
from .plain_text import plain, unescape
from .xml_repair import Opened, remove_comments

_GUID_KEY = "dateline_guid"
_GUID = re.compile(r"<(/?)guid\b([^<>]*)>", re.IGNORECASE)
_NO_LINK = re.compile(r"ispermalink\s*=\s*[\"']?\s*false", re.IGNORECASE)
_SKIP = re.compile(r"<skip(hours|days)>(.{0,3000}?)</skip", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"<(?:hour|day)>\s*(\w{1,9})", re.IGNORECASE)
_SKIP_CHARS = 65_536
#: Exceptions that feedparser raises on malformed input: unpacking, int(None), missing keys, sgmllib's assertions.
_FEEDPARSER_ERRORS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError, OverflowError)


class _Node:
    """One of feedparser's dictionaries, read by type: a value of another type counts as missing."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def _get(self, key: str) -> object:
        # Its own look-up gives "published" where "updated" is missing, and warns; "enclosures" it works out of the links.
        if key != "enclosures" and key not in self._values.keys():  # noqa: SIM118  # its "in" follows the same detour
            return None
        return self._values.get(key)

    def text(self, key: str) -> str:
        """Return a string, empty where it is missing."""
        value = self._get(key)
        return value if isinstance(value, str) else ""

    def node(self, key: str) -> _Node:
        """Return a dictionary, empty where it is missing."""
        value = self._get(key)
        return _Node(value if isinstance(value, Mapping) else {})

    def nodes(self, key: str) -> list[_Node]:
        """Return the dictionaries of a list."""
        value = self._get(key) if key != "enclosures" or isinstance(self._get("links"), list) else None
        return [_Node(one) for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

    def put(self, key: str, value: str) -> None:
        """Set a string."""
        self._values = {**self._values, key: value}

    def is_true(self, key: str, default: bool) -> bool:
        """Return a flag."""
        value = self._get(key)
        return default if value is None else bool(value)


def parse(document: Opened, *, base: Base, where: str, now: datetime) -> ParsedFeed:
    """Parse the feed in ``document``.

    Args:
        document: Text from its root element on, without declarations.
        base: What relative links count from.
        where: How to name the document in an error.
        now: The time now, aware.
    Raises:
        PermanentError: feedparser fails by bugs of its own.
        NotAFeed: feedparser finds neither a known version nor an entry.
    """
    text, said = bound(remove_comments(document.text))
    text = _GUID.sub(_rename_guid, text)
    found = _parse_with_feedparser(text, base, where)
    entries = found.nodes("entries")
    version = found.text("version")
    if not version and not entries:
        raise NotAFeed(
            f"{where} is XML with the root element {document.root[:40]!r}, not RSS, Atom, RDF or "
            "a news sitemap; use the feed's own URL"
        )
    if found.is_true("bozo", False):
        said.append(limits.LOOSE)
        _unescape_guids(entries)
    return _feed(found.node("feed"), version, entries, base.url, _read_skips(text), now, said)


def _parse_with_feedparser(text: str, base: Base, where: str) -> _Node:
    """Parse ``text`` with feedparser; where its strict parser raises, with its tolerant one."""
    headers = {"content-type": "application/xml; charset=utf-8"}
    if base.explicit and base.url:
        headers["content-location"] = base.url
    # A lone ampersand before the root is what no strict parser takes, and what the tolerant one passes over.
    for start in ('<?xml version="1.0" encoding="utf-8"?>\n', "<?xml version='1.0' encoding='utf-8'?>\n& "):
        try:
            found = feedparser.parse(
                (start + text).encode("utf-8", "replace"),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except _FEEDPARSER_ERRORS as error:
            failure = error
        else:
            return _Node(found)
    raise PermanentError(
        f"{where} is so broken that no parser reads it ({type(failure).__name__} in feedparser); tell its publisher",
        code="parse_error",
    ) from failure


def _read_skips(text: str) -> Hints:
    """Read skipHours and skipDays, which feedparser discards."""
    hints = Hints()
    for block in _SKIP.finditer(text[:_SKIP_CHARS]):
        (hints.hours if block[1].lower() == "hours" else hints.days).extend(_SKIPPED.findall(block[2])[:48])
    return hints


def _rename_guid(tag: re.Match[str]) -> str:
    """Rename a guid tag so that feedparser keeps its content: it would resolve "t3_42" as a path, and an entry's identity must
    not depend on which parser read it."""
    if tag[1]:
        return "</dateline_guid>"
    return "" if tag[2].endswith("/") else f"<dateline_guid>{0 if _NO_LINK.search(tag[2]) else 1}:"


def _unescape_guids(entries: list[_Node]) -> None:
    """Unescape guids: the tolerant parser leaves unknown elements escaped, the strict one does not."""
    for entry in entries:
        if guid := entry.text(_GUID_KEY):
            entry.put(_GUID_KEY, unescape(guid))


def _feed(
    node: _Node, version: str, entries: list[_Node], base: str | None, hints: Hints, now: datetime, said: list[str]
) -> ParsedFeed:
    kind = "rdf" if version in ("rss090", "rss10") else "atom" if version.startswith("atom") else "rss"
    hints.ttl, hints.period = node.text("ttl"), node.text("sy_updateperiod")
    hints.frequency = node.text("sy_updatefrequency") or None
    links: list[tuple[int, str]] = []
    for rel, media, target in _links(node, base):
        if rel == "self":
            hints.self_url = hints.self_url or target
        elif rel == "hub":
            hints.add_hub(target)
        elif rel == "alternate":
            links.append((rank(rel, media) or 0, target))
    own_id = node.text("id")
    feed_authors = _authors(node) if kind == "atom" else []
    language_tag = node.text("language")
    return ParsedFeed(
        format=kind,
        title=line(_text(node, "title")),
        link=min(links, key=lambda link: link[0])[1] if links else absolute(node.text("link") or own_id, base),
        id=identifier(own_id),
        language=language(language_tag),
        updated=feed_dates.parse(node.text("updated") or node.text("published"), now=now),
        entries=tuple(
            finish(_entry(entry, base, feed_authors, language_tag, kind), base=base, now=now) for entry in entries
        ),
        notes=tuple(said),
        parser="feedparser",
        **hints.fields(),
    )


def _entry(node: _Node, base: str | None, feed_authors: list[str], feed_language: str, kind: str) -> RawEntry:
    raw = RawEntry(title=_text(node, "title"), guid=node.text("id") or None, summary=_text(node, "summary"))
    raw.guid_is_link = kind == "rdf" or node.is_true("guidislink", True)
    if own := node.text(_GUID_KEY):
        raw.guid, raw.guid_is_link = own[2:], own.startswith("1")
    for rel, media, target in _links(node, base):
        if (quality := rank(rel, media)) is not None:
            raw.links.append((quality, target))
    if original := absolute(node.text("feedburner_origlink"), base):
        raw.links.append((LINK_RANKS["original"], original))
    raw.dates = {key: value for key in ("published", "created", "updated") if (value := node.text(key))}
    raw.authors = _authors(node) or feed_authors
    best = max(node.nodes("content"), key=lambda one: len(one.text("value")), default=_Node({}))
    if content := best.text("value"):
        raw.content = Text(content, best.text("type") == "text/plain")
        if raw.summary and raw.summary.value == content:
            raw.summary = None  # feedparser copies the content where there is no summary
    language_tag = node.node("title_detail").text("language") or best.text("language")
    raw.language = language_tag if language_tag != feed_language else None
    raw.categories = [tag.text("label") or tag.text("term") for tag in node.nodes("tags")[:100]]
    raw.attachments = list(_attachments(node, base))
    raw.image = absolute(node.node("image").text("href"), base)
    raw.comments = absolute(node.text("comments"), base)
    raw.rights = node.text("rights") or None
    return raw


def _links(node: _Node, base: str | None) -> Iterator[tuple[str, str, str]]:
    """Rel, media type and address of each link, one for each rel word."""
    for link in node.nodes("links")[: 2 * limits.MAX_ATTACHMENTS]:
        if target := absolute(link.text("href"), base):
            for rel in (link.text("rel") or "alternate").lower().split():
                yield rel, link.text("type").lower(), target


def _text(node: _Node, key: str) -> Text | None:
    value = node.text(key)
    return Text(value, node.node(key + "_detail").text("type") == "text/plain") if value else None


def _authors(node: _Node) -> list[str]:
    names = [name for author in node.nodes("authors") if (name := author.text("name") or author.text("email"))]
    return names or ([node.text("author")] if node.text("author") else [])


def _attachments(node: _Node, base: str | None) -> Iterator[Attachment]:
    credit = plain("; ".join(text for one in node.nodes("media_credit") if (text := one.text("content"))))
    rights = plain(node.node("media_copyright").text("content"))
    seen: set[str] = set()
    for key in ("enclosures", "media_content", "media_thumbnail"):
        for one in node.nodes(key)[: limits.MAX_ATTACHMENTS]:
            url = absolute(one.text("href") or one.text("url"), base)
            if url is None or url in seen:
                continue
            seen.add(url)
            given = "image" if key == "media_thumbnail" else one.text("type") or one.text("medium")
            is_media = key != "enclosures"
            yield Attachment(
                url=url,
                type=media_type(given),
                length_bytes=length(one.text("length") or one.text("filesize")),
                credit=credit if is_media else None,
                rights=rights if is_media else None,
            )
