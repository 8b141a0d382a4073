"""JSON Feed 1 and 1.1 (jsonfeed.org) to a `ParsedFeed`. Wrong types are passed over, and noted, never trusted."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime
from typing import Any

import msgspec

from ..errors import NotAFeed
from ..model.records import Attachment, Entry, ParsedFeed
from . import limits
from .entry import LINK_RANKS, RawEntry, Text, finish, identifier, language, line, newest
from .links import absolute
from .media import media_type
from .plain_text import cleaned, remove_controls

Object = dict[str, Any]
#: A string, which stays as it is; or a comma before a closing bracket, as templates write it behind the last item.
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,\s*([}\]])', re.DOTALL)
#: What makes an object an item where the document does not name its version.
_ITEM_KEYS = frozenset({"content_html", "content_text", "url", "title", "summary"})


def parse(text: str, *, base: str | None, where: str, now: datetime) -> ParsedFeed:
    """Return the feed in ``text``.

    Args:
        text: A JSON document.
        base: What relative links count from.
        where: How to name the document in an error.
        now: The time now, aware.
    Raises:
        NotAFeed: It is no JSON, or JSON that is no feed.
    """
    document, said = _document(text, where)
    if not isinstance(document, dict) or not (_is_feed(document)):
        raise NotAFeed(
            f"{where} is JSON but no JSON Feed: it has no version of jsonfeed.org and no items; use the feed's own URL"
        )
    items = document.get("items")
    if not isinstance(items, list):
        said += [limits.WRONG_TYPES] if "items" in document else []
        items = []
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) != len(items):
        said.append(limits.WRONG_TYPES)
    if len(objects) > limits.MAX_ENTRIES:
        said.append(limits.TOO_MANY_ENTRIES)
    self_url = absolute(_text(document, "feed_url"), base) if _text(document, "feed_url") else None
    home = _text(document, "home_page_url")
    authors = _names(document)
    language_tag = language(_text(document, "language"))

    def entry(item: Object) -> Entry:
        raw = _entry(item, base or self_url)
        raw.authors = raw.authors or authors
        return finish(raw, base=base, now=now)

    return ParsedFeed(
        format="json",
        title=line(Text(_text(document, "title"))),
        link=(absolute(home, base) if home else None) or self_url,
        id=identifier(_text(document, "feed_url")),
        language=language_tag,
        self_url=self_url,
        hubs=_hubs(document, base),
        entries=tuple(map(entry, newest(objects, entry))),
        notes=tuple(dict.fromkeys(said)),
        parser="json",
    )


def _document(text: str, where: str) -> tuple[Any, list[str]]:
    """The JSON value in ``text``, and what was odd: raw line ends in strings, lone surrogates, NaN and commas
    behind the last item are let through."""
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace")), []
    except (msgspec.DecodeError, RecursionError) as error:
        failure = error
    for attempt in (text, _TRAILING_COMMA.sub(_without_comma, text)):
        try:
            return json.loads(attempt, strict=False), [limits.NOT_WELL_FORMED]
        except (ValueError, RecursionError):
            continue
    else:
        raise NotAFeed(
            f"{where} starts like JSON but is none ({failure}); use the address of an RSS, Atom or JSON feed"
        ) from failure


def _without_comma(match: re.Match[str]) -> str:
    return match[1] or match[2]


def _is_feed(document: Object) -> bool:
    version = document.get("version")
    if isinstance(version, str) and "jsonfeed.org" in version:
        return True
    items = document.get("items")
    return isinstance(items, list) and bool(items) and all(isinstance(i, dict) and _ITEM_KEYS & i.keys() for i in items)


def _entry(item: Object, base: str | None) -> RawEntry:
    raw = RawEntry()
    if title := _text(item, "title"):
        raw.title = Text(title)
    raw.guid = _text(item, "id") or None
    for key, quality in (("url", "alternate"), ("external_url", "other alternate")):
        if (href := _text(item, key)) and (target := absolute(href, base)):
            raw.links.append((LINK_RANKS[quality], target))
    raw.guid_is_link = not raw.links
    for key, word in (("date_published", "published"), ("date_modified", "updated")):
        if value := _text(item, key):
            raw.dates[word] = value
    if summary := _text(item, "summary"):
        raw.summary = Text(html.escape(summary, quote=False))
    if content := _text(item, "content_html"):
        raw.content = Text(content)
    elif plain := _text(item, "content_text"):
        raw.content = Text(html.escape(plain, quote=False))
    raw.language = _text(item, "language") or None
    raw.authors = _names(item)
    raw.categories = [tag for tag in _list(item, "tags") if isinstance(tag, str)]
    image = _text(item, "image") or _text(item, "banner_image")
    raw.image = absolute(image, base) if image else None
    for given in _list(item, "attachments")[: limits.MAX_ATTACHMENTS]:
        if isinstance(given, dict) and (url := absolute(_text(given, "url"), base)):
            size = given.get("size_in_bytes")
            raw.attachments.append(
                Attachment(
                    url=url,
                    type=media_type(_text(given, "mime_type")),
                    length_bytes=int(size) if isinstance(size, int | float) and 0 < size < 1e15 else None,
                    title=cleaned(_text(given, "title")[: limits.MAX_LINE_CHARS]) or None,
                )
            )
    return raw


def _names(item: Object) -> list[str]:
    """Return the names in ``authors`` (1.1) or ``author`` (1.0); a plain string is taken for one."""
    given = _list(item, "authors") or [item.get("author")]
    names = [
        author if isinstance(author, str) else _text(author, "name")
        for author in given
        if isinstance(author, dict | str)
    ]
    return [name for name in names if name]


def _hubs(document: Object, base: str | None) -> tuple[str, ...]:
    hubs = [
        target
        for hub in _list(document, "hubs")
        if isinstance(hub, dict)
        and _text(hub, "type").lower() == "websub"
        and (target := absolute(_text(hub, "url"), base))
    ]
    return tuple(hubs[: limits.MAX_HUBS])


def _text(item: Object, key: str) -> str:
    """Return a string, or a number as a string (ids are often numbers); else an empty one. Lone surrogates are taken out."""
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return remove_controls(str(value).encode("utf-8", "ignore").decode("utf-8")).strip()


def _list(item: Object, key: str) -> list[Any]:
    value = item.get(key)
    return value if isinstance(value, list) else []
