"""OPML, the list of feeds that readers exchange: in and out, with groups. Pure; no network, no entities, no recursion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
from lxml import etree

from ..encoding import charset
from ..errors import NotAFeed, TooLarge
from ..sources import limits, xml_repair
from ..sources.links import absolute
from ..sources.plain_text import cleaned, plain
from ..sources.xml_names import local

#: Feeds of one list. The largest published lists have some 60,000.
MAX_FEEDS = 200_000
#: Groups within groups beyond this are joined to the last one kept.
MAX_NESTING = 20
_ADDRESS_KEYS = ("xmlurl", "feedurl", "url")
_NOT_A_FEED = frozenset({"link", "include", "html"})
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class OpmlFeed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One feed of a list. ``group`` are the titles of the outlines around it, the outermost first."""

    url: str
    title: str | None = None
    site_url: str | None = None
    group: tuple[str, ...] = ()
    description: str | None = None
    language: str | None = None


def read(body: bytes) -> list[OpmlFeed]:
    """Return the feeds of an OPML document in its order, each address once (its first group counts).

    Damaged documents (stray ampersands, wrong character set, missing end) are read as far as they go.

    Raises:
        NotAFeed: It is no OPML.
        TooLarge: More than 15 MiB or `MAX_FEEDS` feeds.
    """
    if len(body) > limits.MAX_BODY_BYTES:
        raise TooLarge(f"the OPML document has more than {limits.MAX_BODY_BYTES} bytes; split it")
    document = xml_repair.open_document(charset.decode(body).text)
    if local(document.root) not in ("opml", "outline", "body"):
        found = f"its root element is {document.root[:40]!r}" if document.root else "it has no element at all"
        raise NotAFeed(
            f"the document is no OPML: {found}; export the list of feeds from your reader again", code="not_opml"
        )
    root = _tree(document)
    if root is None:
        raise NotAFeed("the OPML document is too broken to be read; export it again", code="not_opml")
    kept: dict[str, OpmlFeed] = {}
    for outline, group in _outlines(root):
        feed = _feed(outline, group)
        if feed is not None and feed.url not in kept:
            kept[feed.url] = feed
            if len(kept) > MAX_FEEDS:
                raise TooLarge(f"the OPML document lists more than {MAX_FEEDS} feeds; split it")
    return list(kept.values())


def write(feeds: Iterable[OpmlFeed], *, title: str = "Dateline feeds") -> bytes:
    """OPML 2.0 in UTF-8; `read` gives the same feeds back, grouped in the order in which groups first appear."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _legal(title)
    body = etree.SubElement(root, "body")
    groups: dict[tuple[str, ...], etree._Element] = {(): body}
    for feed in feeds:
        parent = _group(groups, feed.group)
        given = {
            "type": "rss",
            "text": feed.title or feed.url,
            "title": feed.title,
            "xmlUrl": feed.url,
            "htmlUrl": feed.site_url,
            "description": feed.description,
            "language": feed.language,
        }
        etree.SubElement(parent, "outline", {key: _legal(value) for key, value in given.items() if value})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _group(groups: dict[tuple[str, ...], etree._Element], path: tuple[str, ...]) -> etree._Element:
    """Return the outline of the group ``path``, made where it is not there yet."""
    for depth in range(1, len(path) + 1):
        inner = path[:depth]
        if inner not in groups:
            name = _legal(inner[-1])
            groups[inner] = etree.SubElement(groups[inner[:-1]], "outline", text=name, title=name)
    return groups[path]


def _tree(document: xml_repair.Opened) -> etree._Element | None:
    for attempt in range(3):
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
            remove_pis=True, recover=attempt == 2,
        )  # fmt: skip
        if attempt == 1:
            document = xml_repair.repair(document)
        try:
            return etree.fromstring(document.text.encode("utf-8", "replace"), parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
    return None


def _outlines(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Every outline with the titles of those around it, in document order."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, group = waiting.pop()
        inside = group
        if local(str(element.tag)) == "outline":
            yield element, group
            name = _title(element)
            if name and _address(element) is None and len(group) < MAX_NESTING:
                inside = (*group, name)
        waiting += [(child, inside) for child in reversed(element)]


def _feed(outline: etree._Element, group: tuple[str, ...]) -> OpmlFeed | None:
    url = _address(outline)
    if url is None:
        return None
    given = _folded(outline)
    title = _title(outline)
    site = absolute(given.get("htmlurl", ""), None)
    if not group and (category := given.get("category", "").split(",")[0].strip(" /")):
        # OPML 2.0 has groups as an attribute, too: "/World/Asia,/Press".
        group = tuple(name for part in category.split("/")[:MAX_NESTING] if (name := cleaned(part)))
    return OpmlFeed(
        url=url,
        title=title if title != url else None,
        site_url=site if site and site.startswith("http") else None,
        group=group,
        description=plain(given.get("description", "")[:2_000], max_chars=500),
        language=given.get("language") if 2 <= len(given.get("language", "")) <= 20 else None,
    )


def _address(outline: etree._Element) -> str | None:
    """Return the feed address of an outline, or None where it is a group or a plain link."""
    given = _folded(outline)
    for key in _ADDRESS_KEYS:
        if key == "url" and given.get("type", "").lower() in (*_NOT_A_FEED, ""):
            continue
        address = absolute(given.get(key, ""), None)
        if address and address.startswith(("http://", "https://")):
            return address
    return None


def _title(outline: etree._Element) -> str | None:
    given = _folded(outline)
    return cleaned((given.get("title") or given.get("text") or "")[:1_000]) or None


def _folded(outline: etree._Element) -> dict[str, str]:
    return {str(key).lower(): str(value) for key, value in outline.attrib.items()}


def _legal(text: str) -> str:
    """``text`` without characters that XML cannot hold."""
    return _ILLEGAL.sub("", text)
