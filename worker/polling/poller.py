"""What happens to each feed that is due: claim, fetch, decide when next, commit.

claim ─ fetch ─┬─ 304, or the bytes we had ──────────┬─ decide when next ─ commit
               └─ parse and identify (in a child) ───┘   (new entries, validators, due time: one script)
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable
from typing import TYPE_CHECKING

import msgspec

from .. import clock, failpoints
from ..errors import DatelineError, Postponed, StoreUnavailable
from ..pool.isolation import SUSPECT_AFTER, CrashIsolation
from ..settings import Settings
from ..store.feed_state import FeedState
from ..store.feeds import Feeds
from ..store.ledger import Ledger
from ..telemetry import Logger, get_logger, span
from . import schedule
from .due import DueFeeds
from .history import PollDecision
from .history import dump as dump_history
from .history import load as load_history
from .poll import FeedFetcher, FetchedFeed
from .report import PollReport

if TYPE_CHECKING:
    from .websub import Hubs

#: A claim costs three round trips, for one feed or for fifty: while half of the places are taken, so long is waited for more of
#: them to become free.
GATHER_SECONDS = 0.02


class Poller:
    """Polls due feeds, many at a time; one instance per process."""

    def __init__(
        self,
        due: DueFeeds,
        feeds: Feeds,
        fetcher: FeedFetcher,
        ledger: Ledger,
        report: PollReport,
        settings: Settings,
        isolation: CrashIsolation,
        hubs: Hubs | None = None,
    ) -> None:
        self.settings = settings
        self._due = due
        self._feeds = feeds
        self._fetcher = fetcher
        self._ledger = ledger
        self._report = report
        self._isolation = isolation
        self._hubs = hubs  #: None where hubs cannot reach us
        self._tasks: dict[asyncio.Task[None], FeedState] = {}
        self.log: Logger = get_logger("poller")

    def apply(self, settings: Settings) -> None:
        """New settings, from the next poll on."""
        self.settings = self._fetcher.settings = settings
        self._due.settings = settings.poll

    @property
    def under_way(self) -> int:
        """How many polls are running."""
        return len(self._tasks)

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then the polls under way are finished (they are bounded in time)."""
        keeper = asyncio.create_task(self._renew_for_ever())
        self.log = self._report.log = (
            self.log.bind()
        )  # the settings of the log are known by now: not looked up again with each line
        loop, claimed_at = asyncio.get_running_loop(), float("-inf")
        try:
            while not stop.is_set():
                free = self.settings.poll.at_once - len(self._tasks)
                gathering = claimed_at + GATHER_SECONDS - loop.time()
                if 0 < free < len(self._tasks) and gathering > 0:
                    await asyncio.sleep(gathering)
                    continue
                claimed: list[FeedState] = []
                claimed_at = loop.time()
                if free > 0:
                    claimed = await self._due.claim(free)
                    self._fetcher.not_before = self._due.not_before
                for state in claimed:
                    task = asyncio.create_task(self.poll(state))
                    self._tasks[task] = state
                    task.add_done_callback(lambda done: self._tasks.pop(done, None))
                if free <= 0:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                elif len(claimed) < free:
                    await self._due.pause(stop)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=20.0)
        finally:
            rest = [*self._tasks, keeper]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    async def _renew_for_ever(self) -> None:
        """Renew the leases of the feeds being polled: a poll may wait for a busy child for longer than a lease."""
        while True:
            await asyncio.sleep(self._feeds.lease_seconds / 3)
            if self._tasks:
                with contextlib.suppress(StoreUnavailable):
                    await self._feeds.renew(list(self._tasks.values()))

    async def poll(self, state: FeedState) -> None:
        """One poll of one claimed feed, committed or left to its lease. Raises only on cancellation."""
        claims = state.numbers.get("claims", 0)
        if claims <= SUSPECT_AFTER:
            async with self._isolation.shared():
                await self._poll_traced(state)
            return
        self.log.warning(
            "feed.polled_alone", feed=state.shown, note=f"{claims - 1} polls of it in a row came to no end"
        )
        async with self._isolation.exclusive():
            await self._poll_traced(state)

    async def _poll_traced(self, state: FeedState) -> None:
        with span("poll", feed=state.shown, feed_id=state.feed) as whole:
            whole.set(outcome=await self._poll(state))

    async def _poll(self, state: FeedState) -> str:
        """Poll, commit and report; return how it ended."""
        log = self.log
        began = asyncio.get_running_loop().time()
        failpoints.hit("before_poll", state.url)
        try:
            fetched = await self._fetcher.fetch(state)
            if self._hubs is not None and state.push:
                fetched = await self._hubs.note_poll(state, fetched)
            failpoints.hit("after_parse", state.url)
            decision = self._decide(state, fetched)
            answer = await self._commit(state, fetched, decision)
        except Postponed as postponed:
            await self._postpone(state, postponed.wait_seconds, postponed.why)
            log.debug("feed.postponed", feed=state.shown, wait_seconds=round(postponed.wait_seconds, 1))
            return "postponed"
        except StoreUnavailable as error:
            return await self._wait_for_store(state, error)
        except Exception:  # a bug costs one poll of one feed; the others go on
            log.error("feed.failed", feed=state.shown, exc_info=True)
            await self._postpone(state, self.settings.poll.ceiling_seconds / 12)
            return "bug"
        self._report.count(state, fetched, decision, answer, asyncio.get_running_loop().time() - began)
        if answer not in ("ok", "already"):
            return answer  # the feed was removed, or another worker's poll counts
        if fetched.reading is not None and fetched.reading.names:  # once a day: what is shown is kept known
            await self._follow_up(state, self._ledger.keep(fetched.reading.names))
        await self._follow_up(state, self._report.notify(state, fetched, decision))
        if self._hubs is not None:
            await self._follow_up(state, self._hubs.subscribe(state, fetched))
        return fetched.poll.outcome

    async def _follow_up(self, state: FeedState, step: Awaitable[object]) -> None:
        """Wait for a step after the commit: where it fails, the poll counts all the same, and the next step is done."""
        try:
            await step
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", feed=state.shown, reason=str(error))
        except Exception:  # a bug, or a key that Redis refuses: costs this step of this feed
            self.log.error("feed.follow_up_failed", feed=state.shown, exc_info=True)

    async def _wait_for_store(self, state: FeedState, error: StoreUnavailable) -> str:
        """Give a feed back whose poll met a Redis server that is away."""
        note = "the feed is polled again when its lease ends"
        self.log.warning("store.unavailable", feed=state.shown, reason=str(error), note=note)
        # A claim that nothing follows counts as a worker's death: the feed would come back ever later, and alone.
        await self._postpone(state, self._feeds.lease_seconds, "a Redis server that it needs does not answer")
        return "store unavailable"

    async def _postpone(self, state: FeedState, seconds: float, why: str = "") -> str:
        try:
            claims = max(0, state.numbers.get("claims", 0) - 1)  # nothing was tried: what was suspected before stays so
            why = why or "waiting for a free place in its owner's budget"
            return await self._feeds.commit(state, seconds, {"reason": why, "n:claims": claims})
        except DatelineError:  # Redis is away, or refuses this feed's key: its lease ends by itself
            return "lost"

    def _decide(self, state: FeedState, fetched: FetchedFeed) -> PollDecision:
        own = state.overrides
        settings = self.settings
        changes = {name: float(own[name]) for name in ("floor_seconds", "ceiling_seconds", "jitter") if name in own}
        if changes:
            settings = msgspec.structs.replace(settings, poll=msgspec.structs.replace(settings.poll, **changes))
        history = load_history(state.history)
        for outage in self._fetcher.outages:
            history = schedule.rewind(history, outage.since, outage.until)
        return schedule.decide(
            history,
            fetched.poll,
            clock.now(),
            settings,
            fixed_seconds=own.get("interval_seconds"),
            chance=random.random(),
        )

    async def _commit(self, state: FeedState, fetched: FetchedFeed, decision: PollDecision) -> str:
        fields = fetched.fields | {"history": dump_history(decision.history), "reason": decision.reason}
        if decision.unconditional:
            fields |= {"etag": "", "last_modified": "", "raw_hash": b"", "body_hash": b""}
        elif decision.believed:
            fields |= fetched.validators
        polls = state.numbers.get("polls", 0) + 1
        news = state.numbers.get("new", 0) + len(fetched.queued)
        fields |= {"n:polls": polls, "n:new": news}
        owner = self._fetcher.owner(state.url) if fetched.error is None else ""
        with span("commit feed", entries=len(fetched.queued)):
            answer = await self._feeds.commit(state, decision.delay_seconds, fields, fetched.queued, owner)
        failpoints.hit("after_enqueue", state.feed)
        return answer
