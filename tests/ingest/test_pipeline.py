"""The flow held against its promises: identity on a real ledger, the poll's job, and the pure rules between link and stream."""

from __future__ import annotations

import asyncio
from typing import Any

from dateline.dedup.identity import article_id, digest
from dateline.errors import PermanentError, TransientError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.runner import Forwarding
from dateline.ingest.consumer import EntryConsumer
from dateline.ingest.outcomes import EntryHandler
from dateline.ingest.pipeline import Pipeline
from dateline.ingest.reading import Reader
from dateline.ingest.work import EntrySettings
from dateline.model.records import Body, wrap
from dateline.model.sketch import Sketch
from dateline.settings import FetchSettings
from dateline.store.dead_letters import DeadLetters
from dateline.store.entries import Entries
from dateline.store.ledger import ClaimState, Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.store.upkeep import stats
from dateline.telemetry import Metrics
from support.forwarding import sink_settings
from support.pipeline import Desk, Here, Site, entry_of, html, story

A, B = "https://paper.example/news/a", "https://paper.example/news/b"


async def test_validators_are_sent_only_to_the_address_that_gave_them(desk: Desk) -> None:
    """A changed link is another resource: its 304 to a foreign validator would hide the revision."""
    desk.site.pages = {A: html("Cranes", story(1)), B: html("Cranes", story(2))}
    desk.site.etags = {A: '"x"', B: '"x"'}
    assert await desk.carry(entry_of(A, guid="tag:paper.example,2026:one")) == ["published"]
    assert await desk.carry(entry_of(B, guid="tag:paper.example,2026:one", reason="changed", version=b"v2")) == [
        "revised"
    ]
    assert desk.site.asked == [(A, None), (B, None)]
    assert await desk.carry(entry_of(B, guid="tag:paper.example,2026:one", reason="changed", version=b"v3")) == [
        "unchanged"
    ]
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


async def test_a_correction_note_alone_is_a_revision(desk: Desk) -> None:
    """It may correct what is no part of the body: a caption, a credit line."""
    note = "Correction: an earlier version of this article misstated the name of the photographer."
    desk.site.pages = {A: html("Cranes", story(60))}
    assert await desk.carry(entry_of(A)) == ["published"]
    desk.site.pages = {A: html("Cranes", f"{story(60)}</p><p>{note}")}
    assert await desk.recheck() == ["revised"]
    assert [data.get("correction") for kind, data in await desk.stream()] == [None, note]
    desk.site.pages = {A: html("Cranes", f"{story(60)}</p><p>{note.replace('photographer', 'illustrator')}")}
    assert await desk.recheck() == ["revised"]


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
    first = await ledger.printed("x" * 16, "paper.example", mark, Sketch())
    assert first.first == "x" * 16
    desk.site.pages = {A: html("Cranes", story(14)), B: html("Cranes", story(14))}
    settings = EntrySettings(retry_seconds=(), stages=(("no_such_stage", b"{}"),))
    failing = Desk(desk.connection, settings)
    failing.site = desk.site
    failing.handler._pipeline.pages = desk.site
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
    handler = EntryHandler(
        Pipeline(desk.ledger, hanging, Reader(Here(), desk.settings, metrics), desk.settings, metrics),
        desk.ledger,
        desk.entries,
        desk.settings,
        metrics,
    )
    loop = EntryConsumer(handler, desk.entries, 1, 1, desk.entries.set_up)
    await desk.entries.set_up()
    await desk.connection.script("enqueue", [[wrap(entry_of(link)), "", ""] for link in (A, B)], 0)
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop, drain_seconds=0.1))
    async with asyncio.timeout(60):
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
        assert await connection.call("PTTL", f"{keys.base}l:{article}") > 1000
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
        forwarding.add(sink_settings(), broken)
        stop = asyncio.Event()
        running = asyncio.create_task(forwarding.run(stop))
        async with asyncio.timeout(60):
            while broken.calls < 3:
                await asyncio.sleep(0.01)
            began = asyncio.get_running_loop().time()
            stop.set()
            await running
        assert asyncio.get_running_loop().time() - began < 1.9  # the pause after three failures is two seconds


async def test_what_a_stage_drops_is_kept_apart_from_the_dead_letters_and_can_be_queued_again(desk: Desk) -> None:
    """With the stage's name and under a limit of its own: a filter that drops much pushes no dead letter out."""
    desk.site.pages = {A: html("Cranes", story(17))}
    strict = Desk(desk.connection, EntrySettings(stages=(("drop_short", b'{"min_words": 5000}'),)))
    strict.site = desk.site
    strict.handler._pipeline.pages = desk.site
    assert await strict.carry(entry_of(A)) == ["dropped"]
    dropped = DeadLetters(desk.connection, dropped=True)
    assert (await DeadLetters(desk.connection).count(), await dropped.count()) == (0, 1)
    (letter,) = [one async for one in dropped.all()]
    assert (letter.fields["code"], letter.entry.entry.link) == ("dropped", A)
    assert letter.fields["reason"] == "stage drop_short dropped the article: 140 words; min_words is 5000"
    counters = await stats(desk.connection)
    assert (counters.get("dropped"), counters.get("dead")) == (1, None)
    assert await dropped.requeue([letter]) == 1 and await dropped.requeue([letter]) == 0
    assert await dropped.count() == 0
    assert await desk.carry() == ["published"]
