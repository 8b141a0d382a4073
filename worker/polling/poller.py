"""Which feeds are due, and what happens to each: claim, fetched, decide when next, commit.

claim ─ fetch ─┬─ 304, or the bytes we had ──────────┬─ decide when next ─ commit
               └─ parse and identify (in a child) ───┘   (new entries, validators, due time: one script)
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import secrets
from typing import TYPE_CHECKING

import msgspec
from prometheus_client import Counter

from .. import clock, failpoints, urls
from ..errors import DatelineError, Postponed, StoreUnavailable
from ..fetch.polite_client import PoliteClient
from ..jobs.feed import PollReading
from ..model.records import Body
from ..pool.isolation import SUSPECT_AFTER, CrashIsolation
from ..ports import Jobs
from ..settings import Settings
from ..store import upkeep
from ..store.feed_state import FeedState
from ..store.feeds import Feeds
from ..store.ledger import Ledger
from ..store.redis import Connection
from ..telemetry import Logger, Metrics, get_logger, inert, span
from . import schedule
from .history import PollDecision
from .history import dump as dump_history
from .history import load as load_history
from .poll import FeedFetcher, FetchedFeed

if TYPE_CHECKING:
    from .websub import Hubs

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 1.0  #: between two claims of due feeds
#: A claim costs three round trips, for one feed or for fifty: while half of the places are taken, so long is waited for more of
#: them to become free.
GATHER_SECONDS = 0.02


class Poller:
    """Polls due feeds, many at a time; one instance per process."""

    def __init__(
        self,
        feeds: Feeds,
        client: PoliteClient,
        pool: Jobs,
        connection: Connection,
        settings: Settings,
        metrics: Metrics,
        isolation: CrashIsolation | None = None,
    ) -> None:
        self.settings = settings
        self._isolation = isolation or CrashIsolation()
        self._fetcher = FeedFetcher(client, pool, settings, metrics)
        self._feeds = feeds
        self._connection = connection
        self._ledger = Ledger(connection)
        self._metrics = metrics
        self._outcomes: dict[str, Counter] = {}
        self._tasks: dict[asyncio.Task[None], FeedState] = {}
        self._numbers, self._token = (
            itertools.count(),
            secrets.token_hex(5),
        )  # the token of a claim is stored: it is short
        self._held_back = False
        self.memory_fill = 0.0  #: of the fullest Redis server, as the upkeep last saw it
        self.hubs: Hubs | None = None  #: set where hubs can reach us
        self.log: Logger = get_logger("poller")

    def apply(self, settings: Settings) -> None:
        """New settings, from the next poll on."""
        self.settings = self._fetcher.settings = settings

    @property
    def is_offline(self) -> bool:
        """Whether we ourselves seem to be cut off."""
        return self._fetcher.is_offline

    @property
    def under_way(self) -> int:
        """How many polls are running."""
        return len(self._tasks)

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then the polls under way are finished (they are bounded in time)."""
        keeper = asyncio.create_task(self._renew_for_ever())
        self.log = self.log.bind()  # the settings of the log are known by now: not looked up again with each line
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
                if free > 0 and await self._is_due() and not await self.full():
                    claimed = await self._claim(free)
                for state in claimed:
                    task = asyncio.create_task(self.poll(state))
                    self._tasks[task] = state
                    task.add_done_callback(lambda done: self._tasks.pop(done, None))
                if free <= 0:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                elif len(claimed) < free:
                    await self._pause(stop)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=20.0)
        finally:
            rest = [*self._tasks, keeper]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    async def _renew_for_ever(self) -> None:
        """Keep the feeds in hand: where the children have much to do, a poll may wait for longer than a lease."""
        while True:
            await asyncio.sleep(self._feeds.lease_seconds / 3)
            if self._tasks:
                with contextlib.suppress(StoreUnavailable):
                    await self._feeds.renew(list(self._tasks.values()))

    async def _pause(self, stop: asyncio.Event) -> None:
        """Wait for the next feed that is due; not shorter, so that one claim gets what becomes due together, and not longer
        than another process that adds a feed may be made to wait."""
        shortest = max(SHORTEST_PAUSE_SECONDS, len(self._connection.keys) / 512)
        seconds = min(max(self._feeds.seconds_until_due(), shortest), max(LONGEST_PAUSE_SECONDS, shortest))
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return

    async def _is_due(self) -> bool:
        try:
            return self._feeds.seconds_until_due() <= 0 or await self._feeds.look_ahead() <= 0
        except StoreUnavailable:
            return True  # the claim will say so

    async def _claim(self, free: int) -> list[FeedState]:
        claimed: list[FeedState] = []
        try:
            poll = self.settings.poll
            claimed = await self._feeds.claim(
                free,
                f"{self._token}{next(self._numbers):x}",
                most_waiting=poll.waiting_limit,
                most_waiting_bytes=poll.waiting_mib << 20,
            )
            if claimed:
                lost_at = await upkeep.emptied_at(self._connection)
                self._fetcher.not_before = lost_at - 3600.0 if lost_at else None
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))
            await asyncio.sleep(0.5)
        return claimed

    async def full(self) -> bool:
        """Backpressure: with too many entries waiting no feed is claimed; nothing is dropped, the feeds stay due."""
        try:
            waiting, later, fill = await upkeep.pressure(self._connection)
        except StoreUnavailable:
            return False  # the claim will say so
        poll, memory = self.settings.poll, self.memory_fill
        full = waiting > poll.backlog_limit or later > poll.later_limit or max(fill, memory) > upkeep.HELD_BACK
        if full != self._held_back:
            self._held_back = full
            what = "poll.held_back" if full else "poll.released"
            self.log.warning(
                what,
                entries_waiting=waiting,
                limit=poll.backlog_limit,
                waiting_for_later=later,
                later_limit=poll.later_limit,
                stream_fill=round(fill, 3),
                memory_fill=round(memory, 3),
            )
        return full

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
            if self.hubs is not None and state.push:
                fetched = await self.hubs.note_poll(state, fetched)
            failpoints.hit("after_parse", state.url)
            decision = self._decide(state, fetched)
            answer = await self._commit(state, fetched, decision)
        except Postponed as postponed:
            await self._postpone(state, postponed.wait_seconds, postponed.why)
            log.debug("feed.postponed", feed=state.shown, wait_seconds=round(postponed.wait_seconds, 1))
            return "postponed"
        except StoreUnavailable as error:
            log.warning(
                "store.unavailable",
                feed=state.shown,
                reason=str(error),
                note="the feed is polled again when its lease ends",
            )
            return "store unavailable"
        except Exception:
            log.error("feed.failed", feed=state.shown, exc_info=True)
            await self._postpone(state, self.settings.poll.ceiling_seconds / 12)
            return "bug"
        self._report(state, fetched, decision, answer, asyncio.get_running_loop().time() - began)
        if answer not in ("ok", "already"):
            return answer  # the feed was removed, or another worker's poll counts
        await self._keep_known(fetched)
        await self._notices(state, fetched, decision)
        if self.hubs is not None:
            await self._subscribe(self.hubs, state, fetched)
        return fetched.poll.outcome

    async def _keep_known(self, fetched: FetchedFeed) -> None:
        """Tell the ledger what the feed still shows, once a day: what is shown is kept known."""
        if fetched.reading is None or not fetched.reading.names:
            return
        try:
            await self._ledger.keep(fetched.reading.names)
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))

    async def _subscribe(self, hubs: Hubs, state: FeedState, fetched: FetchedFeed) -> None:
        try:
            await hubs.subscribe(state, fetched)
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))

    async def parse(self, state: FeedState, body: Body) -> PollReading:
        """What a body of a claimed feed brings; for bodies that came by push."""
        return await self._fetcher.parse(state, body)

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

    def _report(
        self, state: FeedState, fetched: FetchedFeed, decision: PollDecision, answer: str, took_seconds: float
    ) -> None:
        reading = fetched.reading
        outcome = fetched.poll.outcome if answer in ("ok", "already") else answer
        if (counter := self._outcomes.get(outcome)) is None:
            counter = self._outcomes[outcome] = self._metrics.polls.labels(outcome)
        counter.inc()
        if answer not in ("ok", "already"):
            self.log.warning("feed.commit_refused", feed=state.shown, answer=answer)
            return
        if reading:
            self._metrics.entries_seen.inc(reading.entries)
        if fetched.queued:
            self._metrics.entries_new.labels("poll").inc(len(fetched.queued))
        say = self.log.info if fetched.error is None else self.log.warning
        say(
            "feed.polled",
            feed=state.shown,
            status=fetched.fields.get("status"),
            entries=reading.entries if reading else 0,
            new=len(fetched.queued),
            took_seconds=round(took_seconds, 3),
            next_seconds=round(decision.delay_seconds),
            why=decision.reason,
            **({"error": urls.masked(str(fetched.error))} if fetched.error else {}),
        )

    async def _notices(self, state: FeedState, fetched: FetchedFeed, decision: PollDecision) -> None:
        """Tell operators and consumers what they may want to know; the poll itself is already committed."""
        notices: list[tuple[str, dict[str, object]]] = []
        if decision.gap_seconds is not None:
            notices.append(
                ("feed.gap_suspected", {"seconds": round(decision.gap_seconds), "entries": fetched.poll.entries})
            )
        if decision.failing:
            notices.append(
                ("feed.failing", {"code": fetched.poll.code, "error": inert(urls.masked(str(fetched.error)), 300)})
            )
        if decision.recovered:
            notices.append(("feed.recovered", {}))
        if fetched.reading and fetched.reading.mode_reason:
            notices.append(
                ("feed.identity_degraded", {"mode": fetched.reading.mode, "reason": fetched.reading.mode_reason})
            )
        if decision.moved_to:
            notices.append(("feed.moved", {"from": state.shown, "to": urls.masked(decision.moved_to)}))
        try:
            if decision.moved_to:
                await self._feeds.moved(state.feed, decision.moved_to)
            for kind, data in notices:
                self.log.warning(kind, feed=state.shown, **data)
                await upkeep.notify(self._connection, kind, state.shown, data)
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))
