"""A parsed feed as plain values for JSON: what ``dateline parse`` prints."""

from __future__ import annotations

from typing import Any

import msgspec

from ..model.records import ParsedFeed


def to_record(parsed: ParsedFeed) -> dict[str, Any]:
    """``{"feed": {...}, "entries": [...], "error": None}``; times are ISO 8601 in UTC, what is unknown is null."""
    feed = {key: value for key, value in msgspec.structs.asdict(parsed).items() if key != "entries"}
    return {
        "feed": msgspec.to_builtins(feed),
        "entries": [msgspec.to_builtins(msgspec.structs.asdict(entry)) for entry in parsed.entries],
        "error": None,
    }
