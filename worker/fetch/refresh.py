"""Where a page sends a browser that has read it: ``<meta http-equiv=refresh>``, or the header Refresh. Pure."""

from __future__ import annotations

import re

from ..encoding.decompress import inflate_start
from ..errors import DatelineError
from ..text.html_attributes import attributes
from ..urls import parse

#: The refresh stands in the head. Longer heads are read no further.
READ_BYTES = 16 * 1024
#: A whole document up to this long is a page that only leads on: its ``noscript`` counts, too.
_STUB_BYTES = 8 * 1024
#: A page that waits longer wants to be read, or reloads itself.
_MAX_DELAY_SECONDS = {"feed": 60, "page": 15}
_MAX_CONTENT_CHARS = 2_048
_WORDS = (b"http-equiv", b"refresh")
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?(?:-->|\Z)\s*)*"
    rb"<(?:!doctype\s+html|html|head|meta|title|script|noscript|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|textarea)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_NOSCRIPT = re.compile(r"<noscript\b.*?(?:</noscript\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(meta|base)\s((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>", re.IGNORECASE)
#: Seconds, and the address, which may be quoted; the HTML standard lets "url=" be left out.
_CONTENT = re.compile(
    r"\s*(\d{0,6})(?:\.[\d.]*)?(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?(?:'([^']*)'?.*|\"([^\"]*)\"?.*|(.*))", re.IGNORECASE
)


def refresh_target(
    body: bytes, encoding: str | None, *, kind: str, content_type: str, url: str, header: str | None = None
) -> str | None:
    """Return the address that a refresh of the page leads to, None where it has none that a browser would follow soon.

    Args:
        body: As it was sent; only the first 16 KiB after decompression are read.
        encoding: ``gzip``, ``deflate`` or None.
        kind: ``feed`` (what is HTML there is no feed) or ``page``.
        url: The page's own address: relative targets count from it, and a page that reloads itself leads nowhere.
        header: The value of the header Refresh.
    """
    limit = _MAX_DELAY_SECONDS.get(kind)
    if limit is None or not body:
        return None
    start = inflate_start(body, encoding, max_bytes=READ_BYTES + 1)
    lower = start.lower()
    if not header and not all(word in lower for word in _WORDS):
        return None
    says_html = "html" in content_type.lower() or not content_type
    if not (says_html if kind == "page" else _HTML.match(start)):
        return None
    base, content = url, header
    for tag in _TAG.finditer(_read_by_browsers(start)):
        given = attributes(tag[2])
        if tag[1].lower() == "base":
            base = given.get("href", "") or base
        elif content is None and given.get("http-equiv", "").lower() == "refresh":
            content = given.get("content")
    return _target(content or "", base, url, limit)


def _read_by_browsers(start: bytes) -> str:
    """Return the markup without comments and scripts, and without ``noscript`` unless the document is short."""
    text = _UNREAD.sub(" ", start[:READ_BYTES].decode("utf-8", "replace"))
    return text if len(start) <= _STUB_BYTES else _NOSCRIPT.sub(" ", text)


def _target(content: str, base: str, url: str, limit_seconds: int) -> str | None:
    """Return where ``content`` leads, resolved against ``base``."""
    read = _CONTENT.fullmatch(" ".join(content[:_MAX_CONTENT_CHARS].split()))
    if read is None or int(read[1] or "0") > limit_seconds:
        return None
    found = next((part for part in read.groups()[1:] if part is not None), "").strip()
    if not found:
        return None
    try:
        here = parse(url)
        target = str(parse(found, parse(base, here)))
    except DatelineError:
        return None
    return target if target.partition("#")[0] != str(here).partition("#")[0] else None
