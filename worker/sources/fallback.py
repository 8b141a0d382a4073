"""feedparser, the parser of record: whatever the lean parser does not take. The only file that knows feedparser.

Its known traps are defused before it sees the text: comments, processing instructions and document types are gone, floods
are bounded (`floods`); its sanitiser and its link rewriting, both slow, are off: what we keep as HTML is made safe where it
is shown. It gives rubble for rubble, strings where lists are due: everything is read through `_Node`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import feedparser

from ..errors import NotAFeed, PermanentError
from ..model.records import Attachment, ParsedFeed
from . import feed_dates, limits, notes
from .entry import LINK_RANKS, RawEntry, Text, finish, identifier, language, line, rank
from .floods import bounded
from .hints import Hints
from .links import Base, absolute
from .media import length, media_type
from .plain_text import plain, unescaped
from .xml_repair import Opened, without_comments

_GUID_KEY = "dateline_guid"
_GUID = re.compile(r"<(/?)guid\b([^<>]*)>", re.IGNORECASE)
_NO_LINK = re.compile(r"ispermalink\s*=\s*[\"']?\s*false", re.IGNORECASE)
_SKIP = re.compile(r"<skip(hours|days)>(.{0,3000}?)</skip", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"<(?:hour|day)>\s*(\w{1,9})", re.IGNORECASE)
_SKIP_CHARS = 65_536
#: What feedparser raises on rubble: unpacking names with three parts, int(None), missing keys, sgmllib's assertions.
_ITS_BUGS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError, OverflowError)


class _Node:
    """One of feedparser's dictionaries, read by type: what is of another type is not there."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def _get(self, key: str) -> object:
        # Its own look-up gives "published" where "updated" is missing, and warns; "enclosures" it works out of the links.
        if key != "enclosures" and key not in self._values.keys():  # noqa: SIM118  # its "in" follows the same detour
            return None
        return self._values.get(key)

    def text(self, key: str) -> str:
        """A string, or an empty one."""
        value = self._get(key)
        return value if isinstance(value, str) else ""

    def node(self, key: str) -> _Node:
        """A dictionary, or an empty one."""
        value = self._get(key)
        return _Node(value if isinstance(value, Mapping) else {})

    def nodes(self, key: str) -> list[_Node]:
        """The dictionaries of a list."""
        value = self._get(key) if key != "enclosures" or isinstance(self._get("links"), list) else None
        return [_Node(one) for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

    def put(self, key: str, value: str) -> None:
        """Set a string."""
        self._values = {**self._values, key: value}

    def is_true(self, key: str, default: bool) -> bool:
        """A flag."""
        value = self._get(key)
        return default if value is None else bool(value)


def parse(document: Opened, *, base: Base, where: str, now: datetime) -> ParsedFeed:
    """The feed in ``document``.

    Args:
        document: Text from its root element on, without declarations.
        base: What relative links count from.
        where: How to name the document in an error.
        now: The time now, aware.
    Raises:
        PermanentError: feedparser fails by bugs of its own.
        NotAFeed: feedparser finds neither a known version nor an entry.
    """
    text, said = bounded(without_comments(document.text))
    text = _GUID.sub(_own_guid, text)
    found = _asked(text, base, where)
    entries = found.nodes("entries")
    version = found.text("version")
    if not version and not entries:
        raise NotAFeed(
            f"{where} is XML with the root element {document.root[:40]!r}, not RSS, Atom, RDF or "
            "a news sitemap; use the feed's own URL"
        )
    if found.is_true("bozo", False):
        said.append(notes.LOOSE)
        _undo_guids(entries)
    return _feed(found.node("feed"), version, entries, base.url, _skipped(text), now, said)


def _asked(text: str, base: Base, where: str) -> _Node:
    """What feedparser makes of ``text``. Where its strict half trips over a bug of its own, its tolerant half is asked."""
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
        except _ITS_BUGS as error:
            failure = error
        else:
            return _Node(found)
    raise PermanentError(
        f"{where} is so broken that no parser reads it ({type(failure).__name__} in feedparser); tell its publisher",
        code="parse_error",
    ) from failure


def _skipped(text: str) -> Hints:
    """The hours and days to skip, which feedparser throws away."""
    hints = Hints()
    for block in _SKIP.finditer(text[:_SKIP_CHARS]):
        (hints.hours if block[1].lower() == "hours" else hints.days).extend(_SKIPPED.findall(block[2])[:48])
    return hints


def _own_guid(tag: re.Match[str]) -> str:
    """A guid tag under a name that feedparser does not know, so that it keeps the content as it is: it would make a path
    of "t3_42", and an entry's identity must not depend on which parser read it."""
    if tag[1]:
        return "</dateline_guid>"
    return "" if tag[2].endswith("/") else f"<dateline_guid>{0 if _NO_LINK.search(tag[2]) else 1}:"


def _undo_guids(entries: list[_Node]) -> None:
    """The tolerant half leaves elements that it does not know escaped; the strict half does not."""
    for entry in entries:
        if guid := entry.text(_GUID_KEY):
            entry.put(_GUID_KEY, unescaped(guid))


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
    tongue = node.text("language")
    return ParsedFeed(
        format=kind,
        title=line(_text(node, "title")),
        link=min(links, key=lambda link: link[0])[1] if links else absolute(node.text("link") or own_id, base),
        id=identifier(own_id),
        language=language(tongue),
        updated=feed_dates.parse(node.text("updated") or node.text("published"), now=now),
        entries=tuple(finish(_entry(entry, base, feed_authors, tongue, kind), base=base, now=now) for entry in entries),
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
    tongue = node.node("title_detail").text("language") or best.text("language")
    raw.language = tongue if tongue != feed_language else None
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
