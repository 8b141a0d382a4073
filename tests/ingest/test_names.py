"""Which entries are one article: names, guids and links of polled entries."""

from __future__ import annotations

import pytest

from dateline.dedup.identity import digest
from dateline.jobs.feed import poll
from dateline.jobs.records import PollJob, PollReading
from dateline.model.records import Body, QueuedEntry, unwrap
from dateline.store.ledger import Ledger
from dateline.store.redis import Connection
from support.pipeline import NOW, identify

# Names


async def test_a_new_name_beside_a_known_one_leads_to_the_same_article_ever_after(connection: Connection) -> None:
    """Guid and link met together once: a feed that shows the guid alone, or with a new link, shows the same article."""
    ledger = Ledger(connection)
    link, guid, moved = digest("u:link"), digest("g:guid"), digest("u:moved")
    assert await identify(ledger, "a" * 16, [link]) == "a" * 16
    assert await identify(ledger, "b" * 16, [guid, link]) == "a" * 16
    assert await identify(ledger, "b" * 16, [guid]) == "a" * 16
    assert await identify(ledger, "b" * 16, [guid, moved]) == "a" * 16
    assert await identify(ledger, "c" * 16, [moved]) == "a" * 16


async def test_the_strongest_name_decides_where_two_disagree(connection: Connection) -> None:
    """A guid is believed before a link that once was another article's."""
    ledger = Ledger(connection)
    guid, link = digest("g:guid"), digest("u:link")
    await identify(ledger, "a" * 16, [guid])
    await identify(ledger, "b" * 16, [link])
    assert await identify(ledger, "a" * 16, [guid, link]) == "a" * 16


async def test_names_move_where_two_articles_turn_out_to_be_one_and_only_there(connection: Connection) -> None:
    """What a page says of itself takes no name away from another article before the two were compared."""
    ledger = Ledger(connection)
    names = [digest("u:one"), digest("c:other")]
    await identify(ledger, "a" * 16, [names[1]])
    assert await ledger.further_names("b" * 16, names) == ["b" * 16, "a" * 16]
    await ledger.take_names("a" * 16, names)
    assert await identify(ledger, "z" * 16, [names[0]]) == "a" * 16


# The poll's job


def polled(
    items: list[dict[str, str]], memory: bytes = b"", feed: str = "feed", most: int = 2000, url: str = ""
) -> PollReading:
    """A poll of an RSS feed with these items."""
    rows = "".join("<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in item.items()) + "</item>" for item in items)
    raw = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{rows}</channel></rss>'.encode()
    url = url or f"https://paper.example/{feed}.xml"
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


def test_a_feed_that_writes_the_time_of_the_request_into_each_entry_brings_nothing_new() -> None:
    """Nor does it hide a change: what an entry says counts, and a date of one entry's own."""

    def body(*updated: str, last: str = "Story 3") -> str:
        titles = [f"Story {n}" for n in range(len(updated) - 1)] + [last]
        rows = zip(titles, updated, strict=True)
        atom = '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>' + "".join(
            f"<entry><title>{title}</title><id>urn:uuid:{number}</id><updated>{when}</updated><summary>s</summary></entry>"
            for number, (title, when) in enumerate(rows)
        )
        return atom + "</feed>"

    def changed(first: str, then: str) -> int:
        def job(text: str, memory: bytes = b"") -> PollJob:
            url = "https://paper.example/f.xml"
            body = Body(requested_url=url, url=url, status=200, body=text.encode())
            return PollJob(body=body, feed="f", feed_url=url, now=NOW, memory=memory)

        before = poll(job(first))
        assert len(before.queued) == before.entries > 0
        return poll(job(then, before.memory)).changed

    noon, five = ["2026-05-01T12:00:00Z"] * 4, ["2026-05-01T17:00:00Z"] * 3 + ["2026-05-01T17:00:01Z"]
    assert changed(body(*noon), body(*five)) == 0
    assert changed(body(*noon), body(*five, last="Story 3, corrected")) == 1
    own = [f"2026-05-0{day}T12:00:00Z" for day in (1, 2, 3, 4)]
    assert changed(body(*own), body(*own[:3], "2026-05-06T09:00:00Z")) == 1


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
    found = {await identify(ledger, one.article, one.aliases) for one in queued(polled(alerts))}
    assert len(found) == count


async def test_two_entries_of_a_short_feed_with_one_guid_are_two_articles(connection: Connection) -> None:
    """Too few entries to judge the feed by; the guid they have in common still names neither."""
    items = [{"guid": "latest", "title": f"Story {n}", "link": f"https://paper.example/{n}"} for n in range(2)]
    ledger = Ledger(connection)
    assert len({await identify(ledger, one.article, one.aliases) for one in queued(polled(items))}) == 2


async def test_row_numbers_of_two_feeds_of_one_owner_are_two_articles(connection: Connection) -> None:
    """News number 17 and vacancy number 17."""
    ledger = Ledger(connection)
    (news,) = queued(polled([{"guid": "17", "title": "News", "link": "https://paper.example/news/17"}], feed="news"))
    (jobs,) = queued(polled([{"guid": "17", "title": "Jobs", "link": "https://paper.example/jobs/17"}], feed="jobs"))
    (again,) = queued(polled([{"guid": "17", "title": "News", "link": "https://paper.example/news/17"}], feed="top"))
    ids = [await identify(ledger, one.article, one.aliases) for one in (news, jobs, again)]
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


async def test_guids_that_differ_only_in_their_fragment_are_articles_of_their_own(connection: Connection) -> None:
    """The posts of a live blog: one page, a fragment each."""
    posts = [
        {"guid": f"https://paper.example/live#p{n}", "title": f"Post {n}", "link": f"https://paper.example/live#p{n}"}
        for n in range(4)
    ]
    ledger = Ledger(connection)
    found = {await identify(ledger, one.article, one.aliases) for one in queued(polled(posts))}
    assert len(found) == 4


async def test_entries_of_a_status_feed_that_differ_by_date_and_text_alone_are_articles(connection: Connection) -> None:
    """No guid, one link, one title; three incidents. The same entry printed twice is one."""
    incidents = [
        {
            "title": "Service status",
            "link": "https://paper.example/status",
            "description": f"Incident {'abc'[n]} is being looked into by the team on duty.",
            "pubDate": f"Sun, 22 Nov 2026 {n + 1:02}:00:00 GMT",
        }
        for n in range(3)
    ]
    ledger = Ledger(connection)
    shown = queued(polled([*incidents, incidents[0]]))
    found = {await identify(ledger, one.article, one.aliases) for one in shown}
    assert len(found) == 3 and all(one.full_text for one in shown)


def test_a_slot_that_shows_another_story_in_the_same_words_is_enqueued_again() -> None:
    """The daily forecast: only numbers and the link differ, and the version of an entry is blind to numbers."""

    def day(n: int) -> list[dict[str, str]]:
        return [{"guid": "forecast", "title": f"Forecast for day {n}", "link": f"https://paper.example/weather/{n}"}]

    first = polled(day(1))
    assert len(first.queued) == 1
    assert len(polled(day(2), first.memory).queued) == 1
    assert len(polled(day(1), first.memory).queued) == 0


async def test_feeds_of_a_feed_host_have_no_publisher_in_common(connection: Connection) -> None:
    """Two feeds of one host that burns feeds for others, with the same guid and title."""
    ledger = Ledger(connection)
    item = {"guid": "2026-11-26", "title": "Daily briefing", "description": "What matters today, from our newsroom."}
    hosts = [("one", "https://feeds.feedburner.com/one"), ("two", "https://feeds.feedburner.com/two")]
    found = set()
    for feed, url in hosts:
        (entry,) = queued(polled([item], feed=feed, url=url))
        found.add(await identify(ledger, entry.article, entry.aliases))
    assert len(found) == 2


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
