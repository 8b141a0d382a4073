"""Reads the events stream into the index, from where the index ends; every partition's stream in its own order."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable

from ... import clock
from ...contract.stream import order
from ...errors import SettingsError, StoreUnavailable
from ...index.database import Database, IndexUnavailable
from ...index.retention import trim_index
from ...index.write import StreamEntry, Written, cursors, get_meta, rewind, set_meta, write_batch
from ...settings import DeskSettings
from ...store.entries import pairs, rows
from ...store.redis import Connection
from ...telemetry import get_logger

#: Entries read of one stream at a time; one transaction of the index, some tenths of a second.
_BATCH = 300
_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.3, 10.0
_TRIM_SECONDS = 60.0

log = get_logger("desk")


class Follower:
    """Keeps the index up with the stream. The place in each stream is part of the index, so that both are lost together."""

    def __init__(
        self, connection: Connection, database: Database, settings: DeskSettings, changed: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._database = database
        self._settings = settings
        self._changed = changed
        self._after: dict[str, str] = {}
        self._is_checked = False
        self.is_caught_up = False

    def places(self) -> dict[str, str]:
        """Return the last stream id that was read, by stream."""
        return dict(self._after)

    async def run(self) -> None:
        """Follow the stream until cancelled; waits where Redis or the index is away."""
        wait, trim_at = _WAIT_SECONDS, 0.0
        self._after = await self._database.read(cursors)
        while True:
            try:
                done = await self.step()
                if clock.now().timestamp() >= trim_at and (done is None or not done.indexed):
                    trim_at = clock.now().timestamp() + _TRIM_SECONDS
                    await self._trim()
                wait = _WAIT_SECONDS
            except (StoreUnavailable, IndexUnavailable) as error:
                log.warning("desk.delayed", reason=str(error), wait_seconds=wait)
                await asyncio.sleep(wait)
                wait = min(_LONGEST_WAIT_SECONDS, wait * 2)
                continue
            if done is None:
                await asyncio.sleep(_WAIT_SECONDS)

    async def check_store(self) -> None:
        """Make sure that the index was filled from this Redis, once; where one of both has no id, it gets the other's.

        A Redis that came back empty has none: it gets the index's again, and what it lost stays on the desk.

        Raises:
            SettingsError: The index is another Redis' one.
        """
        if self._is_checked:
            return
        known, after = await self._database.read(
            lambda connection: (get_meta(connection, "store"), cursors(connection))
        )
        table = self._connection.keys[0].meta
        found = (await self._connection.call("HGET", table, "id") or b"").decode()
        if known and (found != known if found else await self._has_older(after)):
            raise SettingsError(
                f"desk.index_file {self._database.path} was filled from another Redis, not from this one: name another "
                "file, or delete it and it is filled again from this one"
            )
        if not found:
            await self._connection.call("HSETNX", table, "id", known or uuid.uuid4().hex)
            found = (await self._connection.call("HGET", table, "id")).decode()
        if not known:
            await self._database.write(lambda connection: set_meta(connection, "store", found))
        self._is_checked = True

    async def _has_older(self, after: dict[str, str]) -> bool:
        """Whether the first stream has entries from before the place to which the index has read one of its name."""
        stream = self._connection.keys[0].events
        first = rows(await self._connection.call("XRANGE", stream, "-", "+", "COUNT", 1))
        return bool(first) and stream in after and order(first[0][0]) <= order(after[stream])

    async def step(self) -> Written | None:
        """Index what is new, at most a batch of each stream; None where there is nothing. Raises Store- or IndexUnavailable."""
        await self.check_store()
        streams = [keys.events for keys in self._connection.keys]
        commands = [("XRANGE", name, f"({self._after.get(name, '0-0')}", "+", "COUNT", _BATCH) for name in streams]
        answers = await self._connection.pipeline(commands)
        fresh = [
            StreamEntry(stream, stream_id, fields)
            for stream, answer in zip(streams, answers, strict=True)
            for stream_id, fields in rows(answer)
        ]
        if not fresh:
            await self._notice_loss(streams)
            self.is_caught_up = True
            return None
        self.is_caught_up = False
        done = await self._database.write(lambda connection: write_batch(connection, fresh))
        self._after |= {entry.stream: entry.stream_id for entry in fresh}
        if done.missing:
            log.warning(
                "desk.entries_missing", entries=done.missing, note="trimmed from the stream before the desk read them"
            )
        self._changed(done.version)
        return done

    async def _notice_loss(self, streams: list[str]) -> None:
        """Read a stream from its start where it ends before the place that we have read: Redis came back without its data."""
        for stream in streams:
            after = self._after.get(stream)
            if after is None or not await self._is_shorter(stream, after):
                continue
            self._is_checked = False
            log.warning("desk.stream_restarted", stream=stream, note="it is read from its start; the index is kept")
            await self._database.write(lambda connection, stream=stream: rewind(connection, stream))  # type: ignore[misc]
            del self._after[stream]

    async def _is_shorter(self, stream: str, after: str) -> bool:
        with contextlib.suppress(Exception):  # no such key: nothing was published since
            last = pairs(await self._connection.call("XINFO", "STREAM", stream))[b"last-generated-id"].decode()
            return order(last) < order(after)
        return False

    async def _trim(self) -> None:
        now = clock.now().timestamp()
        bounds = {"keep_days": self._settings.keep_days, "max_bytes": self._settings.max_mib << 20}
        while await self._database.write(lambda connection: trim_index(connection, now=now, **bounds)):  # type: ignore[arg-type]
            await asyncio.sleep(0)
