"""How each publisher's pages could be read: decayed sums, one small hash per publisher, bounded in number and age.

Samples are gathered here and added by one script call per flush; a resent call finds its own token and adds nothing. What is
gathered and not yet flushed is lost with the process: rates, not records.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import astuple, dataclass, fields

import msgpack

from ..errors import DatelineError
from .entries import pairs
from .redis import Connection

NOW_PAGES = 30.0  #: memory of the window of now, in pages: the weights of all before sum up to this
PAST_PAGES = 300.0  #: of the past
KEEP_SECONDS = 60 * 86400  #: a publisher not seen for so long is forgotten
MOST_PUBLISHERS = 20_000  #: per partition; beyond it the one not seen for longest goes. A hash takes some 450 bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One page."""

    article: bool = False
    words: int = 0
    empty_body: bool = False
    wall: bool = False
    fallback: bool = False
    no_title: bool = False
    no_byline: bool = False
    no_date: bool = False
    short_text: bool = False


@dataclass(slots=True)
class Sums:
    """Decayed sums over pages; each page's weight shrinks with every page after it. The order is that of the stored array."""

    pages: float = 0.0
    empty_body: float = 0.0
    wall: float = 0.0
    fallback: float = 0.0
    articles: float = 0.0
    no_title: float = 0.0
    no_byline: float = 0.0
    no_date: float = 0.0
    log_words: float = 0.0
    log_words_squared: float = 0.0
    short_text: float = 0.0  #: last, as arrays stored before it are without

    def followed_by(self, later: Sums, decay: float) -> Sums:
        """These sums with ``later`` pages after them, which shrink them by ``decay``."""
        names = [field.name for field in fields(self)]
        return Sums(**{name: getattr(self, name) * decay + getattr(later, name) for name in names})

    def without(self, part: Sums) -> Sums:
        """These sums less those of ``part``, whose pages are among them."""
        return Sums(
            **{field.name: max(0.0, getattr(self, field.name) - getattr(part, field.name)) for field in fields(self)}
        )

    def add(self, sample: Sample, memory_pages: float) -> None:
        """One page more, all before it a little less."""
        size = math.log1p(sample.words) if sample.article else 0.0
        new = (
            1.0, sample.empty_body, sample.wall, sample.fallback, sample.article, sample.no_title, sample.no_byline,
            sample.no_date, size, size * size, sample.short_text,
        )  # fmt: skip
        keep = 1.0 - 1.0 / memory_pages
        for field, value in zip(fields(self), new, strict=True):
            setattr(self, field.name, getattr(self, field.name) * keep + float(value))


@dataclass(frozen=True, slots=True)
class Publisher:
    """What is known of one publisher (registrable domain). ``bad`` are the metrics told as degraded, since ``since``."""

    name: str
    now: Sums
    past: Sums
    seen: int = 0
    bad: tuple[str, ...] = ()
    since: float | None = None

    @property
    def before(self) -> Sums:
        """What the window of now is compared with: the past without it. No page weighs less in the past than now, so that the
        difference is a window of its own, which begins some 30 pages back. Where a publisher is bad, `past` is that already."""
        return self.past if self.bad else self.past.without(self.now)


@dataclass(slots=True)
class _Gathered:
    now: Sums
    past: Sums
    pages: int = 0

    @property
    def decays(self) -> tuple[float, float]:
        """What these pages leave of the sums before them, in the window of now and of the past."""
        return (1 - 1 / NOW_PAGES) ** self.pages, (1 - 1 / PAST_PAGES) ** self.pages

    def followed_by(self, later: _Gathered) -> _Gathered:
        """These pages, then those."""
        now, past = later.decays
        return _Gathered(
            self.now.followed_by(later.now, now), self.past.followed_by(later.past, past), self.pages + later.pages
        )


class Publishers:
    """The publishers' sums in Redis."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._gathered: dict[str, _Gathered] = {}

    def add(self, publisher: str, sample: Sample) -> None:
        """Gather one page."""
        held = self._gathered.setdefault(publisher[:253], _Gathered(Sums(), Sums()))
        held.now.add(sample, NOW_PAGES)
        held.past.add(sample, PAST_PAGES)
        held.pages += 1

    async def flush(self) -> list[Publisher]:
        """Add what was gathered; gives the publishers it was about as they stand now. Raises StoreUnavailable: then what
        was gathered is kept for the next time."""
        if not self._gathered:
            return []
        taken, self._gathered = self._gathered, {}
        token = uuid.uuid4().hex[:12]
        found: list[Publisher] = []
        by_partition: dict[int, list[str]] = {}
        for name in taken:
            by_partition.setdefault(self._partition(name), []).append(name)
        todo = dict(taken)
        failed: list[DatelineError] = []
        try:
            for partition, names in by_partition.items():
                for start in range(0, len(names), 200):
                    part = names[start : start + 200]
                    items = [_item(name, todo[name], token) for name in part]
                    try:
                        answers = await self._connection.script("publishers", items, partition)
                    except DatelineError as error:  # of this partition; the others' are stored
                        failed.append(error)
                        break
                    found += [_publisher(name, answer) for name, answer in zip(part, answers, strict=True)]
                    for name in part:
                        del todo[name]
        finally:
            for name, held in todo.items():  # not stored: kept, before what came meanwhile
                later = self._gathered.get(name)
                self._gathered[name] = held if later is None else held.followed_by(later)
        if failed:
            raise failed[0]
        return found

    async def mark(self, known: Publisher, bad: Sequence[str], at: float, adopt: bool = False) -> bool:
        """Set which metrics are bad, if they are still what ``known`` says; True for the one worker that did it.

        Args:
            adopt: Take the window of now as the past from here on. Else the past loses that window where a publisher turns
                bad, and gets it back where it recovers.
        """
        since = known.since if known.bad and bad else at if bad else 0
        item = [_key(known.name), ",".join(known.bad), ",".join(bad), repr(since or 0.0), 1 if adopt else 0]
        answers = await self._connection.script("mark_publishers", [item], self._partition(known.name))
        return bool(answers[0] == b"ok")

    async def get(self, name: str) -> Publisher | None:
        """One publisher, or None."""
        keys = self._connection.keys[self._partition(name)]
        row = pairs(await self._connection.call("HGETALL", f"{keys.base}pub:{_key(name)}"))
        return _from_row(row) if row else None

    async def all(self) -> AsyncIterator[Publisher]:
        """Every publisher, the one seen last first."""
        for keys in self._connection.keys:
            start = 0
            while True:
                part = await self._connection.call("ZREVRANGE", keys.pubs, start, start + 199)
                rows = await self._connection.pipeline(
                    [("HGETALL", f"{keys.base}pub:{name.decode()}") for name in part]
                )
                for row in rows:
                    if flat := pairs(row):
                        yield _from_row(flat)
                if len(part) < 200:
                    break
                start += 200

    def _partition(self, name: str) -> int:
        return self._connection.partition_of(_key(name))


def _key(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def _item(name: str, held: _Gathered, token: str) -> list[object]:
    now, past = held.decays
    return [
        _key(name), name.encode("utf-8", "replace"), token, held.pages, list(astuple(held.now)), now,
        list(astuple(held.past)), past, KEEP_SECONDS, MOST_PUBLISHERS,
    ]  # fmt: skip


def _publisher(name: str, answer: Sequence[bytes]) -> Publisher:
    now, past, seen, bad, since = answer
    return Publisher(name, _sums(now), _sums(past), int(seen), _words(bad), float(since) or None)


def _from_row(row: dict[bytes, bytes]) -> Publisher:
    name = row[b"name"].decode("utf-8", "replace")
    return _publisher(name, [row[b"now"], row[b"past"], row[b"n"], row.get(b"bad", b""), row.get(b"since", b"0")])


def _sums(packed: bytes) -> Sums:
    return Sums(*(float(value) for value in msgpack.unpackb(packed)))


def _words(text: bytes) -> tuple[str, ...]:
    return tuple(filter(None, text.decode().split(",")))
