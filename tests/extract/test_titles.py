"""Which of a page's titles is the headline, and the date line that is not part of it."""

from __future__ import annotations

import pytest

from dateline.extract import extract_page
from dateline.extract.metadata.titles import choose_title
from support.extract_pages import PARAGRAPHS, as_paragraphs


def chosen(heading: str, document: str, *, open_graph: str | None = None, json_ld: str | None = None) -> str | None:
    return choose_title(
        headings=[heading],
        json_ld=json_ld,
        open_graph=open_graph,
        twitter=None,
        document=document,
        feed=None,
        site_names=[],
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Pier at Lindmouth closes Posted on March 17, 2026 by lindmouth",
        "17 March 2026 Pier at Lindmouth closes",
        "## Pier at Lindmouth closes",
        "Pier at Lindmouth closes ⋆",
    ],
)
def test_a_date_line_or_mark_in_a_heading_is_not_the_headline(heading: str) -> None:
    assert (
        chosen(heading, "Pier at Lindmouth closes", open_graph="Pier at Lindmouth closes") == "Pier at Lindmouth closes"
    )


def test_what_the_title_element_says_beside_the_title_is_the_sites_name() -> None:
    """Blogs give h1 to their own name."""
    title = "Why the pier at Lindmouth closes"
    assert chosen("Harbour Notes", f"Harbour Notes: {title}", open_graph=title) == title
    assert chosen("Harbour Notes", f"{title} | Harbour Notes", open_graph=title) == title


def test_a_paragraph_set_as_h1_is_no_headline() -> None:
    long = "Learn why the pier at Lindmouth closes, what it costs, and when it opens again. " * 3
    assert chosen(long, "Pier at Lindmouth closes", open_graph="Pier at Lindmouth closes") == "Pier at Lindmouth closes"


@pytest.mark.parametrize(
    ("heading", "declared", "title"),
    [
        ("Pier at Lindmouth: the repairs", "Pier at Lindmouth - the repairs", "Pier at Lindmouth: the repairs"),
        ("What does the pier cost?", '"What does the pier cost?"', "What does the pier cost?"),
        ("Lindmouth Repairs end in June", "Lindmouth: Repairs end in June", "Lindmouth: Repairs end in June"),
        ("Pier : repairs end in June", "Pier: repairs end in June", "Pier: repairs end in June"),
    ],
)  # fmt: skip
def test_the_pages_spelling_stands_unless_it_lost_the_marks(heading: str, declared: str, title: str) -> None:
    assert chosen(heading, declared, open_graph=declared) == title


def test_references_escaped_twice_are_read() -> None:
    assert chosen("Bread &#x26; butter on the pier", "Bread & butter on the pier") == "Bread & butter on the pier"


@pytest.mark.parametrize("tag", ["h1", "p"])
def test_the_date_may_stand_under_the_standfirst(tag: str) -> None:
    html = f"""<html><head><title>Pier at Lindmouth closes</title></head><body><{tag}>Pier at Lindmouth closes</{tag}>
    <p>{PARAGRAPHS[0]}</p><p>By Ida Moss</p><p>6 min read</p><p>Harbour desk</p><p>Mar 17, 2026</p>
    {as_paragraphs(PARAGRAPHS)}</body></html>"""
    assert extract_page(html.encode(), url="https://courier.example/pier").metadata.published == "2026-03-17"


def test_what_a_heading_prints_before_the_headline_is_no_part_of_it() -> None:
    """A kicker inside the h1, which the other titles lack or have another one for."""
    title = "Talks on the northern pier fail again"
    printed = f"Unrest in the harbour - {title}"
    assert chosen(printed, f"{title} - Courier", open_graph=title) == title
    assert chosen(printed, f"Pier: {title}", open_graph=f"Pier: {title}") == title
    assert chosen(printed, f"{printed} - Courier", open_graph=title) == printed


def test_a_title_element_with_the_sites_name_only_gives_way_to_the_heading() -> None:
    """Some templates never fill it in."""
    html = (
        "<html><head><title>Courier</title></head><body><article><h1>Cracks close the northern pier</h1>"
        f"{as_paragraphs(PARAGRAPHS)}</article></body></html>"
    )
    assert extract_page(html.encode(), url=None).metadata.title == "Cracks close the northern pier"
