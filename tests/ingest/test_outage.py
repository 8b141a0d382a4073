"""Pages that cannot be had: our own outage costs no try, an owner's is made up for, and no feed's text is lost with them."""

from __future__ import annotations

import pytest

from dateline.errors import OWN_OUTAGES, Blocked, PermanentError, TransientError
from dateline.ingest.outcomes import MOST_REVIVED, EntryHandler
from dateline.ingest.work import EntrySettings
from dateline.model.records import unwrap
from dateline.store.dead_letters import DeadLetters
from dateline.telemetry import Metrics
from support.pipeline import Desk, entry_of, html, story
from support.stories import prose

A, B = "https://paper.example/a", "https://paper.example/b"
AWAY = TransientError("away", code="connection")


async def test_while_we_are_offline_a_page_that_fails_costs_no_try(desk: Desk) -> None:
    """An outage of eight hours would otherwise move the whole backlog to the dead letters."""
    is_offline = True
    settings = EntrySettings(retry_seconds=(1.0,))
    pipeline = desk.handler._pipeline
    desk.handler = EntryHandler(pipeline, desk.ledger, desk.entries, settings, Metrics(), lambda: is_offline)
    desk.site.pages = {A: AWAY}
    assert await desk.carry(entry_of(A)) == ["postponed"]
    (payload,) = await desk.connection.call("ZRANGE", desk.connection.keys[0].later, 0, -1)
    for _ in range(5):
        assert await desk.carry(unwrap(payload)) == ["postponed"]
    assert unwrap(payload).attempts == 0
    is_offline = False
    assert await desk.carry(unwrap(payload)) == ["retry"]


@pytest.mark.parametrize("code", sorted(OWN_OUTAGES))
async def test_while_no_child_process_can_read_an_entry_costs_no_try(desk: Desk, code: str) -> None:
    """The pool's zygote was killed, or the worker is stopping: no page is to blame."""
    desk.site.pages = {A: TransientError("no child process can be started", code=code)}
    assert await desk.carry(entry_of(A)) == ["postponed"]
    (payload,) = await desk.connection.call("ZRANGE", desk.connection.keys[0].later, 0, -1)
    assert unwrap(payload).attempts == 0
    desk.site.pages = {A: html("Cranes", story(2))}
    assert await desk.carry(unwrap(payload)) == ["published"]


async def test_what_an_owner_did_not_answer_comes_back_when_it_does_and_not_for_ever(desk: Desk) -> None:
    """One page of it that comes brings the others; one that never answers ends after so many rounds."""
    desk.site.pages = {A: AWAY, B: html("Cranes", story(2))}
    assert await desk.carry(entry_of(A)) == ["dead"]
    for number in range(MOST_REVIVED):
        desk.site.pages[f"{B}{number}"] = html(f"Cranes {number}", story(30 + number))
        assert (await desk.carry(entry_of(f"{B}{number}", f"Cranes {number}")))[0] == "published"
        assert await desk.carry() == ["dead"]
    desk.site.pages[A] = html("Docks", story(50))
    assert await desk.carry(entry_of(B)) == ["published"]
    assert await desk.carry() == []
    letters = [letter async for letter in DeadLetters(desk.connection).all()]
    assert [letter.entry.revived for letter in letters] == [MOST_REVIVED]
    await DeadLetters(desk.connection).requeue(letters)
    assert await desk.carry() == ["published"]


@pytest.mark.parametrize(
    "error",
    [
        PermanentError("404", code="http_status", status=404),
        PermanentError("gone", code="gone", status=410),
        TransientError("500", code="http_status", status=500),
        TransientError("a broken header", code="protocol"),
        TransientError("empty", code="empty"),
    ],
    ids=lambda error: f"{error.code} {error.status}",
)
async def test_an_article_that_its_feed_contains_is_published_without_its_page(desk: Desk, error: Exception) -> None:
    """A teaser alone is none: its entry is set aside."""
    desk.site.pages = {A: error, B: error}
    assert await desk.carry(entry_of(A, content=f"<p>{story(3)}</p>")) == ["published"]
    ((_, article),) = await desk.stream()
    assert article["extracted_from"] == "feed" and story(3)[:60] in article["text"]
    assert await desk.carry(entry_of(B, "Docks", summary="Docks are to be closed.")) == ["dead"]


async def test_a_page_that_we_may_not_have_is_not_replaced_by_its_feeds_text(desk: Desk) -> None:
    """robots.txt and the guard are about the article, too."""
    desk.site.pages = {A: Blocked("robots", code="robots")}
    assert await desk.carry(entry_of(A, content=f"<p>{story(4)}</p>")) == ["dead"]


@pytest.mark.parametrize("state", ["404", "redirect"])
async def test_a_page_missing_for_hours_is_withdrawn_and_published_again_when_it_is_back(
    desk: Desk, state: str
) -> None:
    """A site that is down sends all its readers to one page, or knows none; its validators are not asked for then."""
    events = "Three soldiers were killed on Monday when rebels attacked an army base near Kano, officials said. "
    page = html("Attack on army base", events + story(5))
    home = "https://paper.example/"
    desk.site.pages = {A: page, home: html("The Paper", prose("home"))}
    assert await desk.carry(entry_of(A, "Attack on army base")) == ["published"]
    if state == "404":
        desk.site.pages[A] = PermanentError("404", code="http_status", status=404)
    else:
        desk.site.redirects = {A: home}
    assert await desk.recheck() == ["unchanged"]
    assert await desk.recheck() == ["withdrawn"]
    assert await desk.recheck() == ["unchanged"]
    asked = len(desk.site.asked)
    desk.site.pages[A], desk.site.redirects = page, {}
    assert await desk.recheck() == ["revised"]
    assert desk.site.asked[asked:] == [(A, None)]
    reported = [data["id"] for kind, data in await desk.stream() if kind == "event.reported"]
    retracted = [data["id"] for kind, data in await desk.stream() if kind == "event.retracted"]
    assert retracted and reported == [*retracted, *retracted]
    last = [data for kind, data in await desk.stream() if kind.startswith("article.")][-1]
    assert last["title"] == "Attack on army base" and last["revision"] == 3 and story(5)[:60] in last["text"]
