"""The wall clock, in one place. Pure rules get ``now`` handed in; only adapters and the flow call `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)
