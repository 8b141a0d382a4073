"""Feeds and sites that treat names badly, from the feed's body to the stream: each story once, under its own title."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest

from support.pipeline import Desk, html
from support.shown_feeds import LOGIN, Feed, item
from support.stories import HOST, link, one_id_per_article, prose, title_of

pytestmark = pytest.mark.one_redis


def stories(count: int, head: str = "") -> dict[str, str | Exception]:
    """Their pages."""
    return {link(n): html(title_of(n), prose(str(n)), head=head) for n in range(count)}


async def check(desk: Desk, count: int, *, revised: int = 0) -> None:
    """Each story is published once, with its own headline over its own text, and nothing else."""
    published = [data for kind, data in await desk.stream() if kind == "article.published"]
    assert sorted(data["title"] for data in published) == sorted(title_of(n) for n in range(count))
    for data in published:
        (n,) = [n for n in range(count) if title_of(n) == data["title"]]
        assert prose(str(n))[:60] in data["text"].replace("\n", " ")
    assert len([kind for kind in await desk.kinds() if kind == "article.revised"]) == revised
    assert len([kind for kind in await desk.kinds() if kind == "article.copied"]) == 0
    await one_id_per_article(desk)


async def test_guids_swapped_between_entries_change_nothing(desk: Desk) -> None:
    """The link, headline and text of each stay what they were."""
    desk.site.pages, feed = stories(6), Feed(desk)
    await feed.shows(*map(item, range(6)))
    await feed.shows(*(item(n, guid=item((n + 1) % 6)["guid"]) for n in range(6)))
    await feed.shows(*map(item, range(6)))
    await check(desk, 6)


async def test_one_guid_for_all_entries_is_no_name(desk: Desk) -> None:
    """The feed's own address as guid, in a feed of several and in one of two."""
    for count in (6, 2):
        desk.site.pages = stories(6)
        await Feed(desk, feed=f"f{count}").shows(*(item(n, guid=f"{HOST}/feed.xml") for n in range(count)))
    await check(desk, 6)


async def test_the_feeds_address_as_guid_of_the_one_entry_it_shows_is_each_time_another_story(desk: Desk) -> None:
    """One entry a body, always with the same guid."""
    desk.site.pages, feed = stories(4), Feed(desk)
    for n in range(4):
        await feed.shows(item(n, guid=f"{HOST}/feed.xml"))
    await check(desk, 4)


@pytest.mark.parametrize("guid", ["17", f"{HOST}/?p=17", "tag:paper.example,2026:17"])
async def test_one_guid_with_other_links_in_two_feeds_names_two_stories(desk: Desk, guid: str) -> None:
    """Of one owner."""
    desk.site.pages = stories(2)
    for n in range(2):
        assert await Feed(desk, feed=f"f{n}").shows(item(n, guid=guid)) == ["published"]
    await check(desk, 2)


async def test_a_canonical_address_that_is_the_home_page_joins_none(desk: Desk) -> None:
    """A template that has it wrong."""
    desk.site.pages = stories(5, head=f'<link rel="canonical" href="{HOST}/"><meta property="og:url" content="{HOST}">')
    assert await Feed(desk).shows(*map(item, range(5))) == ["published"] * 5
    await check(desk, 5)


async def test_a_page_that_comes_again_under_a_new_link_with_its_guid_is_the_same_article(desk: Desk) -> None:
    """Same text: nothing new; a corrected one is a revision."""
    desk.site.pages, feed = stories(3), Feed(desk)
    await feed.shows(*map(item, range(3)))
    desk.site.pages[f"{HOST}/world/moved-0"] = desk.site.pages[link(0)]
    desk.site.pages[f"{HOST}/world/moved-1"] = html(title_of(1), prose("1") + " The mayor has since apologised to all.")
    moved = [item(n, link=f"{HOST}/world/moved-{n}", description="Corrected.") for n in range(2)]
    await feed.shows(*moved, item(2))
    await check(desk, 3, revised=1)


async def test_http_becomes_https_in_links_guids_and_the_feeds_own_address(desk: Desk) -> None:
    """The whole site at once, in another feed that knows nothing of the first."""
    plain = {address.replace("https:", "http:"): page for address, page in stories(5).items()}
    desk.site.pages = stories(5) | plain
    before = [
        item(n, link=link(n).replace("https:", "http:"), guid=link(n).replace("https:", "http:")) for n in range(5)
    ]
    await Feed(desk, f"{HOST}/feed.xml".replace("https:", "http:"), "old").shows(*before)
    await Feed(desk, feed="new").shows(*(item(n, guid=link(n)) for n in range(5)))
    await check(desk, 5)


@pytest.mark.parametrize(
    "other",
    [
        "https://amp.paper.example/news/{}",
        "https://m.paper.example/news/{}",
        "https://paper.example/news/{}?amp=1",
        "https://paper.example/amp/news/{}",
    ],
)
async def test_the_mobile_page_of_a_story_is_that_story(desk: Desk, other: str) -> None:
    """It names the whole page as its canonical address; another feed links to it."""
    desk.site.pages = stories(3)
    addresses = [other.format(n) for n in range(3)]
    for n, address in enumerate(addresses):
        head = f'<link rel="canonical" href="{link(n)}">'
        desk.site.pages[address] = html(title_of(n), prose(str(n)), head=head)
    await Feed(desk).shows(*map(item, range(3)))
    await Feed(desk, feed="mobile").shows(*(item(n, link=address, guid=address) for n, address in enumerate(addresses)))
    await check(desk, 3)


async def test_one_link_in_all_its_spellings_is_one_story(desk: Desk) -> None:
    """Encoded or not, in either case, composed or not."""
    word = "caf\u00e9-d\u00fc-port"
    spellings: Sequence[str] = (
        f"{HOST}/news/{word}", f"{HOST}/news/caf%C3%A9-d%C3%BC-port", f"{HOST}/news/caf%c3%a9-d%c3%bc-port",
        f"HTTPS://PAPER.example/news/{word}", f"{HOST}:443/news/{word}", f"{HOST}/news/./{word}", f"{HOST}/news/{word}#top",
    )  # fmt: skip
    composed = [unicodedata.normalize("NFC", address) for address in spellings]
    desk.site.pages = dict.fromkeys([*spellings, *composed], html(title_of(0), prose("0")))
    for number, address in enumerate(spellings):
        await Feed(desk, feed=f"f{number}").shows(item(0, link=address, guid=""))
    await check(desk, 1)


async def test_entries_behind_one_login_page_come_when_it_lets_them(desk: Desk) -> None:
    """Some before it, some during, all of them once."""
    desk.site.pages, feed = stories(6), Feed(desk)
    desk.site.pages[f"{HOST}/login"] = LOGIN
    assert await feed.shows(item(0), item(1)) == ["published"] * 2
    desk.site.redirects = {link(n): f"{HOST}/login" for n in range(6)}
    assert await feed.shows(*map(item, range(6))) == ["dead"] * 4
    desk.site.redirects = {}
    assert await Feed(desk, feed="again").shows(*map(item, range(6)))
    await check(desk, 6)


async def test_the_feeds_address_moves_while_its_entries_wait_and_no_story_comes_twice(desk: Desk) -> None:
    """The same entries under two addresses of the feed, in the queue at the same time."""
    desk.site.pages = stories(4)
    old, new = Feed(desk, feed="old"), Feed(desk, "https://feeds.paper.example/all.xml", feed="new")
    await old.shows(*(item(n, guid=str(n)) for n in range(3)))
    await new.shows(*(item(n, guid=str(n)) for n in range(4)))
    await check(desk, 4)
