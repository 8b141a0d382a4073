"""Dates that count from another: weekdays, today and tomorrow, "last week", "three days ago", "the same day"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ...contract.article import Granularity
from .absolute import part_value
from .calendar import shift_days, shift_months, week_value, weekday_near
from .context import Found, Scene
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


def weekday(scene: Scene, match: re.Match[str]) -> Found | None:
    """``Thursday``, ``Friday morning``, ``Monday of last week``, ``Sundays``."""
    if not match["day"][0].isupper():
        return None
    index = WEEKDAYS[match["day"].lower()]
    if (
        scene.text[max(scene.begin, match.start() - 1) : match.start()] == " "
        and (scene.text[max(scene.begin, match.start() - 20) : match.start()].split()[-1:] or [""])[0] in _NAMED_DAYS
    ):
        return None  # "Black Friday"
    if match["plural"] or match["parts"]:
        return Found(f"XXXX-WXX-{index + 1}", "day", match.end(), kind="SET")
    anchor = scene.anchor
    if anchor is None:
        return None
    if week := match["week"]:
        monday = anchor - timedelta(days=anchor.weekday())
        day = shift_days(monday, {"last": -7, "next": 7}.get(week.lower(), 0) + index)
    elif match["far"]:
        return week_on(scene, match)
    else:
        day = _bare_weekday(scene, index, match.start(), match.end())
    return _day_or_part(day, match["part"], match.end(), scene.anchored_on)


def _bare_weekday(scene: Scene, index: int, start: int, end: int) -> date | None:
    """The nearest not after the anchor, or not before it where the clause looks ahead; the day itself counts both ways."""
    assert scene.anchor is not None
    if (first := scene.mentioned) and (
        other := _RANGE_BEFORE.search(scene.text, max(scene.begin, start - 45), start)
    ):  # "from Thursday to Saturday": the second is the next such day after the first
        last = shift_days(first, (index - first.weekday()) % 7)
        tense_allows = last is not None and (
            last <= scene.anchor or first > scene.anchor or scene.ahead(start, end) is True
        )
        if WEEKDAYS[other["first"].lower()] == first.weekday() and tense_allows:
            return last
    return weekday_near(index, scene.anchor, ahead=scene.ahead(start, end) is True)


def week_on(scene: Scene, match: re.Match[str]) -> Found | None:
    """``Monday week``, ``a week on Monday``, ``Friday fortnight``: that day, and so many weeks more."""
    if scene.anchor is None or not match["day"][0].isupper():
        return None
    weeks = 2 if match["far"].lower() == "fortnight" else 1
    day = weekday_near(WEEKDAYS[match["day"].lower()], scene.anchor, ahead=True)
    far = shift_days(day, 7 * weeks) if day else None
    return _day_or_part(far, None, match.end(), scene.anchored_on)


def _day_or_part(day: date | None, part: str | None, end: int, anchor: str) -> Found | None:
    if day is None:
        return None
    if part:
        return Found(part_value(day, part), "part_of_day", end, anchor, kind="TIME")
    return Found(day.isoformat(), "day", end, anchor)


def day_word(scene: Scene, match: re.Match[str]) -> Found | None:
    """``today``, ``yesterday afternoon``, ``tonight``, ``overnight``."""
    anchor, word = scene.anchor, match["word"].lower()
    if anchor is None or match["word"].isupper():
        return None
    if word == "today" and scene.text[match.start() - 4 : match.start()] in ("USA ",):
        return None
    day = shift_days(anchor, {"yesterday": -1, "tomorrow": 1}.get(word, 0))
    part = match["part"] or ("night" if word in ("tonight", "overnight") else None)
    return _day_or_part(day, part, match.end(), scene.anchored_on)


def day_before(scene: Scene, match: re.Match[str]) -> Found | None:
    """``the day before yesterday``, ``the day after tomorrow``."""
    if scene.anchor is None:
        return None
    days = {("before", "yesterday"): -2, ("after", "yesterday"): 0, ("before", "tomorrow"): 0, ("after", "tomorrow"): 2}
    day = shift_days(scene.anchor, days[match["way"].lower(), match["word"].lower()])
    return _day_or_part(day, None, match.end(), scene.anchored_on)


def the_day(scene: Scene, match: re.Match[str]) -> Found | None:
    """``the same day``, ``the previous day``, ``the following morning``: counted from the last day mentioned."""
    way = (match["next"] or match["way"]).lower()
    if match["way"] and re.match(r"\s+[a-z]", scene.text[match.end() : match.end() + 3]):
        return None  # "the day after the vote": whose day is not known
    base, named = scene.base()
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


def relative(scene: Scene, match: re.Match[str]) -> Found | None:
    """``last Friday``, ``next March``, ``this morning``, ``last year``, ``the same week``."""
    rel, more = match["rel"].lower(), (match["more"] or "").lower()
    if more in ("coming", "past"):
        rel = more
    if rel == "final":
        return None
    if match["weekday"]:
        return _relative_weekday(scene, match, rel)
    if match["month"]:
        return _relative_month(scene, match, rel)
    if match["season"]:
        return _relative_season(scene, match, rel)
    if match["time"]:
        return _relative_part(scene, match, rel)
    return _relative_unit(scene, match, rel)


def _relative_weekday(scene: Scene, match: re.Match[str], rel: str) -> Found | None:
    index = WEEKDAYS[match["weekday"].lower()]
    base, named = (scene.base()) if rel in ("following", "previous") else (scene.anchor, scene.anchored_on)
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
            ahead=scene.ahead(match.start(), match.end()) is not False or rel != "this",
        )
    else:
        day = weekday_near(index, shift_days(base, -1) or base, ahead=False)
    return _day_or_part(day, match["part"], match.end(), named)


def _relative_month(scene: Scene, match: re.Match[str], rel: str) -> Found | None:
    month, anchor = MONTHS[match["month"].lower()], scene.anchor
    if anchor is None or not match["month"][0].isupper() or rel in ("same", "that", "current"):
        return None
    year = anchor.year
    if rel in _BACK and month >= anchor.month:
        year -= 1
    elif rel in _FORTH and month <= anchor.month:
        year += 1
    return Found(f"{year:04d}-{month:02d}", "month", match.end(), scene.anchored_on)


def _relative_season(scene: Scene, match: re.Match[str], rel: str) -> Found | None:
    code, middle = season_code(match["season"])
    base, named = scene.base() if rel in _OF_MENTION else (scene.anchor, scene.anchored_on)
    if base is None:
        return None
    year = base.year
    if code == "WI" and base.month <= 2 and rel in ("this", "same", "that", "past", "last"):
        year -= 1
    if rel in _BACK and (middle + 1 >= base.month or rel == "previous"):
        year -= code != "WI" or base.month > 2
    elif rel in _FORTH and middle - 1 <= base.month:
        year += 1
    return Found(f"{year:04d}-{code}", "season", match.end(), named)


def _relative_part(scene: Scene, match: re.Match[str], rel: str) -> Found | None:
    base, named = (
        scene.base() if rel in ("next", "following", "previous", "same", "that") else (scene.anchor, scene.anchored_on)
    )
    if base is None or rel in ("past", "coming", "current"):
        return None
    day = shift_days(base, {"last": -1, "previous": -1, "next": 1, "following": 1}.get(rel, 0))
    return _day_or_part(day, match["time"], match.end(), named)


def _relative_unit(scene: Scene, match: re.Match[str], rel: str) -> Found | None:
    unit = match["unit"].lower()
    if rel == "past" and unit != "weekend":
        letter, granularity = _UNITS[unit]
        return Found(_duration(1, unit, letter), granularity, match.end(), scene.anchored_on, kind="DURATION")
    base, named = scene.period_base() if rel in _OF_MENTION else (scene.anchor, scene.anchored_on)
    if unit == "day":
        if rel not in ("next", "following", "previous", "same"):
            return None
        base, named = scene.base()
    if base is None or unit in ("hour", "minute", "second", "night"):
        return None
    step = -1 if rel in _BACK else 1 if rel in _FORTH else 0
    return stepped(base, step, unit, match.end(), named, ahead=step >= 0 and rel != "past")


def stepped(base: date, step: int, unit: str, end: int, named: str, *, ahead: bool = True) -> Found | None:
    """The unit ``step`` units from ``base``: the calendar week, month, quarter, year or decade that it falls in."""
    day: date | None
    if unit in ("day", "night"):
        day = shift_days(base, step)
        return Found(day.isoformat(), "day", end, named) if day else None
    if unit in ("week", "weekend", "fortnight"):
        day = shift_days(base, step * (14 if unit == "fortnight" else 7))
        if day is None:
            return None
        return Found(week_value(day) + ("-WE" if unit == "weekend" else ""), "week", end, named)
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120}.get(unit)
    day = shift_months(base, step * months) if months else None
    if day is None:
        return None
    if unit == "month":
        return Found(f"{day.year:04d}-{day.month:02d}", "month", end, named)
    if unit == "quarter":
        return Found(f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}", "quarter", end, named)
    if unit == "decade":
        return Found(f"{day.year // 10:03d}X", "decade", end, named)
    return Found(f"{day.year:04d}", "year", end, named)


def shift(scene: Scene, match: re.Match[str]) -> Found | None:
    """``three days ago``, ``two weeks earlier``, ``a year later``."""
    count, unit, way = number(match["count"]), match["unit"].lower(), match["way"].lower()
    if (
        count is None
        or way == "on"
        or (way == "before" and re.match(r"\s+[a-z]", scene.text[match.end() : match.end() + 3]))
    ):
        return None
    base, named = scene.anchor, scene.anchored_on
    if way in ("earlier", "later", "before", "prior", "previously") and (
        unit in ("day", "night", "week", "fortnight") or way == "later"
    ):
        base, named = scene.base()
    if base is None:
        return None
    step = count if way in ("later", "hence", "from now") else -count
    if unit in ("hour", "minute", "second"):
        return _moment(scene, match, step, unit, named)
    return stepped(base, step, unit, match.end(), named)


def _moment(scene: Scene, match: re.Match[str], step: int, unit: str, named: str) -> Found | None:
    """Hours and minutes count from the time of publication, where it is known to the minute."""
    if scene.moment is None or abs(step) > 96 or (scene.moment.hour == 0 and scene.moment.minute == 0):
        return None
    try:
        moment = scene.moment + (
            timedelta(hours=step) if unit == "hour" else timedelta(minutes=step if unit == "minute" else 0)
        )
    except OverflowError:
        return None
    value = moment.strftime("%Y-%m-%dT%H") if unit == "hour" else moment.strftime("%Y-%m-%dT%H:%M")
    return Found(value, "hour" if unit == "hour" else "minute", match.end(), named, kind="TIME")


def weekend(scene: Scene, match: re.Match[str]) -> Found | None:
    """``the weekend``: the last one, or the coming one where the clause looks ahead."""
    if scene.anchor is None:
        return None
    ahead = scene.ahead(match.start(), match.end())
    day = scene.anchor if ahead or scene.anchor.weekday() >= 5 else shift_days(scene.anchor, -7)
    return Found(f"{week_value(day)}-WE", "week", match.end(), scene.anchored_on) if day else None


def relative_count(scene: Scene, match: re.Match[str]) -> Found | None:
    """``the past three days``, ``the next two years``: how long."""
    if match["rel"].lower() == "last" and scene.word_before(match.start()) in MODALS | {"to", "not"}:
        return None  # "the talks will last two days": a verb
    unit = match["unit"].lower()
    letter, granularity = _UNITS[unit]
    count = number(match["count"])
    value = _duration(count, unit, letter) if count is not None else f"P{'T' if letter[0] == 'T' else ''}X{letter[-1]}"
    return Found(value, granularity, match.end(), scene.anchored_on, kind="DURATION")


def duration(scene: Scene, match: re.Match[str]) -> Found | None:
    """``three years``, ``a two-day``: a number that counts, not "a"."""
    words, unit = match["count"].lower(), match["unit"].lower()
    if words in ("a", "an", "hundred"):
        return None
    letter, granularity = _UNITS[unit]
    if words.startswith("half"):
        return Found("PT30M", "minute", match.end(), kind="DURATION") if unit == "hour" else None
    count = number(words)
    time = _TIME_AFTER.match(scene.text, match.end(), scene.stop)
    if time and count and scene.anchor and scene.word_before(match.start()) == "in" and letter[0] != "T":
        return stepped(scene.anchor, count, unit, time.end(), scene.anchored_on)  # "in three weeks' time"
    value = _duration(count, unit, letter) if count is not None else f"P{'T' if letter[0] == 'T' else ''}X{letter[-1]}"
    return Found(value, granularity, match.end(), kind="DURATION")


def _duration(count: int, unit: str, letter: str) -> str:
    count *= {"quarter": 3, "decade": 10, "fortnight": 2}.get(unit, 1)
    return f"PT{count}{letter[1]}" if letter[0] == "T" else f"P{count}{letter}"


def repeated(scene: Scene, match: re.Match[str]) -> Found | None:
    """``every Friday``, ``daily``, ``each week``."""
    often = (match["often"] or "").lower()
    if match["weekday"]:
        return Found(f"XXXX-WXX-{WEEKDAYS[match['weekday'].lower()] + 1}", "day", match.end(), kind="SET")
    values: dict[str, tuple[str, Granularity]] = {
        "daily": ("P1D", "day"), "nightly": ("P1D", "day"), "weekly": ("P1W", "week"), "monthly": ("P1M", "month"),
        "quarterly": ("P3M", "quarter"), "yearly": ("P1Y", "year"), "annually": ("P1Y", "year"), "hourly": ("PT1H", "hour"),
        "day": ("P1D", "day"), "night": ("P1D", "day"), "morning": ("P1D", "day"), "week": ("P1W", "week"),
        "month": ("P1M", "month"), "year": ("P1Y", "year"), "hour": ("PT1H", "hour"),
    }  # fmt: skip
    value, granularity = values[often or match["unit"].lower()]
    return Found(value.replace("1", "2") if match["other"] else value, granularity, match.end(), kind="SET")
