"""Fetches one feed: conditional request, comparison, parsing in the pool. A failure of the feed is a result."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from datetime import datetime

import msgspec

from .. import clock, urls
from ..errors import (
    MOST_OWN_OUTAGE_SECONDS,
    OWN_OUTAGES,
    DatelineError,
    PermanentError,
    Postponed,
    StoreUnavailable,
    TransientError,
)  # fmt: skip
from ..fetch.polite_client import PoliteClient
from ..jobs.records import PollJob, PollReading
from ..model.records import Body, pack, unpack
from ..ports import Jobs
from ..settings import Settings
from ..store.feed_state import FeedState
from ..telemetry import Logger, Metrics, add_child_spans, get_logger, inert, span, traceparent
from .backoff import is_network
from .freshness import hints
from .history import Poll
from .outage import OfflineWatch, Outage
from .redirects import permanent_url

MAX_CHILDREN = 3  #: newest sitemaps of a sitemap index that are read with it
#: Until a feed that our child processes could not parse is polled again; longer where they are away for longer already.
OWN_OUTAGE_SECONDS = 5.0
MAX_CHILD_WAIT_SECONDS = 60.0  #: for a place in the owner's budget; a Crawl-delay is rarely longer
MAX_CHILD_WAITS = 3
KEEP_SECONDS = 86_400.0  #: between two reports to the ledger of all that a feed shows
_REFUSED = ("blocked", "bad_scheme")
_ANSWERED = Poll("unchanged")  #: for the watch over our line: what was answered does not matter


class FetchedFeed(msgspec.Struct, frozen=True):
    """Result of one poll: how it went, what to store, what to enqueue."""

    poll: Poll
    fields: dict[str, str | bytes | int] = {}
    validators: dict[str, str | bytes | int] = {}
    queued: tuple[bytes, ...] = ()
    reading: PollReading | None = None
    error: DatelineError | None = None


class FeedFetcher:
    """Fetches feeds; also notices when we ourselves seem to be offline (``outages`` are those that have ended)."""

    def __init__(self, client: PoliteClient, pool: Jobs, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.outages: deque[Outage] = deque(maxlen=16)
        self.not_before: float | None = None  #: after a loss of Redis' data: what is older is taken as published
        self._client = client
        self._pool = pool
        self._metrics = metrics
        self._watch = OfflineWatch()
        self.log: Logger = get_logger("poller")

    @property
    def is_offline(self) -> bool:
        """Whether we ourselves seem to be cut off."""
        return self._watch.offline

    def owner(self, url: str) -> str:
        """Return the owner of an address that was fetched."""
        return self._client.owner(url)

    async def fetch(self, state: FeedState) -> FetchedFeed:
        """Fetch, compare and parse a claimed feed. Raises Postponed, StoreUnavailable; a failure of the feed is a result."""
        try:
            with span("fetch feed", url=state.shown) as step:
                body = await self._client.feed(
                    state.url, etag=state.etag or None, last_modified=state.last_modified or None
                )
                step.set(status=body.status, bytes=len(body.body))
            return await self._compare(state, body)
        except StoreUnavailable:
            raise
        except DatelineError as error:
            self._metrics.errors.labels("poll", error.code).inc()
            transient = error if isinstance(error, TransientError) else None
            if transient is not None and error.code in OWN_OUTAGES:
                asked = min(transient.retry_after_seconds or 0.0, MOST_OWN_OUTAGE_SECONDS)
                raise Postponed(max(OWN_OUTAGE_SECONDS, asked), str(error)) from error
            poll = Poll(
                "error",
                url=state.url,
                code=error.code,
                status=getattr(error, "status", None),
                retry_after_seconds=transient.retry_after_seconds if transient else None,
                temporary=bool(getattr(error, "temporary", False)),
            )
            poll = msgspec.structs.replace(poll, offline=self._connected(state, poll, clock.now()))
            fields: dict[str, str | bytes | int] = {"status": error.code, "error": inert(urls.masked(str(error)), 300)}
            return FetchedFeed(poll, fields, error=error)

    def _connected(self, state: FeedState, poll: Poll, now: datetime) -> bool:
        """Return whether we, and not the feed, seem to be cut off; says so when that begins and ends."""
        if poll.code in _REFUSED:  # nobody was asked: it tells nothing about the line, and may be no address at all
            return False
        before = self._watch.offline
        failed = poll.outcome == "error" and is_network(poll)
        outage = self._watch.note(self._client.owner(state.url), failed, now.timestamp())
        if self._watch.offline and not before:
            self.log.error("worker.offline", note="most polls fail at once: we seem to be offline; no feed is blamed")
        if outage is not None:
            self.outages.append(outage)
            self.log.warning("worker.online", outage_seconds=round(outage.until - outage.since))
        return failed and self._watch.offline

    async def _compare(self, state: FeedState, body: Body) -> FetchedFeed:
        now = clock.now()
        self._connected(state, _ANSWERED, now)
        moved = permanent_url(state.url, body.hops)
        validators: dict[str, str | bytes | int] = {
            "etag": body.headers.get("etag", ""),
            "last_modified": body.headers.get("last-modified", ""),
        }
        if body.status == 304:
            kept = {name: value for name, value in validators.items() if value}
            poll = Poll("unchanged", url=state.url, hints=hints(body.headers, None, now), permanent_url=moved)
            return FetchedFeed(poll, {"status": "304", "error": ""}, kept)
        raw_hash = hashlib.blake2b(body.body, digest_size=10).digest()
        if raw_hash == state.raw_hash and not self._keeps_names(state):
            poll = Poll(
                "unchanged", url=state.url, had_body=True, hints=hints(body.headers, None, now), permanent_url=moved
            )
            return FetchedFeed(poll, {"status": "200 unchanged", "error": ""}, validators)
        reading = await self.parse(state, body)
        validators |= {"raw_hash": raw_hash, "body_hash": reading.body_hash}
        if reading.unchanged:
            poll = Poll(
                "unchanged", url=state.url, had_body=True, hints=hints(body.headers, None, now), permanent_url=moved
            )
            return FetchedFeed(poll, {"status": "200 unchanged", "error": ""}, validators, reading=reading)
        return self._changed(state, body, reading, validators, moved)

    def _changed(
        self,
        state: FeedState,
        body: Body,
        reading: PollReading,
        validators: dict[str, str | bytes | int],
        moved: str | None,
    ) -> FetchedFeed:
        now = clock.now()
        new = reading.entries - reading.known - reading.changed
        poll = Poll(
            "changed",
            url=state.url,
            entries=reading.entries,
            new=new,
            waiting=state.waiting,
            new_times=reading.published_at[: max(0, new)],
            had_body=True,
            hints=hints(body.headers, reading, now),
            permanent_url=moved,
        )
        fields: dict[str, str | bytes | int] = {
            "status": "200", "error": "", "memory": reading.memory, "mode": reading.mode,
            "notes": ", ".join(reading.notes)[:300], "hubs": "\n".join(reading.hubs[:5])[:1000],
            "n:entries": reading.entries,
        }  # fmt: skip
        if reading.names:
            fields["n:kept_at"] = int(now.timestamp())  # fmt: skip
        if reading.hubs:
            fields["topic"] = self._topic(state, reading.self_url)
        if reading.title:
            fields["title"] = inert(reading.title, 200)
        # A cut body: the next poll must ask for the whole. An index may stay as it is while its sitemaps change.
        if not reading.complete or reading.children:
            validators = {"etag": "", "last_modified": "", "raw_hash": b"", "body_hash": b""}
        return FetchedFeed(poll, fields, validators, reading.queued, reading)

    @staticmethod
    def _keeps_names(state: FeedState) -> bool:
        """Return True where the ledger has not heard for a day what the feed shows."""
        return clock.now().timestamp() - state.numbers.get("kept_at", 0) > KEEP_SECONDS

    def _topic(self, state: FeedState, self_url: str | None) -> str:
        """What to subscribe to: the address that the feed gives itself, unless that is somebody else's."""
        try:
            return self_url if self_url and self._client.owner(self_url) == self._client.owner(state.url) else state.url
        except DatelineError:
            return state.url

    async def parse(self, state: FeedState, body: Body) -> PollReading:
        """What of a body is new; of a sitemap index: of its newest sitemaps. Raises DatelineError, Postponed."""
        reading = await self._parse_one(state, body)
        return await self._children(state, reading) if reading.children else reading

    async def _parse_one(self, state: FeedState, body: Body) -> PollReading:
        job = PollJob(
            body=body,
            feed=state.feed,
            feed_url=state.url,
            feed_shown=state.url if self.settings.ingest.publish_feed_query else urls.public(state.url),
            now=clock.now().timestamp(),
            body_hash=b"" if self._keeps_names(state) else state.body_hash,
            scope=state.scope,
            lists_names=self._keeps_names(state),
            memory=state.memory,
            mode=state.mode or "guid",
            max_bytes=self.settings.fetch.max_feed_bytes,
            max_entries=self.settings.poll.max_entries,
            full_text=bool(state.overrides.get("full_text")),
            language=state.overrides.get("language"),
            not_before=self.not_before,
        )
        with self._metrics.job_seconds.labels("poll").time(), span("poll job"):
            if parent := traceparent():
                job = msgspec.structs.replace(job, trace=parent)
            reading = unpack(await self._pool.run("poll", pack(job)), PollReading)
            add_child_spans(reading.spans)
            return reading

    async def _children(self, state: FeedState, index: PollReading) -> PollReading:
        """Read the entries of an index from its newest sitemaps; an index among these adds its own, once.

        A sitemap that fails hides none of the others.
        """
        read, waiting, seen = index, list(index.children[:MAX_CHILDREN]), {state.url}
        failure: PermanentError | None = None
        while waiting and len(seen) <= 2 * MAX_CHILDREN:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            known = msgspec.structs.replace(state, memory=read.memory or state.memory, mode=read.mode, body_hash=b"")
            try:
                part = await self._parse_one(known, await self._child(url))
            except PermanentError as error:
                failure = error
                self.log.warning(
                    "sitemap.skipped",
                    feed=state.shown,
                    sitemap=urls.masked(url),
                    reason=inert(urls.masked(str(error)), 300),
                )
                continue
            waiting += part.children[:MAX_CHILDREN]
            read = msgspec.structs.replace(
                read,
                memory=part.memory or read.memory,
                mode=part.mode,
                mode_reason=part.mode_reason or read.mode_reason,
                queued=read.queued + part.queued,
                entries=read.entries + part.entries,
                known=read.known + part.known,
                changed=read.changed + part.changed,
                published_at=read.published_at + part.published_at,
            )
        if failure is not None and not read.entries:
            raise failure
        return read

    async def _child(self, url: str) -> Body:
        """One sitemap of an index. Its turn is waited for: given up, the next poll would begin at the index again."""
        for _ in range(MAX_CHILD_WAITS):
            try:
                return await self._client.feed(url, etag=None, last_modified=None)
            except Postponed as postponed:
                if postponed.wait_seconds > MAX_CHILD_WAIT_SECONDS:
                    raise
                await asyncio.sleep(postponed.wait_seconds)
        raise Postponed(MAX_CHILD_WAIT_SECONDS)
