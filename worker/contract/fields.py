"""Defaults of record fields that are written even where they hold: a reader should not have to know them."""

from __future__ import annotations

from typing import Any

import msgspec


def always(value: Any) -> Any:
    """Return a default that is always written, unlike null, false and empty lists, which are left out of the JSON."""
    return msgspec.field(default_factory=lambda: value)
