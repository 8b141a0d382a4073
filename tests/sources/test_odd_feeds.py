"""Feeds in odd writing, as software in the field makes them: each entry is there, with its link and title."""

from __future__ import annotations

import pytest

from dateline.model.records import ParsedFeed
from dateline.sources import parse_feed

URL = "https://harbour.example/feeds/all.xml"


def parsed(text: str) -> ParsedFeed:
    return parse_feed(text.encode(), url=URL, headers={})


def rss(items: str) -> str:
    return f"<rss version='2.0'><channel><title>Harbour Post</title>{items}</channel></rss>"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("&lt;![CDATA[Tugs &amp;amp; ferries]]&gt;", "Tugs & ferries"),
        ("<![CDATA[<![CDATA[Tugs]]>]]>", "Tugs"),
        ("<![cdata[Tugs & ferries]]>", "Tugs & ferries"),
    ],
)
def test_marks_of_a_section_that_were_escaped_or_written_twice_are_no_text(given: str, wanted: str) -> None:
    """The section is what was meant."""
    feed = parsed(rss(f"<item><title>{given}</title></item><item><title>Next</title></item>"))
    assert [entry.title for entry in feed.entries] == [wanted, "Next"]


ATOM_ENTRY = '<feed xmlns="http://www.w3.org/2005/Atom"><title>H</title><entry><id>urn:1</id><title>Tugs</title>{}</entry></feed>'
TUGS = "https://harbour.example/tugs"


@pytest.mark.parametrize(
    "text",
    [
        ATOM_ENTRY.format(f'<link rel="http://www.iana.org/assignments/relation/alternate" href="{TUGS}"/>'),
        ATOM_ENTRY.format(f'<content type="text/html" src="{TUGS}"/>'),
        ATOM_ENTRY.format(f'<content type="text/html" src="/print/1"/><link href="{TUGS}"/>'),
        rss("<item><title>Tugs</title><link>&lt;![CDATA[https://harbour.example/tugs]]&gt;</link></item>"),
    ],
)
def test_a_link_is_found_however_it_is_given(text: str) -> None:
    """As a registered relation's address, as content out of line (RFC 4287, 4.1.3.2), or in marks escaped once too often."""
    assert parsed(text).entries[0].link == TUGS


def test_a_link_without_its_scheme_is_no_path() -> None:
    """ "www.harbour.example/tugs" is a host; "www.html" is a file."""
    links = ["www.harbour.example/tugs", "WWW.harbour.example", "www.harbour.example:8080/a", "www.html", "www/a.b"]
    feed = parsed(rss("".join(f"<item><title>Tugs</title><link>{link}</link></item>" for link in links)))
    assert [entry.link for entry in feed.entries] == [
        "http://www.harbour.example/tugs",
        "http://WWW.harbour.example",
        "http://www.harbour.example:8080/a",
        "https://harbour.example/feeds/www.html",
        "https://harbour.example/feeds/www/a.b",
    ]


def test_a_json_feed_with_a_comma_behind_the_last_item_is_read() -> None:
    """Templates write one; a comma inside a string stays."""
    text = """{"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": "1", "title": "Tugs, ] and \\"ferries,}\\"", "tags": ["a", "b",], },
    ]}"""
    feed = parsed(text)
    assert [(entry.title, entry.categories) for entry in feed.entries] == [('Tugs, ] and "ferries,}"', ("a", "b"))]
    assert "not_well_formed" in feed.notes
