"""Articles whose address changes, with and without their guid: looked at where they are now, and published once."""

from __future__ import annotations

import pytest

from dateline.errors import PermanentError, TransientError
from dateline.ingest.same_story import MOST_IDLE_MOVES
from dateline.store.audit import judge
from dateline.store.snapshot import snapshot
from support.pipeline import Desk, html
from support.shown_feeds import Feed, item
from support.stories import HOST, link, one_id_per_article, prose, title_of

pytestmark = pytest.mark.one_redis

NEW = f"{HOST}/world/moved"
LOGIN_WORDS = (
    "Our site is being worked on at the moment. All pages are closed for some hours while we move to new servers. Please try "
    "again later. We are sorry for the trouble and thank you for your patience. If you have a subscription you need do "
    "nothing: it is extended by a day."
)
MORE = " The mayor has since apologised to all."


def page(n: int, more: str = "") -> str:
    """The page of story ``n``."""
    return html(title_of(n), prose(str(n)) + more)


async def problems(desk: Desk) -> list[str]:
    """What `verify` says."""
    return [problem.say for problem in judge(await snapshot(desk.connection, 0))]


async def kinds(desk: Desk) -> list[str]:
    await one_id_per_article(desk)
    return [kind.removeprefix("article.") for kind in await desk.kinds()]


async def test_a_new_address_of_an_entry_is_looked_at_and_is_the_articles_from_then_on(desk: Desk) -> None:
    """Its guid and its words are what they were. The next look goes to the new address, the old one may be gone."""
    desk.site.pages, feed = {link(0): page(0), NEW: page(0)}, Feed(desk)
    await feed.shows(item(0))
    assert await feed.shows(item(0, link=NEW)) == ["unchanged"]
    assert await feed.shows(item(0, link=NEW)) == []
    desk.site.pages = {link(0): PermanentError("gone", code="gone"), NEW: page(0, MORE)}
    assert await desk.recheck() == ["revised"]
    assert await Feed(desk, feed="another").shows(item(0, link=NEW, guid="urn:uuid:" + "1" * 36)) == ["known"]
    assert await kinds(desk) == ["published", "revised"]


async def test_a_new_address_that_never_had_the_article_does_not_withdraw_it(desk: Desk) -> None:
    """The feed's new link is broken, the old one works as before; once that one is gone as well, so is the article."""
    desk.site.pages, feed = {link(0): page(0), NEW: PermanentError("404", code="http_status", status=404)}, Feed(desk)
    await feed.shows(item(0))
    assert await desk.recheck() == ["unchanged"]
    assert await feed.shows(item(0, link=NEW)) == ["known"]
    assert [await desk.recheck() for _ in range(2)] == [["unchanged"]] * 2
    desk.site.pages[link(0)] = page(0, MORE)
    assert await desk.recheck() == ["revised"]
    desk.site.pages[link(0)] = desk.site.pages[NEW]
    assert [await desk.recheck() for _ in range(2)] == [["unchanged"], ["withdrawn"]]


async def test_a_new_address_with_a_corrected_text_is_a_revision(desk: Desk) -> None:
    desk.site.pages, feed = {link(0): page(0), NEW: page(0, MORE)}, Feed(desk)
    await feed.shows(item(0))
    assert await feed.shows(item(0, link=NEW)) == ["revised"]


async def test_a_new_address_that_is_not_looked_at_at_once_is_looked_at_later(desk: Desk) -> None:
    """The page was looked at a moment ago and had nothing new."""
    desk.site.pages, feed = {link(0): page(0), NEW: page(0, MORE)}, Feed(desk)
    await feed.shows(item(0))
    assert await desk.recheck() == ["unchanged"]
    assert await feed.shows(item(0, link=NEW)) == ["known"]
    assert await desk.recheck() == ["revised"]
    assert await kinds(desk) == ["published", "revised"]


async def test_a_feed_that_writes_another_address_at_every_poll_is_not_followed_for_ever(desk: Desk) -> None:
    """Looks at one article come after pauses that double, and the addresses that are kept are few."""
    feed = Feed(desk)
    for n in range(2 * MOST_IDLE_MOVES):
        address = f"{NEW}/{n}"
        desk.site.pages[address] = page(0)
        await feed.shows(item(0, link=address))
        await desk.recheck()
    asked = len(desk.site.asked)
    for n in range(5):
        assert await feed.shows(item(0, link=f"{NEW}/again/{n}")) == ["known"]
    assert len(desk.site.asked) == asked
    assert await kinds(desk) == ["published"]


async def test_entries_of_one_link_are_not_taken_for_moved_ones(desk: Desk) -> None:
    """The front page, which leads to none of them, is no new address at each poll."""
    desk.site.pages, feed = {f"{HOST}/": page(0)}, Feed(desk)
    shown = [item(n, link=f"{HOST}/", guid=str(n), description=prose(str(n))) for n in range(3)]
    await feed.shows(*shown)
    assert await feed.shows(*shown) == []


@pytest.mark.parametrize("more", ["", MORE], ids=["the same text", "a corrected text"])
@pytest.mark.parametrize("before", ["leads there", "is gone"])
async def test_guid_and_link_change_together_and_the_article_goes_on(desk: Desk, before: str, more: str) -> None:
    """Where its address leads to the new one, or is gone, and title and text agree."""
    desk.site.pages, feed = {link(0): page(0), NEW: page(0, more)}, Feed(desk)
    await feed.shows(item(0))
    if before == "leads there":
        desk.site.redirects = {link(0): NEW}
    else:
        desk.site.pages[link(0)] = PermanentError("404", code="gone", status=404)
    moved = item(0, link=NEW, guid="urn:uuid:" + "1" * 36)
    assert await feed.shows(moved) == ["revised" if more else "unchanged"]
    assert await Feed(desk, feed="another").shows(moved) == ["known"]
    desk.site.pages[NEW] = page(0, more + " And once more.")
    assert await desk.recheck() == ["revised"]
    assert (await kinds(desk))[:1] == ["published"]
    assert all(data["family"]["size"] == 1 for kind, data in await desk.stream() if kind.startswith("article"))


@pytest.mark.parametrize("before", ["stays", "does not answer"])
async def test_two_addresses_of_one_text_that_stay_are_an_article_and_its_copy(desk: Desk, before: str) -> None:
    """As they were: two sections of one paper print a text."""
    desk.site.pages, feed = {link(0): page(0), NEW: page(0)}, Feed(desk)
    await feed.shows(item(0))
    if before == "does not answer":
        desk.site.pages[link(0)] = TransientError("timeout", code="timeout")
    assert await feed.shows(item(0, link=NEW, guid="urn:uuid:" + "1" * 36)) == ["copied"]


async def test_a_story_whose_address_is_given_to_another_one_is_not_that_one(desk: Desk) -> None:
    """A new guid and link, the old address leads there, but headline and text are others."""
    desk.site.pages, feed = {link(0): page(0), NEW: page(1)}, Feed(desk)
    await feed.shows(item(0))
    desk.site.redirects = {link(0): NEW}
    assert await feed.shows(item(1, link=NEW)) == ["published"]


async def test_a_notice_is_no_proof_that_an_entry_is_the_article_whose_guid_it_has(desk: Desk) -> None:
    """It was published for the one link that showed it. The entry with that guid shows it too, and comes when it is over."""
    notice = html("We will be back soon", LOGIN_WORDS)
    desk.site.pages, feed = {link(0): notice, link(1): notice}, Feed(desk)
    await feed.shows(item(0))
    outcomes = await Feed(desk, feed="another").shows(item(1, guid=item(0)["guid"]))
    assert outcomes == ["dead"]
    desk.site.pages = {link(0): page(0), link(1): page(1)}
    assert await Feed(desk, feed="third").shows(item(1, guid=item(0)["guid"])) == ["published"]


async def test_a_story_that_comes_at_a_new_address_in_place_of_a_notice_is_no_problem_of_verify(desk: Desk) -> None:
    """Its first revision was what the closed site answered, under another address and another headline."""
    closed = html("We will be back soon", LOGIN_WORDS)
    desk.site.pages, feed = {link(0): closed, NEW: closed}, Feed(desk)
    assert await feed.shows(item(0)) == ["published"]
    await feed.shows(item(0, link=NEW))
    desk.site.pages = {link(0): page(0), NEW: page(0)}
    assert await desk.recheck() == ["revised"]
    assert await kinds(desk) == ["published", "revised"]
    assert await problems(desk) == []


async def test_a_new_headline_at_a_new_address_over_the_same_text_is_no_problem_of_verify(desk: Desk) -> None:
    desk.site.pages, feed = {link(0): page(0)}, Feed(desk)
    await feed.shows(item(0))
    desk.site.pages[NEW] = html(title_of(1), prose("0") + MORE)
    await feed.shows(item(0, link=NEW, title=title_of(1)))
    assert await kinds(desk) == ["published", "revised"]
    assert await problems(desk) == []
