"""A suspect works alone, all others together; what a worker's death may be blamed on, and what not."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.pool.isolation import CrashIsolation


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_suspect_has_nobody_beside_it_and_everybody_gets_in(plan: list[tuple[bool, int, int]]) -> None:
    """Whoever comes when and stays how long: alone is alone, and nobody waits for ever."""
    inside: list[bool] = []
    done: list[bool] = []

    async def visit(isolation: CrashIsolation, alone: bool, comes: int, stays: int) -> None:
        for _ in range(comes):
            await asyncio.sleep(0)
        async with isolation.exclusive() if alone else isolation.shared():
            inside.append(alone)
            for _ in range(stays):
                assert inside == [True] or not any(inside)
                await asyncio.sleep(0)
            inside.remove(alone)
        done.append(alone)

    async def play() -> None:
        isolation = CrashIsolation()
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for row in plan:
                tasks.create_task(visit(isolation, *row))

    asyncio.run(play())
    assert len(done) == len(plan) and not inside


async def test_one_that_is_cancelled_while_it_waits_or_works_leaves_the_isolation_as_it_was() -> None:
    """A stop while suspects wait: they are given back, the others go on."""
    isolation, entered = CrashIsolation(), asyncio.Event()

    async def stay(alone: bool) -> None:
        async with isolation.exclusive() if alone else isolation.shared():
            entered.set()
            await asyncio.Event().wait()

    other = asyncio.create_task(stay(False))
    await entered.wait()
    suspect = asyncio.create_task(stay(True))
    while isolation._open.is_set():
        await asyncio.sleep(0)
    late = asyncio.create_task(stay(False))
    await asyncio.sleep(0)
    suspect.cancel()
    await asyncio.gather(suspect, return_exceptions=True)
    while isolation._running != 2:
        await asyncio.sleep(0)
    for task in (other, late):
        task.cancel()
    await asyncio.gather(other, late, return_exceptions=True)
    async with asyncio.timeout(60), isolation.exclusive():
        assert isolation._running == 0


async def test_between_two_suspects_the_others_have_as_long_as_the_first_took() -> None:
    """A crowd of suspects must not stop a worker."""
    isolation, order = CrashIsolation(), []
    loop = asyncio.get_running_loop()

    async def suspect(name: str) -> None:
        async with isolation.exclusive():
            order.append(name)
            until = loop.time() + 0.05
            while loop.time() < until:
                await asyncio.sleep(0)
            order.append(name)

    async def innocent() -> None:
        async with isolation.shared():
            order.append("innocent")

    one, two = (asyncio.create_task(suspect(name)) for name in ("one", "two"))
    await asyncio.sleep(0)
    three = asyncio.create_task(innocent())
    await asyncio.wait_for(asyncio.gather(one, two, three), 60)
    assert order == ["one", "one", "innocent", "two", "two"]
