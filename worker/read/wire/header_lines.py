"""The lines above a story that are neither headline nor byline: dates, sources, editors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ..temporal.calendar import day_or_none
from ..temporal.words import month_number

_LABEL = (
    r"(?:date|published|publication date|updated|last updated|last modified|modified|posted|"
    r"first published|created|issued|released?|time)"
    r"(?:\s+(?:on|at|date))?\s*[:,]?\s*"
)
_LABELLED = re.compile(_LABEL, re.IGNORECASE)
_ISO = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ,]+(?P<t>\d{1,2}:\d\d(?::\d\d)?))?")
_WORDS = re.compile(
    r"(?:(?:Mon|Tues?|Wednes|Wed|Thurs?|Fri|Satur|Sat|Sun)(?:day)?\.?,?\s+)?"
    r"(?:(?P<m1>[^\W\d]{3,10})\.?\s+(?P<d1>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y1>\d{4})|(?P<d2>\d{1,2})"
    r"(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<m2>[^\W\d]{3,10})\.?,?\s+(?:de\s+)?(?P<y2>\d{4})|"
    r"(?P<d3>\d{1,2})\.(?P<m3>\d{1,2})\.(?P<y3>\d{4}))"
)
_SOURCE = re.compile(r"(?:source|by source|from)\s*[:：]\s*(?P<name>\S.{0,60})$", re.IGNORECASE)
_PEOPLE = re.compile(
    r"(?:editors?|edited by|editing|copy editor|translator|photo(?:grapher)?s? by|illustration)\s*[:：]\s*\S.{0,80}$",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"[\s,|•·/():–—-]+|\b(?:at|on|am|pm|a\.m\.?|p\.m\.?|[A-Z]{2,4}|\d{1,2}[:.h]\d{2}(?::\d\d)"
    r"?|\d{4}|hrs?|gmt|utc|updated|published|min(?:ute)?s? (?:read|ago)|hours? ago|ist|local time)"
    r"\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date in a header line: the ISO day (with time where printed), where it stands, and whether a label names it."""

    value: str
    raw: str
    start: int
    end: int
    labelled: bool


def find_stamp(line: str) -> Stamp | None:
    """The date that a header line begins with or holds ("Last updated on 21 October 2023", "2024-03-12 17:05:30")."""
    label = _LABELLED.match(line)
    start = label.end() if label else 0
    iso, words = _ISO.search(line, start), _WORDS.search(line, start)
    match = min((found for found in (iso, words) if found), key=lambda found: found.start(), default=None)
    if match is None:
        return None
    day = _day(match)
    if day is None:
        return None
    clock = match.groupdict().get("t")
    value = f"{day.isoformat()}T{clock.zfill(len(clock) + (clock[1] == ':'))}" if clock else day.isoformat()
    return Stamp(value, match[0], match.start(), match.end(), bool(label))


def _day(match: re.Match[str]) -> date | None:
    found = match.groupdict()
    if found.get("y"):
        return day_or_none(int(found["y"]), int(found["m"]), int(found["d"]))
    if found.get("y3"):
        return day_or_none(int(found["y3"]), int(found["m3"]), int(found["d3"]))
    month = month_number(found["m1"] or found["m2"])
    return day_or_none(int(found["y1"] or found["y2"]), month, int(found["d1"] or found["d2"])) if month else None


def is_stamp_line(line: str, stamp: Stamp) -> bool:
    """Whether the line says nothing but when: a label, the date, a time, a zone."""
    if len(line) > 110:
        return False
    label = _LABELLED.match(line)
    rest = line[label.end() if label else 0 : stamp.start] + " " + line[stamp.end :]
    segments = [segment for segment in re.split(r"\s+[|•·/–—-]+\s+|\s*\|\s*", line) if segment]
    if len(segments) >= 2 and line[-1] not in ".!?" and all(len(segment.split()) <= 5 for segment in segments):
        return True  # "KYODO NEWS - Feb 11, 2025 - 18:40 | World"
    words = [word for word in _BESIDE.sub(" ", rest).split() if not word.isdigit()]
    return len(words) <= (3 if stamp.labelled else 1)


def source_named(line: str) -> str | None:
    """The source of a line such as "Source: Xinhua", or None."""
    match = _SOURCE.match(line) if len(line) <= 80 else None
    return match["name"].strip() if match else None


def is_credit_line(line: str) -> bool:
    """Whether the line names an editor or translator."""
    return len(line) <= 110 and bool(_PEOPLE.match(line))
