"""One stream as one member of a group reads it: what it held before, what others dropped, what is new."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from ..contract.stream import order
from .link import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, Batch, Link, add_deleted, heals, log, until_it_heals
from .message import Message

#: Most entries that are gone acked with one message.
MAX_GONE = 1000


class Part:
    """One partition's stream. Where its server is away it is left alone for a while, and the others are read."""

    def __init__(self, link: Link, start: str, claim_after_seconds: float, stopping: asyncio.Event) -> None:
        self.link = link
        self._stopping = stopping
        self._start = start
        self._claim_after_seconds = claim_after_seconds
        self._own_from: str | None = "0"  # where to go on in what was pending before; None: all seen
        self._claim_at = 0.0
        self._furthest = "0-0"
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._ask_at = 0.0  # by the loop's clock
        self._fresh: set[str] = set()  # ids that were read new here and not handed out yet
        self._seen: set[str] = set()  # ids of our pending entries, in the look that is under way
        self._deleted: set[str] = set()  # ids of pending entries that are gone: told with the next message, then acked
        self._counting: set[str] = set()  # ids whose hand-out was counted and may have been broken off
        self._told: list[str] = []  # those of them that the current message told
        self.end = ""  #: the stream's last id, where the last look found nothing new

    async def join(self) -> None:
        """Make the group where there is none."""
        await until_it_heals(lambda: self.link.create_group(self._start), stopping=self._stopping)

    def look_again(self) -> None:
        """What we hold has waited for so long that others may soon take it over: see what is still ours, which also tells
        Redis that we are at it."""
        self._own_from = "0"
        self._seen = set()

    def hand_out(self, message: Message) -> tuple[Message, bool]:
        """Return the message as it is handed out, with the entries before it that are gone in its gap; and whether it may have
        been handed out before."""
        was_fresh = message.stream_id in self._fresh
        self._fresh.discard(message.stream_id)
        if was_fresh and message.redelivered:
            message = replace(message, redelivered=False)
        self._told = sorted(self._deleted)[:MAX_GONE]
        return add_deleted(message, len(self._told)), message.redelivered

    async def count_delivery(self, message: Message) -> tuple[Message, str]:
        """Count a hand-out; see `Link.count_delivery`. One that was broken off before the body had it counts once."""
        is_counted = message.stream_id in self._counting
        self._counting.add(message.stream_id)
        answer = await until_it_heals(
            lambda: self.link.count_delivery(message, is_counted=is_counted), stopping=self._stopping
        )
        self._counting.discard(message.stream_id)
        return answer

    async def done(self, message: Message) -> None:
        """Ack a message, and what its gap told."""
        await until_it_heals(lambda: self.link.done(message, self._told), stopping=self._stopping)
        self._deleted.difference_update(self._told)
        self._told = []

    async def read(self, most: int) -> list[Message]:
        """Return the messages to handle; none where there are none, or Redis is away. Raises what waiting cannot heal."""
        now = asyncio.get_running_loop().time()
        if now < self._ask_at:
            return []
        self.end = ""
        try:
            batch = await heeding_cancel(self._look(most))
            await heeding_cancel(self.link.ack(batch.handled))
        except (foreign.RedisError, OSError) as error:
            # The answer may be lost though the read was done: its entries are pending with us, so begin there.
            self.look_again()
            if isinstance(error, foreign.ResponseError) and "NOGROUP" in str(error):
                await self._join_again()
            elif not heals(error):
                raise
            else:
                log.warning(
                    "%s does not answer (%s: %s); again in %.1f s",
                    self.link.stream, type(error).__name__, error, self._wait_seconds,
                )  # fmt: skip
                self._ask_at = now + self._wait_seconds
                self._wait_seconds = min(self._wait_seconds * 2, LONGEST_WAIT_SECONDS)
            return []
        self._wait_seconds = FIRST_WAIT_SECONDS
        for message in batch.messages:
            self._furthest = max(self._furthest, message.stream_id, key=order)
        self.end = batch.end
        return batch.messages

    @property
    def has_more(self) -> bool:
        """Whether another look may bring something at once: only part of the way was gone."""
        return not self.end and asyncio.get_running_loop().time() >= self._ask_at

    async def _look(self, most: int) -> Batch:
        loop = asyncio.get_running_loop()
        if self._own_from is not None:
            batch = await self.link.own_pending(self._own_from, most)
            seen = [message.stream_id for message in batch.messages] + batch.handled + batch.deleted
            self._seen.update(seen)
            self._deleted.update(batch.deleted)
            self._own_from = max(seen, key=order) if seen else None
            if self._own_from is None:
                self._fresh &= self._seen
            return batch
        if loop.time() >= self._claim_at:
            cursor, batch = await self.link.claim(self._claim_after_seconds, "0-0", most)
            self._deleted.update(batch.deleted)
            if batch.is_partial:
                self.look_again()
                return Batch([], batch.handled)
            if cursor == "0-0" or not batch.messages:
                self._claim_at = loop.time() + self._claim_after_seconds / 2
            if batch.messages:
                return batch
        batch = await self.link.take(most)
        self._fresh.update(message.stream_id for message in batch.messages if not message.redelivered)
        return batch

    async def _join_again(self) -> None:
        """The group is gone: somebody deleted it, or Redis came back empty. Go on where we were, if that place exists."""
        self._own_from = None
        end = await until_it_heals(self.link.last_id)
        place = self._start if self._furthest == "0-0" else self._furthest
        if order(end) < order(self._furthest):
            place = "0"
        await until_it_heals(lambda: self.link.create_group(place))
