"""Which feeds a site offers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.polling.autodiscovery import Origin, candidates

URL = "https://harbour.example/world/index.html"


def found(html: str, url: str = URL) -> list[tuple[str, Origin]]:
    return [(candidate.url, candidate.origin) for candidate in candidates(html.encode(), url)]


def test_declared_feeds_come_first_in_the_pages_order_and_comment_feeds_last() -> None:
    html = """<base href="https://harbour.example/base/"><link rel="alternate" type="application/rss+xml" title="Comments Feed"
    href="/comments/feed"><LINK REL='Alternate' TYPE='application/atom+xml; charset=utf-8' HREF='news.atom'>
    <link rel=alternate type="application/feed+json" href="/feed.json"><link rel="alternate" hreflang="fr" href="/fr">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1"><a href="/rss/ports.xml">Ports</a>"""
    assert found(html)[:4] == [
        ("https://harbour.example/base/news.atom", Origin.DECLARED),
        ("https://harbour.example/feed.json", Origin.DECLARED),
        ("https://harbour.example/comments/feed", Origin.DECLARED),
        ("https://harbour.example/rss/ports.xml", Origin.LINKED),
    ]


def test_an_alternate_without_a_type_is_a_feed_where_its_address_says_so() -> None:
    html = '<link rel="alternate" href="/feed/news.xml"><link rel="alternate" hreflang="fr" href="/fr/monde">'
    declared = [url for url, origin in found(html) if origin is Origin.DECLARED]
    assert declared == ["https://harbour.example/feed/news.xml"]


@pytest.mark.parametrize(
    ("link", "is_feed"),
    [
        ('<a href="/feeds/ports">Ports</a>', True),
        ('<a href="https://feeds.harbour.example/all">All</a>', True),
        ('<a href="/news?format=rss">x</a>', True),
        ('<a href="/about"><img alt=""> RSS</a>', True),
        ('<a href="/how-to-read-rss-feeds.html">What are RSS feeds?</a>', False),
        ('<a href="/feedback">Feedback</a>', False),
        ('<a href="mailto:rss@harbour.example">RSS</a>', False),
        ('<a href="javascript:feed()">feed</a>', False),
        ('<a href="/story/atomic-clock">Atomic clock</a>', False),
    ],
)
def test_a_link_is_a_candidate_where_its_address_or_text_says_feed(link: str, is_feed: bool) -> None:
    assert any(origin is Origin.LINKED for _, origin in found(link)) is is_feed


def test_a_page_that_says_nothing_still_gives_the_usual_places() -> None:
    addresses = [address for address, origin in found("") if origin is Origin.GUESSED]
    assert addresses[0] == "https://harbour.example/feed"
    assert "https://harbour.example/world/feed" in addresses


def test_known_platforms_have_their_feeds_at_fixed_places() -> None:
    assert ("https://github.com/o/r/releases.atom", Origin.KNOWN_SITE) in found("", "https://github.com/o/r")


def test_the_page_itself_is_no_candidate_and_each_address_comes_once() -> None:
    html = f'<link rel="alternate" type="application/rss+xml" href="{URL}"><a href="/feed">feed</a>'
    addresses = [address for address, _ in found(html)]
    assert URL not in addresses
    assert len(addresses) == len(set(addresses))


@given(st.binary(max_size=300), st.sampled_from([URL, "http://h.example", "https://[::1]/x"]))
def test_any_bytes_give_candidates_on_the_web_only(html: bytes, url: str) -> None:
    assert all(candidate.url.startswith(("http://", "https://")) for candidate in candidates(html, url))


@given(
    st.lists(
        st.sampled_from(
            [
                "http://[x",
                "//[",
                "https://h.example\u2100/rss",
                "/rss",
                "rss:",
                "\\\\rss",
                "",
                "?rss",
                "a b",
                "http://h.example:x/rss",
            ]
        )
    )
)
def test_broken_links_are_passed_over(links: list[str]) -> None:
    page = "".join(
        f'<a href="{link}">RSS</a><link rel="alternate" type="application/rss+xml" href="{link}">' for link in links
    )
    assert all(candidate.url.startswith("http") for candidate in candidates(page.encode(), URL))


@pytest.mark.parametrize("flood", ["<a ", "<a href='", '<link rel="alternate" ', "<a href=x>", "<a   " * 3 + "\n"])
def test_floods_of_tags_take_no_time(flood: str) -> None:
    start = time.process_time()
    candidates((flood * 100_000).encode()[:1_000_000], URL)
    assert time.process_time() - start < 9
