"""A message that cannot be handled does not stop its group: it is counted, set aside with its reason, and can be had again."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from dateline.client import Consumer, SyncConsumer
from dateline.client.sync import Options
from dateline.settings import RedisSettings
from dateline.store import groups
from dateline.store.redis import Connection
from support.consuming import Stream, nothing_comes, number, take
from support.redis_server import RedisServer


async def fail(stream: Stream, words: str = "too large", **options: object) -> int:
    """Run a consumer whose body raises at the first message; the count that this message had."""
    count = 0
    with pytest.raises(ZeroDivisionError):
        async with stream.consumer(**options) as consumer:
            async for message in consumer:
                count = message.deliveries
                raise ZeroDivisionError(words)
    return count


async def test_how_often_a_message_was_handed_out_is_told(stream: Stream) -> None:
    await stream.append(1)
    assert [await fail(stream) for _ in range(4)] == [1, 2, 3, 4]


async def test_a_message_that_always_fails_goes_to_the_groups_dead_letters_and_the_next_one_comes(
    stream: Stream,
) -> None:
    await stream.append(1, 2)
    for _ in range(3):
        await fail(stream, max_deliveries=3)
    async with stream.consumer(max_deliveries=3) as consumer:
        (message,) = await take(consumer, 1)
        assert number(message) == 2
        (letter,) = await consumer.dead_letters()
        assert letter.message is not None and number(letter.message) == 1
        assert (letter.reason, letter.deliveries) == ("ZeroDivisionError: too large", 3)
        await consumer.done()
        await consumer.drop_dead_letters([letter])
        assert await consumer.dead_letters() == []
    assert await stream.pending() == 0
    assert not await stream.redis.keys(f"*{stream.name}*tries*")


async def test_only_the_message_in_the_body_is_counted_not_those_read_with_it(stream: Stream) -> None:
    """A batch that waits is read again and again while one message takes long."""
    await stream.append(*range(20))
    async with stream.consumer(claim_after_seconds=0.02) as consumer:
        for expected in range(20):
            (message,) = await take(consumer, 1)
            assert (number(message), message.deliveries, message.redelivered) == (expected, 1, False)
            await asyncio.sleep(0.012)


async def test_a_body_can_set_a_message_aside_itself(stream: Stream) -> None:
    await stream.append(1, 2)
    async with stream.consumer() as consumer:
        await take(consumer, 1)
        await consumer.set_aside("no such country")
        assert number((await take(consumer, 1))[0]) == 2
        assert [letter.reason for letter in await consumer.dead_letters()] == ["no such country"]


async def test_dead_letters_of_a_consumer_are_read_by_the_command_line_too(stream: Stream, prefix: str) -> None:
    """One form for consumers and forwarders."""
    await stream.append(1)
    async with stream.consumer() as consumer:
        await take(consumer, 1)
        await consumer.set_aside("bad")
    connection = Connection(RedisSettings(url=stream.url, prefix=prefix))
    (letter,) = [one async for one in groups.dead_letters(connection, "g")]
    assert (letter.reason, letter.fields["type"]) == ("bad", "dateline.event.retracted")
    assert await groups.requeue(connection, "g", [letter]) == 1
    await connection.close()
    async with stream.consumer(claim_after_seconds=0.05) as consumer:
        assert number((await take(consumer, 1))[0]) == 1


async def test_pending_entries_that_were_deleted_are_a_gap_and_are_acked(stream: Stream) -> None:
    """On every Redis: 6.2 does not say which entries it could not give."""
    await stream.append(*range(5))
    async with stream.consumer("dies", batch=3) as consumer:
        await take(consumer, 1)
    async with stream.consumer("dies", batch=3) as consumer:
        await take(consumer, 1)
        await stream.redis.xtrim(stream.name, maxlen=2, approximate=False)
    while any(
        row["time_since_delivered"] < 60 for row in await stream.redis.xpending_range(stream.name, "g", "-", "+", 9)
    ):
        await asyncio.sleep(0.01)
    async with stream.consumer("lives", claim_after_seconds=0.05) as consumer:
        messages = await take(consumer, 2)
        assert [number(message) for message in messages] == [3, 4]
        assert sum(message.gap.missing for message in messages if message.gap) == 3
        await consumer.done()
        await nothing_comes(consumer)
    assert await stream.pending() == 0


async def test_own_pending_entries_that_were_deleted_are_a_gap_and_are_acked(stream: Stream) -> None:
    await stream.append(*range(4))
    async with stream.consumer(batch=3) as consumer:
        await take(consumer, 1)
    await stream.redis.xtrim(stream.name, maxlen=1, approximate=False)
    async with stream.consumer() as consumer:
        (message,) = await take(consumer, 1)
        assert message.gap is not None
        assert (number(message), message.gap.kind, message.gap.missing) == (3, "deleted", 3)
        await consumer.done()
    assert await stream.pending() == 0


async def test_stop_ends_a_loop_that_waits_and_one_that_works(stream: Stream) -> None:
    """What was read and not handed out stays pending for the next start."""
    await stream.append(1, 2, 3)
    async with stream.consumer() as consumer:
        seen = []
        async for message in consumer:
            seen.append(number(message))
            consumer.stop()
    assert seen == [1] and await stream.pending() == 2
    async with stream.consumer(block_seconds=30.0) as consumer:
        await take(consumer, 2)
        asyncio.get_running_loop().call_later(0.1, consumer.stop)
        async with asyncio.timeout(20):
            assert [message async for message in consumer] == []
    assert await stream.pending() == 0


async def test_a_cancellation_while_the_body_computes_ends_the_loop(stream: Stream) -> None:
    """Ctrl-C in the body: `asyncio.run` cancels the task while it runs. Once redis-py swallowed that under Python 3.11."""
    await stream.append(1, 2)

    async def consume() -> None:
        async with stream.consumer() as consumer:
            async for _ in consumer:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()

    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(consume())
    assert await stream.pending() == 2


async def test_stop_ends_a_loop_whose_redis_is_away(own_stream: Stream, own_redis: RedisServer) -> None:
    """At the start, and with a message under way, which comes again."""
    await own_stream.append(1)
    async with own_stream.consumer() as consumer:
        await take(consumer, 1)
        own_redis.stop()
        asyncio.get_running_loop().call_later(0.1, consumer.stop)
        async with asyncio.timeout(60):
            assert [message async for message in consumer] == []
    consumer = own_stream.consumer()
    asyncio.get_running_loop().call_later(0.1, consumer.stop)
    async with asyncio.timeout(60), consumer:
        assert [message async for message in consumer] == []
    own_redis.start()
    async with own_stream.consumer() as consumer:
        (message,) = await take(consumer, 1)
        assert number(message) == 1 and message.redelivered


def test_the_synchronous_consumer_reads_sets_aside_and_stops(redis: RedisServer, prefix: str) -> None:
    """In a program without asyncio; stopped from another thread."""
    stream = Stream(redis, prefix)

    async def fill() -> None:
        await stream.append(1, 2, 3)
        await stream.redis.aclose()

    asyncio.run(fill())
    seen = []
    with SyncConsumer(redis.url, group="g", name="one", stream=stream.name, block_seconds=30.0) as consumer:
        for message in consumer:
            seen.append(number(message))
            if len(seen) == 2:
                consumer.set_aside("bad")
            if len(seen) == 3:
                threading.Timer(0.1, consumer.stop).start()
        assert [letter.reason for letter in consumer.dead_letters()] == ["bad"]
    assert seen == [1, 2, 3]


def test_the_synchronous_consumer_has_the_options_and_methods_of_the_other_one() -> None:
    """It is the same code: what one can, the other can."""
    options = set(inspect.signature(Consumer.__init__).parameters) - {"self", "url", "group"}
    assert set(Options.__annotations__) == options
    methods = {name for name in vars(Consumer) if not name.startswith("_")}
    assert methods == {name for name in vars(SyncConsumer) if not name.startswith("_")}
