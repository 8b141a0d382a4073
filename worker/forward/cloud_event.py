"""A stream entry in the JSON form of CloudEvents 1.0 ("structured mode"): what forwarders write and send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ..contract.envelope import MAX_ATTRIBUTE_LENGTH, data_with_texts

MEDIA_TYPE = "application/cloudevents+json"
BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"


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


def is_wanted(entry: Mapping[str, str], types: Sequence[str]) -> bool:
    """Return whether an entry's type is one of ``types``, with or without ``dateline.``, or below one; all where empty."""
    kind = entry.get("type", "")[:MAX_ATTRIBUTE_LENGTH].removeprefix("dateline.")
    return not types or any(
        kind == given or kind.startswith(f"{given}.") for given in (name.removeprefix("dateline.") for name in types)
    )
