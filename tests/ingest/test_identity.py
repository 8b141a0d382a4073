"""Which article an entry is, where its link leads elsewhere, its guid was used before, or its page answers many links."""

from __future__ import annotations

from dateline.ingest.work import EntrySettings
from dateline.store.dead_letters import DeadLetters
from support.pipeline import Desk, entry_of, html
from support.stories import HOST, link, one_id_per_article, prose, title_of

MAINTENANCE = html(
    "We are moving house",
    "Our website is being moved to new servers this evening and will be back shortly. Thank you for your patience while our "
    "engineers work on it. In the meantime you can follow our newsroom on the radio and read the printed edition of the paper, "
    "which appears as usual tomorrow morning.",
)
REGISTER = (
    "To read this story in full, register with the Daily Example free of charge. Registered readers get three stories a month, "
    "our morning briefing and the weekend quiz. Already registered? Sign in to your account below and continue reading where "
    "you left off."
)
CLOSED = (
    "Police said the road was closed in both directions while crews worked at the scene on Thursday morning. Drivers were "
    "asked to use other routes. No further information was available."
)


async def titles(desk: Desk, kind: str = "article.published") -> list[str]:
    """Titles on the stream, of one kind."""
    return [data.get("title") for what, data in await desk.stream() if what == kind]


async def test_links_that_lead_to_one_maintenance_page_wait_and_come_when_it_is_over(desk: Desk) -> None:
    """Nothing is published of it, no story is taken for another, and each comes when its page is back."""
    desk.site.pages = {f"{HOST}/maintenance": MAINTENANCE} | {
        link(n): html(title_of(n), prose(str(n))) for n in range(6)
    }
    desk.site.redirects = {link(n): f"{HOST}/maintenance" for n in range(6)}
    shown = [entry_of(link(n), title_of(n), guid=f"urn:m:{n}") for n in range(6)]
    assert await desk.carry(*shown) == ["dead"] * 6  # this desk retries nothing
    letters = [row async for row in DeadLetters(desk.connection).all()]
    assert {row.fields["code"] for row in letters} == {"wall"}
    assert all("says nothing of its title" in row.fields["reason"] for row in letters)
    assert await desk.kinds() == []
    desk.site.redirects = {}
    assert await desk.carry(*shown) == ["published"] * 6
    assert await titles(desk) == [title_of(n) for n in range(6)]
    await one_id_per_article(desk)


async def test_an_error_page_without_redirect_that_answers_for_all_links_is_withdrawn_and_the_stories_come(
    desk: Desk,
) -> None:
    """The first is published before it can be known; the second link with its text tells what it is."""
    desk.site.pages = dict.fromkeys([link(n) for n in range(3)], MAINTENANCE)
    assert await desk.carry(*(entry_of(link(n), title_of(n)) for n in range(3))) == ["published", "dead", "dead"]
    assert await desk.kinds() == ["article.published", "article.withdrawn"]
    desk.site.pages = {link(n): html(title_of(n), prose(str(n))) for n in range(3)}
    assert await desk.recheck() == ["revised"]  # the first, looked at again
    assert await desk.carry(*(entry_of(link(n), title_of(n)) for n in (1, 2))) == ["published", "published"]
    await one_id_per_article(desk)


async def test_a_register_page_under_the_stories_own_headlines_is_told_at_the_second(desk: Desk) -> None:
    """Its words are not those of a story, and one site shows them under many links."""
    desk.site.pages = {link(n): html(title_of(n), REGISTER) for n in range(5)}
    outcomes = await desk.carry(*(entry_of(link(n), title_of(n)) for n in range(5)))
    assert outcomes == ["published", "dead", "dead", "dead", "dead"]
    assert await desk.kinds() == ["article.published", "article.withdrawn"]
    assert await desk.recheck() == ["unchanged"]  # the wall still stands: no revision of a withdrawal
    await one_id_per_article(desk)


async def test_short_notices_of_one_template_are_articles_of_their_own(desk: Desk) -> None:
    """Six road closures in the same 31 words: each has its headline."""
    named = [f"Road {n} closed after crash near mile {n * 7}" for n in range(6)]
    desk.site.pages = {link(n): html(named[n], CLOSED) for n in range(6)}
    assert await desk.carry(*(entry_of(link(n), named[n]) for n in range(6))) == ["published"] * 6
    await one_id_per_article(desk)


async def test_a_published_page_that_leads_to_a_section_is_withdrawn_after_two_looks(desk: Desk) -> None:
    """The commonest way of taking an article down; the section page is no revision of it."""
    section = html("Sport", prose("sport"))
    desk.site.pages = {link(1): html(title_of(1), prose("1")), f"{HOST}/sport/": section}
    assert await desk.carry(entry_of(link(1), title_of(1))) == ["published"]
    desk.site.redirects = {link(1): f"{HOST}/sport/"}
    assert await desk.recheck() == ["unchanged"]
    assert await desk.recheck() == ["withdrawn"]
    assert await desk.kinds() == ["article.published", "article.withdrawn"]


async def test_a_published_page_that_moves_with_its_text_goes_on_as_the_same_article(desk: Desk) -> None:
    """A new address for the old text is no end."""
    desk.site.pages = {
        link(1): html(title_of(1), prose("1")),
        f"{HOST}/new/1": html(title_of(1), prose("1") + " More."),
    }
    assert await desk.carry(entry_of(link(1), title_of(1))) == ["published"]
    desk.site.redirects = {link(1): f"{HOST}/new/1"}
    assert await desk.recheck() == ["revised"]
    await one_id_per_article(desk)


async def test_a_published_page_replaced_by_an_error_page_in_its_place_is_left_as_it_was(desk: Desk) -> None:
    """Status 200, the same address, another text that says nothing of the story."""
    desk.site.pages = {link(1): html(title_of(1), prose("1"))}
    assert await desk.carry(entry_of(link(1), title_of(1))) == ["published"]
    desk.site.pages = {link(1): MAINTENANCE}
    assert await desk.recheck() == ["unchanged"]
    assert await desk.kinds() == ["article.published"]


async def test_a_short_link_to_a_known_story_is_that_story_and_its_correction_a_revision_of_it(desk: Desk) -> None:
    """Title and text agree: the revision carries the id of the article it revises."""
    canonical = f'<link rel="canonical" href="{link(1)}">'
    desk.site.pages = {link(1): html(title_of(1), prose("1"), head=canonical)}
    assert await desk.carry(entry_of(link(1), title_of(1), guid="urn:a:1")) == ["published"]
    corrected = prose("1").replace("near", "close to", 1)
    desk.site.pages[f"{HOST}/s/1"] = html(title_of(1), corrected, head=canonical)
    assert await desk.carry(entry_of(f"{HOST}/s/1", title_of(1), feed="short")) == ["revised"]
    await one_id_per_article(desk)


async def test_one_canonical_address_and_one_title_for_all_pages_join_none(desk: Desk) -> None:
    """A bad content system: three press releases with other texts are three articles."""
    head = f'<link rel="canonical" href="{HOST}/press">'
    desk.site.pages = {link(n): html("Press release", prose(f"release {n}"), head=head) for n in range(3)}
    assert await desk.carry(*(entry_of(link(n), "Press release") for n in range(3))) == ["published"] * 3
    await one_id_per_article(desk)


async def test_slots_dates_and_counters_used_again_as_guids_are_new_articles(desk: Desk) -> None:
    """top-story-1 of yesterday and of today: other link, other headline, other text."""
    for day in range(3):
        for slot in range(2):
            n = day * 10 + slot
            desk.site.pages[link(n)] = html(title_of(n), prose(str(n)))
            shown = entry_of(
                link(n),
                title_of(n),
                guid=f"top-story-{slot}",
                reason="new" if day == 0 else "changed",
                version=b"%d" % n,
            )
            assert await desk.carry(shown) == ["published"]
    assert await desk.carry(entry_of(link(0), title_of(0), guid="top-story-0", version=b"0")) == ["known"]
    await one_id_per_article(desk)


async def test_an_address_used_again_as_guid_for_another_story_is_a_new_article(desk: Desk) -> None:
    """The old guid with another link, headline and text; the feed called it changed."""
    guid = f"{HOST}/?p=7"
    desk.site.pages = {link(1): html(title_of(1), prose("1")), link(2): html(title_of(2), prose("2"))}
    assert await desk.carry(entry_of(link(1), title_of(1), guid=guid)) == ["published"]
    assert await desk.carry(entry_of(link(2), title_of(2), guid=guid, reason="changed", version=b"v2")) == ["published"]
    # the next change of the same guid is one of the story that has it now
    desk.site.pages[link(2)] = html(title_of(2), prose("2") + " One more sentence here.")
    assert await desk.carry(entry_of(link(2), title_of(2), guid=guid, reason="changed", version=b"v3")) == ["revised"]
    await one_id_per_article(desk)


async def test_a_story_whose_headline_and_address_change_while_its_text_stays_is_revised(desk: Desk) -> None:
    """A permalink as guid, a new slug: the text says that it is the same story."""
    guid = f"{HOST}/?p=7"
    desk.site.pages = {link(1): html(title_of(1), prose("1")), link(2): html(title_of(2), prose("1") + " And more.")}
    assert await desk.carry(entry_of(link(1), title_of(1), guid=guid)) == ["published"]
    assert await desk.carry(entry_of(link(2), title_of(2), guid=guid, reason="changed", version=b"v2")) == ["revised"]
    await one_id_per_article(desk)


async def test_one_date_as_guid_in_two_feeds_of_one_owner_names_two_stories(desk: Desk) -> None:
    """/weather.xml and /markets.xml, both with guid 2026-11-26."""
    for n, feed in enumerate(("weather", "markets")):
        desk.site.pages[link(n)] = html(title_of(n), prose(feed))
        assert await desk.carry(entry_of(link(n), title_of(n), guid="2026-11-26", feed=feed)) == ["published"]


async def test_a_page_that_changes_at_every_look_is_revised_a_few_times_a_day_and_its_last_state_comes(
    desk: Desk,
) -> None:
    """What is held back is looked at again when the day is over, here at once by a desk whose day has room."""
    desk.site.pages = {link(1): html(title_of(1), prose("1"))}
    await desk.carry(entry_of(link(1), title_of(1)))
    outcomes = []
    for n in range(8):
        desk.site.pages = {link(1): html(title_of(1), prose("1") + f" The count stands at {n} of many now.")}
        outcomes += await desk.recheck()
    assert outcomes == ["revised"] * 3 + ["unchanged"] * 5  # with the publication: four a day
    assert await desk.connection.call("ZCARD", desk.connection.keys[0].recheck) == 1  # it is due again
    desk.handler.apply(EntrySettings(retry_seconds=(), revisions_a_day=6))
    assert await desk.recheck() == ["revised"]
    last = [data for kind, data in await desk.stream() if kind == "article.revised"][-1]
    assert "stands at 7 of many" in last["text"]
    await one_id_per_article(desk)
