"""The elements of an entry, RSS, RDF and Atom alike: each known name has its reader. Pure."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from ..model.records import Attachment
from . import limits, media
from .entry import HTML_TYPES, LINK_RANKS, RawEntry, Text, rank, rels
from .scope import Scope, identifier_of, person_of, string_of, text_of
from .xml_names import name

ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read_entry(element: etree._Element, scope: Scope) -> RawEntry:
    """Return what the entry ``element`` holds; ``scope`` is the one inside it."""
    raw = RawEntry(guid=element.get(ABOUT), guid_is_link=True)
    if href := element.get("HREF") or element.get("href"):  # CDF, 1997
        _add_link(raw, LINK_RANKS["alternate"], scope.resolve(element, href))
        raw.dates["updated"] = element.get("LASTMOD") or element.get("lastmod") or ""
    said: dict[str, str] = {}
    for child in element:
        key = name(child)
        read = _READERS.get(key)
        if read is not None:
            read(child, scope, raw)
        elif key in media.SAID and not said:
            said = media.said(element)
    if said:
        raw.attachments = [media.described(item, said) for item in raw.attachments]
    return raw


def _read_title(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    found = text_of(element, scope)
    if raw.title is None or not raw.title.value.strip():
        raw.title = found


def _read_other_title(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.other_title = raw.other_title or text_of(element, scope)


def _read_link(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    href = element.get("href")
    if href is None:
        _add_link(raw, LINK_RANKS["alternate"], scope.resolve(element, string_of(element)))
        return
    media_type = (element.get("type") or "").lower()
    for rel in rels(element.get("rel")):
        if rel == "enclosure":
            _read_enclosure(element, scope, raw)
        if (quality := rank(rel, media_type)) is not None:
            _add_link(raw, quality, scope.resolve(element, href))


def _add_link(raw: RawEntry, quality: int, target: str | None) -> None:
    if target and len(raw.links) < limits.MAX_ATTACHMENTS:
        raw.links.append((quality, target))


def _read_original_link(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    _add_link(raw, LINK_RANKS["original"], scope.resolve(element, string_of(element)))


def _read_guid(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.guid = identifier_of(element, scope) or raw.guid
    raw.guid_is_link = (element.get("isPermaLink") or element.get("ispermalink") or "true").strip().lower() == "true"


def _read_id(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.guid = identifier_of(element, scope) or raw.guid
    raw.guid_is_link = True


def _date_reader(word: str) -> Callable[[etree._Element, Scope, RawEntry], None]:
    def read(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
        if value := string_of(element).strip():
            raw.dates[word] = value

    return read


def _read_author(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.authors += person_of(element)


def _read_summary(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    found = text_of(element, scope)
    if raw.summary is None:
        raw.summary = found
    elif raw.content is None and found.value.strip():
        raw.content = found


def _read_other_summary(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.other_summary = raw.other_summary or text_of(element, scope)


def _read_content(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    found = text_of(element, scope)
    if found.value.strip():
        raw.content = found
    elif (src := element.get("src")) and (element.get("type") or "").lower() in HTML_TYPES:
        _add_link(
            raw, LINK_RANKS["content"], scope.resolve(element, src)
        )  # RFC 4287, 4.1.3.2: the article is over there


def _read_category(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    if len(raw.categories) < 2 * limits.MAX_CATEGORIES:
        value = element.get("label") or element.get("term") or string_of(element).strip() or element.get("text") or ""
        if value.strip():
            raw.categories.append(value)


def _read_keywords(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.categories += string_of(element)[: limits.MAX_LINE_CHARS].split(",")


def _read_enclosure(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    base = scope.inside(element).base
    if len(raw.attachments) < limits.MAX_ATTACHMENTS and (found := media.enclosure(element, base.url)):
        raw.attachments.append(found)


def _read_media(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    if len(raw.attachments) < limits.MAX_ATTACHMENTS:
        known = {item.url for item in raw.attachments}
        raw.attachments += [item for item in media.media(element, scope.base.url) if item.url not in known]
    if raw.other_summary is None and (text := media.said(element).get("text")):
        raw.other_summary = Text(text, is_text=True)


def _read_companion(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    """A podcast's transcript or chapters: a file beside the sound."""
    if url := scope.resolve(element, element.get("url") or ""):
        raw.attachments.append(
            Attachment(url=url, type=media.media_type(element.get("type")), title=name(element).rpartition(":")[2])
        )


def _read_image(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    nested = next((string_of(child) for child in element if name(child) == "url"), None)
    raw.image = raw.image or scope.resolve(
        element, element.get("href") or element.get("url") or nested or element.text or ""
    )


def _read_comments(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.comments = raw.comments or scope.resolve(element, string_of(element))


def _read_rights(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.rights = raw.rights or string_of(element).strip() or None


def _read_language(element: etree._Element, scope: Scope, raw: RawEntry) -> None:
    raw.language = raw.language or (element.text or "").strip() or None


_READERS: dict[str, Callable[[etree._Element, Scope, RawEntry], None]] = {
    "title": _read_title, "dc:title": _read_other_title, "itunes:title": _read_other_title,
    "media:title": _read_other_title, "link": _read_link, "feedburner:origlink": _read_original_link,
    "guid": _read_guid, "id": _read_id,
    "pubdate": _date_reader("published"), "published": _date_reader("published"), "issued": _date_reader("issued"),
    "dcterms:issued": _date_reader("issued"), "created": _date_reader("created"), "dcterms:created": _date_reader("created"),
    "updated": _date_reader("updated"), "modified": _date_reader("updated"), "dcterms:modified": _date_reader("updated"),
    "dc:date": _date_reader("date"), "author": _read_author, "dc:creator": _read_author, "dc:author": _read_author,
    "itunes:author": _read_author, "description": _read_summary, "summary": _read_summary, "abstract": _read_summary,
    "itunes:summary": _read_other_summary, "itunes:subtitle": _read_other_summary, "dc:description": _read_other_summary,
    "media:description": _read_other_summary, "content:encoded": _read_content, "content": _read_content,
    "xhtml:body": _read_content, "body": _read_content, "fullitem": _read_content,
    "category": _read_category, "dc:subject": _read_category, "itunes:keywords": _read_keywords,
    "media:category": _read_category, "itunes:category": _read_category, "media:keywords": _read_keywords,
    "keywords": _read_keywords,
    "enclosure": _read_enclosure, "media:content": _read_media, "media:thumbnail": _read_media,
    "media:group": _read_media, "podcast:transcript": _read_companion, "podcast:chapters": _read_companion,
    "itunes:image": _read_image,
    "image": _read_image, "comments": _read_comments, "rights": _read_rights, "copyright": _read_rights,
    "dc:rights": _read_rights, "dc:language": _read_language,
}  # fmt: skip
