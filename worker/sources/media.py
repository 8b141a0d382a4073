"""Pictures, sound and film of an entry: enclosure, Media RSS, podcast elements, with their credit and rights. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ..model.records import Attachment
from . import limits
from .links import absolute
from .plain_text import cleaned, plain
from .xml_names import name


def enclosure(element: etree._Element, base: str | None) -> Attachment | None:
    """Return an RSS enclosure or an Atom link of that rel."""
    url = absolute(element.get("url") or element.get("href") or "", base)
    if url is None:
        return None
    return Attachment(
        url=url,
        type=media_type(element.get("type")),
        length_bytes=length(element.get("length")),
        title=cleaned(element.get("title", "")[: limits.MAX_LINE_CHARS]) or None,
    )


def media(element: etree._Element, base: str | None) -> list[Attachment]:
    """The attachments of a ``media:content``, ``media:thumbnail`` or ``media:group``, with what the group says of each."""
    kind = name(element)
    if kind == "media:group":
        found = [item for child in element for item in media(child, base)]
        return [described(item, said(element)) for item in found]
    if kind == "media:thumbnail":
        url = absolute(element.get("url") or (element.text or ""), base)
        return [Attachment(url=url, type="image")] if url else []
    if kind != "media:content":
        return []
    url = absolute(element.get("url") or "", base)
    if url is None:
        # Some put only a player or thumbnails inside.
        return [described(item, said(element)) for child in element for item in media(child, base)]
    given = media_type(element.get("type")) or element.get("medium")
    item = Attachment(url=url, type=given, length_bytes=length(element.get("fileSize") or element.get("filesize")))
    return [described(item, said(element))] if len(element) else [item]


def said(element: etree._Element) -> dict[str, str]:
    """Return what Media RSS elements directly inside ``element`` say: title, text, credit, rights; plain text."""
    found: dict[str, str] = {}
    for key, value in _descriptions(element):
        found[key] = f"{found[key]}, {value}" if key == "credit" and key in found else found.get(key, value)
    return found


def described(item: Attachment, words: dict[str, str]) -> Attachment:
    """``item`` with the words it does not have itself."""
    if not words:
        return item
    return Attachment(
        url=item.url,
        type=item.type,
        length_bytes=item.length_bytes,
        title=item.title or words.get("title"),
        text=item.text or words.get("text"),
        credit=item.credit or words.get("credit"),
        rights=item.rights or words.get("rights"),
    )


def media_type(value: str | None) -> str | None:
    """Return a media type in lower case, or None where it is none."""
    return (cleaned(value[:200]).lower()[:100] or None) if value else None


def length(value: str | None) -> int | None:
    """Return a count of bytes, or None where it is none, zero or absurd."""
    value = value.strip() if value else ""
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) <= 15 and int(value) else None


_WORDS = {
    "media:title": "title", "media:description": "text", "media:text": "text", "media:credit": "credit",
    "media:copyright": "rights", "media:license": "rights",
}  # fmt: skip
SAID = frozenset(_WORDS)


def _descriptions(element: etree._Element) -> Iterator[tuple[str, str]]:
    for child in element:
        key = _WORDS.get(name(child))
        if key and (value := plain((child.text or "")[:4_000], max_chars=2_000)):
            yield key, value
