"""Links as feeds write them, made absolute. Pure; no canonicalisation here (that is `dateline.extract.canonical`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from ..urls.parts import SURROGATE
from .limits import MAX_LINK_CHARS
from .plain_text import without_cdata

_WEB = ("http://", "https://")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
#: "www.paper.example/story": the scheme is left out, as people write it.
_HOST_ONLY = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?::\d{1,5})?(?:[/?#]|\Z)", re.IGNORECASE)
_CONTROL = re.compile(r"[\t\n\r\x00-\x1f\x7f]+")
_ODD = re.compile(r"[\s\x00-\x1f\x7f\ud800-\udfff\[\]\\]|[^\x00-\x7f]")  # brackets and foreign hosts can break urlsplit
#: What is seen by nobody, or turns the rest of a line round: escaped, so that the address still leads where it did.
_UNSEEN = re.compile("[\x80-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LINK_HEADER = re.compile(r'<([^<>]{1,2000})>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


def absolute(href: str, base: str | None) -> str | None:
    """``href`` as an absolute http or https address, or None where it is another scheme, empty, too long or broken.

    Without a base, a relative ``href`` is given back as it is: better known than lost.
    """
    href = href.strip()
    if href.startswith(_WEB) and not _ODD.search(href):
        return href if len(href) <= MAX_LINK_CHARS else None
    href = without_cdata(_CONTROL.sub("", href)).strip().replace(" ", "%20")
    if not href:
        return None
    if _HOST_ONLY.match(href):
        href = f"http://{href}"
    if not href.isascii():
        href = _UNSEEN.sub(lambda found: quote(found.group()), href)
    if href.startswith("feed:"):
        href = href[5:] if href[5:].startswith(_WEB) else "http:" + href[5:]
    if len(href) > MAX_LINK_CHARS or SURROGATE.search(href):
        return None
    scheme = _SCHEME.match(href)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return None
    if not scheme and base is None:
        return href
    try:
        joined = urljoin(base or "", href)
        urlsplit(joined)
    except ValueError:
        return None  # "http://[::1" and the like
    return joined if joined[:8].lower().startswith(_WEB) else None


@dataclass(frozen=True, slots=True)
class Base:
    """What relative links count from. ``explicit``: the publisher said so (Content-Location, xml:base); else it is only
    where the document came from."""

    url: str | None
    explicit: bool = False

    def nearer(self, xml_base: str) -> Base:
        """This base after one more xml:base attribute; a broken or non-web one is ignored."""
        found = absolute(xml_base, self.url)
        return Base(found, True) if found and found.startswith(_WEB) else self

    def at_site(self, site: str | None) -> Base:
        """This base, or the site's own address where the feed comes from another host and nothing explicit was said:
        feeds served by a feed service have links that count from the site."""
        if self.explicit or not site or not site.startswith(_WEB):
            return self
        return Base(site) if self.url is None or _host(site) != _host(self.url) else self

    def identifier(self, guid: str) -> str:
        """``guid`` as given; only a path is made absolute, and only against an explicit base: ids must survive a move."""
        if self.explicit and "/" in guid and not _SCHEME.match(guid):
            return absolute(guid, self.url) or guid
        return guid


def base_of(url: str | None, headers: Mapping[str, str]) -> Base:
    """Return the base before any xml:base: Content-Location where it is a web address, else the URL."""
    location = headers.get("content-location", "").strip()
    if location and (found := absolute(location, url)) and found.startswith(_WEB):
        return Base(found, True)
    return Base(url)


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].lower().removeprefix("www.")


def from_header(value: str, base: str | None) -> list[tuple[str, str]]:
    """Return the (rel, absolute address) pairs of an HTTP Link header (RFC 8288), one for each rel word."""
    pairs = []
    for match in _LINK_HEADER.finditer(value[:16_384]):
        rel = _REL.search(match[2])
        target = absolute(match[1], base)
        if rel and target:
            pairs += [(word.lower(), target) for word in (rel[1] or rel[2] or "").split()]
    return pairs
