"""OPML in and out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import DatelineError, NotAFeed
from dateline.polling import opml
from dateline.polling.opml import OpmlFeed

_names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12).map(
    lambda text: opml.cleaned(text) or "x"
)


@st.composite
def lists(draw: st.DrawFn) -> list[OpmlFeed]:
    """Feeds with different addresses; those of one group stand together, as a written list has them."""
    groups = draw(st.lists(st.lists(_names, max_size=3).map(tuple), min_size=1, max_size=4, unique=True))
    feeds = []
    for number in range(draw(st.integers(0, 12))):
        feeds.append(
            OpmlFeed(
                url=f"https://h.example/{number}?a=1&b=2",
                title=draw(st.none() | _names),
                site_url=draw(st.none() | st.just("https://h.example/")),
                group=draw(st.sampled_from(groups)),
            )
        )
    return feeds


@given(lists())
def test_what_is_written_is_read_back(feeds: list[OpmlFeed]) -> None:
    found = opml.read(opml.write(feeds))
    assert sorted(found, key=lambda feed: feed.url) == sorted(feeds, key=lambda feed: feed.url)
    assert opml.read(opml.write(found)) == found


@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<opml><body>{text}<outline xmlUrl='x'".encode())
)
def test_any_bytes_give_a_list_or_an_error_of_ours(body: bytes) -> None:
    try:
        opml.read(body)
    except DatelineError as error:
        assert str(error)


def test_nested_groups_categories_and_odd_attributes_are_read() -> None:
    body = b"""<?xml version="1.0"?><!DOCTYPE opml SYSTEM "http://evil.example/x.dtd"><opml version="1.0"><body>
    <outline text="World"><outline text="Asia &amp; Pacific"><outline type="rss" text="A" xmlUrl="https://a.example/f"
    htmlUrl="https://a.example/"/></outline><outline text="B" xmlurl="https://b.example/f"/></outline>
    <outline title="C" xmlUrl="feed://c.example/f" category="/Press/Ports,/Other"/>
    <outline text="no feed" type="link" url="https://d.example/"/><outline text="bad" xmlUrl="javascript:alert(1)"/>
    <outline text="again" xmlUrl="https://a.example/f"/></body></opml>"""
    found = opml.read(body)
    assert [(feed.url, feed.title, feed.group) for feed in found] == [
        ("https://a.example/f", "A", ("World", "Asia & Pacific")),
        ("https://b.example/f", "B", ("World",)),
        ("http://c.example/f", "C", ("Press", "Ports")),
    ]


def test_damaged_lists_are_read_as_far_as_they_go() -> None:
    body = (
        "<opml><body><outline text='Tugs & ferries é' xmlUrl='https://a.example/?x=1&y=2'/><outline text='cut".encode(
            "latin-1"
        )
    )
    assert [(feed.title, feed.url) for feed in opml.read(body)] == [("Tugs & ferries é", "https://a.example/?x=1&y=2")]


@pytest.mark.parametrize("body", [b"", b"<html><body/></html>", b"<rss/>", b"words"])
def test_what_is_no_list_is_refused_with_the_reason(body: bytes) -> None:
    with pytest.raises(NotAFeed, match="no OPML"):
        opml.read(body)


def test_ten_thousand_feeds_are_read_and_written_within_seconds() -> None:
    feeds = [
        OpmlFeed(url=f"https://h{i}.example/feed", title=f"Feed {i}", group=(f"Group {i % 50}",)) for i in range(10_000)
    ]
    start = time.process_time()
    assert len(opml.read(opml.write(feeds))) == 10_000
    assert time.process_time() - start < 9


def test_outlines_without_text_or_type_and_a_version_in_the_wrong_place_are_read() -> None:
    """As some readers export: titles only, an empty head, the version on the body."""
    body = (
        b"<?xml version='1.0'?><opml><head/><body version='1.1'><outline title='Quay' xmlUrl='https://quay.example/rss'/>"
        b"<outline title='Tides'><outline title='Ebb' xmlUrl='https://ebb.example/feed/'/></outline></body></opml>"
    )
    assert [(feed.url, feed.title, feed.group) for feed in opml.read(body)] == [
        ("https://quay.example/rss", "Quay", ()),
        ("https://ebb.example/feed/", "Ebb", ("Tides",)),
    ]


@pytest.mark.parametrize("said", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("written", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_is_read_in_the_encoding_it_is_written_in_whatever_it_says(said: str, written: str) -> None:
    """A byte order mark, or the bytes of the first tag, count more than the declaration."""
    text = (
        f"<?xml version='1.0' encoding='{said}'?>\r\n<opml version='2.0'>\r\n<body>\r\n<outline text='港口'>\r\n"
        "<outline text='潮汐报' type='rss' xmlUrl='https://tide.example/rss'/>\r\n</outline>\r\n</body></opml>\r\n"
    )
    (feed,) = opml.read(text.encode(written))
    assert (feed.url, feed.title, feed.group) == ("https://tide.example/rss", "潮汐报", ("港口",))


def test_a_list_that_is_cut_off_keeps_every_whole_outline() -> None:
    """Up to its last; and an address without its scheme is one."""
    whole = b"<opml><body><outline text='G'><outline xmlUrl='https://a.example/f'/><outline xmlUrl='www.b.example/f'/>"
    for cut in (b"", b"\n  ", b"<outl", b"<outline xmlUrl='https://c.exam"):
        assert [feed.url for feed in opml.read(whole + cut)] == ["https://a.example/f", "http://www.b.example/f"]
