"""HTTP dates as they are stored: seconds since 1970 where those give the text back as it was."""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

DATE_CHARS = 29  #: of "Sun, 06 Nov 1994 08:49:37 GMT"; other texts are stored as they are, and not kept here


def from_http_date(text: str | None) -> str | int | None:
    """Return an HTTP date as whole seconds since 1970 where `to_http_date` gives back the same text, else the text."""
    return _seconds(text) if text and len(text) == DATE_CHARS else text


@lru_cache(4096)
def _seconds(text: str) -> str | int:
    try:
        at = int(parsedate_to_datetime(text).timestamp())
        return at if at > 0 and formatdate(at, usegmt=True) == text else text
    except (ValueError, OverflowError):
        return text


def to_http_date(stored: str | int | None) -> str | None:
    """Return the text that `from_http_date` was given."""
    return _text(stored) if isinstance(stored, int) else stored


@lru_cache(4096)
def _text(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
