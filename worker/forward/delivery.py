"""Delivers batches to one receiver: tells a failing entry from a failing receiver, and sets only the entry aside.

A batch that fails is sent again entry by entry. An entry that failed ``tries`` times goes to the group's dead letters once
the receiver takes another one meanwhile; while it takes none, all wait. An entry that the receiver refuses outright goes
there at once, unless `REFUSED_IN_A_ROW` were refused and none accepted: then the receiver is at fault, and all wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from ..errors import PartlyForwarded, PermanentError, TransientError
from ..ports import Forwarder
from ..telemetry import Logger, inert
from .instances import Instances
from .options import Configured
from .share import Share

#: Longest pause between tries: a receiver that was away for hours gets entries soon after it is back.
FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 0.5, 20.0
REFUSED_IN_A_ROW = 50
#: How many further entries are read where a failing one is alone, to learn whether the receiver takes others.
_PROBES = 10

#: Called with the number of entries that were accepted, or set aside with the last reason.
OnAccepted = Callable[[int], None]
OnSetAside = Callable[[int, str], Coroutine[Any, Any, None]]
#: Whether another worker's entries were accepted within the last so many seconds.
AcceptedElsewhere = Callable[[float], Coroutine[Any, Any, bool]]


@dataclass(frozen=True, slots=True)
class _Sent:
    """What became of the entries of one call, by id; ``reason``: why the others were not accepted."""

    accepted: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(slots=True)
class Refusals:
    """How many entries the receiver refused since it last accepted one, of all partitions."""

    in_a_row: int = 0


class Delivery:
    """One partition's way to the receiver, and how it does. Used by one task at a time, so entries stay in order.

    Attributes:
        wait_seconds: How long to wait before the next try; 0 where the last one was accepted.
        failing_since: By the loop's clock, when tries began to fail; None where the last one was accepted.
        reason: Of the last failure.
    """

    def __init__(
        self, instances: Instances, configured: Configured, log: Logger, on_accepted: OnAccepted, on_set_aside: OnSetAside,
        accepted_elsewhere: AcceptedElsewhere, refusals: Refusals,
    ) -> None:  # fmt: skip
        self.wait_seconds = 0.0
        self.failing_since: float | None = None
        self.reason = ""
        self.accepted_at: float | None = None  #: by the loop's clock
        self._instances = instances
        self._selection = configured.selection
        self._tries = configured.common.tries
        self._log = log
        self._on_accepted = on_accepted
        self._on_set_aside = on_set_aside
        self._accepted_elsewhere = accepted_elsewhere
        self._refusals = refusals

    async def deliver(self, share: Share, stop: asyncio.Event) -> bool:
        """Send a share's batch once, or each of its entries once; returns whether all are off the pending list.

        Raises StoreUnavailable.
        """
        unwanted = {mid for mid, fields in share.batch if not self._selection.wants(fields)}
        await share.done(unwanted | share.accepted)
        if not share.batch:
            return True
        if not share.is_single:
            if (reason := await self._send(share, share.batch)) is None:
                return True
            share.is_single = len(share.batch) > 1
            share.count_try(share.batch[0][0])
            self._failed(reason)
            if share.is_single:
                self.wait_seconds = 0.0  # look at once which entry it is
            return False
        return await self._deliver_singly(share, stop)

    async def _deliver_singly(self, share: Share, stop: asyncio.Event) -> bool:
        while share.batch and not stop.is_set():
            head = share.batch[0]
            if (reason := await self._send(share, [head])) is None:
                continue
            tries = share.count_try(head[0])
            self._failed(reason)
            if tries < self._tries or not await self._takes_another(share):
                return False
            await self._give_up(share, {head[0]: reason})
            self.wait_seconds = 0.0
        share.is_single = False
        return True

    async def _takes_another(self, share: Share) -> bool:
        """Send the next entry, with each further try the one after it; return whether the receiver took it."""
        if len(share.batch) == 1:
            await share.extend(_PROBES)
            unwanted = {mid for mid, fields in share.batch[1:] if not self._selection.wants(fields)}
            await share.done(unwanted)
        others = share.batch[1:]
        if not others:  # another partition's, or another worker's before
            first = share.failed_at[share.batch[0][0]]
            return await self._accepted_elsewhere(asyncio.get_running_loop().time() - first)
        other = others[max(0, share.tries[share.batch[0][0]] - self._tries) % len(others)]
        if (reason := await self._send(share, [other])) is None:
            return True
        share.count_try(other[0])
        self._failed(reason)
        return False

    async def _send(self, share: Share, entries: list[tuple[str, dict[str, str]]]) -> str | None:
        """Send entries; ack those accepted, set those refused aside. Returns why the others failed, None where none did."""
        left = dict(entries)
        while left:
            sent = await self._try(share, left)
            if sent.accepted:
                await share.done(sent.accepted)
                self._accepted(len(sent.accepted))
            if sent.refused and self._refusals.in_a_row >= REFUSED_IN_A_ROW:
                for mid in sent.refused:
                    share.tries[mid] = max(self._tries, share.tries.get(mid, 0))
                return f"everything is refused, so all entries wait: {next(iter(sent.refused.values()))}"
            if sent.refused:
                self._refusals.in_a_row += len(sent.refused)
                await self._give_up(share, sent.refused)
            left = {mid: left[mid] for mid in left if mid not in sent.accepted and mid not in sent.refused}
            if sent.reason and left:
                return sent.reason
        return None

    async def _try(self, share: Share, entries: dict[str, dict[str, str]]) -> _Sent:
        """Call the forwarder once. Raises StoreUnavailable where the turn ended while another partition had the forwarder."""
        async with self._instances.lend() as forwarder:
            share.check_turn()
            return await self._call(forwarder, share, entries)

    async def _call(self, forwarder: Forwarder, share: Share, entries: dict[str, dict[str, str]]) -> _Sent:
        try:
            await forwarder.forward(list(entries.values()))
            return _Sent(accepted=set(entries))
        except PartlyForwarded as error:
            refused = {share.name_of(name): why for name, why in error.refused.items()}
            return _Sent(
                {share.name_of(name) for name in error.accepted} & set(entries),
                {mid: why for mid, why in refused.items() if mid in entries},
                str(error) or "not accepted",
            )
        except PermanentError as error:
            return _Sent(refused={next(iter(entries)): str(error)})
        except TransientError as error:
            return _Sent(reason=str(error))
        except Exception as error:  # a bug of one forwarder must not stop the others
            self._log.error("forward.failed", exc_info=True)
            return _Sent(reason=f"{type(error).__name__}: {inert(str(error))}")

    async def _give_up(self, share: Share, reasons: dict[str, str]) -> None:
        for mid, reason in reasons.items():
            self._log.error("forward.entry_set_aside", entry=mid, reason=reason, tries=share.tries.get(mid, 1))
        await share.set_aside(reasons)
        await self._on_set_aside(len(reasons), next(iter(reasons.values())))

    def _accepted(self, count: int) -> None:
        now = asyncio.get_running_loop().time()
        if self.failing_since is not None:
            self._log.info("forward.resumed", failed_seconds=round(now - self.failing_since, 1))
        self._refusals.in_a_row = 0
        self.failing_since, self.reason, self.wait_seconds, self.accepted_at = None, "", 0.0, now
        self._on_accepted(count)

    def _failed(self, reason: str) -> None:
        self.reason = reason
        if self.failing_since is None:
            self.failing_since = asyncio.get_running_loop().time()
        self.wait_seconds = min(MOST_WAIT_SECONDS, self.wait_seconds * 2) or FIRST_WAIT_SECONDS
        self._log.warning("forward.delayed", reason=reason, wait_seconds=self.wait_seconds)
