"""``reserve.lua``, which decides when an owner may be asked: its rules as properties, on a real Redis."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dateline.fetch.politeness import Block, Refusals
from dateline.settings import RedisSettings
from dateline.store.redis import Connection
from support.redis_server import RedisServer

PASSING_MS = 5_000  # what a busy machine may take between two questions
ON_A_SERVER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
OWNERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for a place: what `Budget.wait` sends for a token."""

    token: str
    gap_ms: int = 2_000
    max_wait_ms: int = 600_000
    host: str = "www.news.example"
    hop: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and when the request may start: milliseconds of the server's clock, at the earliest and at the latest."""

    verdict: str
    earliest_ms: float
    latest_ms: float


Script = Callable[..., list[Answer]]


@pytest.fixture
def script(redis: RedisServer, prefix: str) -> Script:
    """Asks for places of one fresh owner, two at a time; ``blocks`` are its refusals, in seconds from now."""

    def ask(asks: Sequence[Ask], blocks: Sequence[Block] = ()) -> list[Answer]:
        return asyncio.run(_ask(RedisSettings(url=redis.url, prefix=prefix), asks, blocks))

    return ask


async def _ask(server: RedisSettings, asks: Sequence[Ask], blocks: Sequence[Block]) -> list[Answer]:
    connection = Connection(server)
    owner = f"owner{next(OWNERS)}"
    try:
        start = await _clock_ms(connection)
        refusals = Refusals(tuple(Block(b.scope, b.host, 0.0, start / 1000 + b.until) for b in blocks))
        stored = f"{connection.keys[0].base}o:{owner}"
        await connection.call("HSET", stored, "refused", msgspec.msgpack.encode(refusals))
        found: list[Answer] = []
        for one in asks:
            before = await _clock_ms(connection) - start
            item = [owner, one.token, one.gap_ms, one.max_wait_ms, 2, 600_000, one.host, one.hop]
            ((verdict, wait_ms),) = await connection.script("reserve", [item])
            after = await _clock_ms(connection) - start
            found.append(Answer(verdict.decode(), before + wait_ms, after + wait_ms))
        return found
    finally:
        await connection.close()


async def _clock_ms(connection: Connection) -> float:
    seconds, micros = await connection.call("TIME")
    return int(seconds) * 1000 + int(micros) / 1000


@ON_A_SERVER
@given(
    asks=st.lists(
        st.builds(
            Ask,
            token=st.sampled_from("abcdef"),
            gap_ms=st.sampled_from([0, 100, 2_000, 30_000]),
            max_wait_ms=st.sampled_from([0, 1_000, 20_000, 600_000]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_requests_start_a_gap_apart_and_two_at_a_time(script: Script, asks: list[Ask]) -> None:
    """In whatever order tokens ask; a token that asks again keeps its place."""
    last_start, last_gap = float("-inf"), 0
    held: set[str] = set()
    for one, answer in zip(asks, script(asks), strict=True):
        if answer.verdict == "go" and one.token not in held:
            assert len(held) < 2
            held.add(one.token)
            assert answer.latest_ms >= last_start + last_gap - 1  # the script rounds to whole milliseconds
            last_start, last_gap = answer.earliest_ms, one.gap_ms
        elif answer.verdict == "wait":
            assert len(held) == 2
        else:
            assert answer.verdict == "park" or one.token in held


@ON_A_SERVER
@given(gap=st.sampled_from([10_000, 30_000]), count=st.integers(1, 5))
def test_a_request_that_may_not_wait_is_parked_and_takes_no_slot(script: Script, gap: int, count: int) -> None:
    """The next one that may wait starts one gap after the first all the same."""
    parked = [Ask(f"hurried{n}", gap_ms=gap, max_wait_ms=0) for n in range(count)]
    first, *others, last = script([Ask("first", gap_ms=gap), *parked, Ask("last", gap_ms=gap)])
    assert first.verdict == last.verdict == "go"
    assert {answer.verdict for answer in others} == {"park"}
    assert gap - 1 <= last.latest_ms - first.earliest_ms <= gap + PASSING_MS


def test_a_redirects_next_request_takes_a_slot_and_no_second_place(script: Script) -> None:
    """Two tokens fill the budget, hop or no hop; the third waits."""
    first, hop, second, third = script([Ask("a"), Ask("a", hop=True), Ask("b"), Ask("c")])
    assert [answer.verdict for answer in (first, hop, second, third)] == ["go", "go", "go", "wait"]
    assert hop.latest_ms - first.earliest_ms >= 1_999
    assert second.latest_ms - hop.earliest_ms >= 1_999


@ON_A_SERVER
@given(
    blocks=st.lists(
        st.builds(
            Block,
            st.sampled_from(["o", "h:a", "h:b"]),
            st.just(""),
            st.just(0.0),
            st.sampled_from([-60.0, 60.0, 3_600.0]),
        ),
        max_size=6,
    ),
    host=st.sampled_from("ab"),
)
def test_a_refusal_parks_whom_it_reaches_until_it_ends_and_nobody_else(
    script: Script, blocks: list[Block], host: str
) -> None:
    """A host's refusal reaches that host, the owner's both; the longest counts, one that has ended does not."""
    until = max((block.until for block in blocks if block.scope in ("o", f"h:{host}")), default=0.0)
    (answer,) = script([Ask("a", gap_ms=0, max_wait_ms=0, host=host)], blocks)
    assert answer.verdict == ("park" if until > 0 else "go")
    if until > 0:
        assert answer.earliest_ms - 3 <= until * 1000 <= answer.latest_ms + 3  # whole milliseconds, cut and rounded up
