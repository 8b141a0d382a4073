"""When a published page is looked at again."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dateline.ingest.recheck import next_look_seconds
from dateline.ingest.revision import seconds_until_recheck
from dateline.ingest.work import EntrySettings
from dateline.model.records import Entry
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection
from support.pipeline import NOW, Desk, entry_of, html, story

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
