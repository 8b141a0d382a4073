"""Whole pages in shapes that hid their text on pages nobody had tuned on: early ends, late parts, misleading wrappers."""

from __future__ import annotations

import pytest

from dateline.errors import NoArticle
from dateline.extract import extract_page
from dateline.extract.parts import read_parts
from dateline.extract.regions import Region
from dateline.extract.second_copies import without_other_articles
from dateline.extract.streamed import place_streamed_parts
from dateline.extract.tree import parse_page
from dateline.model.failures import Failures
from support.extract_pages import PARAGRAPHS, as_paragraphs, page, texts_of

URL = "https://courier.example/news/harbour/pier-closed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<html lang="en">', '<html lang="en" xmlns:og="http://ogp.me/ns#" />'),
        ("</head><body>", '</head><body class="story" />'),
        ("<main>", "</body></html><main>"),
        ("<main>", "</BODY></HTML><main>"),
        ("<main>", "</body><main>"),
    ],
)
def test_a_root_or_body_that_ends_early_does_not_end_the_page(old: str, new: str) -> None:
    """A browser reads on behind it; the parser drops the rest, or puts it beside the body."""
    html = page().decode()
    assert old in html
    assert texts_of(extract_page(html.replace(old, new, 1).encode(), url=URL)) == list(PARAGRAPHS)


def test_parts_that_react_sends_late_stand_where_its_script_puts_them() -> None:
    """Hidden at the page's end until then, one of them inside another."""
    first, second, third, fourth = PARAGRAPHS
    body = f'<p>{first}</p><template id="B:0"></template><p>{fourth}</p>'
    late = (
        f'<div hidden id="S:0"><p>{second}</p><template id="P:1"></template></div><script>$RC("B:0","S:0")</script>'
        f'<div hidden id="S:1"><p>{third}</p></div><script>$RS("S:1","P:1")</script></body>'
    )
    html = page(body=body).decode().replace("</body>", late)
    assert texts_of(extract_page(html.encode(), url=URL)) == list(PARAGRAPHS)


def test_a_late_part_without_a_place_is_shown_where_it_stands_and_no_text_is_lost() -> None:
    parts = '<div hidden id="S:2"><p>Two</p></div>three<div hidden id="S:3"><template id="B:3"></template>four</div>'
    root = parse_page(f"<html><body><p>One</p>{parts}</body></html>".encode()).root
    assert "".join(root.itertext()) == "OneTwothreefour"
    assert place_streamed_parts(root) == 0  # nothing is hidden any more


@pytest.mark.parametrize("name", ["commentOnSelection", "comments-closed", "menu-content"])
def test_an_element_named_after_comments_or_menus_that_holds_the_page_is_the_page(name: str) -> None:
    """What stands in it is marked as neither, and trafilatura reads it too."""
    failures = Failures("")
    for old, tag in (("<main>", "main"), ('<div class="article-body">', "div")):
        html = page().decode().replace(old, f'<section><{tag} class="{name}" id="comments">')
        parts = read_parts(parse_page(html.encode()).root, URL, None, failures)
        prose = [block for block in parts.layout.blocks if block.text in PARAGRAPHS]
        assert len(prose) == len(PARAGRAPHS)
        assert not any(block.region & (Region.COMMENTS | Region.NAV) for block in prose)
        assert len(parts.second.paragraphs) >= len(PARAGRAPHS)


def test_comments_longer_than_the_article_are_still_comments() -> None:
    said = "".join(
        f"<li><p>I have walked along that pier for {n} years and never saw anybody look at it, which says it all.</p></li>"
        for n in range(20, 60)
    )
    html = page(after=f'<div class="comments"><ol class="commentlist">{said}</ol></div>')
    assert texts_of(extract_page(html, url=URL)) == list(PARAGRAPHS)


def test_text_in_a_figure_of_the_headlines_own_article_is_not_another_articles() -> None:
    """A transcript beside its player, for one: trafilatura takes figures out of the tree before the choice is made."""
    inner = "<article><h2>Swans return</h2><p>Swans have come back to the mill pond after ten years.</p></article>"
    html = page(
        body=f"<figure><div>{as_paragraphs(PARAGRAPHS[:2])}</div></figure>{as_paragraphs(PARAGRAPHS[2:])}{inner}"
    )
    other = (
        b"<article><h1>Tax bills to rise</h1><p>Council tax bills are to rise by four per cent in spring.</p></article>"
    )
    parts = read_parts(parse_page(html.replace(b"<aside", other + b"<aside")).root, URL, None, Failures(""))
    texts = [block.text for block in parts.layout.blocks]
    assert all(paragraph in texts for paragraph in PARAGRAPHS)
    every = [i for i, text in enumerate(texts) if text.endswith((".", "”"))]
    kept = [texts[i] for i in without_other_articles(parts.layout, every, parts.about().title)]
    assert set(PARAGRAPHS) <= set(kept) and any("Swans" in text for text in kept)
    assert not any("tax" in text for text in kept)


@pytest.mark.parametrize(
    "title", ["404", "Error 404", "Lindmouth Courier | 404", "404: gone", "Fehler 404", "Nothing here (404)"]
)
def test_a_page_that_calls_itself_404_is_a_wall(title: str) -> None:
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>There is nothing to see here.</p></body></html>"
    with pytest.raises(NoArticle, match="soft_404"):
        extract_page(html.encode(), url=URL)


@pytest.mark.parametrize(
    "title", ["The 404 1,310: where it is love at first swipe", "Peugeot 404 wins the old cars' race"]
)
def test_a_number_in_a_headline_is_no_error(title: str) -> None:
    assert texts_of(extract_page(page(title=title, body=as_paragraphs(PARAGRAPHS[:2])), url=URL)) == list(
        PARAGRAPHS[:2]
    )


@pytest.mark.parametrize(
    "line", ["Estimated reading time: 5 minutes", "3 MIN. READ", "Lesezeit: 4 Min.", "4 min de lecture"]
)
def test_how_long_a_text_takes_to_read_is_not_its_text(line: str) -> None:
    body = f"<p>{line}</p>" + as_paragraphs(PARAGRAPHS)
    assert texts_of(extract_page(page(body=body), url=URL)) == list(PARAGRAPHS)


def test_a_sentence_about_minutes_is_text() -> None:
    said = "5 minutes to read the meter was all it took, she said."
    assert said in texts_of(extract_page(page(body=as_paragraphs((PARAGRAPHS[0], said, *PARAGRAPHS[1:]))), url=URL))
