"""What jobs are given and what they give: values, without the code of extraction and reading, which only children load."""

from __future__ import annotations

from typing import Literal

import msgspec

from .. import __version__
from ..contract.article import ExtractorInfo, Family
from ..model.failures import Failure
from ..model.records import Body, QueuedEntry
from ..model.sketch import Sketch
from ..model.steps import ChildSpan
from ..settings import IngestSettings, ReadSettings

#: What extracts and reads here, as each article names it.
EXTRACTOR = ExtractorInfo(name="dateline", version=__version__, lexicon="1")
_DEFAULTS = IngestSettings()


class PollJob(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A feed's answer to read. ``now`` in seconds since 1970."""

    body: Body
    feed: str
    feed_url: str
    now: float
    feed_shown: str = ""  #: the address as entries and records have it; empty: as it is
    body_hash: bytes = b""
    memory: bytes = b""
    mode: str = "guid"
    max_bytes: int = 15 << 20
    max_entries: int = 2000
    full_text: bool = False
    language: str | None = None
    scope: str = ""  #: the id that the feed had before its address moved: its guids still count in it
    lists_names: bool = False  #: give the names of all that is shown, so that the ledger keeps them
    trace: str = ""  #: the poll's span, as W3C traceparent
    not_before: float | None = None  #: after a loss of memory: a feed's first body brings nothing older (or undated)


class PollReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a feed's answer holds. ``queued`` are payloads for the entries stream, oldest entry first.

    ``entries`` were shown, ``known`` of them remembered unchanged, ``changed`` remembered with another version.
    """

    unchanged: bool = False
    body_hash: bytes = b""
    complete: bool = True
    format: str = ""
    title: str | None = None
    self_url: str | None = None
    hubs: tuple[str, ...] = ()
    ttl_seconds: float | None = None
    update_period_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    entries: int = 0
    known: int = 0
    changed: int = 0
    queued: tuple[bytes, ...] = ()
    memory: bytes = b""
    mode: str = "guid"
    mode_reason: str | None = None
    published_at: tuple[float, ...] = ()
    spans: tuple[ChildSpan, ...] = ()
    names: tuple[bytes, ...] = ()  #: hashed names of the entries shown, where the job asked for them


class PageJob(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A page to extract; without ``body`` the entry's own content is the article."""

    queued: QueuedEntry
    article: str
    fetched: float
    body: Body | None = None
    max_bytes: int = 8 << 20
    feed_fallback: bool = True
    instead: str = ""  #: why the feed's own text is read, for the notes: "extraction timed out"
    trace: str = ""  #: the span that waits for it, as W3C traceparent


class PageReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A page taken apart. ``article`` is opaque to the flow: MessagePack for the ``read`` job."""

    article: bytes
    fingerprint: bytes
    mark: bytes  #: fingerprint, title and correction note: what makes a revision
    sketch: Sketch
    aliases: tuple[bytes, ...]
    owner: str
    words: int
    title: str | None = None
    title_key: str = ""
    published: float | None = None
    text_sha256: str = ""
    extracted_from: str = "page"
    withdrawn: bool = False
    partial: bool = False  #: only the beginning of the article: cut, or behind a paywall
    notes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()  #: of title, byline, date: what the page itself does not tell
    failures: tuple[Failure, ...] = ()
    landed: bytes = b""  #: digest of the address that the link led to, where that is another one
    landed_url: str = ""
    agreement: float | None = None  #: share of the words of the entry's title that the page has
    wall_cues: int = 0  #: phrases of logins, consent and errors in the text
    spans: tuple[ChildSpan, ...] = ()


class ReadJob(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An article to finish. ``kind`` is what the ledger decided; a copy is not read again."""

    article: bytes
    article_id: str = ""  #: the ledger's; empty: the one that the article has
    kind: Literal["published", "revised", "withdrawn", "copied"]
    revision: int
    now: float
    supersedes: str | None = None
    changed: tuple[str, ...] = ()
    family: Family | None = None
    previous_events: tuple[str, ...] = ()
    source: str | None = None
    stages: tuple[tuple[str, bytes], ...] = ()
    read: ReadSettings = ReadSettings()
    certainties: tuple[str, ...] = _DEFAULTS.certainties
    min_confidence: float = _DEFAULTS.min_confidence
    compress: Literal["zstd"] | None = None  #: how ``data`` of the stream entries is to be compressed
    unread: tuple[str, ...] = ()  #: "reading timed out", "stages crashed": what a child did not survive is left out
    trace: str = ""  #: the span that waits for it, as W3C traceparent


class ReadReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Finished stream entries: the article's first, then its events, then what it retracts. ``events``: ids that stand now.

    The entries are bytes as they are appended, compressed where the job asked for it: the loop does not look at them.
    """

    envelopes: tuple[tuple[tuple[str, bytes], ...], ...] = ()
    envelope_id: str = ""
    events: tuple[str, ...] = ()
    reported: int = 0
    retracted: int = 0
    dropped: str | None = None  #: which stage dropped the article, and why
    failures: tuple[Failure, ...] = ()
    spans: tuple[ChildSpan, ...] = ()


class ReplayJob(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a failure kept, to be read again: an article, or a page."""

    failure: Failure
    url: str | None = None
    read: ReadSettings = ReadSettings()


class ReplayReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What failed when it was read again."""

    failures: tuple[Failure, ...] = ()
