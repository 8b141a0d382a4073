"""What the date rules share: the state of one pass over a text, and what a rule finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from ...contract.article import Granularity
from .tense import looks_ahead

_WORD_BEFORE = re.compile(r"([^\W_]+)[\s-]*$")


@dataclass(slots=True)
class DateContext:
    """Where a pass over a text stands.

    ``anchor`` is the day that "today" means and ``anchored_on`` its name in the record; ``mentioned`` the last day that this
    part of the text resolved, from which "the next day" counts. ``begin`` and ``stop`` bound the sentence being read.
    """

    text: str
    anchor: date | None
    anchored_on: str = "publication"
    moment: datetime | None = None
    english: bool = True
    mentioned: date | None = None
    period: date | None = None  #: First day of the last day, month or year mentioned
    begin: int = 0
    stop: int = 0
    caption: bool = False

    def ahead(self, start: int, end: int) -> bool | None:
        """Whether the clause around the expression looks ahead."""
        return looks_ahead(self.text, self.begin, start, end, self.stop, present=not self.caption)

    def word_before(self, start: int) -> str:
        """The word before a place in the sentence, in lower case, or an empty string."""
        match = _WORD_BEFORE.search(self.text, max(self.begin, start - 24), start)
        return match[1].lower() if match else ""

    def base(self) -> tuple[date | None, str]:
        """The day that "the next day" counts from, and its name: the last one mentioned, else the anchor."""
        return (self.mentioned, "mention") if self.mentioned else (self.anchor, self.anchored_on)

    def period_base(self) -> tuple[date | None, str]:
        """What "the following month" counts from: the last day, month or year mentioned, else the anchor."""
        return (self.period, "mention") if self.period else (self.anchor, self.anchored_on)


@dataclass(slots=True)
class Expression:
    """One expression resolved. ``end`` is where it ends, ``start`` where, if not at the match; ``kind`` is DATE, TIME, ..."""

    value: str
    granularity: Granularity
    end: int
    anchor: str = "none"
    kind: str = "DATE"
    start: int | None = None
    clock: str | None = None  #: A time of day that still needs its day

    @property
    def day(self) -> date | None:
        """The day, where the value is one."""
        if (
            self.kind in ("DATE", "TIME")
            and len(self.value) >= 10
            and self.value[4:5] == "-"
            and self.value[7:8] == "-"
        ):
            try:
                return date.fromisoformat(self.value[:10])
            except ValueError:
                return None
        return None
