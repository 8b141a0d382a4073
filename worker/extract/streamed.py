"""Parts of a page that React's server sends late: hidden at the end, to be put by a script where a placeholder stands.

The script moves ``<div hidden id="S:1">`` to ``<template id="B:1">`` (a part that was waited for) or ``<template id="P:1">`` (a
piece of one). Until then half an article may stand in an element that says it is hidden: so on 14 of 791 pages of WCXB.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

#: What a page has that holds such parts, as bytes of its text.
STREAMED_MARK: Final = 'id="S:'
_PARTS = etree.XPath('.//div[@hidden][starts-with(@id, "S:")]')
_PLACES = etree.XPath('.//template[starts-with(@id, "B:") or starts-with(@id, "P:")]')


def place_streamed_parts(root: etree._Element) -> int:
    """Put each part at its placeholder, or show it where it stands if there is none; gives the number of parts."""
    parts, places = _elements(_PARTS(root)), _elements(_PLACES(root))
    by_number = {place.get("id", "")[2:]: place for place in reversed(places)}
    for part in parts:
        del part.attrib["hidden"]
        place = by_number.get(part.get("id", "")[2:])
        parent = place.getparent() if place is not None else None
        if place is None or parent is None or any(above is part for above in place.iterancestors()):
            continue
        _leave_tail(part)
        part.tail = place.tail
        parent.replace(place, part)
    return len(parts)


def _elements(found: object) -> list[etree._Element]:
    return [element for element in found if isinstance(element, etree._Element)] if isinstance(found, list) else []


def _leave_tail(element: etree._Element) -> None:
    """Give the text behind ``element`` to what stands before it: lxml moves it along."""
    if not element.tail:
        return
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        before.tail = (before.tail or "") + element.tail
    elif parent is not None:
        parent.text = (parent.text or "") + element.tail
