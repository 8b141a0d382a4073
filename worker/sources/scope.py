"""Base URL and language in scope of an element, and the text of elements; shared by feed and entry. Pure functions."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from lxml import etree

from .entry import Text
from .links import Base, absolute
from .markup import inner, unwrapped
from .plain_text import remove_controls
from .xml_names import name

_XML = "{http://www.w3.org/XML/1998/namespace}"
_BASE, _LANG = _XML + "base", _XML + "lang"
_PLAIN_TYPES = frozenset({"", "text", "text/plain", "plain"})


@dataclass(slots=True)
class Scope:
    """Scope of an element: the base and language it inherits, and whether such attributes occur in the document."""

    base: Base
    language: str | None
    has_xml_base: bool
    has_xml_lang: bool
    is_atom: bool

    def inside(self, element: etree._Element) -> Scope:
        """Return the scope of the element's content."""
        base, language_tag = self.base, self.language
        if self.has_xml_base and (given := element.get(_BASE)) is not None:
            base = base.nearer(given)
        if self.has_xml_lang and (given := element.get(_LANG)) is not None:
            language_tag = given
        if base is self.base and language_tag == self.language:
            return self
        return Scope(base, language_tag, self.has_xml_base, self.has_xml_lang, self.is_atom)

    def at_site(self, site: str | None) -> Scope:
        """Return the scope with the base of `Base.at_site`."""
        base = self.base.at_site(site)
        if base is self.base:
            return self
        return Scope(base, self.language, self.has_xml_base, self.has_xml_lang, self.is_atom)

    def resolve(self, element: etree._Element, href: str) -> str | None:
        """``href``, as an attribute or the text of ``element``, made absolute."""
        base = self.base
        if self.has_xml_base and (given := element.get(_BASE)) is not None:
            base = base.nearer(given)
        return absolute(href, base.url)


def text_of(element: etree._Element, scope: Scope) -> Text:
    """The value of an Atom text construct or an RSS element: markup inside it, base64 undone, else its text, which is HTML
    unless Atom's type says plain text (RSS never says)."""
    given = (element.get("type") or "").lower()
    mode = (element.get("mode") or "").lower()
    if len(element):
        return Text(unwrapped(element))
    value = element.text or ""
    if mode == "base64" or (given and "/" in given and not given.startswith("text/") and not given.endswith("xml")):
        return Text(_decode_base64(value))
    if given == "xhtml":
        return Text(inner(element))
    is_text = scope.is_atom and given in _PLAIN_TYPES and mode != "escaped"
    return Text(value, is_text)


def _decode_base64(value: str) -> str:
    try:
        return remove_controls(base64.b64decode(value, validate=False).decode("utf-8"))
    except (binascii.Error, ValueError):
        return value


def string_of(element: etree._Element) -> str:
    """Return an element's text, its children's included."""
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


def identifier_of(element: etree._Element, scope: Scope) -> str:
    """Return a guid or id; see `Base.identifier`."""
    return scope.inside(element).base.identifier(string_of(element).strip())


def person_of(element: etree._Element) -> list[str]:
    """Return a person construct's name, else its e-mail address, else the element's own text."""
    if not len(element):
        return [element.text] if element.text else []
    found = {name(child).rpartition(":")[2].lstrip("?"): string_of(child).strip() for child in element}
    best = found.get("name") or found.get("email") or (element.text or "").strip()
    return [best] if best else []
