"""Another number of partitions with the data in place: nothing forgotten, nothing twice, whatever interrupts it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from dateline.client import Consumer
from dateline.dedup.identity import article_id, digest, feed_id
from dateline.errors import SettingsError
from dateline.model.records import Entry, QueuedEntry, wrap
from dateline.model.sketch import Sketch
from dateline.settings import RedisSettings
from dateline.store.audit import judge
from dateline.store.checks import check_schema
from dateline.store.dead_letters import DeadLetters
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection
from dateline.store.repartition import repartition
from dateline.store.snapshot import snapshot
from dateline.store.workers import sign_in, sign_out
from support.records import article_of
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

STORIES = 60
KEEP_SECONDS = 86400.0


def names_of(number: int) -> list[bytes]:
    """Three names of a story."""
    return [digest(f"{number} {n}") for n in range(3)]


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """Four partitions with feeds, published articles, entries on their way and a dead letter."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=4))
    await check_schema(opened)
    feeds, ledger, entries = Feeds(opened, 30), Ledger(opened), Entries(opened, "me", 20)
    await entries.set_up()
    await feeds.add([NewFeed(feed_id(f"f{n}"), f"http://paper.example/{n}") for n in range(40)])
    for number in range(STORIES):
        article = await article_of(ledger, article_id(f"a{number}"), names_of(number))
        await ledger.printed(article, "paper.example", digest(f"print {number}"), Sketch())
        await publish(ledger, article, number, 1)
    for number, state in enumerate(await feeds.claim(100, "token")):
        queued = QueuedEntry(
            feed=state.feed, feed_url=state.url, article=article_id(f"new{number}"), entry=Entry(link="l")
        )
        await feeds.commit(state, 900.0, {"etag": f"e{number}"}, [wrap(queued)])
    held = await entries.take(10, 0.1)
    why = [("reason", "because"), ("code", "c")]
    texts = wrap(QueuedEntry(feed="f", feed_url="u", article="a" * 16, entry=Entry(link="l", content="long")))
    await entries.settle(held[0], "dead", payload=texts, slim=held[0].payload, trail=why, owner="paper.example")
    await entries.settle(held[2], "dropped", payload=held[2].payload, trail=why)
    await entries.settle(held[1], "later", payload=held[1].payload, delay_seconds=600)
    yield opened
    await opened.close()


async def publish(ledger: Ledger, article: str, number: int, revision: int) -> str:
    """One revision of a story."""
    record = ArticleRecord(
        revision=revision, fingerprint=digest(f"print {number}"), state=ArticleState(url=f"u{number}")
    )
    envelope = (
        ("specversion", "1.0"), ("source", "s"), ("id", f"{number}@{revision}"), ("type", "dateline.article.published"),
        ("subject", article), ("data", "{}"),
    )  # fmt: skip
    answer = await ledger.publish(
        article, "m", record, [envelope], expected_revision=revision - 1, recheck_seconds=600.0
    )  # fmt: skip
    return answer.state


def of(connection: Connection, partitions: int) -> Connection:
    """The same keys in another number of partitions."""
    return Connection(msgspec.structs.replace(connection.settings, partitions=partitions))


async def everything(connection: Connection) -> dict[str, object]:
    """What must be the same before and after."""
    feeds, ledger = Feeds(connection, 30), Ledger(connection)
    states = {state.feed: (state.url, state.etag, state.next_at) async for state in feeds.all()}
    names = [await article_of(ledger, "nobody", names_of(number)[::-1]) for number in range(STORIES)]
    records = [await ledger.record(name) for name in names]
    prints = [
        (await ledger.printed("x" * 16, "y", digest(f"print {number}"), Sketch())).first for number in range(STORIES)
    ]  # fmt: skip
    due = [await connection.call("ZCARD", keys.due) for keys in connection.keys]
    looks = [await connection.call("ZCARD", keys.recheck) for keys in connection.keys]
    return {
        "feeds": states, "names": names, "revisions": [one and (one.revision, one.state.url) for one in records],
        "prints": prints, "due": sum(due), "looks": sum(looks), "backlog": await Entries(connection, "me", 20).backlog(),
        "dead": [letter.entry.entry.content async for letter in DeadLetters(connection).all()],
        "dropped": await DeadLetters(connection, dropped=True).count(),
    }  # fmt: skip


async def problems(connection: Connection) -> list[str]:
    """What verify finds."""
    return [
        problem.say
        for number in range(len(connection.keys))
        for problem in judge(await snapshot(connection, number))
        if problem.kind not in ("pending_abandoned",)
    ]


@pytest.mark.parametrize("after", [8, 64])
async def test_more_partitions_hold_the_same(connection: Connection, after: int) -> None:
    """Feeds are due when they were, names and prints lead where they led, nothing is published again, verify is content."""
    before = await everything(connection)
    assert before["due"] == 40 and before["looks"] == STORIES
    new = of(connection, after)
    await repartition(connection, new, KEEP_SECONDS)
    assert not await check_schema(new)
    assert await everything(new) == before
    assert await problems(new) == []
    ledger = Ledger(new)
    for number in range(STORIES):
        article = await article_of(ledger, "nobody", names_of(number))
        assert await publish(ledger, article, number, 1) == "already"
        assert await publish(ledger, article, number, 2) == "ok"
    assert await problems(new) == []
    with pytest.raises(SettingsError, match=f"set up with {after} partitions"):
        await check_schema(connection)
    await new.close()


async def test_fewer_partitions_hold_the_same_once_every_group_has_read_on(connection: Connection) -> None:
    """Else it is refused before anything is moved; what was read is kept for replays for a while."""
    before = await everything(connection)
    stream = connection.keys[0].events
    got: list[str] = []

    async def read(most: int) -> None:
        async with Consumer(connection.settings.url, group="map", name="one", stream=stream) as consumer:
            while len(got) < most:
                got.append((await anext(consumer)).id)
            await consumer.done()

    await read(5)
    new = of(connection, 2)
    with pytest.raises(SettingsError, match="group map has not read all of"):
        await repartition(connection, new, KEEP_SECONDS)
    assert not await check_schema(connection)
    await read(STORIES)
    await repartition(connection, new, KEEP_SECONDS)
    assert await everything(new) == before and await problems(new) == []
    assert await publish(Ledger(new), article_id("more"), 1000, 1) == "ok"
    await read(STORIES + 1)
    assert len(set(got)) == len(got) == STORIES + 1
    for keys in connection.keys[2:]:
        assert await connection.call("XLEN", keys.events) > 0
        assert 0 < await connection.call("TTL", keys.events) <= KEEP_SECONDS
        assert not await connection.call("EXISTS", keys.due, keys.entries, keys.later, keys.dead, keys.stats)
    await new.close()


async def test_a_move_that_was_interrupted_goes_on_and_nobody_works_meanwhile(connection: Connection) -> None:
    """Killed anywhere: workers refuse to start with the remedy, and the same command again ends it."""
    before = await everything(connection)
    for steps in (3, 40, 100, 150):
        new = Interrupted(connection.settings, steps)
        with pytest.raises(asyncio.CancelledError):
            await repartition(connection, new, KEEP_SECONDS)
        await new.close()
        with pytest.raises(SettingsError, match="run `dateline partitions 16`"):
            await check_schema(connection)
    new = of(connection, 16)
    await repartition(connection, new, KEEP_SECONDS)
    assert not await check_schema(new)
    assert await everything(new) == before and await problems(new) == []
    await new.close()


class Interrupted(Connection):
    """Sixteen partitions whose process dies after so many commands."""

    def __init__(self, settings: RedisSettings, steps: int) -> None:
        super().__init__(msgspec.structs.replace(settings, partitions=16))
        self._left = steps

    async def call(self, command: str, *args: object, at: str | None = None) -> object:
        self._left -= 1
        if self._left < 0:
            raise asyncio.CancelledError
        return await super().call(command, *args, at=at)


async def test_nothing_is_moved_while_a_worker_runs(connection: Connection) -> None:
    """It would write to where things were."""
    await sign_in(connection, "busy")
    new = of(connection, 8)
    with pytest.raises(SettingsError, match="stop them all"):
        await repartition(connection, new, KEEP_SECONDS)
    await sign_out(connection, "busy")
    await new.close()
