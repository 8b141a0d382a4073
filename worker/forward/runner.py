"""Runs the configured forwarders: each a consumer group of the events stream with its own cursor, at least once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import Sequence
from typing import Any

from .. import plugins
from ..errors import PermanentError, StoreUnavailable, TransientError
from ..fetch.client import Client
from ..ports import Forwarder, Resources
from ..settings.schema import Component
from ..store.entries import pairs, rows
from ..store.redis import Connection
from ..telemetry import Logger, get_logger

FAMILY = __name__.rpartition(".")[0]
_BATCH = 100
_PARTITIONS = 32  #: asked for new entries in one round trip; what they have is in hand together
#: Pauses between looks at several partitions in which nothing was found, in seconds.
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.1, 1.0
#: Longest pause before the other side is tried again: it may have been away for hours, and be back since a moment.
MOST_WAIT_SECONDS = 20.0
#: What a worker has in hand and does not renew for so long goes to another, or to itself after a restart.
LEASE_SECONDS = 15.0
_DEAD_MS = 86_400_000
STOP_SECONDS = 10.0  #: how long a batch under way may take when the daemon stops


class Forwarding:
    """Every forwarder of the settings. Building them checks their options: raises SettingsError."""

    def __init__(
        self,
        connection: Connection,
        components: Sequence[Component],
        client: Client,
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._connection = connection
        self._lease_seconds = lease_seconds
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._forwarders: list[tuple[str, Forwarder]] = []
        for number, component in enumerate(components):
            where = f"[[forward]] {component.kind}"
            module = plugins.find(FAMILY, component.kind, where)
            options = {key: value for key, value in component.options.items() if key != "group"}
            settings = plugins.settings_of(module, options, where)
            resources = Resources(log=get_logger(f"forward.{component.kind}"), http_post=client.post)
            group = str(component.options.get("group") or f"forward-{component.kind}-{number}")
            self.add(group, module.build(settings, resources))

    def add(self, group: str, forwarder: Forwarder) -> None:
        """One more forwarder, before `run`."""
        self._forwarders.append((group, forwarder))

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; what was read and not yet safe on the other side is read again, here or elsewhere."""
        tasks = [asyncio.create_task(self._one(group, forwarder, stop)) for group, forwarder in self._forwarders]
        try:
            await stop.wait()
            if tasks:  # a batch under way may end; what does not is taken over by another, or at the next start
                await asyncio.wait(tasks, timeout=STOP_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, forwarder in self._forwarders:
                await forwarder.close()

    async def _one(self, group: str, forwarder: Forwarder, stop: asyncio.Event) -> None:
        """One forwarder on all partitions, a batch at a time: first what is ours or was dropped by others, then what is new."""
        log = get_logger("forward").bind(group=group)
        shares = [
            Share(self._connection, number, group, self.consumer, self._lease_seconds)
            for number in range(len(self._connection.keys))
        ]
        keeper = asyncio.create_task(_keep_for_ever(shares, self._lease_seconds))
        pause = FIRST_PAUSE_SECONDS
        try:
            while not stop.is_set():
                has_news = has_failed = False
                for start in range(0, len(shares), _PARTITIONS):
                    ready, failed = await self._read(shares[start : start + _PARTITIONS], log)
                    for share in ready:
                        failed = not await self._deliver(share, forwarder, stop, log) or failed
                    has_news, has_failed = has_news or bool(ready), has_failed or failed
                pause = FIRST_PAUSE_SECONDS if has_news else min(MOST_PAUSE_SECONDS, pause * 1.5)
                if has_failed or (len(shares) > 1 and not has_news):
                    await _rest(stop, MOST_PAUSE_SECONDS if has_failed else pause)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _read(self, shares: Sequence[Share], log: Logger) -> tuple[list[Share], bool]:
        """Shares that have a batch in hand now, and whether a partition could not be asked. One partition is waited for."""
        failed: list[tuple[Share, Exception]] = []
        waiting = [share for share in shares if share.is_at_end and len(shares) > 1]
        for share in shares:
            if share not in waiting:
                try:
                    await share.next(block_ms=1000 if len(shares) == 1 else 0)
                except StoreUnavailable as error:
                    failed.append((share, error))
        most = max(_BATCH // _PARTITIONS + 1, _BATCH // len(shares))
        answers = await self._connection.answers([share.ask_new(most) for share in waiting]) if waiting else []
        for share, answer in zip(waiting, answers, strict=True):
            if isinstance(answer, Exception):
                failed.append((share, answer))
            else:
                share.accept(answer)
        for share, reason in failed:
            log.warning("forward.delayed", reason=str(reason), stream=share.stream)
            share.begin_again(emptied=getattr(reason, "code", None) == "emptied")
        return [share for share in shares if share.batch], bool(failed)

    async def _deliver(self, share: Share, forwarder: Forwarder, stop: asyncio.Event, log: Logger) -> bool:
        """Forward what a share has in hand, again until it is taken; False where Redis failed, and it is read anew."""
        wait = 0.5
        while share.batch and not stop.is_set():
            try:
                await forwarder.forward([fields for _, fields in share.batch])
                await share.done()
                return True
            except PermanentError as error:
                log.error("entry.refused", reason=str(error), entry=share.refuse_first())
            except StoreUnavailable as error:
                log.warning("forward.delayed", reason=str(error), stream=share.stream)
                share.begin_again(emptied=error.code == "emptied")
                return False
            except TransientError as error:
                log.warning("forward.delayed", reason=str(error), wait_seconds=wait)
                share.begin_again()
                await _rest(stop, wait)
                wait = min(MOST_WAIT_SECONDS, wait * 2)
            except Exception:  # a forwarder's bug stops its own way only
                log.error("forward.failed", wait_seconds=wait, exc_info=True)
                share.begin_again()
                await _rest(stop, wait)
                wait = min(MOST_WAIT_SECONDS, wait * 2)
            try:
                await share.next()
            except StoreUnavailable as error:
                share.begin_again(emptied=error.code == "emptied")
                return False
        return True


class Share:
    """One worker's share of a group on one stream, under a name of its own: two workers never have the same entry in hand.

    What is in hand is renewed; what a worker that died had in hand is taken over a lease later. With one name for all, each
    worker that began anew would read, and send again, what the others were just sending.
    """

    def __init__(
        self, connection: Connection, partition: int, group: str, consumer: str, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.stream = connection.keys[partition].events
        self.batch: list[tuple[str, dict[str, str]]] = []  #: in hand: id and fields of each entry
        # An id is a stream's own: with several streams the partition stands before it, so that no two entries share one.
        self._mark = f"{partition}/" if len(connection.keys) > 1 else ""
        self._connection = connection
        self._group = group
        self._consumer = consumer
        self._lease_seconds = lease_seconds
        self._joined = False
        self._cursor = "0"
        self._refused = ""
        self._looked_at = 0.0

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is to be done here but to look for new entries."""
        waited = asyncio.get_running_loop().time() - self._looked_at
        return self._joined and self._cursor == ">" and not self._refused and waited <= self._lease_seconds / 2

    async def next(self, block_ms: int = 0) -> None:
        """Take entries in hand. None where nothing came for ``block_ms``. Raises StoreUnavailable."""
        if not self._joined:
            await self._join()
            await self._forget_the_dead()
            self._joined = True
        if self._refused:
            await self._connection.call("XACK", self.stream, self._group, self._refused)
            self._refused = ""
        now = asyncio.get_running_loop().time()
        if self._cursor == ">" and now - self._looked_at > self._lease_seconds / 2:
            self._looked_at = now
            await self._take_over()
        command: list[Any] = ["XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", _BATCH]
        command += ["BLOCK", block_ms] if block_ms and self._cursor == ">" else []
        self.accept(await self._connection.call(*command, "STREAMS", self.stream, self._cursor))
        if not self.batch:
            self._cursor = ">"

    def ask_new(self, most: int) -> tuple[Any, ...]:
        """The command that takes new entries in hand; its answer is for `accept`."""
        return "XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", most, "STREAMS", self.stream, ">"

    def accept(self, answer: Any) -> None:
        """Take in what Redis answered."""
        found = rows(answer[0][1]) if answer else []
        self.batch = [
            (
                mid,
                {"stream_id": self._mark + mid} | {k.decode(): v.decode("utf-8", "replace") for k, v in fields.items()},
            )
            for mid, fields in found
        ]

    async def done(self) -> None:
        """What `next` gave is safe on the other side."""
        await self._connection.call("XACK", self.stream, self._group, *(mid for mid, _ in self.batch))
        self.batch = []

    def refuse_first(self) -> str | None:
        """The first of the batch will never be taken: it is let go, the others are read again. Gives its event id."""
        self._refused, self._cursor = self.batch[0][0], "0"
        return self.batch[0][1].get("id")

    def begin_again(self, *, emptied: bool = False) -> None:
        """Read again what is in hand; ``emptied``: Redis came back without its data, and without our group."""
        self._joined, self._cursor = self._joined and not emptied, "0"

    async def keep(self) -> None:
        """Renew what is in hand."""
        if held := [mid for mid, _ in self.batch]:
            with contextlib.suppress(StoreUnavailable):  # the next turn may do it
                await self._connection.call("XCLAIM", self.stream, self._group, self._consumer, 0, *held, "JUSTID")

    async def _take_over(self) -> None:
        """What nobody renewed becomes ours."""
        least_ms = int(self._lease_seconds * 1000)
        answer = await self._connection.call(
            "XAUTOCLAIM", self.stream, self._group, self._consumer, least_ms, "0-0", "COUNT", _BATCH, "JUSTID"
        )
        if answer[1]:
            self._cursor = "0"

    async def _join(self) -> None:
        try:
            await self._connection.call("XGROUP", "CREATE", self.stream, self._group, "0", "MKSTREAM")
        except Exception as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _forget_the_dead(self) -> None:
        """Names of workers that hold nothing and have been silent for a day."""
        for row in await self._connection.call("XINFO", "CONSUMERS", self.stream, self._group):
            info = pairs(row)
            if info[b"pending"] == 0 and info[b"idle"] > _DEAD_MS and info[b"name"].decode() != self._consumer:
                await self._connection.call("XGROUP", "DELCONSUMER", self.stream, self._group, info[b"name"])


async def _keep_for_ever(shares: Sequence[Share], lease_seconds: float) -> None:
    """Renew what is in hand, however long the other side takes."""
    while True:
        await asyncio.sleep(lease_seconds / 3)
        for share in shares:
            await share.keep()


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
