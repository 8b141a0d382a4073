"""A suspect works alone, all others together; what a worker's death may be blamed on, and what not."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.pool.isolation import Company


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_suspect_has_nobody_beside_it_and_everybody_gets_in(plan: list[tuple[bool, int, int]]) -> None:
    """Whoever comes when and stays how long: alone is alone, and nobody waits for ever."""
    inside: list[bool] = []
    done: list[bool] = []

    async def visit(company: Company, alone: bool, comes: int, stays: int) -> None:
        for _ in range(comes):
            await asyncio.sleep(0)
        async with company.alone() if alone else company.together():
            inside.append(alone)
            for _ in range(stays):
                assert inside == [True] or not any(inside)
                await asyncio.sleep(0)
            inside.remove(alone)
        done.append(alone)

    async def play() -> None:
        company = Company()
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            for row in plan:
                tasks.create_task(visit(company, *row))

    asyncio.run(play())
    assert len(done) == len(plan) and not inside


async def test_one_that_is_cancelled_while_it_waits_or_works_leaves_the_door_as_it_was() -> None:
    """A stop while suspects wait: they are given back, the others go on."""
    company, entered = Company(), asyncio.Event()

    async def stay(alone: bool) -> None:
        async with company.alone() if alone else company.together():
            entered.set()
            await asyncio.Event().wait()

    guest = asyncio.create_task(stay(False))
    await entered.wait()
    suspect = asyncio.create_task(stay(True))
    while company._gate.is_set():
        await asyncio.sleep(0)
    late = asyncio.create_task(stay(False))
    await asyncio.sleep(0)
    suspect.cancel()
    await asyncio.gather(suspect, return_exceptions=True)
    while company._inside != 2:
        await asyncio.sleep(0)
    for task in (guest, late):
        task.cancel()
    await asyncio.gather(guest, late, return_exceptions=True)
    async with asyncio.timeout(5), company.alone():
        assert company._inside == 0


async def test_between_two_suspects_the_others_have_as_long_as_the_first_took() -> None:
    """A crowd of suspects must not stop a worker."""
    company, order = Company(), []
    loop = asyncio.get_running_loop()

    async def suspect(name: str) -> None:
        async with company.alone():
            order.append(name)
            until = loop.time() + 0.05
            while loop.time() < until:
                await asyncio.sleep(0)
            order.append(name)

    async def innocent() -> None:
        async with company.together():
            order.append("innocent")

    one, two = (asyncio.create_task(suspect(name)) for name in ("one", "two"))
    await asyncio.sleep(0)
    three = asyncio.create_task(innocent())
    await asyncio.wait_for(asyncio.gather(one, two, three), 10)
    assert order == ["one", "one", "innocent", "two", "two"]
