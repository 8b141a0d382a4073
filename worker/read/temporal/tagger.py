"""Dates and times, found and resolved by the conventions of news.

A bare weekday is the nearest one not after publication, the day itself included, unless its clause looks ahead. A day and
month without a year is the nearest that the clause allows. "The same day", "the next day" and "a week later" count from the
last day that the text resolved; captions keep that memory to themselves. Days are those of the publication's own zone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import cast

from ...contract.article import Timex
from ..document import Document, Sentence
from ..syntax.sentences import split_sentences
from . import absolute, periods, relative
from . import patterns as forms
from .calendar import bounds, week_value
from .context import DateContext, Expression

_WORD = re.compile(r"\d+|[^\W\d_]+|['’](?=\d0['’]?s)")
_NEXT_DAY = re.compile(
    r"[\s,)]*(?:\((?:\d{3,4}|\d\d?[:.]\d\d) [A-Z]{2,4}\)[\s,]*|\(?(?:local time|[A-Z]{2,4}|local)\)?[\s,]*)?"
    r"(?:on\s+|of\s+|\(\s*)?"
)
#: Before the day on which somebody told what happened on another day of the sentence.
_REPORTED = re.compile(r"\b(?:said|told|reported|confirmed|announced|added)(?: (?:\w+ )?on| late| early)?\s*$")
_MOST = 4000  #: Expressions kept of one text; a page of numbers has more, an article never.

Rule = Callable[[DateContext, re.Match[str]], Expression | None]


def resolve_dates(document: Document) -> Document:
    """The document with its date and time expressions, in the order of the text, each with an exact span."""
    if not document.sentences:
        document = split_sentences(document)
    context = _start_context(document)
    found: list[Timex] = []
    for sentence in document.sentences:
        kind = document.kind_of(sentence)
        if kind == "caption":
            aside = replace(context, caption=True, mentioned=_mentioned(found, document.blocks[sentence.block].start))
            _read_sentence(aside, sentence, found)
        elif kind in ("body", "bullet", "headline", "dateline", "correction", "tail", "byline"):
            before = context.mentioned
            _read_sentence(context, sentence, found)
            if kind not in ("body", "bullet"):
                context.mentioned = before
        if len(found) > _MOST:
            break
    return replace(document, timex=tuple(found[:_MOST]))


def interval(timex: Timex) -> tuple[date, date] | None:
    """First and last day that the expression covers, or None for durations, sets and unresolved ones.

    A weekday gives that day twice, "this week" its Monday and Sunday, a decade ten years.
    """
    if timex.value is None or timex.type in ("DURATION", "SET"):
        return None
    return bounds(timex.value)


def _start_context(document: Document) -> DateContext:
    """Where the reading starts. The dateline's day is the anchor where it lies close to the publication: words such as
    "today" were written on it, and the publication may be a copy's, or in another zone."""
    published = document.published
    anchor = published.date() if published else None
    name = "publication"
    dated = bounds(document.dateline.date) if document.dateline and document.dateline.date else None
    if dated and (anchor is None or -1 <= (anchor - dated[0]).days <= 6):
        if anchor != dated[0]:
            name = "dateline"
        anchor = dated[0]
    english = document.language is None or document.language.lower().startswith("en")
    return DateContext(document.text, anchor, name, published, english)


def _mentioned(found: list[Timex], since: int) -> date | None:
    """The last day resolved since a place in the text."""
    for timex in reversed(found):
        if timex.start < since:
            return None
        days = interval(timex)
        if days and days[0] == days[1]:
            return days[0]
    return None


def _words(text: str, sentence: Sentence) -> Iterator[tuple[int, str]]:
    """Yield start and text of the words of a sentence that may begin an expression; most begin none."""
    tokens, starts = sentence.tokens, forms.STARTS
    for k, low in enumerate(tokens.low):
        if low in starts:
            yield tokens.start[k], low
        elif not low.isalpha() and (len(low) > 1 or low.isdigit()):  # "mid-January", "3.5", "25th"
            for word in _WORD.finditer(text, tokens.start[k], tokens.end[k]):
                if word[0][0].isdigit() or word[0].lower() in starts:
                    yield word.start(), word[0]


def _read_sentence(context: DateContext, sentence: Sentence, found: list[Timex]) -> None:
    context.begin, context.stop = sentence.start, sentence.end
    text, at = context.text, sentence.start
    waiting: list[tuple[int, Expression, tuple[date | None, str]]] = []
    nearest: list[tuple[int, int, date]] = []
    for start, word in _words(text, sentence):
        if start < at:
            continue
        if len(found) + len(waiting) > _MOST:
            break
        hit = find_at(context, start, word)
        if hit is None:
            continue
        at = hit.end
        if hit.clock is not None:
            waiting.append((start, hit, context.base()))
            continue
        if (day := hit.day) is not None:
            reported = bool(nearest) and _REPORTED.search(text, max(sentence.start, start - 24), start) is not None
            nearest.append((start, hit.end, day))
            if hit.granularity in ("day", "part_of_day") and not reported:
                context.mentioned = context.period = day
        elif hit.kind == "DATE" and hit.granularity in ("month", "year") and (days := bounds(hit.value)):
            context.period = days[0]
        _keep(context, start, hit, found)
    for start, hit, base in waiting:
        _give_day(context, start, hit, nearest, base)
        if hit.value:
            _keep(context, start, hit, found)
    if waiting:
        found.sort(key=lambda timex: timex.start)


def find_at(context: DateContext, start: int, word: str) -> Expression | None:
    """The expression that starts with ``word`` at ``start``, resolved, or None."""
    text = context.text
    if word[0].isdigit():
        if start > context.begin and _glued(text, start):
            return None
        key = "#"
    else:
        key = word.lower()
        if start > context.begin and text[start - 1] in "_@#/":
            return None
    patterns = forms.STARTS.get(key)
    if not patterns or (not context.english and key != "#"):
        return None
    for pattern in patterns:
        match = pattern.match(text, start, context.stop)
        if match is None or (
            match.end() < context.stop and text[match.end()].isalnum() and text[match.end() - 1].isalnum()
        ):
            continue
        found = _RULES[pattern](context, match)
        if found is not None:
            return found
    return None


def _glued(text: str, start: int) -> bool:
    """Whether digits are the rest of a larger number, a price or a code."""
    before = text[start - 1]
    if before.isalnum() or before in "$€£¥_@#":
        return True
    return before in ".,:/" and start >= 2 and text[start - 2].isdigit()


def _give_day(
    context: DateContext,
    start: int,
    hit: Expression,
    nearest: list[tuple[int, int, date]],
    base: tuple[date | None, str],
) -> None:
    """Give a time its day: the date right after or before it, else ``base``, the last one mentioned before it or the anchor."""
    day: date | None = None
    gap = _NEXT_DAY.match(context.text, hit.end, context.stop)
    after = gap.end() if gap else hit.end
    right, left = bisect_left(nearest, (after,)), bisect_left(nearest, (start,)) - 1
    if right < len(nearest) and nearest[right][0] == after:
        day, hit.anchor = nearest[right][2], "mention"
    elif left >= 0 and 0 < start - nearest[left][1] <= 12:
        day, hit.anchor = nearest[left][2], "mention"
    if day is None:
        day, hit.anchor = base
    if day is not None and hit.clock:
        hit.value = f"{day.isoformat()}{hit.clock}"


def _keep(context: DateContext, start: int, hit: Expression, found: list[Timex]) -> None:
    first = start if hit.start is None else hit.start
    end = hit.end
    while end > first and context.text[end - 1].isspace():
        end -= 1
    found.append(
        Timex(
            text=context.text[first:end],
            start=first,
            end=end,
            value=hit.value or None,
            granularity=hit.granularity,
            anchor=hit.anchor,
            type=cast("forms.TimexType", hit.kind),
        )
    )


def _modified(context: DateContext, match: re.Match[str]) -> Expression | None:
    """ "late 2011", "early next week", "earlier this month", "the end of March": the rest, with the words before it."""
    start = match.end()
    word = _WORD.match(context.text, start, context.stop)
    if word is None:
        return None
    words = match.groupdict()
    if (
        words.get("edge")
        and context.anchor
        and (unit := re.match(r"(?:year|month|week)\b", context.text[start : start + 6], re.IGNORECASE))
    ):
        return relative.stepped(context.anchor, 0, unit[0].lower(), start + unit.end(), context.anchored_on)
    if (
        words.get("mod")
        and context.anchor
        and (part := re.match(r"(?:morning|afternoon|evening)\b", context.text[start : start + 10], re.IGNORECASE))
    ):
        if "the" in match[0].lower():
            return None
        day, named = context.base()
        return (
            Expression(absolute.part_value(day, part[0]), "part_of_day", start + part.end(), named, kind="TIME")
            if day
            else None
        )
    found = find_at(context, start, word[0])
    if found is None or found.kind in ("DURATION", "SET") or found.clock is not None:
        return None
    return found


def _in_the_day(context: DateContext, match: re.Match[str]) -> Expression | None:
    """ "later in the day", "earlier that day": the last day mentioned."""
    day, named = context.base()
    return Expression(day.isoformat(), "day", match.end(), named) if day else None


def _week_of(context: DateContext, match: re.Match[str]) -> Expression | None:
    """ "the week of March 6": the week that the day falls in."""
    found = _dated(context, match.end())
    return Expression(week_value(found.day), "week", found.end, found.anchor) if found and found.day else None


def _short_weekday(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``Thu, July 27``: an abbreviated weekday counts only before a date."""
    return _dated(context, match.end()) if match["day"][0].isupper() else None


def _weekday(context: DateContext, match: re.Match[str]) -> Expression | None:
    """A weekday, with the date that may stand right after it ("Tuesday, March 12, 2024")."""
    if not (match["plural"] or match["part"] or match["week"] or match["far"]) and (
        gap := forms.AFTER_WEEKDAY.match(context.text, match.end(), context.stop)
    ):
        found = _dated(context, gap.end())
        if found is not None:
            return found
    return relative.weekday(context, match)


def _dated(context: DateContext, start: int) -> Expression | None:
    for pattern in (forms.MONTH_DAY, forms.DAY_MONTH):
        if (match := pattern.match(context.text, start, context.stop)) and (
            found := absolute.month_day(context, match)
        ):
            return found
    return None


_RULES: dict[re.Pattern[str], Rule] = {
    forms.ISO: absolute.iso_day,
    forms.SLASHED: absolute.slashed,
    forms.MONTH_DAY: absolute.month_day,
    forms.DAY_MONTH: absolute.month_day,
    forms.FOREIGN: absolute.month_day,
    forms.MONTH_RANGE: absolute.month_range,
    forms.MONTH_YEAR: absolute.month_year,
    forms.MONTH: absolute.bare_month,
    forms.YEARS: absolute.years,
    forms.FISCAL: absolute.fiscal,
    forms.DECADE: periods.decade,
    forms.SPELLED_DECADE: periods.spelled_decade,
    forms.SEASON: periods.season,
    forms.BARE_SEASON: periods.bare_season,
    forms.QUARTER: periods.quarter,
    forms.SHORT_QUARTER: periods.quarter,
    forms.SPELLED_YEAR: absolute.spelled_year,
    forms.CLOCK: absolute.clock,
    forms.CLOCK_24: absolute.clock,
    forms.CLOCK_DOT: absolute.clock,
    forms.CLOCK_ZONE: absolute.clock,
    forms.NOON: absolute.noon,
    forms.HOLIDAY: periods.holiday,
    forms.WEEKDAY: _weekday,
    forms.WEEK_ON: relative.week_on,
    forms.SHORT_WEEKDAY: _short_weekday,
    forms.DAY_WORD: relative.day_word,
    forms.DAY_BEFORE: relative.day_before,
    forms.THE_DAY: relative.the_day,
    forms.RELATIVE: relative.relative,
    forms.RELATIVE_COUNT: relative.relative_count,
    forms.SHIFT: relative.shift,
    forms.WEEKEND: relative.weekend,
    forms.DURATION: relative.duration,
    forms.SET: relative.repeated,
    forms.IN_THE_DAY: _in_the_day,
    forms.WEEK_OF: _week_of,
    forms.MODIFIER: _modified,
    forms.YEAR_END: _modified,
}
