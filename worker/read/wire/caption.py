"""A caption's record: its words, credit and rights, with the days that it prints and that it shows."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ...contract.article import Caption
from ..temporal.calendar import day_or_none, nearest_year
from ..temporal.words import MONTHS, either
from .captions import Parts
from .lines import Line

_DAY = re.compile(
    rf"\b(?:(?P<m1>{either(MONTHS)})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?|(?P<d2>\d{{1,2}})"
    rf"(?:st|nd|rd|th)?\s+(?P<m2>{either(MONTHS)})\.?)(?:,?\s+(?P<y>\d{{4}}))?(?!\d)",
    re.IGNORECASE,
)
_DAY_BEFORE = re.compile(r"\b(?:the (?:previous day|day before)|a day (?:earlier|before))\b", re.IGNORECASE)
_GIVEN_OUT = re.compile(
    r"\b(?:carried|released|provided|distributed|published|issued|supplied|posted|shared)\b[^.;]{0,120}\bon\s*$",
    re.IGNORECASE,
)


def caption_record(line: Line, parts: Parts, credit: str | None, published: date | None) -> Caption:
    """The contract's caption for a line taken apart.

    ``date`` is the first day printed. ``depicts_date`` is the day shown: the day before, where the caption says "the previous
    day" of the date on which the picture was given out; else the first day that is not the date of giving out; else that one.
    """
    text = line.text[parts.start : parts.end].strip()
    start = line.start + parts.start
    printed, shown = _days(text, published)
    return Caption(
        text=text,
        credit=credit,
        rights=line.rights or parts.rights,
        origin=parts.origin,
        date=printed.isoformat() if printed else None,
        depicts_date=shown.isoformat() if shown else None,
        file_photo=parts.file_photo,
        start=start,
        end=start + len(text),
    )


def _days(text: str, published: date | None) -> tuple[date | None, date | None]:
    found: list[tuple[date, bool]] = []
    for match in _DAY.finditer(text[:2000]):
        month, day = MONTHS[(match["m1"] or match["m2"]).lower()], int(match["d1"] or match["d2"])
        if match["y"]:
            resolved = day_or_none(int(match["y"]), month, day) if int(match["y"]) else None
        else:
            resolved = nearest_year(month, day, published, ahead=False) if published else None
        if resolved:
            given_out = bool(_GIVEN_OUT.search(text[max(0, match.start() - 160) : match.start()]))
            found.append((resolved, given_out))
    if not found:
        return None, None
    printed, given_out = found[0]
    if _DAY_BEFORE.search(text) and printed > date.min:
        return printed, printed - timedelta(days=1)
    shown = next((day for day, released in found if not released), printed)
    return printed, shown if given_out else printed
