"""The HTTP client under the politeness rules: requests are spaced by owner, pages obey robots.txt, refusals block.

The budget of each owner and the robots.txt texts are shared by all workers through Redis; the rules themselves are pure
(`dateline.fetch.politeness`, `dateline.fetch.robots`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AsyncExitStack

import msgspec

from .. import clock, urls
from ..encoding.decompress import inflate_start
from ..errors import Blocked, PermanentError, StoreUnavailable, Throttled, TransientError
from ..model.records import Body
from ..ports import RateLimiter, RequestSlot
from ..settings import PolitenessSettings
from ..telemetry import Metrics
from ..urls.kept import keep_short
from . import politeness
from . import robots as robots_rules
from .client import Client
from .exchange import Kind
from .user_agent import PRODUCT

MAX_ROBOTS_BYTES_ON_LOOP = 50_000
MAX_KNOWN_ADDRESSES = 8192  #: whose owner and host need not be worked out again: feeds, above all
MAX_WAIT_SECONDS = 4.0  #: for a place in an owner's budget; a longer wait postpones the entry
MAX_ROBOTS_MEMORY_BYTES = 32 << 20  #: for the rules kept in this process
MAX_QUEUE_SECONDS = 86_400.0  #: of an owner's budget taken by entries that wait: its feeds are not polled before
MAX_HOP_GAP_SECONDS = 30.0  #: A feed's redirect does not wait longer for a Crawl-delay: its lease would end


class _RobotsRecord(msgspec.Struct, frozen=True):
    """One origin's robots.txt as it is stored: how the request ended, and the text, deflated where ``deflated``."""

    status: str
    text: bytes = b""
    deflated: bool = False

    def stored(self) -> bytes:
        """Return the record as Redis keeps it."""
        packed = _RobotsRecord(self.status, zlib.compress(self.text, 6), True) if len(self.text) > 512 else self
        return msgspec.msgpack.encode(packed)

    @staticmethod
    def read(stored: bytes) -> _RobotsRecord:
        """Return the record that `stored` wrote. Raises msgspec.ValidationError, zlib.error."""
        record = msgspec.msgpack.decode(stored, type=_RobotsRecord)
        return _RobotsRecord(record.status, zlib.decompress(record.text)) if record.deflated else record


class PoliteClient:
    """Fetches feeds and pages within their owner's budget."""

    def __init__(
        self,
        client: Client,
        budget: RateLimiter,
        settings: PolitenessSettings,
        owners: Mapping[str, str],
        metrics: Metrics,
    ) -> None:
        self._client = client
        self._budget = budget
        self._timers = {kind: metrics.fetch_seconds.labels(kind) for kind in ("feed", "page", "robots")}
        self.apply(settings, owners)
        self._robots: OrderedDict[str, tuple[float, robots_rules.Robots, int]] = OrderedDict()  # until, rules, bytes
        self._robots_bytes = 0
        self._parsing = asyncio.Semaphore(1)  # of long texts: they have the GIL to themselves anyway
        self._asking: dict[str, asyncio.Lock] = {}

    def apply(self, settings: PolitenessSettings, owners: Mapping[str, str]) -> None:
        """Use new settings, from the next request on. ``owners``: domain to owner, where the operator knows better."""
        self._settings = settings
        self._owners = urls.Owners(dict(owners)) if owners else urls.Owners()
        self._where = keep_short(MAX_KNOWN_ADDRESSES)(self._owner_and_host)

    def owner(self, url: str) -> str:
        """Return the owner of an address: the unit of politeness."""
        return self._where(url)[0]

    def _owner_and_host(self, url: str) -> tuple[str, str]:
        return self._owners.owner(url), politeness.host_of(url)

    async def feed(self, url: str, *, etag: str | None, last_modified: str | None) -> Body:
        """Fetch a feed. Raises Postponed where its owner has no place soon, or where a day of its budget is taken by entries
        that wait for their pages; else as `Client.get`."""
        gap = self._known_gap(url) if self._settings.respect_robots else self._settings.spacing_seconds
        return await self._get(url, "feed", gap, etag, last_modified)

    async def page(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Body:
        """Fetch a page. Raises Blocked(code="robots") where robots.txt forbids it, Postponed, else as `Client.get`."""
        self._client.check(url)  # before robots.txt, which is never requested from a blocked host
        gap = self._settings.spacing_seconds
        if self._settings.respect_robots:
            gap = await self._allowed(url, gap)
        return await self._get(url, "page", gap, etag, last_modified)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a form to a hub, in its owner's budget; gives the status. Raises Postponed, else as `Client.post`."""
        try:
            owner, host = self._where(url)
        except PermanentError as error:
            raise Blocked(f"{url[:200]} is no address to post to: {error}", code="bad_scheme") from error
        settings = self._settings
        async with self._budget.place(
            owner, host, gap_seconds=settings.spacing_seconds, max_wait_seconds=MAX_WAIT_SECONDS
        ):
            return await self._client.post(url, body, headers)

    async def _get(
        self, url: str, kind: Kind, gap_seconds: float, etag: str | None = None, last_modified: str | None = None
    ) -> Body:
        """Send one request in its owner's budget; each redirect waits for a slot, and for a place where the owner differs."""
        wait = MAX_WAIT_SECONDS
        try:
            owner, host = self._where(url)
        except PermanentError as error:
            raise Blocked(f"{url[:200]} is no address to fetch: {error}", code="bad_scheme") from error
        queue = MAX_QUEUE_SECONDS if kind == "feed" else 0.0
        places: AsyncExitStack | None = None  # of the owners that redirects lead to: few requests have any
        async with self._budget.place(
            owner,
            host,
            gap_seconds=gap_seconds,
            max_wait_seconds=wait,
            max_queue_seconds=queue,
            burst=self._burst(url, kind),
        ) as place:
            asked = [(place, url)]

            async def before_hop(_: str, target: str) -> None:
                nonlocal places
                gap = min(gap_seconds, MAX_HOP_GAP_SECONDS)
                if kind == "page" and self._settings.respect_robots:
                    gap = await self._allowed(target, self._settings.spacing_seconds)
                # As long as it takes to be next: what was asked for already would be asked for again.
                held, most = asked[-1][0], 2 * wait + gap
                other, its_host = self._where(target)
                if other == held.owner:
                    await held.hop(its_host, gap_seconds=gap, max_wait_seconds=most)
                else:
                    further = self._budget.place(other, its_host, gap_seconds=gap, max_wait_seconds=most)
                    places = places or AsyncExitStack()
                    held = await places.enter_async_context(further)
                asked.append((held, target))

            began = time.perf_counter()
            try:
                return await self._client.get(
                    url, etag=etag, last_modified=last_modified, kind=kind, before_hop=before_hop
                )
            except Throttled as error:
                await self._refused(*asked[-1], error.retry_after_seconds)
                raise
            finally:
                self._timers[kind].observe(time.perf_counter() - began)
                if places is not None:
                    await places.aclose()

    def _burst(self, url: str, kind: Kind) -> int:
        """Return how many first requests of an owner need no spacing: none under any Crawl-delay, a feed only as the first."""
        most = self._settings.first_burst
        if most == 1 or (self._settings.respect_robots and self._crawl_delay(url)):
            return 0
        return -most if kind == "feed" else most

    async def _refused(self, place: RequestSlot, url: str, asked_seconds: float | None) -> None:
        def add_refusal(before: bytes, now: float) -> tuple[bytes, float]:
            try:
                memory = msgspec.msgpack.decode(before, type=politeness.Refusals) if before else politeness.Refusals()
            except (msgspec.MsgspecError, RecursionError, ValueError):
                memory = politeness.Refusals()
            memory, block = politeness.refused(
                memory,
                url,
                now,
                asked_seconds,
                self._settings.retry_after_floor_seconds,
                self._settings.retry_after_ceiling_seconds,
            )
            return msgspec.msgpack.encode(memory), block.until - now + politeness.WINDOW_SECONDS

        await place.refused(add_refusal)

    async def _allowed(self, url: str, gap_seconds: float) -> float:
        """Return the spacing to keep, Crawl-delay included. Raises Blocked(code="robots")."""
        rules = await self._rules(urls.parse(url).origin)
        if rules.status == "unreachable":
            raise TransientError(
                f"robots.txt of {urls.parse(url).host} cannot be had: nothing of it is fetched yet", code="robots"
            )
        if rules.is_long:
            async with self._parsing:
                allowed = await asyncio.to_thread(rules.allowed, url, PRODUCT)
        else:
            allowed = rules.allowed(url, PRODUCT)
        if not allowed:
            raise Blocked(f"robots.txt of {urls.parse(url).host} forbids {url[:300]}", code="robots")
        return max(gap_seconds, rules.crawl_delay_seconds(PRODUCT) or 0.0)

    def _known_gap(self, url: str) -> float:
        """Return the spacing for a feed: feeds do not ask robots.txt, but a Crawl-delay that is known counts for them too."""
        return max(self._settings.spacing_seconds, self._crawl_delay(url))

    def _crawl_delay(self, url: str) -> float:
        """Return the Crawl-delay of an address's robots.txt as far as this process knows it, else 0."""
        try:
            kept = self._robots.get(urls.parse(url).origin) if self._robots else None
        except PermanentError:
            return 0.0
        return kept[1].crawl_delay_seconds(PRODUCT) or 0.0 if kept else 0.0

    async def _rules(self, origin: str) -> robots_rules.Robots:
        now = clock.now().timestamp()
        kept = self._robots.get(origin)
        if kept and kept[0] > now:
            self._robots.move_to_end(origin)
            return kept[1]
        lock = self._asking.setdefault(origin, asyncio.Lock())
        try:
            async with lock:  # one request for all that wait for the same origin
                kept = self._robots.get(origin)
                if kept and kept[0] > now:
                    return kept[1]
                rules = await self._ask(origin)
                self._keep_rules(origin, now + rules.keep_seconds, rules)
                return rules
        finally:
            if not lock.locked():
                self._asking.pop(origin, None)

    def _keep_rules(self, origin: str, until: float, rules: robots_rules.Robots) -> None:
        """Keep rules in memory; those used longest ago go when all take more than `MAX_ROBOTS_MEMORY_BYTES`."""
        if origin in self._robots:
            self._robots_bytes -= self._robots.pop(origin)[2]
        size = rules.size_bytes
        self._robots[origin] = (until, rules, size)
        self._robots_bytes += size
        while self._robots_bytes > MAX_ROBOTS_MEMORY_BYTES and len(self._robots) > 1:
            self._robots_bytes -= self._robots.popitem(last=False)[1][2]

    async def _ask(self, origin: str) -> robots_rules.Robots:
        """Return an origin's rules, from Redis or from itself."""
        stored = await self._budget.robots(origin)
        if stored is not None:
            # What another version stored, or what broke, is as if it were not there.
            with contextlib.suppress(msgspec.MsgspecError, RecursionError, zlib.error):
                return await self._read_rules(_RobotsRecord.read(stored))
        record = await self._fetch_robots(origin)
        rules = await self._read_rules(record)
        await self._budget.store_robots(origin, record.stored(), rules.keep_seconds)
        return rules

    async def _read_rules(self, record: _RobotsRecord) -> robots_rules.Robots:
        """Parse a robots.txt, in a thread where it is long: 10 KB take 3 ms."""
        if len(record.text) <= MAX_ROBOTS_BYTES_ON_LOOP:
            return robots_rules.from_answer(record.status, record.text)
        async with self._parsing:
            return await asyncio.to_thread(robots_rules.from_answer, record.status, record.text)

    async def _fetch_robots(self, origin: str) -> _RobotsRecord:
        try:
            body = await self._get(f"{origin}/robots.txt", "robots", self._settings.spacing_seconds)
            # What is longer, or cut off while packed, still says what its beginning says.
            text = await asyncio.to_thread(
                inflate_start, body.body, body.encoding, max_bytes=robots_rules.MAX_TEXT_BYTES
            )
            return _RobotsRecord("ok", text)
        except StoreUnavailable:
            raise  # Redis is away, not the site: nothing is stored about it
        except (TransientError, Blocked):
            return _RobotsRecord("unreachable")
        except PermanentError:
            return _RobotsRecord("none")
