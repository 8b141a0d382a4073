"""Politeness towards one owner: how far a refusal reaches, decided by the script that every request passes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import Postponed
from dateline.fetch.politeness import MAX_BLOCKS, WINDOW_SECONDS, Refusals, host_of, refused
from dateline.settings import RedisSettings
from dateline.store.budget import Budget
from dateline.store.redis import Connection
from support.redis_server import RedisServer

FLOOR, CEILING = 60.0, 86_400.0
A1, A2 = "https://www.news.example/feed/1", "https://www.news.example/feed/2"
B1 = "https://static.news.example/page"
C1 = "https://third.news.example/"
NOW = 1_000_000.0
ROUNDING = 1e-6  # seconds: what a sum of floats near 1e6 may lose


def refuse(memory: Refusals, url: str, now: float, asked: float | None) -> Refusals:
    """The owner's refusals after one more."""
    return refused(memory, url, now, asked, FLOOR, CEILING)[0]


async def waits(redis: RedisServer, prefix: str, refusals: list[tuple[str, float | None]], url: str) -> float:
    """Seconds for which the budget keeps a request to ``url`` back after these refusals; 0: it may leave now."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    try:
        budget = Budget(connection, at_once=2)
        for refusing, asked in refusals:
            async with budget.place("news.example", host_of(C1), gap_seconds=0, max_wait_seconds=1e6) as place:

                def add(
                    before: bytes, now: float, address: str = refusing, wait: float | None = asked
                ) -> tuple[bytes, float]:
                    memory = msgspec.msgpack.decode(before, type=Refusals) if before else Refusals()
                    memory, block = refused(memory, address, now, wait, FLOOR, CEILING)
                    return msgspec.msgpack.encode(memory), block.until - now + WINDOW_SECONDS

                await place.refused(add)
        try:
            async with budget.place("news.example", host_of(url), gap_seconds=0, max_wait_seconds=1):
                return 0.0
        except Postponed as postponed:
            return postponed.wait_seconds
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("refusals", "url", "seconds"),
    [
        ([(A1, 300.0)], A1, 300),
        ([(A1, 300.0)], A2, 300),  # the same host
        ([(A1, 300.0)], B1, 0),  # the owner's other hosts are other machines
        ([(A1, 10.0)], A1, 60),  # never below the floor
        ([(A1, 1e9)], A1, 86_400),  # nor beyond the ceiling
        ([(A1, None)], A1, 60),  # without a time of its own
        ([(A1, 300.0), (A2, 600.0)], A1, 600),  # was on its way: one refusal, longer
        ([(A1, 300.0), (A2, 600.0)], B1, 0),  # and no wider
    ],
)
async def test_a_refusal_stops_its_host_until_it_ends(
    redis: RedisServer, prefix: str, refusals: list[tuple[str, float | None]], url: str, seconds: float
) -> None:
    """As `reserve.lua` answers every worker."""
    assert await waits(redis, prefix, refusals, url) == pytest.approx(seconds, abs=seconds / 2)


async def test_refusals_of_two_hosts_stop_the_owner(redis: RedisServer, prefix: str) -> None:
    """Hosts behind one CDN share a limit: the second refusal reaches a third host."""
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    try:
        budget = Budget(connection, at_once=2)
        async with (
            budget.place("news.example", host_of(A1), gap_seconds=0, max_wait_seconds=1) as first,
            budget.place("news.example", host_of(B1), gap_seconds=0, max_wait_seconds=1) as second,
        ):
            for place, url in ((first, A1), (second, B1)):

                def add(before: bytes, now: float, address: str = url) -> tuple[bytes, float]:
                    memory = msgspec.msgpack.decode(before, type=Refusals) if before else Refusals()
                    memory, block = refused(memory, address, now, 300.0, FLOOR, CEILING)
                    return msgspec.msgpack.encode(memory), block.until - now + WINDOW_SECONDS

                await place.refused(add)
        with pytest.raises(Postponed) as kept_back:
            async with budget.place("news.example", host_of(C1), gap_seconds=0, max_wait_seconds=1):
                pass
        assert kept_back.value.wait_seconds == pytest.approx(300, abs=30)
    finally:
        await connection.close()


def test_a_second_refusal_within_the_hour_stops_the_owner_and_after_a_quiet_hour_its_host_only() -> None:
    """Leaving the host alone was not enough; an old refusal does not widen a new one."""
    first = refuse(Refusals(), A1, NOW, 300.0)
    assert refuse(first, A2, NOW + 400, 300.0).blocks[-1].scope == "o"
    assert refuse(first, A2, NOW + 300 + WINDOW_SECONDS + 1, 60.0).blocks[-1].scope == f"h:{host_of(A2)}"


def test_without_a_time_of_its_own_the_wait_doubles() -> None:
    """From the floor on."""
    memory, found, now = Refusals(), [], NOW
    for _ in range(4):
        memory, block = refused(memory, A1, now, None, FLOOR, CEILING)
        found.append(block.until - now)
        now = block.until + 1
    assert found == [60, 120, 240, 480]


@given(
    st.lists(st.tuples(st.sampled_from([A1, A2, B1]), st.floats(0, 1e5), st.none() | st.floats(0, 1e12)), max_size=40)
)
def test_every_block_is_between_a_minute_and_a_day_and_the_memory_stays_small(
    refusals: list[tuple[str, float, float | None]],
) -> None:
    """Whatever is asked for; and the refused address itself is always blocked."""
    memory, now = Refusals(), NOW
    for url, passed, asked in refusals:
        now += passed
        memory, block = refused(memory, url, now, asked, FLOOR, CEILING)
        assert 60 - ROUNDING <= block.until - now <= 86_400 + ROUNDING
        reaching = [row.until for row in memory.blocks if row.scope in ("o", f"h:{host_of(url)}")]
        assert max(reaching) >= block.until
        assert len(memory.blocks) <= MAX_BLOCKS
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(memory), type=Refusals) == memory
