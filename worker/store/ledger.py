"""The ledger: the events stream with what was published before, the one place where seen and appended are decided.

Four steps, each a script and each idempotent: `names` (which article is this?), `claim` (one worker at a time), `prints` (who
had this text first?), `publish` (append and remember). They lie in the partition of the article, the alias or the
fingerprint, so none needs a transaction across slots.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from .. import failpoints
from ..contract.compression import CannotDecompress, load_zstandard, written_fields
from ..errors import SettingsError, StoreUnavailable
from ..model.sketch import Sketch
from .batch import Batch
from .prints import Printed as Printed
from .prints import Prints
from .records import ID_BYTES, MARK_BYTES, ArticleRecord, long_id, short_id, unpacked
from .redis import Connection


class ClaimState(StrEnum):
    """What a claim on an article gives."""

    KNOWN = "known"  # this version of it is on the stream
    BUSY = "busy"  # another entry is processing it
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to a publication. ``state``: ok, already, conflict, fenced."""

    state: str
    stream_id: str
    seq: int


class Ledger:
    """Names, claims, prints and the publishing step."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.compress = connection.settings.compress  #: how ``data`` of entries is compressed
        if self.compress is not None:
            _check_zstandard()
        self._names = Batch(connection, "names")
        self._claims = Batch(connection, "claim_articles")
        self._release = Batch(connection, "release_articles")
        self._prints = Prints(connection)
        self._touch = Batch(connection, "touch_articles")
        self._read = Batch(connection, "read_articles")
        self._publish = Batch(connection, "publish", max_items=32)

    async def resolve(self, candidate: str, aliases: Sequence[bytes]) -> list[str]:
        """Return the article of each alias, strongest alias first; an empty string for an unknown one.

        Where none is known, all are given to ``candidate`` in the same step: of two workers that bring one story at the same
        time the second gets the first one's article.
        """
        if self._connection.settings.partitions == 1:
            return await self._named(candidate, aliases, "first")
        asked = await self._named("", aliases, "ask")
        if any(asked) or not aliases:
            return asked
        # Another entry of the same story may be under way with some of these names. Both give them out in the same order, so
        # that the first name they share decides for both; what the slower one gave to itself before goes to the other.
        article, given = candidate, list[bytes]()
        for alias in sorted(aliases):
            (owner,) = await self._named(article, [alias], "own")
            if owner != article:
                article = owner
                await self._named(article, given, "move")
            given.append(alias)
        return [article] * len(aliases)

    async def further_names(self, article: str, aliases: Sequence[bytes]) -> list[str]:
        """Give an article those of these aliases that are unknown; gives the article of each."""
        return await self._named(article, aliases, "own")

    async def take_names(self, article: str, aliases: Sequence[bytes]) -> None:
        """Give an article all these aliases, whosever they were: two articles turned out to be one."""
        await self._named(article, aliases, "move")

    async def _named(self, article: str, aliases: Sequence[bytes], mode: str) -> list[str]:
        if not aliases:
            return []
        if self._connection.settings.partitions == 1:
            answers = await self._names([short_id(article), list(aliases), mode])
            return [long_id(answer) for answer in answers]
        route = self._connection.partition_of
        calls = [self._names([short_id(article), [alias], mode], route(alias[:MARK_BYTES].hex())) for alias in aliases]
        return [long_id(answer[0]) for answer in await asyncio.gather(*calls)]

    async def keep(self, aliases: Sequence[bytes]) -> int:
        """Keep what a feed still shows from ageing: its names, the articles behind them and their texts; returns how many."""
        route = self._connection.partition_of
        articles: set[str] = set()
        for start in range(0, len(aliases), 200):
            articles.update(filter(None, await self._named("", aliases[start : start + 200], "ask")))
        touched = await asyncio.gather(*(self._touch([article], route(article)) for article in articles))
        prints = [found for found in touched if found]
        await asyncio.gather(*(self._names(["", [found], "ask", "p"], route(found.hex())) for found in prints))
        return len(articles)

    async def claim(
        self, article: str, token: str, version: bytes, lease_seconds: float
    ) -> tuple[ClaimState, ArticleRecord | None]:
        """Claim an article for one entry, whose message id is ``token``; gives what the ledger knows of it."""
        item = [article, token, version, int(lease_seconds * 1000)]
        state, record = await self._claims(item, self._connection.partition_of(article))
        return ClaimState(state.decode()), unpacked(record, article)

    async def release(self, article: str, token: str) -> None:
        """Give a claim back before its lease ends."""
        await self._release([article, token], self._connection.partition_of(article))

    async def printed(
        self, article: str, owner: str, fingerprint: bytes, sketch: Sketch, *, instead_of: str = ""
    ) -> Printed:
        """Who had this text first, and its family; the text is remembered as this article's where nobody had it, and where
        ``instead_of`` had it, which came to nothing (`abandoned`)."""
        _check_id(article)
        printed = await self._prints.ask(article, owner, fingerprint, sketch, instead_of)
        root = printed.family
        if root != article and root not in printed.owners and (record := await self.record(root)):
            printed.owners[root] = record.owner
            await self._prints.name_owner(root, record.owner)
        return printed

    async def forget_printing(self, article: str, printed: Printed) -> None:
        """Take an article that turned out to be another one out of the family that `printed` put it in."""
        if printed.family != article:
            await self._prints.leave(article, printed.family)

    async def publish(
        self,
        article: str,
        token: str,
        record: ArticleRecord,
        envelopes: Sequence[Sequence[tuple[str, str]] | Sequence[tuple[str, bytes]]],
        *,
        expected_revision: int,
        recheck_seconds: float | None,
        stats: Sequence[tuple[str, int]] = (),
        claimed: bool = False,
    ) -> Appended:
        """Append the envelopes and remember the record, both or neither; where ``claimed``, only under the claim of ``token``.

        With no envelopes only the record is renewed (an unchanged page). Fields from a child are bytes,
        compressed where `compress` says so; those made here, of what is gone, are short text. Raises StoreUnavailable where
        the stream is at its hard cap: the entry stays claimed and is tried again.
        """
        partition = self._connection.partition_of(article)
        item = [
            article,
            token,
            expected_revision,
            record.revision,
            record.fingerprint,
            (record if recheck_seconds else record.settled()).packed(article),
            int((recheck_seconds or 0) * 1000),
            self._connection.settings.stream_limit,
            [[part for pair in self._written(fields) for part in pair] for fields in envelopes],
            [part for pair in stats for part in pair],
            claimed,
            record.text_print if self._connection.partition_of(record.text_print.hex()) == partition else b"",
        ]
        failpoints.hit("before_publish", article)
        state, stream_id, seq = await self._publish(item, partition)
        failpoints.hit("after_publish", article)
        if state == b"full":
            raise StoreUnavailable(
                f"the events stream holds its limit of {self._connection.settings.stream_limit} entries: let its consumers "
                "catch up (dateline groups), delete a group nobody reads, or raise redis.stream_limit"
            )
        return Appended(state.decode(), stream_id.decode(), int(seq))

    def _written(self, fields: Sequence[tuple[str, str]] | Sequence[tuple[str, bytes]]) -> Sequence[tuple[str, bytes]]:
        made_here = [(name, value) for name, value in fields if isinstance(value, str)]
        return written_fields(made_here, self.compress) if made_here else cast("Sequence[tuple[str, bytes]]", fields)

    async def abandoned(self, article: str) -> bool:
        """Whether nothing of an article is published, and nobody has claimed it: its text was set aside, or came too long
        ago to be remembered."""
        record, claimed = await self._read([article], self._connection.partition_of(article))
        return not record and not claimed

    async def schedule_recheck(self, article: str, seconds: float) -> None:
        """Have an article's page looked at in so many seconds, or earlier where that is due."""
        keys = self._connection.keys[self._connection.partition_of(article)]
        clock = await self._connection.call("TIME", at=keys.recheck)
        at = (int(clock[0]) + seconds) * 1000
        await self._connection.call("ZADD", keys.recheck, "LT", int(at), article)

    async def record(self, article: str) -> ArticleRecord | None:
        """What the ledger knows of an article."""
        record, _ = await self._read([article], self._connection.partition_of(article))
        return unpacked(record, article)


def _check_zstandard() -> None:
    try:
        load_zstandard()
    except CannotDecompress as error:
        raise SettingsError(str(error)) from error


def _check_id(article: str) -> None:
    """Raise ValueError for what is no article id: fingerprints and sketches refer to it by 10 bytes."""
    if len(short_id(article)) != ID_BYTES:
        raise ValueError(
            f"{article!r} is no article id: 16 lower-case letters and digits 2 to 7 (dateline.dedup.identity)"
        )
