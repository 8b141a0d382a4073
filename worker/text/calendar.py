"""Words and limits of the calendar that feeds, pages and articles share: months, zones, offsets, and what is absurd. Pure.

Absurd is before 1990 (no feed or web page is older; 1970, 0001 and 1900 are unset fields) or more than two days ahead (dates
are wrong by a zone or a day, and embargoed entries by hours; 2038, 2085 and 9999 would else sort first for ever).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from ..encoding.unicode import normal

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_AHEAD = timedelta(days=2)
#: The widest offset in use is UTC+14; more is a broken string.
MAX_OFFSET_MINUTES = 15 * 60

_BUDDHIST = 543  #: years that the Thai calendar is ahead
#: The year before the first of each era.
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911, "中華民國": 1911}
_ERA_YEAR = re.compile(rf"({'|'.join(sorted(_ERAS, key=len, reverse=True))})\s*(元|\d{{1,3}})\s*年")

ENGLISH_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
            "nov": 11, "dec": 12}  # fmt: skip


def is_credible(moment: datetime, now: datetime) -> bool:
    """Return whether something can have been published at a moment; both are aware."""
    return moment >= EARLIEST and moment - now <= MOST_AHEAD


@lru_cache(maxsize=1_024)
def month_number(word: str) -> int | None:
    """Return 1 to 12 for a month's name or abbreviation in any of some eighty languages, else None."""
    return months()[0].get(fold(word.rstrip(".")))


@lru_cache(maxsize=256)
def offset_minutes(zone: str | None) -> int:
    """Return the minutes east of UTC of ``Z``, ``+0200`` or ``-05:30``; 0 where there is none.

    Raises:
        ValueError: No zone is so far off.
    """
    if not zone or zone[0] not in "+-−–":
        return zones().get(zone.casefold(), 0) if zone else 0
    digits = zone[1:].replace(":", "").replace(".", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if minutes > 59 or hours * 60 + minutes > MAX_OFFSET_MINUTES:
        raise ValueError(f"no zone is {zone} off")
    return (hours * 60 + minutes) * (1 if zone[0] == "+" else -1)


def full_year(figures: str) -> int:
    """Return a year in full. 90 to 99 are the nineties, other two figures this century; three count from 1900 ("104")."""
    year = int(figures)
    if len(figures) <= 2:
        return year + (1900 if year >= 90 else 2000)
    return year + 1900 if len(figures) == 3 else year


def common_year(year: int) -> int:
    """Return a year of the Buddhist calendar as the common era has it, any other as it is."""
    return year - _BUDDHIST if EARLIEST.year + _BUDDHIST <= year <= EARLIEST.year + _BUDDHIST + 110 else year


def plain_era(text: str) -> str:
    """Return ``text`` with years of Japan's and Taiwan's eras written in the common era: "令和8年" as "2026年"."""
    return _ERA_YEAR.sub(_common_era, text) if "年" in text else text


def _common_era(match: re.Match[str]) -> str:
    return f"{_ERAS[match[1]] + (1 if match[2] == '元' else int(match[2]))}年"


def fold(text: str) -> str:
    """Return ``text`` in lower case, digits of other scripts made plain, accents of Latin, Greek and Cyrillic taken off."""
    text = normal(text.casefold().replace("\\n", " "), "NFKD")
    text = "".join(c for c in text if unicodedata.category(c) != "Mn" or ord(c) > 0x0600)
    digits = {ord(c): str(unicodedata.digit(c)) for c in set(text) if not c.isascii() and c.isdigit()}
    return normal(text.translate(digits)).replace("’", "'")


@cache
def months() -> tuple[dict[str, int], frozenset[str]]:
    """Return folded month names to 1-12, and those among them that are a weekday in another language."""
    names: dict[str, int] = {}
    unsure: set[str] = set()
    for number, words in _rows("months.tsv"):
        if number:
            names.update((word, number) for word in words)
        else:
            unsure.update(words)
    return names, frozenset(unsure)


@cache
def zones() -> dict[str, int]:
    """Return folded zone names to minutes east of UTC."""
    return {name: offset for offset, names in _rows("zones.tsv") for name in names}


def _rows(name: str) -> list[tuple[int, list[str]]]:
    """Return a data file's lines: a number, a tab, words."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [(int(number), words.split()) for number, words in lines]
