"""What Redis holds of one partition, read once and small: the input of `dateline.store.audit`. Reads only, a page at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..contract.head import Head, read_head, text_share
from ..model.records import unwrap
from . import groups, memory, upkeep
from .entries import pairs, rows
from .feed_state import ADDRESS, address_of
from .keys import GROUP, Keys
from .records import ArticleRecord, long_id, unpacked
from .redis import Connection

PAGE = 1000
#: Codes of errors on the way to a page: its entry comes back when the owner answers.
ON_THE_WAY = frozenset({"timeout", "connection", "dns"})
#: Kinds of keys that must have an age; what lies at the others is bounded by the number of feeds or by a limit.
AGEING = ("n:", "p:", "k:", "fam:", "pair:", "turn:", "a:", "l:", "o:", "robots:", "try:", "fx:", "back:")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the events stream, without its data."""

    stream_id: str
    seq: int | None
    id: str
    type: str
    subject: str
    title: str = ""  #: of an article
    url: str = ""
    is_elsewhere: bool = False  #: the article has moved to another partition since
    source: str = ""
    revision: int = 1  #: of an article
    #: Of the revision before, where that has another address: of the shorter text, what both have.
    text_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that a worker holds. ``taken``: how often it was delivered."""

    message: str
    consumer: str
    idle_seconds: float
    taken: int = 1
    partition: int = 0

    @property
    def token(self) -> str:
        """What it claims an article with, as `InHand.token` has it."""
        return f"{self.partition}/{self.message}" if self.partition else self.message


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed. ``due_at``: seconds since 1970, None where it stands in no due set, or at no time."""

    url: str
    due_at: float | None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Trims:
    """How far the events stream was trimmed, by ``seq``; see ``scripts/prelude.lua``.

    Attributes:
        ours: Up to here by us; None where no worker has trimmed yet.
        taken: First and last that somebody else took, as far as our last trimming saw it.
        unread_by: Groups that had not read so far then.
        groups: Groups and the id up to which each was given entries, or the oldest that it has not acknowledged.
    """

    ours: int | None = None
    taken: tuple[int, int] | None = None
    unread_by: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is bounded in number or in bytes.

    Attributes:
        memory_fill: Of the fullest server, as a share of its `maxmemory`; 0 without one.
        waiting: Feed id to how many of its entries wait.
        kept: Name of what is kept for people (dead letters, their texts, the trail) to its bytes.
        most_kept: Bytes that each of them may have.
        robots: Bytes of all robots.txt records.
        stranded: Dead letters that failed on the way to their page and will not come back by themselves.
    """

    memory_fill: float = 0.0
    waiting: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    most_kept: int = 64 << 20
    robots: int = 0
    stranded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One partition at one moment; ``now`` is Redis' own clock, seconds since 1970."""

    partition: int
    now: float
    stream: tuple[Row, ...] = ()
    last_seq: int = 0
    records: dict[str, ArticleRecord] = field(default_factory=dict)
    ageless: tuple[str, ...] = ()  #: keys that should have an age and have none
    leases: dict[str, str] = field(default_factory=dict)  #: article to the message that claimed it
    has_group: bool = True
    waiting: tuple[str, ...] = ()  #: messages of the entries stream, delivered or not
    unreadable: tuple[str, ...] = ()  #: those of them, and of `later`, that no worker can read
    pending: tuple[Pending, ...] = ()
    feeds: dict[str, FeedRow] = field(default_factory=dict)
    due_unknown_feeds: tuple[str, ...] = ()  #: members of the due set that are no feeds
    later: tuple[float, ...] = ()  #: when the entries that wait are due
    recheck: dict[str, float] = field(default_factory=dict)
    dead_without_reason: tuple[str, ...] = ()
    dead: int = 0
    trims: Trims = Trims()
    sizes: Sizes = Sizes()


async def snapshot(connection: Connection, partition: int) -> Snapshot:
    """Read one partition. Not one moment while workers run: what is seen twice on its way may look odd once."""
    keys = connection.keys[partition]
    ageless, leases, records = await _keys(connection, keys)
    later, cut = await _later(connection, keys)
    waiting, unreadable = await _entries(connection, keys)
    feeds, unknown_feeds = await _feeds(connection, keys)
    dead, unexplained = await _dead(connection, keys)
    group, pending = await _pending(connection, partition)
    recheck = {name.decode(): score / 1000 async for name, score in _scores(connection, keys.recheck)}
    stream = await _stream(connection, partition)
    return Snapshot(
        partition=partition,
        now=await upkeep.server_time(connection),
        stream=stream,
        last_seq=int(await connection.call("GET", keys.seq) or 0),
        records=records,
        ageless=ageless,
        leases=leases,
        has_group=group,
        waiting=waiting,
        unreadable=(*unreadable, *cut),
        pending=pending,
        feeds=feeds,
        due_unknown_feeds=unknown_feeds,
        later=later,
        recheck=recheck,
        dead_without_reason=unexplained,
        dead=dead,
        trims=await _trims(connection, partition),
        sizes=await _sizes(connection, keys),
    )


async def _range(connection: Connection, stream: str) -> AsyncIterator[tuple[str, dict[bytes, bytes]]]:
    start = "-"
    while True:
        page = rows(await connection.call("XRANGE", stream, start, "+", "COUNT", PAGE))
        for row in page:
            yield row
        if len(page) < PAGE:
            return
        start = "(" + page[-1][0]


async def _trims(connection: Connection, partition: int) -> Trims:
    noted = pairs(await connection.call("HGETALL", connection.keys[partition].trims))
    text = {name.decode(): value.decode("utf-8", "replace") for name, value in noted.items()}
    taken = (int(text["taken_from"]), int(text["taken_to"])) if "taken_to" in text else None
    there = await groups.describe(connection, partition)
    events = connection.keys[partition].events
    held = await connection.pipeline([("XPENDING", events, row["name"]) for row in there])
    return Trims(
        int(text["to"]) if "to" in text else None, taken, tuple(text.get("unread_by", "").split()),
        tuple((row["name"], oldest.decode() if oldest else row["last_delivered"])
              for row, (_, oldest, *_) in zip(there, held, strict=True)),
    )  # fmt: skip


async def _sizes(connection: Connection, keys: Keys) -> Sizes:
    robots, back = 0, set[str]()
    async for names in _names(connection, keys, "robots:*"):
        robots += sum(await connection.pipeline([("STRLEN", name) for name in names]))
    async for names in _names(connection, keys, "back:*"):
        for members in await connection.pipeline([("SMEMBERS", name) for name in names]):
            back |= {member.decode() for member in members}
    waiting: Counter[str] = Counter()
    async for payload, _ in _scores(connection, keys.later):
        waiting[_feed_of(payload)] += 1
    async for _, fields in _range(connection, keys.entries):
        waiting[_feed_of(fields.get(b"e", b""))] += 1
    stranded = []
    async for mid, fields in _range(connection, keys.dead):
        payload = fields.get(b"e", b"")
        on_the_way = fields.get(b"code", b"").decode("utf-8", "replace") in ON_THE_WAY and mid not in back
        if on_the_way and _readable(payload) and not unwrap(payload).revived:
            stranded.append(mid)
    kept = {
        "dead letters": keys.dead,
        "dropped entries": keys.dropped,
        "trail": keys.trail,
        "texts of dead letters": keys.base + "dead:t",
    }
    sizes = await connection.pipeline([("MEMORY", "USAGE", name, "SAMPLES", 50) for name in kept.values()])
    return Sizes(
        memory_fill=await memory.memory_fill(connection),
        waiting=dict(waiting),
        kept={name: int(size or 0) for name, size in zip(kept, sizes, strict=True)},
        most_kept=connection.settings.kept_mib << 20,
        robots=robots,
        stranded=tuple(stranded),
    )


async def _names(connection: Connection, keys: Keys, pattern: str) -> AsyncIterator[list[Any]]:
    """The keys that match, a page at a time."""
    cursor: Any = 0
    while True:
        asked = ("SCAN", cursor, "MATCH", _literal(keys.base) + pattern, "COUNT", PAGE)
        cursor, found = await connection.call(*asked, at=keys.base)
        if found:
            yield found
        if int(cursor) == 0:
            return


def _feed_of(payload: bytes) -> str:
    try:
        return unwrap(payload).feed
    except ValueError:
        return ""


async def _stream(connection: Connection, partition: int) -> tuple[Row, ...]:
    found, last = [], dict[str, Row]()
    stream = connection.keys[partition].events
    async for mid, fields in _range(connection, stream):
        kept = ("id", "type", "subject", "source")
        text = {name: fields.get(name.encode(), b"").decode("utf-8", "replace") for name in kept}
        seq = fields.get(b"seq", b"")
        is_elsewhere = connection.partition_of(text["subject"].partition("/")[0]) != partition
        head = read_head(fields) if text["type"].startswith("dateline.article.") else Head()
        row = Row(
            mid, int(seq) if seq.isdigit() and len(seq) < 20 else None, text["id"], text["type"], text["subject"],
            head.title or "", head.url or "", is_elsewhere, text["source"], head.revision,
        )  # fmt: skip
        if row.title and not row.type.endswith(".withdrawn"):
            before = last.get(row.subject)
            if before is not None and before.url != row.url:
                asked = rows(await connection.call("XRANGE", stream, before.stream_id, before.stream_id))
                row = replace(row, text_share=text_share(fields, asked[0][1] if asked else {}))
            last[row.subject] = row
        found.append(row)
    return tuple(found)


async def _keys(connection: Connection, keys: Keys) -> tuple[tuple[str, ...], dict[str, str], dict[str, ArticleRecord]]:
    ageless: list[str] = []
    leases: dict[str, str] = {}
    records: dict[str, ArticleRecord] = {}
    cursor: Any = 0
    while True:
        cursor, found = await connection.call(
            "SCAN", cursor, "MATCH", _literal(keys.base) + "*", "COUNT", PAGE, at=keys.base
        )
        names = [key.decode("utf-8", "replace")[len(keys.base) :] for key in found]
        ageing = [name for name in names if name.startswith(AGEING)]
        ages = await connection.pipeline([("TTL", keys.base + name) for name in ageing]) if ageing else []
        ageless += [name for name, age in zip(ageing, ages, strict=True) if age == -1]
        wanted = [name for name in ageing if name[:2] in ("a:", "l:")]
        reads = [("GET" if name.startswith("l:") else "HGETALL", keys.base + name) for name in wanted]
        values = await connection.pipeline(reads) if reads else []
        for name, value in zip(wanted, values, strict=True):
            if not name.startswith("l:"):
                stored = ((long_id(field), data) for field, data in pairs(value).items())
                records |= {article: record for article, data in stored if (record := unpacked(data, article))}
            elif value:
                leases[name[2:]] = value.decode()
        if int(cursor) == 0:
            return tuple(sorted(ageless)), leases, records


def _literal(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "[]*?\\^" else sign for sign in text)


async def _scores(connection: Connection, key: str) -> AsyncIterator[tuple[bytes, float]]:
    cursor: Any = 0
    while True:
        cursor, flat = await connection.call("ZSCAN", key, cursor, "COUNT", PAGE)
        for member, score in zip(flat[::2], flat[1::2], strict=True):
            yield member, float(score)
        if int(cursor) == 0:
            return


async def _later(connection: Connection, keys: Keys) -> tuple[tuple[float, ...], tuple[str, ...]]:
    times, cut = [], []
    async for payload, score in _scores(connection, keys.later):
        times.append(score / 1000)
        if not _readable(payload):
            cut.append(f"later@{score:.0f}")
    return tuple(sorted(times)), tuple(cut)


async def _entries(connection: Connection, keys: Keys) -> tuple[tuple[str, ...], tuple[str, ...]]:
    waiting, unreadable = [], []
    async for mid, fields in _range(connection, keys.entries):
        waiting.append(mid)
        if not _readable(fields.get(b"e", b"")):
            unreadable.append(mid)
    return tuple(waiting), tuple(unreadable)


def _readable(payload: bytes) -> bool:
    try:
        unwrap(payload)
    except ValueError:
        return False
    return True


async def tokens_in_hand(connection: Connection) -> set[str]:
    """Return the tokens of all that workers hold, of every partition: an article is claimed by entries of any."""
    found = [await _pending(connection, partition) for partition in range(len(connection.keys))]
    return {row.token for _, pending in found for row in pending}


async def _pending(connection: Connection, partition: int) -> tuple[bool, tuple[Pending, ...]]:
    keys = connection.keys[partition]
    if not await connection.call("EXISTS", keys.entries):
        return False, ()
    names = [pairs(row)[b"name"].decode() for row in await connection.call("XINFO", "GROUPS", keys.entries)]
    if GROUP not in names:
        return False, ()
    found: list[Pending] = []
    start = "-"
    while True:
        page = await connection.call("XPENDING", keys.entries, GROUP, start, "+", PAGE)
        found += [Pending(row[0].decode(), row[1].decode(), int(row[2]) / 1000, int(row[3]), partition) for row in page]
        if len(page) < PAGE:
            return True, tuple(found)
        start = "(" + found[-1].message


async def _feeds(connection: Connection, keys: Keys) -> tuple[dict[str, FeedRow], tuple[str, ...]]:
    due = {name.decode(): score / 1000 async for name, score in _scores(connection, keys.due)}
    stored = [name async for page in _names(connection, keys, "f:*") for name in page]
    names = list(due.keys() | {name.decode().removeprefix(keys.base + "f:") for name in stored})
    found: dict[str, FeedRow] = {}
    for start in range(0, len(names), PAGE):
        part = names[start : start + PAGE]
        states = await connection.pipeline([("HMGET", keys.feed(name), "paused", *ADDRESS) for name in part])
        for name, (paused, *address) in zip(part, states, strict=True):
            at = due.get(name, math.inf)
            if url := address_of(address):
                found[name] = FeedRow(url, at if math.isfinite(at) else None, paused == b"1")
    return found, tuple(sorted(due.keys() - found.keys()))


async def _dead(connection: Connection, keys: Keys) -> tuple[int, tuple[str, ...]]:
    count, unexplained = 0, []
    async for mid, fields in _range(connection, keys.dead):
        count += 1
        if not fields.get(b"code") or not fields.get(b"reason"):
            unexplained.append(mid)
    return count, tuple(unexplained)
