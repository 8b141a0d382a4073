"""The RSS 2.0 feed of a search: its newest articles, each with its events in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from .rows import Row

_SPACES = {"atom": "http://www.w3.org/2005/Atom", "dc": "http://purl.org/dc/elements/1.1/"}
#: What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rss(results: Sequence[Row], *, title: str, page: str, own: str, base: str) -> bytes:
    """Return the feed's XML.

    Args:
        results: Articles, as `dateline.index.cards.search` gives them.
        page: Address of the search on the desk.
        own: Address of the feed.
        base: Scheme and host of the desk.
    """
    root = ElementTree.Element("rss", version="2.0")
    for prefix, name in _SPACES.items():
        ElementTree.register_namespace(prefix, name)
    channel = ElementTree.SubElement(root, "channel")
    _text(channel, "title", title)
    _text(channel, "link", page)
    ElementTree.SubElement(
        channel, f"{{{_SPACES['atom']}}}link", rel="self", type="application/rss+xml", href=_FORBIDDEN.sub("", own)
    )
    _text(channel, "description", "Articles that match a search of the Dateline desk")
    for result in results:
        item = ElementTree.SubElement(channel, "item")
        _text(item, "title", result["title"] or "(no headline)")
        _text(item, "link", result["url"] or f"{base}/desk?view=wire&article={result['article']}")
        _text(item, "guid", f"{result['article']}/{result['revision']}").set("isPermaLink", "false")
        _text(item, "pubDate", format_datetime(datetime.fromtimestamp(result["at"] / 1000, UTC)))
        if result["publisher"]:
            _text(item, f"{{{_SPACES['dc']}}}creator", result["publisher"])  # an author needs an address of mail
        _text(item, "description", " · ".join(map(_sentence, result["events"])) or result["excerpt"]["text"])
        for kind in dict.fromkeys(event["type"] for event in result["events"]):
            _text(item, "category", kind)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _sentence(event: Row) -> str:
    actors, recipients = (", ".join(party["name"] for party in event[side]) for side in ("actors", "recipients"))
    who = f"{actors or 'unnamed'}{' → ' + recipients if recipients else ''}"
    where = f", {event['place']}" if event["place"] else ""
    return f"{event['type']}: {who}{where} ({event['confidence']:.2f})"


def _text(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = _FORBIDDEN.sub("�", text)
    return element
