"""The bundled newsroom keeps what it promises: every oddity that the demo is there to show is really served."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from urllib.parse import urlsplit

import aiohttp
import feedparser
import pytest
from lxml import etree

from dateline.demo import newsroom
from dateline.demo.newsroom import Newsroom
from dateline.demo.stories import JOURS, WEEKDAYS, Printing, fill, last_edition, papers, printings

OPENED_AT = datetime(2026, 3, 4, 15, tzinfo=UTC)  # A Wednesday.


@pytest.fixture
async def room() -> AsyncIterator[Newsroom]:
    async with newsroom.serve(opened_at=OPENED_AT) as opened:
        yield opened


@pytest.fixture
async def web_client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def only(room: Newsroom, slug: str, paper: str | None = None) -> Printing:
    (printing,) = [one for one in room.printings(paper) if one.slug == slug]
    return printing


def feed_of(room: Newsroom, paper: str) -> str:
    (url,) = [url for url, title, _ in room.feeds if title == next(one.title for one in papers() if one.slug == paper)]
    return url


async def get(client: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with client.get(url, headers=headers, allow_redirects=False) as response:
        return response.status, await response.read(), {name.lower(): value for name, value in response.headers.items()}


async def test_every_feed_answers_and_each_format_is_there(room: Newsroom, web_client: aiohttp.ClientSession) -> None:
    """Six feeds: RSS twice (one broken), Atom, RDF, JSON Feed, a news sitemap."""
    versions = []
    for url, _, _ in room.feeds:
        status, body, headers = await get(web_client, url)
        assert status == 200
        parsed = feedparser.parse(body, response_headers={"content-type": headers["content-type"]})
        versions.append(parsed.version or ("json" if body.startswith(b"{") else "sitemap"))
    assert sorted(versions) == ["atom10", "json", "rss10", "rss20", "rss20", "sitemap"]


async def test_each_paper_has_an_address_of_its_own(room: Newsroom) -> None:
    """So that budgets per owner look real; on a machine with 127.0.0.1 only, folders instead."""
    places = {urlsplit(feed.url).netloc for feed in room.feeds}
    assert len(places) in (1, len(room.feeds))
    assert len({feed.url for feed in room.feeds}) == 6


async def test_every_page_answers_as_its_story_says_and_is_as_heavy_as_a_real_one(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """About 25 pages; those that live are 20 to 80 KB and carry their headline and every paragraph."""
    linked = [one for one in room.printings() if one.feed_path is not None]
    assert len(linked) >= 25
    for one in linked:
        status, body, _ = await get(web_client, room.url(one))
        assert status == one.status
        if status == 200:
            assert 20_000 <= len(body) <= 80_000, room.url(one)
            words = etree.fromstring(body, etree.HTMLParser(encoding="utf-8")).xpath("string()")
            folded = " ".join(words.split())
            for paragraph in one.paragraphs:
                for line in paragraph.split("\n"):
                    assert " ".join(line.removeprefix("- ").split()) in folded


async def test_a_feed_that_did_not_change_is_304_by_each_validator_that_its_paper_knows(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """ETag, Last-Modified or both; the broken paper has neither and sends everything each time."""
    kinds = []
    for url, _, _ in room.feeds:
        _, _, headers = await get(web_client, url)
        pairs = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        asked = {ask: headers[name] for name, ask in pairs.items() if name in headers}
        kinds.append(frozenset(asked))
        for ask, value in asked.items():
            status, body, again = await get(web_client, url, **{ask: value})
            assert (status, body) == (304, b"")
            assert again.get("etag") == headers.get("etag")
        if not asked:
            assert (await get(web_client, url))[0] == 200
    assert len(set(kinds)) == 4


async def test_a_stale_etag_outweighs_a_fresh_date(room: Newsroom, web_client: aiohttp.ClientSession) -> None:
    """RFC 9110, 13.2.2: where If-None-Match is sent, If-Modified-Since is not looked at."""
    url = feed_of(room, "harbour-gazette")
    _, _, headers = await get(web_client, url)
    asked = {"If-None-Match": '"other"', "If-Modified-Since": headers["last-modified"]}
    assert (await get(web_client, url, **asked))[0] == 200


async def test_the_next_edition_revises_one_story_in_page_and_feed_and_brings_a_new_one(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """Revision 2 has a fact that was not there and lacks one that was; its feed gets new validators."""
    url = feed_of(room, "harbour-gazette")
    first = only(room, "tallinn-cable-crew")
    _, _, before = await get(web_client, url)
    _, old_page, page_before = await get(web_client, room.url(first))

    assert room.advance() == 2
    second = only(room, "tallinn-cable-crew")
    status, feed, _ = await get(web_client, url, **{"If-None-Match": before["etag"]})
    _, new_page, _ = await get(web_client, room.url(second), **{"If-None-Match": page_before["etag"]})

    assert room.url(first) == room.url(second)
    assert (first.revision, second.revision) == (1, 2)
    assert first.published == second.published < second.updated < OPENED_AT
    assert status == 200
    assert second.headline.encode() in feed
    assert b"accused the ship" in old_page
    assert b"accused the ship" not in new_page
    assert b"charged the captain" not in old_page
    assert b"charged the captain" in new_page
    assert not [one for one in printings(1, OPENED_AT) if one.slug == "nigeria-troops-free-pupils"]
    assert len([one for one in room.printings() if one.slug == "nigeria-troops-free-pupils"]) == 2


async def test_stories_held_back_come_out_one_by_one_oldest_first(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """How the compose file's newsroom stays lively; no paper is ever without a story, and a held page is not found."""
    everything = room.printings()
    room.hold_back(100)
    assert {one.paper.slug for one in room.printings()} == {paper.slug for paper in papers()}
    room.hold_back(2)
    held = [one for one in everything if one not in room.printings()]
    assert len(held) == 2
    assert (await get(web_client, room.url(only_linked(held))))[0] == 404
    came_out = []
    while room.release():
        came_out += [one for one in held if one in room.printings() and one not in came_out]
    assert came_out == held[::-1]
    assert room.printings() == everything


def only_linked(held: list[Printing]) -> Printing:
    return next(one for one in held if one.feed_path is not None)


async def test_editions_end_and_the_last_one_stays(room: Newsroom) -> None:
    """A standing newsroom may call `advance` as often as it likes."""
    for _ in range(last_edition() + 3):
        room.advance()
    assert room.edition == room.last_edition == last_edition()


async def test_three_papers_print_one_wire_story_and_a_fourth_prints_it_edited(room: Newsroom) -> None:
    """The copies are equal to the letter, under other headlines; the edited one shares most of its paragraphs."""
    copies = [one for one in room.printings() if one.slug == "grain-corridor-talks"]
    edited = only(room, "grain-ships-get-four-months")
    assert len({one.paper.slug for one in copies}) == 3
    assert len({one.paragraphs for one in copies}) == 1
    assert len({one.headline for one in copies}) == 3
    likeness = SequenceMatcher(None, " ".join(copies[0].paragraphs), " ".join(edited.paragraphs)).ratio()
    assert 0.6 < likeness < 0.95


async def test_the_latin_1_feed_says_it_is_utf_8_and_its_links_are_relative(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """The bytes do not decode as declared, and a reader who falls back finds the accents."""
    _, body, headers = await get(web_client, feed_of(room, "le-fanal"))
    assert "utf-8" in headers["content-type"]
    assert b'encoding="utf-8"' in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "Le Fanal du Léman" in body.decode("latin-1")
    assert b"<link>/articles/" in body


async def test_the_json_feed_repeats_its_ids_and_has_an_entry_without_a_link(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """What identity has to survive."""
    _, body, _ = await get(web_client, feed_of(room, "tidewater-post"))
    items = json.loads(body)["items"]
    assert len({item["id"] for item in items}) < len(items)
    (without,) = [item for item in items if "url" not in item]
    assert "sandbags" in without["content_text"]


async def test_the_broken_feed_is_not_xml_but_a_tolerant_parser_reads_its_entries(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """Mis-nested, with bare ampersands, and cut off."""
    _, body, _ = await get(web_client, feed_of(room, "old-mill-herald"))
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(body)
    parsed = feedparser.parse(body)
    assert parsed.bozo
    assert len(parsed.entries) >= 4
    assert all(entry.link.startswith("http://") for entry in parsed.entries)


async def test_one_link_redirects_one_page_is_gone_and_one_is_disallowed(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """Redirect, 410 and robots.txt: an entry each."""
    moved = only(room, "manila-tokyo-sea-drill")
    assert moved.feed_path is not None
    status, _, headers = await get(web_client, room.origin(moved.paper) + moved.feed_path)
    assert (status, headers["location"]) == (302, room.url(moved))
    assert (await get(web_client, room.url(only(room, "ferry-timetable-winter"))))[0] == 410
    _, robots, _ = await get(web_client, room.origin(only(room, "mayor-on-parking").paper) + "/robots.txt")
    assert b"Disallow: /print/" in robots
    assert only(room, "mayor-on-parking").path.startswith("/print/")


async def test_the_paywalled_stub_says_so_in_its_markup(room: Newsroom, web_client: aiohttp.ClientSession) -> None:
    """Two paragraphs and a gate; what stands behind the gate is not sent."""
    stub = only(room, "lithium-handshake-analysis")
    assert stub.paywalled
    _, body, _ = await get(web_client, room.url(stub))
    assert b'class="gate paywall"' in body
    assert b"interesting part" not in body


async def test_captions_carry_credit_and_rights_on_the_page(room: Newsroom, web_client: aiohttp.ClientSession) -> None:
    """Rights in brackets before the credit, as agencies print them."""
    _, body, _ = await get(web_client, room.url(only(room, "north-korea-warns-over-drills")))
    assert b"(For Use Only in the Republic of Korea. No Redistribution) (Yonhap)" in body


async def test_json_ld_on_a_page_is_json_and_agrees_with_the_story(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """Metadata that extraction trusts first must be right here."""
    printing = only(room, "grain-corridor-talks", "capital-ledger")
    _, body, _ = await get(web_client, room.url(printing))
    (raw,) = etree.fromstring(body, etree.HTMLParser()).xpath("//script[@type='application/ld+json']/text()")
    data = json.loads(raw)
    assert data["headline"] == printing.headline
    assert datetime.fromisoformat(data["datePublished"]) == printing.published
    assert data["author"]["name"] == "Leyla Ardahan"


async def test_what_was_served_is_counted_by_paper_path_and_status(
    room: Newsroom, web_client: aiohttp.ClientSession
) -> None:
    """So that the demo and its tests can show what was asked for, and what was not."""
    url = feed_of(room, "capital-ledger")
    await get(web_client, url)
    await get(web_client, url)
    await get(web_client, url.replace("news.xml", "old.xml"))
    assert room.served == {
        ("capital-ledger", "/sitemaps/news.xml", 200): 2,
        ("capital-ledger", "/sitemaps/old.xml", 404): 1,
    }


async def test_a_newsroom_under_a_name_tells_its_papers_apart_by_host(web_client: aiohttp.ClientSession) -> None:
    """How the compose file serves it: one address, six names."""
    async with newsroom.serve("localhost", domain="press.test", opened_at=OPENED_AT) as room:
        port = urlsplit(room.base_url).port
        for url, _, _ in room.feeds:
            parts = urlsplit(url)
            assert parts.hostname is not None
            assert parts.hostname.endswith(".press.test")
            assert (await get(web_client, f"http://localhost:{port}{parts.path}", Host=parts.netloc))[0] == 200


async def test_a_newsroom_for_others_without_a_name_keeps_its_papers_in_folders(
    web_client: aiohttp.ClientSession,
) -> None:
    """Also the way out where 127.0.0.2 is not up."""
    async with newsroom.serve("0.0.0.0", opened_at=OPENED_AT) as room:
        for url, _, _ in room.feeds:
            assert urlsplit(url).hostname == "localhost"
            assert (await get(web_client, url.replace("localhost", "127.0.0.1")))[0] == 200
        first = room.printings("northern-courier")[0]
        assert (await get(web_client, room.url(first).replace("localhost", "127.0.0.1")))[0] == 200


async def test_a_taken_port_is_said_and_not_worked_around() -> None:
    """Only port 0 may wander."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="address already in use"):
            async with newsroom.serve(port=taken.getsockname()[1]):
                raise AssertionError("it listened")


async def test_it_also_runs_alone_and_stops_on_sigterm() -> None:
    """The command of the compose file's demo profile, editions included."""
    process = await asyncio.create_subprocess_exec(
        *newsroom_command("--port", "0", "--edition-seconds", "0.05"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [(await asyncio.wait_for(process.stdout.readline(), 120)).decode() for _ in range(8)]
    assert lines[0].startswith("newsroom ready: http://127.0.0.1:")
    assert "edition 2" in lines[7]
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 200) == 0
    await process.stdout.read()


async def test_a_demo_whose_reader_closes_the_pipe_ends_at_once_and_without_words() -> None:
    """`dateline demo | head -1` does not wait for the demo's own deadline of two minutes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dateline", "demo"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    assert (await process.stdout.readline()).startswith(b"A newsroom on loopback")
    process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
    assert await asyncio.wait_for(process.stderr.read(), 200) == b""
    assert await asyncio.wait_for(process.wait(), 200) == 0


def newsroom_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dateline.demo.newsroom", *arguments]


def test_weekdays_follow_the_day_that_is_served() -> None:
    """A slot's offset counts whole days from the story's own time."""
    assert fill("{day} {day-1} {day+5} {jour} {date} {longdate-4} {date_fr}", OPENED_AT) == (
        "Wednesday Tuesday Monday mercredi March 4 February 28, 2026 4 mars"
    )


def test_every_printing_is_in_the_past_and_within_a_day_and_names_no_open_slot() -> None:
    """Fresh whenever it is shown; no text leaves with a brace in it."""
    for hour in range(24):
        now = datetime(2027, 1, 1, hour, tzinfo=UTC)
        for one in printings(last_edition(), now):
            assert now - timedelta(hours=24) <= one.published <= one.updated <= now
            texts = [one.headline, one.summary, *one.paragraphs, *(picture.text for picture in one.pictures)]
            assert not [text for text in texts if "{" in text or "}" in text]


def test_the_set_pieces_are_in_the_stories() -> None:
    """An UPDATE, a correction with its note, French pages, a quake and a cup tie that are no attacks."""
    out = {one.slug: one for one in printings(last_edition(), OPENED_AT)}
    assert out["poland-expels-belarus-diplomats"].headline.startswith("UPDATE 1-")
    corrected = out["chile-port-workers-end-strike"]
    assert corrected.headline.startswith("CORRECTED-")
    assert corrected.paragraphs[0].startswith("(Corrects number")
    assert {one.language for one in out.values()} == {"en", "fr"}
    assert any(day in " ".join(out["accord-peche-dakar"].paragraphs) for day in JOURS)
    assert any(day in " ".join(out["rovers-sink-united-late"].paragraphs) for day in WEEKDAYS)
    assert "struck" in out["strong-quake-strikes-vanuatu"].paragraphs[0]
