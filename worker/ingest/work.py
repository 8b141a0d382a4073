"""What the steps of the ingest share: the entry being processed, and the settings."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from .. import settings
from ..jobs import stages, user_files
from ..model.records import QueuedEntry
from ..store.entries import InHand
from ..store.records import ArticleRecord


class EntrySettings(settings.IngestSettings, frozen=True):
    """The declared section, and what the jobs of an entry are given beside it."""

    stages: tuple[tuple[str, bytes], ...] = ()  #: kind and options (JSON) of each stage
    read: settings.ReadSettings = settings.ReadSettings()  #: with absolute paths
    max_page_bytes: int = settings.FetchSettings().max_page_bytes

    @classmethod
    def of(cls, every: settings.Settings) -> EntrySettings:
        """Take the sections; load each file of the user's and build each stage once, so that mistakes show at start.

        Raises:
            SettingsError, LexiconError: A file, a stage, a model or a library is missing or wrong.
        """
        rows = tuple((part.kind, msgspec.json.encode(dict(part.options))) for part in every.stages)
        for kind, options in rows:
            stages.check(kind, options)
        declared = {name: getattr(every.ingest, name) for name in every.ingest.__struct_fields__}
        read = user_files.checked(every.read)
        return cls(**declared, stages=rows, read=read, max_page_bytes=every.fetch.max_page_bytes)


@dataclass(slots=True)
class Work:
    """An entry being processed, with the article it has claimed so far (the renewal keeps both), and what was published for it.

    ``record`` is what the ledger knows of the claimed article; ``unsure`` says that only the text can tell whether the entry
    is that article. ``revision`` is 0 until something was published. ``from_feed``: the page could not be had, the feed's
    own text must do. ``answered``: its page, or a 304, came. ``moved``: the entry has another address than the article had.
    """

    held: InHand
    queued: QueuedEntry
    article: str = ""
    record: ArticleRecord | None = None
    unsure: bool = False
    revision: int = 0
    from_feed: bool = False
    answered: bool = False
    moved: bool = False

    @property
    def is_look(self) -> bool:
        """Whether this is a look of our own at a published page, and no entry of a feed."""
        return self.queued.reason == "recheck"
