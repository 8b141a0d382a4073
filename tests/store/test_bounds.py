"""What waits, what was set aside and the memory of Redis itself are bounded in bytes, and it is said."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis import asyncio as redis_client

from dateline.dedup.identity import article_id
from dateline.errors import Postponed, StoreUnavailable
from dateline.model.records import Entry, QueuedEntry, unwrap, wrap
from dateline.settings import RedisSettings
from dateline.store import memory, upkeep
from dateline.store.budget import Budget
from dateline.store.dead_letters import DeadLetters
from dateline.store.entries import Entries, InHand
from dateline.store.feeds import Feeds, FeedState, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from support.redis_server import RedisServer

FEED = "feed0000"
URL = "http://paper.example/rss"


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """One partition with keys of its own."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, kept_mib=1))
    await Entries(opened, "w", 30).set_up()
    yield opened
    await opened.close()


def queued(number: int, words: int = 10) -> QueuedEntry:
    """An entry whose feed contains so many words of its text."""
    chance = random.Random(number)
    text = " ".join(f"{chance.getrandbits(40):x}" for _ in range(words))
    link = f"http://paper.example/{number}"
    return QueuedEntry(
        feed=FEED, feed_url=URL, article=article_id(link), entry=Entry(link=link, title=f"T {number}", content=text)
    )


async def claimed(feeds: Feeds, **limits: int) -> list[FeedState]:
    """Claim the feed, due now."""
    await feeds.poll_now(FEED)
    return await feeds.claim(1, f"t{time.monotonic_ns()}", **limits)


async def bring(connection: Connection, *entries: QueuedEntry, owner: str = "") -> Feeds:
    """Bring entries as a poll does."""
    feeds = Feeds(connection, 30)
    await feeds.add([NewFeed(FEED, URL)])
    (state,) = await claimed(feeds)
    assert await feeds.commit(state, 60, {"reason": "r"}, [wrap(one) for one in entries], owner) == "ok"
    return feeds


async def set_aside(connection: Connection, held: InHand, *, slim: bool = True, owner: str = "") -> None:
    """As the ingest does with a page that cannot be had."""
    whole = unwrap(held.payload)
    short = wrap(QueuedEntry(feed=whole.feed, feed_url=URL, article=whole.article, entry=Entry(link=whole.entry.link)))
    trail = [("outcome", "dead"), ("code", "timeout"), ("reason", "r"), ("url", whole.entry.link or "")]
    entries = Entries(connection, "w", 30)
    answer = await entries.settle(
        held, "dead", payload=held.payload, trail=trail, slim=short if slim else b"", owner=owner
    )
    assert answer == "ok"


@pytest.mark.one_redis
async def test_a_feed_is_not_polled_while_too_much_of_it_waits_and_says_why(connection: Connection) -> None:
    """Waiting for a retry counts as well; what is settled no longer does."""
    feeds = await bring(connection, *(queued(n) for n in range(5)))
    entries = Entries(connection, "w", 30)
    held = await entries.take(5, 0.1)
    for one in held[:3]:
        await entries.settle(one, "later", payload=one.payload + b" ", delay_seconds=60)
    assert [state.waiting for state in await claimed(feeds, most_waiting=6)] == [5]
    assert await claimed(feeds, most_waiting=5) == []
    assert await claimed(feeds, most_waiting=100, most_waiting_bytes=300) == []
    state = await feeds.get(FEED)
    assert state is not None and state.reason.startswith("5 of its entries, 1 MiB, wait for their pages")
    assert 0 < state.next_at - time.time() <= 300
    for one in held[3:]:
        await entries.settle(one, "done")
    assert [state.waiting for state in await claimed(feeds, most_waiting=5)] == [3]


@pytest.mark.one_redis
async def test_the_feeds_of_an_owner_wait_while_a_day_of_its_budget_is_taken(connection: Connection) -> None:
    """Each entry that finds no free place is given a slot behind the others: the last slot is the queue's length."""
    budget = Budget(connection, at_once=1)
    for n in range(40):
        with pytest.raises(Postponed):
            await budget.wait("owner", f"t{n}", "h", 3600.0, 0.5)
            await budget.wait("owner", f"u{n}", "h", 3600.0, 0.5)
    with pytest.raises(Postponed, match="not possible for another") as raised:
        await budget.wait("owner", "feed", "h", 2.0, 60.0, max_queue_seconds=86_400.0)
    assert "h of its budget already: not polled before" in raised.value.why


@pytest.mark.one_redis
async def test_what_was_set_aside_on_the_way_comes_back_whole_when_its_owner_answers(connection: Connection) -> None:
    """A page of the owner, or a feed, came: no command of the operator is needed. Others stay."""
    await bring(connection, *(queued(n, 300) for n in range(4)))
    entries, letters = Entries(connection, "w", 30), DeadLetters(connection)
    held = await entries.take(4, 0.1)
    await set_aside(connection, held[0], owner="paper.example")
    await set_aside(connection, held[1], owner="paper.example")
    await set_aside(connection, held[2], owner="other.example")
    assert await letters.count() == 3
    assert (await anext(letters.all())).entry == unwrap(held[0].payload)
    assert await entries.settle(held[3], "done", owner="paper.example") == "ok"
    assert await letters.count() == 1
    back = await entries.take(4, 0.1)
    assert {one.payload for one in back} == {held[0].payload, held[1].payload}
    for one in back:
        await entries.settle(one, "done")
    await bring(connection, owner="other.example")
    assert await letters.count() == 0
    assert (await upkeep.stats(connection))["revived"] == 3


@pytest.mark.one_redis
async def test_texts_of_dead_letters_are_bounded_in_bytes_and_their_reasons_stay(connection: Connection) -> None:
    """The oldest texts go first; a letter without its text is requeued as what is left of it."""
    await bring(connection, *(queued(n, 20_000) for n in range(15)))
    for one in await Entries(connection, "w", 30).take(15, 0.1):
        await set_aside(connection, one)
    letters = DeadLetters(connection)
    assert await memory.bound_kept(connection) > 0
    found = [letter async for letter in letters.all()]
    assert [letter.fields["code"] for letter in found] == ["timeout"] * 15
    has_text = [letter.entry.entry.content is not None for letter in found]
    assert not has_text[0] and has_text[-1] and has_text == sorted(has_text)
    size = await connection.call("MEMORY", "USAGE", connection.keys[0].base + "dead:t")
    assert size <= 1.1 * (1 << 20)
    assert await letters.requeue(found) == 15
    assert await connection.call("HLEN", connection.keys[0].base + "dead:t") == 0


async def fill(connection: Connection, most: int = 100_000) -> int:
    """Publish until Redis is full; gives how many."""
    ledger = Ledger(connection)
    for n in range(most):
        envelope = (
            ("id", f"e{n}"),
            ("type", "dateline.article.published"),
            ("data", random.Random(n).randbytes(6000).hex()),
        )
        try:
            await ledger.publish(
                f"{n:016}", "m", ArticleRecord(revision=1, fingerprint=b"f"), [envelope], expected_revision=0,
                recheck_seconds=None,
            )  # fmt: skip
        except StoreUnavailable:
            return n
    raise AssertionError("it does not become full")


@pytest.mark.timeout(180)
async def test_a_full_redis_loses_what_every_group_has_read_oldest_first_and_says_so(own_redis: RedisServer) -> None:
    """No command that frees memory needs memory. What a group has not read stays, whatever that means."""
    async with redis_client.Redis.from_url(own_redis.url, protocol=2) as client:
        await client.config_set("maxmemory", "16mb")
        connection = Connection(RedisSettings(url=own_redis.url))
        published = await fill(connection)
        watch = memory.MemoryWatch(connection)
        assert await memory.memory_fill(connection) > memory.NEAR_FULL
        await watch.look()
        assert watch.fill <= memory.NEAR_FULL and watch.is_near and "of its maxmemory" in str(watch.warning)
        left = await client.xlen("dateline:events")
        assert 0 < left < published
        (notice,) = await upkeep.notices(connection)
        assert notice["type"] == "store.near_full"
        await client.xgroup_create("dateline:events", "reader", "0")
        await fill(connection)
        unread = await client.xlen("dateline:events")
        await watch.look()
        assert await client.xlen("dateline:events") == unread and watch.fill > memory.NEAR_FULL
        await client.config_set("maxmemory", "64mb")
        await watch.look()
        assert watch.warning is None
        await connection.close()
