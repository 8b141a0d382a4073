"""The gauges of what all workers share are what Redis has, on each version of it."""

from __future__ import annotations

from prometheus_client import generate_latest

from dateline.serve.store_gauges import StoreGauges
from dateline.settings import RedisSettings
from dateline.store import upkeep
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.redis import Connection
from dateline.store.workers import sign_in
from dateline.telemetry import Metrics
from support.redis_server import RedisServer


async def append(connection: Connection, *numbers: int) -> list[str]:
    """Entries with these sequence numbers, as the publishing script numbers them."""
    stream = connection.keys[0].events
    return [(await connection.call("XADD", stream, "*", "seq", number)).decode() for number in numbers]


async def shown(gauges: StoreGauges, metrics: Metrics) -> dict[str, float]:
    """Every series and its value."""
    await gauges.refresh()
    lines = generate_latest(metrics.registry).decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


async def test_feeds_groups_stream_and_memory_are_shown(connection: Connection) -> None:
    feeds, metrics = Feeds(connection, 5.0), Metrics()
    await feeds.add([NewFeed("a", "https://a.example/feed"), NewFeed("b", "https://b.example/feed")])
    polled = await feeds.claim_one("a", "token")
    assert polled is not None and await feeds.commit(polled, 900.0, {"error": "timeout", "status": "timeout"}) == "ok"
    await sign_in(connection, "one")
    stream = connection.keys[0].events
    await append(connection, 1, 2, 3, 4, 5)
    await connection.call("XGROUP", "CREATE", stream, "alerts", "0")
    await connection.call("XREADGROUP", "GROUP", "alerts", "me", "COUNT", 2, "STREAMS", stream, ">")
    found = await shown(StoreGauges(connection, feeds, metrics), metrics)
    assert found['dateline_feeds{health="failing"}'] == 1 and found['dateline_feeds{health="waiting"}'] == 1
    assert found['dateline_group_lag_entries{group="alerts"}'] == 3
    assert found['dateline_group_pending_entries{group="alerts"}'] == 2
    assert 0 <= found['dateline_group_unread_seconds{group="alerts"}'] < 60
    assert found["dateline_stream_entries"] == 5 and found["dateline_workers"] == 1 == found["dateline_redis_up"]
    assert any(name.startswith("dateline_redis_memory_bytes{") and value > 1e5 for name, value in found.items())
    assert abs(found["dateline_stream_newest_timestamp_seconds"] - await upkeep.server_time(connection)) < 60


async def test_a_groups_lag_is_known_also_where_redis_does_not_tell_it(connection: Connection) -> None:
    """Redis 6.2 never tells it, Redis 7 not after XGROUP SETID (a replay) and not where entries were trimmed."""
    stream = connection.keys[0].events
    ids = await append(connection, *range(1, 9))
    await connection.call("XGROUP", "CREATE", stream, "alerts", "0")

    async def lag() -> int:
        (group,) = await upkeep.groups(connection)
        assert isinstance(group["lag"], int)
        return group["lag"]

    for position, unread in ((ids[2], 5), (ids[7], 0), ("0", 8)):
        await connection.call("XGROUP", "SETID", stream, "alerts", position)
        assert await lag() == unread
    await connection.call("XTRIM", stream, "MAXLEN", 3)
    assert await lag() == 3  # five are gone: nobody can read them any more


async def test_redis_away_is_shown_and_breaks_nothing(own_redis: RedisServer) -> None:
    connection = Connection(RedisSettings(url=own_redis.url, timeout_seconds=0.5))
    metrics = Metrics()
    own_redis.kill()
    try:
        found = await shown(StoreGauges(connection, Feeds(connection, 5.0), metrics), metrics)
        assert found["dateline_redis_up"] == 0
    finally:
        await connection.close()
