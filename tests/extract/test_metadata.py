"""What a page says about itself, from JSON-LD to the printed byline, and nothing absurd."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.extract import extract_page
from dateline.extract.metadata.dates import moment_in_url, read_moment
from dateline.extract.metadata.images import caption_of
from dateline.extract.metadata.names import read_byline
from dateline.extract.metadata.titles import without_site
from dateline.extract.text import fold
from dateline.model.page import PageMetadata
from dateline.text.language import choose_language
from support.extract_pages import PARAGRAPHS, as_paragraphs, page

URL = "https://courier.example/news/harbour/pier-closed?utm_source=feed"


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def metadata(html: bytes, url: str | None = URL) -> PageMetadata:
    return extract_page(html, url=url).metadata


ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Cracks close Lindmouth's northern pier",
    "datePublished": "2026-03-17T08:30:00Z",
    "dateModified": "2026-03-17T10:00:00Z",
    "author": [{"@type": "Person", "name": "Ida Moss"}, {"@type": "Person", "name": "Ben Oyelaran"}],
    "publisher": {"@type": "NewsMediaOrganization", "name": "Lindmouth Courier"},
    "articleSection": "Harbour",
    "keywords": ["pier", "ferries"],
    "image": {"@type": "ImageObject", "url": "https://img.courier.example/pier.jpg"},
    "isAccessibleForFree": False,
    "license": "https://courier.example/licence",
}


@pytest.mark.parametrize("key", ["liveBlogUpdate", "comment", "citation"])
def test_the_parts_of_an_article_are_not_the_article(key: str) -> None:
    """Updates and comments say as much as the article, often more; date and byline are its own."""
    part = {
        "@type": "NewsArticle", "headline": "Divers are down", "datePublished": "2026-03-17T12:00:00Z", "author": "Kim Roe",
        "articleBody": "Divers went down at noon.", "publisher": {"name": "Lindmouth Courier"}, "url": URL,
    }  # fmt: skip
    whole = {
        "@type": "LiveBlogPosting", "headline": ARTICLE["headline"], "datePublished": "2026-03-17T09:00:00Z",
        "author": {"name": "Ida Moss"}, key: [part, part | {"headline": "More cracks"}],
    }  # fmt: skip
    found = metadata(page(head=ld(whole), before=""))
    assert found.title == ARTICLE["headline"]
    assert (found.published, [author.name for author in found.authors]) == ("2026-03-17T09:00:00+00:00", ["Ida Moss"])


@pytest.mark.parametrize(
    "form",
    [
        ARTICLE,
        [{"@type": "BreadcrumbList"}, ARTICLE],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
    ],
    ids=["alone", "list", "graph", "nested"],
)
def test_the_article_node_is_found_in_every_form(form: object) -> None:
    found = metadata(page(head=ld(form), before=""))
    assert found.title == "Cracks close Lindmouth's northern pier"
    assert [a.name for a in found.authors] == ["Ida Moss", "Ben Oyelaran"]
    assert (found.published, found.updated) == ("2026-03-17T08:30:00+00:00", "2026-03-17T10:00:00+00:00")
    assert (found.publisher, found.section, found.keywords) == ("Lindmouth Courier", "Harbour", ("pier", "ferries"))
    assert found.image == "https://img.courier.example/pier.jpg"
    assert found.paywalled
    assert found.usage_rights == "https://courier.example/licence"


def test_references_inside_a_graph_are_followed() -> None:
    graph = {
        "@graph": [
            {**ARTICLE, "author": {"@id": "#ida"}, "publisher": {"@id": "#org"}},
            {"@type": "Person", "@id": "#ida", "name": "Ida Moss"},
            {"@type": "Organization", "@id": "#org", "name": "Courier Group"},
        ]
    }
    found = metadata(page(head=ld(graph), before=""))
    assert ([a.name for a in found.authors], found.publisher) == (["Ida Moss"], "Courier Group")


@pytest.mark.parametrize(
    "broken",
    [
        '{"@type":"NewsArticle","headline":"Cracks close Lindmouth\'s northern pier","datePublished":"2026-03-17",}',
        '//<![CDATA[\n{"@type":"NewsArticle","datePublished":"2026-03-17"}\n//]]>',
        '{"@type":"NewsArticle","datePublished":"2026-03-17","description":"two\nlines"}',
        '{"@type":"WebSite"}{"@type":"NewsArticle","datePublished":"2026-03-17"}',
    ],
    ids=["trailing comma", "cdata", "raw newline", "two values"],
)
def test_slightly_broken_json_ld_is_still_read(broken: str) -> None:
    html = page(head=f'<script type="application/ld+json">{broken}</script>', before="")
    assert metadata(html).published == "2026-03-17"


@pytest.mark.parametrize(
    "nasty", ["[" * 50_000, '{"a":' * 20_000 + "1", '{"@type":"NewsArticle","wordCount":' + "9" * 9_000 + "}"]
)
def test_hostile_json_ld_is_left_out_and_the_page_still_read(nasty: str) -> None:
    html = page(head=f'<script type="application/ld+json">{nasty}</script>')
    assert metadata(html).title == "Cracks close Lindmouth's northern pier"


def test_a_lone_surrogate_in_a_headline_does_not_reach_the_record() -> None:
    html = page(
        head='<script type="application/ld+json">{"@type":"NewsArticle","headline":"Cracks \\ud800 close pier"}</script>'
    )
    metadata(html).title.encode("utf-8")  # type: ignore[union-attr]


def test_the_sites_name_is_taken_off_the_title() -> None:
    assert without_site("Pier closed | Lindmouth Courier", ["Lindmouth Courier"]) == "Pier closed"
    assert without_site("Lindmouth Courier - Pier closed", ["Lindmouth Courier"]) == "Pier closed"
    assert without_site("Rome – a city on the move", ["Lindmouth Courier"]) == "Rome – a city on the move"
    assert without_site("Minister: «Wir bleiben»", ["Courier"]) == "Minister: «Wir bleiben»"


@pytest.mark.parametrize(
    ("printed", "names", "agency"),
    [
        ("By Ida Moss", ["Ida Moss"], None),
        ("By Ida Moss and Ben Oyelaran, Reuters", ["Ida Moss", "Ben Oyelaran"], "reuters"),
        ("Von Ida Moss und Ben Oyelaran (dpa)", ["Ida Moss", "Ben Oyelaran"], "dpa"),
        ("Por Ida Moss | EFE", ["Ida Moss"], "efe"),
        ("Ida Moss, political correspondent", ["Ida Moss"], None),
        ("AFP", [], "afp"),
    ],
)
def test_people_and_agencies_in_a_byline_are_told_apart(printed: str, names: list[str], agency: str | None) -> None:
    found = read_byline(printed)
    assert ([a.name for a in found.authors], found.agency) == (names, agency)


def test_the_printed_byline_is_read_where_the_metadata_names_nobody() -> None:
    assert [a.name for a in metadata(page()).authors] == ["Ida Moss"]
    before = '<div class="meta"><span class="author-name">Ida Moss</span> <span>Updated 9:30</span></div>'
    assert [a.name for a in metadata(page(before=before)).authors] == ["Ida Moss"]


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("2026-03-17T09:30:00+01:00", "2026-03-17T09:30:00+01:00"),
        ("2026-03-17T09:30:00.123Z", "2026-03-17T09:30:00+00:00"),
        ("20260317T093000Z", "2026-03-17T09:30:00+00:00"),
        ("Tue, 17 Mar 2026 09:30:00 +0100", "2026-03-17T09:30:00+01:00"),
        ("March 17, 2026 at 5:04 p.m. EDT", "2026-03-17T17:04:00-04:00"),
        ("17.03.2026, 09:30 Uhr", "2026-03-17T09:30:00"),
        ("17 de marzo de 2026", "2026-03-17"),
        ("17 марта 2026, 09:30", "2026-03-17T09:30:00"),
        ("2026年3月17日", "2026-03-17"),
        ("1773735000", "2026-03-17T08:10:00+00:00"),
        ("0001-01-01T00:00:00", None),
        ("1970-01-01", None),
        ("2199-05-05", None),
        ("2026-02-31", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates_are_read_with_their_zone_and_absurd_ones_refused(raw: str, iso: str | None) -> None:
    moment = read_moment(raw)
    assert (moment.iso if moment else None) == iso


def test_an_absurd_date_is_null_with_the_raw_string_kept() -> None:
    found = metadata(page(head=ld({**ARTICLE, "datePublished": "0001-01-01T00:00:00"}), before=""))
    assert found.published is None or found.published.startswith("2026")
    assert found.published_raw == "0001-01-01T00:00:00"


def test_a_utc_time_takes_the_zone_in_which_the_page_prints_the_same_minute() -> None:
    late = {**ARTICLE, "datePublished": "2026-03-18T04:30:00Z"}
    found = metadata(page(head=ld(late), before='<time datetime="2026-03-17 23:30:00">March 17</time>'))
    assert found.published == "2026-03-17T23:30:00-05:00"


def test_a_day_in_the_address_dates_a_page_that_prints_none() -> None:
    assert moment_in_url("https://courier.example/2026/03/17/pier") is not None
    assert metadata(page(before=""), url="https://courier.example/2026/03/17/pier").published == "2026-03-17"


def test_the_canonical_address_must_be_of_the_same_owner() -> None:
    assert metadata(page()).canonical_url == "https://courier.example/news/harbour/pier-closed"
    foreign = page().replace(b"https://courier.example/news/harbour/pier-closed", b"https://elsewhere.example/stolen")
    assert metadata(foreign).canonical_url == "https://courier.example/news/harbour/pier-closed"


def test_the_language_is_what_the_text_is_in_whatever_the_template_declares() -> None:
    german = (
        "Die Hafenbehörde teilte am Dienstag mit, dass der nördliche Pier bis zum Ende des Monats geschlossen bleibt, weil "
        "Taucher an zwei Stützen Risse gefunden haben.",
        "Die Fähren zu den Inseln legen so lange vom Fischmarkt ab, sagte eine Sprecherin der Behörde. Der Weg zwischen den "
        "beiden Haltestellen dauert etwa zehn Minuten.",
        "Der Pier wurde 1958 gebaut und zuletzt vor vier Jahren untersucht. Fachleute der Universität sollen bis zum Freitag "
        "berichten, und der Rat der Stadt tritt am Montag zusammen.",
    )
    found = metadata(page(title="Risse im Pier", body=as_paragraphs(german), lang="en-US"))
    assert found.language == "de"
    assert choose_language(" ".join(PARAGRAPHS), "en-GB") == "en"
    assert choose_language("kurz", "pt_BR") == "pt"


@pytest.mark.parametrize(
    ("printed", "text", "credit"),
    [
        ("The pier on Monday. Photo: Sam Ode", "The pier on Monday.", "Sam Ode"),
        ("The pier on Monday. (Reuters/Sam Ode)", "The pier on Monday.", "Reuters/Sam Ode"),
        ("Der Pier am Montag. © Sam Ode/dpa", "Der Pier am Montag.", "Sam Ode/dpa"),
        ("The mayor (left) and the port's chief (right)", "The mayor (left) and the port's chief (right)", None),
    ],
)
def test_a_captions_credit_is_told_from_its_words(printed: str, text: str, credit: str | None) -> None:
    caption = caption_of(printed)
    assert caption is not None
    assert (caption.text, caption.credit) == (text, credit)


@given(st.text(max_size=300))
def test_folding_text_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=120))
def test_no_string_breaks_the_readers_of_dates_names_and_captions(text: str) -> None:
    read_moment(text)
    read_byline(text)
    caption_of(text)


def test_a_utc_time_near_midnight_takes_the_day_that_the_page_prints_for_it() -> None:
    """Same instant, the newsroom's day: east and west of Greenwich, from the time element's text or from the address."""
    evening = "2026-03-16T23:10:00Z"
    printed = f'<time datetime="{evening}">17 marzo 2026</time>'
    assert metadata(page(before=printed)).published == "2026-03-17T00:10:00+01:00"
    address = "https://courier.example/2026/03/15/pier"
    found = metadata(page(head=ld({**ARTICLE, "datePublished": "2026-03-16T03:10:00Z"}), before=""), url=address)
    assert found.published == "2026-03-15T23:10:00-04:00"
    noon = metadata(page(head=ld({**ARTICLE, "datePublished": "2026-03-16T12:00:00Z"}), before=""), url=address)
    assert noon.published == "2026-03-16T12:00:00+00:00"


def test_a_date_is_found_beside_a_headline_that_is_no_h1() -> None:
    """Blogs give h1 to their own name; short lines in a script without spaces are no long paragraphs either."""
    html = page(
        title="灯台のある岬",
        before="<h3>灯台のある岬</h3><div>2026年03月17日 | 散歩</div>",
        body="<p>今日は岬まで歩いた。</p>",
        lang="ja",
    )
    html = html.replace("<h1>灯台のある岬</h1>".encode(), "<h1>港町だより</h1><p>旅の記録</p>".encode())
    assert metadata(html).published == "2026-03-17"
