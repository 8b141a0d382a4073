"""A consumer of the events stream: each message once in effect, none lost, gaps noticed, deaths of others made good.

    async with Consumer("redis://localhost", group="map", name="map-1") as consumer:
        async for message in consumer:
            await place_on_map(message.record())

Asking for the next message says that the one before was handled: it is acked, and its id remembered. If the body raises, is
cancelled, or the process dies, the message is not acked and comes again: to this consumer when it is back, or to another one
of the group after ``claim_after_seconds``. So a message may come twice if the process dies between its effect and the next
turn of the loop; write the effect under ``message.id`` (or in one transaction with it, see ``handled``), and twice is once.
Leaving the loop by ``break`` acks nothing; say ``await consumer.done()`` before it. `Consumer.stop` ends the loop after the
body under way. A message that was handed out ``max_deliveries`` times and never done goes to the group's dead letters
(`Consumer.dead_letters`), so that it does not stop the group for ever. In a program without asyncio use `SyncConsumer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol

from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from ..contract.selection import Selection
from .link import FIRST_WAIT_SECONDS, Link, explain, find_streams, heals, log, open_servers, until_it_heals
from .message import DeadLetter, Gap, Message
from .part import Part
from .position import Position, as_stream_id

#: How often a consumer looks whether there are more partitions, and how long it pauses between looks at several streams.
PARTITIONS_SECONDS = 30.0
MOST_PAUSE_SECONDS = 0.5


class Handled(Protocol):
    """The consumer's own memory of what it handled, say a table in the database that takes the effects: then the effect
    and the memory are one transaction, and a message has its effect exactly once."""

    async def has(self, message_id: str) -> bool: ...

    async def add(self, message_id: str) -> None: ...


class Consumer:
    """One member of a consumer group. Members share the messages; groups each get all.

    Args:
        url: ``redis://HOST:PORT/DB``, ``unix:///PATH``, ``redis+cluster://HOST:PORT,HOST:PORT`` or
            ``redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB``; ``rediss`` with TLS.
        group: Made if it is not there. Give a new purpose a new group.
        name: This member; keep it over restarts, so that it gets back what it had not acknowledged. Default: the host's name.
        stream: The events stream. Where the worker has several partitions, those of the others are read as well: each in
            its own order, one after the other in turn.
        start: Where a new group begins: ``start``, ``now``, ``24h``, ``yesterday``, a time or a stream id. A group that is
            there goes on.
        types: Only these: ``event``, ``event.reported``, ``article``, ...; see `Selection` for this and the next five.
            What is not selected is acked unread; a gap before it is told with the next message.
        plover: Only events of these PLOVER types, and retractions.
        countries: Only entries with one of these, ISO 3166 alpha-3, and retractions.
        publishers, languages: Only theirs.
        min_confidence: Of events, 0 to 1.
        max_deliveries: How often a message is handed out before it is set aside; None: without end.
        remember_seconds: How long the group remembers ids that it handled; None: not at all. Longer than Redis could lose.
        handled: Your own memory in place of that.
        claim_after_seconds: How long a member may take over one message before another one gets it.
        batch: Messages read at once.
        block_seconds: Longest wait in one command; a lost connection is noticed after that and 10 s.
    Raises:
        CannotConnect: The URL is none, or Redis refuses it (password, database, permission); also on entering, and later.
            A Redis that is away is waited for.
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
        types: str | Iterable[str] = (),
        plover: str | Iterable[str] = (),
        countries: str | Iterable[str] = (),
        publishers: str | Iterable[str] = (),
        languages: str | Iterable[str] = (),
        min_confidence: float = 0.0,
        max_deliveries: int | None = 10,
    ) -> None:
        self._selection = Selection.of(
            types=types, plover=plover, countries=countries, publishers=publishers, languages=languages,
            min_confidence=min_confidence,
        )  # fmt: skip
        self._max_deliveries = max_deliveries
        self._stopping = asyncio.Event()
        self._remember = int(remember_seconds) if remember_seconds and handled is None else None
        self._stream, self._group, self._name = stream, group, name or socket.gethostname()
        self._block_seconds = block_seconds
        self._servers = open_servers(url, block_seconds)
        self._parts: dict[str, Part] = {}
        self._turn: deque[Part] = deque()
        self._partitions_at = 0.0
        self._start = as_stream_id(start)
        self._handled = handled
        self._claim_after_seconds = claim_after_seconds
        self._batch = batch
        self._ready: deque[Message] = deque()
        self._in_hand: Message | None = None
        self._read_at = 0.0
        self._pause_seconds = FIRST_WAIT_SECONDS

    async def __aenter__(self) -> Consumer:
        where = self._servers.address.where
        try:
            await until_it_heals(lambda: self._find_parts(self._start), where, stopping=self._stopping)
        except BaseException as error:  # whatever it is, the connections are closed
            if self._is_broken_off(error):
                return self
            await self._servers.close()
            if isinstance(error, Exception) and (say := explain(error, where)) is not error:
                raise say from None
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and (message := self._in_hand) is not None:
            with contextlib.suppress(foreign.RedisError, OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._parts[message.stream].link.note_failure(message, f"{type(error).__name__}: {error}")
        await self._servers.close()

    def __aiter__(self) -> AsyncIterator[Message]:
        return self

    async def __anext__(self) -> Message:
        """The next message; the one before is acked. Waits for ever, or until `stop`; raises only what waiting cannot heal.
        May be given up (say by `asyncio.timeout`) and called again."""
        try:
            await self.done()
            message = await self._next()
        except (foreign.RedisError, OSError) as error:
            if self._is_broken_off(error):
                raise StopAsyncIteration from None
            raise
        if message is None:
            raise StopAsyncIteration
        return message

    async def _next(self) -> Message | None:
        """Wait for the next message; None where `stop` came first."""
        try:
            while not self._stopping.is_set():
                if self._ready and asyncio.get_running_loop().time() - self._read_at > self._claim_after_seconds / 2:
                    self._look_again()
                while self._ready:
                    if (message := await self._hand_out(self._ready.popleft())) is not None:
                        self._in_hand = message
                        return message
                try:
                    await self._until_stopped(self._fill())
                except foreign.RedisError as error:
                    raise explain(error, self._servers.address.where) from None
        except BaseException:  # an answer may have been lost; what was in it is pending
            self._look_again()
            raise
        return None

    def _is_broken_off(self, error: BaseException) -> bool:
        """Return whether Redis is away while we stop: what was not acked comes again."""
        return self._stopping.is_set() and isinstance(error, foreign.RedisError | OSError) and heals(error)

    def stop(self) -> None:
        """End the loop after the body under way, or at once where it waits, for Redis, too; what was read and not handed out
        stays pending, and so does the message under way where Redis does not answer.
        For a signal handler: ``loop.add_signal_handler(signal.SIGTERM, consumer.stop)``."""
        self._stopping.set()

    async def done(self) -> None:
        """Say now that the current message was handled; the next turn of the loop says it otherwise."""
        message, self._in_hand = self._in_hand, None
        if message is None:
            return
        try:
            if self._handled is not None:
                await self._handled.add(message.id)
            await self._parts[message.stream].done(message)
        except BaseException:
            self._in_hand = message
            raise

    async def set_aside(self, reason: str) -> None:
        """Give the current message up: it goes to the group's dead letters, and does not come again."""
        message, self._in_hand = self._in_hand, None
        if message is not None:
            link = self._parts[message.stream].link
            await until_it_heals(lambda: link.set_aside(message, reason))

    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        """What the group gave up, oldest first; at most ``most`` of each stream. Handle it, then `drop_dead_letters`."""
        found: list[DeadLetter] = []
        for part in self._parts.values():
            found += await until_it_heals(lambda part=part: part.link.dead_letters(most))  # type: ignore[misc]
        return found

    async def drop_dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        """Delete dead letters."""
        for letter in letters:
            link = self._parts[letter.stream].link
            await until_it_heals(lambda link=link, letter=letter: link.drop_dead_letters([letter.id]))  # type: ignore[misc]

    async def set_position(self, position: Position) -> None:
        """Have the whole group read again from a place, or skip ahead; what it remembers as handled is forgotten."""
        for part in self._parts.values():
            await until_it_heals(lambda part=part: part.link.set_position(as_stream_id(position)))  # type: ignore[misc]
        self._ready.clear()
        self._in_hand = None

    def _look_again(self) -> None:
        """See what of the messages that wait here is still ours."""
        self._ready.clear()
        for part in self._parts.values():
            part.look_again()

    async def _find_parts(self, start: str) -> None:
        """Join the group on the stream of each partition, those that came since included."""
        for stream in await heeding_cancel(find_streams(self._servers, self._stream)):
            if stream not in self._parts:
                link = Link(
                    self._servers, stream, self._group, self._name,
                    block_seconds=self._block_seconds, remember=self._remember, selection=self._selection,
                )  # fmt: skip
                part = Part(link, start, self._claim_after_seconds, self._stopping)
                await part.join()
                self._parts[stream] = part
                self._turn.append(part)
        self._partitions_at = asyncio.get_running_loop().time() + PARTITIONS_SECONDS

    async def _fill(self) -> None:
        """Get messages of the stream whose turn it is, or of the next that has any; else wait."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._partitions_at:
            try:
                await self._find_parts("0")  # a partition that came since is read from its beginning
            except (foreign.RedisError, OSError) as error:
                if not heals(error):
                    raise
                self._partitions_at = loop.time() + 1.0
        has_more = False
        for _ in range(len(self._turn)):
            part = self._turn[0]
            self._turn.rotate(-1)
            messages = await part.read(self._batch)
            has_more = has_more or part.has_more
            if messages:
                self._read_at = loop.time()
                self._ready.extend(messages)
                self._pause_seconds = FIRST_WAIT_SECONDS
                return
        if not has_more:
            await self._wait()

    async def _wait(self) -> None:
        """Wait in Redis for the one stream to grow; with several, look again a moment later."""
        part = self._turn[0]
        if len(self._turn) == 1 and part.end:
            try:
                await heeding_cancel(part.link.wait(part.end))
                return
            except (foreign.RedisError, OSError) as error:
                if not heals(error):
                    raise
                part.look_again()
        await asyncio.sleep(min(self._pause_seconds, self._block_seconds))
        self._pause_seconds = min(self._pause_seconds * 1.5, MOST_PAUSE_SECONDS)

    async def _hand_out(self, message: Message) -> Message | None:
        """Return the message as the body gets it; None where it was handled before, or handed out too often."""
        part = self._parts[message.stream]
        if self._handled is not None and await self._handled.has(message.id):
            await until_it_heals(lambda: part.link.ack([message.stream_id]), stopping=self._stopping)
            return None
        message, may_be_second = part.hand_out(message)
        if not may_be_second:
            return message
        message, why = await part.count_delivery(message)
        if self._max_deliveries is None or message.deliveries <= self._max_deliveries:
            return message
        reason = why or f"handed out {self._max_deliveries} times and not done"
        log.error("%s of %s goes to the dead letters of %s: %s", message.stream_id, message.stream, self._group, reason)
        given_up = replace(message, deliveries=self._max_deliveries)
        await until_it_heals(lambda: part.link.set_aside(given_up, reason), stopping=self._stopping)
        return None

    async def _until_stopped(self, step: Coroutine[Any, Any, None]) -> None:
        """Do a step; break it off at `stop`."""
        doing = asyncio.ensure_future(step)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not doing.done():
                doing.cancel()
                await asyncio.gather(doing, return_exceptions=True)
        if not doing.cancelled():
            doing.result()


__all__ = ["Consumer", "DeadLetter", "Gap", "Handled", "Message"]
