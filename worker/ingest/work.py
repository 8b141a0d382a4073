"""What the steps of the ingest share: the entry in hand, and the settings."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.records import QueuedEntry
from ..store.entries import InHand
from ..store.records import ArticleRecord


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Limits of the way from link to stream."""

    lease_seconds: float = 20.0
    retry_seconds: tuple[float, ...] = (60.0, 300.0, 900.0, 3600.0, 21600.0)
    busy_seconds: float = 5.0
    max_page_bytes: int = 8 << 20
    wall_copies: int = 3  #: printings by one owner that make a short text a wall
    #: A longer text is a story that the owner shows in several places, until ten times as many do.
    wall_words: int = 150
    notice_words: int = 80  #: Shorter equal texts under different titles are notices from one template
    revisions_a_day: int = 4  #: More are held back: the last state is published when the day is over
    copy_shares: int = 8
    stages: tuple[tuple[str, bytes], ...] = ()
    gazetteers: tuple[str, ...] = ()  #: the operator's own files of names
    lexicons: tuple[str, ...] = ()  #: and of event frames
    spacy_model: str = ""  #: folder of the operator's own model; empty: none
    other_languages: bool = False  #: dates in other languages than English
    certainties: tuple[str, ...] = ("asserted", "reported", "anticipated")
    min_confidence: float = 0.4
    recheck_seconds: tuple[float, ...] = (600.0, 3600.0, 21600.0, 86400.0)


@dataclass(slots=True)
class Work:
    """An entry in hand, with the article it has claimed so far (the renewal keeps both), and what was published for it.

    ``record`` is what the ledger knows of the claimed article; ``unsure`` says that only the text can tell whether the entry
    is that article. ``revision`` is 0 until something was published.
    """

    held: InHand
    queued: QueuedEntry
    article: str = ""
    record: ArticleRecord | None = None
    unsure: bool = False
    revision: int = 0

    @property
    def is_look(self) -> bool:
        """Whether this is a look of our own at a published page, and no entry of a feed."""
        return self.queued.reason == "recheck"
