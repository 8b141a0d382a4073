"""Raw values of an entry (`RawEntry`), and the rules that make an `Entry` of them, the same for every parser.

Parsers (`xml_feed`, `fallback`, `json_feed`, `news_sitemap`) fill a `RawEntry`; `finish` chooses link and dates, converts to
plain text and cuts to the limits. So two parsers that find the same values give the same entry.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from ..model.records import Attachment, Entry
from . import feed_dates, limits
from .links import absolute
from .plain_text import as_html, cleaned, closes_its_tags, looks_like_html, plain, repair_mojibake, without_cdata

#: How good a link is as an entry's address, by its rel; smaller is better. What is not here is no address of the entry.
LINK_RANKS = {
    "original": 0,
    "alternate": 1,
    "other alternate": 2,
    "content": 3,
    "related": 6,
    "via": 6,
    "enclosure": 8,
    "self": 9,
}
HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "html", "xhtml"})
_REGISTERED = "http://www.iana.org/assignments/relation/"
#: Which date elements say when an entry appeared, and when it last changed; the first that can be read counts.
_PUBLISHED = ("published", "issued", "created", "date", "updated")
_UPDATED = ("updated", "date")
_NAME_IN_BRACKETS = re.compile(r"\S+@\S+\s*\(([^()]+)\)\s*\Z")
_NAME_BEFORE_MAIL = re.compile(r"([^<>@]+?)\s*(?:<[^<>@]*@[^<>]*>|\(\S+@\S+\))\s*\Z")
#: Characters removed from names: C0 and C1 controls, direction overrides, lone surrogates.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{1,8})*\Z")


@dataclass(slots=True)
class Text:
    """A title, a summary or content. ``is_text``: declared plain, so that "<b>" in it would mean these three letters."""

    value: str
    is_text: bool = False


@dataclass(slots=True)
class RawEntry:
    """An entry as found. ``links`` are (rank, absolute address); ``dates`` go by the words of `_PUBLISHED`."""

    title: Text | None = None
    other_title: Text | None = None
    links: list[tuple[int, str]] = field(default_factory=list)
    guid: str | None = None
    guid_is_link: bool = False
    dates: dict[str, str] = field(default_factory=dict)
    authors: list[str] = field(default_factory=list)
    summary: Text | None = None
    other_summary: Text | None = None
    content: Text | None = None
    language: str | None = None
    categories: list[str] = field(default_factory=list)
    image: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    comments: str | None = None
    rights: str | None = None


T = TypeVar("T")


def newest(items: list[T], dated: Callable[[T], Entry]) -> list[T]:
    """At most `limits.MAX_ENTRIES` of ``items``: the first ones, or the last ones where the last item is newer than the
    first, as in archives and some sitemaps; ``dated`` makes an entry of an item."""
    if len(items) <= limits.MAX_ENTRIES:
        return items
    first, last = dated(items[0]).published, dated(items[-1]).published
    ascending = first is not None and last is not None and last > first
    return items[-limits.MAX_ENTRIES :] if ascending else items[: limits.MAX_ENTRIES]


def rels(given: str | None) -> list[str]:
    """Return the words of a link's rel, in lower case, those that are written as registered addresses by their name."""
    return [word.removeprefix(_REGISTERED) for word in (given or "alternate").lower().split()]


def rank(rel: str, media_type: str) -> int | None:
    """Return the rank of a link element with this rel and type, or None where it is no address of its entry."""
    if rel == "alternate" and media_type not in HTML_TYPES:
        return LINK_RANKS["other alternate"]
    return LINK_RANKS.get(rel)


def finish(raw: RawEntry, *, base: str | None, now: datetime) -> Entry:
    """Return the `Entry` that ``raw`` describes.

    Args:
        raw: What a parser found.
        base: What a relative permalink in the guid counts from.
        now: The time now, aware: dates too far after it are absurd.
    """
    published, published_raw = _date(raw.dates, _PUBLISHED, now)
    updated, updated_raw = _date(raw.dates, _UPDATED, now)
    title = line(raw.title) or line(raw.other_title)
    content = body(raw.content)
    return Entry(
        title=title,
        link=_link(raw, base),
        guid=identifier(raw.guid),
        published=published,
        published_raw=published_raw,
        updated=updated,
        updated_raw=updated_raw,
        author=_author(raw.authors),
        summary=body(raw.summary) or body(raw.other_summary),
        content=content,
        language=language(raw.language),
        categories=_categories(raw.categories),
        image=raw.image or _first_picture(raw.attachments),
        attachments=tuple(raw.attachments[: limits.MAX_ATTACHMENTS]),
        comments=raw.comments,
        rights=line(Text(raw.rights)) if raw.rights else None,
    )


def line(text: Text | None) -> str | None:
    """Return a title or name as one line of plain text, or None."""
    if text is None:
        return None
    value = without_cdata(text.value[: 32 * limits.MAX_LINE_CHARS])
    if text.is_text and "<" in value and not (looks_like_html(value) and closes_its_tags(value)):
        return cleaned(value)[: limits.MAX_LINE_CHARS] or None
    return plain(value, max_chars=limits.MAX_LINE_CHARS)


def body(text: Text | None) -> str | None:
    """Return a summary or content as HTML, or None."""
    if text is None:
        return None
    value = repair_mojibake(without_cdata(text.value.strip()))
    if text.is_text:
        value = as_html(value)
    return value[: limits.MAX_TEXT_CHARS] or None


def identifier(guid: str | None) -> str | None:
    """``guid`` as given, without white space around it and with controls as blanks; a very long one by its start and its
    SHA-256. Not in NFC: two spellings are two guids."""
    guid = _CONTROLS.sub(" ", guid).strip() if guid else None
    if guid and len(guid) > limits.MAX_GUID_CHARS:
        digest = hashlib.sha256(guid.encode("utf-8", "replace")).hexdigest()
        return f"{guid[:200]}#sha256:{digest}"
    return guid or None


def language(tag: str | None) -> str | None:
    """Return a language tag such as ``en-GB``, or None where it is none."""
    tag = tag.strip() if tag else ""
    return tag.replace("_", "-") if len(tag) <= 35 and _LANGUAGE.match(tag) else None


def _link(raw: RawEntry, base: str | None) -> str | None:
    best = min(raw.links, key=lambda link: link[0], default=None)
    if raw.guid and raw.guid_is_link and (best is None or best[0] > LINK_RANKS["via"]):
        guid = raw.guid.strip()
        if guid.startswith(("http://", "https://", "/")) and (found := absolute(guid, base)):
            return found
    if best is not None:
        return best[1]
    return next((item.url for item in raw.attachments), None)


def _date(dates: dict[str, str], words: tuple[str, ...], now: datetime) -> tuple[datetime | None, str | None]:
    """Return the first date of ``words`` that can be read with its raw form; else None with the first raw form there is."""
    first_raw = None
    for word in words:
        if value := dates.get(word):
            value = value.strip()
            if found := feed_dates.parse(value, now=now):
                return found, value[: feed_dates.MAX_CHARS]
            first_raw = first_raw or value[: feed_dates.MAX_CHARS] or None
    return None, first_raw


def _author(names: list[str]) -> str | None:
    """Return the authors in their order, each once, joined by commas; an e-mail address gives way to the name beside it."""
    kept: dict[str, None] = {}
    for name in names[: limits.MAX_AUTHORS]:
        text = plain(name[:500])
        if text is None:
            continue
        if "@" in text and (match := _NAME_IN_BRACKETS.match(text) or _NAME_BEFORE_MAIL.match(text)):
            text = match[1].strip()
        kept[text] = None
    return ", ".join(kept)[: limits.MAX_LINE_CHARS] or None


def _categories(names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    kept = {text: None for name in names[: 2 * limits.MAX_CATEGORIES] if (text := plain(name[:300]))}
    return tuple(kept)[: limits.MAX_CATEGORIES]


def _first_picture(attachments: list[Attachment]) -> str | None:
    return next((a.url for a in attachments if (a.type or "").startswith("image")), None)
