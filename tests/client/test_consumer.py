"""The consumers' client on real servers: nothing lost, nothing twice in memory, gaps said, deaths made good."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import asyncio as redis_client

from dateline.client import CannotConnect, Consumer, follow, replay
from dateline.client.position import as_stream_id
from dateline.contract import Article
from dateline.contract.envelope import article_envelope, event_envelope, fields
from support.conditions import eventually
from support.consuming import Stream, nothing_comes, number, take
from support.records import shelling
from support.redis_server import RedisServer

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "consumer.py"


async def test_a_new_group_reads_from_the_start_in_order_and_acks_what_was_handled(stream: Stream) -> None:
    await stream.append(1, 2, 3)
    async with stream.consumer() as consumer:
        messages = await take(consumer, 3)
        assert [number(message) for message in messages] == [1, 2, 3]
        assert [message.gap for message in messages] == [None] * 3
        assert await stream.pending() == 1
        await consumer.done()
    assert await stream.pending() == 0


async def test_messages_that_come_later_are_waited_for(stream: Stream) -> None:
    async with stream.consumer() as consumer:
        waiting = asyncio.ensure_future(take(consumer, 2))
        await stream.append(1)
        await stream.append(2)
        assert [number(message) for message in await waiting] == [1, 2]


@pytest.mark.parametrize("start", ["now", datetime.now(UTC) + timedelta(hours=1)])
async def test_a_group_can_begin_elsewhere_than_at_the_start(stream: Stream, start: datetime | str) -> None:
    await stream.append(1)
    async with stream.consumer(start=start) as consumer:
        assert await nothing_comes(consumer)


async def test_what_was_not_acked_comes_again_after_a_restart_and_what_was_does_not(stream: Stream) -> None:
    await stream.append(1, 2, 3)
    async with stream.consumer() as consumer:
        await take(consumer, 2)
    async with stream.consumer() as consumer:
        again = await take(consumer, 2)
        assert [(number(message), message.redelivered) for message in again] == [(2, True), (3, True)]


async def test_a_body_that_raises_acks_nothing(stream: Stream) -> None:
    await stream.append(1)
    with pytest.raises(ZeroDivisionError):
        async with stream.consumer() as consumer:
            async for _ in consumer:
                raise ZeroDivisionError
    assert await stream.pending() == 1


async def test_what_a_dead_member_held_goes_to_another_one(stream: Stream) -> None:
    await stream.append(1, 2, 3)
    async with stream.consumer("dies") as consumer:
        await take(consumer, 2)
    async with stream.consumer("lives", claim_after_seconds=0.05) as consumer:
        claimed = await take(consumer, 2)
        assert [number(message) for message in claimed] == [2, 3]
        assert all(message.redelivered for message in claimed)


async def test_members_of_a_group_share_and_together_see_each_message_once_and_no_false_gap(stream: Stream) -> None:
    seen: list[int] = []
    gaps = []

    async def work(name: str) -> None:
        async with stream.consumer(name, batch=7) as consumer:
            async for message in consumer:
                seen.append(number(message))
                gaps.append(message.gap)

    members = [asyncio.ensure_future(work(name)) for name in ("one", "two", "three")]
    await stream.append(*range(200))
    await eventually(lambda: len(seen) >= 200)
    for member in members:
        member.cancel()
    await asyncio.gather(*members, return_exceptions=True)
    assert sorted(seen) == list(range(200))
    assert set(gaps) == {None}


async def test_a_consumer_that_is_cancelled_ends_at_whatever_moment_that_comes(stream: Stream) -> None:
    """Also in the turn of the loop in which a command has just been sent, where the library swallows the cancellation."""
    consumers = []

    async def work(name: str) -> None:
        async with stream.consumer(name, batch=1, block_seconds=0.01) as consumer:
            async for _ in consumer:
                pass

    await stream.append(*range(50))
    for turns in range(0, 120, 3):
        task = asyncio.ensure_future(work(f"c{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        consumers.append(task)
    done, pending = await asyncio.wait(consumers, timeout=60)
    assert not pending
    assert all(task.cancelled() for task in done)


async def test_waiting_for_a_message_can_be_given_up_and_taken_up_again_without_a_loss(stream: Stream) -> None:
    seen: list[int] = []
    seconds = 0.002
    async with stream.consumer(batch=3) as consumer:
        await stream.append(*range(30))
        while len(seen) < 30:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    seen.append(number(await anext(consumer)))
            seconds *= 1.01  # a busy machine needs longer for a message
    assert sorted(set(seen)) == list(range(30))


async def test_the_same_id_again_is_not_handled_again(stream: Stream) -> None:
    """A content that comes a second time under another stream id, as after a loss in Redis."""
    await stream.append(1, 2)
    async with stream.consumer() as consumer:
        await take(consumer, 2)
        await stream.append(1, 3)
        (message,) = await take(consumer, 1)
        assert number(message) == 3
        await consumer.done()
    assert await stream.pending() == 0


async def test_a_group_that_wants_to_remember_nothing_gets_it_again(stream: Stream) -> None:
    await stream.append(1)
    async with stream.consumer(remember_seconds=None) as consumer:
        await take(consumer, 1)
        await stream.append(1)
        assert number((await take(consumer, 1))[0]) == 1


async def test_the_consumers_own_memory_decides_in_place_of_ours(stream: Stream) -> None:
    class Table:
        def __init__(self) -> None:
            self.ids: list[str] = []

        async def has(self, message_id: str) -> bool:
            return message_id in self.ids

        async def add(self, message_id: str) -> None:
            self.ids.append(message_id)

    table = Table()
    await stream.append(1, 2)
    async with stream.consumer(handled=table) as consumer:
        await take(consumer, 2)
        await stream.append(1, 3)
        assert number((await take(consumer, 1))[0]) == 3
    assert len(table.ids) == 2
    assert not await stream.redis.keys(f"*{stream.name}*handled*")


async def test_entries_trimmed_before_the_group_read_them_are_a_gap(stream: Stream) -> None:
    await stream.append(1, 2)
    async with stream.consumer() as consumer:
        await take(consumer, 2)
        await consumer.done()
    await stream.append(3, 4, 5, 6)
    await stream.redis.xtrim(stream.name, maxlen=1, approximate=False)
    async with stream.consumer() as consumer:
        (message,) = await take(consumer, 1)
        assert number(message) == 6
        assert message.gap is not None
        assert (message.gap.kind, message.gap.missing) == ("lost", 3)


async def test_a_group_set_back_on_purpose_reads_again_without_a_gap(stream: Stream) -> None:
    """By the client, which forgets what was handled; and by anybody's XGROUP SETID, which the group notices itself."""
    await stream.append(1, 2, 3)
    async with stream.consumer() as consumer:
        await take(consumer, 3)
        await consumer.set_position("start")
        again = await take(consumer, 3)
        assert [(number(message), message.gap) for message in again] == [(1, None), (2, None), (3, None)]
        await consumer.done()
        await stream.redis.xgroup_setid(stream.name, "g", "0")
        again = await take(consumer, 3)
        assert [(number(message), message.gap) for message in again] == [(1, None), (2, None), (3, None)]


async def test_a_slow_member_does_not_handle_what_another_took_over_meanwhile(stream: Stream) -> None:
    """It looks again before it goes on with what it read long ago."""
    await stream.append(1, 2, 3)
    async with (
        stream.consumer("slow", claim_after_seconds=0.2) as slow,
        stream.consumer("quick", claim_after_seconds=0.2) as quick,
    ):
        assert number((await take(slow, 1))[0]) == 1
        taken = [number(message) for message in await take(quick, 3)]
        await quick.done()
        assert sorted(taken) == [1, 2, 3]
        assert await nothing_comes(slow)


async def test_an_entry_that_is_none_of_ours_is_passed_over(stream: Stream) -> None:
    await stream.redis.xadd(stream.name, {"hello": "world"})
    await stream.append(1)
    async with stream.consumer() as consumer:
        assert number((await take(consumer, 1))[0]) == 1
        await consumer.done()
    assert await stream.pending() == 0
    assert [number(message) async for message in replay(stream.url, stream=stream.name)] == [1]
    async for message in follow(stream.url, stream=stream.name, last=2):
        assert number(message) == 1
        break


async def test_following_begins_with_the_last_messages_of_the_types_that_are_wanted(stream: Stream) -> None:
    """However many others came after them; others are passed over."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    articles = [Article(id=f"a{n}", text="", text_sha256="") for n in range(3)]
    await stream.put(*(article_envelope(article, "published", day) for article in articles))
    await stream.append(*range(150))
    following = follow(stream.url, stream=stream.name, last=2, wanted=lambda name: "article" in name)
    async with asyncio.timeout(60), contextlib.aclosing(following):
        assert [(await anext(following)).envelope.subject for _ in range(2)] == ["a1", "a2"]
        await stream.append(150)
        await stream.put(article_envelope(articles[0], "published", day))
        assert (await anext(following)).envelope.subject == "a0"


async def test_a_consumer_without_its_password_is_told_where_and_what_to_write(own_stream: Stream) -> None:
    await own_stream.redis.config_set("requirepass", "x")
    with pytest.raises(CannotConnect, match=r"Redis at unix://\S+/s: .*; check user and password in the URL: redis"):
        await own_stream.consumer().__aenter__()


async def test_a_consumer_whose_password_is_changed_ends_with_the_remedy(own_stream: Stream) -> None:
    """Not with an exception of redis-py, and without the password."""
    async with own_stream.consumer() as consumer, asyncio.timeout(60):
        waiting = asyncio.ensure_future(anext(consumer))
        await own_stream.redis.config_set("requirepass", "geheim")
        await own_stream.redis.client_kill_filter(_type="normal", skipme=True)
        with pytest.raises(CannotConnect, match="check user and password in the URL"):
            await waiting


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("unix://", "http://"), "the scheme 'http' is none of ours; forms: redis://"),
        (("unix://", ""), "it has no scheme"),
        (("unix://", "unix://:geheim@"), "check user and password in the URL"),
        (("/s", "/s?db=99"), "DB index is out of range; end the URL in the number of a database that there is"),
        (("/s", "/s?foo=geheim"), "the option 'foo' after ? is none of redis-py's"),
        (("unix://", "redis+cluster://h,h:geheim"), "no host and port"),
    ],
)  # fmt: skip
async def test_a_url_that_cannot_be_right_is_told_with_its_remedy(
    change: tuple[str, str], said: str, own_stream: Stream
) -> None:
    """At once, by one class of ours; what stands in the URL as a password or value is not shown."""
    url = own_stream.url.replace(*change)
    with pytest.raises(CannotConnect, match=re.escape(said)) as caught:
        async with asyncio.timeout(30), Consumer(url, group="g", name="a"):
            pass
    assert "secret" not in str(caught.value) and ("geheim" not in str(caught.value) or "h:geheim" in url)
    assert issubclass(CannotConnect, ConnectionError) and caught.value.__suppress_context__


async def test_a_redis_that_dies_and_comes_back_costs_nothing(own_redis: RedisServer, own_stream: Stream) -> None:
    """Killed between two messages: the reading goes on by itself, each message once."""
    seen: list[int] = []

    async def work() -> None:
        async with own_stream.consumer() as consumer:
            async for message in consumer:
                assert message.gap is None
                seen.append(number(message))

    member = asyncio.ensure_future(work())
    await own_stream.append(1, 2, 3)
    await eventually(lambda: seen == [1, 2, 3])
    await asyncio.to_thread(own_redis.restart)
    await own_stream.append(4, 5)
    await eventually(lambda: len(seen) >= 5)
    member.cancel()
    await asyncio.gather(member, return_exceptions=True)
    assert seen == [1, 2, 3, 4, 5]


async def test_a_redis_that_comes_back_empty_is_noticed_and_read_from_its_start(
    own_redis: RedisServer, own_stream: Stream
) -> None:
    await own_stream.append(1, 2, 3)
    async with own_stream.consumer() as consumer:
        await take(consumer, 3)
        await consumer.done()
        await own_stream.redis.flushall()
        await own_stream.append(3, 4)
        first, second = await take(consumer, 2)
        assert (number(first), number(second)) == (3, 4)
        assert first.gap is not None
        assert (first.gap.kind, first.gap.missing, second.gap) == ("rewound", 3, None)


async def test_the_example_of_the_readme_prints_the_attack_and_passes_over_the_rest(own_redis: RedisServer) -> None:
    event = shelling()
    article = Article(id="a1", text="", text_sha256="")
    now = datetime(2026, 3, 4, tzinfo=UTC)
    async with redis_client.Redis.from_url(own_redis.url, protocol=2) as client:
        envelopes = [article_envelope(article, "published", now), event_envelope(event, article, now)]
        for seq, envelope in enumerate(envelopes, 1):
            await client.xadd("dateline:events", {**fields(envelope), "seq": str(seq)})  # type: ignore[dict-item]
    example = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, own_redis.url, stdout=asyncio.subprocess.PIPE
    )
    assert example.stdout is not None
    line = (await asyncio.wait_for(example.stdout.readline(), 120)).decode()
    example.terminate()
    await example.wait()
    assert line.split(maxsplit=1)[1] == "2026-03-03  NLD  Rebels shelled the harbour\n"


async def test_replay_gives_what_the_stream_holds_between_two_places_and_moves_nobody(stream: Stream) -> None:
    await stream.append(*range(7))
    everything = [message async for message in replay(stream.url, stream=stream.name, batch=2)]
    assert [number(message) for message in everything] == list(range(7))
    middle = replay(
        stream.url, stream=stream.name, since=everything[2].stream_id, until=everything[4].stream_id, batch=2
    )
    assert [number(message) async for message in middle] == [2, 3, 4]
    later = everything[-1].appended_at + timedelta(seconds=1)
    assert [message async for message in replay(stream.url, stream=stream.name, since=later)] == []


@pytest.mark.parametrize("place", ["tomorrow", datetime(2026, 1, 1), "12-"])
def test_a_place_that_is_none_is_refused_in_words(place: datetime | str) -> None:
    with pytest.raises(ValueError, match=r"time zone|no place in a stream"):
        as_stream_id(place)


def test_the_client_needs_nothing_of_dateline_but_the_contract() -> None:
    """A consumer installs redis and msgspec; importing the client must not pull the worker in."""
    program = "import sys, dateline.client; print(*sorted(m for m in sys.modules if m.startswith('worker')))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    needed = ("dateline.client", "dateline.contract", "dateline.cancellation", "dateline.topology")
    assert all(name == "worker" or name.startswith(needed) for name in loaded)
