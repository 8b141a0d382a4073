"""Entries of one story whose names lie in several partitions, resolved at the same moment, in every order of their steps."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dateline.dedup.identity import article_id, digest
from dateline.settings import RedisSettings
from dateline.store.ledger import Ledger
from dateline.store.redis import Connection
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis
NUMBERS = itertools.count()


class Turns:
    """Lets one step at a time go on, in the order of ``choices``."""

    def __init__(self, choices: Sequence[int]) -> None:
        self._choices = itertools.chain(choices, itertools.repeat(0))
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._is_free = asyncio.Event()

    async def wait(self, who: int) -> None:
        """Wait until it is the turn of a step of ``who``."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((who, turn))
        await turn

    def done(self) -> None:
        """Say that the step is made."""
        self._is_free.set()

    async def play(self, tasks: Sequence[asyncio.Task[list[str]]]) -> None:
        """Give turns until all tasks are done."""
        while True:
            for _ in range(20):  # each goes on to its next step
                await asyncio.sleep(0)
            if not self._waiting:
                break
            self._waiting.sort(key=lambda one: one[0])
            _, turn = self._waiting.pop(next(self._choices) % len(self._waiting))
            self._is_free.clear()
            turn.set_result(None)
            await self._is_free.wait()
        await asyncio.gather(*tasks)


class SteppedLedger(Ledger):
    """A ledger each of whose questions waits for its turn."""

    def __init__(self, connection: Connection, turns: Turns, who: int) -> None:
        super().__init__(connection)
        self._turns = turns
        self._who = who

    async def _named(self, article: str, aliases: Sequence[bytes], mode: str) -> list[str]:
        async def ask(alias: bytes) -> str:
            await self._turns.wait(self._who)
            try:
                return (await Ledger._named(self, article, [alias], mode))[0]
            finally:
                self._turns.done()

        return list(await asyncio.gather(*map(ask, aliases)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def several(redis: RedisServer) -> AsyncIterator[Connection]:
    opened = Connection(RedisSettings(url=redis.url, prefix="resolved-at-once", partitions=4))
    yield opened
    await opened.close()


async def resolved(connection: Connection, entries: Sequence[Sequence[int]], choices: Sequence[int]) -> list[str]:
    """Return the article that each entry takes for its own; an entry is the numbers of its names."""
    run, turns = next(NUMBERS), Turns(choices)
    tasks = [
        asyncio.create_task(
            SteppedLedger(connection, turns, who).resolve(
                article_id(f"{run} {who}"), [_name(run, number) for number in names]
            )
        )
        for who, names in enumerate(entries)
    ]
    await turns.play(tasks)
    return [next(filter(None, task.result())) for task in tasks]


def _name(run: int, number: int) -> bytes:
    """A name; those of one run are ordered as their numbers are."""
    return bytes([number]) + digest(f"{run} {number}")[1:]


def of_one_story(entries: Sequence[Sequence[int]]) -> bool:
    return bool(set(entries[0]) & set(entries[1]))


NAMES = st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True)
PAIRS = st.tuples(NAMES, NAMES).filter(of_one_story)


@given(PAIRS, st.lists(st.integers(0, 5), max_size=16))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.asyncio(loop_scope="module")
async def test_two_entries_that_share_a_name_are_one_article_whatever_comes_between(
    several: Connection, entries: tuple[list[int], list[int]], choices: list[int]
) -> None:
    """The first name that they share decides for both: what either owned before it, the other does not ask for."""
    assert len(set(await resolved(several, entries, choices))) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_three_entries_that_share_names_by_pairs_only_may_become_two_articles(several: Connection) -> None:
    """The window that is left (docs/guarantees.md): the first entry's name 0 goes to the second's article after the third has
    learned it, while the second goes over to the first's by name 2, which the third gave out."""
    ring = ([0, 1], [1, 2], [0, 2])
    asked = [0, 0, 1, 1, 2, 2]  # all three find every name unknown
    assert len(set(await resolved(several, ring, [*asked, 0, 0, 0]))) == 1
    assert len(set(await resolved(several, ring, [*asked, 0, 2, 1, 0, 2, 1, 1, 0]))) == 2
