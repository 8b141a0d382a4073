"""What the ledger remembers of one article, and how it lies in Redis.

An array in MessagePack, because the scripts read its first fields; the rest is one opaque field for us alone.
"""

from __future__ import annotations

import msgpack
import msgspec

from ..model.records import Entry


class ArticleState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The part of the record that only Python reads."""

    envelope_id: str = ""
    title: str | None = None
    url: str | None = None
    feed: str = ""
    feed_url: str = ""
    guid: str | None = None
    published: float | None = None  #: seconds since 1970
    first_published_at: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    events: tuple[str, ...] = ()
    text_sha256: str = ""
    rechecks: int = 0
    looks_from: float = 0.0  #: when the recheck schedule began, seconds since 1970
    gone: int = 0
    copy_of: str | None = None
    withdrawn: bool = False
    words: int = 0  #: of the body
    from_feed: bool = False  #: the text is the feed's, because its page had none or failed
    own_text: bool = False  #: the feed's text is the article; no page is asked for
    looked_at: float = 0.0  #: seconds since 1970
    idle: int = 0  #: looks in a row that brought nothing
    hints: Entry | None = None  #: what of the entry the extraction goes by
    feed_title: str | None = None
    feed_language: str | None = None
    landed: bytes = b""  #: digest of the address that the link led to, where that is another one
    agreement: float | None = None  #: share of the words of the entry's title that the page has
    revised_at: tuple[float, ...] = ()  #: the last few publications, seconds since 1970, newest last
    wall: bool = False  #: withdrawn because it was a login, consent or error page; the story may still come


class ArticleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One article as the ledger has it: revision 0 means nothing of it is published."""

    revision: int = 0
    fingerprint: bytes = b""
    version: bytes = b""
    stream_id: str = ""
    seq: int = 0
    state: ArticleState = ArticleState()
    family: str = ""
    owner: str = ""
    sketch: bytes = b""  #: elements of 4 bytes of the text published last (`dedup.fingerprint.sketch`)
    text_print: bytes = b""  #: of the text alone (`dedup.fingerprint.fingerprint`)

    def packed(self) -> bytes:
        """As the scripts read it."""
        state = msgspec.msgpack.encode(self.state)
        row = [self.revision, self.fingerprint, self.version, self.stream_id, self.seq, state, self.family, self.owner]
        row += [self.text_print, self.sketch]
        return bytes(msgpack.packb(row, use_bin_type=False))


def unpacked(data: bytes) -> ArticleRecord | None:
    """The record from Redis' bytes; None where there is none."""
    if not data:
        return None
    revision, fingerprint, version, stream_id, seq, state, family, owner, *rest = msgpack.unpackb(data, raw=True)
    return ArticleRecord(
        revision=revision,
        fingerprint=fingerprint,
        version=version,
        stream_id=stream_id.decode(),
        seq=seq,
        state=msgspec.msgpack.decode(state, type=ArticleState),
        family=family.decode(),
        owner=owner.decode(),
        text_print=rest[0] if rest else b"",
        sketch=rest[1] if len(rest) > 1 else b"",
    )
