"""Runs the configured forwarders: each a consumer group of the events stream with its own cursor, at least once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import Sequence
from typing import Any

from worker import kinds
from worker.errors import PermanentError, StoreUnavailable, TransientError
from worker.fetch.client import Client
from worker.ports import Forwarder, Resources
from worker.settings import Component
from worker.store.entries import pairs, rows
from worker.store.redis import Connection
from worker.telemetry import get_logger

FAMILY = "worker.forward"
_BATCH = 100
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
            module = kinds.find(FAMILY, component.kind, where)
            options = {key: value for key, value in component.options.items() if key != "group"}
            settings = kinds.settings_of(module, options, where)
            resources = Resources(log=get_logger(f"forward.{component.kind}"), http_post=client.post)
            group = str(component.options.get("group") or f"forward-{component.kind}-{number}")
            self.add(group, module.build(settings, resources))

    def add(self, group: str, forwarder: Forwarder) -> None:
        """One more forwarder, before `run`."""
        self._forwarders.append((group, forwarder))

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; what was read and not yet safe on the other side is read again, here or elsewhere."""
        tasks = [
            asyncio.create_task(self._one(group, forwarder, partition, stop))
            for group, forwarder in self._forwarders
            for partition in range(len(self._connection.keys))
        ]
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

    async def _one(self, group: str, forwarder: Forwarder, partition: int, stop: asyncio.Event) -> None:
        """One forwarder on one partition: first what is ours or was dropped by others, then what is new."""
        log = get_logger("forward").bind(group=group)
        share = Share(
            self._connection, self._connection.keys[partition].events, group, self.consumer, self._lease_seconds
        )
        keeper = asyncio.create_task(share.keep_for_ever())
        wait = 0.5
        try:
            while not stop.is_set():
                try:
                    batch = await share.next()
                    if batch:
                        await forwarder.forward([fields for _, fields in batch])
                        await share.done()
                    wait = 0.5
                except PermanentError as error:
                    log.error("entry.refused", reason=str(error), entry=share.refuse_first())
                except (TransientError, StoreUnavailable) as error:
                    log.warning("forward.delayed", reason=str(error), wait_seconds=wait)
                    share.begin_again(emptied=error.code == "emptied")
                    await _rest(stop, wait)
                    wait = min(MOST_WAIT_SECONDS, wait * 2)
                except Exception:  # a forwarder's bug stops its own way only
                    log.error("forward.failed", wait_seconds=wait, exc_info=True)
                    share.begin_again()
                    await _rest(stop, wait)
                    wait = min(MOST_WAIT_SECONDS, wait * 2)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)


class Share:
    """One worker's share of a group on one stream, under a name of its own: two workers never have the same entry in hand.

    What is in hand is renewed; what a worker that died had in hand is taken over a lease later. With one name for all, each
    worker that began anew would read, and send again, what the others were just sending.
    """

    def __init__(
        self, connection: Connection, stream: str, group: str, consumer: str, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._group = group
        self._consumer = consumer
        self._lease_seconds = lease_seconds
        self._joined = False
        self._cursor = "0"
        self._refused = ""
        self._looked_at = 0.0
        self._batch: list[tuple[str, dict[str, str]]] = []

    async def next(self) -> list[tuple[str, dict[str, str]]]:
        """Entries to forward, now in hand: id and fields. Empty where nothing came for a second. Raises StoreUnavailable."""
        if not self._joined:
            await self._join()
            await self._forget_the_dead()
            self._joined = True
        if self._refused:
            await self._connection.call("XACK", self._stream, self._group, self._refused)
            self._refused = ""
        now = asyncio.get_running_loop().time()
        if self._cursor == ">" and now - self._looked_at > self._lease_seconds / 2:
            self._looked_at = now
            await self._take_over()
        self._batch = await self._read()
        if not self._batch:
            self._cursor = ">"
        return self._batch

    async def done(self) -> None:
        """What `next` gave is safe on the other side."""
        await self._connection.call("XACK", self._stream, self._group, *(mid for mid, _ in self._batch))
        self._batch = []

    def refuse_first(self) -> str | None:
        """The first of the batch will never be taken: it is let go, the others are read again. Gives its event id."""
        self._refused, self._cursor = self._batch[0][0], "0"
        return self._batch[0][1].get("id")

    def begin_again(self, *, emptied: bool = False) -> None:
        """Read again what is in hand; ``emptied``: Redis came back without its data, and without our group."""
        self._joined, self._cursor = self._joined and not emptied, "0"

    async def keep_for_ever(self) -> None:
        """Renew what is in hand, however long the other side takes."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            if held := [mid for mid, _ in self._batch]:
                with contextlib.suppress(StoreUnavailable):  # the next turn may do it
                    await self._connection.call("XCLAIM", self._stream, self._group, self._consumer, 0, *held, "JUSTID")

    async def _take_over(self) -> None:
        """What nobody renewed becomes ours."""
        least_ms = int(self._lease_seconds * 1000)
        answer = await self._connection.call(
            "XAUTOCLAIM", self._stream, self._group, self._consumer, least_ms, "0-0", "COUNT", _BATCH, "JUSTID"
        )
        if answer[1]:
            self._cursor = "0"

    async def _join(self) -> None:
        try:
            await self._connection.call("XGROUP", "CREATE", self._stream, self._group, "0", "MKSTREAM")
        except Exception as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _forget_the_dead(self) -> None:
        """Names of workers that hold nothing and have been silent for a day."""
        for row in await self._connection.call("XINFO", "CONSUMERS", self._stream, self._group):
            info = pairs(row)
            if info[b"pending"] == 0 and info[b"idle"] > _DEAD_MS and info[b"name"].decode() != self._consumer:
                await self._connection.call("XGROUP", "DELCONSUMER", self._stream, self._group, info[b"name"])

    async def _read(self) -> list[tuple[str, dict[str, str]]]:
        command: list[Any] = ["XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", _BATCH]
        command += ["BLOCK", 1000] if self._cursor == ">" else []
        answer = await self._connection.call(*command, "STREAMS", self._stream, self._cursor)
        found = rows(answer[0][1]) if answer else []
        return [
            (mid, {"stream_id": mid} | {k.decode(): v.decode("utf-8", "replace") for k, v in fields.items()})
            for mid, fields in found
        ]


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
