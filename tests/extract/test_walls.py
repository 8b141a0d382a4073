"""Pages that stand where an article should be, and texts that break off behind a wall."""

from __future__ import annotations

import json

import pytest

from dateline.errors import NoArticle
from dateline.extract import extract_page
from dateline.model.records import Entry
from support.extract_pages import PARAGRAPHS, as_paragraphs, page

URL = "https://courier.example/news/harbour/pier-closed"


def wall_page(title: str, text: str) -> bytes:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div><p>{text}</p></div></body></html>".encode()


WALLS = [
    ("soft_404", "Page not found", "The page you are looking for does not exist any more. Try the front page instead."),
    ("soft_404", "Seite nicht gefunden", "Leider gibt es diese Seite nicht mehr. Bitte versuchen Sie es noch einmal."),
    ("error", "Just a moment...", "Checking your browser before you can go on. This happens by itself in a few seconds."),
    ("error", "Access denied", "You do not have permission to view this page. Please contact the owner of the site."),
    ("consent", "Before you continue", "We and our partners use cookies to store information. Accept all cookies or choose."),
    ("login", "Sign in to continue", "Please log in to read this article. If you have no account, you can register below."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "title", "text"), WALLS, ids=[f"{w[0]}-{i}" for i, w in enumerate(WALLS)])
def test_a_wall_is_refused_with_its_kind(kind: str, title: str, text: str) -> None:
    with pytest.raises(NoArticle, match=kind) as caught:
        extract_page(wall_page(title, text), url=URL)
    assert caught.value.code == "wall"


def test_behind_a_wall_the_feeds_text_is_taken_and_the_wall_named() -> None:
    entry = Entry(title="Cracks close pier", content=as_paragraphs(PARAGRAPHS))
    extracted = extract_page(wall_page(*WALLS[4][1:]), url=URL, entry=entry)
    assert (extracted.wall, extracted.extracted_from) == ("consent", "feed")
    assert extracted.metadata.title == "Cracks close pier"


def test_an_article_about_cookies_and_logins_is_an_article() -> None:
    text = (
        "The council's new web site asks visitors to accept all cookies before they may read the minutes of its meetings, "
        "which the data protection officer called a wall in front of public business on Tuesday.",
        *PARAGRAPHS,
    )
    extracted = extract_page(page(title="Council hides minutes behind cookies", body=as_paragraphs(text)), url=URL)
    assert extracted.wall is None
    assert len(extracted.paragraphs) == 5


def test_a_teaser_is_paywalled_and_truncated() -> None:
    head = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "isAccessibleForFree": "False"})}</script>'
    offer = '<div class="paywall"><p>Subscribe now to continue reading this article and everything else.</p></div>'
    extracted = extract_page(page(head=head, body=as_paragraphs(PARAGRAPHS[:2]) + offer), url=URL)
    assert extracted.metadata.paywalled
    assert extracted.truncated
    assert all("Subscribe" not in p.text for p in extracted.paragraphs)


def test_a_whole_article_that_is_not_free_is_paywalled_but_not_truncated() -> None:
    head = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "isAccessibleForFree": False})}</script>'
    extracted = extract_page(page(head=head), url=URL)
    assert (extracted.metadata.paywalled, extracted.truncated) == (True, False)


def test_a_withdrawn_article_says_so() -> None:
    notice = (
        "This article has been withdrawn because its main source could not be confirmed. We apologise to our readers."
    )
    extracted = extract_page(page(body=as_paragraphs((notice, PARAGRAPHS[0], PARAGRAPHS[3]))), url=URL)
    assert extracted.withdrawn
    assert not extract_page(page(), url=URL).withdrawn
