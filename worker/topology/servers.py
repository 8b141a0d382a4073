"""Sends each command to the server that has its key, and follows that key when it moves.

redis-py's own cluster client is not used (8.1): it sends ASKING and the command it is for over two connections of a pool, so
that a command sent at the same time may take its place; it closes every connection, those in use too, where one server says
CLUSTERDOWN; and it raises where all connections are in use. Its connections, its parsing and its slot function are.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from redis import exceptions as foreign

from .address import Address
from .finders import Sentinels, find
from .node import Limits, Node
from .slots import find_key, slot_of

#: Redirections and changes of server followed for one command.
MOST_TURNS = 5
#: Where things are is not asked more often than this, whatever fails.
REFRESH_SECONDS = 0.3

T = TypeVar("T")
Command = Sequence[Any]


class Servers:
    """The servers behind one ``redis.url``. Raises what redis-py raises; answers are raw."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        """Open nothing yet. Raises ValueError, which shows no password, where the URL is none."""
        self.address = Address.parse(url)
        self._limits = limits or Limits()
        self._finder = find(self.address, self._limits)
        self._is_stale = self.address.kind != "single"
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    @property
    def is_cluster(self) -> bool:
        """Whether keys of different slots cannot be in one command."""
        return self.address.kind == "cluster"

    async def execute(self, *command: Any, at: str | None = None) -> Any:
        """One command, at the server of its key. ``at``: the key that decides for a command about none."""
        return await self._at_server(_slot(command, at), lambda node: node.execute(*command), command)

    async def execute_replicated(
        self, *command: Any, replicas: int, wait_ms: int, patience_seconds: float, mark: str
    ) -> tuple[Any, int]:
        """One command, and how many replicas had it ``wait_ms`` later at the latest; or ``patience_seconds`` later where so
        many replicas follow, but are slow. ``mark``: a key of the command's slot, written for a moment meanwhile."""

        async def step(node: Node) -> tuple[Any, int]:
            until = time.monotonic() + patience_seconds
            answer, had = _raised(await node.pipeline([command, ("WAIT", replicas, wait_ms)]))
            while had < replicas and time.monotonic() < until and await _count_followers(node) >= replicas:
                # WAIT is about the last write of its own connection, which this one makes: all before it are there as well.
                _, had = _raised(await node.pipeline([("SET", mark, "", "PX", 1000), ("WAIT", replicas, wait_ms)]))
            return answer, int(had)

        return await self._at_server(_slot(command, None), step, None)

    async def pipeline(self, commands: Sequence[Command], at: str | None = None) -> list[Any]:
        """Several commands, one round trip per server, answers in order; an answer that is an error is given, not raised, and
        in a cluster the failure of one server likewise, for each command that it should have had."""
        if not self.is_cluster:
            return await self._at_server(None, lambda node: self._pipeline(node, commands), None)
        groups: dict[int, tuple[Node, list[int]]] = {}
        answers: list[Any] = [None] * len(commands)
        for number, command in enumerate(commands):
            try:
                node = await self._find(_slot(command, at))
            except foreign.ClusterDownError as error:
                answers[number] = error
            else:
                groups.setdefault(id(node), (node, []))[1].append(number)

        async def ask(node: Node, numbers: list[int]) -> None:
            try:
                given = await node.pipeline([commands[number] for number in numbers])
            except (foreign.RedisError, OSError) as error:  # none may leave this: the group would wrap it
                self._is_stale = True
                given = [error] * len(numbers)
            for number, answer in zip(numbers, given, strict=True):
                answers[number] = answer
            for number in numbers:  # in order: those of one key stay in theirs
                if isinstance(answers[number], foreign.AskError | foreign.ReadOnlyError):
                    self._is_stale = True
                    try:
                        answers[number] = await self.execute(*commands[number], at=at)
                    except (foreign.RedisError, OSError) as error:
                        answers[number] = error

        async with asyncio.TaskGroup() as group:
            for node, numbers in groups.values():
                group.create_task(ask(node, numbers))
        return answers

    async def _pipeline(self, node: Node, commands: Sequence[Command]) -> list[Any]:
        answers = await node.pipeline(commands)
        for answer in answers:
            if isinstance(answer, foreign.MovedError | foreign.ReadOnlyError):
                raise answer  # every command is idempotent: all are sent again, where there is another server
        return answers

    async def primaries(self) -> list[Node]:
        """Every server that takes writes."""
        if self._is_stale:
            await self._refresh()
        return self._finder.primaries()

    async def count_sentinels(self) -> int:
        """Return how many of the sentinels in the URL answer."""
        return await self._finder.count_sentinels() if isinstance(self._finder, Sentinels) else 0

    async def where_is(self, key: str) -> str:
        """Host and port of the server that has a key."""
        return (await self._find(slot_of(key))).where

    async def close(self) -> None:
        """Close every connection."""
        await self._finder.close()

    async def _at_server(self, slot: int | None, step: Callable[[Node], Awaitable[T]], command: Command | None) -> T:
        """Do a step at the server that has a slot. With a ``command``, ASK is followed; a step that holds more waits."""
        turns = 0
        while True:
            node = await self._find(slot)
            turns += 1
            try:
                return await step(node)
            except foreign.MovedError as error:  # for good
                self._is_stale = True
                target = self._finder.named(error.host, error.port, node)
                self._finder.learn(error.slot_id, target)
                if turns >= MOST_TURNS:
                    raise foreign.TryAgainError(f"TRYAGAIN the slot moved {turns} times while it was asked") from error
            except foreign.AskError as error:  # this time only: the slot is on its way
                if command is None:
                    raise foreign.TryAgainError("TRYAGAIN the slot is on its way to another server") from error
                answers = await self._finder.named(error.host, error.port, node).pipeline([("ASKING",), command])
                if not isinstance(answers[1], Exception):
                    return answers[1]  # type: ignore[no-any-return]
                if not isinstance(answers[1], foreign.AskError) or turns >= MOST_TURNS:
                    raise answers[1] from error
                self._is_stale = True
            except (foreign.ReadOnlyError, foreign.ClusterDownError):
                self._is_stale = self.address.kind != "single"
                if not self._is_stale or not await self._has_changed(slot, node, turns):
                    raise
            except (foreign.ConnectionError, foreign.TimeoutError, OSError) as error:
                self._is_stale = self.address.kind != "single"
                if isinstance(error, foreign.AuthenticationError | foreign.BusyLoadingError):
                    raise
                if not (self._is_stale and self._limits.retries and await self._has_changed(slot, node, turns)):
                    raise

    async def _has_changed(self, slot: int | None, before: Node, turns: int) -> bool:
        """Return whether another server has a slot now than the one that failed."""
        if turns >= MOST_TURNS:
            return False
        try:
            await self._refresh()
        except (foreign.RedisError, OSError):
            return False  # the failure itself says more
        return slot is None or self._finder.node_of(slot) is not before

    async def _find(self, slot: int | None) -> Node:
        if self._is_stale:
            await self._refresh()
        node = self._finder.node_of(slot)
        if node is None:
            self._is_stale = True
            raise foreign.ClusterDownError(f"CLUSTERDOWN no server has slot {slot}")
        return node

    async def _refresh(self) -> None:
        """Ask where things are, once for all who want to know; what was known before stays where nobody answers."""
        async with self._asking:
            known = self._finder.node_of(None) is not None
            if not self._is_stale or (known and time.monotonic() - self._asked_at < REFRESH_SECONDS):
                return
            self._asked_at = time.monotonic()
            try:
                await self._finder.refresh()
            except (
                foreign.ConnectionError, foreign.TimeoutError, foreign.ClusterDownError, foreign.NoPermissionError, OSError
            ):  # fmt: skip
                if not known:
                    raise
                return
            self._is_stale = False


def _slot(command: Command, at: str | None) -> int | None:
    key = find_key(command) or at
    return None if key is None else slot_of(key)


def _raised(answers: list[Any]) -> list[Any]:
    for one in answers:
        if isinstance(one, Exception):
            raise one
    return answers


async def _count_followers(node: Node) -> int:
    """Return how many replicas follow a primary at the moment, however slowly; 0 where it does not say so."""
    (role,) = await node.pipeline([("ROLE",)])
    return len(role[2]) if isinstance(role, list) and role[:1] == [b"master"] else 0
