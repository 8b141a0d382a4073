"""Documents made to cost: bound in time, memory and what comes out, whatever parser they reach."""

from __future__ import annotations

import time

import pytest

from dateline.errors import DatelineError
from dateline.model.records import pack
from dateline.sources import limits, parse_feed
from dateline.sources.floods import bound
from dateline.sources.xml_repair import open_document, remove_comments, repair

OPEN = "<rss><channel><item><title>Tug</title>"
CLOSE = "</item></channel></rss>"
FLOODS = {
    "comments never closed": OPEN + "<!-- x " * 200_000,
    "instructions never closed": OPEN + "<? " * 300_000 + CLOSE,
    "CDATA never closed": OPEN + "<description>" + "<![CDATA[" * 100_000 + CLOSE,
    "angle brackets": OPEN + "<" * 600_000 + CLOSE,
    "ampersands": OPEN + "<description>" + "&" * 600_000 + "</description>" + CLOSE,
    "declarations": OPEN + "<!" * 200_000 + CLOSE,
    "letters in an author": OPEN + "<br><author>" + "a" * 300_000 + "</author>" + CLOSE,
    "letters in a creator in CDATA": OPEN + "<br><dc:creator><![CDATA[" + "a." * 150_000 + "]]></dc:creator>" + CLOSE,
    "categories": OPEN + "<br>" + "".join(f"<category>{i}</category>" for i in range(40_000)) + CLOSE,
    "depth": OPEN + "<x>" * 200_000 + CLOSE,
    "quotes in a document type": "<!DOCTYPE rss [" + "'" * 1_000_001 + "]>" + OPEN + CLOSE,
    "entities in a document type": "<!DOCTYPE rss [" + "<!ENTITY a 'x'>" * 60_000 + "]>" + OPEN + CLOSE,
    "entities in a title": OPEN + "<title>" + "&eacute;&bogus;" * 60_000 + "</title>" + CLOSE,
    "attributes": "<rss " + " ".join(f'a{i}="1"' for i in range(150_000)) + "></rss>",
    "prefixes": OPEN + "".join(f"<p{i}:x/>" for i in range(60_000)) + CLOSE,
    "junk before the root": "<br>" * 300_000 + OPEN + CLOSE,
    "roots that never end": "<a " * 500_000,
    "tags in a title": OPEN + "<title><![CDATA[" + "<b><!--<script>" * 50_000 + "]]></title>" + CLOSE,
    "digits in a date": OPEN + "<pubDate>" + "1" * 500_000 + "</pubDate>" + CLOSE,
    "a broken text": OPEN + "<description>" + "word <p>y " * 60_000 + "</description>" + CLOSE,
    "guids without end": OPEN + "<br>" + "<guid " * 200_000,
}


@pytest.mark.parametrize("kind", sorted(FLOODS))
def test_a_flood_takes_little_time_and_gives_a_bounded_feed_or_an_error_of_ours(kind: str) -> None:
    start = time.process_time()
    try:
        feed = parse_feed(FLOODS[kind].encode(), url="https://h.example/", headers={})
    except DatelineError as error:
        assert len(str(error)) < 500
    else:
        assert len(feed.entries) <= limits.MAX_ENTRIES
        assert len(pack(feed)) < 3_000_000
        assert set(feed.notes) <= limits.NOTES
    assert time.process_time() - start < 12  # on a busy machine; on a free core the pool's limit is five


def test_what_is_cut_before_the_tolerant_parser_is_noted() -> None:
    text, said = bound("<channel>" + "<item><br></item>" * (limits.MAX_LOOSE_ENTRIES + 5))
    assert text.count("<item>") == limits.MAX_LOOSE_ENTRIES
    assert said == ["too_many_entries"]
    text, said = bound("<item><br><author>" + "a" * 5_000 + "</author></item>")
    assert len(text) < 500
    assert said == ["fields_cut"]


def test_comments_go_but_not_inside_cdata() -> None:
    assert remove_comments("a<!-- x -->b<![CDATA[<!-- y -->]]><?pi?>c<!-- never closed") == (
        "ab<![CDATA[<!-- y -->]]>c never closed"
    )


def test_repair_leaves_cdata_alone_and_declares_what_is_used() -> None:
    text = "<rss><channel><dc:date>x</dc:date><![CDATA[a & b &nbsp; <x:y>]]> & &copy; &#0; 1 < 2</channel></rss>"
    fixed = repair(open_document(text)).text
    assert "<![CDATA[a & b &nbsp; <x:y>]]> &amp; &#169;  1 &lt; 2" in fixed
    assert 'xmlns:dc="http://purl.org/dc/elements/1.1' in fixed


def test_an_archive_in_ascending_order_keeps_its_newest_entries() -> None:
    items = "".join(
        f"<item><guid>{i}</guid><pubDate>{1 + i // 1440:02d} Jan 2024 {i // 60 % 24:02d}:{i % 60:02d}:00 GMT</pubDate></item>"
        for i in range(limits.MAX_ENTRIES + 300)
    )
    feed = parse_feed(f"<rss><channel>{items}</channel></rss>".encode(), url=None, headers={})
    assert feed.entries[0].guid == "300"
    assert feed.entries[-1].guid == str(limits.MAX_ENTRIES + 299)
