"""The ids of feeds and articles: hashes of their names. Pure."""

from __future__ import annotations

import base64
import hashlib


def digest(name: str, size: int = 10) -> bytes:
    """``size`` bytes that stand for a name; raw guids and URLs are never stored in keys."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def article_id(name: str) -> str:
    """Return the public id of the article first seen under this name: 16 lower-case letters and digits."""
    return base64.b32encode(digest(name)).decode().lower()


def feed_id(url: str) -> str:
    """Return the id of the feed with this address."""
    return base64.b32encode(digest("feed " + url)).decode().lower()
