"""Publication times from the forms that pages write them in, with their zone, and nothing absurd."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from ...clock import now
from ...text.calendar import is_credible, month_number, offset_minutes, plain_era, zones

_ISO = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:(?P<sep>[-/.])(?P<m>1[0-2]|0?[1-9])(?P=sep)(?P<d>[12]\d|3[01]|0?[1-9])"
    r"|(?P<m8>1[0-2]|0[1-9])(?P<d8>[12]\d|3[01]|0[1-9]))(?!\d)"
    r"(?:[T\s,]{1,3}(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d{1,9})?)?\s*(?P<ap>[ap]\.?m\.?)?\s*"
    r"(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d|[A-Z]{2,4})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)T?(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)?(?P<z>Z|[+-]\d\d:?\d\d)?$"
)
_CLOCK = (
    r"(?:[^\d]{1,12}(?P<H>\d{1,2})[:.h](?P<M>\d\d)(?::\d\d)?\s*(?P<ap>[ap]\.?m\.?)?\s*"
    r"(?P<z>UTC|GMT|[A-Z]{2,4}\b|[+-]\d\d:?\d\d)?)?"
)
_WORD_FIRST = re.compile(
    r"(?P<word>[^\W\d_]{3,10})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)" + _CLOCK, re.IGNORECASE
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th|er|[.ºª°])?[\s-]*(?:de\s+|di\s+|of\s+|d')?"
    r"(?P<word>[^\W\d_]{3,12})\.?(?:\s*/\s*(?P<word2>[^\W\d_]{3,12}))?(?:,?\s+|-)"
    r"(?:de\s+|del\s+)?(?P<y>(?:19|20)\d\d)" + _CLOCK,
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<!\d)(?P<d>\d{1,2})\s?[./-]\s?(?P<m>\d{1,2})\s?[./-]\s?(?P<y>(?:19|20)\d\d)(?!\d)"
                      r"(?:[^\d]{1,12}(?P<H>\d{1,2})[:.h](?P<M>\d\d))?")  # fmt: skip
_CJK = re.compile(
    r"(?P<y>20\d\d)\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일]?(?:\D{1,8}(?P<H>\d{1,2})[:時시]\s?(?P<M>\d\d))?"
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?$")
_URL_DATE = re.compile(r"/(20\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as ISO 8601 (a day, or a day and time with zone where the page gives one) and as the page wrote it."""

    iso: str
    raw: str

    @property
    def has_time(self) -> bool:
        return "T" in self.iso


def read_moment(raw: object) -> Moment | None:
    """The time in a date field or a printed date line; None where there is none or it is absurd."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        raw = str(int(raw)) if abs(raw) < 1e14 else ""
    if not isinstance(raw, str) or not raw.strip():
        return None
    text = plain_era(" ".join(raw[:200].split()))
    if _EPOCH.match(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return _checked(datetime.fromtimestamp(seconds, UTC), raw)
    for pattern in (_COMPACT, _ISO, _CJK):
        if (match := pattern.match(text)) or (match := pattern.search(text)):
            return _from_match(match.groupdict(), raw)
    for pattern in (_DAY_FIRST, _WORD_FIRST):
        for match in pattern.finditer(text):
            parts = match.groupdict()
            words = (parts["word"], parts.get("word2"))
            month = next((m for w in words if w and (m := month_number(w))), None)
            if month:
                return _from_match({**parts, "m": str(month)}, raw)
    if text[:3].isalpha() and "," in text[:6]:
        try:
            return _checked(parsedate_to_datetime(text), raw)
        except (ValueError, TypeError, IndexError):
            return None
    if match := _NUMERIC.search(text):
        parts = match.groupdict()
        swapped = {**parts, "d": parts["m"], "m": parts["d"]}
        if int(parts["m"]) > 12:
            return _from_match(swapped, raw)
        return _from_match(parts, raw) or _from_match(swapped, raw)
    return None


def month_first(moment: Moment) -> Moment | None:
    """The day that a date of nothing but numbers ("3/4/2025", read with its day first) has with its month first; None where
    its writing leaves no doubt."""
    match = _NUMERIC.search(moment.raw)
    if match is None or moment.iso[:10] != f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}":
        return None
    day, month = int(match["m"]), int(match["d"])
    if month > 12 or month == day:
        return None
    iso = f"{match['y']}-{month:02}-{day:02}{moment.iso[10:]}"
    return Moment(iso, moment.raw) if is_credible(datetime.fromisoformat(iso[:10]).replace(tzinfo=UTC), now()) else None


def moment_in_url(url: str | None) -> Moment | None:
    """The day in an address like /2024/05/16/..., None where there is none."""
    match = _URL_DATE.search(url or "")
    return _from_match(dict(zip("ymd", match.groups(), strict=True)), match.group(0)) if match else None


def _from_match(parts: dict[str, str | None], raw: str) -> Moment | None:
    try:
        year, month = int(parts["y"] or ""), int(parts.get("m") or parts.get("m8") or "")
        day = int(parts.get("d") or parts.get("d8") or "")
        if parts.get("H") is None:
            found = datetime(year, month, day, tzinfo=UTC)
            return Moment(found.date().isoformat(), raw) if is_credible(found, now()) else None
        hour, minute, second = int(parts["H"] or ""), int(parts["M"] or "0"), int(parts.get("S") or 0)
        half = (parts.get("ap") or "").lower()[:1]
        if half == "p" and hour < 12:
            hour += 12
        elif half == "a" and hour == 12:
            hour = 0
        zone = _zone(parts.get("z"))
        return _checked(datetime(year, month, day, hour % 24, minute, min(second, 59), tzinfo=zone), raw)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone | None:
    if not text or (text[0] not in "+-" and text.casefold() not in zones()):
        return None
    try:
        minutes = offset_minutes(text)
    except ValueError:
        return None
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def _checked(moment: datetime, raw: str) -> Moment | None:
    if not is_credible(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now()):
        return None
    return Moment(moment.replace(microsecond=0).isoformat(), raw)
