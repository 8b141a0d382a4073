"""Who printed a text first, and who printed one very like it: fingerprints, the sketch index and families.

With one partition a text is asked about in one script call. With several each part lies where its own hash says, so that every
copy is found whatever partition its article is in: a fingerprint by itself, an element of a sketch by itself, a record and a
family by its article. The 64 elements of a text then lie in at most 64 partitions, which are asked in one round; the records
of at most `MOST_CANDIDATES` candidates in a second.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..model.sketch import Sketch
from .batch import Batch
from .records import MARK_BYTES, short_id
from .redis import Connection

INDEX_SIZE = 12  #: elements of a text that are stored; `prints.lua` has the same number
MOST_CANDIDATES = 16  #: compared by their records; likewise


@dataclass(frozen=True, slots=True)
class Printed:
    """Who printed a text. ``first`` is the article that showed it first; ``near`` one that is much like it: ``shared``
    sixteenths of the smaller text are in the other; ``family`` the first of the family; ``owners`` the printings, article id
    to owner."""

    first: str
    near: str
    shared: int
    family: str
    owners: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Near:
    """The article that a text is most like, if any."""

    article: str = ""
    shared: int = 0
    family: str = ""


class Prints:
    """Fingerprints and sketches of all partitions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._steps = Batch(connection, "prints", max_items=32)

    async def ask(self, article: str, owner: str, fingerprint: bytes, sketch: Sketch, instead_of: str) -> Printed:
        """Return who had this text first; ``owners`` lacks that of the family's first article where it is not known there."""
        text = self._connection.partition_of(fingerprint[:MARK_BYTES].hex())
        stored = short_id(article)
        if self._connection.settings.partitions == 1:
            like = [sketch.elements, sketch.shingles, sketch.numbers]
            item = ["all", article, owner, fingerprint, like, instead_of, stored]
            first, near, shared, family, owners = await self._steps(item)
            return Printed(first.decode(), near.decode(), int(shared), family.decode(), _pairs(owners))
        first, first_owner = await self._steps(["first", article, owner, fingerprint, [], instead_of, stored], text)
        name = first.decode()
        if name != article:
            ((_, family, _),) = await self._compare([(name, 0)], Sketch(), 0.0)
            known = first_owner if family == name else b""
            return Printed(name, "", 0, family, await self._join(article, owner, family, known))
        near = await self._nearest(article, stored, sketch)
        return Printed(name, near.article, near.shared, near.family, await self._join(article, owner, near.family))

    async def name_owner(self, family: str, owner: str) -> None:
        """Note the owner of a family's first article, where none is noted."""
        keys = self._connection.keys[self._connection.partition_of(family)]
        await self._connection.call("HSETNX", f"{keys.base}fam:{family}", family, owner)

    async def leave(self, article: str, family: str) -> None:
        """Take a printing that was another article's text after all out of its family."""
        await self._steps(["leave", article, family], self._connection.partition_of(family))

    async def _nearest(self, article: str, stored: bytes, sketch: Sketch) -> _Near:
        """Find the stored text that a text is most like, and store its elements as those of its family."""
        shared: Counter[str] = Counter()
        places: defaultdict[int, list[bytes]] = defaultdict(list)
        for element in sketch.elements:
            places[self._connection.partition_of(element.hex())].append(element)
        ours = set(sketch.elements[:INDEX_SIZE])
        items = {place: [element for element in found if element in ours] for place, found in places.items()}
        stock = 0
        for phrases, flat in await asyncio.gather(
            *(self._steps(["count", stored, found, items[place]], place) for place, found in places.items())
        ):
            stock += int(phrases)
            for name, count in zip(flat[::2], flat[1::2], strict=True):
                shared[name.decode()] += int(count)
        candidates = sorted(shared.items(), key=lambda pair: (-pair[1], short_id(pair[0])))[:MOST_CANDIDATES]
        near = _Near(family=article)
        compared = await self._compare(candidates, sketch, stock / max(1, len(ours)))
        for (name, _), (like, family, has_record) in zip(candidates, compared, strict=True):
            if like > near.shared:
                root = family if has_record else await self._agree(article, name)
                near = _Near(name, like, root)
        if near.family != article:
            await asyncio.gather(
                *(
                    self._steps(["index", found, stored, short_id(near.family)], place)
                    for place, found in items.items()
                    if found
                )
            )
        return near

    async def _compare(
        self, candidates: Sequence[tuple[str, int]], sketch: Sketch, stock: float
    ) -> list[tuple[int, str, bool]]:
        """Return of articles, each with the elements it shares, the sixteenths that both have, the family's first article and
        whether there is a record. ``stock``: the text's share of stock phrases."""
        places: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
        for name, count in candidates:
            places[self._connection.partition_of(name)].append((name, count))
        answers = await asyncio.gather(
            *(
                self._steps(
                    ["compare", [n for n, _ in some], [n for _, n in some], sketch.shingles, sketch.numbers, stock],
                    place,
                )
                for place, some in places.items()
            )
        )
        found = {
            name: (int(like), family.decode(), bool(has_record))
            for some, answer in zip(places.values(), answers, strict=True)
            for (name, _), (like, family, has_record) in zip(some, answer, strict=True)
        }
        return [found[name] for name, _ in candidates]

    async def _agree(self, article: str, other: str) -> str:
        """Return which of two articles, neither of them published yet, is the first: both may ask at the same time."""
        smaller, larger = sorted((article, other))
        item = ["agree", smaller, larger, other]
        agreed: bytes = await self._steps(item, self._connection.partition_of(smaller))
        return agreed.decode()

    async def _join(self, article: str, owner: str, family: str, first_owner: bytes = b"") -> dict[str, str]:
        """Add a printing to its family; gives all of them. ``first_owner``: of its first article, where that is known."""
        item = ["join", article, owner, family, first_owner]
        return _pairs(await self._steps(item, self._connection.partition_of(family)))


def _pairs(flat: Sequence[Any]) -> dict[str, str]:
    values = [value.decode() for value in flat]
    return dict(zip(values[::2], values[1::2], strict=True))
