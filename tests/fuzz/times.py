"""The moments that targets count from, so that an input means the same tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
