"""Hints of a feed about polling: ttl, sy:update*, skipHours, skipDays, hub and self links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from lxml import etree

from .limits import MAX_HUBS
from .xml_names import name

_PERIODS_SECONDS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
#: Four weeks; a longer ttl is a mistake of units.
_MAX_TTL_MINUTES = 40_320


class Fields(TypedDict):
    """The fields of `dateline.model.records.ParsedFeed` that hold hints."""

    self_url: str | None
    hubs: tuple[str, ...]
    ttl_seconds: float | None
    update_period_seconds: float | None
    skip_hours: tuple[int, ...]
    skip_days: tuple[int, ...]


@dataclass(slots=True)
class Hints:
    """Hints being collected; ``fields`` returns them in the model's form."""

    self_url: str | None = None
    hubs: list[str] = field(default_factory=list)
    ttl: str | None = None
    period: str | None = None
    frequency: str | None = None
    hours: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)

    def read(self, key: str, element: etree._Element) -> None:
        """Take what the channel's element ``element``, named ``key``, says; others are passed over."""
        if key == "ttl":
            self.ttl = element.text
        elif key == "sy:updateperiod":
            self.period = element.text
        elif key == "sy:updatefrequency":
            self.frequency = element.text
        elif key == "skiphours":
            self.hours += [child.text or "" for child in element if name(child) == "hour"][:48]
        elif key == "skipdays":
            self.days += [child.text or "" for child in element if name(child) == "day"][:14]

    def add_hub(self, address: str) -> None:
        """Add a WebSub hub."""
        if address not in self.hubs and len(self.hubs) < MAX_HUBS:
            self.hubs.append(address)

    def fields(self) -> Fields:
        """Return the hints in numbers; what cannot be read is left out. RSS counts ttl in minutes, hours 0 to 23 in UTC."""
        minutes = _number(self.ttl)
        period = _PERIODS_SECONDS.get((self.period or "").strip().lower())
        often = _number(self.frequency) or 1
        if period is None and self.frequency is not None and _number(self.frequency):
            period = 86_400  # the syndication module's default
        hours = {hour % 24 for text in self.hours if (hour := _number(text)) is not None and hour <= 24}
        days = {_DAYS[word] for text in self.days if (word := text.strip().lower()[:3]) in _DAYS}
        return Fields(
            self_url=self.self_url,
            hubs=tuple(self.hubs),
            ttl_seconds=60.0 * minutes if minutes and minutes <= _MAX_TTL_MINUTES else None,
            update_period_seconds=period / often if period else None,
            skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
            skip_days=tuple(sorted(days)) if len(days) < 7 else (),
        )


def _number(text: str | None) -> int | None:
    """Return a small whole number, or None."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
