"""HTTP dates as they are stored: seconds since 1970 where those give the text back as it was."""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache


@lru_cache(4096)
def from_http_date(text: str | None) -> str | int | None:
    """Return an HTTP date as whole seconds since 1970 where `to_http_date` gives back the same text, else the text."""
    try:
        at = int(parsedate_to_datetime(text).timestamp()) if text else None
        return at if at is not None and at > 0 and formatdate(at, usegmt=True) == text else text
    except (ValueError, OverflowError):
        return text


@lru_cache(4096)
def to_http_date(stored: str | int | None) -> str | None:
    """Return the text that `from_http_date` was given."""
    return formatdate(stored, usegmt=True) if isinstance(stored, int) else stored
