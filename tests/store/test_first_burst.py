"""The first requests to an owner go without spacing, and no further ones do."""

from __future__ import annotations

from dateline.errors import Postponed
from dateline.store.budget import Budget
from dateline.store.redis import Connection

BURST, GAP_SECONDS = 3, 60.0


async def goes(connection: Connection, burst: int, gap_seconds: float = GAP_SECONDS) -> bool:
    """Whether a request may leave at once; each call is another worker's."""
    budget = Budget(connection, at_once=2, lease_seconds=30)
    try:
        async with budget.place("a.example", "a.example", gap_seconds=gap_seconds, max_wait_seconds=1, burst=burst):
            return True
    except Postponed:
        return False


async def test_a_feed_robots_txt_and_a_page_go_at_once_and_the_next_page_waits(connection: Connection) -> None:
    """The burst is the owner's, whoever asks."""
    assert await goes(connection, -BURST)
    assert await goes(connection, BURST)
    assert await goes(connection, BURST)
    assert not await goes(connection, BURST)


async def test_a_second_feed_waits_and_leaves_the_burst_to_the_pages_of_the_first(connection: Connection) -> None:
    """Else an owner with three feeds would publish its first article as late as without a burst."""
    assert await goes(connection, -BURST)
    assert not await goes(connection, -BURST)
    assert await goes(connection, BURST)


async def test_a_crawl_delay_holds_within_the_burst(connection: Connection) -> None:
    """Who asks with 0 is spaced from the requests of the burst, too."""
    assert await goes(connection, -BURST)
    assert await goes(connection, BURST)
    assert not await goes(connection, 0, 2 * GAP_SECONDS)


async def test_an_owner_that_was_asked_before_has_no_burst(connection: Connection) -> None:
    """A restart brings no second one."""
    assert await goes(connection, 0)
    assert not await goes(connection, BURST)
