"""The store on real servers: every write idempotent by itself, every lease fenced, nothing without an age."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio

from dateline.dedup.identity import article_id, digest
from dateline.errors import Postponed
from dateline.fetch.politeness import Refusals, refused
from dateline.model.records import Entry, QueuedEntry, unwrap, wrap
from dateline.model.sketch import Sketch
from dateline.settings import RedisSettings
from dateline.store import upkeep
from dateline.store.budget import Budget, Refusal
from dateline.store.dead_letters import DeadLetters
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import ClaimState, Ledger
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection
from support.conditions import eventually
from support.pipeline import identify
from support.redis_server import RedisServer

ENVELOPE = (("id", "e1"), ("type", "dateline.article.published"), ("data", "{}"))


@pytest_asyncio.fixture(params=[1, 4], ids=["1 partition", "4 partitions"])
async def connection(redis: RedisServer, prefix: str, request: object) -> AsyncIterator[Connection]:
    """A connection with keys of its own, at one partition and at four."""
    settings = RedisSettings(url=redis.url, prefix=prefix, partitions=request.param)  # type: ignore[attr-defined]
    opened = Connection(settings)
    yield opened
    await opened.close()


def entry(link: str = "http://paper.example/a") -> QueuedEntry:
    """An entry as a poll enqueues it."""
    name = f"u:{link}"
    return QueuedEntry(
        feed="feed", feed_url="http://paper.example/rss", article=article_id(name), entry=Entry(link=link, title="T"),
        aliases=(digest(name),), version=b"v1",
    )  # fmt: skip


def record(revision: int, mark: bytes, version: bytes = b"v1") -> ArticleRecord:
    """What a publication remembers."""
    return ArticleRecord(
        revision=revision, fingerprint=mark, version=version, state=ArticleState(url="u", envelope_id="e")
    )


async def enqueue(connection: Connection, *queued: QueuedEntry) -> Feeds:
    """Bring entries in as a poll does: claimed feed, one commit."""
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed("feed", "http://paper.example/rss")])
    await feeds.poll_now("feed")
    (state,) = await feeds.claim(10, "token")
    assert await feeds.commit(state, 900, {"etag": "x"}, [wrap(one) for one in queued]) == "ok"
    return feeds


async def test_a_commit_sent_twice_enqueues_its_entries_once(connection: Connection) -> None:
    """The library sends a command again when the reply is lost; the second finds its own token."""
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed("feed", "http://paper.example/rss")])
    (state,) = await feeds.claim(10, "token-1")
    payload = wrap(entry())
    assert await feeds.commit(state, 900, {"etag": "x"}, [payload]) == "ok"
    assert await feeds.commit(state, 900, {"etag": "x"}, [payload]) == "already"
    entries = Entries(connection, "me", 20)
    assert (await entries.backlog())[0] == 1


async def test_a_poller_whose_lease_another_took_is_fenced_off(connection: Connection) -> None:
    """A stopped process that wakes after its lease changes nothing."""
    feeds = Feeds(connection, lease_seconds=0.01)
    await feeds.add([NewFeed("feed", "http://paper.example/rss")])
    (zombie,) = await feeds.claim(10, "token-1")
    heir = []
    async with asyncio.timeout(60):
        while not heir:
            heir = await feeds.claim(10, "token-2")
    assert await feeds.commit(zombie, 900, {"etag": "old"}, [wrap(entry())]) == "fenced"
    assert await feeds.commit(heir[0], 900, {"etag": "new"}) == "ok"
    state = await feeds.get("feed")
    assert state is not None and state.etag == "new"


async def test_a_claimed_feed_is_given_to_nobody_else(connection: Connection) -> None:
    """Two workers share the feeds."""
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed(f"feed{n}", f"http://paper.example/{n}") for n in range(20)])
    taken = []
    for token in ("a", "b", "c"):
        taken += [state.feed for state in await feeds.claim(8, token)]
    assert len(taken) == len(set(taken)) == 20


async def test_a_publication_repeated_gives_the_same_answer_and_appends_nothing(connection: Connection) -> None:
    """A lost reply, a second worker with the same text: one stream entry."""
    ledger = Ledger(connection)
    first = await ledger.publish(
        "a" * 16, "m1", record(1, b"f1"), [ENVELOPE], expected_revision=0, recheck_seconds=None
    )
    again = await ledger.publish(
        "a" * 16, "m1", record(1, b"f1"), [ENVELOPE], expected_revision=0, recheck_seconds=None
    )
    assert (first.state, again.state) == ("ok", "already")
    assert (first.stream_id, first.seq) == (again.stream_id, again.seq)
    keys = connection.keys[connection.partition_of("a" * 16)]
    assert await connection.call("XLEN", keys.events) == 1


async def test_a_publication_that_weighed_an_older_revision_is_told_to_weigh_again(connection: Connection) -> None:
    """Compare and set on the revision: no revision is skipped, none overwritten."""
    ledger = Ledger(connection)
    await ledger.publish("b" * 16, "m1", record(1, b"f1"), [ENVELOPE], expected_revision=0, recheck_seconds=None)
    late = await ledger.publish("b" * 16, "m2", record(1, b"f2"), [ENVELOPE], expected_revision=0, recheck_seconds=None)
    assert late.state == "conflict"
    next_one = await ledger.publish(
        "b" * 16, "m2", record(2, b"f2"), [ENVELOPE], expected_revision=1, recheck_seconds=None
    )
    assert next_one.state == "ok" and next_one.seq == 2


async def test_an_article_in_another_workers_hand_cannot_be_published(connection: Connection) -> None:
    """The claim is the fence."""
    ledger = Ledger(connection)
    state, _ = await ledger.claim("c" * 16, "holder", b"v1", 30)
    assert state is ClaimState.MINE
    assert (await ledger.claim("c" * 16, "other", b"v1", 30))[0] is ClaimState.BUSY
    answer = await ledger.publish(
        "c" * 16, "other", record(1, b"f"), [ENVELOPE], expected_revision=0, recheck_seconds=None
    )
    assert answer.state == "fenced"


async def test_every_name_of_an_article_leads_to_it(connection: Connection) -> None:
    """The first name decides; new names join; an unknown set founds an article."""
    ledger = Ledger(connection)
    names = [digest("u:one"), digest("g:two"), digest("u:three")]
    assert await identify(ledger, "d" * 16, names[:1]) == "d" * 16
    assert await identify(ledger, "e" * 16, [names[1], names[0]]) == "d" * 16
    assert await identify(ledger, "f" * 16, names[2:]) == "f" * 16


async def test_the_first_to_show_a_text_has_it_and_the_others_are_its_family(connection: Connection) -> None:
    """Asking again gives the same answer, for the first and for the copy."""
    ledger = Ledger(connection)
    one, two, mark = "g" * 16, "h" * 16, digest("text")
    for _ in range(2):
        assert (await ledger.printed(one, "paper.example", mark, Sketch())).first == one
    for _ in range(2):
        copy = await ledger.printed(two, "other.example", mark, Sketch())
        assert copy.first == one
        assert set(copy.owners.values()) == {"paper.example", "other.example"}


async def test_an_entry_set_aside_can_be_given_another_life_once(connection: Connection) -> None:
    """Requeue and drop; a requeue sent twice enqueues once."""
    await enqueue(connection, entry())
    entries = Entries(connection, "me", 20)
    await entries.set_up()
    (held,) = await entries.take(10, 0.1)
    queued = unwrap(held.payload)
    answer = await entries.settle(held, "dead", payload=wrap(queued), trail=[("code", "gone"), ("reason", "410")])
    assert answer == "ok"
    assert await entries.settle(held, "dead", payload=wrap(queued)) == "already"
    letters = DeadLetters(connection)
    found = [letter async for letter in letters.all()]
    assert [letter.fields["code"] for letter in found] == ["gone"]
    assert await letters.requeue(found) == 1
    assert await letters.requeue(found) == 0
    (again,) = await entries.take(10, 0.1)
    assert unwrap(again.payload) == queued


async def test_an_entry_not_renewed_is_taken_over_and_its_old_holder_cannot_settle_it(connection: Connection) -> None:
    """What a dead worker held goes to another; a zombie's settlement is refused."""
    await enqueue(connection, entry())
    zombie, heir = Entries(connection, "zombie", 0.01), Entries(connection, "heir", 0.01)
    await zombie.set_up()
    (held,) = await zombie.take(10, 0.1)
    taken = []
    async with asyncio.timeout(60):
        while not taken:
            taken = await heir.reclaim(10)
    assert await zombie.settle(held, "done") == "fenced"
    assert await zombie.renew([(held, "")]) == {held.message}
    assert await heir.renew([(taken[0], "")]) == set()
    assert await heir.settle(taken[0], "done") == "ok"


async def test_what_waits_for_later_comes_back_when_it_is_due_and_not_before(connection: Connection) -> None:
    """Retries survive a restart: they lie in Redis."""
    await enqueue(connection, entry("http://paper.example/now"), entry("http://paper.example/later"))
    entries = Entries(connection, "me", 20)
    await entries.set_up()
    held = await entries.take(10, 0.1)
    await entries.settle(held[0], "later", payload=held[0].payload, delay_seconds=0)
    await entries.settle(held[1], "later", payload=held[1].payload, delay_seconds=3600)
    assert await entries.wake_later() == 1
    assert await entries.backlog() == (1, 1)


async def test_an_owners_budget_is_shared(connection: Connection) -> None:
    """Ten workers are as polite as one."""
    mine, yours = (Budget(connection, at_once=2, lease_seconds=30) for _ in range(2))
    async with mine.place("paper.example", gap_seconds=60, max_wait_seconds=1):
        pass
    try:
        async with yours.place("paper.example", gap_seconds=60, max_wait_seconds=1):
            raise AssertionError("the second request came at once")
    except Postponed as postponed:
        assert 30 < postponed.wait_seconds <= 127


def remembering(url: str) -> Refusal:
    """What a request keeps that was answered "come back in five minutes"."""

    def change(before: bytes, now: float) -> tuple[bytes, float]:
        memory = msgspec.msgpack.decode(before, type=Refusals) if before else Refusals()
        memory, block = refused(memory, url, now, 300.0, 60.0, 86_400.0)
        return msgspec.msgpack.encode(memory), block.until - now

    return change


async def refusals(budget: Budget, owner: str, host: str, *urls: str) -> None:
    """Requests that are refused."""
    async with budget.place(owner, host, gap_seconds=0, max_wait_seconds=1) as place:
        await asyncio.gather(*(place.refused(remembering(url)) for url in urls))


async def parked(budget: Budget, owner: str, host: str) -> float:
    """How long a request would have to wait, 0 where it may go."""
    try:
        async with budget.place(owner, host, gap_seconds=0, max_wait_seconds=1):
            return 0.0
    except Postponed as error:
        return error.wait_seconds


async def test_a_refusal_stops_its_host_for_all_workers_and_the_owners_other_hosts_go_on(
    connection: Connection,
) -> None:
    """Retry-After at the narrowest scope, kept in Redis."""
    mine, yours = (Budget(connection, at_once=2, lease_seconds=30) for _ in range(2))
    await refusals(mine, "other.example", "www.other.example", "https://www.other.example/1")
    assert 240 < await parked(yours, "other.example", "www.other.example") <= 300.1
    assert await parked(yours, "other.example", "static.other.example") == 0


async def test_who_waits_for_a_slot_hears_of_a_refusal_that_comes_meanwhile(connection: Connection) -> None:
    """A slot taken before the refusal is not used after it."""
    budget = Budget(connection, at_once=2, lease_seconds=30)

    async def both_in() -> bool:
        names = [await connection.call("KEYS", keys.base.replace("[", "\\[") + "o:*:in") for keys in connection.keys]
        return [await connection.call("ZCARD", name) for found in names for name in found] == [2]

    async with budget.place("other.example", "www.other.example", gap_seconds=0.5, max_wait_seconds=1) as place:
        waiting = asyncio.create_task(parked(budget, "other.example", "www.other.example"))
        await eventually(both_in)
        await place.refused(remembering("https://www.other.example/1"))
    assert await waiting > 240


async def test_a_second_refusal_stops_the_whole_owner_for_all_workers(connection: Connection) -> None:
    """Two workers are refused by two hosts at the same moment: neither memory is lost."""
    mine, yours = (Budget(connection, at_once=2, lease_seconds=30) for _ in range(2))
    urls = ("https://www.other.example/1", "https://static.other.example/1")
    await refusals(mine, "other.example", "www.other.example", *urls)
    assert 240 < await parked(yours, "other.example", "third.other.example") <= 300.1
    assert await parked(yours, "elsewhere.example", "third.other.example") == 0


async def test_a_redirect_takes_a_slot_of_its_own_and_no_second_place(connection: Connection) -> None:
    """At one request at a time a redirect within the owner would else wait for itself."""
    budget = Budget(connection, at_once=1, lease_seconds=30)
    async with budget.place("other.example", "a", gap_seconds=0.2, max_wait_seconds=1) as place:
        began = asyncio.get_running_loop().time()
        await place.hop("b", gap_seconds=0.2, max_wait_seconds=1)
        assert asyncio.get_running_loop().time() - began > 0.15


async def test_the_stream_is_trimmed_only_below_its_slowest_group(connection: Connection) -> None:
    """A group that lags keeps what it has not read."""
    ledger = Ledger(connection)
    article = "i" * 16
    keys = connection.keys[connection.partition_of(article)]
    for n in range(300):
        await ledger.publish(
            article, "m", record(n + 1, b"%d" % n), [ENVELOPE], expected_revision=n, recheck_seconds=None
        )
    await connection.call("XGROUP", "CREATE", keys.events, "slow", "0")
    await upkeep.trim(connection, 0.0, 4e9)
    assert await connection.call("XLEN", keys.events) == 300
    await connection.call("XREADGROUP", "GROUP", "slow", "c", "COUNT", 300, "NOACK", "STREAMS", keys.events, ">")
    await upkeep.trim(connection, 0.0, 4e9)
    assert await connection.call("XLEN", keys.events) < 200


async def test_every_key_is_in_its_partitions_slot_and_ages_or_is_known_to_be_bounded(connection: Connection) -> None:
    """A hash tag in every key; no key without an age but those that the table in keys.py lists as bounded."""
    ledger = Ledger(connection)
    queued = entry()
    await enqueue(connection, queued)
    await identify(ledger, queued.article, queued.aliases)
    await ledger.claim(queued.article, "m", b"v", 30)
    await ledger.printed(queued.article, "o", digest("x"), Sketch((digest("s", 4),)))
    await ledger.publish(queued.article, "m", record(1, b"f"), [ENVELOPE], expected_revision=0, recheck_seconds=60)
    bounded = {"due", "entries", "wait", "later", "recheck", "dead", "trail", "seq", "stats", "meta"}
    seen = 0
    for keys in connection.keys:
        for name in await connection.call("KEYS", keys.base.replace("[", "\\[") + "*"):
            seen += 1
            kind, _, rest = name.decode().removeprefix(keys.base).partition(":")
            if kind in bounded or kind == "f":
                continue
            assert await connection.call("PTTL", name) > 0, name
            assert "paper.example" not in rest
    assert seen >= 6
