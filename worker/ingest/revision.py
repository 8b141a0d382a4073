"""Decides whether an extracted article is new, revised, a copy or unchanged. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.article import Family
from ..jobs.records import PageReading
from ..store.ledger import Printed
from ..store.records import ArticleRecord, text_digest
from .walls import EqualText
from .work import EntrySettings

FROM_FEED = ("feed", "summary")
TEASER_SHARE = 0.6  #: a page cut off at a paywall with less than this of the words we had is no revision


@dataclass(frozen=True, slots=True)
class RevisionDecision:
    """What is to be published of an extracted article, and as which revision.

    ``kind``: published, revised, copied, withdrawn; unchanged and held publish nothing, held is looked at again later.
    """

    kind: str
    revision: int
    expected: int
    changed: tuple[str, ...] = ()
    family: Family | None = None
    family_root: str = ""
    copy_of: str | None = None


def decide_revision(
    article: str,
    reading: PageReading,
    record: ArticleRecord | None,
    printed: Printed,
    settings: EntrySettings,
    *,
    equal_text: EqualText = EqualText.COPY,
    now: float = 0.0,
) -> RevisionDecision:
    """Decide what an extracted article is, from its record and from who printed its text.

    Args:
        equal_text: What it is where another article had its text first.
        now: Seconds since 1970, for the number of revisions a day.
    """
    known = record if record is not None and record.revision else None
    if known and (known.fingerprint == reading.mark or not _supersedes(reading, known)):
        return RevisionDecision("unchanged", known.revision, known.revision)
    if known and not reading.withdrawn and revisable_at(known, settings) > now:
        return RevisionDecision("held", known.revision, known.revision)
    expected = known.revision if known else 0
    copied = printed.first != article and equal_text is EqualText.COPY
    owners = dict(printed.owners) | {article: reading.owner}
    if equal_text is EqualText.NOTICE:
        return RevisionDecision("published", 1, 0)
    role, evidence = "original", None
    if copied:
        role, evidence = "copy", "equal text"
    elif printed.near and printed.family != article:
        role = "copy" if printed.shared >= settings.copy_shares else "rewrite"
        evidence = f"{printed.shared}/16 of the shorter text shared"
    family = Family(
        id=printed.family,
        role=role,  # type: ignore[arg-type]
        size=max(1, len(owners)),
        owners=sorted({owner for owner in owners.values() if owner}),
        original=printed.family if printed.family != article else None,
        evidence=evidence,
    )
    kind = "withdrawn" if known and reading.withdrawn else "revised" if known else "copied" if copied else "published"
    changed: tuple[str, ...] = ()
    if known:
        changed = tuple(
            name
            for name, differs in (
                ("title", known.state.title != reading.title_key),
                ("text", known.state.text_digest != text_digest(reading.text_sha256)),
                ("withdrawn", reading.withdrawn),
            )
            if differs
        )
    return RevisionDecision(
        kind, expected + 1, expected, changed, family, printed.family, printed.first if copied else None
    )


def _supersedes(reading: PageReading, known: ArticleRecord) -> bool:
    """Return False where the text is shorter only because it came from the feed or from behind a paywall."""
    before = known.state
    if before.withdrawn and reading.withdrawn:
        return False
    if reading.extracted_from in FROM_FEED:
        return before.from_feed  # the page failed this time: its text stands
    if before.from_feed and not reading.withdrawn:
        return reading.words > before.words  # the page had less than the feed then, and still has
    return not (reading.partial and reading.words < TEASER_SHARE * before.words)


def revisable_at(record: ArticleRecord, settings: EntrySettings) -> float:
    """Return when the next revision may be published (seconds since 1970); 0.0 for now. A page that changes at every look
    has `EntrySettings.revisions_a_day`."""
    times = record.state.revised_at[-settings.revisions_a_day :]
    return times[0] + 86400.0 if len(times) >= settings.revisions_a_day else 0.0
