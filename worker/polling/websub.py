"""Hubs (WebSub) that tell of a feed's news at once: subscribes where a feed names a hub, checks what comes, enqueues it.

offered by a feed ─ ask the hub ─ hub verifies our callback ─ pushes ─▶ the poll's own job and commit
                        ▲ renewed before the lease ends        └ entries count for the hub; what only a poll finds, against it

A feed whose hub has proven itself is polled rarely, as a safety net; a hub that misses entries is not relied on for a day.
Without a public address (``websub.callback_url``) none of this runs and feeds are simply polled.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from .. import clock, failpoints
from ..errors import DatelineError, Postponed, StoreUnavailable
from ..fetch.polite_client import PoliteClient
from ..model.records import Body
from ..settings import WebsubSettings
from ..store.feed_state import FeedState
from ..store.feeds import Feeds
from ..store.subscriptions import Subscriptions
from ..telemetry import Logger, Metrics, get_logger, inert
from . import websub_rules as rules
from .due import DueFeeds
from .history import dump as dump_history
from .history import load as load_history
from .poll import FeedFetcher, FetchedFeed
from .rhythm import observe
from .websub_rules import Answer, HubScore, Mode, Push, Subscription

#: An entry younger than this that a poll finds was not missed: its push may be on the way.
GRACE_SECONDS = 120.0
#: A hub that said no is asked again after this, if the feed still names it.
DENIED_SECONDS = 7 * 86_400.0
#: How long a push waits for a poll of the same feed that is under way.
_CLAIM_TRIES, _CLAIM_SECONDS = 16, 0.5
_ASKED_AT_ONCE = 20
_ON_LOOP_BYTES = 1 << 20


class Hubs:
    """Every subscription of this installation; one instance per process, the state is shared through Redis."""

    def __init__(
        self,
        table: Subscriptions,
        feeds: Feeds,
        client: PoliteClient,
        fetcher: FeedFetcher,
        due: DueFeeds,
        settings: WebsubSettings,
        metrics: Metrics,
    ) -> None:
        self.settings = settings
        self._table = table
        self._feeds = feeds
        self._client = client
        self._fetcher = fetcher
        self._due = due
        self._metrics = metrics
        self._token, self._numbers = f"p{secrets.token_hex(5)}", itertools.count()
        self._working = 0
        self.log: Logger = get_logger("websub")

    # -- what a poll has to do with it

    async def note_poll(self, state: FeedState, fetched: FetchedFeed) -> FetchedFeed:
        """Return the poll with ``pushed`` set where the feed's hub is relied on; entries only this poll found count against
        the hub."""
        subscribed = rules.loaded(state.push)
        now = clock.now()
        if subscribed is None or subscribed.verified_at is None or not subscribed.is_active(now):
            return fetched
        score = await self._score(subscribed.hub)
        polled_at = load_history(state.history).last_at
        if fetched.poll.outcome == "changed" and polled_at >= int(subscribed.verified_at.timestamp()):
            young = sum(1 for at in fetched.poll.new_times if now.timestamp() - at < GRACE_SECONDS)
            if (missed := fetched.poll.new - young) > 0:
                self.log.warning("websub.missed", feed=state.shown, hub=subscribed.hub, entries=missed)
                score = await self._scored(subscribed.hub, score, misses=missed)
        relied_on = rules.poll_interval_seconds(0.0, subscribed, score, now=now)[0] > 0
        if not relied_on:
            return fetched
        return msgspec.structs.replace(fetched, poll=msgspec.structs.replace(fetched.poll, pushed=True))

    async def subscribe(self, state: FeedState, fetched: FetchedFeed) -> None:
        """Subscribe, after a poll, where the feed names a hub that was not asked yet."""
        hubs = str(fetched.fields.get("hubs", state.hubs)).split()
        subscribed = rules.loaded(state.push)
        if fetched.error is not None or (not hubs and subscribed is None):
            return
        hub = self._hub(hubs)
        if hub is None:
            if subscribed is not None and subscribed.mode is Mode.SUBSCRIBE:
                await self._table.put(state.feed, state.push, state.push, 0)  # no longer named: the lease runs out
            return
        topic = str(fetched.fields.get("topic", state.topic)) or state.url
        now = clock.now()
        if subscribed is not None and (subscribed.hub, subscribed.topic) == (hub, topic):
            age_seconds = (now - subscribed.asked_at).total_seconds()
            if subscribed.mode is not Mode.DENIED or age_seconds < DENIED_SECONDS:
                return
        fresh = rules.subscription(feed=state.feed, topic=topic, hub=hub, now=now)
        fresh = msgspec.structs.replace(fresh, attempts=0)
        await self._table.open_callback(fresh.token, state.feed)
        await self._table.put(state.feed, state.push, _dumped(fresh), now.timestamp())

    def _hub(self, hubs: Sequence[str]) -> str | None:
        own = next((hub for hub in hubs if hub in self.settings.plain_hubs), None)
        return own or rules.hub_to_ask(hubs, self.settings.callback_url)

    # -- asking hubs

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``: ask hubs for what is new, unanswered or about to end."""
        while not stop.is_set():
            found: list[str] = []
            try:
                found = await self._table.due(_ASKED_AT_ONCE, 300.0)
                await asyncio.gather(*(self._ask(feed) for feed in found))
            except StoreUnavailable as error:
                self.log.warning("store.unavailable", reason=str(error))
            try:
                await asyncio.wait_for(stop.wait(), 0.1 if found else 2.0)
            except TimeoutError:
                continue

    async def _ask(self, feed: str) -> None:
        state = await self._feeds.get(feed)
        subscribed = rules.loaded(state.push) if state else None
        if state is None or subscribed is None or state.paused or subscribed.mode is not Mode.SUBSCRIBE:
            if state is None or not state.paused:
                await self._table.put(feed, state.push if state else b"", state.push if state else b"", 0)
            return
        now = clock.now()
        asked = rules.asked(subscribed, now=now)
        waits = rules.RETRY_SECONDS
        again = max(asked.due_at().timestamp(), now.timestamp() + waits[min(asked.attempts, len(waits)) - 1])
        payload = _dumped(asked)
        await self._table.open_callback(asked.token, feed)
        if not await self._table.put(feed, state.push, payload, again):
            return  # another worker was faster
        public = str(self.settings.callback_url)
        form = rules.request(asked, public_url=public, lease_seconds=self.settings.lease_seconds)
        log = self.log.bind(feed=state.shown, hub=asked.hub)
        try:
            status = await self._client.post(
                asked.hub, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
            )
        except Postponed as postponed:
            await self._table.put(feed, payload, payload, now.timestamp() + postponed.wait_seconds)
        except DatelineError as error:
            log.warning("websub.unanswered", error=str(error), attempts=asked.attempts)
        else:
            say = log.info if 200 <= status < 300 else log.warning
            say("websub.asked", status=status, attempts=asked.attempts)

    # -- what hubs send

    async def verify(self, token: str, query: Mapping[str, str]) -> Answer:
        """Return the answer to a hub's GET on a callback."""
        for _ in range(3):
            state, subscribed = await self._of(token)
            if state is None or subscribed is None:
                return Answer(status=404, reason="unknown callback")
            answer = rules.verify(subscribed, query, now=clock.now())
            kept = answer.subscription
            due = kept.due_at().timestamp() if kept is not None and kept.mode is Mode.SUBSCRIBE else 0.0
            if kept == subscribed or await self._table.put(state.feed, state.push, _dumped(kept), due):
                lease = kept.lease_seconds if kept else None
                reason = inert(answer.reason, 200)
                self.log.info("websub.verified", feed=state.shown, hub=subscribed.hub, said=reason, lease_seconds=lease)
                return answer
        return Answer(status=503, reason="written by others at the same moment")

    async def knows(self, token: str) -> bool:
        """Return whether a callback is ours and in use. Raises StoreUnavailable."""
        return (await self._of(token))[1] is not None

    async def deliver(self, token: str, body: bytes, headers: Mapping[str, str], signature: str | None) -> int:
        """Parse a push and commit it as a poll does; return the status for the hub. A forgery gets the answer of a success.

        Raises StoreUnavailable; what was pushed is then found by the next poll.
        """
        state, subscribed = await self._of(token)
        if state is None or subscribed is None:
            return 410  # the hub may forget this callback
        log = self.log.bind(feed=state.shown, hub=subscribed.hub)
        check = (subscribed.secret, body, signature)
        if len(body) > _ON_LOOP_BYTES:
            worth = await asyncio.to_thread(rules.check_signature, *check)
        else:
            worth = rules.check_signature(*check)
        if worth is not Push.GENUINE:
            log.warning("websub.refused", reason=worth.value, size_bytes=len(body))
            return 202
        if state.paused:
            return 202
        if self._working >= self.settings.at_once or await self._due.is_full():
            return 503
        self._working += 1
        try:
            return await self._accept(state.feed, subscribed, body, headers)
        finally:
            self._working -= 1

    async def _accept(self, feed: str, subscribed: Subscription, body: bytes, headers: Mapping[str, str]) -> int:
        state = await self._claimed(feed)
        if state is None:
            return 503  # polled all the while
        log = self.log.bind(feed=state.shown, hub=subscribed.hub)
        pushed = Body(requested_url=state.url, url=state.url, status=200, headers=dict(headers), body=body)
        now = clock.now()
        try:
            # The hash of the last poll's body says nothing about a push, nor the other way round.
            reading = await self._fetcher.parse(msgspec.structs.replace(state, body_hash=b""), pushed)
        except StoreUnavailable:
            raise
        except DatelineError as error:
            # Some hubs only tell that there is something; and a push that cannot be read is asked for in whole.
            log.info("websub.pinged", error=str(error))
            await self._feeds.commit(state, 0.0, {})
            return 202
        failpoints.hit("after_parse", state.url)
        new = max(0, reading.entries - reading.known - reading.changed)
        history = observe(load_history(state.history), now.timestamp(), new, reading.published_at[:new])
        history = msgspec.structs.replace(history, last_at=int(now.timestamp()))
        fields: dict[str, str | bytes | int] = {
            "memory": reading.memory, "mode": reading.mode, "history": dump_history(history),
            "n:new": state.numbers.get("new", 0) + len(reading.queued), "n:pushes": state.numbers.get("pushes", 0) + 1,
        }  # fmt: skip
        # When it is polled next stays as it was: a push may be a part of the feed, and tells nothing about the rest.
        delay = max(0.0, state.next_at - now.timestamp())
        answer = await self._feeds.commit(state, delay, fields, reading.queued)
        failpoints.hit("after_enqueue", state.feed)
        if answer not in ("ok", "already"):
            log.warning("feed.commit_refused", answer=answer)
            return 503
        log.info("feed.pushed", entries=reading.entries, new=len(reading.queued))
        if reading.queued:
            self._metrics.entries_new.labels("push").inc(len(reading.queued))
            await self._scored(subscribed.hub, await self._score(subscribed.hub), hits=len(reading.queued))
        return 204

    async def _claimed(self, feed: str) -> FeedState | None:
        for _ in range(_CLAIM_TRIES):
            state = await self._feeds.claim_one(feed, f"{self._token}{next(self._numbers):x}")
            if state is not None:
                return state
            await asyncio.sleep(_CLAIM_SECONDS)
        return None

    async def _of(self, token: str) -> tuple[FeedState | None, Subscription | None]:
        feed = await self._table.feed_of(token)
        state = await self._feeds.get(feed) if feed else None
        subscribed = rules.loaded(state.push) if state else None
        if subscribed is None or not hmac.compare_digest(subscribed.token.encode(), token.encode()):
            return None, None
        return state, subscribed

    async def _score(self, hub: str) -> HubScore:
        packed = await self._table.score(hub)
        try:
            return msgspec.msgpack.decode(packed, type=HubScore) if packed else HubScore()
        except (msgspec.MsgspecError, RecursionError):
            return HubScore()

    async def _scored(self, hub: str, score: HubScore, *, hits: int = 0, misses: int = 0) -> HubScore:
        now: datetime = clock.now()
        before = score.distrusted_until
        score = rules.scored(score, hits=hits, misses=misses, now=now)
        if score.distrusted_until is not None and (before is None or before < now):
            self.log.warning(
                "websub.distrusted", hub=hub, share=round(score.share, 2), until=str(score.distrusted_until)
            )
        await self._table.put_score(hub, msgspec.msgpack.encode(score))
        return score


def _dumped(subscribed: Subscription | None) -> bytes:
    return msgspec.msgpack.encode(subscribed) if subscribed is not None else b""
