"""Who wrote a page: what it declares, unless that is a robot, a user's name or the site; then what it prints or links."""

from __future__ import annotations

import pytest

from dateline.extract import extract_page
from dateline.extract.metadata.names import is_handle, is_robot, read_byline
from support.extract_pages import PARAGRAPHS, as_paragraphs, page

PRINTED = '<p class="byline">By <a rel="author" href="/by/ida-moss">Ida Moss</a></p>'


def authors(html: bytes) -> list[str]:
    return [a.name for a in extract_page(html, url="https://courier.example/news/pier").metadata.authors]


def declared(name: str) -> str:
    return f'<meta name="author" content="{name}">'


@pytest.mark.parametrize(
    "name", ["admin", "NOC Admin", "Administrator", "page.head.extra.author", "webmaster", "user12", "{{ name }}"]
)
def test_a_robot_is_no_author(name: str) -> None:
    """Alone it is nobody; a printed byline is somebody."""
    assert authors(page(head=declared(name), before="")) == []
    assert authors(page(head=declared(name), before=PRINTED)) == ["Ida Moss"]
    assert is_robot(name)


@pytest.mark.parametrize("name", ["idamoss", "IdaM", "ida_moss", "Lindmouth Courier", "courier.example"])
def test_a_users_name_or_the_sites_yields_to_the_printed_byline(name: str) -> None:
    assert authors(page(head=declared(name), before=PRINTED)) == ["Ida Moss"]


def test_a_name_is_no_handle() -> None:
    assert not [n for n in ("Ida Moss", "Prince", "Ban", "McCarthy Ida", "中村 真子") if is_handle(n) and " " in n]
    assert not [n for n in ("Ida Moss", "Edith Editor", "Admina Bell") if is_robot(n)]


@pytest.mark.parametrize(
    "before",
    [
        '<p class="meta-line"><span>By <a href="/producers/ida-moss">Ida Moss</a></span> <span>17 March 2026</span></p>',
        '<div><ul><li><a href="/authors/ida-moss/">Ida Moss</a></li></ul></div>',
        '<div class="node__meta"><time datetime="2026-03-17">03/17/2026</time> by Ida Moss, Head of the Harbour Desk</div>',
        "<p>Ida Moss | Senior Writer</p>".replace("<p>", '<p class="byline">'),
        "<p>Ida Moss | Senior Writer | March 17, 2026</p>",
        "<p><strong>Contributors:</strong> Ida Moss</p>",
        '<p class="date-author">Mar. 17, 2026 · Ida Moss on behalf of <a href="/desk">the Harbour Desk</a></p>',
        '<div class="author">By <a href="/a/ida">Ida Moss, DVM</a>. Reviewed by <a href="/a/ben">Ben Ode, DVM</a></div>',
        '<p><b class="author-name">Ida Moss</b><span class="expert"><b class="author-name">Ben Ode</b></span></p>',
    ],
    ids=[
        "producer",
        "list of links",
        "after the date",
        "with a position",
        "position and date",
        "contributors",
        "on behalf",
        "reviewed by",
        "expert",
    ],
)
def test_a_byline_is_found_where_the_page_prints_or_links_it(before: str) -> None:
    assert authors(page(before=before)) == ["Ida Moss"]


def test_links_to_authors_of_other_stories_are_no_byline() -> None:
    """Nor are links in a sidebar."""
    after = '<div class="related"><h3>More</h3><a href="/author/ben-ode">Ben Ode</a></div>'
    assert authors(page(before="", after=after)) == []


@pytest.mark.parametrize(
    "after",
    [
        "<h3>Written by Ida Moss</h3><p>Ida Moss writes about harbours.</p>",
        '<aside><a rel="author" href="/by/ida">Ida Moss</a></aside><aside><a rel="author" href="/by/ida">Ida Moss</a></aside>',
    ],
    ids=["signed", "in a sidebar"],
)
def test_the_one_name_after_the_text_is_the_writers(after: str) -> None:
    body = as_paragraphs(PARAGRAPHS * 2)
    assert authors(page(before="", body=body, after=after)) == ["Ida Moss"]
    two = '<aside><a rel="author" href="/by/ida">Ida Moss</a></aside><aside><a rel="author" href="/by/ben">Ben Ode</a></aside>'
    assert authors(page(before="", body=body, after=two)) == []


def test_the_sites_name_among_people_is_no_author() -> None:
    head = '<meta property="og:site_name" content="Lindmouth Courier">'
    assert authors(page(head=head + declared("Ida Moss and Ben Ode, Lindmouth Courier"))) == ["Ida Moss", "Ben Ode"]


def test_the_label_of_a_shared_link_names_the_writer() -> None:
    head = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ida Moss">'
    assert authors(page(head=head, before="")) == ["Ida Moss"]
    other = '<meta name="twitter:label1" content="Reading time"><meta name="twitter:data1" content="Ten Minutes">'
    assert authors(page(head=other, before="")) == []


def test_a_scholars_name_is_turned_round() -> None:
    head = '<meta name="citation_author" content="Moss, Ida"><meta name="citation_author" content="Ode, Ben">'
    assert authors(page(head=head, before="")) == ["Ida Moss", "Ben Ode"]


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("Ida Moss, Ph.D.", ["Ida Moss"]),
        ("Ida Moss, CFP", ["Ida Moss"]),
        ("Ida Moss, CEO of Lindmouth Ferries", ["Ida Moss"]),
        ("Ida Moss, Senior Autos Reporter", ["Ida Moss"]),
        ("Ida Moss | Co-Founder", ["Ida Moss"]),
        ("Ida Moss ⋅ Founder", ["Ida Moss"]),
        ("Ida Moss | in | Hardware", ["Ida Moss"]),
        ("Reviewed by | Ida Moss", ["Ida Moss"]),
        ("Ida Moss, edited by Ben Ode", ["Ida Moss"]),
        ("Contributors to the Lindmouth wiki", ["Contributors to the Lindmouth wiki"]),
        ("Ida Moss | Writer, Hardware", ["Ida Moss"]),
        ("Ida Moss | , Privacy and Digital Security Expert", ["Ida Moss"]),
        ("Ida Moss, Ben Ode and Cy Diaz", ["Ida Moss", "Ben Ode", "Cy Diaz"]),
    ],
)
def test_degrees_positions_and_sections_are_no_second_author(printed: str, names: list[str]) -> None:
    assert [a.name for a in read_byline(printed).authors] == names


def test_a_name_beside_an_authors_portrait_is_the_author() -> None:
    """The link around the portrait has no words; it still says whose the name beside it is."""
    before = '<div><a class="author" href="/people/7"><img src="/7.jpg"></a>Ida Moss</div>'
    assert [a.name for a in extract_page(page(before=before), url=None).metadata.authors] == ["Ida Moss"]


def test_the_printed_byline_outranks_a_declared_name_that_it_does_not_hold() -> None:
    """Who entered the text is declared on some pages; a byline that holds the declared name adds nothing."""
    printed = "<p>By Ida Moss, Harbour Columnist</p>"
    assert authors(page(head=declared("Ben Ode"), before=printed)) == ["Ida Moss"]
    assert authors(page(head=declared("Ida B. Moss"), before="<p>By Ida B. Moss and Ben Ode</p>")) == ["Ida B. Moss"]
    assert authors(page(head=declared("Ben Ode"), before="<p>By the end of the month the pier opens</p>")) == [
        "Ben Ode"
    ]


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("<p>by ibbet</p>", "", ["ibbet"]),
        ("<div>By Ask the Pilots</div>", "", ["Ask the Pilots"]),
        ("<div>By boat it takes an hour and ten minutes more</div>", "", []),
        ("", "<p>Posted by Ida Moss on 2026-03-18 in harbour. Tags: pier, ferries.</p>", ["Ida Moss"]),
        ("", "<p>Posted by Ida Moss on 2026-03-18</p><p>Posted by Ben Ode on 2026-03-19</p>", []),
    ],
    ids=["pen name", "column", "sentence", "posted by", "two posts"],
)
def test_a_line_of_by_and_little_more_names_the_author_where_nothing_else_does(
    before: str, after: str, names: list[str]
) -> None:
    assert authors(page(before=before, after=after)) == names


def test_years_of_experience_are_no_second_author() -> None:
    assert [a.name for a in read_byline("Ida Moss - 10+ Years in the Ferry Industry").authors] == ["Ida Moss"]


def test_a_clock_time_behind_the_names_is_no_affiliation() -> None:
    found = read_byline("By Leyla Ardahan and Marko Hrynenko, 10:00 GMT")
    assert [(author.name, author.affiliation) for author in found.authors] == [
        ("Leyla Ardahan", None), ("Marko Hrynenko", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("By Jan van der Berg and Ana O’Neill-Díaz", ["Jan van der Berg", "Ana O’Neill-Díaz"]),
        ("By April Bell", ["April Bell"]),
        ("By Ludwig von Hofmann and Maria de los Santos", ["Ludwig von Hofmann", "Maria de los Santos"]),
        ("By Ana Gómez in Cairo and Bo Chen in The Hague", ["Ana Gómez", "Bo Chen"]),
        ("By Ana Gómez. Photographs by Bo Chen", ["Ana Gómez"]),
        ("By Ana Gómez; additional video by Bo Chen", ["Ana Gómez"]),
    ],
)
def test_names_that_are_months_or_have_small_words_are_names_and_places_are_none(
    printed: str, names: list[str]
) -> None:
    """Jan is a month in English and a man in half of Europe; who made the pictures did not write."""
    found = extract_page(page(before=f'<p class="byline">{printed}</p>'), url=None).metadata.authors
    assert [author.name for author in found] == names


def test_an_address_is_no_authors_name() -> None:
    """JSON-LD may name a page about the author; the printed name counts."""
    head = """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Cracks close pier",
    "datePublished": "2026-03-17", "author": "https://courier.example/people/ida-moss"}</script>"""
    assert [a.name for a in extract_page(page(head=head), url=None).metadata.authors] == ["Ida Moss"]
