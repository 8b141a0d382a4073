"""The forms of date and time expressions: anchored patterns, found by the word that an expression starts with.

Each pattern is tried only at a word that can start it, and no pattern has an unbounded repeat, so the cost is linear.
"""

from __future__ import annotations

import re
from typing import Literal

from .words import FOREIGN_MONTHS, MONTHS, NUMBERS, ORDINALS, WEEKDAYS, ZONES, either

_MONTH = f"(?:{either(MONTHS)})"
_LONG_WEEKDAYS = {word: day for word, day in WEEKDAYS.items() if word.endswith("day")}
_WEEKDAY = f"(?:{either(_LONG_WEEKDAYS)})"
_ANY_WEEKDAY = f"(?:{either(WEEKDAYS)})"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUMBER = rf"(?:\d{{1,4}}|(?:{_TENS})[- ](?:one|two|three|four|five|six|seven|eight|nine)|{either(NUMBERS)})"
_ORDINAL = f"(?:{_TENS}-)?(?:{either(ORDINALS)})"
_UNIT = "(?:second|minute|hour|day|night|week|weekend|fortnight|month|quarter|year|decade)"
_LONG_UNIT = "(?:second|minute|hour|day|night|week|month|year|decade)"
_YEAR = r"(?:1[0-9]|20|21)\d\d"
_NTH = r"(?:st|nd|rd|th)?"
_DASH = r"\s?(?:-|–|—)\s?|\s(?:to|through|until)\s"
TimexType = Literal["DATE", "TIME", "DURATION", "SET"]
PART = "morning|afternoon|evening|night|midday|noon|midnight"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ISO = _form(
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[T ](?P<t>\d\d:\d\d(?::\d\d)?)(?:\.\d{1,6})?(?P<z>Z|"
    r"[+-]\d\d:?\d\d)?)?(?!\d)"
)
SLASHED = _form(r"(?P<a>\d{1,4})(?P<sep>[./])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{4}|\d\d)(?![\d.,/]\d)")
MONTH_DAY = _form(
    rf"(?P<mon>{_MONTH})\.?\s+(?:the\s+)?(?:(?P<day>\d{{1,2}}){_NTH}(?!\d|[:,.]\d|\s?%)|(?P<word>{_ORDINAL})\b)"
    rf"(?:(?:{_DASH}|\s(?P<and>and)\s)(?:(?P<mon2>{_MONTH})\.?\s+)?(?P<day2>\d{{1,2}}){_NTH}(?![\d:]))?"
    rf"(?:,?\s+(?P<year>{_YEAR})(?!\d)|(?:,|\s+of)?\s+(?P<rel>last|this|next)\s+year\b)?"
)
DAY_MONTH = _form(
    rf"(?:the\s+)?(?P<day>\d{{1,2}}){_NTH}(?:(?:{_DASH}|\s(?P<and>and)\s)(?P<day2>\d{{1,2}}){_NTH})?\s+(?:of\s+)?"
    rf"(?P<mon>{_MONTH})\b\.?(?:,?\s+(?P<year>{_YEAR})(?!\d)|(?:,|\s+of)?\s+(?P<rel>last|this|next)\s+year\b)?"
)
MONTH_YEAR = _form(
    rf"(?P<mon>{_MONTH})\.?(?:,|\s+of)?\s+(?:(?P<year>{_YEAR})(?!\d)|(?:of\s+)?(?P<rel>last|"
    rf"this|next|the previous|the following|the same)\s+year)"
)
MONTH_RANGE = _form(
    rf"(?P<mon>{_MONTH})\.?\s?[-–]\s?(?P<mon2>{_MONTH})\b\.?(?:,?\s+(?:of\s+)?(?P<year>{_YEAR})(?!\d))?(?!\s+\d)"
)
MONTH = _form(rf"(?P<mon>{_MONTH})\b(?!-\w)")
WEEKDAY = _form(
    rf"(?P<day>{_WEEKDAY})(?:(?P<plural>s)\b|(?:\s+(?:of\s+)?(?P<week>last|next|this)\s+week)|(?:\s+(?P<far>week|fortnight)\b)"
    rf"|(?:\s+(?P<part>{PART})(?P<parts>s)?\b)?)"
)
SHORT_WEEKDAY = _form(rf"(?P<day>{_ANY_WEEKDAY})\b\.?,?\s+")
WEEK_ON = _form(rf"(?:a\s+)?(?P<far>week|fortnight)\s+(?:on|from)\s+(?P<day>{_WEEKDAY})\b(?!['’])")
AFTER_WEEKDAY = _form(r"\s*,\s*|\s+(?:the\s+)?")
RELATIVE = _form(
    r"(?P<the>the\s+)?(?P<rel>this|last|next|past|previous|following|coming|same|that|final|current)\s+"
    rf"(?:(?P<more>coming|past|same|very)\s+)?(?:(?P<weekday>{_WEEKDAY})(?:\s+(?P<part>{PART}))?|(?P<month>{_MONTH})|"
    rf"(?P<season>spring|summer|autumn|fall|winter)|(?P<time>{PART})|(?:(?:fiscal|financial|"
    rf"calendar)\s+)?(?P<unit>{_UNIT}))\b(?!-)"
)
RELATIVE_COUNT = _form(
    rf"(?:the\s+)?(?P<rel>last|next|past|previous|following|coming|first|final)\s+(?P<count>{_NUMBER}|"
    rf"few|several|couple of)[\s-]+(?P<unit>{_UNIT})s?\b"
)
DAY_WORD = _form(rf"(?P<word>today|tonight|yesterday|tomorrow|overnight)\b(?:\s+(?P<part>{PART})\b)?")
DAY_BEFORE = _form(r"the\s+day\s+(?P<way>before|after)\s+(?P<word>yesterday|tomorrow)\b")
SHIFT = _form(
    rf"(?:(?:more|less|fewer)\s+than\s+|(?:nearly|almost|about|some|around|roughly|over|just|at least|barely|only)\s+)?"
    rf"(?P<count>{_NUMBER}|several|a few|few|a couple of|many)[\s-]+(?P<unit>{_UNIT})s?[\s-]+"
    r"(?P<way>ago|earlier|later|before|hence|from now|prior|previously|on)\b(?!-)"
)
THE_DAY = _form(
    r"(?:the|that)\s+(?:very\s+)?(?:(?P<next>next|following|previous|preceding|same|prior)\s+(?P<part>day|"
    r"morning|afternoon|evening|night)|day\s+(?P<way>before|after|earlier|later))\b"
)
CLOCK = _form(
    r"(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?(?::[0-5]\d)?\s?(?P<half>[ap])\.?\s?m\b\.?"
    rf"(?:,?\s*\(?(?P<zone>local time|{either(ZONES)}|ET|PT|CT|MT)\b\)?)?"
)
CLOCK_24 = _form(
    rf"(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::[0-5]\d)?(?!\d|:)(?:\s?\(?(?P<zone>local time|"
    rf"{either(ZONES)}|ET|hours|hrs)\b\)?)?"
)
CLOCK_ZONE = _form(rf"(?P<h>[01]\d|2[0-3])[:.]?(?P<m>[0-5]\d)\s?(?P<zone>{either(ZONES)}|hours|hrs|local time|local)\b")
#: "at 14.30 on Wednesday": with a dot only where the day stands beside it; "closed at 14.30" is a price.
CLOCK_DOT = _form(rf"(?P<h>[01]?\d|2[0-3])\.(?P<m>[0-5]\d)(?=,?\s+(?:(?:on|last|next)\s+){{0,2}}{_ANY_WEEKDAY}\b)")
NOON = _form(r"(?P<word>noon|midnight|midday)\b")
DECADE = _form(
    r"(?:the\s+)?(?:(?P<y>1[5-9]|20)(?P<d>\d)0|['’](?P<short>\d)0)['’]?s\b|the\s+(?P<word>twenties|"
    r"thirties|forties|fifties|sixties|seventies|eighties|nineties)\b"
)
SPELLED_DECADE = _form(r"(?P<word>sixties|seventies|eighties|nineties)\b")
YEARS = _form(
    rf"(?P<year>{_YEAR})(?:\s?[-–]\s?(?P<last>\d{{4}}|\d\d)\b|/(?P<slash>\d\d)\b)?(?![\d%]|[.,:]\d|-\w|st\b|th\b)"
)
FISCAL = _form(r"(?:the\s+)?(?:fiscal|financial|calendar)\s+(?:year\s+)?(?P<year>(?:19|20)\d\d)\b")
QUARTER = _form(
    r"(?:the\s+)?(?P<q>first|second|third|fourth|1st|2nd|3rd|4th|final|latest)[\s-](?P<what>quarter|half)\b"
    rf"(?:\s+(?:of\s+)?(?:the\s+)?(?:(?:fiscal|calendar)\s+)?(?:(?P<year>{_YEAR})(?!\d)|(?P<rel>this|"
    rf"last|next)\s+year))?"
)
SHORT_QUARTER = _form(rf"(?P<what>[QH])(?P<q>[1-4])\b(?:\s+(?:of\s+)?(?P<year>{_YEAR})(?!\d))?")
SEASON = _form(rf"(?:the\s+)?(?P<season>spring|summer|autumn|fall|winter)(?:\s+of)?\s+(?P<year>{_YEAR})(?!\d)")
BARE_SEASON = _form(r"(?:the\s+)?(?P<season>spring|summer|autumn|fall|winter)\b(?!['’]s)")
WEEKEND = _form(r"the\s+weekend\b")
SET = _form(
    rf"(?:every|each)\s+(?:(?P<other>other)\s+)?(?:(?P<weekday>{_WEEKDAY})(?:\s+(?P<part>{PART})"
    rf")?|(?P<unit>day|night|week|month|year|hour|morning))\b|(?P<often>daily|weekly|monthly|"
    rf"quarterly|yearly|annually|hourly|nightly)\b"
)
DURATION = _form(
    rf"(?P<count>{_NUMBER}|several|a few|few|half an?|a couple of)(?:\s+(?P<half>and\s+a\s+half|1/2))?[\s-]+"
    rf"(?P<unit>{_LONG_UNIT})(?P<plural>s)?\b(?![\s-]old)"
)
HOLIDAY = _form(
    r"(?:(?P<rel>last|next|this)\s+)?(?P<name>christmas(?:\s+(?:day|eve))?|new\s+year['’]?s\s+(?:day|"
    r"eve)|valentine['’]?s\s+day|9/11|"
    r"thanksgiving(?:\s+day)?|labor\s+day|memorial\s+day|election\s+day|easter(?:\s+(?:sunday|"
    r"monday))?|good\s+friday)\b"
)
IN_THE_DAY = _form(r"(?:earlier|later|late)\s+(?:in\s+the|that|the\s+same)\s+day\b")
WEEK_OF = _form(rf"(?:the\s+)?week\s+of\s+(?=(?:{_MONTH})\.?\s+\d)")
YEAR_END = _form(
    r"(?:the\s+)?(?P<edge>end|beginning|start|close|middle)\s+of\s+(?:the\s+)?(?=this|last|next|"
    + rf"{_MONTH}|{_YEAR}|year\b|month\b|week\b)"
)
MODIFIER = _form(
    r"(?:the\s+)?(?P<mod>early|late|mid|earlier|later|mid-to-late)(?:[\s-]+)(?:(?:in|on|of)\s+)?(?:the\s+)?"
)
SPELLED_YEAR = _form(
    rf"(?P<century>nineteen|eighteen|twenty)\s+(?:(?P<tens>{_TENS})(?:[- ](?P<ones>one|two|three|"
    rf"four|five|six|seven|eight|nine))?|(?P<teen>ten|eleven|twelve|thirteen|fourteen|fifteen|"
    rf"sixteen|seventeen|eighteen|nineteen))\b(?!\s+(?:{_UNIT}|percent|people))"
)
FOREIGN = _form(
    rf"(?P<day>\d{{1,2}})(?:er|º|ª|\.)?\s+(?:de\s+)?(?P<mon>{either(FOREIGN_MONTHS)}|april|august|september|november)\b\.?(?:\s+(?:de\s+|"
    rf"del\s+)?(?P<year>{_YEAR})(?!\d))?"
)

_ANY_NUMBER = [
    *NUMBERS,
    "several",
    "few",
    "many",
    "nearly",
    "almost",
    "about",
    "some",
    "around",
    "roughly",
    "over",
    "just",
    "more",
    "less",
    "fewer",
    "at",
    "barely",
    "only",
    "half",
]
#: First word of an expression (lower case) to the forms it may start, the longest reading first. ``#`` stands for digits.
STARTS: dict[str, tuple[re.Pattern[str], ...]] = {
    "#": (
        ISO,
        SLASHED,
        CLOCK,
        CLOCK_ZONE,
        CLOCK_24,
        CLOCK_DOT,
        DAY_MONTH,
        FOREIGN,
        SHIFT,
        DECADE,
        QUARTER,
        HOLIDAY,
        YEARS,
        DURATION,
    ),
    "the": (
        WEEK_OF,
        DAY_BEFORE,
        THE_DAY,
        RELATIVE_COUNT,
        RELATIVE,
        QUARTER,
        DAY_MONTH,
        DECADE,
        SEASON,
        BARE_SEASON,
        WEEKEND,
        FISCAL,
        YEAR_END,
        MODIFIER,
    ),
    "that": (THE_DAY, RELATIVE),
    "this": (HOLIDAY, RELATIVE),
    "last": (HOLIDAY, RELATIVE_COUNT, RELATIVE),
    "next": (HOLIDAY, RELATIVE_COUNT, RELATIVE),
    "past": (RELATIVE_COUNT, RELATIVE),
    "coming": (RELATIVE_COUNT, RELATIVE),
    "following": (RELATIVE,),
    "previous": (RELATIVE,),
    "same": (RELATIVE,),
    "final": (QUARTER,),
    "end": (YEAR_END,),
    "beginning": (YEAR_END,),
    "start": (YEAR_END,),
    "close": (YEAR_END,),
    "middle": (YEAR_END,),
    "early": (MODIFIER,),
    "late": (IN_THE_DAY, MODIFIER),
    "earlier": (IN_THE_DAY, MODIFIER),
    "later": (IN_THE_DAY, MODIFIER),
    "week": (WEEK_OF, WEEK_ON),
    "fortnight": (WEEK_ON,),
    "mid": (MODIFIER,),
    "today": (DAY_WORD,),
    "tonight": (DAY_WORD,),
    "yesterday": (DAY_WORD,),
    "tomorrow": (DAY_WORD,),
    "overnight": (DAY_WORD,),
    "noon": (NOON,),
    "midnight": (NOON,),
    "midday": (NOON,),
    "every": (SET,),
    "each": (SET,),
    "fiscal": (FISCAL,),
    "financial": (FISCAL,),
    "christmas": (HOLIDAY,),
    "new": (HOLIDAY,),
    "valentine": (HOLIDAY,),
    **dict.fromkeys(("thanksgiving", "labor", "memorial", "election", "easter", "good"), (HOLIDAY,)),
    **dict.fromkeys(("daily", "weekly", "monthly", "quarterly", "yearly", "annually", "hourly", "nightly"), (SET,)),
    **dict.fromkeys(("first", "second", "third", "fourth", "latest"), (QUARTER,)),
    **dict.fromkeys(("spring", "summer", "autumn", "fall", "winter"), (SEASON, BARE_SEASON)),
    "q": (SHORT_QUARTER,),
    "h": (SHORT_QUARTER,),
    "'": (DECADE,),
    "’": (DECADE,),
    **dict.fromkeys(_ANY_NUMBER, (SHIFT, DURATION)),
    "a": (WEEK_ON, SHIFT, DURATION),
    **dict.fromkeys(("sixties", "seventies", "eighties", "nineties"), (SPELLED_DECADE,)),
    **dict.fromkeys(("nineteen", "eighteen", "twenty"), (SPELLED_YEAR, SHIFT, DURATION)),
    **dict.fromkeys(MONTHS, (MONTH_DAY, MONTH_RANGE, MONTH_YEAR, MONTH)),
    **dict.fromkeys(_LONG_WEEKDAYS, (WEEKDAY,)),
    **{f"{word}s": (WEEKDAY,) for word in _LONG_WEEKDAYS},
    **{word: (SHORT_WEEKDAY,) for word in WEEKDAYS if word not in _LONG_WEEKDAYS},
}
