"""Where an element stands in a feed's tree, and what its text is: the parts that feed and entry share. Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from lxml import etree

from .entry import Text
from .links import Base, absolute
from .markup import inner, unwrapped
from .plain_text import without_controls
from .xml_names import name

_XML = "{http://www.w3.org/XML/1998/namespace}"
_BASE, _LANG = _XML + "base", _XML + "lang"
_PLAIN_TYPES = frozenset({"", "text", "text/plain", "plain"})


@dataclass(slots=True)
class Frame:
    """Where an element stands: the base and language it inherits, and whether such attributes occur at all."""

    base: Base
    language: str | None
    has_xml_base: bool
    has_xml_lang: bool
    is_atom: bool

    def inside(self, element: etree._Element) -> Frame:
        """The frame of the element's content."""
        base, tongue = self.base, self.language
        if self.has_xml_base and (given := element.get(_BASE)) is not None:
            base = base.nearer(given)
        if self.has_xml_lang and (given := element.get(_LANG)) is not None:
            tongue = given
        if base is self.base and tongue == self.language:
            return self
        return Frame(base, tongue, self.has_xml_base, self.has_xml_lang, self.is_atom)

    def at_site(self, site: str | None) -> Frame:
        """The frame with the base that `Base.at_site` gives."""
        base = self.base.at_site(site)
        if base is self.base:
            return self
        return Frame(base, self.language, self.has_xml_base, self.has_xml_lang, self.is_atom)

    def resolve(self, element: etree._Element, href: str) -> str | None:
        """``href``, as an attribute or the text of ``element``, made absolute."""
        base = self.base
        if self.has_xml_base and (given := element.get(_BASE)) is not None:
            base = base.nearer(given)
        return absolute(href, base.url)


def text_of(element: etree._Element, frame: Frame) -> Text:
    """The value of an Atom text construct or an RSS element: markup inside it, base64 undone, else its text, which is HTML
    unless Atom's type says plain text (RSS never says)."""
    given = (element.get("type") or "").lower()
    mode = (element.get("mode") or "").lower()
    if len(element):
        return Text(unwrapped(element))
    value = element.text or ""
    if mode == "base64" or (given and "/" in given and not given.startswith("text/") and not given.endswith("xml")):
        return Text(_decoded(value))
    if given == "xhtml":
        return Text(inner(element))
    is_text = frame.is_atom and given in _PLAIN_TYPES and mode != "escaped"
    return Text(value, is_text)


def _decoded(value: str) -> str:
    try:
        return without_controls(base64.b64decode(value, validate=False).decode("utf-8"))
    except (binascii.Error, ValueError):
        return value


def string_of(element: etree._Element) -> str:
    """An element's text, its children's included."""
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


def identifier_of(element: etree._Element, frame: Frame) -> str:
    """A guid or id; see `Base.identifier`."""
    return frame.inside(element).base.identifier(string_of(element).strip())


def person_of(element: etree._Element) -> list[str]:
    """A person construct's name, else its e-mail address, else the element's own text."""
    if not len(element):
        return [element.text] if element.text else []
    found = {name(child).rpartition(":")[2].lstrip("?"): string_of(child).strip() for child in element}
    best = found.get("name") or found.get("email") or (element.text or "").strip()
    return [best] if best else []
