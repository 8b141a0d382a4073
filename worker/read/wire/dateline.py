"""The dateline that opens a wire story: place, country, date and agency, in the forms the agencies print.

``SEOUL, July 27 (Yonhap) --``, ``WARSAW, Poland (AP) —``, ``MOSCOW, July 27. /TASS/.``, ``(ANSA) - ROME, JUL 27 -``,
``New Delhi, Jul 27 (PTI)``, ``AMSTERDAM/HELSINKI, Jan 17 (Reuters) -``, ``TOKYO, Jan. 5, Kyodo -``, and a newspaper's own
``KABUL, Afghanistan –``. The agency's mark or the dash is found first, then what stands before it must be nothing but a
place and a date: a guess that fails costs one look at the first line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from ...contract.article import Agency
from ...text.agencies import dateline_signatures
from ..lexicon import table
from ..temporal.calendar import day_or_none, nearest_year
from ..temporal.words import month_number
from .places import country_of, is_city
from .words import agency_named, agency_of

_HEAD = 170  #: No dateline is longer, in characters.
_DASH = r"(?:\.?\s*[-–—―]{1,3}|_|[|•:])"
_MARK = re.compile(
    rf"[(/\[](?P<agency>[^()/\[\]\n]{{2,40}}(?:/[^()/\[\]\n]{{2,20}})?)[)/\]](?P<dash>\s*(?:{_DASH}|"
    rf"\.)?)(?=\s|$|[A-Z“\"‘'])"
)
_LEADING = re.compile(rf"\(?(?P<agency>[A-Za-zÀ-ÿ][\w. /-]{{1,30}}?)\)?\s*{_DASH}\s+")
#: How feeds open a summary: the agency's name and a dash with space on both sides, then a sentence or a dateline.
_PREFIX = re.compile(r"(?P<agency>[A-Z][A-Za-z.]{1,15}(?: [A-Z][a-z]{1,12})?)\s[-–—]{1,2}\s+(?=[A-Z0-9“\"‘'])")
_BREAK = re.compile(
    r"\s+(?:[-–—―]{1,3}|_)(?=\s|$)|\s?[–—―](?=\s?[A-Z“\"‘'0-9])|_\s|\s*:\s|\s+[|•]\s|\s*\.\s*[-–—](?=\s)"
)
_DATE = re.compile(
    r"(?:^|[\s,.]+)(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
    r"(?:(?P<m1>[^\W\d]{3,10})\.?\s+(?P<d1>\d{1,2})(?:st|nd|rd|th)?|(?P<d2>\d{1,2})(?:st|nd|"
    r"rd|th|\.)?\s+(?:de\s+)?(?P<m2>[^\W\d]{3,10})\.?)"
    r"(?:,?\s+(?:de\s+)?(?P<year>\d{4}))?[.,]?\s*$"
)
#: A date between a place's dash and a colon or dash of its own.
_DATE_NEXT = re.compile(r"\s*(?P<date>[\w., ]{5,24}?)\s*(?::|[-–—]{1,2})(?=\s)")
_WORD = re.compile(r"[A-ZÀ-ÞĀ-Ž0-9][\w'’.\-]*$")
_SMALL = frozenset(table("wire_signatures")["in_places"])


@dataclass(frozen=True, slots=True)
class Opening:
    """A dateline found at the start of a line: ``end`` is where it ends in that line, marks and dash included."""

    place: str | None
    country: str | None
    date: str | None
    agency: Agency | None
    end: int


def find_dateline(line: str, published: date | None) -> Opening | None:
    """The dateline that opens the line, or None. ``published`` settles the year of its date."""
    head = line[:_HEAD]
    if (prefix := _PREFIX.match(head)) and (agency := _agency(prefix["agency"])) is not None:  # "AFP - Rebels ..."
        inner = find_dateline(line[prefix.end() :], published)  # "Canadian Press - HALIFAX (CP) - "
        if inner is not None:
            return replace(inner, agency=inner.agency or agency, end=inner.end + prefix.end())
        return _led_by_agency(head, published) or Opening(None, None, None, agency, len(prefix[0].rstrip()))
    return _marked(head, published) or _led_by_agency(head, published) or _dashed(head, line, published) or _alone(line)


def _marked(head: str, published: date | None) -> Opening | None:
    """``PLACE, DATE (AGENCY) --``: the agency's mark settles it, so the dash may be missing."""
    for mark in _MARK.finditer(head):
        agency = _agency(mark["agency"])
        if agency is None and (dated := _dated_mark(head, mark, published)) is not None:
            return dated
        if agency is None and not _looks_signed(mark["agency"], mark["dash"]):
            continue
        before = _place_and_date(head[: mark.start()], published)
        if before is None:
            if agency and mark["dash"].strip() and (day := _only_date(head[: mark.start()], published)) is not None:
                return Opening(None, None, day or None, agency, mark.end())  # "June 12 (UPI) --"
            continue
        place, region, day = before
        country = country_of(place, region)
        if (
            mark["dash"].strip()
            or day is not None
            or country
            or place.isupper()
            or (agency and mark.end() >= len(head))
        ):
            return Opening(place, country, day or None, agency, mark.end())
    return None


def _dated_mark(head: str, mark: re.Match[str], published: date | None) -> Opening | None:
    """``New York (November 25, 2021):``: the date stands in the mark."""
    day = _only_date(mark["agency"], published) if mark["dash"].strip() else None
    before = _place_and_date(head[: mark.start()], published) if day is not None else None
    if before is None or before[2] is not None:
        return None
    country = country_of(before[0], before[1])
    return Opening(before[0], country, day or None, None, mark.end()) if country or before[0].isupper() else None


def _looks_signed(name: str, dash: str) -> bool:
    """Whether an unknown name in the mark may be an agency's or paper's: short, capital, and a dash follows."""
    if not dash.strip(" .") or len(name) > 30 or not name[:1].isupper():
        return False
    return not any(c.isdigit() for c in name) or (len(name) <= 5 and name.isupper())


def _led_by_agency(head: str, published: date | None) -> Opening | None:
    """``(ANSA) - ROME, JUL 27 -`` and a bare ``(Bloomberg) --``."""
    match = _LEADING.match(head)
    if match is None or (agency := _agency(match["agency"])) is None:
        return None
    if head[0] != "(" and not match["agency"].isupper():
        return None
    rest = head[match.end() :]
    if (dash := _BREAK.search(rest)) and (found := _place_and_date(rest[: dash.start()], published)):
        place, region, day = found
        if day is not None or place.isupper() or country_of(place, region):
            return Opening(place, country_of(place, region), day or None, agency, match.end() + dash.end())
    return Opening(None, None, None, agency, len(head[: match.end()].rstrip())) if head[0] == "(" else None


def _dashed(head: str, line: str, published: date | None) -> Opening | None:
    """``TOKYO, Jan. 5, Kyodo -``, ``KABUL, Afghanistan –``, ``NEW DELHI:``: no mark, so the place has to be plain."""
    dash = _BREAK.search(head)
    if dash is None or dash.start() > 90:
        return None
    after = line[dash.end() :].lstrip()
    if after and not (after[0].isupper() or after[0].isdigit() or after[0] in "“\"‘'`$€£¥"):
        return None
    before, _, last = head[: dash.start()].rpartition(",")
    agency = _agency(last.strip()) if before else None
    if agency is None and not before and (words := head[: dash.start()].rsplit(" - ", 1)) and len(words) == 2:
        before, agency = words[0], _agency(words[1].strip())
    found = _place_and_date(before if agency else head[: dash.start()], published)
    if found is None:
        return None
    place, region, day = found
    country = country_of(place, region)
    end = len(head[: dash.end()].rstrip())
    if day is None and (then := _DATE_NEXT.match(head, dash.end())):  # "CAIRO – 26 July 2022:"
        day = _only_date(then["date"], published)
        end = then.end() if day is not None else end
    if (
        agency
        or (day is not None and (country or place.isupper()))
        or _plain_place(place, region, country, dash[0], after)
    ):
        return Opening(place, country, day or None, agency, end)
    return None


def _plain_place(place: str, region: str | None, country: str | None, dash: str, after: str) -> bool:
    """Whether a place without date or agency is surely a dateline: capitals, or a known city, before a dash and a sentence."""
    if len(after) < 40 or place.lower() in table("wire_marks")["not_places"]:
        return False
    if country and (place.isupper() or is_city(place)):
        return ":" not in dash or place.isupper() or (len(after) >= 80 and after.rstrip()[-1:] in '.”"')
    return (
        place.isupper() and len(place) >= 5 and ":" not in dash and (bool(region) or dash.strip() in ("—", "–", "--"))
    )


def _alone(line: str) -> Opening | None:
    """A city in capitals on a line of its own, as Anadolu and old wires print it."""
    if len(line) <= 50 and line.isupper() and (found := _place_and_date(line.rstrip(" _-–—"), None)):
        place, region, _ = found
        if is_city(place) or is_city(place.partition("/")[0]) or (region and country_of(place, region)):
            return Opening(place, country_of(place, region), None, None, len(line))
    return None


def _agency(name: str) -> Agency | None:
    for part in (name, *name.split("/")):
        key = " ".join(part.lower().split())
        if word := dateline_signatures().get(key):
            return None if word.is_broadcaster else agency_of(word)
    return agency_named(name)


def _place_and_date(before: str, published: date | None) -> tuple[str, str | None, str | None] | None:
    """Place, region and ISO date ("" where the year is unknown) of what stands before the mark; None for anything else."""
    before = before.strip().rstrip("-–—,;|[(").rstrip()
    day: str | None = None
    if match := _DATE.search(before):
        month = month_number(match["m1"] or match["m2"])
        if month:
            day = _iso(month, int(match["d1"] or match["d2"]), match["year"], published)
            before = before[: match.start()].rstrip(" ,.") if day is not None else before
    place, _, region = before.partition(",")
    place, region = place.strip(), region.strip(" ,.") if len(region.strip()) > 5 else region.strip(" ,")
    if "[" in place or "(" in place:  # New Delhi [India], Paris (France)
        place, _, inner = re.sub(r"[\])]", "", place).replace("(", "[").partition("[")
        place, region = place.strip(), region or inner.strip()
    if not _names_place(place) or (region and not all(map(_names_place, re.split(r",\s*", region)))):
        return None
    return place, region or None, day


def _only_date(before: str, published: date | None) -> str | None:
    """ISO date of a mark that has a date and no place before it, "" where its year is unknown; None for anything else."""
    match = _DATE.fullmatch(before.strip())
    month = month_number(match["m1"] or match["m2"]) if match else None
    return _iso(month, int(match["d1"] or match["d2"]), match["year"], published) if match and month else None


def _names_place(name: str) -> bool:
    words = name.replace("/", " ").split()
    if not words or len(words) > 8 or len(name) > 60:
        return False
    capital = sum(bool(_WORD.match(word)) for word in words)
    small = sum(word.lower() in _SMALL or word in ("-", "–", "&") for word in words)
    return capital >= 1 and capital + small >= len(words) and not any(word.isdigit() for word in words)


def _iso(month: int, day: int, year: str | None, published: date | None) -> str | None:
    if year:
        found = day_or_none(int(year), month, day) if int(year) else None
    else:
        found = nearest_year(month, day, published, ahead=False) if published else None
    return found.isoformat() if found else ("" if not year and day <= 31 else None)
