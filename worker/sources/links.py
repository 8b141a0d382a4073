"""Links as feeds write them, made absolute. Pure; no canonicalisation here (that is `worker.extract.canonical`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from worker.sources.limits import MAX_LINK_CHARS

_WEB = ("http://", "https://")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_CONTROL = re.compile(r"[\t\n\r\x00-\x1f\x7f]+")
_ODD = re.compile(r"[\s\x00-\x1f\x7f\ud800-\udfff]")
_LINK_HEADER = re.compile(r'<([^<>]{1,2000})>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


def absolute(href: str, base: str | None) -> str | None:
    """``href`` as an absolute http or https address, or None where it is another scheme, empty, too long or broken.

    Without a base, a relative ``href`` is given back as it is: better known than lost.
    """
    href = href.strip()
    if href.startswith(_WEB) and not _ODD.search(href):
        return href if len(href) <= MAX_LINK_CHARS else None
    href = _CONTROL.sub("", href).replace(" ", "%20")
    if href.startswith("feed:"):
        href = href[5:] if href[5:].startswith(_WEB) else "http:" + href[5:]
    if len(href) > MAX_LINK_CHARS or "\ud800" <= max(href, default="") <= "\udfff":
        return None
    scheme = _SCHEME.match(href)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return None
    if not scheme and base is None:
        return href or None
    try:
        joined = urljoin(base or "", href)
    except ValueError:
        return None  # "http://[::1" and the like
    return joined if joined[:8].lower().startswith(_WEB) else None


def base_of(url: str | None, headers: Mapping[str, str]) -> str | None:
    """What relative links count from before any xml:base: Content-Location where it is a web address, else the URL."""
    location = headers.get("content-location", "").strip()
    if location and (found := absolute(location, url)) and found.startswith(_WEB):
        return found
    return url


def nearer_base(base: str | None, xml_base: str) -> str | None:
    """``base`` after one more xml:base attribute; a broken or non-web one is ignored."""
    found = absolute(xml_base, base)
    return found if found and found.startswith(_WEB) else base


def from_header(value: str, base: str | None) -> list[tuple[str, str]]:
    """The (rel, absolute address) pairs of an HTTP Link header (RFC 8288), one for each rel word."""
    pairs = []
    for match in _LINK_HEADER.finditer(value[:16_384]):
        rel = _REL.search(match[2])
        target = absolute(match[1], base)
        if rel and target:
            pairs += [(word.lower(), target) for word in (rel[1] or rel[2] or "").split()]
    return pairs
