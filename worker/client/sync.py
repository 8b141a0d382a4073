"""The consumer for programs without asyncio: the same code, driven on an event loop of its own in the calling thread.

with SyncConsumer("redis://localhost", group="map", name="map-1") as consumer:
    for message in consumer:
        place_on_map(message.record())
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypedDict, Unpack

from .consumer import Consumer, Handled
from .message import DeadLetter, Message
from .position import Position


class Options(TypedDict, total=False):
    """The options of `Consumer`; a test compares the names."""

    name: str | None
    stream: str
    start: Position
    remember_seconds: float | None
    handled: Handled | None
    claim_after_seconds: float
    batch: int
    block_seconds: float
    types: str | Iterable[str]
    plover: str | Iterable[str]
    countries: str | Iterable[str]
    publishers: str | Iterable[str]
    languages: str | Iterable[str]
    min_confidence: float
    max_deliveries: int | None


class SyncConsumer:
    """`Consumer` without asyncio: the same options, the same guarantees. For one thread; only `stop` may come from another."""

    def __init__(self, url: str, *, group: str, **options: Unpack[Options]) -> None:
        """As in `Consumer`. Raises ValueError."""
        self._consumer = Consumer(url, group=group, **options)
        self._runner = asyncio.Runner()

    def __enter__(self) -> SyncConsumer:
        try:
            self._runner.run(self._consumer.__aenter__())
        except BaseException:
            self._runner.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._consumer.__aexit__(kind, error, trace))
        finally:
            self._runner.close()

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        """Return the next message; the one before is acked. Waits for ever, or until `stop`."""
        message = self._runner.run(self._next())
        if message is None:
            raise StopIteration
        return message

    async def _next(self) -> Message | None:
        return await anext(self._consumer, None)

    def stop(self) -> None:
        """End the loop after the body under way, or at once where it waits. May come from another thread or a signal."""
        self._runner.get_loop().call_soon_threadsafe(self._consumer.stop)

    def done(self) -> None:
        """As `Consumer.done`."""
        self._runner.run(self._consumer.done())

    def set_aside(self, reason: str) -> None:
        """As `Consumer.set_aside`."""
        self._runner.run(self._consumer.set_aside(reason))

    def set_position(self, position: Position) -> None:
        """As `Consumer.set_position`."""
        self._runner.run(self._consumer.set_position(position))

    def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        """As `Consumer.dead_letters`."""
        return self._runner.run(self._consumer.dead_letters(most))

    def drop_dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        """As `Consumer.drop_dead_letters`."""
        self._runner.run(self._consumer.drop_dead_letters(letters))
