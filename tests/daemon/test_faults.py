"""The quick round of the fault matrix, on real daemons; ``make chaos`` plays all of it. Ends with what was published."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis as redis_client
from chaos import around, poison, redis_faults, rows  # noqa: F401  (they add their rows)
from chaos.stage import children_of, newest_server

from dateline.errors import Postponed, StoreUnavailable
from dateline.model.records import Entry, QueuedEntry, wrap
from dateline.settings import RedisSettings
from dateline.store import upkeep
from dateline.store.budget import Budget
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.keys import KEY_SCHEMA
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

#: Three rows that differ most; `make chaos` plays all, with other seeds.
QUICK = (
    "SIGSTOP for three leases, then SIGCONT: the old worker wakes beside the one that took over",
    "Redis proxy: connection cut before the reply",
    "pages and feeds that crash, spin, hang, eat memory, fork or exit in the child",
)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", QUICK)
def test_a_fault_loses_nothing_doubles_nothing_and_passes(name: str, tmp_path: Path) -> None:
    """Lost 0, duplicates 0, healthy again within 30 s, no manual step, no trace in the log."""
    one = rows.find(name)
    if why := one.missing():
        pytest.skip(why)
    verdict = one.play(tmp_path, 77)
    assert verdict.breaches == []
    assert verdict.published > 0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_daemon_that_dies_at_place_after_place_loses_nothing(tmp_path: Path) -> None:
    """Five of them; `make chaos` takes all."""
    assert rows.place_by_place(tmp_path, 77, 5).breaches == []


@pytest.mark.slow
def test_more_entries_than_can_be_read_hold_polling_back_and_are_then_read(tmp_path: Path) -> None:
    """Backpressure with its reason in the log; memory flat; nothing dropped."""
    assert poison.overfed(tmp_path, 1, feeds=6, entries=150, limit=200).breaches == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_receiver_that_refuses_delays_its_deliveries_and_nothing_else(tmp_path: Path) -> None:
    """All of the stream is delivered in order once it takes them again, without a manual step."""
    assert around.downstream(tmp_path, 77, 4.5).breaches == []


@pytest.mark.parametrize(
    ("name", "value", "say"),
    [("schema", "7", "choose another redis.prefix"), ("partitions", "4", "`dateline partitions 1`")],
)
def test_a_redis_of_another_layout_is_refused_at_start_with_the_remedy_and_left_as_it_is(
    name: str, value: str, say: str, own_redis: RedisServer, tmp_path: Path
) -> None:
    """An upgrade, or a way back, that does not fit: exit code 2 before anything is written."""
    meta = "{dateline:events}:meta"
    with redis_client.Redis.from_url(own_redis.url, protocol=2) as client:
        client.hset(meta, mapping={"schema": KEY_SCHEMA, "partitions": 1, name: value})
        held = {key: client.dump(key) for key in client.scan_iter()}
        one = rig.Daemon(rig.write_settings(tmp_path, own_redis.url, [1], []), tmp_path / "log")
        one.start()
        assert one.process is not None
        assert one.process.wait(120) == 2
        said = one.log.read_text()
        assert say in said and "Traceback" not in said
        assert {key: client.dump(key) for key in client.scan_iter()} == held


@pytest.fixture
def newest_redis() -> Iterator[RedisServer]:
    """One version is enough where Redis does little."""
    server = newest_server()
    server.start()
    yield server
    server.kill()


def heeds(pid: int, sig: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal."""
    caught = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (sig - 1) & 1)


@pytest.mark.parametrize(
    ("moment", "sig"),
    [
        ("at once", signal.SIGTERM),
        ("at once", signal.SIGINT),
        ("Redis away", signal.SIGTERM),
        ("children not warm", signal.SIGTERM),
        ("embedded", signal.SIGINT),
    ],
)
def test_a_daemon_asked_to_stop_while_it_starts_ends_with_0_and_leaves_no_process(
    moment: str, sig: signal.Signals, newest_redis: RedisServer, tmp_path: Path
) -> None:
    """Whatever it waits for then; a supervisor sees an orderly end."""
    url = "redis://127.0.0.1:1/0" if moment == "Redis away" else newest_redis.url
    settings = rig.write_settings(tmp_path, url, [1], [], redis={"url": url, "data_folder": str(tmp_path / "data")})
    if moment == "embedded":
        settings.write_text(settings.read_text().replace(f'url = "{url}"\n', ""))
    one = rig.Daemon(settings, tmp_path / "log")
    one.start()
    assert one.process is not None
    pid = one.process.pid
    signs: dict[str, Callable[[], object]] = {
        "at once": lambda: heeds(pid, sig) and heeds(pid, signal.SIGHUP),
        "Redis away": lambda: "store.unavailable" in one.log.read_text(),
        "children not warm": lambda: children_of(pid),
        "embedded": lambda: (tmp_path / "data" / "redis.log").exists(),
    }
    rig.until(signs[moment], 120, "it does not start", every=0.01)
    one.process.send_signal(sig)
    left = children_of(pid)
    assert one.process.wait(60) == 0, one.log.read_text()
    assert "Traceback" not in one.log.read_text()
    rig.until(lambda: not [child for child in left if Path(f"/proc/{child}/exe").exists()], 90, f"{left} live on")


async def test_a_place_whose_worker_died_is_free_after_its_lease_and_a_long_request_keeps_its_own(
    redis: RedisServer, prefix: str
) -> None:
    """An owner is not shut for a minute because a worker died while it asked there."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    lasting = Budget(connection, at_once=1, lease_seconds=1.0)
    async with lasting.place("long.example", gap_seconds=0, max_wait_seconds=0.1):
        await asyncio.sleep(2.2)  # two leases: the request itself is what takes long here
        with pytest.raises(Postponed):
            async with Budget(connection, at_once=1).place("long.example", gap_seconds=0, max_wait_seconds=0.1):
                pass
    dead = Budget(connection, at_once=1, lease_seconds=0.3)  # nobody renews it
    await dead.wait(_key("dead.example"), "token", "", 0, 0.1)  # and never given back

    async def free() -> bool:
        try:
            async with lasting.place("dead.example", gap_seconds=0, max_wait_seconds=0.01):
                return True
        except Postponed:
            return False

    await eventually(free)
    await connection.close()


def _key(owner: str) -> str:
    from dateline.store.budget import _hashed

    return _hashed(owner)


async def test_an_entry_dropped_behind_many_in_living_hands_is_found_and_its_tries_are_counted(
    redis: RedisServer, prefix: str
) -> None:
    """Looking for dropped entries goes on where it ended; Redis counts how often each was taken in hand."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed("feed", "http://paper.example/rss")])
    (state,) = await feeds.claim(10, "token")
    queued = [
        QueuedEntry(feed="feed", feed_url="u", article=f"{n:016}", entry=Entry(link=f"http://p.example/{n}"))
        for n in range(120)
    ]
    await feeds.commit(state, 900, {}, [wrap(one) for one in queued])
    alive, heir = (Entries(connection, name, 0.2) for name in ("alive", "heir"))
    for one in (alive, heir):
        await one.set_up()
    kept = await alive.take(119, 0.1)
    (dropped,) = await Entries(connection, "dead", 0.2).take(10, 0.1)

    async def found() -> bool:
        await alive.renew([(one, "") for one in kept])
        return [one.message for one in await heir.reclaim(1)] == [dropped.message]

    await eventually(found)
    other = Entries(connection, "third", 0.2)

    async def again() -> bool:
        await alive.renew([(one, "") for one in kept])
        return [one.deliveries for one in await other.reclaim(1)] == [3]

    await eventually(again)
    await connection.close()


async def test_a_stream_near_its_cap_loses_what_every_group_has_read_and_nothing_else(
    redis: RedisServer, prefix: str
) -> None:
    """However young it is; a group that does not read keeps the rest, and without groups the oldest go."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix, stream_limit=100))
    stream = connection.keys[0].events
    ledger = Ledger(connection)
    for n in range(100):
        envelope = (("id", f"e{n}"), ("type", "dateline.article.published"), ("subject", f"{n:016}"), ("data", "{}"))
        record = ArticleRecord(revision=1, fingerprint=b"%d" % n)
        await ledger.publish(f"{n:016}", "m", record, [envelope], expected_revision=0, recheck_seconds=None)
    with pytest.raises(StoreUnavailable, match="catch up"):
        record = ArticleRecord(revision=1, fingerprint=b"x")
        await ledger.publish("x", "m", record, [envelope], expected_revision=0, recheck_seconds=None)
    for group in ("quick", "slow"):
        await connection.call("XGROUP", "CREATE", stream, group, "0")
    ids = [row[0] for row in await connection.call("XRANGE", stream, "-", "+")]
    assert await upkeep.relieve(connection) == 0
    await connection.call("XGROUP", "SETID", stream, "quick", ids[-1])
    for group, most in (("slow", 10), ("slow", 5)):
        rows = await connection.call("XREADGROUP", "GROUP", group, "me", "COUNT", most, "STREAMS", stream, ">")
        if most == 10:
            await connection.call("XACK", stream, group, *(row[0] for row in rows[0][1]))
    assert await upkeep.relieve(connection) == 10  # the five in hand may be wanted again
    await connection.call("XGROUP", "DESTROY", stream, "slow")
    assert await upkeep.relieve(connection) == 10
    assert [row[0] for row in await connection.call("XRANGE", stream, "-", "+")] == ids[20:]
    await connection.close()


async def test_an_entry_whose_publication_redis_has_lost_is_not_let_go(redis: RedisServer, prefix: str) -> None:
    """Published on the old primary, settled on the new one, which was behind: it is carried again, not forgotten."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    entries, ledger = Entries(connection, "me", 20.0), Ledger(connection)
    await entries.set_up()
    queued = QueuedEntry(feed="feed", feed_url="u", article=f"{1:016}", entry=Entry(link="http://p.example/1"))
    await connection.script("enqueue", [[wrap(queued), "", ""]], 0)
    (held,) = await entries.take(1, 0.1)
    envelope = (("id", "e1"), ("type", "dateline.article.published"), ("subject", queued.article), ("data", "{}"))
    record = ArticleRecord(revision=1, fingerprint=b"x")
    await ledger.publish(queued.article, held.message, record, [envelope], expected_revision=0, recheck_seconds=None)
    keys = connection.keys[0]
    await connection.call("DEL", *await connection.call("KEYS", keys.base + "a:*"), keys.events)
    for _ in range(2):
        assert await entries.settle(held, "done", article=queued.article, revision=1) == "unpublished"
    assert (await entries.backlog())[0] == 1
    await ledger.publish(queued.article, held.message, record, [envelope], expected_revision=0, recheck_seconds=None)
    assert await entries.settle(held, "done", article=queued.article, revision=1) == "ok"
    assert (await entries.backlog())[0] == 0
    await connection.close()


async def test_a_claim_that_redis_has_lost_publishes_nothing(redis: RedisServer, prefix: str) -> None:
    """The names of the article were taken before its claim, and are lost with it: another feed's entry would not know them."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    ledger, article = Ledger(connection), f"{1:016}"
    envelope = (("id", "e1"), ("type", "dateline.article.published"), ("subject", article), ("data", "{}"))
    record = ArticleRecord(revision=1, fingerprint=b"x")
    for claim, state in ((False, "fenced"), (True, "ok"), (False, "already")):
        if claim:
            await ledger.claim(article, "message", b"", 20.0)
        answer = await ledger.publish(
            article, "message", record, [envelope], expected_revision=0, recheck_seconds=None, claimed=True
        )
        assert answer.state == state
    await connection.close()
