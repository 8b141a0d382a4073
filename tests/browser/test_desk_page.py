"""The desk in a real browser: what a person sees, keeps in the address, and what hostile text cannot do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from dateline import clock
from dateline.contract.event import Counts, Event
from dateline.index.database import Database
from dateline.polling.history import FeedHistory, dump
from dateline.serve.desk.desk import Desk
from dateline.settings import RedisSettings
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.redis import Connection
from support.browser import PHONE, WIDE, Browser, axe, serving
from support.desk import NASTY, Story, StreamWriter, event, index, quiet_desk, quote, story
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

FIRST = "Troops left the bridge.\n\nNobody was hurt, the ministry said.\n\nTalks go on."
#: Markup, a mark that turns the direction round, and a word wider than any screen.
HOSTILE = f"{NASTY}\u202e{'W' * 300}"
SECOND = "Troops left the bridge today.\n\nTwo men were hurt, the ministry said.\n\nTalks go on."


class Newsroom:
    """A desk with a day of news in it, and a way to publish more."""

    def __init__(self, desk: Desk, database: Database) -> None:
        self.desk = desk
        self.writer = StreamWriter(clock.now())
        self._database = database

    async def publish(self, *stories: Story) -> None:
        self.desk.announce((await index(self._database, *stories, writer=self.writer)).version)


def day() -> list[Story]:
    """A revised article, two papers on one event, a copy, hostile text, a story of last week."""

    def ago(hours: float) -> str:
        return (clock.now() - timedelta(hours=hours)).isoformat()

    def attack(name: str, article: str) -> Event:
        return event(
            name, article, type="ASSAULT", actor=("Rebels", "SDN"), recipient=("Chad", "TCD"), country="SDN", lat=13.6,
            lon=25.3, place="El Fasher", cluster="attack", text="Rebels attacked a convoy.", trigger="attacked",
        )  # fmt: skip

    text = "Rebels attacked a convoy."
    kept = event("e1", "bridge", text="Troops left the bridge today.", revision=2)
    return [
        story("old", title="Floods in the delta", text="Water rose in the delta.", published=ago(144)),
        story("bridge", title="Troops leave the bridge", text=FIRST, published=ago(5),
              events=[event("e1", "bridge"), event("e2", "bridge", type="REJECT", main=False, confidence=0.45)]),
        story("bridge", title="Troops leave the bridge", text=SECOND, published=ago(5), revision=2, kind="revised",
              gone=["e2"], changed=["text"], events=[kept], quotes=[quote("Nobody wanted this", "Minister Ilse Moor")]),
        story("convoy", owner="a", title="Rebels attack convoy", publisher="Courier", text=text, published=ago(3),
              events=[attack("e3", "convoy")]),
        story("convoy2", owner="b", title="Convoy attacked in Darfur", publisher="Le Fanal", text=f"{text} It burned.",
              published=ago(2), events=[attack("e4", "convoy2")]),
        story("copy", owner="c", title="Rebels attack convoy", publisher="Herald", text=text, published=ago(1),
              kind="copied", original="convoy"),
        story("nasty", title=HOSTILE, publisher=HOSTILE, text=f"{HOSTILE} <img src=x onerror=alert(2)> Troops left.",
              url="javascript:alert(3)", published=ago(0.5),
              events=[structs.replace(event("e5", "nasty", actor=(HOSTILE, None), place=HOSTILE, country="KEN"),
                                      counts=Counts(killed=(1, 10**15)))]),
    ]  # fmt: skip


@pytest.fixture
async def newsroom(redis: RedisServer, prefix: str) -> AsyncIterator[Newsroom]:
    settings = RedisSettings(url=redis.url, prefix=prefix)
    connection = Connection(settings)
    feeds = Feeds(connection, 60.0)
    await feeds.add(
        [NewFeed(name, f"https://{name}.example/rss", name.title(), "world") for name in ("well", "slow", "lost")]
    )
    found: dict[str, dict[str, Any]] = {
        "well": {"status": "200", "error": "", "n:polls": 3, "n:new": 9, "reason": "about 6 entries a day"},
        "slow": {"status": "throttled", "error": "https://slow.example/rss: the server answered 429", "n:polls": 2},
        "lost": {"status": "dns", "error": "ClientConnectorDNSError: no such name", "n:polls": 2,
                 "history": dump(FeedHistory(first_error_at=1_700_000_000))},
    }  # fmt: skip
    for state in await feeds.claim(10, "token"):
        await feeds.commit(state, 600.0, found[state.feed])
    letter = (
        "e",
        b"\xff",
        "code",
        "robots",
        "reason",
        f"<ValueError> {NASTY}",
        "url",
        f"https://paper.example/{NASTY}",
    )
    await connection.call("XADD", connection.keys[0].dead, "*", *letter)
    await Entries(connection, "host-1", 60.0).set_up()
    async with quiet_desk(redis=settings) as desk:
        room = Newsroom(desk, desk._database)
        await room.publish(*day())
        yield room
    await connection.close()


def texts(page: Any, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


async def test_the_overview_says_where_when_and_what_and_a_click_narrows_it(
    browser: Browser, newsroom: Newsroom
) -> None:
    """Map, histogram, most reported, pairs, rising; a country chosen on any of them is in the address."""

    def look(page: Any) -> None:
        page.goto(base)
        page.wait_for_selector(".map svg .dot")
        assert "Countries" in texts(page, ".panel h2") and "no news from before" in page.inner_text(".rising")
        assert (
            "Convoy attacked in Darfur" in texts(page, ".ranked .headline")[0]
            or "Rebels" in texts(page, ".ranked .headline")[0]
        )
        assert "2 independent texts" in page.locator(".ranked li").first.inner_text()
        assert page.locator(".histogram canvas").count() == 1
        assert any("Sudan" in text and "Chad" in text for text in texts(page, ".pairs li"))
        page.locator(".rising a", has_text="Sudan").click()
        page.wait_for_selector(".tag:has-text('Sudan')")
        assert "country=SDN" in page.url
        page.wait_for_selector(":nth-match(.totals dd, 1):text-is('1')")
        page.go_back()
        page.wait_for_url(lambda url: "country" not in url)

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)


async def test_the_wire_has_one_card_for_a_happening_and_takes_new_ones_in(
    browser: Browser, newsroom: Newsroom
) -> None:
    """Printings below, confidence beside each event; what is published while one looks comes in by itself."""
    loop = asyncio.get_running_loop()

    def look(page: Any) -> None:
        page.goto(f"{base}?view=wire")
        page.wait_for_selector(".card")
        cards = [text for text in texts(page, ".card") if "onvoy" in text]
        assert len(cards) == 1
        assert (
            "3 papers" in cards[0] and "2 independent texts" in cards[0] and "copy" in cards[0] and "0.80" in cards[0]
        )
        before = page.locator(".card").count()
        asyncio.run_coroutine_threadsafe(
            newsroom.publish(story("fresh", title="Fresh news", published=None)), loop
        ).result()
        page.wait_for_selector(".card:has-text('Fresh news')")
        assert page.locator(".card").count() == before + 1
        assert "Fresh news" in texts(page, ".card h2")[0]

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)


async def test_a_lost_connection_is_said_and_made_good(browser: Browser, newsroom: Newsroom) -> None:
    """The page takes up where it was; nobody has to load it again."""
    loop = asyncio.get_running_loop()
    stopped, again = asyncio.Event(), asyncio.Event()

    def look(page: Any) -> None:
        page.goto(f"{base}?view=wire")
        page.wait_for_selector(".pulse[data-state='live']")
        loop.call_soon_threadsafe(stopped.set)
        page.wait_for_selector(".pulse[data-state='lost']")
        asyncio.run_coroutine_threadsafe(newsroom.publish(story("while", title="Came meanwhile")), loop).result()
        loop.call_soon_threadsafe(again.set)
        page.wait_for_selector(".card:has-text('Came meanwhile')")
        assert page.locator(".pulse[data-state='live']").count() == 1

    async with serving(newsroom.desk) as base:
        port = int(re.findall(r":(\d+)/", base)[0])
        looking = asyncio.create_task(browser.on_page(look))
        await asyncio.wait([asyncio.create_task(stopped.wait()), looking], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait([asyncio.create_task(again.wait()), looking], return_when=asyncio.FIRST_COMPLETED)
    async with serving(newsroom.desk, port):
        await looking


async def test_a_search_is_in_the_address_and_is_the_same_after_loading_it_again(
    browser: Browser, newsroom: Newsroom
) -> None:
    """Words, kind, time and confidence; marked in the text; with a feed of it, and a way out of each filter."""

    def look(page: Any) -> None:
        page.goto(f"{base}?view=search")
        page.fill("#query", "convoy -burned")
        page.wait_for_selector(".count b:text-is('2')")
        page.locator(".more").click()
        page.select_option("#more-filters label:has-text('Kind') select", "ASSAULT")
        page.wait_for_selector(".count b:text-is('1')")
        assert "q=convoy" in page.url and "type=ASSAULT" in page.url
        page.reload()
        page.wait_for_selector(".count b:text-is('1')")
        assert page.input_value("#query") == "convoy -burned"
        assert texts(page, ".excerpt mark") == ["convoy"]
        assert "type=ASSAULT" in page.get_attribute(".rss", "href")
        page.click(".tag:has-text('assault')")
        page.wait_for_selector(".count b:text-is('2')")
        assert page.locator(".card").nth(1).locator(".note-line").inner_text() == "A copy of the article above."
        page.goto(f"{base}?view=search&q=delta&since=24h")
        page.wait_for_selector("text=No article matches")
        page.goto(f"{base}?view=search&country=Sudan")
        assert "three letters" in page.inner_text("[role=alert]")
        page.click("text=Clear all filters")
        page.wait_for_selector(".card")

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)


async def test_an_article_shows_evidence_quotes_changes_retractions_and_printings(
    browser: Browser, newsroom: Newsroom
) -> None:
    """A chosen event stands alone in the text; what a revision took back is struck out; a copy has its original's events."""

    def look(page: Any) -> None:
        page.goto(f"{base}?view=wire&article=bridge")
        page.wait_for_selector(".text .trigger")
        assert page.inner_text(".text .trigger") == "left"
        page.click(".note button.event")
        page.wait_for_selector(".text.chosen .proof.on")
        assert "main clause +0.35" in page.inner_text(".why")
        page.click(".tabs button:has-text('Quotes')")
        assert "Minister Ilse Moor" in page.inner_text(".quotes") and "Nobody wanted this" in page.inner_text(".quotes")
        page.click(".tabs button:has-text('Changes')")
        assert "Two men were" in " ".join(texts(page, ".diff ins")) and "Nobody was" in " ".join(
            texts(page, ".diff del")
        )
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.retracted .who')).textDecorationLine")
            == "line-through"
        )
        page.click(".revisions a:has-text('1')")
        page.wait_for_selector("text=This is revision 1 of 2")
        assert "revision=1" in page.url
        page.goto(f"{base}?view=wire&article=copy")
        page.wait_for_selector(".copy-of")
        assert "Rebels attack convoy" in page.inner_text(".sheet header .copy-of")
        assert page.inner_text(".text .trigger") == "attacked"
        assert len(page.query_selector_all(".reader .printings li")) == 2
        page.click(".note-line a")
        page.wait_for_url(lambda url: "article=convoy" in url)

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)


async def test_hostile_text_is_shown_as_text(browser: Browser, newsroom: Newsroom) -> None:
    """No dialog, no element, no request, no link that runs anything, in any view."""
    alarmed: list[str] = []

    def look(page: Any) -> None:
        page.on("dialog", lambda dialog: (alarmed.append(dialog.message), dialog.dismiss()))
        for view in ("", "?view=wire", "?view=search", "?view=wire&article=nasty"):
            page.goto(base + view)
            page.wait_for_selector(_READY)
            assert page.locator("img").count() == 0
            assert page.locator("script").count() == 5
            assert not page.evaluate("[...document.links].filter(a => !/^https?:$/.test(a.protocol)).map(a => a.href)")
        assert "</script><script>" in page.inner_text(".sheet h1")
        assert "1–1,000,000,000,000,000 killed" in page.inner_text(".note .about")

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)
    assert alarmed == []


async def test_keys_move_through_the_views_and_the_list_and_explain_themselves(
    browser: Browser, newsroom: Newsroom
) -> None:
    """Numbers, slash, j and k, question mark, escape; times are the reader's own, with UTC on hover."""

    def look(page: Any) -> None:
        page.goto(base)
        page.wait_for_selector(".overview")
        page.keyboard.press("2")
        page.wait_for_selector(".card")
        page.keyboard.press("j")
        page.wait_for_url(lambda url: "article=" in url)
        first = page.url
        page.keyboard.press("j")
        page.wait_for_url(lambda url: url != first)
        page.keyboard.press("Escape")
        page.wait_for_url(lambda url: "article=" not in url)
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open]")
        assert "talk\nverbal cooperation" in page.inner_text("dialog")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "query"
        shown = page.evaluate(_TIME)
        assert shown[0].endswith("UTC") and shown[0][11:16] == shown[2][11:16]
        assert shown[1][-5:] != shown[0][11:16]  # the browser is in Tokyo

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)


async def test_health_is_in_plain_words_and_what_was_set_aside_can_be_put_back(
    browser: Browser, newsroom: Newsroom
) -> None:
    """Each feed with its last day, why it failed and its next poll; one 429 is no alarm; no class name of Python."""

    def look(page: Any) -> None:
        page.goto(f"{base}?view=health")
        page.wait_for_selector(".feeds .day i.o-failed")
        said = page.inner_text("main")
        assert "its name cannot be resolved" in said and "slowed by its server" in said and "Error" not in said
        assert "`" not in page.inner_text(".alarms") and page.locator(".remedy code").count() > 0
        assert "Lost for" in page.inner_text(".alarms") and "Slow" not in page.inner_text(".alarms")
        assert "in 1" in page.inner_text(".feeds tr:has-text('Well')") and "about 6 entries a day" in said
        page.click("button:has-text('Put back'):visible >> nth=-1")
        page.wait_for_selector("text=1 entry put back into the queue")

    async with serving(newsroom.desk) as base:
        await browser.on_page(look)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_axe_finds_nothing_and_no_type_is_small(
    browser: Browser, newsroom: Newsroom, theme: str, size: tuple[int, int]
) -> None:
    """Every view in both themes and widths: no finding, nothing under 14 px, no sideways scrolling; on the phone one line of
    header, and the first article above the middle of the screen."""

    def look(page: Any) -> None:
        for view in ("", "?view=wire", "?view=search&q=convoy", "?view=wire&article=bridge", "?view=health"):
            page.goto(base + view)
            page.wait_for_selector(_READY)
            page.wait_for_timeout(150)
            assert axe(page) == [], view
            small = page.evaluate(_SMALL)
            assert small == [], view
            assert page.evaluate(_SIDEWAYS) == [], view
        if size == PHONE:
            page.goto(f"{base}?view=wire")
            page.wait_for_selector(".card")
            assert page.locator(".bar").bounding_box()["height"] < 60
            assert page.locator(".card h2").first.bounding_box()["y"] < size[1] / 2
            page.click(".card h2 a")
            page.wait_for_selector(".sheet h1")
            assert not page.locator(".cards").is_visible()
            page.click(".back")
            page.wait_for_selector(".card h2 >> visible=true")

    async with serving(newsroom.desk) as base:
        await browser.on_page(look, size=size, theme=theme)


_READY = ".headline:visible, .card:visible, .text:visible, .feeds:visible"
_SIDEWAYS = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120))"""
_TIME = """(() => { const time = document.querySelector('.card time');
  return [time.title, time.textContent, time.dateTime]; })()"""
_SMALL = """[...document.querySelectorAll('body *')].filter((one) => one.children.length === 0 && one.textContent.trim()
  && one.getClientRects().length && !one.closest('.unseen, svg, script, option')
  && parseFloat(getComputedStyle(one).fontSize) < 14
  && !(one.matches('.pulse'))).map((one) => one.outerHTML.slice(0, 90))"""
