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
    ("error", "We'll be back soon", "Our site is down for scheduled maintenance. Please check back a little later today."),
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
    extracted = extract_page(wall_page(*WALLS[5][1:]), url=URL, entry=entry)
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


#: Headlines that have a wall's wording, and short news below: each loses nothing of its text.
SHORT_NEWS = [
    ("Envoys told access denied at border crossing", (
        'Guards at the Merrow crossing turned two envoys away on Tuesday. "Access denied," an officer said, and shut the gate.',
        "The envoys carried papers of the ministry, which called the refusal a breach of the treaty. "
        'A second sign by the road read "access denied" as well, a driver said.',
    )),
    ("Search of mayor's house: nothing was found", (
        "Police searched the home of the mayor of Harbourtown for six hours on Monday and left without taking anything away.",
        "The prosecutor confirmed that nothing was found. The mayor, Ada Lorne, asked for an apology in the council.",
    )),
    ("Court rules site's captcha shuts out blind readers", (
        "A captcha that has no spoken form breaks the equality act, a court in Westbridge ruled on Thursday.",
        "The railway must change its ticket shop within a year. It said that it would study the ruling about the captcha, "
        "and that few travellers had complained so far.",
    )),
    ("Service unavailable: ferry line stops after storm", (
        'The ferries to Ostrow stopped on Friday. "Service unavailable" stood on the boards of the port all day.',
        "The line hopes to sail again on Sunday, when the wind is to drop. Some 400 people wait on the island, the mayor said.",
    )),
]  # fmt: skip


@pytest.mark.parametrize(("headline", "text"), SHORT_NEWS, ids=[headline for headline, _ in SHORT_NEWS])
@pytest.mark.parametrize("known_by", ["feed", "json-ld"])
def test_short_news_with_a_walls_words_is_news(headline: str, text: tuple[str, ...], known_by: str) -> None:
    """The feed, or what the page tells machines, gives it the headline that the page prints."""
    head = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": headline})}</script>'
    html = page(title=headline, head=head if known_by == "json-ld" else "", body=as_paragraphs(text))
    extracted = extract_page(html, url=URL, entry=Entry(title=headline) if known_by == "feed" else None)
    assert extracted.wall is None
    assert [p.text for p in extracted.paragraphs if p.kind == "paragraph"] == list(text)


def test_short_news_that_quotes_a_wall_twice_is_news_without_any_headline_known() -> None:
    text = (
        'Guards at the Merrow crossing turned two envoys away on Tuesday. "Access denied," an officer said; "access denied".',
        "The envoys carried papers of the ministry, which called the refusal a breach of the treaty of last year, and went "
        "back to the capital by the evening train. The opposition asked the minister to explain it to the house on Friday.",
    )
    extracted = extract_page(page(title="Two envoys turned away", body=as_paragraphs(text)), url=URL)
    assert extracted.wall is None and len(extracted.paragraphs) == 2


@pytest.mark.parametrize(("kind", "title", "text"), WALLS, ids=[f"{w[0]}-{i}" for i, w in enumerate(WALLS)])
@pytest.mark.parametrize("feed_title", ["Pier closed after cracks were found", None])
def test_a_wall_stays_one_whatever_the_feed_says(kind: str, title: str, text: str, feed_title: str | None) -> None:
    """With the article's headline, or with the wall's own as the feed's; the site's name behind it, and longer."""
    long = (
        f"{text} {text} If this goes on, write to the address that stands below and tell us the number of the request."
    )
    for said in (text, long):
        html = wall_page(f"{title} | Harbour Courier", said)
        with pytest.raises(NoArticle, match=kind):
            extract_page(html, url=URL, entry=Entry(title=feed_title or title))


def test_a_removed_article_that_still_has_its_headline_is_a_wall() -> None:
    """The headline is in the page's title, the heading says that it is gone."""
    headline = "Pier closed after cracks were found"
    html = (
        f"<html><head><title>{headline}</title></head><body><h1>This article is no longer available</h1>"
        "<div><p>It may have been removed at the wish of its author, or because its time has run out.</p></div></body></html>"
    ).encode()
    with pytest.raises(NoArticle, match="soft_404"):
        extract_page(html, url=URL, entry=Entry(title=headline))


#: What firewalls and servers say in 40 words and more, in our words; none of it is in the page's title.
LONG_WALLS = [
    ("Please verify you are a human.", "Access to this page has been denied because we believe you are using automation tools "
     "to browse the website.", "This may be because javascript is disabled or blocked by an extension, or because your browser "
     "takes no cookies.", "Please make sure that both are enabled, and load the page again."),
    ("Our systems have detected unusual traffic from your network.", "Solve this captcha to show that the requests come from "
     "you and not from a robot, and you are led on to the page that you asked for.", "Why did this happen? The page is shown "
     "where requests seem to break the terms of service; it goes away soon after they stop."),
    ("This page is not available in your country.", "We see that you come from a place where the General Data Protection "
     "Regulation is in force, and for that reason our news is unavailable for legal reasons to readers there. Write to "
     "the editor for questions, or call us in the mornings."),
    ("Your request was blocked.", "The owner of this site uses a service that guards it against attacks, and what you "
     "have just done set it off: a certain word, a command of a database, broken data.", "The request blocked has the number "
     "below; send it to the owner with what you did when this page came up."),
]  # fmt: skip


@pytest.mark.parametrize("texts", LONG_WALLS, ids=["firewall", "captcha", "country", "blocked"])
def test_a_wall_of_many_words_under_the_sites_own_name_is_refused(texts: tuple[str, ...]) -> None:
    html = wall_page("Harbour Courier", "</p><p>".join(texts))
    with pytest.raises(NoArticle, match="error"):
        extract_page(html, url=URL, entry=Entry(title="Pier closed after cracks were found"))
