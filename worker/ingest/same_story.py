"""Decides whether an entry or a page is an article that the ledger knows, and what an article with an equal text is. Pure.

An entry's own names (guid, link) name its article. Where they lead is only evidence: feeds use slots and dates as guids, sites
answer many links with one page. Evidence joins two articles only where title and text agree as well. One text at many links
of an owner may also be a wall: a login, consent or error page.
"""

from __future__ import annotations

from enum import StrEnum

from .. import urls
from ..dedup import fingerprint
from ..dedup.identity import is_unique_guid
from ..errors import DatelineError
from ..jobs.records import PageReading
from ..model.records import Entry, QueuedEntry
from ..store.ledger import Printed
from ..store.records import ArticleRecord, text_digest
from .work import EntrySettings

#: Words of the shorter title that the other must have. "Day 1 story number 3: X Y" and "Day 2 story number 3: V W" share .57.
TITLE_SHARE = 0.7
#: Share of the smaller text that must be in the other where a page may have been replaced; texts of two stories share 0 to .25.
LEAST_TEXT_SHARE = 0.3
#: The same where two addresses may show one story: daily reports from one template share more.
SAME_TEXT_SHARE = 0.7
#: Reports of one owner that are published so far apart are a series, not printings of one text, but where nearly all is shared.
SERIES_SECONDS = 20 * 3600.0
SERIES_SHARE = 0.9
#: A page that has less of the words of the entry's title than this is not the entry's article. Maintenance pages have 0 to .2.
LEAST_AGREEMENT = 0.34
#: After so many looks in a row that brought nothing a new address of an article is not looked at: its feed writes another one
#: into every answer.
MOST_IDLE_MOVES = 8
#: Phrases of logins, consent and errors that make a text on several links of one owner a wall.
WALL_CUES = 2


class Match(StrEnum):
    """What an entry is to an article that one of its names leads to."""

    SAME = "same"
    OTHER = "other"
    UNSURE = "unsure"  # only the text can tell


def match_entry(queued: QueuedEntry, record: ArticleRecord) -> Match:
    """Compare an entry with the article that one of its names leads to, before the page is fetched."""
    entry, state = queued.entry, record.state
    same_link = same_address(entry.link, state.url)
    same_guid = entry.guid == state.guid
    before = state.hints.title if state.hints else state.title
    same_title = similar_titles(entry.title, before)
    if entry.guid and state.guid and same_guid:
        if same_link or not entry.link or not state.url:
            return Match.SAME if same_title or is_unique_guid(entry.guid) or same_link else Match.UNSURE
        if is_unique_guid(entry.guid):
            return Match.SAME if same_title else Match.UNSURE
        return Match.UNSURE if same_title else Match.OTHER
    if same_link and entry.guid and state.guid and queued.feed == state.feed:
        return Match.SAME if same_title else Match.UNSURE
    if entry.guid and state.guid and is_unique_guid(entry.guid) and not (same_guid or same_link or same_title):
        return Match.UNSURE  # only a name that the article once had leads there: guids were swapped
    return Match.SAME


def is_at_new_address(queued: QueuedEntry, record: ArticleRecord) -> bool:
    """Return True where a feed shows an article that we have under another address than the one it was read at, which is then
    looked at."""
    link, state = queued.entry.link, record.state
    if queued.reason != "changed" or queued.full_text or state.own_text or not link or not state.url:
        return False
    return record.revision > 0 and state.idle < MOST_IDLE_MOVES and not same_address(link, state.url)


def similar_titles(one: str | None, other: str | None) -> bool:
    """Return True where the shorter title's words are mostly in the other; True where one of them is missing."""
    if not one or not other:
        return True
    first, second = set(fingerprint.words([one])), set(fingerprint.words([other]))
    least = min(len(first), len(second))
    return first == second or (least > 0 and len(first & second) >= TITLE_SHARE * least)


def is_near_text(reading: PageReading, record: ArticleRecord, least_share: float = LEAST_TEXT_SHARE) -> bool:
    """Return True where the text has ``least_share`` of the record's text; True where nothing is known of that."""
    if record.fingerprint == reading.mark:
        return True
    known = record.sketch
    if fingerprint.is_comparable(known) and reading.sketch.shingles:
        return fingerprint.overlap(known, reading.sketch).has_share(least_share)
    if (known and not fingerprint.is_comparable(known)) or (not known and not record.state.words):
        return True  # written by a version that kept none, or another one
    return record.state.text_digest == text_digest(reading.text_sha256)


def is_same_text(reading: PageReading, record: ArticleRecord) -> bool:
    """Return True where the text alone shows that a page is that article. A notice that says nothing of either title shows
    nothing: a site that is down answers with it for every story."""
    before = record.state.agreement
    is_notice = record.state.wall or (before is not None and before < LEAST_AGREEMENT)
    return is_near_text(reading, record, SAME_TEXT_SHARE) and not (is_notice and not is_its_page(reading))


def has_other_numbers(reading: PageReading, record: ArticleRecord) -> bool:
    """Return True where the numbers of two texts are not the same: reports made from one template."""
    is_comparable = fingerprint.is_comparable(record.sketch) and bool(reading.sketch.shingles)
    return is_comparable and fingerprint.overlap(record.sketch, reading.sketch).other_numbers


def is_same_story(entry: Entry, reading: PageReading, other: ArticleRecord) -> bool:
    """Return True where title and text of the entry's page are those of another article: what a canonical address or a
    redirect only suggests."""
    title = entry.title or reading.title
    before = (other.state.hints.title if other.state.hints else None) or other.state.title
    if not title or not before or not similar_titles(title, before):
        return False
    return (
        is_its_page(reading) and is_near_text(reading, other, SAME_TEXT_SHARE) and not has_other_numbers(reading, other)
    )


def is_series(reading: PageReading, near: ArticleRecord, now: float) -> bool:
    """Return True where a text like another one is the next report of a series (weather, markets), no printing of it."""
    if near.owner != reading.owner:
        return False
    at, before = reading.published or now, near.state.published or near.state.first_published_at
    return abs(at - before) >= SERIES_SECONDS and not is_near_text(reading, near, SERIES_SHARE)


def is_its_page(reading: PageReading) -> bool:
    """Return False where the page says nothing of what the entry's title says."""
    return reading.agreement is None or reading.agreement >= LEAST_AGREEMENT


def has_left(reading: PageReading, record: ArticleRecord) -> bool:
    """Return True where the page of a published article now leads to another address with another title and text: the article
    was taken down."""
    if reading.landed in (b"", record.state.landed):
        return False
    same_title = bool(record.state.title) and similar_titles(reading.title, record.state.title)
    return not same_title and not is_near_text(reading, record)


def is_replaced(reading: PageReading, record: ArticleRecord) -> bool:
    """Return True where a published article's page no longer has anything of the article: an error page with status 200."""
    before = record.state.agreement
    if before is None or before < LEAST_AGREEMENT or is_its_page(reading):
        return False
    return not is_near_text(reading, record)


def same_address(one: str | None, other: str | None) -> bool:
    """Return True for two spellings of one address, and where both are missing."""
    if one == other:
        return True
    try:
        return bool(one and other) and urls.same_key(str(one)) == urls.same_key(str(other))
    except DatelineError:
        return False


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
