"""Bytes to one tree, once: limits first, so that no extractor ever sees a page that could hurt it.

The tree is shared by everything in this package. Limits are generous against 660 real news pages (largest 1.9 MB,
17,000 elements, depth 60) and tight against what makes libxml2 or trafilatura slow: attributes of one element are
compared in pairs by the parser, depth costs recursion, elements cost everything that walks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from ..encoding.charset import decode
from ..errors import NoArticle, TooLarge
from .streamed import STREAMED_MARK, place_streamed_parts

MAX_PAGE_BYTES = 3_000_000
MAX_DEPTH = 250
MAX_ELEMENTS = 60_000
MAX_ATTRIBUTES = 240_000
MAX_ATTRIBUTES_OF_ONE_ELEMENT = 1_000

#: A tag, as HTML5 reads it: quotes count only after an equals sign.
_TAG = re.compile(r"<[a-zA-Z][^=>]*+(?:=(?:\s*+(?:\"[^\"]*+\"|'[^']*+'))?+[^=>]*+)*+(?:>|\Z)")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_BETWEEN = re.compile(r"[\s/]+")
_LONG_TAG_CHARS = 2_000
#: Characters that are none in XML: controls (white space among them is a blank), U+FFFE, U+FFFF; themselves or by number.
_CONTROLS = bytes({*range(0x20)} - set(b"\t\n\v\f\r"))
_TABLE = bytes.maketrans(b"\v\f", b"  ")
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_BLANK_REFERENCE = re.compile(rb"&#(?:0*1[12](?!\d)|[xX]0*[bBcC](?![\da-fA-F]));?")
_REFERENCE = re.compile(
    rb"&#(?:0*(?:[1-8]|1[4-9]|2\d|3[01]|6553[45])(?!\d)|[xX]0*(?:[1-8eEfF]|1[\da-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]));?"
)
_BINARY = re.compile("[\x00-\x08\x0e-\x1f\x80-\x9f\ufffd]")
_BINARY_SHARE = 0.03
_SAMPLE_CHARS = 20_000
_MAGIC = (
    b"%PDF-",
    b"MZ",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"RIFF",
)
#: The first element of feeds and site maps, which some sites serve as pages.
_FEED = re.compile(r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,500}-->\s*|<\?xml-stylesheet[^>]{0,300}\?>\s*){0,4}"
                   r"<(rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]")  # fmt: skip
_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain",
                         "application/octet-stream", "binary/octet-stream", "unknown/unknown", "application/html"})  # fmt: skip
_HEAD_ELEMENTS = frozenset({"title", "meta", "link", "script", "style", "base", "noscript", "template"})
_NAMESPACE = re.compile(r"<\?xml[^>]*\?>|\sxmlns(?::\w+)?=(?:\"[^\"]*\"|'[^']*')")


_ELEMENTS = etree.XPath("count(//*)")
_ATTRIBUTES = etree.XPath("count(//@*)")
_TOO_DEEP = etree.XPath(f"boolean(/{'*/' * MAX_DEPTH}*)")
#: Every element as lxml.html's class, found without a call into Python for each.
_ELEMENT_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page as a tree, with what the parse found out about it."""

    root: etree._Element
    charset: str


def parse_page(html: bytes, *, content_type: str | None = None) -> ParsedPage:
    """The page as an lxml tree without comments and processing instructions.

    Args:
        html: The page, already inflated.
        content_type: The HTTP header, if there was one.
    Raises:
        NoArticle: Not HTML (``unsupported_type``), or nothing in it (``empty``).
        TooLarge: Over a limit of bytes, elements, attributes or depth; the message names it.
    """
    _refuse_other_types(html, content_type)
    if len(html) > MAX_PAGE_BYTES:
        raise TooLarge(f"page of {len(html):,} bytes is over the limit of {MAX_PAGE_BYTES:,} decoded bytes")
    text, charset, _ = decode(html, content_type)
    if "\x00" in text:
        text = text.replace("\x00", "")
    sample = text[:_SAMPLE_CHARS]
    if len(_BINARY.findall(sample)) > _BINARY_SHARE * len(sample):
        raise NoArticle("the bytes are no text in any character set", code="unsupported_type")
    if feed := _FEED.match(text):
        raise NoArticle(f"the address gave a feed or site map ({feed[1]}), not an HTML page", code="unsupported_type")
    _check_markup(text)
    if text[:500].lstrip().startswith("<?xml"):
        text = _NAMESPACE.sub("", text[:2_000]) + text[2_000:]
    text = _with_open_root(text)
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True
    )
    parser.set_element_class_lookup(_ELEMENT_CLASS)
    try:
        root = etree.fromstring(_without_forbidden(text.encode("utf-8", "replace")), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NoArticle(f"the page cannot be parsed as HTML: {error}") from error
    if root is None:
        raise NoArticle("the page is empty", code="empty")
    _measure(root, text)
    _give_body(root)
    if STREAMED_MARK in text:
        place_streamed_parts(root)
    return ParsedPage(root=root, charset=charset)


def _without_forbidden(page: bytes) -> bytes:
    """``page`` without characters that XML has none of: libxml2's parser lets them through, and lxml refuses each later step
    that sets a text or an attribute with one."""
    page = page.translate(_TABLE, _CONTROLS)
    for character in _NO_CHARACTERS:
        page = page.replace(character, b"")
    return _REFERENCE.sub(b"", _BLANK_REFERENCE.sub(b" ", page))


def _with_open_root(text: str) -> str:
    """``text`` without what ends the root element too early: the parser drops all behind ``<html ... />`` or ``</html>``, where
    a browser reads on."""
    start = text.find("<html", 0, _SAMPLE_CHARS)
    end = text.find(">", start) if start >= 0 else -1
    if end > 0 and text[end - 1] == "/":
        text = f"{text[: end - 1]} {text[end:]}"
    for closing in ("</html>", "</HTML>"):
        before, found, behind = text.partition(closing)
        if found and behind and not behind.isspace():
            text = before + behind.replace(closing, "")
    return text


def _give_body(root: etree._Element) -> None:
    """HTML lets a page leave out its body's tags; the parser then keeps newer elements, ``article`` among them, in the head.
    There a browser begins the body at the first element that no head may have, and so do we. It also reads what stands behind
    the body's end as part of it."""
    head, body = root.find("head"), root.find("body")
    if body is not None:
        body.extend(list(body.itersiblings()))
    if head is None or body is not None:
        return
    children = list(head)
    first = next((n for n, child in enumerate(children) if child.tag not in _HEAD_ELEMENTS), len(children))
    body = etree.SubElement(root, "body")
    body.extend(children[first:])


def _refuse_other_types(html: bytes, content_type: str | None) -> None:
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type not in _HTML_TYPES:
        raise NoArticle(f"the address gave {media_type}, not an HTML page", code="unsupported_type")
    start = html[:512].lstrip()
    if start.startswith(_MAGIC):
        raise NoArticle(f"the bytes are no HTML page (they start with {start[:8]!r})", code="unsupported_type")
    if not start and not html.strip():
        raise NoArticle("the page is empty", code="empty")


def _check_markup(text: str) -> None:
    """Refuse by counts on the text itself, before the parser spends anything on it."""
    openings = text.count("<")
    if openings > 2 * MAX_ELEMENTS + 10_000:
        raise TooLarge(f"page with {openings:,} tags is over the limit of {MAX_ELEMENTS:,} elements")
    if _most_attributes(text) > MAX_ATTRIBUTES_OF_ONE_ELEMENT:
        # Code in scripts looks like tags too; looked at again without it, which few pages need.
        most = _most_attributes(_without_scripts(text))
        if most > MAX_ATTRIBUTES_OF_ONE_ELEMENT:
            raise TooLarge(
                f"an element with about {most:,} attributes is over the limit of {MAX_ATTRIBUTES_OF_ONE_ELEMENT:,}"
            )


def _most_attributes(text: str) -> int:
    """About how many attributes the fullest tag has."""
    most = 0
    for tag in [tag for tag in _TAG.findall(text) if len(tag) > _LONG_TAG_CHARS]:
        most = max(most, len(_BETWEEN.split(_QUOTED.sub("'' ", tag))))
    return most


def _without_scripts(text: str) -> str:
    """``text`` without script and style elements; an unclosed one ends the page, as in a browser."""
    kept: list[str] = []
    at = 0
    for opening in re.finditer(r"<(script|style)\b", text, re.IGNORECASE):
        if opening.start() < at:
            continue
        kept.append(text[at : opening.start()])
        closing = re.compile(f"</{opening.group(1)}", re.IGNORECASE).search(text, opening.end())
        if closing is None:
            return "".join(kept)
        at = closing.end()
    return "".join([*kept, text[at:]])


def _measure(root: etree._Element, text: str) -> None:
    """Refuse a tree over the limits. Elements and attributes are counted, by libxml2, only where the ``text`` has room for so
    many: an element takes a tag, or text between two where the parser adds it; an attribute takes two characters."""
    if 2 * text.count("<") + 4 > MAX_ELEMENTS and (elements := _number(_ELEMENTS(root))) > MAX_ELEMENTS:
        raise TooLarge(f"page with {elements:,} elements is over the limit of {MAX_ELEMENTS:,}")
    if len(text) > 2 * MAX_ATTRIBUTES and (attributes := _number(_ATTRIBUTES(root))) > MAX_ATTRIBUTES:
        raise TooLarge(f"page with {attributes:,} attributes is over the limit of {MAX_ATTRIBUTES:,}")
    if _TOO_DEEP(root):
        raise TooLarge(f"page nested deeper than the limit of {MAX_DEPTH}")


def _number(value: object) -> int:
    """An XPath count as an int."""
    return int(value) if isinstance(value, float) else 0
