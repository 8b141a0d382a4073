"""The markup inside an element, as HTML: XHTML content in Atom, and tags that stand unescape in RSS. Pure."""

from __future__ import annotations

from html import escape

from lxml import etree

from .xml_names import name

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


def inner(element: etree._Element) -> str:
    """What stands between the element's tags: text escaped, tags by their bare names, attributes without namespaces."""
    pieces = [escape(element.text or "", quote=False)]
    for child in element:
        _write(child, pieces)
    return "".join(pieces)


def unwrapped(element: etree._Element) -> str:
    """`inner`, without the one ``div`` that Atom wants around XHTML."""
    children = [child for child in element if isinstance(child.tag, str)]
    if len(children) == 1 and name(children[0]) in ("xhtml:div", "div", "?div"):
        around = (element.text or "") + (children[0].tail or "")
        if not around.strip():
            return inner(children[0])
    return inner(element)


def _write(element: etree._Element, pieces: list[str]) -> None:
    """Append the element, its content and its tail. As deep as the document, whose depth is limited when it is parsed."""
    if isinstance(element.tag, str):
        bare = element.tag.rpartition("}")[2]
        attributes = "".join(
            f' {key.rpartition("}")[2]}="{escape(str(value))}"'
            for key, value in element.attrib.items()
            if isinstance(key, str)
        )
        pieces.append(f"<{bare}{attributes}>")
        if bare.lower() not in _VOID or len(element) or element.text:
            pieces.append(inner(element))
            pieces.append(f"</{bare}>")
    if element.tail:
        pieces.append(escape(element.tail, quote=False))
