"""The wire to one stream for one group: commands, and what their answers mean. No policy; see ``part.py`` for that."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeVar

from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from ..contract.envelope import Envelope, MalformedEnvelope, parse
from ..topology import Limits, Servers
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


def open_servers(url: str, block_seconds: float) -> Servers:
    """The servers behind a URL. Raises ValueError, which shows no password, where it is none.

    Nothing is sent again when a connection breaks: a read sent twice leaves the first answer's entries pending, and we must
    know of it.
    """
    return Servers(url, Limits(timeout_seconds=block_seconds + 10, connections=16, retries=0))


async def find_streams(servers: Servers, stream: str) -> list[str]:
    """The events streams of all partitions, where ``stream`` is the first one's; itself alone where nothing is said."""
    named = await servers.execute("HGET", f"{{{stream}}}:meta", "streams")
    return named.decode().split() if named else [stream]


class Link:
    """Commands of one consumer of one group on one stream. Every method raises `RedisError` or OSError as it comes."""

    def __init__(
        self, servers: Servers, stream: str, group: str, name: str, *, block_seconds: float, remember: int | None
    ) -> None:
        self.stream, self.group, self.name = stream, group, name
        self._block_milliseconds = int(block_seconds * 1000)
        self._remember = remember
        # The tag in braces keeps our keys in the stream's slot of a cluster.
        self._state = f"{{{stream}}}:client:{group}"
        self._handled = f"{{{stream}}}:handled:{group}"
        self._redis = servers
        self._last: tuple[int, str] = (0, "0-0")  # seq and stream id of the last entry that this process has taken

    async def create_group(self, after: str) -> bool:
        """Make the group, and the stream if there is none yet; False if the group is there already."""
        try:
            await self._redis.execute("XGROUP", "CREATE", self.stream, self.group, after, "MKSTREAM")
        except foreign.ResponseError as error:
            if "BUSYGROUP" in str(error):
                return False
            raise
        return True

    async def set_position(self, after: str) -> None:
        """Have the group read on after this id; entries pending stay pending, the handled ones are forgotten."""
        await self._redis.execute("XGROUP", "SETID", self.stream, self.group, after)
        await self._redis.execute("DEL", self._state, self._handled)

    async def last_id(self) -> str:
        """The last id that the stream gave out; "0-0" if there is no stream."""
        try:
            flat = await self._redis.execute("XINFO", "STREAM", self.stream)
        except foreign.ResponseError as error:
            if "no such key" in str(error):
                return "0-0"
            raise
        last: bytes = flat[flat.index(b"last-generated-id") + 1]
        return last.decode()

    async def own_pending(self, after: str, most: int) -> Batch:
        """What was handed to this consumer before and not acked, oldest first."""
        head = ("XREADGROUP", "GROUP", self.group, self.name, "COUNT", most)
        answer = await self._redis.execute(*head, "STREAMS", self.stream, after)
        return await self._redelivered(answer[0][1] if answer else [])

    async def claim(self, idle_seconds: float, cursor: str, most: int) -> tuple[str, Batch]:
        """Take over what other consumers hold since ``idle_seconds``; with the cursor to go on from ("0-0": all seen)."""
        head = ("XAUTOCLAIM", self.stream, self.group, self.name)
        answer = await self._redis.execute(*head, int(idle_seconds * 1000), cursor, "COUNT", most)
        return answer[0].decode(), await self._redelivered(answer[1])

    async def take(self, most: int) -> Batch:
        """New entries for this consumer."""
        keys = (self.stream, self._state, self._handled)
        entries, before, handled, end = await self._run("take", keys, self.group, self.name, most, STATE_SECONDS)
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
                batch.messages.append(Message(stream_id, envelope, gap, bool(was_handled), self.stream))
        return batch

    async def wait(self, end: str) -> None:
        """Return when the stream has grown beyond ``end``, or after ``block_seconds``."""
        await self._redis.execute(
            "XREAD", "COUNT", 1, "BLOCK", max(1, self._block_milliseconds), "STREAMS", self.stream, end
        )

    async def done(self, message: Message) -> None:
        """Ack, and remember the id."""
        remembered = message.id if self._remember else ""
        what = (self.group, message.stream_id, remembered, self._remember or 0, MAX_HANDLED)
        await self._run("done", (self.stream, self._handled), *what)

    async def ack(self, stream_ids: list[str]) -> None:
        """Ack without remembering."""
        if stream_ids:
            await self._redis.execute("XACK", self.stream, self.group, *stream_ids)

    async def _run(self, name: str, keys: tuple[str, ...], *args: str | int) -> Any:
        source, sha = _SCRIPTS[name]
        try:
            return await self._redis.execute("EVALSHA", sha, len(keys), *keys, *args)
        except foreign.NoScriptError:
            return await self._redis.execute("EVAL", source, len(keys), *keys, *args)

    async def _redelivered(self, rows: list[Any]) -> Batch:
        """Pending entries as messages; those deleted from the stream, and those handled before, are to be acked."""
        batch = Batch([], [])
        found = []
        for row in rows:
            if row is None:  # Redis 6.2 gives this for a pending entry that was deleted
                continue
            stream_id, flat = row[0].decode(), row[1]
            envelope = self._parse(stream_id, flat[::2], flat[1::2]) if flat else None
            if envelope is None:
                batch.handled.append(stream_id)
            else:
                found.append(Message(stream_id, envelope, None, True, self.stream))
        ids = [message.id for message in found]
        scores = await self._redis.execute("ZMSCORE", self._handled, *ids) if ids and self._remember else []
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
        if seq <= last_seq and not await self._redis.execute("XRANGE", self.stream, last_id, last_id):
            # Behind what this very process has read, and that entry is gone, though younger than what we are reading: the
            # data went back. (If it is there still, somebody set the group back.)
            return Gap("rewound", missing=last_seq - seq + 1, after_seq=last_seq, before_seq=seq)
        if before and seq > before + 1:
            return Gap("lost", missing=seq - before - 1, after_seq=before, before_seq=seq)
        return None


def _read_script(name: str) -> tuple[str, str]:
    source = (resources.files("dateline.client") / "scripts" / f"{name}.lua").read_text()
    return source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


_SCRIPTS = {name: _read_script(name) for name in ("take", "done")}


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
