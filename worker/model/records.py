"""What flows through the worker: entries, feeds, pages. Frozen, small, no behaviour beyond their own facts.

They cross process borders as MessagePack (`pack` and `unpack`), so they hold plain values only. What is published to
others is not here but in ``worker/contract``.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture, sound or film that a feed entry carries (enclosure, media:content, podcast)."""

    url: str
    type: str | None = None
    length_bytes: int | None = None
    title: str | None = None
    text: str | None = None
    credit: str | None = None
    rights: str | None = None


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One item of a feed, normalised.

    ``title`` is plain text; ``summary`` and ``content`` are HTML as the feed gave it. Links are absolute. Times are
    aware UTC; a date that cannot be read or is absurd is None, with the raw string kept.
    """

    title: str | None = None
    link: str | None = None
    guid: str | None = None
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    updated_raw: str | None = None
    author: str | None = None
    summary: str | None = None
    content: str | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    attachments: tuple[Attachment, ...] = ()
    comments: str | None = None
    rights: str | None = None


class ParsedFeed(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A feed document, normalised, with the hints it gives about when to come back.

    ``format`` is one of rss, atom, rdf, json, news_sitemap, sitemap_index. ``notes`` says what was odd about the
    document (wrong character set, truncated, not well-formed), in words from a closed set.
    """

    format: str
    title: str | None = None
    link: str | None = None
    id: str | None = None
    language: str | None = None
    updated: datetime | None = None
    self_url: str | None = None
    hubs: tuple[str, ...] = ()
    ttl_seconds: float | None = None
    update_period_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()  #: Monday is 0
    entries: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()  #: A sitemap index's own sitemaps, newest first
    notes: tuple[str, ...] = ()
    parser: str = "feedparser"


class Body(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The bytes an address returned, as they came: still compressed, so that inflating costs a child and not the loop.

    ``url`` is where the last redirect led, ``requested_url`` what was asked for. ``hops`` are the redirects taken, each
    with its status. ``headers`` has lower-case names and only those that later steps read.
    """

    requested_url: str
    url: str
    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    encoding: str | None = None  #: Content-Encoding still on ``body``: gzip, deflate or None
    hops: tuple[tuple[int, str], ...] = ()
    raw_headers: tuple[tuple[str, str], ...] = ()  #: all of them, as they came; only where an archive keeps them

    @property
    def content_type(self) -> str:
        """Media type in lower case without parameters, or an empty string."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Outcome(StrEnum):
    """Every way an entry can leave `ingest`; also the closed label set of its counter."""

    PUBLISHED = "published"
    REVISED = "revised"
    COPIED = "copied"
    WITHDRAWN = "withdrawn"
    KNOWN = "known"
    UNCHANGED = "unchanged"
    DROPPED = "dropped"
    RETRY = "retry"
    DEAD = "dead"
    POSTPONED = "postponed"
    FENCED = "fenced"


class QueuedEntry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An entry on its way from its feed to the stream: what the entries stream carries.

    ``aliases`` are hashed names (10 bytes each), strongest first. ``version`` is a hash of what the feed says about the
    entry; another version of a known entry means "look again". ``reason`` says why it is queued: new, changed, recheck,
    withdrawn? or requeued. ``suspect``: 0, or 1 and the number of workers that did not survive it alone. ``revived``: how
    often it came back from the dead letters because its owner answered again.
    """

    feed: str
    feed_url: str
    article: str
    entry: Entry
    aliases: tuple[bytes, ...] = ()
    version: bytes = b""
    reason: str = "new"
    attempts: int = 0
    suspect: int = 0
    revived: int = 0
    seen_at: float = 0.0
    feed_title: str | None = None
    feed_language: str | None = None
    full_text: bool = False
    trace: str = ""  #: the poll that brought it, as W3C traceparent; empty: not traced


def pack(value: object) -> bytes:
    """MessagePack of a model record."""
    return msgspec.msgpack.encode(value)


def unpack(data: bytes, kind: type[T]) -> T:
    """Return the record of type ``kind`` that `pack` wrote. Raises msgspec.ValidationError on anything else."""
    return msgspec.msgpack.decode(data, type=kind)


def wrap(entry: QueuedEntry) -> bytes:
    """Return an entry as the stream carries it: its feed's id for the scripts, then MessagePack, deflated where that pays."""
    raw = pack(entry)
    feed = entry.feed.encode()[:255]
    return b"f" + bytes((len(feed),)) + feed + (b"m" + raw if len(raw) < 1024 else b"z" + zlib.compress(raw, 1))


def unwrap(payload: bytes) -> QueuedEntry:
    """What `wrap` wrote, in this version or the one before, without the feed's id. Raises ValueError on anything else."""
    if payload[:1] == b"f":
        payload = payload[2 + payload[1] :] if len(payload) > 1 else b""
    try:
        raw = payload[1:] if payload[:1] == b"m" else zlib.decompress(payload[1:])
        return unpack(raw, QueuedEntry)
    except (zlib.error, msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"not an entry of ours: {error}") from error
