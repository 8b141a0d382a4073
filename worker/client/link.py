"""The wire to one stream for one group: commands, and what their answers mean. No policy; see ``part.py`` for that."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any, TypeVar

from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from ..contract.envelope import Envelope, MalformedEnvelope, parse
from ..contract.selection import Selection
from ..contract.stream import MAX_DEAD_LETTERS, STATE_SECONDS
from ..topology.finders import SentinelRefused
from ..topology.node import Limits, TlsRefused
from ..topology.servers import Servers
from .message import DeadLetter, Gap, Message

#: Most ids that a group remembers as handled, whatever their age.
MAX_HANDLED = 1_000_000
EVERYTHING = Selection()
#: First and longest wait when Redis does not answer, in seconds; doubled between.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 5.0

#: Answers of Redis that heal by waiting; every other answer is an error of use and is raised.
_HEALING = ("LOADING", "BUSY ", "MISCONF", "READONLY", "OOM", "NOREPLICAS", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN")

#: What Redis answers to a URL that does not fit it, and what to do.
_REMEDIES = {
    "NOPERM": "give the user this permission, or name another user in the URL",
    "WRONGTYPE": "name the events stream of the settings with stream=",
    "DB index is out of range": "end the URL in the number of a database that there is, /0",
    "CLUSTERED": "begin the URL with redis+cluster://",
}
_PASSWORD = "check user and password in the URL: redis://USER:PASSWORD@HOST:PORT/DB"
_SENTINEL_PASSWORD = "check ?sentinel_username=NAME&sentinel_password=PASSWORD in the URL"

T = TypeVar("T")
log = logging.getLogger("dateline.client")


@dataclass(slots=True)
class Batch:
    """One answer: messages to hand out, or, where there are none, the stream's end to wait at."""

    messages: list[Message]
    handled: list[str]  #: stream ids of entries that are not handed out: handled before, not selected, none of ours
    end: str = ""
    deleted: list[str] = field(default_factory=list)  #: stream ids of pending entries that are gone from the stream
    is_partial: bool = False  #: some pending entries could not be told: look at our own again


class CannotConnect(ConnectionError):
    """No connection, and waiting does not help: the text says where, why and what to do, and shows no password."""


def explain(error: Exception, where: str) -> Exception:
    """Return what the user is told in place of an error of redis-py that waiting does not heal; another one unchanged."""
    if is_refused(error):
        remedy = _SENTINEL_PASSWORD if isinstance(error, SentinelRefused) else _PASSWORD
        return CannotConnect(f"Redis at {where}: {str(error).rstrip('.')}; {remedy}")
    if isinstance(error, TlsRefused):
        return CannotConnect(f"Redis at {error}")
    if isinstance(error, foreign.ResponseError):
        text = str(error)[:400]
        if isinstance(error, foreign.NoPermissionError):
            text = f"NOPERM {text}"
        for word, remedy in _REMEDIES.items():
            if word in text:
                return CannotConnect(
                    f"Redis at {where}: {text.rstrip('.')}" + ("" if "write redis" in text else f"; {remedy}")
                )
    return error


def open_servers(url: str, block_seconds: float) -> Servers:
    """Return the servers behind a URL. Raises CannotConnect, which shows no password, where it is none.

    Nothing is sent again when a connection breaks: a read sent twice leaves the first answer's entries pending, and we must
    know of it.
    """
    try:
        return Servers(url, Limits(timeout_seconds=block_seconds + 10, connections=16, retries=0))
    except ValueError as error:
        raise CannotConnect(f"the URL of Redis: {error}") from None


async def find_streams(servers: Servers, stream: str) -> list[str]:
    """Return the events streams of all partitions, where ``stream`` is the first one's; itself alone where nothing is said."""
    named = await servers.execute("HGET", f"{{{stream}}}:meta", "streams")
    return named.decode().split() if named else [stream]


class Link:
    """Commands of one consumer of one group on one stream. Every method raises `RedisError` or OSError as it comes."""

    def __init__(
        self, servers: Servers, stream: str, group: str, name: str, *, block_seconds: float, remember: int | None,
        selection: Selection = EVERYTHING,
    ) -> None:  # fmt: skip
        self.stream, self.group, self.name = stream, group, name
        self._block_milliseconds = int(block_seconds * 1000)
        self._remember = remember
        # The tag in braces keeps our keys in the stream's slot of a cluster.
        self._state = f"{{{stream}}}:client:{group}"
        self._handled = f"{{{stream}}}:handled:{group}"
        self._tries = f"{{{stream}}}:tries:{group}"
        self._dead = f"{{{stream}}}:dead:{group}"
        self._selection = selection
        self._owed: Gap | None = None  # before entries that were not handed out: told with the next one that is
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
        """Return the last id that the stream gave out; "0-0" if there is no stream."""
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
        batch = await self._redelivered(answer[1])
        batch.deleted += (
            [row.decode() for row in answer[2]] if len(answer) > 2 else []
        )  # Redis 7 took them off our list
        return answer[0].decode(), batch

    async def take(self, most: int) -> Batch:
        """New entries for this consumer."""
        keys = (self.stream, self._state, self._handled)
        entries, before, handled, end = await self._run("take", keys, self.group, self.name, most, STATE_SECONDS)
        batch = Batch([], [], end.decode())
        seq_before = int(before or 0)
        for (row_id, flat), was_handled in zip(entries, handled, strict=True):
            stream_id = row_id.decode()
            names, values = flat[::2], flat[1::2]
            seq = _seq(names, values)
            gap = _joined(self._owed, await self._gap(seq_before, seq))
            if seq is not None:
                seq_before = seq
                self._last = (seq, stream_id)
            envelope = self._parse(stream_id, names, values)
            if envelope is None or (was_handled and gap is None):
                self._owed = gap
                batch.handled.append(stream_id)
            else:
                self._owed = None
                batch.messages.append(Message(stream_id, envelope, gap, bool(was_handled), self.stream))
        return batch

    async def wait(self, end: str) -> None:
        """Return when the stream has grown beyond ``end``, or after ``block_seconds``."""
        await self._redis.execute(
            "XREAD", "COUNT", 1, "BLOCK", max(1, self._block_milliseconds), "STREAMS", self.stream, end
        )

    async def done(self, message: Message, gone: Iterable[str] = ()) -> None:
        """Ack, and remember the id; ack entries that are gone from the stream, which the message's gap told."""
        remembered = message.id if self._remember else ""
        what: tuple[str | int, ...] = (
            self.group,
            remembered,
            self._remember or 0,
            MAX_HANDLED,
            message.stream_id,
            *gone,
        )
        await self._run("done", (self.stream, self._handled, self._tries), *what)

    async def count_delivery(self, message: Message, *, is_counted: bool) -> tuple[Message, str]:
        """Count that a message which was handed out before is handed out again; gives it with the count, and why it was
        not handled the last time, as far as that is known."""
        what = (message.stream_id, int(not is_counted), STATE_SECONDS)
        tries, why = await self._run("count", (self._tries,), *what)
        return replace(message, deliveries=int(tries) + 1), why.decode("utf-8", "replace")

    async def note_failure(self, message: Message, why: str) -> None:
        """Note why a message was not handled, for its dead letter."""
        await self._redis.execute("HSET", self._tries, f"why:{message.stream_id}", why[:500])

    async def set_aside(self, message: Message, reason: str) -> None:
        """Move a message to the group's dead letters and ack it."""
        keys = (self.stream, self._dead, self._tries)
        what = (self.group, message.stream_id, reason[:500], message.deliveries, MAX_DEAD_LETTERS)
        await self._run("set_aside", keys, *what)

    async def dead_letters(self, most: int) -> list[DeadLetter]:
        """Return the group's dead letters on this stream, oldest first."""
        found = []
        for row_id, flat in await self._redis.execute("XRANGE", self._dead, "-", "+", "COUNT", most):
            fields = dict(zip(flat[::2], flat[1::2], strict=True))
            stream_id = fields.pop(b"stream_id", b"").decode()
            reason, count = fields.pop(b"reason", b"").decode("utf-8", "replace"), int(fields.pop(b"deliveries", b"1"))
            envelope = self._parse(stream_id, list(fields), list(fields.values()), select=False) if fields else None
            message = Message(stream_id, envelope, None, True, self.stream, count) if envelope else None
            found.append(DeadLetter(row_id.decode(), self.stream, stream_id, reason, count, message))
        return found

    async def drop_dead_letters(self, ids: list[str]) -> None:
        """Delete dead letters."""
        await self._redis.execute("XDEL", self._dead, *ids)

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
            if row is None:  # Redis 6.2 claims a pending entry that is gone from the stream, and does not say which
                batch.is_partial = True
                continue
            stream_id, flat = row[0].decode(), row[1]
            if not flat:
                batch.deleted.append(stream_id)
            elif envelope := self._parse(stream_id, flat[::2], flat[1::2]):
                found.append(Message(stream_id, envelope, None, True, self.stream))
            else:
                batch.handled.append(stream_id)
        ids = [message.id for message in found]
        scores = await self._redis.execute("ZMSCORE", self._handled, *ids) if ids and self._remember else []
        for place, message in enumerate(found):
            if place < len(scores) and scores[place] is not None:
                batch.handled.append(message.stream_id)
            else:
                batch.messages.append(message)
        return batch

    def _parse(
        self, stream_id: str, names: list[bytes], values: list[bytes], *, select: bool = True
    ) -> Envelope | None:
        """Return the entry's envelope; None where it is not selected, or none of ours."""
        flat = dict(zip(names, values, strict=True))
        if select and not self._selection.is_everything:
            given = {
                k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in flat.items() if k != b"data"
            }
            if not self._selection.wants(given):
                return None
        try:
            return parse(flat)
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


def _seq(names: list[bytes], values: list[bytes]) -> int | None:
    for name, value in zip(names, values, strict=True):
        if name == b"seq":
            return int(value) if value.isdigit() and len(value) < 20 else None
    return None


def _joined(first: Gap | None, second: Gap | None) -> Gap | None:
    """Two gaps before one message as one."""
    if first is None or second is None:
        return first or second
    seqs = [gap for gap in (first, second) if gap.before_seq] or [first]
    kind = second.kind if second.kind != "deleted" else first.kind
    return Gap(kind, first.missing + second.missing, seqs[0].after_seq, seqs[-1].before_seq)


def add_deleted(message: Message, count: int) -> Message:
    """Return the message with so many deleted entries before it in its gap."""
    return replace(message, gap=_joined(message.gap, Gap("deleted", count, 0, 0))) if count else message


def _read_script(name: str) -> tuple[str, str]:
    source = (resources.files(__package__) / "scripts" / f"{name}.lua").read_text()
    return source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


_SCRIPTS = {name: _read_script(name) for name in ("take", "done", "set_aside", "count")}


def is_refused(error: BaseException) -> bool:
    """Return whether Redis wants another user or password; redis-py wraps that while it connects."""
    refused = foreign.AuthenticationError | foreign.AuthorizationError
    return isinstance(error, refused) or isinstance(error.__cause__, refused)


def heals(error: Exception) -> bool:
    """Return whether waiting helps: Redis is away, or says that it is busy with itself."""
    if is_refused(error) or isinstance(error, CannotConnect):
        return False
    if isinstance(error, TlsRefused):
        return not error.is_lasting
    if isinstance(error, foreign.ResponseError):
        return any(word in str(error)[:400] for word in _HEALING)
    return isinstance(error, foreign.RedisError | OSError)


async def until_it_heals(
    step: Callable[[], Awaitable[T]], where: str = "", *, stopping: asyncio.Event | None = None
) -> T:
    """The answer of a step that may be done twice, waiting as long as Redis is away. ``where``: its address, for the log; a
    daemon of this machine whose Redis is elsewhere is named with it. Once ``stopping`` is set the step is tried once more, and
    what it raises is raised."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            return await heeding_cancel(step())
        except (foreign.RedisError, OSError) as error:
            if not heals(error) or (stopping and stopping.is_set()):
                raise
            at = f" at {where}" if where else ""
            name, other = type(error).__name__, _other_redis(where)
            log.warning("Redis%s does not answer (%s: %s)%s; again in %.1f s", at, name, error, other, wait)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await (stopping or asyncio.Event()).wait()
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def _other_redis(where: str) -> str:
    """Where a daemon of this machine has its Redis, if that is not ``where``; the end of a sentence, or empty."""
    try:
        from ..topology.daemons import other_redis  # needs fcntl, which Windows lacks
    except ImportError:
        return ""
    return other_redis(where) if where else ""
