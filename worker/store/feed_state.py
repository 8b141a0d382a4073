"""One feed as the store has it, and how that lies in a small hash in Redis.

Redis keeps a hash compact as long as no value has more than 64 bytes, whatever its settings: so what polls found is one array
in MessagePack (`_Polled`), cut into pieces of 64 bytes, and the names that a feed showed are another, its address a third. The
scripts read and write ``lease d next paused n:claims push held``: ``d`` is the last commit's token, ``next`` is when a
claimed feed was due; of the others the due set knows it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import msgspec

from ..encoding.http_dates import from_http_date, to_http_date
from ..model.rows import encode_row, filled
from ..urls import masked
from ..urls.kept import keep_short

#: What is longer than these together lies in one value: then a hash costs little beside it. ``MOST_OF_URL`` is for addresses.
PIECE_BYTES, MOST_PIECES, MOST_OF_URL = 64, 32, 4
NOTE_CHARS = 300
TITLE = "t"  #: the field of the title, which a poll may set as well
LISTED = "file"  #: the origin of most, which is not stored
#: How most addresses begin, and the byte that is stored for it.
_BEGINNINGS = (("https://www.", b"\x01"), ("https://", b"\x02"), ("http://www.", b"\x03"), ("http://", b"\x04"))
_MARKED = {mark: beginning for beginning, mark in _BEGINNINGS}
#: What `dateline.polling.schedule` says of many feeds, and how that is stored.
_PHRASES = (
    ("about ", "\x01"), (" entries a day", "\x02"), ("; the floor", "\x03"), ("; the ceiling for a new feed", "\x04"),
    ("; the ceiling for a quiet feed", "\x05"), ("; the ceiling", "\x06"), ("; nothing new for some polls", "\x07"),
    (" by Cache-Control", "\x08"), ("; fresh for ", "\x0b"), ("waiting ", "\x0c"), ("set by the operator", "\x0e"),
    ("; sy:updatePeriod, ", "\x0f"), ("; ttl of ", "\x10"), (" entries were new, some may have been missed", "\x11"),
    ("failing for ", "\x12"), ("delivered by WebSub; polled as a safety net", "\x13"), ("skipHours or skipDays until ", "\x14"),
)  # fmt: skip


class FeedState(msgspec.Struct, frozen=True):
    """One feed as the store has it; bytes where only the flow knows the meaning.

    ``overrides`` are the operator's own settings for this feed. ``token`` is the lease's; a commit must show it. ``pieces``:
    of how many pieces its two arrays are, as stored.
    """

    feed: str
    url: str
    token: str = ""
    waiting: int = 0  #: entries of earlier polls that wait for their pages
    title: str = ""
    group: str = ""
    etag: str = ""
    last_modified: str = ""
    raw_hash: bytes = b""
    body_hash: bytes = b""
    memory: bytes = b""
    history: bytes = b""
    mode: str = "guid"
    next_at: float = 0.0
    reason: str = ""
    status: str = ""
    error: str = ""
    notes: str = ""  #: what was odd about the last body
    hubs: str = ""
    topic: str = ""
    push: bytes = b""
    scope: str = ""  #: the id that the feed had before its address changed
    origin: str = "added"
    paused: bool = False
    overrides: Mapping[str, Any] = MappingProxyType({})
    numbers: Mapping[str, int] = MappingProxyType({})
    pieces: tuple[int, int] = (0, 0)

    @property
    def shown(self) -> str:
        """The address without what may be a secret: for logs and notices."""
        return _shown(self.url)

    @property
    def health(self) -> str:
        """Return failing (its last poll failed), paused, waiting (never polled) or well."""
        return health(paused=self.paused, error=self.error, status=self.status)


#: Asked for several times with each poll.
_shown = keep_short(8192)(masked)


def health(*, paused: object, error: object, status: object) -> str:
    """Return a feed's health from what is known of it: failing, paused, waiting (never polled) or well."""
    if paused:
        return "paused"
    return "failing" if error else "well" if status else "waiting"


class _Polled(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What polls found, by position, what is usually there first."""

    history: bytes = b""
    polls: int = 0
    new: int = 0
    entries: int = 0
    reason: str = ""
    status: str = ""
    etag: str = ""
    last_modified: str | int = ""
    raw_hash: bytes = b""
    body_hash: bytes = b""
    kept_at: int = 0
    mode: str = ""
    error: str = ""
    notes: str = ""
    hubs: str = ""
    topic: str = ""
    scope: str = ""
    pushes: int = 0


_decode = msgspec.msgpack.Decoder(_Polled).decode
_NUMBERS = ("polls", "new", "entries", "kept_at", "pushes")
_TEXTS = ("reason", "status", "etag", "last_modified", "mode", "error", "notes", "hubs", "topic", "scope")
_KEPT = (*_TEXTS, "history", "raw_hash", "body_hash")
_kept = attrgetter(*_KEPT)
#: Names of what a commit may change, and those in `_Polled`.
_STORED_AS = {name: name for name in _KEPT} | {f"n:{name}": name for name in _NUMBERS}
#: What a commit may change of a state.
COMMITTED = frozenset({*_STORED_AS, "memory", "title", "n:claims"})
#: The fields of the hash that have the address.
ADDRESS = ("u", *(f"u{n}" for n in range(1, MOST_OF_URL)))
_ADDRESS = tuple(name.encode() for name in ADDRESS)
#: The fields of the hash that `shown_state` reads: what people look at, without the names that the feed showed.
SHOWN_FIELDS = (
    *ADDRESS, *(TITLE, "g", "o", "paused", "next", "held"),
    *("p", *(f"p{n}" for n in range(1, MOST_PIECES))),
)  # fmt: skip


def stored_fields(state: FeedState, fields: Mapping[str, Any] = MappingProxyType({})) -> list[str | bytes]:
    """Return what is stored of a state after a commit of ``fields``: names and values, empty ones for what is to be deleted.

    Raises KeyError for a field that no commit may change.
    """
    if unknown := fields.keys() - COMMITTED:
        raise KeyError(f"no fields of a feed that a poll may change: {', '.join(sorted(unknown))}")
    after: dict[str, Any] = dict(zip(_KEPT, _kept(state), strict=True))
    for name in _NUMBERS:
        after[name] = state.numbers.get(name, 0)
    for given, value in fields.items():
        if (stored := _STORED_AS.get(given)) is not None:
            after[stored] = value
    after["reason"] = _short(after["reason"])
    after["last_modified"] = from_http_date(after["last_modified"]) or ""
    after["mode"] = "" if after["mode"] == "guid" else after["mode"]
    polled = _Polled(**after)
    flat = _pieces("p", encode_row(polled), state.pieces[0])
    memory = fields.get("memory")
    if memory is not None or not state.pieces[1]:
        flat += _pieces("m", state.memory if memory is None else memory, state.pieces[1])
    if (title := fields.get("title", state.title)) != state.title:
        flat += (TITLE, title)
    return flat


def _pieces(name: str, data: bytes, before: int) -> list[str | bytes]:
    """Return ``data`` in pieces under their names, and empty ones for those of the ``before`` that are there no more."""
    pieces = _cut(data, MOST_PIECES)
    pieces += [b""] * (before - len(pieces))
    return _named(name, pieces)


def _named(name: str, pieces: Sequence[bytes]) -> list[str | bytes]:
    flat: list[str | bytes] = [name, pieces[0]] if pieces else []
    for number, piece in enumerate(pieces[1:], start=1):
        flat += (f"{name}{number}", piece)
    return flat


def stored_address(url: str, *, instead: bool = False) -> list[str | bytes]:
    """Return what is stored of a feed's address: names and values. ``instead``: of another one, of which nothing is left."""
    data = url.encode()
    for beginning, mark in _BEGINNINGS:
        if url.startswith(beginning):
            data = mark + data[len(beginning) :]
            break
    pieces = _cut(data, MOST_OF_URL)
    return _named("u", pieces + [b""] * (MOST_OF_URL - len(pieces)) if instead else pieces)


def address_of(values: Sequence[bytes | None]) -> str:
    """Return the address from the values of `ADDRESS`; nothing where there is none."""
    data = b"".join(value or b"" for value in values)
    beginning = _MARKED.get(data[:1], "")
    return beginning + data[bool(beginning) :].decode("utf-8", "replace")


def state_of(
    feed: str, fields: Mapping[bytes, bytes], token: str = "", waiting: int = 0, due_ms: float = 0.0
) -> FeedState:
    """Return the state of a feed from the fields of its hash; an unreadable part is as if it were not there.

    ``due_ms``: what the due set says.
    """
    packed, pieces = _joined(fields, b"p")
    memory, memory_pieces = _joined(fields, b"m")
    try:
        polled = _decode(packed) if packed else _Polled()
    except (msgspec.MsgspecError, RecursionError):
        polled = _Polled()
    numbers = {name: value for name in _NUMBERS if (value := getattr(polled, name))}
    if claims := _number(fields, b"n:claims"):
        numbers["claims"] = int(claims)
    return filled(
        FeedState,
        polled,
        feed=feed,
        url=address_of([fields.get(name) for name in _ADDRESS]),
        token=token,
        waiting=waiting,
        title=_text(fields, TITLE.encode()),
        group=_text(fields, b"g"),
        last_modified=to_http_date(polled.last_modified) or "",
        memory=memory,
        mode=polled.mode or "guid",
        next_at=(_number(fields, b"next") or (due_ms if math.isfinite(due_ms) else 0)) / 1000,
        reason=_text(fields, b"held") or _long(polled.reason),
        push=fields.get(b"push", b""),
        origin=_text(fields, b"o") or LISTED,
        paused=fields.get(b"paused") == b"1",
        overrides=_overrides(fields.get(b"v")),
        numbers=numbers,
        pieces=(pieces, memory_pieces),
    )


def shown_state(feed: str, values: Sequence[bytes | None], due_ms: float = 0.0) -> FeedState:
    """Return a state from the values of `SHOWN_FIELDS`: without the names that the feed showed, which may be long."""
    pairs = zip(SHOWN_FIELDS, values, strict=True)
    return state_of(feed, {name.encode(): value for name, value in pairs if value is not None}, due_ms=due_ms)


def _cut(data: bytes, most: int) -> list[bytes]:
    if len(data) > PIECE_BYTES * most:
        return [data]
    return [data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES)]


def _joined(fields: Mapping[bytes, bytes], name: bytes) -> tuple[bytes, int]:
    first = fields.get(name)
    if first is None:
        return b"", 0
    pieces = [first]
    while (piece := fields.get(b"%s%d" % (name, len(pieces)))) is not None:
        pieces.append(piece)
    return b"".join(pieces), len(pieces)


def _overrides(stored: bytes | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(stored, type=dict[str, Any]) if stored else {}
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}


def _number(fields: Mapping[bytes, bytes], name: bytes) -> float:
    try:
        return float(fields.get(name) or b"0")
    except ValueError:
        return 0.0


def _text(fields: Mapping[bytes, bytes], name: bytes) -> str:
    return fields.get(name, b"").decode("utf-8", "replace")


@lru_cache(4096)
def _short(reason: str) -> str:
    reason = reason[:NOTE_CHARS]
    for phrase, mark in _PHRASES:
        reason = reason.replace(mark, " ").replace(phrase, mark)
    return reason


@lru_cache(4096)
def _long(reason: str) -> str:
    for phrase, mark in _PHRASES:
        reason = reason.replace(mark, phrase)
    return reason
