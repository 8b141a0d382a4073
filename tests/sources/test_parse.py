"""Every kind of feed becomes the same kind of entry."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import DatelineError, NotAFeed, PermanentError, TooLarge
from dateline.model.records import ParsedFeed, pack
from dateline.sources import parse_feed
from dateline.sources.records import to_record

URL = "https://harbour.example/feeds/all.xml"


def parsed(text: str | bytes, *, url: str | None = URL, **headers: str) -> ParsedFeed:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(body, url=url, headers={key.replace("_", "-"): value for key, value in headers.items()})


def rss(items: str, head: str = "", attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {attributes}><channel><title>Harbour Post</title>'
        f"<link>https://harbour.example/</link>{head}{items}</channel></rss>"
    )


RSS = rss(
    """<item><title>Ferry &amp; tug collide off Port Anselm</title><link>https://harbour.example/a/1</link>
    <guid isPermaLink="false">hp-1</guid><pubDate>Tue, 03 Jun 2025 09:39:21 +0200</pubDate><dc:creator>Ina Voss</dc:creator>
    <description>&lt;p&gt;Nobody was hurt.&lt;/p&gt;</description>
    <content:encoded><![CDATA[<p>Nobody was hurt, the port said.</p>]]></content:encoded>
    <category>Shipping</category><category>Shipping</category></item>""",
    attributes='xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"',
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title type="html">Harbour &amp;amp; Coast</title>
<id>urn:hp</id><link href="https://harbour.example/"/><link rel="self" href="/feeds/atom"/><link rel="hub" href="https://hub.example/"/>
<updated>2025-06-03T08:00:00Z</updated><author><name>The desk</name></author>
<entry><title>Ferry and tug collide</title><id>urn:hp:1</id><link rel="replies" href="/a/1/replies"/><link href="/a/1"/>
<published>2025-06-03T07:39:21Z</published><updated>2025-06-03T08:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Nobody was <b>hurt</b>.</p></div></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://harbour.example/rdf"><title>Harbour</title>
<link>https://harbour.example/</link></channel><item rdf:about="https://harbour.example/a/1">
<title>Ferry and tug collide</title><link>https://harbour.example/a/1</link><dc:date>2025-06-03T07:39:21Z</dc:date></item></rdf:RDF>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", "home_page_url": "https://harbour.example/",
"feed_url": "https://harbour.example/feed.json", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
"items": [{"id": 17, "url": "/a/1", "title": "Ferry and tug collide", "content_text": "a < b", "tags": ["Shipping"],
"date_published": "2025-06-03T07:39:21Z", "authors": [{"name": "Ina Voss"}],
"attachments": [{"url": "https://harbour.example/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1200}]}]}"""
NEWS_SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://harbour.example/a/1</loc><n:news><n:publication>
<n:name>Harbour Post</n:name><n:language>en</n:language></n:publication><n:publication_date>2025-06-03T07:39:21Z
</n:publication_date><n:title>Ferry and tug collide</n:title></n:news></url></urlset>"""
SITEMAP_INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://harbour.example/s/1.xml</loc><lastmod>2025-06-01</lastmod></sitemap>
<sitemap><loc>https://harbour.example/s/2.xml</loc><lastmod>2025-06-02</lastmod></sitemap>
<sitemap><loc>https://harbour.example/s/news.xml</loc></sitemap></sitemapindex>"""
WHEN = datetime(2025, 6, 3, 7, 39, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind"), [(RSS, "rss"), (ATOM, "atom"), (RDF, "rdf"), (JSON, "json"), (NEWS_SITEMAP, "news_sitemap")]
)
def test_every_format_gives_the_same_link_and_date(text: str, kind: str) -> None:
    feed = parsed(text)
    assert feed.format == kind
    assert [(entry.link, entry.published) for entry in feed.entries] == [("https://harbour.example/a/1", WHEN)]


def test_rss_keeps_guid_author_summary_and_content_apart() -> None:
    entry = parsed(RSS).entries[0]
    assert entry.title == "Ferry & tug collide off Port Anselm"
    assert (entry.guid, entry.author, entry.categories) == ("hp-1", "Ina Voss", ("Shipping",))
    assert entry.summary == "<p>Nobody was hurt.</p>"
    assert entry.content == "<p>Nobody was hurt, the port said.</p>"


def test_atom_gives_hub_self_and_the_feeds_author_to_an_entry_without_one() -> None:
    feed = parsed(ATOM)
    assert feed.title == "Harbour & Coast"
    assert feed.hubs == ("https://hub.example/",)
    assert feed.self_url == "https://harbour.example/feeds/atom"
    assert feed.entries[0].author == "The desk"
    assert feed.entries[0].content == "<p>Nobody was <b>hurt</b>.</p>"


def test_a_json_feed_keeps_numbers_as_ids_and_text_as_escaped_html() -> None:
    feed = parsed(JSON)
    assert feed.hubs == ("https://hub.example/",)
    entry = feed.entries[0]
    assert (entry.guid, entry.content) == ("17", "a &lt; b")
    assert entry.attachments[0].length_bytes == 1200


def test_a_sitemap_index_names_its_sitemaps_news_first_then_newest() -> None:
    feed = parsed(SITEMAP_INDEX)
    assert feed.format == "sitemap_index"
    assert [child.rpartition("/")[2] for child in feed.children] == ["news.xml", "2.xml", "1.xml"]


def test_a_plain_sitemap_is_refused_with_the_reason() -> None:
    plain = (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://h.example/</loc></url></urlset>"
    )
    with pytest.raises(NotAFeed, match="plain sitemap of 1 pages"):
        parsed(plain)


def test_a_gz_file_is_inflated_within_a_limit() -> None:
    feed = parsed(gzip.compress(RSS.encode()))
    assert len(feed.entries) == 1
    assert "gzipped" in feed.notes
    with pytest.raises(TooLarge):
        parsed(gzip.compress(b" " * 20_000_000))
    with pytest.raises(PermanentError, match="ends too early"):
        parsed(gzip.compress(RSS.encode())[:-20])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>", "HTML page .'Sign in'.*discover"),
        (b"<opml version='2.0'><body/></opml>", "feeds import"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"just words", "without any element"),
        (b'{"error": "gone"}', "no JSON Feed"),
        (b'{"error": ', "starts like JSON"),
        (b"<note><to>you</to></note>", "root element 'note'"),
    ],
)
def test_what_is_no_feed_is_named_with_the_remedy(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed, match=words) as caught:
        parsed(body)
    assert URL in str(caught.value)


def test_relative_links_count_from_xml_base_then_content_location_then_the_address() -> None:
    item = "<item><link>a/1</link></item>"
    assert parsed(rss(item)).entries[0].link == "https://harbour.example/feeds/a/1"
    located = parsed(rss(item), content_location="https://other.example/x/")
    assert located.entries[0].link == "https://other.example/x/a/1"
    based = parsed(
        rss(item, attributes='xml:base="https://third.example/y/"'), content_location="https://other.example/x/"
    )
    assert based.entries[0].link == "https://third.example/y/a/1"


def test_relative_links_of_a_feed_service_count_from_the_site() -> None:
    feed = parsed(rss("<item><link>/a/1</link></item>"), url="https://feeds.service.example/harbour")
    assert feed.entries[0].link == "https://harbour.example/a/1"


def test_an_unsafe_content_location_or_link_is_ignored() -> None:
    feed = parsed(
        rss("<item><link>javascript:alert(1)</link><guid>x</guid></item>"), content_location="javascript:alert(1)"
    )
    assert feed.entries[0].link is None
    assert feed.entries[0].guid == "x"


def test_a_permalink_guid_stands_in_for_a_missing_link() -> None:
    feed = parsed(
        rss(
            "<item><guid>https://harbour.example/a/9</guid></item><item><guid isPermaLink='false'>https://h.example/</guid></item>"
        )
    )
    assert [entry.link for entry in feed.entries] == ["https://harbour.example/a/9", None]


def test_an_entry_that_only_has_an_enclosure_links_to_it() -> None:
    feed = parsed(
        rss('<item><guid isPermaLink="false">9</guid><enclosure url="/9.mp3" type="audio/mpeg" length="77"/></item>')
    )
    assert feed.entries[0].link == "https://harbour.example/9.mp3"


def test_media_keeps_credit_rights_and_text_with_the_picture() -> None:
    feed = parsed(
        rss(
            """<item><title>t</title><media:group>
            <media:content url="/p.jpg" medium="image"><media:credit>Ina Voss</media:credit>
            <media:copyright>Harbour Post</media:copyright><media:description>The ferry.</media:description></media:content>
            </media:group><media:thumbnail url="/t.jpg"/></item>""",
            attributes='xmlns:media="http://search.yahoo.com/mrss/"',
        )
    )
    picture, thumbnail = feed.entries[0].attachments
    assert (picture.url, picture.credit, picture.rights, picture.text) == (
        "https://harbour.example/p.jpg", "Ina Voss", "Harbour Post", "The ferry.",
    )  # fmt: skip
    assert thumbnail.url == "https://harbour.example/t.jpg"
    assert feed.entries[0].image == "https://harbour.example/p.jpg"


def test_hints_are_read_in_seconds_hours_and_days() -> None:
    feed = parsed(
        rss(
            "",
            """<ttl>45</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><skipHours>
            <hour>0</hour><hour>24</hour><hour>3</hour><hour>x</hour></skipHours><skipDays><day>Saturday</day><day>Sun</day></skipDays>""",
            'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"',
        ),
        link='<https://hub.example/>; rel="hub", </feeds/self>; rel=self',
    )
    assert (feed.ttl_seconds, feed.update_period_seconds) == (2700.0, 1800.0)
    assert (feed.skip_hours, feed.skip_days) == ((0, 3), (5, 6))
    assert (feed.hubs, feed.self_url) == (("https://hub.example/",), "https://harbour.example/feeds/self")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Tugs &amp;amp; ferries", "Tugs & ferries"),
        ("<![CDATA[<b>Tugs</b> and <i>ferries</i>]]>", "Tugs and ferries"),
        ("<![CDATA[H<sub>2</sub>O<br>spill]]>", "H2O spill"),
        ("The &amp;lt;b&amp;gt; tag", "The <b> tag"),
        ("a &lt; b and vector&lt;int&gt;", "a < b and vector<int>"),
        ("Tug\u202egnp.exe\u2066 \u200fעברית\ufeff", "Tuggnp.exe \u200fעברית"),
        ("CafÃ© au port", "Café au port"),
        ("It&#146;s over", "It’s over"),
        ("e\u0301te", "éte"),
        ("  two\n  lines ", "two lines"),
        ("<![CDATA[<script>alert(1)</script>]]>", None),
    ],
)
def test_titles_are_one_line_of_plain_text(given: str, wanted: str | None) -> None:
    assert parsed(rss(f"<item><title>{given}</title></item>")).entries[0].title == wanted


def test_a_truncated_feed_gives_its_whole_entries_only_and_says_so() -> None:
    items = "".join(f"<item><title>Entry {i}</title><guid>{i}</guid></item>" for i in range(10))
    whole = rss(items)
    cut = whole[: whole.index("<title>Entry 7</title>") + 12]
    feed = parsed(cut)
    assert [entry.title for entry in feed.entries] == [f"Entry {i}" for i in range(7)]
    assert "truncated" in feed.notes


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (rss("<item><title>Tugs & ferries&nbsp;&bogus; 2 < 3</title></item>"), "not_well_formed"),
        (rss("<item><title>Tugs</title><foo:bar>x</foo:bar></item>"), "not_well_formed"),
        ("<b>Warning</b>: mysql in line 3\n" + RSS, "junk_around"),
        (RSS + "<!-- cached --><script>x</script>", "junk_around"),
        (rss("<item><title>Tu\x00gs\x1b</title></item>"), "control_characters"),
        (rss("<item><title>Tugs</title><description>one <br> two <p> three</description></item>"), "loose"),
    ],
)
def test_the_usual_damage_is_repaired_and_noted(text: str, note: str) -> None:
    feed = parsed(text)
    assert note in feed.notes
    assert [entry.title is not None for entry in feed.entries] == [True]


def test_entities_of_a_document_type_are_not_expanded_in_depth() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "tug"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    feed = parsed(bomb + rss("<item><title>&a; &b; &x;</title></item>").partition("?>")[2])
    assert feed.entries[0].title == "tug &b; &x;"
    assert "doctype" in feed.notes


def test_an_entry_beyond_the_limit_is_left_out_and_noted() -> None:
    feed = parsed(rss("<item><title>t</title></item>" * 2_100))
    assert len(feed.entries) == 2_000
    assert "too_many_entries" in feed.notes


def test_an_absurd_date_is_null_and_its_words_are_kept() -> None:
    entry = parsed(rss("<item><title>t</title><pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate></item>")).entries[0]
    assert entry.published is None
    assert entry.published_raw == "Fri, 31 Dec 9999 23:59:59 GMT"


def test_long_guids_stay_apart_and_short() -> None:
    feed = parsed(rss(f"<item><guid>{'g' * 5000}1</guid></item><item><guid>{'g' * 5000}2</guid></item>"))
    first, second = (entry.guid or "" for entry in feed.entries)
    assert first != second
    assert len(first) < 300


def test_a_record_holds_plain_values_with_iso_times() -> None:
    record = to_record(parsed(RSS))
    assert record["error"] is None
    assert record["entries"][0]["published"] == "2025-06-03T07:39:21Z"
    assert record["feed"]["format"] == "rss"


_PIECES = st.sampled_from(
    [
        "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<entry>", "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "&", "&amp;", "&#0;", "&#xD800;", "<", ">", "<guid>", "<link>", "a:b",
        "http://h.example/[", "<pubDate>", "2025-13-45", "\x00", "\ud7ff", "\u202e", "<!DOCTYPE rss [", "]>", "<author>", "@",
        "{", '{"items": [', '{"version": "https://jsonfeed.org/version/1", "items": [{"id": ', "<urlset>", "<a b='", "</rss>",
        "xml:base='//['", "<media:content url='//[x'/>", "<x:y>", "\u0660", "<hr/>",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=300), st.lists(_PIECES, max_size=25).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_give_a_feed_that_can_be_encoded_or_an_error_of_ours(body: bytes) -> None:
    """Nothing else ever leaves the parser: no traceback, no text that is not UTF-8."""
    try:
        feed = parsed(body)
    except DatelineError as error:
        assert str(error)
    else:
        pack(feed)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_broken_insides_of_a_feed_never_break_the_parser(inside: str) -> None:
    try:
        pack(parsed(rss("<item>" + inside + "</item>").encode("utf-8", "replace")))
    except DatelineError as error:
        assert str(error)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_keys = st.sampled_from(
    [
        "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "authors", "author", "tags",
        "date_published", "date_modified", "attachments", "language", "hubs", "home_page_url", "feed_url",
    ]
)  # fmt: skip


@given(
    st.dictionaries(_keys, _json, max_size=6), st.lists(st.dictionaries(_keys, _json, max_size=6) | _json, max_size=3)
)
def test_a_json_feed_with_values_of_any_type_is_read_as_far_as_it_goes(
    head: dict[str, object], items: list[object]
) -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", **head, "items": items}
    feed = parsed(json.dumps(document))
    assert len(feed.entries) == sum(isinstance(item, dict) for item in items)
    pack(feed)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("The end of &lt;marquee&gt; on this site", "The end of <marquee> on this site"),
        ("A &lt;b&gt;bold&lt;/b&gt; step", "A bold step"),
        ("First line&lt;br&gt;second line", "First line second line"),
        ("Fish &amp;amp; chips", "Fish & chips"),
    ],
)
def test_a_title_declared_as_text_is_markup_only_where_its_tags_are_closed(title: str, shown: str) -> None:
    """RFC 4287, 3.1.1.1; but many who write type=text send HTML."""
    body = ATOM.replace("<title>Ferry and tug collide</title>", f'<title type="text">{title}</title>')
    assert parsed(body).entries[0].title == shown
