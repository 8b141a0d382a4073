"""What is known of an article ages in periods of a third of `redis.memory_days`, and what is seen does not age."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from dateline.dedup.identity import article_id, digest
from dateline.model.sketch import Sketch
from dateline.settings import RedisSettings
from dateline.store.ledger import ClaimState, Ledger
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection
from support.redis_server import RedisServer

PERIODS = 4
ENVELOPE = (("id", "e"), ("data", "{}"))


@pytest_asyncio.fixture(params=[1, 3], ids=["1 partition", "3 partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    """A connection with keys of its own."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


async def pass_a_period(connection: Connection) -> None:
    """Age all that is stored by one period: its keys' names say when it was seen."""
    for keys in connection.keys:
        names = [name.decode() for name in await connection.call("KEYS", keys.base + "[anp]:*", at=keys.base)]
        for name in sorted(names):  # the oldest move first, out of the way
            start, period, bucket = name.rsplit(":", 2)
            await connection.call("RENAME", name, f"{start}:{int(period) - 1}:{bucket}")


@dataclass
class Known:
    """What should be known of an article: the revision, and how many periods ago it was seen."""

    names: list[bytes]
    text: bytes
    revision: int = 1
    age: int = 0

    @property
    def is_known(self) -> bool:
        """Whether Redis still has it."""
        return self.age < PERIODS


@pytest.mark.parametrize("seed", range(3))
async def test_over_any_history_an_article_is_known_as_long_as_it_was_seen_within_its_periods(
    connection: Connection, seed: int
) -> None:
    """Published, revised, shown again, claimed, aged: the record, its names and its text come and go with each other."""
    draw, ledger, model = random.Random(seed), Ledger(connection), dict[str, Known]()
    for step in range(30):
        article = draw.choice(sorted(model)) if model and draw.random() < 0.7 else ""
        what = draw.choice(["publish", "keep", "claim", "age"])
        if what == "age":
            await pass_a_period(connection)
            for known in model.values():
                known.age += 1
        elif not article or what == "publish":
            if not article or not model[article].is_known:
                name = f"u:{seed}/{step}"
                article = article_id(name)
                model[article] = Known([digest(name), digest(name + "g")], digest(name + "text", 8), revision=0)
                await ledger.resolve(article, model[article].names)
            known = model[article]
            if not known.revision:
                await ledger.printed(article, "paper.example", known.text, Sketch())
            known.revision, known.age = known.revision + 1, 0
            fresh = ArticleRecord(
                revision=known.revision, fingerprint=b"%6d" % known.revision, text_print=known.text,
                state=ArticleState(url="https://paper.example/a"), owner="paper.example",
            )  # fmt: skip
            answer = await ledger.publish(
                article, "m", fresh, [ENVELOPE], expected_revision=known.revision - 1, recheck_seconds=None
            )
            assert answer.state == "ok"
            again = await ledger.publish(
                article, "m", fresh, [ENVELOPE], expected_revision=known.revision - 1, recheck_seconds=None
            )
            assert (again.state, again.stream_id, again.seq) == ("already", answer.stream_id, answer.seq)
            await ledger.keep(known.names)
        elif what == "keep":
            kept = await ledger.keep(model[article].names)
            assert kept == model[article].is_known
            model[article].age = 0 if kept else model[article].age
        else:
            state, _ = await ledger.claim(article, "m", b"*", 30)
            assert (state is ClaimState.KNOWN) == model[article].is_known
            if state is ClaimState.KNOWN:
                await ledger.keep(model[article].names)
                model[article].age = 0
            await ledger.release(article, "m")
        for name, known in model.items():
            record = await ledger.record(name)
            assert (record.revision if record else 0) == (known.revision if known.is_known else 0)
            assert not record or record.owner == "paper.example"
    for name, known in model.items():
        found = (await ledger.printed("b" * 16, "other.example", known.text, Sketch())).first
        assert found == (name if known.is_known else "b" * 16)
        assert await ledger.resolve("c" * 16, known.names) == [name if known.is_known else "c" * 16] * 2


async def test_every_hash_of_names_texts_and_records_has_an_age(connection: Connection) -> None:
    """So none is left when nothing is seen any more."""
    ledger, article = Ledger(connection), article_id("u:x")
    await ledger.resolve(article, [digest("u:x"), digest("g:x")])
    await ledger.printed(article, "paper.example", digest("text", 8), Sketch(tuple(b"%4d" % n for n in range(64))))
    record = ArticleRecord(revision=1, fingerprint=b"f", text_print=digest("text", 8))
    await ledger.publish(article, "m", record, [ENVELOPE], expected_revision=0, recheck_seconds=None)
    ages = []
    for keys in connection.keys:
        for name in await connection.call("KEYS", keys.base + "[anpk]:*", at=keys.base):
            ages.append(int(await connection.call("TTL", name)))
    assert ages and min(ages) > 13 * 86400 and max(ages) <= 60 * 86400


async def test_ids_of_any_form_have_a_record_of_their_own(connection: Connection) -> None:
    """Ids that are no hashes of ours lie under their text."""
    ledger = Ledger(connection)
    ids = ["a" * 16, "2" * 16, "ten letter", "=x", "x", "A" * 16, "mzxw6ytboi4tqnzs"]
    for number, article in enumerate(ids, start=1):
        record = ArticleRecord(revision=1, fingerprint=b"f", version=b"%d" % number)
        await ledger.publish(article, "m", record, [ENVELOPE], expected_revision=0, recheck_seconds=60)
    found = [await ledger.record(article) for article in ids]
    assert [record.version for record in found if record] == [b"%d" % number for number in range(1, len(ids) + 1)]
    assert all(record and record.stream_id.count("-") == 1 for record in found)
