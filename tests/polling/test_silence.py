"""Feeds are polled and nothing is published: an alarm, once, and its end."""

from __future__ import annotations

import pytest

from dateline.polling.silence import Silence
from dateline.store import upkeep
from dateline.store.redis import Connection
from dateline.telemetry import Metrics

pytestmark = pytest.mark.one_redis


async def notices(connection: Connection) -> list[str]:
    return [row["type"] for row in await upkeep.notices(connection)]


async def test_an_alarm_is_given_where_feeds_are_polled_and_nothing_is_published(connection: Connection) -> None:
    metrics, limit = Metrics(), 0.0
    silence = Silence(connection, metrics, lambda: limit)
    assert not await silence.look(), "nothing is polled: a quiet worker is no alarm"
    metrics.polls.labels("unchanged").inc()
    assert await silence.look()
    assert await silence.look()
    assert await notices(connection) == ["stream.silent"], "once"
    assert (await upkeep.silent_minutes(connection)) is not None, "for doctor, top and desk"
    limit = 3600.0
    await connection.call("XADD", connection.keys[0].events, "*", "seq", 1)
    assert not await silence.look()
    assert await upkeep.silent_minutes(connection) is None
    assert metrics.stream_silent.collect()[0].samples[0].value == 0
    await connection.call("HSET", connection.keys[0].meta, "silent", "1 1")
    assert await upkeep.silent_minutes(connection) is None, "a worker said it that is long gone"


async def test_no_alarm_before_a_worker_has_polled_for_as_long_and_none_where_it_is_off(connection: Connection) -> None:
    """A worker that starts on an old stream has not had the time to publish."""
    metrics = Metrics()
    await connection.call("XADD", connection.keys[0].events, "1-1", "seq", 1)  # of 1970
    metrics.polls.labels("changed").inc()
    assert not await Silence(connection, metrics, lambda: 3600.0).look()
    assert not await Silence(connection, metrics, lambda: None).look()
