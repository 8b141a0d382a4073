"""Which feeds are due, and what one poll does: fetch, compare, parse in the pool, commit in one step.

claim ─ fetch ─┬─ 304, or the bytes we had ──────────┬─ decide when next ─ commit
               └─ parse and identify (in a child) ───┘   (new entries, validators, due time: one script)
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
from collections import deque
from dataclasses import dataclass, field, replace

from worker import clock
from worker.errors import DatelineError, StoreUnavailable, TransientError
from worker.fetch import schedule
from worker.fetch.backoff import is_network
from worker.fetch.hints import hints
from worker.fetch.history import Poll, Verdict
from worker.fetch.history import dump as dump_history
from worker.fetch.history import load as load_history
from worker.fetch.moves import permanent_url
from worker.fetch.offline import OfflineWatch, Outage
from worker.fetch.schedule import ScheduleSettings
from worker.ingest import Jobs
from worker.jobs import PollJob, PollReading
from worker.model import Body, ParsedFeed, pack, unpack
from worker.settings import Settings
from worker.store import upkeep
from worker.store.budget import Parked
from worker.store.entries import Entries
from worker.store.feeds import Feeds, FeedState
from worker.store.redis import Connection
from worker.telemetry import Logger, Metrics, get_logger, inert
from worker.visitor import Visitor

MAX_CHILDREN = 3  #: newest sitemaps of a sitemap index that are read with it


@dataclass(frozen=True, slots=True)
class PollerSettings:
    """The poller's piece of the settings."""

    at_once: int = 64
    max_entries: int = 2000
    max_feed_bytes: int = 15 << 20
    backlog_limit: int = 20_000
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)

    @classmethod
    def of(cls, settings: Settings) -> PollerSettings:
        """Cut from the whole."""
        p = settings.poll
        return cls(
            p.at_once, p.max_entries, settings.fetch.max_feed_bytes, p.backlog_limit,
            ScheduleSettings(
                interval_seconds=p.interval_seconds, floor_seconds=p.floor_seconds,
                busy_floor_seconds=p.busy_floor_seconds, ceiling_seconds=p.ceiling_seconds,
                quiet_ceiling_seconds=p.quiet_ceiling_seconds, jitter=p.jitter,
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What one poll brought: how it went, what to store, what to enqueue."""

    poll: Poll
    fields: dict[str, str | bytes | int] = field(default_factory=dict)
    validators: dict[str, str | bytes | int] = field(default_factory=dict)
    queued: tuple[bytes, ...] = ()
    reading: PollReading | None = None
    error: DatelineError | None = None


class Poller:
    """Polls due feeds, many at a time; one instance per process."""

    def __init__(
        self,
        feeds: Feeds,
        entries: Entries,
        visitor: Visitor,
        pool: Jobs,
        connection: Connection,
        settings: PollerSettings,
        metrics: Metrics,
    ) -> None:
        self.settings = settings
        self._feeds = feeds
        self._entries = entries
        self._visitor = visitor
        self._pool = pool
        self._connection = connection
        self._metrics = metrics
        self._watch = OfflineWatch()
        self._outages: deque[Outage] = deque(maxlen=16)
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count()
        self._held_back = False
        self.log: Logger = get_logger("poller")

    @property
    def under_way(self) -> int:
        """How many polls are running."""
        return len(self._tasks)

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then the polls under way are finished (they are bounded in time)."""
        try:
            while not stop.is_set():
                free = self.settings.at_once - len(self._tasks)
                claimed: list[FeedState] = []
                if free > 0 and not await self._full():
                    claimed = await self._claim(free)
                for state in claimed:
                    task = asyncio.create_task(self.poll(state))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                if free <= 0:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                elif len(claimed) < free:
                    await self._pause(stop)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=20.0)
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pause(self, stop: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(stop.wait(), 0.25)
        except TimeoutError:
            return

    async def _claim(self, free: int) -> list[FeedState]:
        claimed: list[FeedState] = []
        try:
            for partition in range(len(self._connection.keys)):
                token = f"{self._entries.consumer}/{next(self._numbers)}"
                claimed += await self._feeds.claim(partition, max(0, free - len(claimed)), token)
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))
            await asyncio.sleep(0.5)
        return claimed

    async def _full(self) -> bool:
        """Backpressure: with too many entries waiting no feed is claimed; nothing is dropped, the feeds stay due."""
        try:
            waiting, _ = await self._entries.backlog()
            fill = await upkeep.fill(self._connection)
        except StoreUnavailable:
            return False  # the claim will say so
        full = waiting > self.settings.backlog_limit or fill > 0.95
        if full != self._held_back:
            self._held_back = full
            what = "poll.held_back" if full else "poll.released"
            self.log.warning(
                what, entries_waiting=waiting, limit=self.settings.backlog_limit, stream_fill=round(fill, 3)
            )
        return full

    async def poll(self, state: FeedState) -> None:
        """One poll of one claimed feed, committed or left to its lease. Raises only on cancellation."""
        log = self.log.bind(feed=state.url)
        began = asyncio.get_running_loop().time()
        try:
            look = await self._look(state)
            verdict = self._decide(state, look)
            answer = await self._commit(state, look, verdict)
        except Parked as parked:
            answer = await self._postpone(state, parked.wait_seconds)
            log.debug("feed.postponed", wait_seconds=round(parked.wait_seconds, 1))
            return
        except StoreUnavailable as error:
            log.warning("store.unavailable", reason=str(error), note="the feed is polled again when its lease ends")
            return
        except Exception:
            log.error("feed.failed", exc_info=True)
            await self._postpone(state, self.settings.schedule.ceiling_seconds / 12)
            return
        self._tell(state, look, verdict, answer, asyncio.get_running_loop().time() - began)
        await self._notices(state, look, verdict)

    async def _postpone(self, state: FeedState, seconds: float) -> str:
        try:
            return await self._feeds.commit(
                state, seconds, {"reason": "waiting for a free place in its owner's budget"}
            )
        except StoreUnavailable:
            return "lost"

    async def _look(self, state: FeedState) -> Look:
        """Fetch, compare, parse: everything but the decision. A failure of the feed is a Look too."""
        try:
            body = await self._visitor.feed(
                state.url, etag=state.etag or None, last_modified=state.last_modified or None
            )
            return await self._compare(state, body)
        except StoreUnavailable:
            raise
        except DatelineError as error:
            self._metrics.errors.labels("poll", error.code).inc()
            transient = error if isinstance(error, TransientError) else None
            poll = Poll(
                "error",
                url=state.url,
                code=error.code,
                status=getattr(error, "status", None),
                retry_after_seconds=transient.retry_after_seconds if transient else None,
                temporary=bool(getattr(error, "temporary", False)),
            )
            poll = replace(poll, offline=await self._connected(state, poll))
            fields: dict[str, str | bytes | int] = {"status": error.code, "error": inert(str(error), 300)}
            return Look(poll, fields, error=error)

    async def _connected(self, state: FeedState, poll: Poll) -> bool:
        """Whether we, and not the feed, seem to be cut off; says so when that begins and ends."""
        before = self._watch.offline
        failed = poll.outcome == "error" and is_network(poll)
        outage = self._watch.note(self._visitor.owner(state.url), failed, clock.now().timestamp())
        if self._watch.offline and not before:
            self.log.error("worker.offline", note="most polls fail at once: we seem to be offline; no feed is blamed")
        if outage is not None:
            self._outages.append(outage)
            self.log.warning("worker.online", outage_seconds=round(outage.until - outage.since))
        return failed and self._watch.offline

    async def _compare(self, state: FeedState, body: Body) -> Look:
        now = clock.now()
        await self._connected(state, Poll("unchanged"))
        moved = permanent_url(state.url, body.hops)
        validators: dict[str, str | bytes | int] = {
            "etag": body.headers.get("etag", ""),
            "last_modified": body.headers.get("last-modified", ""),
        }
        if body.status == 304:
            kept = {name: value for name, value in validators.items() if value}
            poll = Poll("unchanged", url=state.url, hints=hints(body.headers, None, now), permanent_url=moved)
            return Look(poll, {"status": "304", "error": ""}, kept)
        raw_hash = hashlib.blake2b(body.body, digest_size=10).digest()
        if raw_hash == state.raw_hash:
            poll = Poll(
                "unchanged", url=state.url, had_body=True, hints=hints(body.headers, None, now), permanent_url=moved
            )
            return Look(poll, {"status": "200 unchanged", "error": ""}, validators)
        reading = await self._parse(state, body)
        validators |= {"raw_hash": raw_hash, "body_hash": reading.body_hash}
        if reading.unchanged:
            poll = Poll(
                "unchanged", url=state.url, had_body=True, hints=hints(body.headers, None, now), permanent_url=moved
            )
            return Look(poll, {"status": "200 unchanged", "error": ""}, validators, reading=reading)
        return self._changed(state, body, reading, validators, moved)

    def _changed(
        self,
        state: FeedState,
        body: Body,
        reading: PollReading,
        validators: dict[str, str | bytes | int],
        moved: str | None,
    ) -> Look:
        now = clock.now()
        told = ParsedFeed(
            format=reading.format,
            ttl_seconds=reading.ttl_seconds,
            update_period_seconds=reading.update_period_seconds,
            skip_hours=reading.skip_hours,
            skip_days=reading.skip_days,
        )
        new = reading.entries - reading.known - reading.changed
        poll = Poll(
            "changed",
            url=state.url,
            entries=reading.entries,
            new=new,
            new_times=reading.published_at[: max(0, new)],
            had_body=True,
            hints=hints(body.headers, told, now),
            permanent_url=moved,
        )
        fields: dict[str, str | bytes | int] = {
            "status": "200", "error": "", "memory": reading.memory, "mode": reading.mode, "format": reading.format,
            "parser": reading.parser, "notes": ", ".join(reading.notes)[:300], "hubs": "\n".join(reading.hubs[:5])[:1000],
            "n:entries": reading.entries,
        }  # fmt: skip
        if reading.title:
            fields["title"] = inert(reading.title, 200)
        if not reading.complete:  # a cut body: the next poll must ask for the whole
            validators = {"etag": "", "last_modified": "", "raw_hash": b"", "body_hash": b""}
        return Look(poll, fields, validators, reading.queued, reading)

    async def _parse(self, state: FeedState, body: Body) -> PollReading:
        job = PollJob(
            body=body,
            feed=state.feed,
            feed_url=state.url,
            now=clock.now().timestamp(),
            body_hash=state.body_hash,
            memory=state.memory,
            mode=state.mode or "guid",
            max_bytes=self.settings.max_feed_bytes,
            max_entries=self.settings.max_entries,
            full_text=bool(state.overrides.get("full_text")),
            language=state.overrides.get("language"),
        )
        with self._metrics.job_seconds.labels("poll").time():
            reading = unpack(await self._pool.run("poll", pack(job)), PollReading)
        if not reading.children:
            return reading
        return await self._children(state, reading)

    async def _children(self, state: FeedState, index: PollReading) -> PollReading:
        """A sitemap index: the entries are in its newest sitemaps, which are read with it."""
        memory, queued, entries, known, changed = index.memory, index.queued, index.entries, index.known, index.changed
        for url in index.children[:MAX_CHILDREN]:
            body = await self._visitor.feed(url, etag=None, last_modified=None)
            part = await self._parse(replace(state, memory=memory, body_hash=b""), body)
            memory, queued = part.memory or memory, queued + part.queued
            entries, known, changed = entries + part.entries, known + part.known, changed + part.changed
        return _with(index, memory=memory, queued=queued, entries=entries, known=known, changed=changed)

    def _decide(self, state: FeedState, look: Look) -> Verdict:
        own = state.overrides
        wide = self.settings.schedule
        settings = replace(
            wide,
            fixed_seconds=own.get("interval_seconds", wide.fixed_seconds),
            floor_seconds=float(own.get("floor_seconds", wide.floor_seconds)),
            ceiling_seconds=float(own.get("ceiling_seconds", wide.ceiling_seconds)),
            jitter=float(own.get("jitter", wide.jitter)),
        )
        history = load_history(state.history)
        for outage in self._outages:
            history = schedule.rewind(history, outage.since)
        return schedule.decide(history, look.poll, clock.now(), settings, chance=random.random())

    async def _commit(self, state: FeedState, look: Look, verdict: Verdict) -> str:
        fields = look.fields | {"history": dump_history(verdict.history), "reason": verdict.reason[:300]}
        if verdict.unconditional:
            fields |= {"etag": "", "last_modified": "", "raw_hash": b"", "body_hash": b""}
        elif verdict.believed:
            fields |= look.validators
        polls = state.numbers.get("polls", 0) + 1
        news = state.numbers.get("new", 0) + len(look.queued)
        fields |= {"n:polls": polls, "n:new": news, "polled_at": int(clock.now().timestamp())}
        return await self._feeds.commit(state, verdict.delay_seconds, fields, look.queued)

    def _tell(self, state: FeedState, look: Look, verdict: Verdict, answer: str, took_seconds: float) -> None:
        reading = look.reading
        outcome = look.poll.outcome if answer in ("ok", "already") else answer
        self._metrics.polls.labels(outcome).inc()
        if answer not in ("ok", "already"):
            self.log.warning("feed.commit_refused", feed=state.url, answer=answer)
            return
        if reading:
            self._metrics.entries_seen.inc(reading.entries)
        if look.queued:
            self._metrics.entries_new.labels("poll").inc(len(look.queued))
        say = self.log.info if look.error is None else self.log.warning
        say(
            "feed.polled",
            feed=state.url,
            status=look.fields.get("status"),
            entries=reading.entries if reading else 0,
            new=len(look.queued),
            took_seconds=round(took_seconds, 3),
            next_seconds=round(verdict.delay_seconds),
            why=verdict.reason,
            **({"error": str(look.error)} if look.error else {}),
        )

    async def _notices(self, state: FeedState, look: Look, verdict: Verdict) -> None:
        """Tell operators and consumers what they may want to know; the poll itself is already committed."""
        told: list[tuple[str, dict[str, object]]] = []
        if verdict.gap_seconds is not None:
            told.append(("feed.gap_suspected", {"seconds": round(verdict.gap_seconds), "entries": look.poll.entries}))
        if verdict.failing:
            told.append(("feed.failing", {"code": look.poll.code, "error": inert(str(look.error), 300)}))
        if verdict.recovered:
            told.append(("feed.recovered", {}))
        if look.reading and look.reading.mode_reason:
            told.append(("feed.identity_degraded", {"mode": look.reading.mode, "reason": look.reading.mode_reason}))
        if verdict.moved_to:
            told.append(("feed.moved", {"from": state.url, "to": verdict.moved_to}))
        try:
            if verdict.moved_to:
                await self._feeds.moved(state.feed, verdict.moved_to)
            for kind, data in told:
                self.log.warning(kind, feed=state.url, **data)
                await upkeep.notify(self._connection, kind, state.url, data)
        except StoreUnavailable as error:
            self.log.warning("store.unavailable", reason=str(error))


def _with(reading: PollReading, **changes: object) -> PollReading:
    import msgspec

    return msgspec.structs.replace(reading, **changes)
