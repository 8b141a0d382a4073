"""Dates that name themselves: ISO, month and day, years, decades, seasons, quarters, times of day."""

from __future__ import annotations

import re
from datetime import date

from ..lexicon import table
from .calendar import day_or_none, full_year, leans_ahead, nearest_year
from .context import DateContext, Expression
from .tense import happened, opens_as_subject
from .words import FOREIGN_MONTHS, MONTHS, NUMBERS, ORDINALS, PARTS_OF_DAY, ZONES, near

#: Months that are words or names too: alone they need a word of time before them.
_ALSO_WORDS = frozenset({"may", "march", "april", "june", "august"})
_TIME_WORDS = near("time_words")
#: What opens a sentence before a month; another capital word there is a first name ("Theresa May").
_BEFORE_MONTHS = (
    r"(?:In|Since|Until|Till|By|Last|Next|This|Early|Late|Mid|From|Through|During|Before|After|Between|And|To|Of)\b"
)
_YEAR_WORDS = near("year_words")
_COUNTING = near("counting")
_COUNTED = re.compile(r"\s+(?:(?:\w+\s)?(?P<noun>[a-z]+))")
_NOT_PLURAL = near("not_plural")
#: Before these a number under 1900 is a year; and after another year: "between 1890 and 1894".
_OLD_YEAR_WORDS = frozenset({"in", "since", "until", "before", "after", "of", "from", "circa", "between"})
_PAIRED = re.compile(r"\b1\d{3} (?:and|to) $")
_MONEY = "$€£¥#№"
_AFTER_NAMED = re.compile(r"\s+(?:[\w-]+\s+){0,2}?(?:attacks?|massacre|assault|hijackings|terror\w*)\b", re.IGNORECASE)
_NAMED: dict[tuple[int, int], int] = {(row["month"], row["day"]): row["year"] for row in table("dates_named")["attack"]}


def iso_day(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``2023-07-26``, ``2023-07-27T20:00``."""
    day = day_or_none(int(match["y"]), int(match["m"]), int(match["d"])) if int(match["y"]) else None
    if day is None:
        return None
    if match["t"]:
        return Expression(f"{day.isoformat()}T{match['t'][:5]}{match['z'] or ''}", "minute", match.end(), kind="TIME")
    return Expression(day.isoformat(), "day", match.end())


def slashed(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``27.07.2023``, ``2023/07/27``, ``7/27/2023``. Where day and month may be exchanged, the reading nearer to the anchor."""
    first, second, last = int(match["a"]), int(match["b"]), int(match["c"])
    if match["sep"] == "." and len(match["c"]) < 4:
        return None
    if len(match["a"]) == 4:
        days = [day_or_none(first, second, last)] if 1000 <= first <= 2999 else []
    elif len(match["a"]) > 2:
        return None
    else:
        year = last if len(match["c"]) == 4 else full_year(last, context.anchor)
        if not 1000 <= year <= 2999:
            return None
        days = [day_or_none(year, second, first)]
        if match["sep"] == "/":
            days.append(day_or_none(year, first, second))
    known = [day for day in days if day]
    if not known or (len(known) > 1 and context.anchor is None and known[0] != known[1]):
        return None
    anchor = context.anchor
    day = min(known, key=lambda found: abs((found - anchor).days)) if anchor else known[0]
    return Expression(day.isoformat(), "day", match.end())


def month_day(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``July 26``, ``Feb. 9, 2023``, ``26 July``, ``July 3-5``, ``March eighth``."""
    words = match.groupdict()
    name = words["mon"]
    month = MONTHS.get(name.lower()) or FOREIGN_MONTHS.get(name.lower())
    if month is None or (name.islower() and name.lower() in MONTHS and name.lower() not in FOREIGN_MONTHS):
        return None
    number = int(words["day"]) if words["day"] else _ordinal(words.get("word") or "")
    if not number:
        return None
    year = words.get("year")
    if (rel := words.get("rel")) and context.anchor:
        year = str(context.anchor.year + {"last": -1, "next": 1}.get(rel.lower(), 0))
    start = _resolve_day(context, match, month, number, year)
    if start is None:
        return None
    anchored = "none" if words.get("year") else context.anchored_on
    if last := words.get("day2"):
        other = words.get("mon2")
        if other and not re.search(r"[-–—]", match[0]):
            return Expression(
                start.isoformat(), "day", match.end("day"), anchored
            )  # "from Aug. 2 to Oct. 3": two dates
        end = _range_end(start, MONTHS.get(other.lower()) if other else None, int(last))
        if (
            words.get("and")
            and not (end and (end - start).days == 1)
            and context.word_before(match.start()) != "between"
        ):
            return _first_of_two(match, start, anchored)
        if end is not None:
            return Expression(f"{start.isoformat()}/{end.isoformat()}", "day", _without_dot(match), anchored)
    return Expression(start.isoformat(), "day", _without_dot(match), anchored)


def _first_of_two(match: re.Match[str], start: date, anchored: str) -> Expression | None:
    """ "June 3 and 9" are two days, no stretch: the first one, where it has its month; "3 and 9 June" is read from its "9"."""
    if match.end("mon") < match.start("day"):
        return Expression(start.isoformat(), "day", match.end("day"), anchored)
    return None


def _ordinal(word: str) -> int:
    tens, _, ones = word.lower().replace(" ", "-").partition("-")
    return ORDINALS.get(word.lower(), 0) or (NUMBERS.get(tens, 0) + ORDINALS.get(ones, 0) if ones else 0)


def _resolve_day(context: DateContext, match: re.Match[str], month: int, number: int, year: str | None) -> date | None:
    if year:
        return day_or_none(int(year), month, number)
    if (month, number) in _NAMED and _AFTER_NAMED.match(context.text, match.end(), min(context.stop, match.end() + 60)):
        named = day_or_none(_NAMED[month, number], month, number)
        if named and (context.anchor is None or named <= context.anchor):
            return named
    if context.anchor is None:
        return None
    found = nearest_year(month, number, context.anchor, ahead=context.ahead(match.start(), match.end()))
    told = context.word_before(match.start()) == "on" and happened(context.text, context.begin, match.start())
    if told and found and (found - context.anchor).days > 1:
        return (
            day_or_none(found.year - 1, month, number) or found
        )  # "published the figures on March 28", early in March
    return found


def _range_end(start: date, month: int | None, day: int) -> date | None:
    end = day_or_none(start.year, month or start.month, day)
    if end and end < start and month:
        end = day_or_none(start.year + 1, month, day)
    return end if end and end > start else None


def _without_dot(match: re.Match[str]) -> int:
    """The end of a match, without the dot of an abbreviation that may as well end the sentence."""
    return match.end() - 1 if match[0].endswith(".") else match.end()


def month_year(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``February 1947``, ``March last year``."""
    month = MONTHS[match["mon"].lower()]
    if match["mon"].islower():
        return None
    if match["year"]:
        return Expression(f"{int(match['year']):04d}-{month:02d}", "month", match.end())
    base, named = context.base() if match["rel"].startswith("the") else (context.anchor, context.anchored_on)
    if base is None:
        return None
    shift = {"last": -1, "next": 1, "the previous": -1, "the following": 1}.get(match["rel"].lower(), 0)
    return Expression(f"{base.year + shift:04d}-{month:02d}", "month", match.end(), named)


def month_range(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``January-March``, ``Oct.-Dec. 2022``: without a year, the last one that has ended or goes on, or the one to come."""
    first, last = MONTHS[match["mon"].lower()], MONTHS[match["mon2"].lower()]
    if match["mon"].islower() or match["mon2"].islower():
        return None
    year, anchored = int(match["year"]) if match["year"] else 0, "none"
    if not year:
        if context.anchor is None:
            return None
        year, anchored = context.anchor.year, context.anchored_on
        if first > context.anchor.month and not context.ahead(match.start(), match.end()):
            year -= 1
        year += last < first
    return Expression(
        f"{year - (last < first):04d}-{first:02d}/{year:04d}-{last:02d}", "month", _without_dot(match), anchored
    )


def bare_month(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``in February``: the last one, the coming one where the clause looks ahead, this year's where it is the month."""
    name = match["mon"]
    if context.anchor is None or not name[0].isupper() or len(name) < 3 or (name.isupper() and len(name) > 3):
        return None
    if len(name) == 3 and name != "May":
        return None
    if name.lower() in _ALSO_WORDS and not _is_month(context, match):
        return None
    if name.lower() == "sept" or (context.text[match.end() : match.end() + 1] == "." and name.lower() not in MONTHS):
        return None
    month = MONTHS[name.lower()]
    forth = (month - context.anchor.month) % 12
    year = context.anchor.year
    done = happened(context.text, context.begin, match.start()) or _is_subject(context, match)
    if forth == 0 or (not done and leans_ahead(12 - forth, forth, ahead=context.ahead(match.start(), match.end()))):
        year += month < context.anchor.month
    else:
        year -= month > context.anchor.month
    return Expression(f"{year:04d}-{month:02d}", "month", match.end(), context.anchored_on)


def _is_subject(context: DateContext, match: re.Match[str]) -> bool:
    return opens_as_subject(context.text, context.begin, match.start(), match.end(), context.stop)


def _is_month(context: DateContext, match: re.Match[str]) -> bool:
    """Whether "May", "March", "June" ... is the month: a word of time stands before it, or it is one noun's adjective."""
    before = context.word_before(match.start())
    if not before and _is_subject(context, match):
        return not re.search(
            rf"\b(?:M(?:r|rs|s)\.?|(?!{_BEFORE_MONTHS})[A-Z]\w+) {match['mon']}\b(?! \d)", context.text
        )
    if before in _TIME_WORDS:
        return not re.match(r"\s+[A-Z][a-z]", context.text[match.end() : match.end() + 6])  # "and April Lie"
    return before in ("a", "an", "its", "his", "her", "their", "s") and bool(
        re.match(r"\s+[a-z]{3}", context.text[match.end() : match.end() + 6])
    )


def years(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``2011``, ``1950-53``, ``1998/99``; not a count, a price or a code."""
    if not _is_year(context, match):
        return None
    year = int(match["year"])
    last = match["last"] or match["slash"]
    if last:
        end = int(last) if len(last) == 4 else year - year % 100 + int(last)
        if len(last) == 2 and end <= year:
            end += 100
        if not year < end <= year + 150:
            return None
        return Expression(f"{year:04d}/{end:04d}", "year", match.end())
    return Expression(f"{year:04d}", "year", match.end())


def _is_year(context: DateContext, match: re.Match[str]) -> bool:
    text, start, year = context.text, match.start(), int(match["year"])
    if start and (text[start - 1] in _MONEY or text[start - 1] in "-–/.,:'’&_@" or text[start - 1].isalnum()):
        hyphenated = text[start - 1] in "-–" and text[max(0, start - 5) : start - 1].lower().endswith(
            ("pre", "post", "mid", "late", "arly")
        )
        if not hyphenated:
            return False
        return 1500 <= year <= (context.anchor.year + 80 if context.anchor else 2100)
    before = context.word_before(start)
    timed = before in _YEAR_WORDS
    if year < 1900 and not (
        year >= 1000 and (before in _OLD_YEAR_WORDS or _PAIRED.search(text, max(0, start - 10), start))
    ):
        return False
    if context.anchor and year > context.anchor.year + (80 if timed else 15):
        return False
    if before in _COUNTING and not (before in ("for", "around", "about", "at") and year >= 1900):
        return False
    after = _COUNTED.match(text, match.end(), min(context.stop, match.end() + 40))
    first = re.match(r"\s+([a-z]+)", text[match.end() : match.end() + 24])
    if first and not timed and first[1].endswith("s") and first[1] not in _NOT_PLURAL and len(first[1]) > 3:
        return False
    if first and first[1] in (
        "people",
        "percent",
        "troops",
        "men",
        "women",
        "children",
        "million",
        "billion",
        "meters",
        "metres",
        "miles",
        "feet",
        "km",
        "kg",
    ):
        return False
    return after is None or timed or year >= 1900


def fiscal(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``fiscal 1998``, ``fiscal year 2024``."""
    return Expression(match["year"], "year", match.end())


def spelled_year(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``nineteen ninety-four``, as broadcasters write it."""
    century = {"eighteen": 18, "nineteen": 19, "twenty": 20}[match["century"].lower()]
    rest = (
        NUMBERS[match["teen"].lower()]
        if match["teen"]
        else NUMBERS[match["tens"].lower()] + NUMBERS.get((match["ones"] or "").lower(), 0)
    )
    return Expression(f"{century * 100 + rest:04d}", "year", match.end())


def clock(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``8:00 p.m.``, ``0830 GMT``, ``20:30``: a time that waits for its day."""
    words = match.groupdict()
    hour, minute = int(words["h"]), int(words.get("m") or 0)
    zone = (words.get("zone") or "").lower()
    if half := words.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    elif not zone and context.word_before(match.start()) not in (
        "at",
        "by",
        "from",
        "around",
        "since",
        "until",
        "before",
        "after",
        "about",
        "between",
    ):
        return None
    if hour > 23 or (context.text[match.start() - 1 : match.start()] in _MONEY and match.start()):
        return None
    granularity = "minute" if words.get("m") and (minute or words.get("half") is None) else "hour"
    return Expression(
        "",
        "minute" if granularity == "minute" else "hour",
        match.end(),
        kind="TIME",
        clock=f"T{hour:02d}:{minute:02d}{ZONES.get(zone, '')}",
    )


def noon(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``noon``, ``midnight``."""
    return Expression(
        "", "hour", match.end(), kind="TIME", clock="T00:00" if match["word"].lower() == "midnight" else "T12:00"
    )


def part_value(day: date, part: str) -> str:
    """``2023-07-26TMO``: a part of a day, as TIMEX3 writes it."""
    key = part.lower()
    if key in ("noon", "midnight"):
        return f"{day.isoformat()}T{'12' if key == 'noon' else '00'}:00"
    return f"{day.isoformat()}T{PARTS_OF_DAY[key]}"
