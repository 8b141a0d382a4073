"""A stream entry in the JSON form of CloudEvents 1.0 ("structured mode"): what forwarders write and send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import msgspec

from ..contract.envelope import data_with_texts

MEDIA_TYPE = "application/cloudevents+json"
BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"
#: HTTP answers that mean the entry itself: malformed, too large, not understood.
REFUSED_STATUSES = (400, 413, 422)


def structured(entry: Mapping[str, str]) -> bytes:
    """Return the entry as one JSON object: its attributes, ``data`` as JSON inside, the stream's own id as ``streamid`` (names
    of CloudEvents have no underscore), ``seq`` as a number."""
    event: dict[str, object] = {
        name: value for name, value in entry.items() if name not in ("data", "stream_id", "seq")
    }
    if "seq" in entry:
        event["seq"] = int(entry["seq"])
    event["streamid"] = entry["stream_id"]
    event["data"] = msgspec.Raw(data_with_texts(entry))
    return msgspec.json.encode(event)


def batch(entries: Sequence[Mapping[str, str]]) -> bytes:
    """Return several entries as one JSON array."""
    return b"[" + b",".join(map(structured, entries)) + b"]"


def target_of(url: str) -> str:
    """Return a URL without user, password and fragment: what a receiver is known by."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def without_address(text: str, url: str) -> str:
    """Return a message with the host in place of a URL, whose path or query may be a secret."""
    host = urlsplit(url).hostname or ""
    for shown in (url, target_of(url), target_of(url).partition("?")[0]):
        text = text.replace(shown, host)
    return text
