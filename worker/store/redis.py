"""The connection to Redis, one server, a set with Sentinel or a cluster: scripts, batches, plain errors.

Every write is a script that is idempotent by itself, because the library sends a command again when a reply is lost.
Scripts take many items in one call: `Batch` gathers what one turn of the event loop asks for.
"""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from typing import Any
from urllib.parse import quote

import msgpack
from redis import exceptions as foreign

from ..cancellation import heeding_cancel
from ..errors import SettingsError, StoreUnavailable
from ..settings import RedisSettings
from ..telemetry import get_logger, inert
from ..topology.finders import SentinelRefused
from ..topology.node import REFUSED, Limits, Node, TlsRefused
from ..topology.servers import Servers
from .batch import WRONG_TYPE, Batch
from .keys import Keys

#: What heals by waiting, by the first word of Redis' answer, with what to tell the operator.
_HEALING = {
    "LOADING": "Redis is loading its data",
    "BUSY": "Redis is busy with a script",
    "MISCONF": "Redis cannot write to its disk (MISCONF): free the disk, then it goes on",
    "READONLY": "Redis is a read-only replica: point redis.url at the primary",
    "OOM": "Redis is out of memory: raise maxmemory; nothing is lost meanwhile",
    "NOREPLICAS": "Redis waits for its replicas (min-replicas-to-write)",
    "MASTERDOWN": "Redis lost its primary",
    "WAIT": "Redis became a replica while a write waited for its own replicas",
    "TRYAGAIN": "Redis Cluster is moving slots",
    "CLUSTERDOWN": "Redis Cluster is down",
    "UNKILLABLE": "Redis is busy with a script",
    "NOGROUP": "our streams or groups are not there any more",
    "UNBLOCKED": "our streams or groups are not there any more",
}
#: What Redis answers when it came back without its data: ``StoreUnavailable`` with the code ``emptied``.
_EMPTIED = {"NOGROUP", "UNBLOCKED"}
_NO_KEY = ("no such key", "requires the key to exist")  #: the same, of XINFO and XGROUP
_REFUSED = {
    "NOAUTH": "Redis wants a password: put it into redis.url",
    "WRONGPASS": "Redis refused the password in redis.url",
    "NOPERM": "the user of redis.url lacks a permission: docs/deploy.md has the ACL that it needs",
    "WRONGTYPE": "a key of ours holds something else: another program uses redis.prefix; choose another prefix",
    "CLUSTERED": "this server belongs to a Redis Cluster: write redis+cluster:// in redis.url",
    "DB index is out of range": "there is no database of that number: end redis.url in one that there is, /0",
    "UNCLUSTERED": "this server belongs to no cluster: write redis:// in redis.url",
}
#: Scripts, and their items, whose writes other partitions rely on: what names an article, who had its text first, and what is
#: published of it. In a cluster they are to be on a replica before the caller goes on.
_REPLICATED: dict[str, Callable[[Any], bool]] = {
    "publish": lambda item: True,
    "names": lambda item: item[2] != "ask",
    "prints": lambda item: item[0] == "first",
}
#: How long a write waits for replicas, longer where they follow, but are slow (counted from the partition's first write that
#: they did not have in time), and how long none is waited for after that.
_REPLICA_WAIT_MS = 500
_REPLICA_PATIENCE_SECONDS = 10.0
_REPLICA_PAUSE_SECONDS = 2.0
_SAY_SECONDS = 60.0  #: least time between two warnings of that
#: Scripts whose items go into one call, whoever hands them in: a poll gives its place back and commits in one step.
_POLL_STEPS = ("reserve", "release", "commit_feeds")

#: Of those, what one key is to blame for: the others of a batch can go on.
_ONE_KEY = {"WRONGTYPE": WRONG_TYPE}


#: The library takes the first word off these.
_CLASSES: dict[type[Exception], str] = {
    foreign.OutOfMemoryError: "OOM",
    foreign.ReadOnlyError: "READONLY",
    foreign.NoPermissionError: "NOPERM",
    foreign.MasterDownError: "MASTERDOWN",
    foreign.ClusterDownError: "CLUSTERDOWN",
    foreign.TryAgainError: "TRYAGAIN",
}
log = get_logger("store")
_WORDS = re.compile(r"\b[A-Z]{3,}\b")


def translate(error: Exception, where: str) -> Exception:
    """The library's exception as one of ours; an unknown answer stays what it is (a bug of ours)."""
    if isinstance(error, TlsRefused):
        return (SettingsError if error.is_lasting else StoreUnavailable)(f"Redis at {inert(str(error))}")
    if isinstance(error, SentinelRefused):
        return SettingsError(
            f"Redis at {where}: {_sentence(error)}; check ?sentinel_username=NAME&sentinel_password=PASSWORD in redis.url"
        )
    if isinstance(error, REFUSED):
        return SettingsError(
            f"Redis at {where}: {_sentence(error)}; check user and password in redis.url, or redis.password"
        )
    if isinstance(error, foreign.ResponseError):
        text = str(error)
        # Inside a script's error the word stands further on: "... -OOM command not allowed ... script: ...".
        words = set(_WORDS.findall(text[:600]))
        words |= {word for kind, word in _CLASSES.items() if isinstance(error, kind)}
        for word, say in _REFUSED.items():
            if word in words or (" " in word and word in text[:600]):
                return SettingsError(f"Redis at {where}: {say} ({inert(text, 120)})", code=_ONE_KEY.get(word))
        for word, say in _HEALING.items():
            if word in words:
                return StoreUnavailable(f"Redis at {where}: {say}", code="emptied" if word in _EMPTIED else None)
        if any(phrase in text for phrase in _NO_KEY):
            return StoreUnavailable(f"Redis at {where}: {_HEALING['NOGROUP']}", code="emptied")
        return error
    if isinstance(error, foreign.RedisError | OSError | asyncio.TimeoutError):
        return StoreUnavailable(f"Redis at {where} does not answer ({type(error).__name__}: {inert(str(error), 160)})")
    return error


def _sentence(error: Exception) -> str:
    return inert(str(error)).rstrip(".")


def _with_password(url: str, password: str | None) -> str:
    """The URL with this password in place of its own, percent-encoded."""
    if password is None:
        return url
    scheme, separator, rest = url.partition("://")
    user, at, servers = rest.rpartition("@")
    return f"{scheme}{separator}{user.partition(':')[0] if at else ''}:{quote(password, safe='')}@{servers}"


class Connection:
    """The servers and the scripts, for all partitions."""

    def __init__(self, settings: RedisSettings) -> None:
        """Open nothing yet. Raises SettingsError where ``redis.url`` is missing or none; the message shows no password."""
        self.settings = settings
        self.url = _with_password(settings.url or "", settings.password)
        limits = Limits(settings.timeout_seconds, connections=settings.connections)
        try:
            self.servers = Servers(self.url, limits)
        except ValueError as error:
            raise SettingsError(f"redis.url: {error}") from None  # the cause may show what stands in it
        self.where = self.servers.address.where
        self.keys = [Keys(settings.prefix, n) for n in range(settings.partitions)]
        self._wait_from: dict[int, float] = {}  # partition to when its replicas are waited for again
        self._behind_since: dict[int, float] = {}  # partition to the first write that they did not have in time
        self._unsafe_at = float("-inf")  # when something was written that no replica had in time
        self._said_at = float("-inf")
        folder = resources.files(__package__) / "scripts"
        prelude = (folder / "prelude.lua").read_text()
        self._scripts: dict[str, tuple[str, str]] = {}
        for file in folder.iterdir():
            if file.name.endswith(".lua") and file.name != "prelude.lua":
                source = prelude + file.read_text()
                self._scripts[file.name[:-4]] = (source, _sha1(source))
        bodies = {name: self._scripts[name][0].removeprefix(prelude) for name in _POLL_STEPS}
        source = prelude + "".join(f"local function {name}(args)\n{body}\nend\n" for name, body in bodies.items())
        calls = ", ".join(f"{name} = {name}" for name in bodies)
        source += (
            f"local steps, out = {{{calls}}}, {{}}\n"
            "for i, item in ipairs(args) do out[i] = steps[item[1]]({item[2]})[1] end\nreturn out\n"
        )
        self._scripts["poll_steps"] = (source, _sha1(source))
        self.poll_steps = Batch(self, "poll_steps")
        third = max(86400, int(settings.memory_days * 86400 / 3))
        self._constants = [
            msgpack.packb(
                [
                    keys.events,
                    int(settings.memory_days * 86400),
                    4,
                    third,
                    int(settings.sketch_days * 86400),
                    settings.dead_letters_limit,
                    settings.trail_limit,
                ],
                use_bin_type=False,
            )
            for keys in self.keys
        ]

    async def close(self) -> None:
        """Send what was handed in, then close every connection."""
        await self.poll_steps.drain()
        await self.servers.close()

    async def call(self, command: str, *args: Any, at: str | None = None) -> Any:
        """Send one plain command; for reads and for writes that are idempotent.

        Args:
            at: The key whose server gets a command that is about no key (TIME, SCAN); without it, partition 0's.
        Raises:
            StoreUnavailable, SettingsError.
        """
        try:
            return await heeding_cancel(self.servers.execute(command, *args, at=at or self.keys[0].events))
        except Exception as error:
            ours = translate(error, self.where)
            raise (ours if ours is not error else error) from error

    async def pipeline(self, commands: Sequence[tuple[Any, ...]], at: str | None = None) -> list[Any]:
        """Send several reads (or idempotent writes) in one round trip per server; gives the answers in order."""
        return [_raised(answer) for answer in await self.answers(commands, at)]

    async def answers(self, commands: Sequence[tuple[Any, ...]], at: str | None = None) -> list[Any]:
        """Do as `pipeline` does; an answer that is an error is given as StoreUnavailable or SettingsError, not raised."""
        try:
            found = await heeding_cancel(self.servers.pipeline(commands, at or self.keys[0].events))
        except Exception as error:
            ours = translate(error, self.where)
            raise (ours if ours is not error else error) from error
        return [translate(one, self.where) if isinstance(one, Exception) else one for one in found]

    async def script(self, name: str, items: Sequence[Any], partition: int = 0) -> Any:
        """Run one of ``scripts/*.lua`` on a partition. Raises StoreUnavailable, SettingsError."""
        source, sha = self._scripts[name]
        tail = self._tail(items, partition)
        replicas = 0
        if self.servers.is_cluster and name in _REPLICATED and any(map(_REPLICATED[name], items)):
            replicas = self.settings.wait_replicas
        try:
            try:
                return await self._run(replicas, partition, "EVALSHA", sha, *tail)
            except foreign.NoScriptError:
                return await self._run(replicas, partition, "EVAL", source, *tail)
        except Exception as error:
            ours = translate(error, self.where)
            raise (ours if ours is not error else error) from error

    async def scripts(self, name: str, items: Sequence[Any], partitions: Sequence[int]) -> list[Any]:
        """Run one script with the same items on several partitions, in one round trip per server; gives the answers in
        order, an error of one partition as StoreUnavailable or SettingsError in its place."""
        sha = self._scripts[name][1]
        commands = [("EVALSHA", sha, *self._tail(items, partition)) for partition in partitions]
        answers = await self.answers(commands)
        for place, (partition, answer) in enumerate(zip(partitions, answers, strict=True)):
            if isinstance(answer, foreign.NoScriptError):
                try:
                    answers[place] = await self.script(name, items, partition)
                except (StoreUnavailable, SettingsError) as error:
                    answers[place] = error
        return answers

    async def at_primaries(self, commands: Sequence[tuple[Any, ...]]) -> list[tuple[str, list[Any]]]:
        """Send commands about a server to every server that we write to; gives where each is, and its answers."""
        return [(where, _raised(answers)) for where, answers in await self.each_primary(commands)]

    async def each_primary(self, commands: Sequence[tuple[Any, ...]]) -> list[tuple[str, list[Any] | Exception]]:
        """Do as `at_primaries` does; of a server that does not answer its error is given, not raised."""

        async def ask(node: Node) -> tuple[str, list[Any] | Exception]:
            try:
                return node.where, [_raised(answer) for answer in await heeding_cancel(node.pipeline(commands))]
            except (foreign.RedisError, OSError) as error:
                return node.where, translate(error, self.where)

        try:
            nodes = await self.servers.primaries()
        except Exception as error:
            ours = translate(error, self.where)
            raise (ours if ours is not error else error) from error
        return list(await asyncio.gather(*map(ask, nodes)))

    async def shards(self) -> list[str]:
        """One key of ours on each server that has any: where to send what is about a server, not about a key."""
        places: dict[str, str] = {}
        for keys in self.keys:
            places.setdefault(await self.where_is(keys.events), keys.events)
        return list(places.values())

    async def where_is(self, key: str) -> str:
        """Host and port of the server that has a key. Raises StoreUnavailable."""
        try:
            return await self.servers.where_is(key)
        except Exception as error:
            ours = translate(error, self.where)
            raise (ours if ours is not error else error) from error

    def partition_of(self, name: str) -> int:
        """The partition that keeps what is known of a feed, an article, an owner or a hash."""
        if self.settings.partitions == 1:
            return 0
        return zlib.crc32(name.encode()) % self.settings.partitions

    def wrote_unsafely_since(self, at: float) -> bool:
        """Return whether something that was to be on a replica was written without one since ``at`` (`time.monotonic`)."""
        return self._unsafe_at >= at

    def _tail(self, items: Sequence[Any], partition: int) -> tuple[Any, ...]:
        # The scripts make their keys' names themselves. The two that are declared never exist: while a slot moves, and some
        # of its keys are here and some there, a server then refuses the script (TRYAGAIN), whatever the script would ask for.
        base = self.keys[partition].base
        return 2, base, base + "moving", self._constants[partition], msgpack.packb(list(items), use_bin_type=False)

    async def _run(self, replicas: int, partition: int, *command: Any) -> Any:
        if not replicas:
            return await heeding_cancel(self.servers.execute(*command))
        began = time.monotonic()
        if began < self._wait_from.get(partition, 0.0):
            answer = await heeding_cancel(self.servers.execute(*command))
            self._unsafe_at = time.monotonic()
            return answer
        patience = _REPLICA_PATIENCE_SECONDS - (began - self._behind_since.get(partition, began))
        answer, had = await heeding_cancel(
            self.servers.execute_replicated(
                *command, replicas=replicas, wait_ms=_REPLICA_WAIT_MS, patience_seconds=patience,
                mark=self.keys[partition].base + "waited",
            )
        )  # fmt: skip
        if had >= replicas:
            self._behind_since.pop(partition, None)
            return answer
        now = self._unsafe_at = time.monotonic()
        self._behind_since.setdefault(partition, began)
        self._wait_from[partition] = now + _REPLICA_PAUSE_SECONDS
        say = log.warning if now - self._said_at > _SAY_SECONDS else log.debug
        self._said_at = now if say is log.warning else self._said_at
        say(
            "store.not_replicated",
            partition=partition,
            replicas=had,
            wanted=replicas,
            note="if this server dies now, what was just published may be lost, or published twice; docs/scale.md",
        )
        return answer


def _raised(answer: Any) -> Any:
    """Give the answer of one command of a pipeline; raise it where it is an error."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def _sha1(source: str) -> str:
    import hashlib

    return hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


async def until_it_heals(
    step: Callable[[], Awaitable[Any]], tell: Callable[[StoreUnavailable, float], None], most_seconds: float = 5.0
) -> Any:
    """Do an idempotent step again until Redis answers, waiting 0.1 s and doubling; ``tell`` gets each failure."""
    wait = 0.1
    while True:
        try:
            return await step()
        except StoreUnavailable as error:
            tell(error, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, most_seconds)
