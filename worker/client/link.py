"""The wire to one stream for one group: commands, and what their answers mean. No policy; see ``consumer.py`` for that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeVar

from redis import asyncio as redis_client
from redis import exceptions as foreign
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ..cancellation import heeding_cancel
from ..contract.envelope import Envelope, MalformedEnvelope, parse
from .message import Gap, Message

#: Most ids that a group remembers as handled, whatever their age.
MAX_HANDLED = 1_000_000
#: How long the group's place in `seq` is remembered when it does not read, in seconds.
STATE_SECONDS = 90 * 86_400
#: First and longest wait when Redis does not answer, in seconds; doubled between.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 5.0

#: Answers of Redis that heal by waiting; every other answer is an error of use and is raised.
_HEALING = ("LOADING", "BUSY ", "MISCONF", "READONLY", "OOM", "NOREPLICAS", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN")

T = TypeVar("T")
log = logging.getLogger("dateline.client")


@dataclass(slots=True)
class Batch:
    """One answer: messages to hand out, or, where there are none, the stream's end to wait at."""

    messages: list[Message]
    handled: list[str]  #: stream ids of entries that the group handled before: to be acked, not handed out
    end: str = ""


class Link:
    """Commands of one consumer of one group on one stream. Every method raises `RedisError` or OSError as it comes."""

    def __init__(
        self, url: str, stream: str, group: str, name: str, *, block_seconds: float, remember: int | None
    ) -> None:
        self.stream, self.group, self.name = stream, group, name
        self._block_milliseconds = int(block_seconds * 1000)
        self._remember = remember
        # The tag in braces keeps our keys in the stream's slot of a cluster.
        self._state = f"{{{stream}}}:client:{group}"
        self._handled = f"{{{stream}}}:handled:{group}"
        # No retries in the library: a read sent twice leaves the first answer's entries pending, and we must know of it.
        self._redis: Any = redis_client.Redis.from_url(
            url, protocol=2, socket_timeout=block_seconds + 10, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0)
        )
        folder = resources.files(__package__) / "scripts"
        self._take = self._redis.register_script((folder / "take.lua").read_text())
        self._done = self._redis.register_script((folder / "done.lua").read_text())
        self._last: tuple[int, str] = (0, "0-0")  # seq and stream id of the last entry that this process has taken

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def create_group(self, after: str) -> bool:
        """Make the group, and the stream if there is none yet; False if the group is there already."""
        try:
            await self._redis.xgroup_create(self.stream, self.group, id=after, mkstream=True)
        except foreign.ResponseError as error:
            if "BUSYGROUP" in str(error):
                return False
            raise
        return True

    async def set_position(self, after: str) -> None:
        """Have the group read on after this id; entries pending stay pending, the handled ones are forgotten."""
        await self._redis.xgroup_setid(self.stream, self.group, after)
        await self._redis.delete(self._state, self._handled)

    async def last_id(self) -> str:
        """The last id that the stream gave out; "0-0" if there is no stream."""
        try:
            info = await self._redis.xinfo_stream(self.stream)
        except foreign.ResponseError as error:
            if "no such key" in str(error):
                return "0-0"
            raise
        return str(info["last-generated-id"].decode())

    async def own_pending(self, after: str, most: int) -> Batch:
        """What was handed to this consumer before and not acked, oldest first."""
        answer = await self._redis.xreadgroup(self.group, self.name, {self.stream: after}, count=most)
        return await self._redelivered(answer[0][1] if answer else [])

    async def claim(self, idle_seconds: float, cursor: str, most: int) -> tuple[str, Batch]:
        """Take over what other consumers hold since ``idle_seconds``; with the cursor to go on from ("0-0": all seen)."""
        answer = await self._redis.xautoclaim(
            self.stream, self.group, self.name, int(idle_seconds * 1000), start_id=cursor, count=most
        )
        return answer[0].decode(), await self._redelivered(answer[1])

    async def take(self, most: int) -> Batch:
        """New entries for this consumer."""
        keys = [self.stream, self._state, self._handled]
        args: list[str | int] = [self.group, self.name, most, STATE_SECONDS]
        entries, before, handled, end = await self._take(keys=keys, args=args)
        batch = Batch([], [], end.decode())
        seq_before = int(before or 0)
        for (row_id, flat), was_handled in zip(entries, handled, strict=True):
            stream_id = row_id.decode()
            envelope = self._parse(stream_id, flat[::2], flat[1::2])
            if envelope is None:
                batch.handled.append(stream_id)
                continue
            gap = await self._gap(seq_before, envelope.seq)
            if envelope.seq is not None:
                seq_before = envelope.seq
                self._last = (envelope.seq, stream_id)
            if was_handled and gap is None:
                batch.handled.append(stream_id)
            else:
                batch.messages.append(Message(stream_id, envelope, gap, redelivered=bool(was_handled)))
        return batch

    async def wait(self, end: str) -> None:
        """Return when the stream has grown beyond ``end``, or after ``block_seconds``."""
        await self._redis.xread({self.stream: end}, count=1, block=self._block_milliseconds)

    async def done(self, message: Message) -> None:
        """Ack, and remember the id."""
        remembered = message.id if self._remember else ""
        args: list[str | int] = [self.group, message.stream_id, remembered, self._remember or 0, MAX_HANDLED]
        await self._done(keys=[self.stream, self._handled], args=args)

    async def ack(self, stream_ids: list[str]) -> None:
        """Ack without remembering."""
        if stream_ids:
            await self._redis.xack(self.stream, self.group, *stream_ids)

    async def _redelivered(self, rows: list[Any]) -> Batch:
        """Pending entries as messages; those deleted from the stream, and those handled before, are to be acked."""
        batch = Batch([], [])
        found = []
        for stream_id, flat in rows:
            if stream_id is None:
                continue
            envelope = self._parse(stream_id.decode(), list(flat), list(flat.values())) if flat else None
            if envelope is None:
                batch.handled.append(stream_id.decode())
            else:
                found.append(Message(stream_id.decode(), envelope, redelivered=True))
        scores = await self._redis.zmscore(self._handled, [m.id for m in found]) if found and self._remember else []
        for place, message in enumerate(found):
            if place < len(scores) and scores[place] is not None:
                batch.handled.append(message.stream_id)
            else:
                batch.messages.append(message)
        return batch

    def _parse(self, stream_id: str, names: list[bytes], values: list[bytes]) -> Envelope | None:
        try:
            return parse(dict(zip(names, values, strict=True)))
        except MalformedEnvelope as error:
            log.warning("skipped %s of %s: %s", stream_id, self.stream, error)
            return None

    async def _gap(self, before: int, seq: int | None) -> Gap | None:
        """What is missing between the group's last entry and this one; ``before`` 0: not known."""
        last_seq, last_id = self._last
        if seq is None:
            return None
        if seq <= last_seq and not await self._redis.xrange(self.stream, last_id, last_id):
            # Behind what this very process has read, and that entry is gone, though younger than what we are reading: the
            # data went back. (If it is there still, somebody set the group back.)
            return Gap("rewound", missing=last_seq - seq + 1, after_seq=last_seq, before_seq=seq)
        if before and seq > before + 1:
            return Gap("lost", missing=seq - before - 1, after_seq=before, before_seq=seq)
        return None


def heals(error: Exception) -> bool:
    """Whether waiting helps: Redis is away, or says that it is busy with itself."""
    if isinstance(error, foreign.AuthenticationError | foreign.AuthorizationError):
        return False
    if isinstance(error, foreign.ResponseError):
        return any(word in str(error)[:400] for word in _HEALING)
    return isinstance(error, foreign.RedisError | OSError)


async def until_it_heals(step: Callable[[], Awaitable[T]]) -> T:
    """The answer of a step that may be done twice, waiting as long as Redis is away."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            return await heeding_cancel(step())
        except (foreign.RedisError, OSError) as error:
            if not heals(error):
                raise
            log.warning("Redis does not answer (%s: %s); again in %.1f s", type(error).__name__, error, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)
