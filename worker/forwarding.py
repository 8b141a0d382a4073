"""Runs the configured forwarders: each a consumer group of the events stream with its own cursor, at least once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from worker import kinds
from worker.errors import PermanentError, StoreUnavailable, TransientError
from worker.fetch.client import Client
from worker.ports import Forwarder, Resources
from worker.settings import Component
from worker.store.entries import rows
from worker.store.redis import Connection
from worker.telemetry import get_logger

FAMILY = "worker.forward"
_BATCH = 100
#: Longest pause before the other side is tried again: it may have been away for hours, and be back since a moment.
MOST_WAIT_SECONDS = 20.0
STOP_SECONDS = 10.0  #: how long a batch under way may take when the daemon stops


class Forwarding:
    """Every forwarder of the settings. Building them checks their options: raises SettingsError."""

    def __init__(self, connection: Connection, components: Sequence[Component], client: Client) -> None:
        self._connection = connection
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
        """Until ``stop``; what was read and not yet safe on the other side is read again at the next start."""
        tasks = [
            asyncio.create_task(self._one(group, forwarder, partition, stop))
            for group, forwarder in self._forwarders
            for partition in range(len(self._connection.keys))
        ]
        try:
            await stop.wait()
            if tasks:  # a batch under way may end; what does not is read again at the next start
                await asyncio.wait(tasks, timeout=STOP_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, forwarder in self._forwarders:
                await forwarder.close()

    async def _one(self, group: str, forwarder: Forwarder, partition: int, stop: asyncio.Event) -> None:
        """One forwarder on one partition: first what an earlier run left pending, then what is new."""
        log = get_logger("forward").bind(group=group)
        stream = self._connection.keys[partition].events
        wait, cursor = 0.5, "0"
        joined, refused = False, ""
        batch: list[tuple[str, dict[str, str]]] = []
        while not stop.is_set():
            try:
                if not joined:
                    await self._join(stream, group)
                    joined = True
                if refused:
                    await self._connection.call("XACK", stream, group, refused)
                    refused = ""
                batch = await self._read(stream, group, cursor)
                if not batch:
                    cursor = ">"
                    continue
                await forwarder.forward([fields for _, fields in batch])
                await self._connection.call("XACK", stream, group, *(mid for mid, _ in batch))
                wait = 0.5
            except PermanentError as error:
                log.error("entry.refused", reason=str(error), entry=batch[0][1].get("id"))
                refused, cursor = batch[0][0], "0"
            except (TransientError, StoreUnavailable) as error:
                log.warning("forward.delayed", reason=str(error), wait_seconds=wait)
                joined = joined and error.code != "emptied"  # Redis came back without its data, and without our group
                await _rest(stop, wait)
                wait, cursor = min(MOST_WAIT_SECONDS, wait * 2), "0"
            except Exception:  # a forwarder's bug stops its own way only
                log.error("forward.failed", wait_seconds=wait, exc_info=True)
                await _rest(stop, wait)
                wait, cursor = min(MOST_WAIT_SECONDS, wait * 2), "0"

    async def _join(self, stream: str, group: str) -> None:
        try:
            await self._connection.call("XGROUP", "CREATE", stream, group, "0", "MKSTREAM")
        except Exception as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _read(self, stream: str, group: str, cursor: str) -> list[tuple[str, dict[str, str]]]:
        command: list[Any] = ["XREADGROUP", "GROUP", group, "forwarder", "COUNT", _BATCH]
        command += ["BLOCK", 1000] if cursor == ">" else []
        answer = await self._connection.call(*command, "STREAMS", stream, cursor)
        found = rows(answer[0][1]) if answer else []
        return [
            (mid, {"stream_id": mid} | {k.decode(): v.decode("utf-8", "replace") for k, v in fields.items()})
            for mid, fields in found
        ]


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
