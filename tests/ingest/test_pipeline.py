"""The flow held against its promises: identity on a real ledger, the poll's job, and the pure rules between link and stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from dateline.dedup.fingerprint import fingerprint, sketch, words
from dateline.dedup.identity import Mode, article_id, digest, names
from dateline.errors import PermanentError, Postponed, TransientError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.fetch.polite_client import Visitor
from dateline.fetch.settings import FetchSettings
from dateline.forward.runner import Forwarding
from dateline.ingest import record as remember
from dateline.ingest.consumer import EntryLoop
from dateline.ingest.outcomes import Carrier
from dateline.ingest.pipeline import Ingest
from dateline.ingest.recheck import Rechecker, next_look_seconds
from dateline.ingest.revision import IngestSettings, Work, weigh
from dateline.jobs import article as jobs
from dateline.jobs.article import PageReading
from dateline.jobs.feed import PollJob, PollReading, poll
from dateline.model.records import Body, Entry, QueuedEntry, unwrap, wrap
from dateline.polling.poll import FeedLook, Look, PollerSettings
from dateline.store.dead_letters import DeadLetters
from dateline.store.entries import Entries, rows
from dateline.store.feeds import FeedState
from dateline.store.ledger import ClaimState, Ledger, Printed
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection, StoreSettings
from dateline.telemetry import Metrics
from dateline.urls import same_key
from support.redis_server import RedisServer

NOW = 1_790_000_000.0


@pytest_asyncio.fixture(params=[1, 4], ids=["1 partition", "4 partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    """A connection with keys of its own, at one partition and at four."""
    opened = Connection(StoreSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


# Names


async def test_a_new_name_beside_a_known_one_leads_to_the_same_article_ever_after(connection: Connection) -> None:
    """Guid and link met together once: a feed that shows the guid alone, or with a new link, shows the same article."""
    ledger = Ledger(connection)
    link, guid, moved = digest("u:link"), digest("g:guid"), digest("u:moved")
    assert await ledger.article_of("a" * 16, [link]) == "a" * 16
    assert await ledger.article_of("b" * 16, [guid, link]) == "a" * 16
    assert await ledger.article_of("b" * 16, [guid]) == "a" * 16
    assert await ledger.article_of("b" * 16, [guid, moved]) == "a" * 16
    assert await ledger.article_of("c" * 16, [moved]) == "a" * 16


async def test_the_strongest_name_decides_where_two_disagree(connection: Connection) -> None:
    """A guid is believed before a link that once was another article's."""
    ledger = Ledger(connection)
    guid, link = digest("g:guid"), digest("u:link")
    await ledger.article_of("a" * 16, [guid])
    await ledger.article_of("b" * 16, [link])
    assert await ledger.article_of("a" * 16, [guid, link]) == "a" * 16


async def test_names_move_where_two_articles_turn_out_to_be_one_and_only_there(connection: Connection) -> None:
    """What a page says of itself takes no name away from another article before the two were compared."""
    ledger = Ledger(connection)
    names = [digest("u:one"), digest("c:other")]
    await ledger.article_of("a" * 16, [names[1]])
    assert await ledger.further_names("b" * 16, names) == ["b" * 16, "a" * 16]
    await ledger.take_names("a" * 16, names)
    assert await ledger.article_of("z" * 16, [names[0]]) == "a" * 16


# The poll's job


def polled(items: list[dict[str, str]], memory: bytes = b"", feed: str = "feed", most: int = 2000) -> PollReading:
    """A poll of an RSS feed with these items."""
    rows = "".join("<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in item.items()) + "</item>" for item in items)
    raw = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{rows}</channel></rss>'.encode()
    url = f"https://paper.example/{feed}.xml"
    return poll(
        PollJob(
            body=Body(requested_url=url, url=url, status=200, body=raw),
            feed=feed,
            feed_url=url,
            now=NOW,
            memory=memory,
            max_entries=most,
        )
    )


def queued(reading: PollReading) -> list[QueuedEntry]:
    """What it enqueued."""
    return [unwrap(payload) for payload in reading.queued]


@pytest.mark.parametrize("count", [2, 3, 6])
async def test_entries_that_share_their_link_are_articles_of_their_own(connection: Connection, count: int) -> None:
    """Alerts, live blogs, status pages: many entries, one link. None may be taken for another and vanish as known."""
    alerts = [
        {
            "guid": f"urn:alert:{n}",
            "title": f"Alert {n}",
            "link": "https://paper.example/alerts/now",
            "description": f"Storm {n}",
        }
        for n in range(count)
    ]
    ledger = Ledger(connection)
    found = {await ledger.article_of(one.article, one.aliases) for one in queued(polled(alerts))}
    assert len(found) == count


async def test_two_entries_of_a_short_feed_with_one_guid_are_two_articles(connection: Connection) -> None:
    """Too few entries to judge the feed by; the guid they have in common still names neither."""
    items = [{"guid": "latest", "title": f"Story {n}", "link": f"https://paper.example/{n}"} for n in range(2)]
    ledger = Ledger(connection)
    assert len({await ledger.article_of(one.article, one.aliases) for one in queued(polled(items))}) == 2


async def test_row_numbers_of_two_feeds_of_one_owner_are_two_articles(connection: Connection) -> None:
    """News number 17 and vacancy number 17."""
    ledger = Ledger(connection)
    (news,) = queued(polled([{"guid": "17", "title": "News", "link": "https://paper.example/news/17"}], feed="news"))
    (jobs,) = queued(polled([{"guid": "17", "title": "Jobs", "link": "https://paper.example/jobs/17"}], feed="jobs"))
    (again,) = queued(polled([{"guid": "17", "title": "News", "link": "https://paper.example/news/17"}], feed="top"))
    ids = [await ledger.article_of(one.article, one.aliases) for one in (news, jobs, again)]
    assert ids[0] != ids[1] and ids[0] == ids[2]


def test_entries_with_one_link_are_read_from_the_feed_and_single_ones_from_their_pages() -> None:
    """The page behind a link that many entries share is none of them."""
    alerts = [
        {
            "guid": f"urn:alert:{n}",
            "title": f"Alert {n}",
            "link": "https://paper.example/alerts",
            "description": f"Storm {n}",
        }
        for n in range(4)
    ]
    single = {"guid": "urn:one:long", "title": "Story", "link": "https://paper.example/story", "description": "Short"}
    assert [one.full_text for one in queued(polled([*alerts, single]))] == [True] * 4 + [False]


def test_of_too_many_entries_the_newest_are_kept() -> None:
    """A sitemap lists its entries in any order; what is cut off is not remembered, and comes when there is room."""
    items = [
        {"guid": f"urn:story:{n}", "title": f"T{n}", "pubDate": f"Sun, 22 Nov 2026 {n:02}:00:00 GMT"}
        for n in (3, 1, 5, 2, 4)
    ]
    assert [one.entry.title for one in queued(polled(items, most=2))] == ["T4", "T5"]


def test_what_a_feed_showed_unchanged_is_not_enqueued_again_however_its_names_come_and_go() -> None:
    """Shared while two entries carry a link, one's own when the other has left the feed."""
    items = [
        {"title": f"Story {n}", "link": "https://paper.example/live", "description": f"Text {n}"} for n in range(2)
    ]
    first = polled(items)
    assert len(first.queued) == 2
    assert polled(items[1:], memory=first.memory).queued == ()
    assert polled(items, memory=first.memory).queued == ()


# One entry, from its link to the stream: real Redis, real reading, pages as a test wants them


@dataclass
class Site:
    """Pages by address: HTML, or an error to raise. Remembers what it was asked with."""

    pages: dict[str, str | Exception] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def page(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Body:
        """As `dateline.fetch.polite_client.Visitor.page`."""
        self.asked.append((url, etag))
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        headers = {"content-type": "text/html; charset=utf-8"}
        if url in self.etags:
            headers["etag"] = self.etags[url]
            if etag == self.etags[url]:
                return Body(requested_url=url, url=url, status=304, headers=headers)
        return Body(requested_url=url, url=url, status=200, headers=headers, body=found.encode())


class Here:
    """Jobs without a child: the same function, the same bytes."""

    async def run(self, job: str, payload: bytes, *, wall_seconds: float | None = None) -> bytes:
        """As `dateline.pool.Pool.run`."""
        return jobs.run(job, payload)


PROSE = "quiet harbour council voted after long debate on new cranes while dockers waited outside for news of wages"
WORDS = PROSE.split()


def story(seed: int, words: int = 120) -> str:
    """Invented prose: sentences that no other seed has."""
    rows = []
    for n in range(words // 12):
        turned = WORDS[(seed + n) % len(WORDS) :] + WORDS[: (seed + n) % len(WORDS)]
        rows.append(f"In case {seed * 100 + n} the {' '.join(turned[:9])} again.")
    return " ".join(rows)


def html(title: str, text: str, *, head: str = "") -> str:
    """A plain article page."""
    half = len(text) // 2
    cut = text.find(". ", half) + 1
    return (
        f"<html lang=en><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
        f"<p>{text[:cut]}</p><p>{text[cut:]}</p></article></body></html>"
    )


class Desk:
    """A carrier with everything real but the web."""

    def __init__(self, connection: Connection, settings: IngestSettings) -> None:
        self.connection, self.site, self.settings = connection, Site(), settings
        self.ledger, self.entries = Ledger(connection), Entries(connection, "desk", 20.0)
        metrics = Metrics()
        ingest = Ingest(self.ledger, self.site, Here(), settings, metrics)
        self.carrier = Carrier(ingest, self.ledger, self.entries, settings, metrics)
        self._number = 0

    async def carry(self, *entries: QueuedEntry) -> list[str]:
        """Enqueue these entries, take each in hand and carry it; gives the outcomes."""
        await self.entries.set_up()
        partition = 0
        for one in entries:
            await self.connection.script("enqueue", [[wrap(one), "", ""]], partition)
        held = await self.entries.take(50, 0.1)
        return [(await self.carrier.carry(Work(one, unwrap(one.payload)))).value for one in held]

    async def recheck(self) -> list[str]:
        """Look again at every page that is ever to be looked at again."""
        outcomes = []
        for keys in self.connection.keys:
            for member in await self.connection.call("ZRANGE", keys.recheck, 0, -1):
                await self.connection.call("ZADD", keys.recheck, 0, member)
        if await Rechecker(self.connection).once(NOW):
            outcomes = await self.carry()
        return outcomes

    async def stream(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of everything published, in order of its partition."""
        found = []
        for keys in self.connection.keys:
            for _, fields in rows(await self.connection.call("XRANGE", keys.events, "-", "+")):
                found.append((fields[b"type"].decode().removeprefix("dateline."), json.loads(fields[b"data"])))
        return found

    async def kinds(self) -> list[str]:
        """Types of the articles published."""
        return [kind for kind, _ in await self.stream() if kind.startswith("article")]


@pytest_asyncio.fixture
async def desk(redis: RedisServer, prefix: str) -> AsyncIterator[Desk]:
    """A carrier on keys of its own."""
    opened = Connection(StoreSettings(url=redis.url, prefix=prefix))
    yield Desk(opened, IngestSettings(retry_seconds=()))
    await opened.close()


def entry_of(
    link: str,
    title: str = "Cranes",
    *,
    guid: str | None = None,
    reason: str = "new",
    version: bytes = b"v1",
    **more: Any,
) -> QueuedEntry:
    """An entry as a poll enqueues it."""
    entry = Entry(
        link=link, title=title, guid=guid, **{k: more.pop(k) for k in ("content", "summary", "author") if k in more}
    )
    found = names(entry, Mode.GUID, "paper.example", same_key)
    return QueuedEntry(
        feed="feed", feed_url="https://paper.example/rss", article=article_id(found[0]), entry=entry,
        aliases=tuple(digest(name) for name in found), version=version, reason=reason, **more,
    )  # fmt: skip


A, B = "https://paper.example/news/a", "https://paper.example/news/b"


async def test_validators_are_sent_only_to_the_address_that_gave_them(desk: Desk) -> None:
    """A changed link is another resource: its 304 to a foreign validator would hide the revision."""
    desk.site.pages = {A: html("Cranes", story(1)), B: html("Cranes", story(2))}
    desk.site.etags = {A: '"x"', B: '"x"'}
    assert await desk.carry(entry_of(A, guid="urn:story:one")) == ["published"]
    assert await desk.carry(entry_of(B, guid="urn:story:one", reason="changed", version=b"v2")) == ["revised"]
    assert desk.site.asked == [(A, None), (B, None)]
    assert await desk.carry(entry_of(B, guid="urn:story:one", reason="changed", version=b"v3")) == ["unchanged"]
    assert desk.site.asked[-1] == (B, '"x"')


async def test_a_later_look_without_the_feed_reads_the_page_as_the_first_did(desk: Desk) -> None:
    """No revision where nothing changed: title and author may come from the entry, which a recheck has not."""
    untitled = (
        f"<html lang=en><body><article><p>Anna Berg</p><p>{story(3)}</p><p>{story(4)}</p></article></body></html>"
    )
    desk.site.pages = {A: untitled}
    assert await desk.carry(entry_of(A, "Cranes for the harbour", author="Anna Berg")) == ["published"]
    assert await desk.recheck() == ["unchanged"]


async def test_an_article_from_its_feed_is_not_revised_by_its_teaser_page_but_by_its_feed(desk: Desk) -> None:
    """Full text in the feed, a teaser behind the link; or no page at all by the operator's wish."""
    desk.site.pages = {A: html("Cranes", story(5, 36)), B: html("Cranes", story(6))}
    whole = f"<p>{story(5, 400)}</p><p>{story(7, 400)}</p>"
    assert await desk.carry(entry_of(A, content=whole)) == ["published"]
    assert await desk.recheck() == ["unchanged"]
    own: dict[str, Any] = {"content": f"<p>{story(8, 200)}</p>", "full_text": True}
    assert await desk.carry(entry_of(B, "Second", **own)) == ["published"]
    assert B not in [url for url, _ in desk.site.asked]
    await desk.recheck()
    assert B not in [url for url, _ in desk.site.asked]
    own["content"] = f"<p>{story(9, 200)}</p>"
    assert await desk.carry(entry_of(B, "Second", reason="changed", version=b"v2", **own)) == ["revised"]


async def test_a_page_cut_at_a_paywall_takes_nothing_back(desk: Desk) -> None:
    """A metered page shows the whole text once and a beginning later: that is no revision, and retracts no event."""
    said = '{"@type":"NewsArticle","headline":"Cranes","isAccessibleForFree":false}'
    closed = f'<script type="application/ld+json">{said}</script>'
    desk.site.pages = {A: html("Cranes", story(10, 400), head=closed)}
    assert await desk.carry(entry_of(A)) == ["published"]
    desk.site.pages = {A: html("Cranes", story(10, 400)[:600] + ". ", head=closed)}
    assert await desk.recheck() == ["unchanged"]


async def test_a_page_that_says_it_was_withdrawn_is_a_withdrawal(desk: Desk) -> None:
    """As good as a page that is gone; what it reported is taken back, and nobody looks again."""
    text = "Three soldiers were killed on Monday when rebels attacked an army base near Kano, officials said. " + story(
        11
    )
    desk.site.pages = {A: html("Attack on army base", text)}
    assert await desk.carry(entry_of(A, "Attack on army base")) == ["published"]
    reported = [data["id"] for kind, data in await desk.stream() if kind == "event.reported"]
    desk.site.pages = {
        A: html(
            "Attack on army base",
            "This story has been withdrawn. It did not meet our standards. We regret the error, said the editors of the paper.",
        )
    }
    assert await desk.recheck() == ["withdrawn"]
    assert await desk.kinds() == ["article.published", "article.withdrawn"]
    retracted = [data["id"] for kind, data in await desk.stream() if kind == "event.retracted"]
    assert sorted(retracted) == sorted(reported) and reported
    assert await desk.recheck() == []


async def test_a_feed_that_changes_with_every_poll_has_its_pages_looked_at_less_and_less(desk: Desk) -> None:
    """Once at once; then after pauses that double, and never lost: the look is due."""
    desk.site.pages = {A: html("Cranes", story(12))}
    await desk.carry(entry_of(A))
    outcomes = []
    for n in range(6):
        outcomes += await desk.carry(entry_of(A, reason="changed", version=b"c%d" % n))
    assert outcomes == ["unchanged"] + ["known"] * 5
    assert len(desk.site.asked) == 2
    desk.site.pages = {A: html("Cranes", story(13))}
    assert await desk.recheck() == ["revised"]


async def test_a_text_whose_first_article_came_to_nothing_is_published_by_the_next(desk: Desk) -> None:
    """A copy of what was never published would be read by nobody."""
    ledger, mark = desk.ledger, digest("text")
    await ledger.claim("x" * 16, "m1", b"", 0.001)
    first = await ledger.printed("x" * 16, "paper.example", mark, [])
    assert first.first == "x" * 16
    desk.site.pages = {A: html("Cranes", story(14)), B: html("Cranes", story(14))}
    settings = IngestSettings(retry_seconds=(), stages=(("no_such_stage", b"{}"),))
    failing = Desk(desk.connection, settings)
    failing.site = desk.site
    failing.carrier._ingest.pages = desk.site
    assert await failing.carry(entry_of(A)) == ["dead"]
    assert await desk.carry(entry_of(B)) == ["published"]
    assert await desk.kinds() == ["article.published"]


async def test_a_look_that_keeps_failing_is_no_dead_letter_and_the_next_is_due(desk: Desk) -> None:
    """The article is published; its feed showed nothing that got lost."""
    desk.site.pages = {A: html("Cranes", story(15))}
    await desk.carry(entry_of(A))
    desk.site.pages = {A: TransientError("away", code="timeout")}
    assert await desk.recheck() == ["unchanged"]
    assert await DeadLetters(desk.connection).count() == 0
    assert await desk.connection.call("ZCARD", desk.connection.keys[0].recheck) == 1
    desk.site.pages = {A: html("Cranes", story(16))}
    assert await desk.recheck() == ["revised"]


async def test_a_page_gone_twice_is_withdrawn_and_one_that_returns_is_a_revision(desk: Desk) -> None:
    """Once may be an accident."""
    desk.site.pages = {A: html("Cranes", story(17))}
    await desk.carry(entry_of(A))
    desk.site.pages = {A: PermanentError("gone", code="gone", status=410)}
    assert await desk.recheck() == ["unchanged"]
    assert await desk.recheck() == ["withdrawn"]
    assert await desk.recheck() == []
    desk.site.pages = {A: html("Cranes", story(17))}
    assert await desk.carry(entry_of(A, reason="changed", version=b"v2")) == ["revised"]


async def test_another_address_of_a_published_page_is_that_article_and_is_fetched_once(desk: Desk) -> None:
    """A mobile page names its canonical address: the same article, and from then on known by both links."""
    canonical = f'<link rel="canonical" href="{A}">'
    desk.site.pages = {A: html("Cranes", story(18), head=canonical), B: html("Cranes", story(18), head=canonical)}
    assert await desk.carry(entry_of(A)) == ["published"]
    assert await desk.carry(entry_of(B)) == ["unchanged"]
    assert await desk.carry(entry_of(B)) == ["known"]
    assert len(desk.site.asked) == 2


async def test_a_wrong_canonical_address_hides_no_article(desk: Desk) -> None:
    """A page that names another story as its canonical address: that story, when its feed shows it, is published."""
    desk.site.pages = {
        A: html("Cranes", story(19), head=f'<link rel="canonical" href="{B}">'),
        B: html("Ferries", story(40), head=f'<link rel="canonical" href="{B}">'),
    }
    assert await desk.carry(entry_of(A)) == ["published"]
    assert await desk.carry(entry_of(B, "Ferries")) == ["published"]


# Ends and beginnings


class Hanging(Site):
    """A web that never answers."""

    async def page(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Body:
        """Never."""
        self.asked.append((url, etag))
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_worker_whose_places_are_all_taken_still_stops_in_time_and_loses_nothing(desk: Desk) -> None:
    """Redis away, pages that hang: the drain has an end, and what was in hand stays for others."""
    hanging = Hanging()
    metrics = Metrics()
    carrier = Carrier(
        Ingest(desk.ledger, hanging, Here(), desk.settings, metrics), desk.ledger, desk.entries, desk.settings, metrics
    )
    loop = EntryLoop(carrier, desk.entries, 1, 1, desk.entries.set_up)
    await desk.entries.set_up()
    await desk.connection.script("enqueue", [[wrap(entry_of(link)), "", ""] for link in (A, B)], 0)
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop, drain_seconds=0.1))
    async with asyncio.timeout(20):
        while not hanging.asked:
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert (await desk.entries.backlog())[0] == 2


async def test_a_claim_is_kept_and_given_back_in_whatever_partition_the_article_lives(connection: Connection) -> None:
    """Else the article's next entry would wait for the lease to end."""
    ledger, entries = Ledger(connection), Entries(connection, "me", 5.0)
    await entries.set_up()
    for n in range(4):
        article = article_id(f"u:{n}")
        await connection.script("enqueue", [[wrap(entry_of(f"https://paper.example/{n}")), "", ""]], 0)
        (held,) = await entries.take(10, 0.1)
        assert (await ledger.claim(article, held.message, b"", 0.5))[0] is ClaimState.MINE
        keys = connection.keys[connection.partition_of(article)]
        assert await entries.renew([(held, article)]) == set()
        assert await connection.call("PTTL", keys.claim(article)) > 1000
        assert await entries.settle(held, "done", article=article) == "ok"
        assert (await ledger.claim(article, "other", b"", 5))[0] is ClaimState.MINE


class Broken:
    """A forwarder with a bug."""

    def __init__(self) -> None:
        self.calls = 0

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Fails as no forwarder should."""
        self.calls += 1
        raise ValueError("a bug")

    async def close(self) -> None:
        """Nothing to close."""


async def test_a_forwarders_bug_stops_neither_the_daemon_nor_its_end(desk: Desk) -> None:
    """It is tried again with pauses; the stop waits for none of them."""
    await desk.ledger.publish(
        "a" * 16, "m", ArticleRecord(revision=1, fingerprint=b"f"), [(("id", "e"), ("data", "{}"))],
        expected_revision=0, recheck_seconds=None,
    )  # fmt: skip
    async with Client(FetchSettings(), Guard(())) as client:
        forwarding, broken = Forwarding(desk.connection, (), client), Broken()
        forwarding.add("group", broken)
        stop = asyncio.Event()
        running = asyncio.create_task(forwarding.run(stop))
        async with asyncio.timeout(20):
            while broken.calls < 2:
                await asyncio.sleep(0.01)
            began = asyncio.get_running_loop().time()
            stop.set()
            await running
        assert asyncio.get_running_loop().time() - began < 0.9


# Pure rules


STATES = st.builds(
    ArticleState,
    url=st.just(A),
    published=st.none() | st.floats(NOW - 1e6, NOW),
    first_published_at=st.just(NOW),
    looks_from=st.floats(NOW - 1e6, NOW + 1e6),
    rechecks=st.integers(0, 6),
    withdrawn=st.booleans(),
    own_text=st.booleans(),
)
SCHEDULE = (600.0, 3600.0, 21600.0, 86400.0)


@given(STATES, st.floats(0, 2e6))
def test_the_next_look_is_neither_at_once_nor_never_nor_beyond_the_last_step(state: ArticleState, later: float) -> None:
    """Whatever the clock did. After the last step none is left."""
    wait = next_look_seconds(state, NOW + later, SCHEDULE)
    if wait is None:
        behind = all(state.looks_from + step <= NOW + later for step in SCHEDULE[state.rechecks :])
        old = state.published is not None and state.first_published_at - state.published > 48 * 3600
        assert behind or old or state.withdrawn or state.own_text
    else:
        assert 60 <= wait <= SCHEDULE[-1] and not state.withdrawn and not state.own_text


def test_looks_that_were_missed_are_made_up_by_one() -> None:
    """A worker that was down for a day asks each page once, not once a minute for every step."""
    state = ArticleState(url=A, first_published_at=NOW, looks_from=NOW)
    assert next_look_seconds(state, NOW, SCHEDULE) == 600
    after = msgspec.structs.replace(state, rechecks=1)
    assert next_look_seconds(after, NOW + 30_000, SCHEDULE) == 86400 - 30_000
    assert next_look_seconds(after, NOW + 90_000, SCHEDULE) is None


@given(st.integers(0, 60), st.integers(1, 60), st.floats(-1e6, 1e6))
def test_the_pause_before_a_look_that_a_feed_asks_for_is_bounded_and_none_after_a_revision(
    idle: int, revision: int, since: float
) -> None:
    """A day at most, whatever the clock did."""
    record = ArticleRecord(revision=revision, state=ArticleState(idle=idle, looked_at=NOW - since))
    assert remember.wait_seconds(record, NOW, 300.0) <= 86400
    fresh = ArticleRecord(revision=1, state=ArticleState(idle=0, looked_at=NOW - since))
    assert remember.wait_seconds(fresh, NOW, 300.0) == 0


READINGS = st.builds(
    PageReading,
    article=st.just(b""),
    fingerprint=st.sampled_from([b"f1", b"f2"]),
    mark=st.sampled_from([b"m1", b"m2"]),
    sketch=st.just(()),
    aliases=st.just(()),
    owner=st.sampled_from(["paper.example", "other.example"]),
    words=st.integers(0, 500),
    extracted_from=st.sampled_from(["page", "json-ld", "feed", "summary"]),
    withdrawn=st.booleans(),
    partial=st.booleans(),
)
RECORDS = st.none() | st.builds(
    ArticleRecord,
    revision=st.integers(1, 9),
    fingerprint=st.sampled_from([b"m1", b"m2"]),
    state=st.builds(ArticleState, words=st.integers(0, 500), from_feed=st.booleans(), withdrawn=st.booleans()),
)
PRINTS = st.builds(
    Printed,
    first=st.sampled_from(["a" * 16, "b" * 16]),
    near=st.sampled_from(["", "c" * 16]),
    shared=st.integers(0, 16),
    family=st.sampled_from(["a" * 16, "b" * 16, "c" * 16]),
    owners=st.dictionaries(st.sampled_from(["a" * 16, "b" * 16, "d" * 16]), st.sampled_from(["paper.example", ""])),
)


@given(READINGS, RECORDS, PRINTS)
def test_a_verdict_counts_revisions_without_a_hole_and_never_publishes_what_stands(
    reading: PageReading, record: ArticleRecord | None, printed: Printed
) -> None:
    """Unchanged where the mark is the same; else the next number, and the right kind."""
    verdict = weigh("a" * 16, reading, record, printed, IngestSettings())
    if record is None:
        assert (verdict.kind, verdict.revision, verdict.expected) == (
            "copied" if printed.first != "a" * 16 else "published", 1, 0,
        )  # fmt: skip
        assert (verdict.copy_of is None) == (verdict.kind == "published")
    elif verdict.kind == "unchanged":
        assert verdict.revision == verdict.expected == record.revision
    else:
        assert record.fingerprint != reading.mark
        assert verdict.kind == ("withdrawn" if reading.withdrawn else "revised")
        assert (verdict.expected, verdict.revision) == (record.revision, record.revision + 1)
    if verdict.family is not None:
        assert reading.owner in verdict.family.owners and verdict.family.size >= 1


# Polls


class Maps(Visitor):
    """The feeds of a web that a test made up."""

    def __init__(self, documents: dict[str, str | Exception]) -> None:
        self.documents, self.asked = documents, list[str]()

    def owner(self, url: str) -> str:
        """One for all."""
        return "paper.example"

    async def feed(self, url: str, *, etag: str | None, last_modified: str | None) -> Body:
        """As `dateline.fetch.polite_client.Visitor.feed`."""
        self.asked.append(url)
        found = self.documents[url]
        if isinstance(found, Exception):
            raise found
        return Body(requested_url=url, url=url, status=200, headers={"content-type": "text/xml"}, body=found.encode())


SCHEMA = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)
INDEX = "https://paper.example/index.xml"


def index_of(*urls: str) -> str:
    """A sitemap index."""
    rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<?xml version="1.0"?><sitemapindex {SCHEMA}>{rows}</sitemapindex>'


def sitemap_of(*slugs: str) -> str:
    """A news sitemap."""
    rows = "".join(
        f"<url><loc>https://paper.example/{slug}</loc><news:news><news:publication><news:name>P</news:name>"
        f"<news:language>en</news:language></news:publication><news:title>{slug}</news:title>"
        f"<news:publication_date>2026-11-22T10:00:00Z</news:publication_date></news:news></url>"
        for slug in slugs
    )
    return f'<?xml version="1.0"?><urlset {SCHEMA}>{rows}</urlset>'


async def looked_at(web: Maps) -> Look:
    """One look at the index."""
    look = FeedLook(web, Here(), PollerSettings(), Metrics())
    return await look.look(FeedState(feed="feed", url=INDEX))


async def test_an_index_that_stays_as_it_is_is_read_again_because_its_sitemaps_change() -> None:
    """Its own validators say nothing of them."""
    child = "https://paper.example/news.xml"
    look = await looked_at(Maps({INDEX: index_of(child), child: sitemap_of("one", "two")}))
    assert [one.entry.title for one in (unwrap(q) for q in look.queued)] == ["one", "two"]
    assert look.validators["raw_hash"] == b"" and look.validators["body_hash"] == b""


async def test_an_index_that_lists_itself_and_other_indexes_comes_to_an_end() -> None:
    """Each address once, and few of them."""
    others = [f"https://paper.example/{n}.xml" for n in range(30)]
    web = Maps(
        {
            INDEX: index_of(INDEX, *others[:2]),
            **{url: index_of(*others[n + 1 : n + 4], INDEX) for n, url in enumerate(others)},
        }
    )
    await looked_at(web)
    assert len(web.asked) == len(set(web.asked)) <= 8


async def test_a_sitemap_that_fails_or_has_to_wait_hides_none_of_the_others() -> None:
    """One is gone, one has no place in its owner's budget at first."""

    class Late(Maps):
        async def feed(self, url: str, *, etag: str | None, last_modified: str | None) -> Body:
            """Refused once."""
            if url.endswith("b.xml") and url not in self.asked:
                self.asked.append(url)
                raise Postponed(0.01)
            return await super().feed(url, etag=etag, last_modified=last_modified)

    a, b = "https://paper.example/a.xml", "https://paper.example/b.xml"
    look = await looked_at(Late({INDEX: index_of(a, b), a: PermanentError("gone", code="gone"), b: sitemap_of("two")}))
    assert look.error is None and len(look.queued) == 1


# Families


async def family_of(ledger: Ledger, name: str, text: str) -> str:
    """What the ledger makes of a text, remembered as a publication does."""
    article, said = article_id(name), words([text])
    mark = fingerprint(said)
    printed = await ledger.printed(article, "paper.example", mark, sketch(said))
    record = ArticleRecord(revision=1, fingerprint=mark, family=printed.family)
    await ledger.publish(article, "m", record, [(("id", name),)], expected_revision=0, recheck_seconds=None)
    return printed.family


async def test_edited_copies_join_their_family_and_stock_phrases_found_none(desk: Desk) -> None:
    """Every story here shares a fifth of its sentences with every other; what is its own decides."""
    ledger = desk.ledger
    stock = [
        f"As so often in such affairs number {n} of the usual remarks was made by all who were asked about it."
        for n in range(4)
    ]

    def told(seed: int) -> list[str]:
        own = [
            f"In case {seed}{n} the board of ward {seed * 7 + n} in district {seed * 13} "
            f"chose plan {n * seed + 5} on day {n + seed}."
            for n in range(14)
        ]
        return [line for pair in zip(own, [*stock, *[""] * 10], strict=True) for line in pair if line]

    stories = {seed: told(seed) for seed in range(3, 40)}
    roots = {seed: await family_of(ledger, f"first {seed}", " ".join(lines)) for seed, lines in stories.items()}
    late = [seed for seed in stories if seed >= 20]  # the first few make the stock phrases known
    assert len({roots[seed] for seed in late}) == len(late)
    joined = 0
    for seed in late:
        lines = stories[seed]
        edited = [*lines[:3], f"Readers of edition {seed} will want to know that a local group met too.", *lines[3:-4]]
        found = await family_of(ledger, f"copy {seed}", " ".join(edited))
        joined += found == roots[seed]
        assert found in (roots[seed], article_id(f"copy {seed}"))
        assert await family_of(ledger, f"copy of {seed}", " ".join(edited)) == found
    assert joined >= 0.85 * len(late)


async def test_an_original_asked_about_again_is_no_copy_of_its_copies(connection: Connection) -> None:
    """A retry after its edited copy came in between."""
    ledger = Ledger(connection)
    first, second = words([story(60, 200)]), words([story(60, 200) + " One more sentence at the end of it."])
    one, two = article_id("one"), article_id("two")
    if len(connection.keys) == 1:
        assert (await ledger.printed(one, "a", fingerprint(first), sketch(first))).family == one
        assert (await ledger.printed(two, "b", fingerprint(second), sketch(second))).family == one
    again = await ledger.printed(one, "a", fingerprint(first), sketch(first))
    assert again.first == again.family == one
