"""A consumer of the events stream: each message once in effect, none lost, gaps noticed, deaths of others made good.

    async with Consumer("redis://localhost", group="map", name="map-1") as consumer:
        async for message in consumer:
            await place_on_map(message.record())

Asking for the next message says that the one before was handled: it is acked, and its id remembered. If the body raises, is
cancelled, or the process dies, the message is not acked and comes again: to this consumer when it is back, or to another one
of the group after ``claim_after_seconds``. So a message may come twice if the process dies between its effect and the next
turn of the loop; write the effect under ``message.id`` (or in one transaction with it, see ``handled``), and twice is once.
Leaving the loop by ``break`` acks nothing; say ``await consumer.done()`` before it.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Protocol

from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from .link import Batch, Link, heals, until_it_heals
from .message import Gap, Message
from .position import Position, as_stream_id, order


class Handled(Protocol):
    """The consumer's own memory of what it handled, say a table in the database that takes the effects: then the effect
    and the memory are one transaction, and a message has its effect exactly once."""

    async def has(self, message_id: str) -> bool: ...

    async def add(self, message_id: str) -> None: ...


class Consumer:
    """One member of a consumer group. Members share the messages; groups each get all.

    Args:
        url: ``redis://HOST:PORT/DB`` or ``unix:///PATH``.
        group: Made if it is not there. Give a new purpose a new group.
        name: This member; keep it over restarts, so that it gets back what it had in hand. Default: the host's name.
        stream: One partition's events stream.
        start: Where a new group begins: ``start``, ``now``, a stream id or a time. A group that is there goes on.
        remember_seconds: How long the group remembers ids that it handled; None: not at all. Longer than Redis could lose.
        handled: Your own memory in place of that.
        claim_after_seconds: How long a member may take over one message before another one gets it.
        batch: Messages read at once.
        block_seconds: Longest wait in one command; a lost connection is noticed after that and 10 s.
    """

    def __init__(
        self,
        url: str,
        *,
        group: str,
        name: str | None = None,
        stream: str = "dateline:events",
        start: Position = "start",
        remember_seconds: float | None = 7 * 86_400,
        handled: Handled | None = None,
        claim_after_seconds: float = 60.0,
        batch: int = 100,
        block_seconds: float = 5.0,
    ) -> None:
        remember = int(remember_seconds) if remember_seconds and handled is None else None
        self._link = Link(
            url, stream, group, name or socket.gethostname(), block_seconds=block_seconds, remember=remember
        )
        self._start = as_stream_id(start)
        self._handled = handled
        self._claim_after_seconds = claim_after_seconds
        self._batch = batch
        self._ready: deque[Message] = deque()
        self._in_hand: Message | None = None
        self._own_from: str | None = "0"  # where to go on in what was pending before; None: all seen
        self._claim_at = self._read_at = 0.0
        self._furthest = "0-0"

    async def __aenter__(self) -> Consumer:
        try:
            await until_it_heals(lambda: self._link.create_group(self._start))
        except BaseException:
            await self._link.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.close()

    def __aiter__(self) -> AsyncIterator[Message]:
        return self

    async def __anext__(self) -> Message:
        """The next message; the one before is acked. Waits for ever; raises only what waiting cannot heal. May be given up
        (say by `asyncio.timeout`) and called again."""
        await self.done()
        try:
            while True:
                if self._ready and asyncio.get_running_loop().time() - self._read_at > self._claim_after_seconds / 2:
                    self._look_again()
                while self._ready:
                    message = self._ready.popleft()
                    if self._handled is None or not await self._handled.has(message.id):
                        self._in_hand = message
                        return message
                    await self._ack([message.stream_id])
                await self._fill()
        except BaseException:
            self._look_again()  # an answer may have been lost on its way to us; what was in it is pending
            raise

    async def done(self) -> None:
        """Say now that the message in hand was handled; the next turn of the loop says it otherwise."""
        message, self._in_hand = self._in_hand, None
        if message is None:
            return
        try:
            if self._handled is not None:
                await self._handled.add(message.id)
            await until_it_heals(lambda: self._link.done(message))
        except BaseException:
            self._in_hand = message
            raise

    async def set_position(self, position: Position) -> None:
        """Have the whole group read again from a place, or skip ahead; what it remembers as handled is forgotten."""
        await until_it_heals(lambda: self._link.set_position(as_stream_id(position)))
        self._ready.clear()
        self._in_hand = None

    def _look_again(self) -> None:
        """What we hold has waited for so long that others may soon take it over: see what is still ours, which also tells
        Redis that we are at it."""
        self._ready.clear()
        self._own_from = "0"

    async def _fill(self) -> None:
        """Get messages: what we had pending, what others let lie, what is new; else wait."""
        try:
            batch = await heeding_cancel(self._read())
            await self._ack(batch.handled)
        except (foreign.RedisError, OSError) as error:
            if isinstance(error, foreign.ResponseError) and "NOGROUP" in str(error):
                await self._join_again()
                return
            if not heals(error):
                raise
            # The answer may be lost though the read was done: its entries are pending with us, so begin there.
            self._own_from = "0"
            await until_it_heals(self._link.last_id)
            return
        self._read_at = asyncio.get_running_loop().time()
        self._ready.extend(batch.messages)
        for message in batch.messages:
            self._furthest = max(self._furthest, message.stream_id, key=order)

    async def _read(self) -> Batch:
        loop = asyncio.get_running_loop()
        if self._own_from is not None:
            batch = await self._link.own_pending(self._own_from, self._batch)
            seen = [message.stream_id for message in batch.messages] + batch.handled
            self._own_from = max(seen, key=order) if seen else None
            return batch
        if loop.time() >= self._claim_at:
            cursor, batch = await self._link.claim(self._claim_after_seconds, "0-0", self._batch)
            if cursor == "0-0" or not batch.messages:
                self._claim_at = loop.time() + self._claim_after_seconds / 2
            if batch.messages:
                return batch
        batch = await self._link.take(self._batch)
        if batch.end:
            await self._link.wait(batch.end)
        return batch

    async def _ack(self, stream_ids: list[str]) -> None:
        await until_it_heals(lambda: self._link.ack(stream_ids))

    async def _join_again(self) -> None:
        """The group is gone: somebody deleted it, or Redis came back empty. Go on where we were, if that place exists."""
        self._own_from = None
        end = await until_it_heals(self._link.last_id)
        place = self._start if self._furthest == "0-0" else self._furthest
        if order(end) < order(self._furthest):
            place = "0"
        await until_it_heals(lambda: self._link.create_group(place))


__all__ = ["Consumer", "Gap", "Handled", "Message"]
