"""What a Retry-After header asks for, in seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Longest wait reported; the callers clamp to their own, shorter limits.
MAX_SECONDS = 366 * 86_400.0


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from ``now``, 0 to `MAX_SECONDS`, or None where the header is absent or says nothing usable.

    Reads whole and decimal seconds and the three date forms of HTTP. ``nan``, ``inf``, negative numbers and dates in the
    past say nothing usable; years that overflow say "long".
    """
    if value is None:
        return None
    value = value.strip()
    if not value or len(value) > 100:
        return None
    if value[0].isdigit():
        try:
            return min(float(value), MAX_SECONDS)
        except ValueError:
            return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - now).total_seconds()
    return min(seconds, MAX_SECONDS) if seconds > 0 else None
