"""Everything a page says about itself in tags made for that, collected in one pass over the tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from ..text import plain, text_of

_MAX_VALUES = 12
_MAX_META = 400


@dataclass(slots=True)
class Head:
    """``meta`` maps a lower-case name, property or itemprop to its contents in order; the rest is what its name says."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    title: str | None = None
    canonical: str | None = None
    amp: str | None = None
    language: str | None = None
    base: str | None = None
    headings: list[tuple[str, etree._Element]] = field(default_factory=list)
    times: list[etree._Element] = field(default_factory=list)
    licence: str | None = None

    def first(self, *names: str) -> str | None:
        """The first content under the first of ``names`` that the page has."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return None

    def all(self, *names: str) -> list[str]:
        """All contents under ``names``, in order, each once."""
        return list(dict.fromkeys(v for name in names for v in self.meta.get(name, ()) if v))


def read_head(root: etree._Element) -> Head:
    """One pass over the elements that carry metadata, wherever on the page they stand."""
    head = Head(language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"))
    count = 0
    for element in root.iter("meta", "link", "title", "h1", "time", "base"):
        tag = element.tag
        if tag == "meta":
            count += 1
            if count < _MAX_META:
                _take_meta(head, element)
        elif tag == "link":
            _take_link(head, element)
        elif tag == "title":
            if head.title is None and element.text and (title := plain(element.text)):
                head.title = title
        elif tag == "h1":
            if len(head.headings) < _MAX_VALUES and (text := text_of(element)):
                head.headings.append((text, element))
        elif tag == "time":
            if len(head.times) < _MAX_VALUES:
                head.times.append(element)
        elif head.base is None:
            head.base = element.get("href")
    return head


def _take_meta(head: Head, element: etree._Element) -> None:
    content = element.get("content")
    if content is None:
        return
    equivalent = (element.get("http-equiv") or "").lower()
    if equivalent == "content-language" and head.language is None:
        head.language = content
    value = plain(content)
    if value is None:
        return
    for attribute in ("property", "name", "itemprop"):
        name = element.get(attribute)
        if name:
            values = head.meta.setdefault(name.strip().lower(), [])
            if len(values) < _MAX_VALUES * 4:
                values.append(value)


def _take_link(head: Head, element: etree._Element) -> None:
    relation = (element.get("rel") or "").lower().split()
    target = element.get("href")
    if not target:
        return
    if "canonical" in relation and head.canonical is None:
        head.canonical = target
    elif "amphtml" in relation and head.amp is None:
        head.amp = target
    elif "license" in relation and head.licence is None:
        head.licence = target
