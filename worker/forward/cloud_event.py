"""A stream entry in the JSON form of CloudEvents 1.0 ("structured mode"): what forwarders write and send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ..contract.article import Article
from ..contract.envelope import ARTICLE_SCHEMA, MAX_ATTRIBUTE_LENGTH
from ..contract.lean import restore_texts

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
    event["data"] = msgspec.Raw(full_data(entry))
    return msgspec.json.encode(event)


def full_data(entry: Mapping[str, str]) -> bytes:
    """The record as JSON, an article with the texts that the stream leaves out. A record of a newer contract as it is."""
    data = entry.get("data", "null").encode()
    if entry.get("dataschema") != ARTICLE_SCHEMA:
        return data
    try:
        return msgspec.json.encode(restore_texts(msgspec.json.decode(data, type=Article)))
    except msgspec.MsgspecError:
        return data


def batch(entries: Sequence[Mapping[str, str]]) -> bytes:
    """Return several entries as one JSON array."""
    return b"[" + b",".join(map(structured, entries)) + b"]"


def is_wanted(entry: Mapping[str, str], types: Sequence[str]) -> bool:
    """Return whether an entry's type is one of ``types``, with or without ``dateline.``, or below one; all where empty."""
    kind = entry.get("type", "")[:MAX_ATTRIBUTE_LENGTH].removeprefix("dateline.")
    return not types or any(
        kind == given or kind.startswith(f"{given}.") for given in (name.removeprefix("dateline.") for name in types)
    )
