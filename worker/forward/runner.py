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
from ..settings import Component
from ..store.entries import pairs, rows
from ..store.redis import Connection
from ..telemetry import Logger, get_logger

_BATCH = 100
_PARTITIONS = 32  #: partitions read in one round trip
#: Pauses between looks at several partitions in which nothing was found, in seconds.
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.1, 1.0
#: Longest pause between tries: a receiver that was away for hours gets entries soon after it is back.
MOST_WAIT_SECONDS = 20.0
#: Pending entries that are not renewed for this long are claimed by another worker, or by the same after a restart.
LEASE_SECONDS = 15.0
_IDLE_CONSUMER_MS = 86_400_000
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
            module = plugins.find(plugins.FORWARDERS, component.kind, where)
            options = {key: value for key, value in component.options.items() if key != "group"}
            settings = plugins.settings_of(module, options, where)
            resources = Resources(log=get_logger(f"forward.{component.kind}"), http_post=client.post)
            group = str(component.options.get("group") or f"forward-{component.kind}-{number}")
            self.add(group, module.build(settings, resources))

    def add(self, group: str, forwarder: Forwarder) -> None:
        """Add a forwarder, before `run`."""
        self._forwarders.append((group, forwarder))

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop``; entries that were read and not yet acked are redelivered, here or elsewhere."""
        tasks = [asyncio.create_task(self._one(group, forwarder, stop)) for group, forwarder in self._forwarders]
        try:
            await stop.wait()
            if tasks:  # let a batch finish; what does not is claimed by another worker, or at the next start
                await asyncio.wait(tasks, timeout=STOP_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, forwarder in self._forwarders:
                await forwarder.close()

    async def _one(self, group: str, forwarder: Forwarder, stop: asyncio.Event) -> None:
        """Run one forwarder on all partitions, a batch at a time: pending entries first, then new ones."""
        log = get_logger("forward").bind(group=group)
        shares = [
            Share(self._connection, number, group, self.consumer, self._lease_seconds)
            for number in range(len(self._connection.keys))
        ]
        keeper = asyncio.create_task(_renew_leases(shares, self._lease_seconds))
        pause = FIRST_PAUSE_SECONDS
        try:
            while not stop.is_set():
                has_news = has_failed = False
                for start in range(0, len(shares), _PARTITIONS):
                    ready, failed = await self._fetch(shares[start : start + _PARTITIONS], log)
                    for share in ready:
                        failed = not await self._deliver(share, forwarder, stop, log) or failed
                    has_news, has_failed = has_news or bool(ready), has_failed or failed
                pause = FIRST_PAUSE_SECONDS if has_news else min(MOST_PAUSE_SECONDS, pause * 1.5)
                if has_failed or (len(shares) > 1 and not has_news):
                    await _pause(stop, MOST_PAUSE_SECONDS if has_failed else pause)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _fetch(self, shares: Sequence[Share], log: Logger) -> tuple[list[Share], bool]:
        """Return shares with a batch, and whether a partition failed. Blocks only where there is one partition."""
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
            share.reread(emptied=getattr(reason, "code", None) == "emptied")
        return [share for share in shares if share.batch], bool(failed)

    async def _deliver(self, share: Share, forwarder: Forwarder, stop: asyncio.Event, log: Logger) -> bool:
        """Forward a share's batch, retrying until it is accepted; False where Redis failed and the batch is read again."""
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
                share.reread(emptied=error.code == "emptied")
                return False
            except TransientError as error:
                log.warning("forward.delayed", reason=str(error), wait_seconds=wait)
                share.reread()
                await _pause(stop, wait)
                wait = min(MOST_WAIT_SECONDS, wait * 2)
            except Exception:  # a bug of one forwarder must not stop the others
                log.error("forward.failed", wait_seconds=wait, exc_info=True)
                share.reread()
                await _pause(stop, wait)
                wait = min(MOST_WAIT_SECONDS, wait * 2)
            try:
                await share.next()
            except StoreUnavailable as error:
                share.reread(emptied=error.code == "emptied")
                return False
        return True


class Share:
    """One worker's consumer of a group on one stream, with its own name, so that two workers never process the same entry.

    Pending entries are renewed; those of a dead worker are claimed after a lease. With one name for all workers, each restart
    would read, and send again, what the others are sending.
    """

    def __init__(
        self, connection: Connection, partition: int, group: str, consumer: str, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.stream = connection.keys[partition].events
        self.batch: list[tuple[str, dict[str, str]]] = []  #: pending: id and fields of each entry
        # An id is a stream's own: with several streams the partition stands before it, so that no two entries share one.
        self._mark = f"{partition}/" if len(connection.keys) > 1 else ""
        self._connection = connection
        self._group = group
        self._consumer = consumer
        self._lease_seconds = lease_seconds
        self._joined = False
        self._cursor = "0"
        self._refused = ""
        self._claimed_at = 0.0

    @property
    def is_at_end(self) -> bool:
        """Return whether only new entries remain to be read."""
        waited = asyncio.get_running_loop().time() - self._claimed_at
        return self._joined and self._cursor == ">" and not self._refused and waited <= self._lease_seconds / 2

    async def next(self, block_ms: int = 0) -> None:
        """Read the next batch; empty where nothing came within ``block_ms``. Raises StoreUnavailable."""
        if not self._joined:
            await self._join()
            await self._delete_idle_consumers()
            self._joined = True
        if self._refused:
            await self._connection.call("XACK", self.stream, self._group, self._refused)
            self._refused = ""
        now = asyncio.get_running_loop().time()
        if self._cursor == ">" and now - self._claimed_at > self._lease_seconds / 2:
            self._claimed_at = now
            await self._take_over()
        command: list[Any] = ["XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", _BATCH]
        command += ["BLOCK", block_ms] if block_ms and self._cursor == ">" else []
        self.accept(await self._connection.call(*command, "STREAMS", self.stream, self._cursor))
        if not self.batch:
            self._cursor = ">"

    def ask_new(self, most: int) -> tuple[Any, ...]:
        """Return the command that reads new entries; pass its answer to `accept`."""
        return "XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", most, "STREAMS", self.stream, ">"

    def accept(self, answer: Any) -> None:
        """Set the batch from Redis's answer."""
        found = rows(answer[0][1]) if answer else []
        self.batch = [
            (
                mid,
                {"stream_id": self._mark + mid} | {k.decode(): v.decode("utf-8", "replace") for k, v in fields.items()},
            )
            for mid, fields in found
        ]

    async def done(self) -> None:
        """Ack the batch."""
        await self._connection.call("XACK", self.stream, self._group, *(mid for mid, _ in self.batch))
        self.batch = []

    def refuse_first(self) -> str | None:
        """Skip the first entry, which the receiver refused for good; the others are read again. Returns its event id."""
        self._refused, self._cursor = self.batch[0][0], "0"
        return self.batch[0][1].get("id")

    def reread(self, *, emptied: bool = False) -> None:
        """Read pending entries again; ``emptied``: Redis lost its data and the group."""
        self._joined, self._cursor = self._joined and not emptied, "0"

    async def renew(self) -> None:
        """Renew the lease of pending entries."""
        if held := [mid for mid, _ in self.batch]:
            with contextlib.suppress(StoreUnavailable):  # the next round may succeed
                await self._connection.call("XCLAIM", self.stream, self._group, self._consumer, 0, *held, "JUSTID")

    async def _take_over(self) -> None:
        """Claim entries whose lease has expired."""
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

    async def _delete_idle_consumers(self) -> None:
        """Delete consumers that hold nothing and have been idle for a day."""
        for row in await self._connection.call("XINFO", "CONSUMERS", self.stream, self._group):
            info = pairs(row)
            if info[b"pending"] == 0 and info[b"idle"] > _IDLE_CONSUMER_MS and info[b"name"].decode() != self._consumer:
                await self._connection.call("XGROUP", "DELCONSUMER", self.stream, self._group, info[b"name"])


async def _renew_leases(shares: Sequence[Share], lease_seconds: float) -> None:
    """Renew leases however long the receiver takes."""
    while True:
        await asyncio.sleep(lease_seconds / 3)
        for share in shares:
            await share.renew()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
