"""Reads the article's address out of an old Google News link. Pure.

``news.google.com/rss/articles/CBMi...``: the id is a Protocol Buffers message in base64, whose field 4 was the address until
2024. Newer ids hold a key that only Google can resolve; for them None.
"""

from __future__ import annotations

import base64
import binascii
import re

HOST = "news.google.com"
_ARTICLE = re.compile(r"/(?:rss/)?(?:articles|read|__i/rss/rd/articles)/(CBM[\w-]{8,2000})=*\Z")
_FIELD_4 = 0x22  #: field 4, length-delimited
_ADDRESS = re.compile(rb"https?://[!-~]+")


def decode_address(path: str) -> str | None:
    """Return the address in the path of a Google News link, None where it holds none."""
    match = _ARTICLE.match(path)
    if match is None:
        return None
    try:
        message = base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4))
    except (binascii.Error, ValueError):
        return None
    at = message.find(_FIELD_4, 0, 8)
    if at < 0:
        return None
    found = _ADDRESS.search(message, at)
    return found[0].decode("ascii") if found else None
