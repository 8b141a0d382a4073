"""Longer stretches that name themselves: seasons, quarters, decades, and the feasts of the calendar."""

from __future__ import annotations

import re

from .calendar import feast_day, leans_ahead
from .context import DateContext, Expression

_SEASONS = {"spring": ("SP", 4), "summer": ("SU", 7), "autumn": ("FA", 10), "fall": ("FA", 10), "winter": ("WI", 12)}


def decade(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the 1990s``, ``the '80s``, ``the nineties``."""
    if match["y"] and match["d"] == "0" and match["y"] != "20":
        return Expression(f"{match['y']}00/{match['y']}99", "decade", match.end())  # "the 1800s": the century
    if match["y"]:
        return Expression(f"{match['y']}{match['d']}X", "decade", match.end())
    tens = (
        int(match["short"])
        if match["short"]
        else 2
        + ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties").index(
            match["word"].lower()
        )
    )
    if match["word"] and tens < 5 and context.word_before(match.start()) == "in":
        return None  # somebody is "in the thirties" oftener than the decade is meant
    return Expression(f"19{tens}X" if tens >= 3 else f"20{tens}X", "decade", match.end())


def spelled_decade(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``late eighties``: without "the" only after such a word."""
    if context.word_before(match.start()) not in ("early", "late", "mid"):
        return None
    tens = ("sixties", "seventies", "eighties", "nineties").index(match["word"].lower()) + 6
    return Expression(f"19{tens}X", "decade", match.end())


def season(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the summer of 1998``."""
    return Expression(f"{match['year']}-{_SEASONS[match['season'].lower()][0]}", "season", match.end())


def bare_season(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``in the summer``, ``early spring``: the last one, or the coming one where the clause looks ahead."""
    if context.anchor is None or re.match(
        r"\s+of\b|-|\s+(?:from|into|to|in)\b", context.text[match.end() : match.end() + 6]
    ):
        return None
    before = context.word_before(match.start())
    if before not in (
        "in",
        "by",
        "during",
        "since",
        "until",
        "this",
        "early",
        "late",
        "mid",
        "through",
        "over",
        "for",
        "before",
        "after",
    ):
        return None
    code, middle = _SEASONS[match["season"].lower()]
    forth = (middle - context.anchor.month) % 12
    if forth <= 1 or forth == 11:
        year = context.anchor.year
    elif leans_ahead(12 - forth, forth, ahead=context.ahead(match.start(), match.end())):
        year = context.anchor.year + (middle < context.anchor.month)
    else:
        year = context.anchor.year - (middle > context.anchor.month)
    return Expression(f"{year:04d}-{code}", "season", match.end(), context.anchored_on)


def quarter(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the third quarter``, ``first half of 2020``, ``Q3 2023``: without a year, the nearest that the clause allows."""
    words = match.groupdict()
    name = words["q"].lower()
    half = words["what"].lower().startswith("h")
    count = 2 if half else 4
    if half and not (words.get("year") or words.get("rel")):
        return None  # "the first half" is a match's, too
    number = (
        int(name[0])
        if name[0].isdigit()
        else {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": count}.get(name, 0)
    )
    if number > count or (number == 0 and half):
        return None
    letter = "H" if half else "Q"
    if words.get("year"):
        return Expression(f"{words['year']}-{letter}{number or 4}", "quarter", match.end())
    anchor = context.anchor
    if anchor is None:
        return None
    if rel := words.get("rel"):
        year = anchor.year + {"last": -1, "next": 1}.get(rel.lower(), 0)
        return Expression(f"{year:04d}-{letter}{number or 4}", "quarter", match.end(), context.anchored_on)
    current = (anchor.month - 1) // 3 + 1
    if number == 0:
        year, number = (anchor.year, current - 1) if current > 1 else (anchor.year - 1, 4)
    else:
        ahead = context.ahead(match.start(), match.end())
        year = anchor.year
        if ahead and number < current - 1:  # results of the quarter just ended are still to come
            year += 1
        elif not ahead and number > current:
            year -= 1
    return Expression(f"{year:04d}-Q{number}", "quarter", match.end(), context.anchored_on)


def holiday(context: DateContext, match: re.Match[str]) -> Expression | None:
    """Feasts whose day the calendar settles, and 9/11."""
    name = re.sub(r"\W+", " ", match["name"].lower().replace("'", "").replace("’", ""))
    if name == "9 11":
        return Expression("2001-09-11", "day", match.end())
    if context.anchor is None or not match["name"][0].isupper():
        return None
    rel = (match["rel"] or "").lower()
    ahead = False if rel == "last" else True if rel == "next" else context.ahead(match.start(), match.end())
    days = [day for year in range(context.anchor.year - 1, context.anchor.year + 2) if (day := feast_day(name, year))]
    past = [day for day in days if day < context.anchor or (day == context.anchor and not rel)]
    future = [day for day in days if day >= context.anchor and not (day == context.anchor and rel == "next")]
    if not past or not future:
        return None
    forth = (future[0] - context.anchor).days
    coming = (
        bool(ahead) if rel in ("last", "next") else leans_ahead((context.anchor - past[-1]).days, forth, ahead=ahead)
    )
    return Expression((future[0] if coming else past[-1]).isoformat(), "day", match.end(), context.anchored_on)


def season_code(word: str) -> tuple[str, int]:
    """TIMEX3 code of a season and a month in its middle."""
    return _SEASONS[word.lower()]
