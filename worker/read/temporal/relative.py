"""Dates that count from another: weekdays, today and tomorrow, "last week", "three days ago", "the same day"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ...contract.article import Granularity
from .absolute import part_value
from .calendar import shift_days, shift_months, week_value, weekday_near
from .context import DateContext, Expression
from .periods import season_code
from .words import MODALS, MONTHS, WEEKDAYS, either, near, number

_NAMED_DAYS = near("named_days")
_RANGE_BEFORE = re.compile(
    rf"\b(?P<first>{either(WEEKDAYS)})(?: (?:morning|afternoon|evening|night))?(?:\s?[-–—]\s?| to | through | until | till )$",
    re.IGNORECASE,
)
_TIME_AFTER = re.compile(r"['’]s?\s+time\b")
_BACK = frozenset({"last", "past", "previous"})
_FORTH = frozenset({"next", "coming", "following"})
_OF_MENTION = frozenset({"previous", "following", "same", "that"})
_UNITS: dict[str, tuple[str, Granularity]] = {
    "second": ("TS", "minute"), "minute": ("TM", "minute"), "hour": ("TH", "hour"),
    "day": ("D", "day"), "night": ("D", "part_of_day"),
    "week": ("W", "week"), "fortnight": ("W", "week"), "weekend": ("W", "week"),
    "month": ("M", "month"), "quarter": ("M", "quarter"),
    "year": ("Y", "year"), "decade": ("Y", "decade"),
}  # fmt: skip


def weekday(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``Thursday``, ``Friday morning``, ``Monday of last week``, ``Sundays``."""
    if not match["day"][0].isupper():
        return None
    index = WEEKDAYS[match["day"].lower()]
    if (
        context.text[max(context.begin, match.start() - 1) : match.start()] == " "
        and (context.text[max(context.begin, match.start() - 20) : match.start()].split()[-1:] or [""])[0]
        in _NAMED_DAYS
    ):
        return None  # "Black Friday"
    if match["plural"] or match["parts"]:
        return Expression(f"XXXX-WXX-{index + 1}", "day", match.end(), kind="SET")
    anchor = context.anchor
    if anchor is None:
        return None
    if week := match["week"]:
        monday = anchor - timedelta(days=anchor.weekday())
        day = shift_days(monday, {"last": -7, "next": 7}.get(week.lower(), 0) + index)
    elif match["far"]:
        return week_on(context, match)
    else:
        day = _bare_weekday(context, index, match.start(), match.end())
    return _day_or_part(day, match["part"], match.end(), context.anchored_on)


def _bare_weekday(context: DateContext, index: int, start: int, end: int) -> date | None:
    """The nearest not after the anchor, or not before it where the clause looks ahead; the day itself counts both ways."""
    assert context.anchor is not None
    if (first := context.mentioned) and (
        other := _RANGE_BEFORE.search(context.text, max(context.begin, start - 45), start)
    ):  # "from Thursday to Saturday": the second is the next such day after the first
        last = shift_days(first, (index - first.weekday()) % 7)
        tense_allows = last is not None and (
            last <= context.anchor or first > context.anchor or context.ahead(start, end) is True
        )
        if WEEKDAYS[other["first"].lower()] == first.weekday() and tense_allows:
            return last
    return weekday_near(index, context.anchor, ahead=context.ahead(start, end) is True)


def week_on(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``Monday week``, ``a week on Monday``, ``Friday fortnight``: that day, and so many weeks more."""
    if context.anchor is None or not match["day"][0].isupper():
        return None
    weeks = 2 if match["far"].lower() == "fortnight" else 1
    day = weekday_near(WEEKDAYS[match["day"].lower()], context.anchor, ahead=True)
    far = shift_days(day, 7 * weeks) if day else None
    return _day_or_part(far, None, match.end(), context.anchored_on)


def _day_or_part(day: date | None, part: str | None, end: int, anchor: str) -> Expression | None:
    if day is None:
        return None
    if part:
        return Expression(part_value(day, part), "part_of_day", end, anchor, kind="TIME")
    return Expression(day.isoformat(), "day", end, anchor)


def day_word(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``today``, ``yesterday afternoon``, ``tonight``, ``overnight``."""
    anchor, word = context.anchor, match["word"].lower()
    if anchor is None or match["word"].isupper():
        return None
    if word == "today" and context.text[match.start() - 4 : match.start()] in ("USA ",):
        return None
    day = shift_days(anchor, {"yesterday": -1, "tomorrow": 1}.get(word, 0))
    part = match["part"] or ("night" if word in ("tonight", "overnight") else None)
    return _day_or_part(day, part, match.end(), context.anchored_on)


def day_before(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the day before yesterday``, ``the day after tomorrow``."""
    if context.anchor is None:
        return None
    days = {("before", "yesterday"): -2, ("after", "yesterday"): 0, ("before", "tomorrow"): 0, ("after", "tomorrow"): 2}
    day = shift_days(context.anchor, days[match["way"].lower(), match["word"].lower()])
    return _day_or_part(day, None, match.end(), context.anchored_on)


def the_day(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the same day``, ``the previous day``, ``the following morning``: counted from the last day mentioned."""
    way = (match["next"] or match["way"]).lower()
    if match["way"] and re.match(r"\s+[a-z]", context.text[match.end() : match.end() + 3]):
        return None  # "the day after the vote": whose day is not known
    base, named = context.base()
    if base is None:
        return None
    shift = {
        "next": 1,
        "following": 1,
        "after": 1,
        "later": 1,
        "previous": -1,
        "preceding": -1,
        "prior": -1,
        "before": -1,
        "earlier": -1,
    }.get(way, 0)
    part = match["part"].lower() if match["part"] and match["part"].lower() != "day" else None
    return _day_or_part(shift_days(base, shift), part, match.end(), named)


def relative(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``last Friday``, ``next March``, ``this morning``, ``last year``, ``the same week``."""
    rel, more = match["rel"].lower(), (match["more"] or "").lower()
    if more in ("coming", "past"):
        rel = more
    if rel == "final":
        return None
    if match["weekday"]:
        return _relative_weekday(context, match, rel)
    if match["month"]:
        return _relative_month(context, match, rel)
    if match["season"]:
        return _relative_season(context, match, rel)
    if match["time"]:
        return _relative_part(context, match, rel)
    return _relative_unit(context, match, rel)


def _relative_weekday(context: DateContext, match: re.Match[str], rel: str) -> Expression | None:
    index = WEEKDAYS[match["weekday"].lower()]
    base, named = (context.base()) if rel in ("following", "previous") else (context.anchor, context.anchored_on)
    if base is None or not match["weekday"][0].isupper() or rel in ("same", "that"):
        return None
    if rel == "next":
        day = weekday_near(index, base + timedelta(days=1), ahead=True) if base < date.max else None
        if day and day.isocalendar()[:2] == base.isocalendar()[:2] and (day - base).days <= 3:
            day = shift_days(day, 7)  # said on Tuesday, "next Thursday" is not the day after tomorrow
    elif rel in _FORTH or rel == "this":
        day = weekday_near(
            index,
            shift_days(base, 0 if rel == "this" else 1) or base,
            ahead=context.ahead(match.start(), match.end()) is not False or rel != "this",
        )
    else:
        day = weekday_near(index, shift_days(base, -1) or base, ahead=False)
    return _day_or_part(day, match["part"], match.end(), named)


def _relative_month(context: DateContext, match: re.Match[str], rel: str) -> Expression | None:
    month, anchor = MONTHS[match["month"].lower()], context.anchor
    if anchor is None or not match["month"][0].isupper() or rel in ("same", "that", "current"):
        return None
    year = anchor.year
    if rel in _BACK and month >= anchor.month:
        year -= 1
    elif rel in _FORTH and month <= anchor.month:
        year += 1
    return Expression(f"{year:04d}-{month:02d}", "month", match.end(), context.anchored_on)


def _relative_season(context: DateContext, match: re.Match[str], rel: str) -> Expression | None:
    code, middle = season_code(match["season"])
    base, named = context.base() if rel in _OF_MENTION else (context.anchor, context.anchored_on)
    if base is None:
        return None
    year = base.year
    if code == "WI" and base.month <= 2 and rel in ("this", "same", "that", "past", "last"):
        year -= 1
    if rel in _BACK and (middle + 1 >= base.month or rel == "previous"):
        year -= code != "WI" or base.month > 2
    elif rel in _FORTH and middle - 1 <= base.month:
        year += 1
    return Expression(f"{year:04d}-{code}", "season", match.end(), named)


def _relative_part(context: DateContext, match: re.Match[str], rel: str) -> Expression | None:
    base, named = (
        context.base()
        if rel in ("next", "following", "previous", "same", "that")
        else (context.anchor, context.anchored_on)
    )
    if base is None or rel in ("past", "coming", "current"):
        return None
    day = shift_days(base, {"last": -1, "previous": -1, "next": 1, "following": 1}.get(rel, 0))
    return _day_or_part(day, match["time"], match.end(), named)


def _relative_unit(context: DateContext, match: re.Match[str], rel: str) -> Expression | None:
    unit = match["unit"].lower()
    if rel == "past" and unit != "weekend":
        letter, granularity = _UNITS[unit]
        return Expression(_duration(1, unit, letter), granularity, match.end(), context.anchored_on, kind="DURATION")
    base, named = context.period_base() if rel in _OF_MENTION else (context.anchor, context.anchored_on)
    if unit == "day":
        if rel not in ("next", "following", "previous", "same"):
            return None
        base, named = context.base()
    if base is None or unit in ("hour", "minute", "second", "night"):
        return None
    step = -1 if rel in _BACK else 1 if rel in _FORTH else 0
    return stepped(base, step, unit, match.end(), named)


def stepped(base: date, step: int, unit: str, end: int, named: str) -> Expression | None:
    """The unit ``step`` units from ``base``: the calendar week, month, quarter, year or decade that it falls in."""
    day: date | None
    if unit in ("day", "night"):
        day = shift_days(base, step)
        return Expression(day.isoformat(), "day", end, named) if day else None
    if unit in ("week", "weekend", "fortnight"):
        day = shift_days(base, step * (14 if unit == "fortnight" else 7))
        if day is None:
            return None
        return Expression(week_value(day) + ("-WE" if unit == "weekend" else ""), "week", end, named)
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120}.get(unit)
    day = shift_months(base, step * months) if months else None
    if day is None:
        return None
    if unit == "month":
        return Expression(f"{day.year:04d}-{day.month:02d}", "month", end, named)
    if unit == "quarter":
        return Expression(f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}", "quarter", end, named)
    if unit == "decade":
        return Expression(f"{day.year // 10:03d}X", "decade", end, named)
    return Expression(f"{day.year:04d}", "year", end, named)


def shift(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``three days ago``, ``two weeks earlier``, ``a year later``."""
    count, unit, way = number(match["count"]), match["unit"].lower(), match["way"].lower()
    if (
        count is None
        or way == "on"
        or (way == "before" and re.match(r"\s+[a-z]", context.text[match.end() : match.end() + 3]))
    ):
        return None
    base, named = context.anchor, context.anchored_on
    if way in ("earlier", "later", "before", "prior", "previously") and (
        unit in ("day", "night", "week", "fortnight") or way == "later"
    ):
        base, named = context.base()
    if base is None:
        return None
    step = count if way in ("later", "hence", "from now") else -count
    if unit in ("hour", "minute", "second"):
        return _moment(context, match, step, unit, named)
    return stepped(base, step, unit, match.end(), named)


def _moment(context: DateContext, match: re.Match[str], step: int, unit: str, named: str) -> Expression | None:
    """Hours and minutes count from the time of publication, where it is known to the minute."""
    if context.moment is None or abs(step) > 96 or (context.moment.hour == 0 and context.moment.minute == 0):
        return None
    try:
        moment = context.moment + (
            timedelta(hours=step) if unit == "hour" else timedelta(minutes=step if unit == "minute" else 0)
        )
    except OverflowError:
        return None
    value = moment.strftime("%Y-%m-%dT%H") if unit == "hour" else moment.strftime("%Y-%m-%dT%H:%M")
    return Expression(value, "hour" if unit == "hour" else "minute", match.end(), named, kind="TIME")


def weekend(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the weekend``: the last one, or the coming one where the clause looks ahead."""
    if context.anchor is None:
        return None
    ahead = context.ahead(match.start(), match.end())
    day = context.anchor if ahead or context.anchor.weekday() >= 5 else shift_days(context.anchor, -7)
    return Expression(f"{week_value(day)}-WE", "week", match.end(), context.anchored_on) if day else None


def relative_count(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``the past three days``, ``the next two years``: how long."""
    if match["rel"].lower() == "last" and context.word_before(match.start()) in MODALS | {"to", "not"}:
        return None  # "the talks will last two days": a verb
    unit = match["unit"].lower()
    letter, granularity = _UNITS[unit]
    count = number(match["count"])
    value = _duration(count, unit, letter) if count is not None else f"P{'T' if letter[0] == 'T' else ''}X{letter[-1]}"
    return Expression(value, granularity, match.end(), context.anchored_on, kind="DURATION")


def duration(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``three years``, ``a two-day``: a number that counts, not "a"."""
    words, unit = match["count"].lower(), match["unit"].lower()
    if words in ("a", "an", "hundred"):
        return None
    letter, granularity = _UNITS[unit]
    if words.startswith("half"):
        return Expression("PT30M", "minute", match.end(), kind="DURATION") if unit == "hour" else None
    count = number(words)
    time = _TIME_AFTER.match(context.text, match.end(), context.stop)
    if time and count and context.anchor and context.word_before(match.start()) == "in" and letter[0] != "T":
        return stepped(context.anchor, count, unit, time.end(), context.anchored_on)  # "in three weeks' time"
    value = _duration(count, unit, letter) if count is not None else f"P{'T' if letter[0] == 'T' else ''}X{letter[-1]}"
    return Expression(value, granularity, match.end(), kind="DURATION")


def _duration(count: int, unit: str, letter: str) -> str:
    count *= {"quarter": 3, "decade": 10, "fortnight": 2}.get(unit, 1)
    return f"PT{count}{letter[1]}" if letter[0] == "T" else f"P{count}{letter}"


def repeated(context: DateContext, match: re.Match[str]) -> Expression | None:
    """``every Friday``, ``daily``, ``each week``."""
    often = (match["often"] or "").lower()
    if match["weekday"]:
        return Expression(f"XXXX-WXX-{WEEKDAYS[match['weekday'].lower()] + 1}", "day", match.end(), kind="SET")
    values: dict[str, tuple[str, Granularity]] = {
        "daily": ("P1D", "day"), "nightly": ("P1D", "day"), "weekly": ("P1W", "week"), "monthly": ("P1M", "month"),
        "quarterly": ("P3M", "quarter"), "yearly": ("P1Y", "year"), "annually": ("P1Y", "year"), "hourly": ("PT1H", "hour"),
        "day": ("P1D", "day"), "night": ("P1D", "day"), "morning": ("P1D", "day"), "week": ("P1W", "week"),
        "month": ("P1M", "month"), "year": ("P1Y", "year"), "hour": ("PT1H", "hour"),
    }  # fmt: skip
    value, granularity = values[often or match["unit"].lower()]
    return Expression(value.replace("1", "2") if match["other"] else value, granularity, match.end(), kind="SET")
