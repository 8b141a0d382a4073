"""Rows of the health page: feeds, groups, dead letters and notices, with failures in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...index.views import link, shown_url
from ...polling import history
from ...store.feed_state import FeedState

Row = dict[str, Any]

#: What each error code means, for people; the message itself is added where it says more.
_PLAIN = {
    "blocked": "its address is not allowed",
    "connection": "it cannot be reached",
    "dns": "its name cannot be resolved",
    "gone": "it was removed by its publisher",
    "http_status": "its server refuses the request",
    "not_a_feed": "what it sends is not a feed",
    "parse": "it cannot be parsed",
    "poison": "reading it exceeded the limits",
    "protocol": "its server broke off the answer",
    "robots": "its robots.txt forbids it",
    "throttled": "its server asks us to slow down",
    "timeout": "it did not answer in time",
    "tls": "its certificate is not accepted",
    "too_large": "it is larger than we read",
}
_STATUS = re.compile(r"\b([1-5]\d\d)\b( [A-Z][A-Za-z ]{2,30})?")
_ADDRESS = re.compile(r"https?://\S+?(?=:?\s|:?$)")
#: Names of Python's classes, what they show of themselves, and Markdown's backticks.
_PYTHON = re.compile(r"<[^<>]*>|\b(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Timeout)\b(?:\([^)]*\))?:?|`")


def plain_trouble(code: str, message: str) -> str:
    """Return why a feed or an entry failed, without class names, addresses or Markdown.

    Args:
        code: The error's code, as stored in ``status``.
        message: The error's message; a sentence of ours or of a library.
    """
    if code in _PLAIN:
        status = _STATUS.search(_ADDRESS.sub("", message)) if code in ("http_status", "throttled") else None
        return _PLAIN[code] + (f" ({status[0].strip()})" if status else "")
    return clean(message) or "it failed without a reason"


def clean(message: str) -> str:
    """Return a message without what only a programmer reads."""
    return without_class_names(_ADDRESS.sub("", message)).strip(" :;,-.")[:200]


def without_class_names(message: str) -> str:
    """Return a message without the names of Python's classes and Markdown's backticks."""
    text = _PYTHON.sub("", message).replace("( ", "(").replace("()", "")
    return re.sub(r"\s+", " ", text)


def feed_view(feed: FeedState, now: float) -> Row:
    """Return a feed with its health: failing, slowed (its server asks for a pause), paused, waiting (never polled) or well."""
    past = history.load(feed.history) if feed.history else None
    failing = now - past.first_error_at if feed.error and past and past.first_error_at else None
    health = "slowed" if feed.health == "failing" and feed.status == "throttled" else feed.health
    return {
        "feed": feed.feed,
        "title": feed.title or shown_url(feed.url),
        "url": shown_url(feed.url),
        "group": feed.group,
        "health": health,
        "trouble": plain_trouble(feed.status, feed.error) if feed.error else None,
        "failing_seconds": round(failing) if failing is not None else None,
        "reason": feed.reason,
        "next_at": round(feed.next_at * 1000) if feed.next_at else None,
        "last_at": past.last_at * 1000 if past and past.last_at else None,
        "numbers": dict(feed.numbers),
    }


def letter_view(letter: str, fields: Mapping[bytes, bytes]) -> Row:
    """Return a dead letter: entry, time and reason."""
    text = {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items() if name != b"e"}
    at = int(letter.partition("/")[2].partition("-")[0])
    code, message = text.get("code", "?"), text.get("reason", "")
    return {
        "id": letter,
        "at": at,
        "time": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds"),
        "code": code,
        "trouble": plain_trouble(code, message),
        "reason": clean(message),
        "title": text.get("title") or shown_url(text.get("url") or text.get("guid") or "?"),
        "url": link(text.get("url")),
    }
