"""Runs the configured forwarders: each a consumer group of the events stream with its own cursor, at least once.

Each partition is delivered on its own, in its order: one whose entries fail, or whose receiver hangs, holds no other one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..errors import StoreUnavailable
from ..fetch.client import Client
from ..ports import Forwarder, Resources
from ..settings import Component
from ..store import groups, upkeep
from ..store.redis import Connection
from ..telemetry import Metrics, get_logger
from .delivery import MOST_WAIT_SECONDS, Delivery, Refusals
from .instances import Instances
from .options import Configured, configure
from .share import BATCH, LEASE_SECONDS, Share
from .status import STUCK_SECONDS, leftovers

_PARTITIONS = 32  #: partitions read in one round trip
#: Partitions of one forwarder that are in hand at a time, each with entries and with an instance where its kind has one for
#: each partition; with more, they take turns.
IN_HAND = 16
#: Pauses between looks at several partitions in which nothing was found, in seconds.
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.1, 1.0
BLOCK_MS = 1000  #: how long Redis is waited for where there is one partition
STOP_SECONDS = 10.0  #: how long a batch under way may take when the daemon stops
#: How often lag and state are noted, and, in multiples of that, dead consumers deleted.
NOTE_SECONDS, _CLEAN_EVERY = 5.0, 60
_NOTICE_SECONDS = 60.0  #: least time between two notices of entries set aside
_BY_NUMBER = re.compile(r"forward-[a-z0-9_]+-\d{1,3}")  #: groups of older versions: by kind and place in the settings


class Forwarding:
    """Every forwarder of the settings. Building them checks their options: raises SettingsError."""

    def __init__(
        self,
        connection: Connection,
        components: Sequence[Component],
        client: Client,
        *,
        metrics: Metrics | None = None,
        lease_seconds: float = LEASE_SECONDS,
        note_seconds: float = NOTE_SECONDS,
    ) -> None:
        self._connection = connection
        self._lease_seconds = lease_seconds
        self._note_seconds = note_seconds
        self._metrics = metrics or Metrics()
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._all: list[ForwarderTask] = []
        for configured in configure(list(components)):
            log = get_logger(f"forward.{configured.kind}")
            resources = Resources(log=log, http_post=client.post, http_exchange=client.exchange)
            build = partial(configured.module.build, configured.settings, resources)
            self.add(configured, build(), build if getattr(configured.module, "PER_PARTITION", False) else None)

    def add(self, configured: Configured, forwarder: Forwarder, another: Callable[[], Forwarder] | None = None) -> None:
        """Add a forwarder, before `run`. ``another``: makes a further instance; without it, one serves all partitions."""
        log = get_logger("forward").bind(group=configured.group)
        instances = Instances(forwarder, another, IN_HAND, log)
        self._all.append(
            ForwarderTask(self._connection, configured, instances, self.consumer, self._metrics, self._lease_seconds)
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop``; entries that were read and not yet acked are redelivered, here or elsewhere."""
        tasks = [asyncio.create_task(one.run(stop)) for one in self._all]
        noting = asyncio.create_task(self._note(stop))
        try:
            await stop.wait()
            if tasks:  # let a batch finish; what does not is claimed by another worker, or at the next start
                await asyncio.wait(tasks, timeout=STOP_SECONDS)
        finally:
            for task in (*tasks, noting):
                task.cancel()
            await asyncio.gather(*tasks, noting, return_exceptions=True)
            for one in self._all:
                await one.close()

    async def _note(self, stop: asyncio.Event) -> None:
        """Note lag and state of every forwarder, and name the groups of forwarders that no setting names."""
        log, ticks, named = get_logger("forward"), 0, set[str]()
        while not stop.is_set():
            try:
                for one in self._all:
                    await one.note()
                    if ticks % _CLEAN_EVERY == 1 and one.is_registered:
                        await groups.delete_dead_consumers(self._connection, one.group, keep=self.consumer)
                is_ready = all(one.is_registered for one in self._all)  # until then a group may yet be adopted
                for group in await leftovers(self._connection, [one.group for one in self._all]) if is_ready else ():
                    if group not in named:
                        named.add(group)
                        remedy = f"`dateline forward adopt {group} NEW`, or `dateline forward drop {group}`"
                        log.warning(
                            "forward.group_left", group=group, remedy=f"no [[forward]] table names it: {remedy}"
                        )
            except StoreUnavailable as error:
                log.debug("forward.state_not_noted", reason=str(error))
            ticks += 1
            await pause(stop, self._note_seconds)


class ForwarderTask:
    """One forwarder on all partitions."""

    def __init__(
        self, connection: Connection, configured: Configured, instances: Instances, consumer: str, metrics: Metrics,
        lease_seconds: float,
    ) -> None:  # fmt: skip
        self.group = configured.group
        self.is_registered = False
        self._log = get_logger("forward").bind(group=self.group)
        self._connection = connection
        self._configured = configured
        self._instances = instances
        self._metrics = metrics
        self._lease_seconds = lease_seconds
        self._shares = [
            Share(connection, number, self.group, consumer, start=configured.start, lease_seconds=lease_seconds)
            for number in range(len(connection.keys))
        ]
        refusals = Refusals()
        self._deliveries = [
            Delivery(
                instances, configured, self._log.bind(stream=share.stream) if len(self._shares) > 1 else self._log,
                self._accepted, self._set_aside, self._accepted_elsewhere, refusals,
            )
            for share in self._shares
        ]  # fmt: skip
        self._in_hand: dict[int, asyncio.Task[None]] = {}  # by partition
        self._next = 0  # the partition that is looked at first
        self._is_stuck = False
        self._noticed_at = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver a batch of each partition at a time: pending entries first, then new ones."""
        await self._register(stop)
        keeper = asyncio.create_task(_renew_leases(self._connection, self._shares, self._lease_seconds))
        stopped = asyncio.create_task(stop.wait())
        wait = FIRST_PAUSE_SECONDS
        try:
            while not stop.is_set():
                has_news, has_failed = await self._round(stop)
                wait = FIRST_PAUSE_SECONDS if has_news else min(MOST_PAUSE_SECONDS, wait * 1.5)
                if len(self._shares) == 1 and self._in_hand:
                    await asyncio.wait({stopped, *self._in_hand.values()}, return_when=asyncio.FIRST_COMPLETED)
                elif has_failed or len(self._shares) > 1 or not self._shares[0].has_turn:
                    seconds = MOST_PAUSE_SECONDS if has_failed else wait
                    ends = {stopped, *self._in_hand.values()}
                    await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                self._let_go()
            await asyncio.gather(*self._in_hand.values())
        finally:
            others = (keeper, stopped, *self._in_hand.values())
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        for share in self._shares:
            await share.leave()

    async def close(self) -> None:
        """Close every instance."""
        await self._instances.close()

    async def note(self) -> None:
        """Note how the forwarder does, for other processes; give a notice when it becomes stuck, or goes on again."""
        if not self.is_registered:
            return
        now, loop = await upkeep.server_time(self._connection), asyncio.get_running_loop()
        worst = min(
            (one for one in self._deliveries if one.failing_since is not None),
            key=lambda one: one.failing_since or 0.0,
            default=None,
        )
        failed_seconds = loop.time() - (worst.failing_since or 0.0) if worst is not None else 0.0
        reason = worst.reason if worst is not None else ""
        changes: dict[str, float | str] = {"failing_since": now - failed_seconds if worst is not None else 0.0}
        changes["reason"] = reason
        if accepted := [one.accepted_at for one in self._deliveries if one.accepted_at is not None]:
            changes["accepted_at"] = now - (loop.time() - max(accepted))
        await groups.note_forwarder(self._connection, self.group, changes)
        lag, _ = await upkeep.lag_of(self._connection, self.group)
        self._metrics.forward_failing.labels(self.group).set(failed_seconds)
        is_stuck = failed_seconds > STUCK_SECONDS
        if is_stuck != self._is_stuck:
            self._is_stuck = is_stuck
            kind = "forward.stuck" if is_stuck else "forward.resumed"
            data = {"reason": reason, "lag": lag, "target": self._configured.target}
            await upkeep.notify(self._connection, kind, self.group, data)
            if is_stuck:
                self._log.error("forward.stuck", failed_seconds=round(failed_seconds), lag=lag, reason=reason)

    async def _register(self, stop: asyncio.Event) -> None:
        """Note what the forwarder is; adopt the group that its kind had when groups were named by number."""
        configured = self._configured
        state = groups.ForwarderState(self.group, configured.kind, configured.target)
        while not stop.is_set():
            try:
                there = [row["name"] for row in await groups.describe(self._connection, 0)]
                old = [
                    name
                    for name in there
                    if _BY_NUMBER.fullmatch(name) and name.startswith(f"forward-{configured.kind}-")
                ]
                if self.group not in there and len(old) == 1 and configured.is_only_one:
                    moved = await groups.adopt(self._connection, old[0], self.group)
                    self._log.info("forward.group_adopted", old=old[0], pending=moved)
                await groups.record_forwarder(self._connection, state)
                self.is_registered = True
                return
            except StoreUnavailable as error:
                self._log.warning("forward.delayed", reason=str(error))
                await pause(stop, MOST_PAUSE_SECONDS)

    async def _round(self, stop: asyncio.Event) -> tuple[bool, bool]:
        """Look at every partition that is not in hand, and deliver what there is; returns whether there was anything, and
        whether Redis failed."""
        has_news = has_failed = False
        first, self._next = self._next, (self._next + IN_HAND) % len(self._shares)
        order = [*self._shares[first:], *self._shares[:first]]
        free = [share for share in order if share.partition not in self._in_hand]
        while free and len(self._in_hand) < IN_HAND and not stop.is_set():
            most = min(_PARTITIONS, IN_HAND - len(self._in_hand))
            some, free = free[:most], free[most:]
            ready, failed = await self._fetch(some)
            for share in ready:
                self._in_hand[share.partition] = asyncio.create_task(self._deliver(share, stop))
            has_news, has_failed = has_news or bool(ready), has_failed or failed
        return has_news, has_failed

    async def _deliver(self, share: Share, stop: asyncio.Event) -> None:
        """Deliver the batch of one partition; where that fails, wait before it is read again.

        A worker that fails for long gives its turn back meanwhile: another one may reach the receiver.
        """
        delivery = self._deliveries[share.partition]
        seconds, is_done = 0.0, False
        try:
            is_done = await delivery.deliver(share, stop)
        except StoreUnavailable as error:
            self._lost(share, error)
            seconds = MOST_PAUSE_SECONDS
        if (is_done and len(self._shares) > 1) or delivery.wait_seconds >= MOST_WAIT_SECONDS:
            await share.give_back()
        if seconds := max(seconds, delivery.wait_seconds):
            await pause(stop, seconds)

    def _let_go(self) -> None:
        """Take partitions whose batch is done out of hand. Raises what a delivery raised."""
        for partition, task in list(self._in_hand.items()):
            if task.done():
                del self._in_hand[partition]
                task.result()

    async def _fetch(self, shares: Sequence[Share]) -> tuple[list[Share], bool]:
        """Return shares with a batch, and whether a partition failed. Blocks only where there is one partition."""
        is_alone, has_failed = len(self._shares) == 1, False
        joined = []
        for share in shares:
            try:
                await share.join()
                joined.append(share)
            except StoreUnavailable as error:
                has_failed = self._lost(share, error)
        if not joined:
            return [], has_failed
        most = max(BATCH // _PARTITIONS + 1, BATCH // len(self._shares))
        asked_at, items = asyncio.get_running_loop().time(), joined[0].request(most, keep=is_alone)
        places = [share.partition for share in joined]
        answers: Sequence[Any]
        try:
            answers = await self._connection.scripts("take_turn", items, places)
        except StoreUnavailable as error:
            answers = [error] * len(joined)
        for share, answer in zip(joined, answers, strict=True):
            if isinstance(answer, Exception):
                has_failed = self._lost(share, answer)
            else:
                share.accept(answer, asked_at)
        if is_alone and not has_failed and joined[0].has_turn and not joined[0].batch:
            try:
                await joined[0].wait_for_news(BLOCK_MS)
            except StoreUnavailable as error:
                has_failed = self._lost(joined[0], error)
        return [share for share in joined if share.batch], has_failed

    def _lost(self, share: Share, reason: Exception) -> bool:
        self._log.warning("forward.delayed", reason=str(reason), stream=share.stream)
        if getattr(reason, "code", None) == "emptied":
            share.rejoin()
        return True

    def _accepted(self, count: int) -> None:
        self._metrics.forward_delivered.labels(self.group).inc(count)

    async def _set_aside(self, count: int, reason: str) -> None:
        self._metrics.forward_set_aside.labels(self.group).inc(count)
        now = asyncio.get_running_loop().time()
        if now - self._noticed_at >= _NOTICE_SECONDS:
            self._noticed_at = now
            data = {"reason": reason, "target": self._configured.target}
            await upkeep.notify(self._connection, "forward.entry_set_aside", self.group, data)

    async def _accepted_elsewhere(self, within_seconds: float) -> bool:
        known = (await groups.forwarders(self._connection)).get(self.group)
        if known is None or not known.accepted_at:
            return False
        return await upkeep.server_time(self._connection) - known.accepted_at < within_seconds


async def _renew_leases(connection: Connection, shares: Sequence[Share], lease_seconds: float) -> None:
    """Renew leases however long the receiver takes; servers side by side, so that one that is silent costs its own only."""

    async def renew(some: Sequence[Share]) -> None:
        for share in some:
            await share.renew()

    while True:
        await asyncio.sleep(lease_seconds / 3)
        places: dict[str, list[Share]] = {}
        for share in shares:
            with contextlib.suppress(StoreUnavailable):  # the next turn may know where it is
                places.setdefault(await connection.where_is(share.stream), []).append(share)
        await asyncio.gather(*map(renew, places.values()))


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, at most until ``stop``."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
