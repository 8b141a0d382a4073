"""Decides whether an extracted article is new, revised, a copy or unchanged. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.article import Family
from ..errors import NoArticle
from ..jobs.article import PageReading
from ..model.records import QueuedEntry
from ..store.entries import InHand
from ..store.ledger import Printed
from ..store.records import ArticleRecord

FROM_FEED = ("feed", "summary")
TEASER_SHARE = 0.6  #: a page cut off at a paywall with less than this of the words we had is no revision


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Limits of the way from link to stream."""

    lease_seconds: float = 20.0
    retry_seconds: tuple[float, ...] = (60.0, 300.0, 900.0, 3600.0, 21600.0)
    busy_seconds: float = 5.0
    max_page_bytes: int = 8 << 20
    wall_copies: int = 3  #: printings by one owner that make a short text a wall
    wall_words: int = (
        150  #: a longer text is a story that the owner shows in several places, until ten times as many do
    )
    copy_shares: int = 8
    stages: tuple[tuple[str, bytes], ...] = ()
    gazetteers: tuple[str, ...] = ()  #: the operator's own files of names
    lexicons: tuple[str, ...] = ()  #: and of event frames
    spacy_model: str = ""  #: folder of the operator's own model; empty: none
    other_languages: bool = False  #: dates in other languages than English
    certainties: tuple[str, ...] = ("asserted", "reported", "anticipated")
    min_confidence: float = 0.5
    recheck_seconds: tuple[float, ...] = (600.0, 3600.0, 21600.0, 86400.0)


@dataclass(slots=True)
class Work:
    """An entry in hand, with the article it has claimed so far (the renewal keeps both), and what was published for it."""

    held: InHand
    queued: QueuedEntry
    article: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class RevisionDecision:
    """What is to be published of an extracted article, and as which revision."""

    kind: str  # published, revised, copied, withdrawn, unchanged
    revision: int
    expected: int
    changed: tuple[str, ...] = ()
    family: Family | None = None
    family_root: str = ""
    copy_of: str | None = None


def decide_revision(
    article: str, reading: PageReading, record: ArticleRecord | None, printed: Printed, settings: IngestSettings
) -> RevisionDecision:
    """Decide what an extracted article is, from its record and from who printed its text.

    Raises NoArticle(code="wall") where one owner shows the same text under many links.
    """
    known = record if record is not None and record.revision else None
    if known and (known.fingerprint == reading.mark or not _supersedes(reading, known)):
        return RevisionDecision("unchanged", known.revision, known.revision)
    expected = known.revision if known else 0
    copied = printed.first != article
    owners = dict(printed.owners) | {article: reading.owner}
    if copied and not known:
        same = sum(1 for other, owner in owners.items() if owner == reading.owner and other != article)
        most = settings.wall_copies if reading.words < settings.wall_words else 10 * settings.wall_copies
        if same >= most:
            raise NoArticle(
                f"{reading.owner} shows this same text under {same + 1} links: a login, consent or error page",
                code="wall",
            )
    role, evidence = "original", None
    if copied:
        role, evidence = "copy", "equal text"
    elif printed.near and printed.family != article:
        role = "copy" if printed.shared >= settings.copy_shares else "rewrite"
        evidence = f"{printed.shared} of 16 sketch elements shared"
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
                ("text", known.state.text_sha256 != reading.text_sha256),
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
