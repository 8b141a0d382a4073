"""When a published page is looked at again."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import PermanentError
from dateline.ingest.recheck import Rechecker, next_look_seconds
from dateline.ingest.revision import seconds_until_recheck
from dateline.ingest.work import EntrySettings
from dateline.model.records import Body, Entry
from dateline.settings import RedisSettings
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection
from support.pipeline import NOW, Desk, Site, entry_of, html, story
from support.redis_server import RedisServer

# Pure rules


A = "https://paper.example/news/a"
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
    assert seconds_until_recheck(record, NOW, 300.0) <= 86400
    fresh = ArticleRecord(revision=1, state=ArticleState(idle=0, looked_at=NOW - since))
    assert seconds_until_recheck(fresh, NOW, 300.0) == 0


async def state_of(desk: Desk, article: str) -> ArticleState:
    """What is kept of an article."""
    record = await desk.ledger.record(article)
    assert record is not None
    return record.state


async def test_after_the_last_look_a_changed_entry_brings_back_what_its_look_needs(
    connection: Connection,
) -> None:
    """The record keeps neither author nor feed title then; the next planned look goes by the entry that asked for it."""
    desk, link = (
        Desk(connection, EntrySettings(retry_seconds=(), recheck_seconds=(7200.0,))),
        "https://paper.example/a",
    )
    desk.site.pages = {link: html("Cranes leave", story(1))}
    first = entry_of(link, "Cranes leave", author="Ann Reed", feed_title="Paper")
    assert await desk.carry(first) == ["published"]
    assert (await state_of(desk, first.article)).hints == Entry(title="Cranes leave", author="Ann Reed")
    assert await desk.recheck() == ["unchanged"]
    settled = await state_of(desk, first.article)
    assert settled.settled and settled.feed_title is None and settled.hints == Entry(title="Cranes leave")
    changed = entry_of(link, "Cranes leave", author="Ann Reed", feed_title="Paper", reason="changed", version=b"v2")
    assert await desk.carry(changed) == ["known"]  # its page was looked at a moment ago
    again = await state_of(desk, first.article)
    assert (
        not again.settled
        and again.feed_title == "Paper"
        and again.hints == Entry(title="Cranes leave", author="Ann Reed")
    )
    assert await desk.recheck() == ["unchanged"]
    assert await desk.kinds() == ["article.published"]


async def test_a_partition_that_cannot_be_asked_costs_the_looks_of_the_others_nothing(
    redis: RedisServer, prefix: str
) -> None:
    """Its key has a wrong type here; a server that is away answers as little."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=4))
    desk = Desk(opened, EntrySettings(retry_seconds=()))
    links = [f"https://paper.example/{n}" for n in range(12)]
    desk.site.pages = {link: html(f"Cranes leave port {n}", story(n)) for n, link in enumerate(links)}
    assert set(await desk.carry(*(entry_of(link, f"Cranes leave port {n}") for n, link in enumerate(links)))) == {
        "published"
    }
    for keys in opened.keys:
        for member in await opened.call("ZRANGE", keys.recheck, 0, -1):
            await opened.call("ZADD", keys.recheck, 0, member)
    due = [await opened.call("ZCARD", keys.recheck) for keys in opened.keys]
    assert due[0] and sum(due[1:])
    await opened.call("DEL", opened.keys[0].recheck)
    await opened.call("SET", opened.keys[0].recheck, "no set")
    assert await Rechecker(opened).once(NOW) == sum(due[1:])
    await opened.close()


@dataclass
class _OverrunSite(Site):
    """A site so slow that another entry has claimed the article by the time it answers: the page is gone."""

    claims: list[str] = field(default_factory=list)
    connection: Connection | None = None

    async def page(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Body:
        """As `Site.page`."""
        assert self.connection is not None
        for key in self.claims:
            await self.connection.call("SET", key, "another", "EX", 60)
        raise PermanentError("gone", code="gone", status=404)


async def test_a_look_at_a_lost_page_whose_claim_another_has_comes_back(desk: Desk) -> None:
    """It is not done with: nothing was stored of it."""
    link = "https://paper.example/a"
    desk.site.pages = {link: html("Cranes leave", story(1))}
    first = entry_of(link, "Cranes leave")
    assert await desk.carry(first) == ["published"]
    keys = [f"{keys.base}l:{first.article}" for keys in desk.connection.keys]
    desk.pipeline.pages = _OverrunSite(claims=keys, connection=desk.connection)
    assert await desk.recheck() == ["postponed"]
    assert (await state_of(desk, first.article)).gone == 0


async def test_the_metrics_count_the_events_that_a_withdrawal_retracts(desk: Desk) -> None:
    link = "https://paper.example/a"
    text = "Police arrested Ann Reed in Oslo on Monday. " + story(1)
    desk.site.pages = {link: html("Police arrest Ann Reed", text)}
    assert await desk.carry(entry_of(link, "Police arrest Ann Reed")) == ["published"]
    reported = sum(kind == "event.reported" for kind, _ in await desk.stream())
    desk.site.pages[link] = PermanentError("gone", code="gone", status=410)
    assert await desk.recheck() == ["unchanged"] and await desk.recheck() == ["withdrawn"]
    samples = [sample for metric in desk.metrics.events.collect() for sample in metric.samples]
    retracted = [s.value for s in samples if s.name.endswith("_total") and s.labels["kind"] == "retracted"]
    assert reported and retracted == [reported]
