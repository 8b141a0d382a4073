"""Lines of the batch verbs that their own process makes: what no child answered for. Loads neither extraction nor reading."""

from __future__ import annotations

from typing import Any

import msgspec

from ..errors import DatelineError, Poison
from ..model.failures import ENDINGS


def unread(job: str, line: bytes, error: DatelineError) -> bytes | None:
    """The line to ask again, with the reading left out, after ``error`` cost the child; None where that cannot help."""
    if job != "extract" or not isinstance(error, Poison):
        return None
    try:
        row = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    return msgspec.json.encode(row | {"unread": f"reading {ENDINGS.get(error.code, 'failed')}"})


def failed(job: str, name: str | int | None, error: DatelineError) -> bytes:
    """The line for an input that gave nothing."""
    said = {"code": error.code, "message": str(error)}
    empty: dict[str, Any] = (
        {"article": None, "events": [], "quotes": []} if job == "extract" else {"feed": None, "entries": []}
    )
    return msgspec.json.encode({"id": name, **empty, "error": said})
