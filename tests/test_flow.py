"""The flow held against its promises: identity on a real ledger, the poll's job, and the pure rules between link and stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from redis_server import RedisServer

from worker import jobs
from worker.carry import Carrier
from worker.dedup.identity import Mode, article_id, digest, names
from worker.errors import PermanentError, TransientError
from worker.ingest import Ingest
from worker.model import Body, Entry, QueuedEntry, unwrap, wrap
from worker.poll_job import PollJob, PollReading, poll
from worker.recheck import Rechecker
from worker.store.dead_letters import DeadLetters
from worker.store.entries import Entries, rows
from worker.store.ledger import Ledger
from worker.store.redis import Connection, StoreSettings
from worker.telemetry import Metrics
from worker.urls import same_key
from worker.weigh import IngestSettings, Work

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


def polled(items: list[dict[str, str]], memory: bytes = b"", feed: str = "feed") -> PollReading:
    """A poll of an RSS feed with these items."""
    rows = "".join("<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in item.items()) + "</item>" for item in items)
    raw = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{rows}</channel></rss>'.encode()
    url = f"https://paper.example/{feed}.xml"
    return poll(
        PollJob(
            body=Body(requested_url=url, url=url, status=200, body=raw), feed=feed, feed_url=url, now=NOW, memory=memory
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
        """As `worker.visitor.Visitor.page`."""
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
        """As `worker.pool.Pool.run`."""
        return jobs.run(job, payload)


WORDS = (
    "quiet harbour council voted after long debate on new cranes while dockers waited outside for news of wages"
).split()  # noqa: SIM905


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
        held = await self.entries.take(partition, 50, 0.1)
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
    own = {"content": f"<p>{story(8, 200)}</p>", "full_text": True}
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
