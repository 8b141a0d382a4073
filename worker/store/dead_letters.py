"""Entries that were set aside, or dropped by a stage, with the reason: list, show, requeue, drop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..model.records import Entry, QueuedEntry, unwrap, wrap
from .entries import rows
from .redis import Connection


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One entry set aside. ``fields`` are its trail: step, code, reason, url, feed."""

    id: str
    partition: int
    entry: QueuedEntry
    fields: dict[str, str]


class DeadLetters:
    """The dead letters of every partition; ids are ``<partition>/<stream id>``."""

    def __init__(self, connection: Connection, *, dropped: bool = False) -> None:
        """``dropped``: what stages dropped, in place of the dead letters."""
        self._connection = connection
        self._stream = "dropped" if dropped else "dead"

    def _item(self, payload: bytes, letter: DeadLetter) -> list[Any]:
        """Return what `enqueue.lua` takes to delete a letter, and to queue its payload where there is one."""
        return [payload, "", letter.id.partition("/")[2], *(["dropped"] if self._stream == "dropped" else [])]

    async def all(self, most: int | None = None) -> AsyncIterator[DeadLetter]:
        """Every dead letter, oldest first."""
        given = 0
        for partition, keys in enumerate(self._connection.keys):
            start = "-"
            while True:
                page = rows(await self._connection.call("XRANGE", keys.base + self._stream, start, "+", "COUNT", 200))
                texts = []
                if page:  # what was dropped has none
                    texts = await self._connection.call("HMGET", keys.base + "dead:t", *(mid for mid, _ in page))
                for (mid, fields), whole in zip(page, texts, strict=True):
                    if most is not None and given >= most:
                        return
                    given += 1
                    text = {k.decode(): v.decode("utf-8", "replace") for k, v in fields.items() if k != b"e"}
                    yield DeadLetter(f"{partition}/{mid}", partition, _entry(whole or fields.get(b"e", b"")), text)
                if len(page) < 200:
                    break
                start = "(" + page[-1][0]

    async def requeue(self, letters: Sequence[DeadLetter]) -> int:
        """Give entries another life, with their count of attempts at nought; gives how many."""
        done = 0
        for partition in {letter.partition for letter in letters}:
            part = [letter for letter in letters if letter.partition == partition]
            items = []
            for letter in part:
                fresh = {f: getattr(letter.entry, f) for f in letter.entry.__struct_fields__} | {
                    "attempts": 0,
                    "suspect": 0,
                    "revived": 0,
                }
                items.append(self._item(wrap(QueuedEntry(**fresh)), letter))
            for start in range(0, len(items), 200):
                answers = await self._connection.script("enqueue", items[start : start + 200], partition)
                done += sum(1 for answer in answers if answer == b"ok")
        return done

    async def drop(self, letters: Sequence[DeadLetter]) -> int:
        """Delete dead letters for good; gives how many there were."""
        done = 0
        for partition in {letter.partition for letter in letters}:
            items = [self._item(b"", one) for one in letters if one.partition == partition]
            for start in range(0, len(items), 200):
                answers = await self._connection.script("enqueue", items[start : start + 200], partition)
                done += sum(1 for answer in answers if answer == b"ok")
        return done

    async def count(self) -> int:
        """How many entries are set aside."""
        return sum(
            await self._connection.pipeline([("XLEN", keys.base + self._stream) for keys in self._connection.keys])
        )


def _entry(payload: bytes) -> QueuedEntry:
    """The entry as it was queued; an empty one where nobody can read it (that is why it lies here)."""
    try:
        return unwrap(payload)
    except ValueError:
        return QueuedEntry(feed="", feed_url="", article="", entry=Entry())
