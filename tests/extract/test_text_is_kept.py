"""What other people's pages taught: text that no furniture, class name, agency rule or date may take away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dateline.extract import extract_page
from dateline.extract.block_model import load_model
from dateline.extract.compare import compare_page
from dateline.extract.metadata.titles import choose_title
from dateline.extract.regions import RegionReader
from dateline.model.page import Extracted, PageMetadata, Paragraph
from dateline.model.records import Entry
from dateline.read import front_page
from support.extract_pages import PARAGRAPHS, as_paragraphs, page, texts_of

LISTING = "# Create a new repository git init my-project cd my-project"


@pytest.mark.parametrize("opening", ["<nav>", "<header><nav class='menu'>", "<header><button>"])
def test_an_unclosed_element_of_furniture_does_not_hide_the_page(opening: str) -> None:
    """libxml2 closes it at the end of the page, so that the article stands inside."""
    story = f"<article><h1>Pier</h1>{as_paragraphs(PARAGRAPHS)}</article>"
    html = f"<html><head><title>Pier</title></head><body>{opening}<div>{story}"
    assert set(PARAGRAPHS) <= set(texts_of(extract_page(html.encode(), url=None)))


@pytest.mark.parametrize(
    ("tag", "html_id", "html_class"),
    [
        ("h2", "why-use-social-shopping", ""),
        ("div", "", "_0fd8d5a5a18ad4d"),
        ("section", "h-what-share-of-readers-comment", ""),
    ],
)
def test_a_name_made_from_text_or_by_a_machine_says_nothing(tag: str, html_id: str, html_class: str) -> None:
    """An id that is a heading's text, and a generated class, name no region."""
    from lxml import etree

    element = etree.Element(tag, {k: v for k, v in (("id", html_id), ("class", html_class)) if v})
    assert RegionReader().region_of(element, tag) == 0


@pytest.mark.parametrize(
    "before",
    [
        '<div><a class="btn" id="share-comments" href="#comments"><svg></svg></a></div>',
        '<div class="overflow-hidden margin-bottom"><a class="comments-count" href="#comments"> </a></div>',
    ],
)
def test_a_button_without_words_says_nothing_of_the_paragraph_behind_it(before: str) -> None:
    assert texts_of(extract_page(page(body=before + as_paragraphs(PARAGRAPHS)), url=None)) == list(PARAGRAPHS)


def test_a_link_to_the_comments_in_a_sentence_does_not_make_it_a_comment() -> None:
    link = '<span class="comment-link"><a href="#c">readers had written to the paper</a></span>'
    told = PARAGRAPHS[1].replace("a spokeswoman said.", f"a spokeswoman said after {link}.")
    body = as_paragraphs((PARAGRAPHS[0], told, *PARAGRAPHS[2:]))
    said = PARAGRAPHS[1].replace("said.", "said after readers had written to the paper.")
    assert texts_of(extract_page(page(body=body), url=None)) == [PARAGRAPHS[0], said, *PARAGRAPHS[2:]]


def test_components_of_a_content_system_are_no_consent_dialog() -> None:
    """Adobe's names for its components begin with "cmp", as consent managers' do."""
    parts = "".join(f'<div class="cmp cmp-text"><p>{p}</p></div>' for p in PARAGRAPHS)
    html = f"<html><head><title>Pier</title></head><body><div class='cmp-container'><h1>Pier</h1>{parts}</div></body></html>"
    assert texts_of(extract_page(html.encode(), url=None)) == list(PARAGRAPHS)


def test_the_settings_of_a_widget_are_no_text() -> None:
    settings = f'<div class="tool">{{"layout": 2, "button": "Center", "text": "{PARAGRAPHS[0]}"}}</div>'
    assert texts_of(extract_page(page(body=settings + as_paragraphs(PARAGRAPHS)), url=None)) == list(PARAGRAPHS)


def test_a_paragraph_behind_a_marked_label_is_no_caption() -> None:
    """The page marks "Image 1 of 4" as a caption, and what follows as a paragraph."""
    shown = Paragraph(text="Image 1 of 4", kind="caption")
    given = (Paragraph(text=f"LINDMOUTH (AP) — {PARAGRAPHS[0]}"), shown, *(Paragraph(text=t) for t in PARAGRAPHS[1:]))
    found = front_page(
        Extracted(paragraphs=given, metadata=PageMetadata(title="Pier closed")),
        article_id="x", fetched=datetime(2026, 3, 17, tzinfo=UTC), url=None,
    )  # fmt: skip
    assert [found.text[b.start : b.end] for b in found.blocks if b.kind == "body"][1:] == list(PARAGRAPHS[1:])


def test_comments_in_a_listing_of_code_are_part_of_the_text() -> None:
    listing = f'<pre><code><span class="comment">{LISTING}</span></code></pre>'
    body = as_paragraphs(PARAGRAPHS[:2]) + listing + as_paragraphs(PARAGRAPHS[2:])
    assert LISTING in texts_of(extract_page(page(body=body), url=None))


@pytest.mark.parametrize("line", ["Copyrighted works are given to readers through the library.", LISTING, "—"])
def test_agency_rules_do_not_end_a_page_in_the_middle(line: str) -> None:
    """A line that could close agency copy is body where many paragraphs follow."""
    texts = (*PARAGRAPHS, line, *(f"{p} So it was said." for p in PARAGRAPHS))
    given = Extracted(paragraphs=tuple(Paragraph(text=t) for t in texts), metadata=PageMetadata(title="Pier closed"))
    article = front_page(given, article_id="a" * 16, fetched=datetime(2026, 3, 4, tzinfo=UTC))
    body = [article.text[b.start : b.end] for b in article.blocks if b.kind == "body"]
    assert body[-len(PARAGRAPHS) :] == list(texts[-len(PARAGRAPHS) :])


def test_a_date_in_a_sentence_does_not_beat_the_feeds_own() -> None:
    """Field case 157: it would anchor every relative date of the article in the wrong year."""
    html = f"""<html><head><title>Police hold three in Oslo</title></head><body><h1>Police hold three in Oslo</h1>
    <p>Police arrested three protesters on Thursday after the vote on version 2019-12-01 of the plan.</p>
    {as_paragraphs(PARAGRAPHS)}</body></html>"""
    entry = Entry(title="Police hold three in Oslo", published=datetime(2026, 11, 26, 23, 26, tzinfo=UTC))
    found = extract_page(html.encode(), url="https://paper.example/a", entry=entry)
    assert (found.metadata.published or "").startswith("2026-11-26T23:26")


@pytest.mark.parametrize(
    ("title", "headline", "site"),
    [
        ("Apple unveils new phone - Newsroom", "Apple unveils new phone", "apple"),
        ("Leaving Gaza | Diary", "Leaving Gaza", "gaza"),
        ("Inside Politico | Media", "Inside Politico", "politico"),
    ],
)
def test_a_headline_with_the_hosts_word_is_no_site_name(title: str, headline: str, site: str) -> None:
    found = choose_title(
        headings=[headline], json_ld=None, open_graph=title, twitter=None, document=title, feed=None, site_names=[site]
    )
    assert found == headline


def test_the_exact_probability_agrees_with_the_early_exits() -> None:
    """On both sides of the threshold; early exits only keep it from going further out."""
    model = load_model()
    for value in (0.0, 1.0, 5.0):
        vector = [value] * 90
        assert (model.probability(vector) > model.threshold) == (model.exact_probability(vector) > model.threshold)


def test_a_comparison_names_the_side_of_each_paragraph() -> None:
    found = compare_page(page(body=as_paragraphs(PARAGRAPHS)), url="https://paper.example/a")
    assert [row.text for row in found.paragraphs if row.side == "both"] == list(PARAGRAPHS)
    assert not [row for row in found.paragraphs if row.side == "ours"]
    assert (found.only_ours, found.only_trafilatura) == (0, sum(len(row.text.split()) for row in found.paragraphs[:-4]))
