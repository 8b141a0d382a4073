"""What the ledger keeps of one article, and how it lies in Redis.

An array in MessagePack, because the scripts read its first fields; the rest is one opaque field that only Python reads: an
array as well, deflated against a dictionary of what most records have. Nothing that follows from the rest is stored: the guid
where it is the address, the comparable title where it is the entry's, the title's words in the address, the owner of the
address, the family where the article is its own, later times as seconds since the first publication, HTTP dates as seconds,
hashes as bytes. What spares a later look the transfer of an unchanged page goes with the last look (`ArticleRecord.settled`).
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from datetime import UTC, datetime

import msgpack
import msgspec

from ..encoding.http_dates import from_http_date, to_http_date
from ..errors import DatelineError
from ..model.ids import feed_id
from ..model.records import Entry
from ..model.rows import encode_row, filled
from ..urls import owner as owner_of
from ..urls.slug import with_slug, without_slug

ID_BYTES = 10  #: of an article or feed id, whose text form has 16 base32 characters
#: Stored of an alias or a fingerprint. Among 10 million articles with 25 million aliases one false join is expected in some
#: 60,000 such ledgers: n^2 / 2^65.
MARK_BYTES = 8
DIGEST_BYTES = 5  #: kept of a text's SHA-256: two texts of one article are equal by chance once in 1e12 revisions
_WORD = re.compile(r"\w+")
_HEX = re.compile(r"(?:[0-9a-f]{2})+\Z")
_AGREEMENT_STEPS = 10_000
#: What the addresses, titles and headers of news articles have in common; a record refers to it instead of repeating it.
#: Another dictionary is another layout (`store.keys.KEY_SCHEMA`).
_DICTIONARY = (
    b" who will says after over from with for the and to of in on a https://feeds..rss.xml/feed/rss.xml.atom.html.htm.php"
    b"-after--over--from--with--for--the--and--to--of--in--on--as--at--is-Latest NewsWorld News - PoliticsTop Stories"
    b"/entertainment//technology//business//politics//opinion//science//health//sports/sport//local//world//article//articles"
    b'/story//news//2026/2027/01/02/03/04/05/06/07/08/09/10/11/12/By W/""enen-USen-gbfrdeesMon, Tue, Wed, Thu, Fri, Sat, Sun, '
    b" Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec 2026 :00:00 GMThttp://www..co.uk/.org/.com/https://www."
)


class ArticleState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The part of the record that only Python reads. Times are seconds since 1970; they are stored whole."""

    envelope_id: str = ""
    title: str | None = None
    url: str | None = None
    feed: str = ""
    feed_url: str = ""
    guid: str | None = None
    published: float | None = None
    first_published_at: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    events: tuple[str, ...] = ()
    text_digest: bytes = b""  #: the first bytes of the text's SHA-256 (`text_digest`)
    rechecks: int = 0
    looks_from: float = 0.0  #: when the recheck schedule began
    gone: int = 0
    copy_of: str | None = None
    withdrawn: bool = False
    words: int = 0  #: of the body
    from_feed: bool = False  #: the text is the feed's, because its page had none or failed
    own_text: bool = False  #: the feed's text is the article; no page is asked for
    looked_at: float = 0.0
    idle: int = 0  #: looks in a row that brought nothing
    hints: Entry | None = None  #: what of the entry the extraction goes by
    feed_title: str | None = None
    feed_language: str | None = None
    landed: bytes = b""  #: digest of the address that the link led to, where that is another one
    agreement: float | None = None  #: share of the words of the entry's title that the page has
    revised_at: tuple[float, ...] = ()  #: the last few publications, newest last
    wall: bool = False  #: withdrawn because it was a login, consent or error page; the story may still come
    url_before: str | None = None  #: where the address is a feed's new one that was never read
    notice: int = 0  #: the last revision that was made from a page that says nothing of the entry's title
    settled: bool = False  #: what only a planned look needs is gone; a later one goes by the entry that asks for it


class ArticleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One article as the ledger has it: revision 0 means nothing of it is published."""

    revision: int = 0
    fingerprint: bytes = b""
    version: bytes = b""
    stream_id: str = ""
    seq: int = 0
    state: ArticleState = ArticleState()
    family: str = ""
    owner: str = ""  #: registrable domain of who published it
    sketch: bytes = b""  #: of the text published last (`dedup.fingerprint.stored_sketch`)
    text_print: bytes = b""  #: of the text alone (`dedup.fingerprint.fingerprint`)

    def settled(self) -> ArticleRecord:
        """The record after the last planned look, without what a look needs that no entry asks for."""
        state = self.state
        title = state.hints.title if state.hints else None
        state = msgspec.structs.replace(
            state, settled=True, etag=None, last_modified=None, hints=Entry(title=title) if title else None,
            feed_title=None, feed_language=None,
        )  # fmt: skip
        return msgspec.structs.replace(self, state=state)

    def packed(self, article: str) -> bytes:
        """As the scripts read it; ``article`` is the id that the record is stored under."""
        family = b"" if self.family == article else short_id(self.family)
        row = [
            self.revision,
            self.fingerprint,
            self.version,
            self.stream_id,
            self.seq,
            _packed_state(self.state, self.owner),
            family,
            self.text_print,
            self.sketch,
        ]
        return bytes(msgpack.packb(row, use_bin_type=False))


class _StoredHints(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    title: str | None = None
    author: str | None = None
    published: float | int | None = None
    updated: float | int | None = None
    language: str | None = None


class _StoredState(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """`ArticleState` by position, what is usually there first: a default at the end takes no byte."""

    url: str | None
    title: str | None
    feed_url: str
    hints: _StoredHints | None
    feed: bytes
    envelope_id: bytes
    text_digest: bytes
    first_published_at: int
    flags: int  #: bits as in `_FLAGS`, then `_GUID_IS_URL` and `_TITLE_IS_HINTS`
    guid: str | None = None
    words: int = 0
    published: int | None = None
    agreement: int | None = None  #: in `_AGREEMENT_STEPS`
    revised_at: tuple[int, ...] = ()  #: these three: seconds after the first publication
    looked_at: int | None = None
    looks_from: int | None = None
    events: tuple[bytes, ...] = ()
    landed: bytes = b""
    feed_title: str | None = None
    etag: str | None = None
    last_modified: str | int | None = None
    feed_language: str | None = None
    rechecks: int = 0
    idle: int = 0
    gone: int = 0
    copy_of: bytes = b""
    owner: str = ""  #: where it is not that of the address
    notice: int = 0
    url_before: str | None = None


_FLAGS = ("withdrawn", "from_feed", "own_text", "wall", "settled")
_GUID_IS_URL, _TITLE_IS_HINTS, _SAME_TIME, _OWNER_IS_URLS, _FEED_IS_URLS = (1 << len(_FLAGS) + bit for bit in range(5))
_NO_HASHES = 255


def text_digest(sha256: str) -> bytes:
    """What is kept of a text's SHA-256 (hex), to tell whether another text is the same."""
    return bytes.fromhex(sha256)[:DIGEST_BYTES]


def short_id(name: str) -> bytes:
    """An id as it is stored: 10 bytes for one of ours, else its text; `long_id` gives it back."""
    try:
        packed = base64.b32decode(name.upper()) if len(name) == 16 else b""
    except binascii.Error:
        packed = b""
    if packed and name.islower():
        return packed
    raw = name.encode()
    return b"=" + raw if len(raw) == ID_BYTES or raw[:1] == b"=" else raw


def long_id(stored: bytes) -> str:
    """The id that `short_id` packed."""
    if len(stored) == ID_BYTES:
        return base64.b32encode(stored).decode().lower()
    return stored.removeprefix(b"=").decode()


def unpacked(data: bytes, article: str) -> ArticleRecord | None:
    """The record that is stored under ``article``, from Redis' bytes; None where there is none."""
    if not data:
        return None
    revision, fingerprint, version, stream_id, seq, packed, family, text_print, sketch = msgpack.unpackb(data, raw=True)
    state, owner = _unpacked_state(packed)
    return ArticleRecord(
        revision=revision,
        fingerprint=fingerprint,
        version=version,
        stream_id=_id_text(stream_id),
        seq=seq,
        state=state,
        family=long_id(family) or article,
        owner=owner,
        text_print=text_print,
        sketch=sketch,
    )


def _packed_state(state: ArticleState, owner: str) -> bytes:
    first = round(state.first_published_at)

    def after(at: float) -> int | None:
        return round(at) - first if at else None

    flags = sum(1 << bit for bit, name in enumerate(_FLAGS) if getattr(state, name))
    hints = state.hints
    if same_guid := state.guid is not None and state.guid == state.url:
        flags |= _GUID_IS_URL
    if same_title := hints is not None and hints.title is not None and state.title == _comparable(hints.title):
        flags |= _TITLE_IS_HINTS
    if (
        same_time := hints is not None
        and state.published is not None
        and _seconds(hints.published) == round(state.published)
    ):
        flags |= _SAME_TIME
    if same_feed := bool(state.feed) and state.feed == feed_id(state.feed_url):
        flags |= _FEED_IS_URLS
    if same_owner := owner == _owner_of(state):
        flags |= _OWNER_IS_URLS
    stored = filled(
        _StoredState,
        state,
        url=without_slug(state.url, hints.title if hints else state.title),
        title=None if same_title else state.title,
        hints=_stored_hints(hints, with_time=not same_time),
        feed=b"" if same_feed else short_id(state.feed),
        envelope_id=_from_hex(state.envelope_id),
        first_published_at=first,
        flags=flags,
        guid=None if same_guid else state.guid,
        published=None if state.published is None else round(state.published) - first,
        agreement=None if state.agreement is None else round(state.agreement * _AGREEMENT_STEPS),
        revised_at=tuple(round(at) - first for at in state.revised_at),
        looked_at=after(state.looked_at),
        looks_from=after(state.looks_from),
        events=tuple(map(_from_hex, state.events)),
        last_modified=from_http_date(state.last_modified),
        copy_of=short_id(state.copy_of or ""),
        owner="" if same_owner else owner,
    )
    stored, hashes = _without_hashes(stored)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_DICTIONARY)
    return hashes + deflate.compress(encode_row(stored)) + deflate.flush()


def _without_hashes(stored: _StoredState) -> tuple[_StoredState, bytes]:
    """The state without the hashes that most have, and those, which do not compress: a byte, the envelope's id, the text's
    digest, the ids of events. The byte says how many events there are, `_NO_HASHES` that they are left where they were."""
    events = stored.events
    is_usual = len(stored.envelope_id) == 17 and len(stored.text_digest) == DIGEST_BYTES
    if not is_usual or len(events) >= _NO_HASHES or any(len(event) != 9 or event[0] for event in events):
        return stored, bytes([_NO_HASHES])
    hashes = b"".join((bytes([len(events)]), stored.envelope_id[1:], stored.text_digest, *(one[1:] for one in events)))
    return msgspec.structs.replace(stored, envelope_id=b"", text_digest=b"", events=()), hashes


def _with_hashes(data: bytes) -> _StoredState:
    """What `_without_hashes` and compression made of a state."""
    digest, events = 17, 17 + DIGEST_BYTES
    end = 1 if data[0] == _NO_HASHES else events + 8 * data[0]
    inflate = zlib.decompressobj(-15, zdict=_DICTIONARY)
    stored = msgspec.msgpack.decode(inflate.decompress(data[end:]), type=_StoredState)
    if end == 1:
        return stored
    ids = tuple(b"\0" + data[at : at + 8] for at in range(events, end, 8))
    return msgspec.structs.replace(stored, envelope_id=b"\0" + data[1:17], text_digest=data[digest:events], events=ids)


def _unpacked_state(data: bytes) -> tuple[ArticleState, str]:
    stored = _with_hashes(data)
    first = stored.first_published_at

    def at(after: int | None) -> float:
        return 0.0 if after is None else float(first + after)

    hints = stored.hints
    published = None if stored.published is None else float(first + stored.published)
    url = with_slug(stored.url, hints.title if hints else stored.title)
    state = filled(
        ArticleState,
        stored,
        envelope_id=_to_hex(stored.envelope_id),
        title=_comparable(hints.title or "") if hints and stored.flags & _TITLE_IS_HINTS else stored.title,
        url=url,
        feed=feed_id(stored.feed_url) if stored.flags & _FEED_IS_URLS else long_id(stored.feed),
        guid=url if stored.flags & _GUID_IS_URL else stored.guid,
        published=published,
        first_published_at=float(first),
        last_modified=to_http_date(stored.last_modified),
        events=tuple(map(_to_hex, stored.events)),
        looks_from=at(stored.looks_from),
        copy_of=long_id(stored.copy_of) or None,
        looked_at=at(stored.looked_at),
        hints=_entry(hints, published if stored.flags & _SAME_TIME else None),
        agreement=None if stored.agreement is None else stored.agreement / _AGREEMENT_STEPS,
        revised_at=tuple(float(first + after) for after in stored.revised_at),
        **{name: bool(stored.flags >> bit & 1) for bit, name in enumerate(_FLAGS)},
    )
    return state, _owner_of(state) if stored.flags & _OWNER_IS_URLS else stored.owner


def _owner_of(state: ArticleState) -> str:
    try:
        return owner_of(state.url or state.feed_url)
    except (DatelineError, ValueError):
        return ""


def _id_text(stored: bytes) -> str:
    """The stream id that ``id_bytes`` in the scripts packed: 6 bytes of milliseconds, then the number unless it is 0."""
    if not stored or stored[0] >= 8:
        return stored.decode()
    return f"{int.from_bytes(stored[:6])}-{stored[6:].decode() or '0'}"


def _stored_hints(hints: Entry | None, *, with_time: bool) -> _StoredHints | None:
    if hints is None:
        return None
    published = _seconds(hints.published) if with_time else None
    return _StoredHints(hints.title, hints.author, published, _seconds(hints.updated), hints.language)


def _entry(hints: _StoredHints | None, published: float | None) -> Entry | None:
    if hints is None:
        return None
    return Entry(
        title=hints.title,
        author=hints.author,
        published=_moment(hints.published if published is None else published),
        updated=_moment(hints.updated),
        language=hints.language,
    )


def _comparable(title: str) -> str:
    """Return a title as extraction compares titles, but for odd letters; what it gives is only used where it is the same."""
    return " ".join(_WORD.findall(title.casefold()))


def _seconds(at: datetime | None) -> float | int | None:
    if at is None:
        return None
    seconds = at.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _from_hex(text: str) -> bytes:
    """Give a hash in half the bytes of its hex form, a NUL before it; any other text as it is. `_to_hex` gives it back."""
    return b"\0" + bytes.fromhex(text) if _HEX.match(text) else text.encode()


def _to_hex(stored: bytes) -> str:
    return stored[1:].hex() if stored[:1] == b"\0" else stored.decode()
