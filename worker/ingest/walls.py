"""Tells a wall (a login, consent or error page that answers many links) from a notice of one template and from a copy. Pure."""

from __future__ import annotations

from enum import StrEnum

from ..jobs.records import PageReading
from ..store.ledger import Printed
from ..store.records import ArticleRecord
from .same_story import LEAST_AGREEMENT, is_its_page
from .work import EntrySettings

WALL_CUES = 2  #: phrases of logins, consent and errors that make a text on several links of one owner a wall


class EqualText(StrEnum):
    """What an article is whose text another article showed first."""

    COPY = "copy"
    NOTICE = "notice"  # short, from a template, with a title of its own: an article of its own
    WALL = "wall"


def judge_equal_text(
    article: str, reading: PageReading, printed: Printed, first: ArticleRecord | None, settings: EntrySettings
) -> EqualText:
    """Decide what a new article is whose text ``first`` (the record of ``printed.first``) showed before.

    One owner that shows one text under several links shows a wall where the text speaks of logins or errors, where it has
    nothing of the entry's title, or where too many links show it.
    """
    printings = len(same_owner(article, reading, printed))
    if not printings:
        return EqualText.COPY
    is_short = reading.words < settings.wall_words
    if is_short and (reading.wall_cues >= WALL_CUES or not is_its_page(reading)):
        return EqualText.WALL
    if reading.words < settings.notice_words and first is not None and first.state.title != reading.title_key:
        return EqualText.NOTICE
    most = settings.wall_copies if is_short else 10 * settings.wall_copies
    return EqualText.WALL if printings >= most else EqualText.COPY


def same_owner(article: str, reading: PageReading, printed: Printed) -> list[str]:
    """Return the other articles with this text of the same owner."""
    return [name for name, owner in printed.owners.items() if owner == reading.owner and name != article]


def is_wall_record(reading: PageReading, record: ArticleRecord, printings: int, settings: EntrySettings) -> bool:
    """Return True where a published article with the text of a wall is one too."""
    if record.state.withdrawn or not record.revision:
        return False
    foreign = record.state.agreement is not None and record.state.agreement < LEAST_AGREEMENT
    return foreign or reading.wall_cues >= WALL_CUES or printings >= settings.wall_copies
