"""Pages in the makes that the web has: each template's chrome stays out, the story comes out whole and in order.

The templates and stories are invented (extract_templates.py). What is asserted of each kind of page is the policy that
docs/extraction.md states.
"""

from __future__ import annotations

import json
import unicodedata

import pytest

from dateline.errors import NoArticle
from dateline.extract import extract_page
from dateline.extract.text import size_of, word_count
from dateline.model.page import Extracted
from support.extract_pages import PARAGRAPHS, as_paragraphs, page
from support.extract_templates import ENGLISH, TEMPLATES, ld

URL = "https://courier.example/news/harbour/pier-closed"


def texts(extracted: Extracted, *kinds: str) -> list[str]:
    """The paragraphs' texts; of these kinds only, or all but captions."""
    return [p.text for p in extracted.paragraphs if (p.kind in kinds if kinds else p.kind != "caption")]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_gives_the_story_and_nothing_of_its_own(name: str) -> None:
    build, story = TEMPLATES[name]
    extracted = extract_page(build(story).encode(), url=URL)
    assert texts(extracted) == list(story.paragraphs)
    assert (extracted.metadata.title, extracted.metadata.language) == (story.title, story.lang)
    assert (extracted.metadata.published or "").startswith(story.day)
    if name != "tables for layout":  # its byline is part of one run of text with headline and date
        assert [a.name for a in extracted.metadata.authors] == [story.byline]
    assert (extracted.wall, extracted.truncated, extracted.metadata.paywalled) == (None, False, False)


def test_direction_of_a_text_is_the_pages_own_and_its_letters_are_composed() -> None:
    """Marks that order mixed text stay; letters are in NFC; soft hyphens, made for line breaks, go."""
    mixed = "قال المتحدث باسم \u200fIAEA\u200e إن الرصيف مغلق حتى نهاية شهر مارس بحسب ما نقلته الصحيفة عن مصادرها في الميناء."
    decomposed = (
        "Die Ma\u0308rzfluten haben die Stu\u0308tzen des no\u0308rdlichen Piers unter\u00adspu\u0308lt, sagte die "
        "Sprecherin der Beho\u0308rde am Dienstag."
    )
    body = as_paragraphs((mixed, decomposed, *PARAGRAPHS))
    assert texts(extract_page(page(body=body), url=URL))[:2] == [
        mixed,
        unicodedata.normalize("NFC", decomposed.replace("\u00ad", "")),
    ]


def test_scripts_without_spaces_are_counted_by_what_they_say() -> None:
    assert word_count("港務局は北桟橋を閉鎖") == 5
    assert size_of("港務局") > size_of("abc")
    assert (word_count("two words"), size_of("two words")) == (2, 9)


GALLERY = "".join(
    f'<div class="slide"><figure><img src="/{n}.jpg"><figcaption><p>Divers look at support number {n} of the northern pier.'
    '</p><span class="credit">Sam Ode / Coastal Press</span></figcaption></figure></div>'
    for n in range(1, 9)
)


@pytest.mark.parametrize("opens_over_the_page", [False, True])
def test_every_picture_of_a_gallery_keeps_its_caption_and_credit(opens_over_the_page: bool) -> None:
    name = 'class="lightbox gallery" aria-hidden="true"' if opens_over_the_page else 'class="gallery"'
    extracted = extract_page(page(after=f"<div {name}>{GALLERY}</div>"), url=URL)
    assert texts(extracted) == list(PARAGRAPHS)
    captions = [(p.text, p.credit) for p in extracted.paragraphs if p.kind == "caption"]
    assert captions == [
        (f"Divers look at support number {n} of the northern pier.", "Sam Ode / Coastal Press") for n in range(1, 9)
    ]


def test_a_live_blog_keeps_every_post_and_says_what_it_is() -> None:
    posts = "".join(f'<div class="post"><time>{9 + n}:15</time><p>{p}</p></div>' for n, p in enumerate(PARAGRAPHS))
    points = "<ul><li>The northern pier stays closed until April</li><li>Ferries leave from the fish market for now</li></ul>"
    head = ld(ENGLISH, **{"@type": "LiveBlogPosting", "liveBlogUpdate": [{"@type": "BlogPosting", "articleBody": "x"}]})
    extracted = extract_page(page(head=head, before=f'<div class="summary">{points}</div>', body=posts), url=URL)
    assert extracted.notes == ("live_blog",)
    assert [t for t in texts(extracted) if t in PARAGRAPHS] == list(PARAGRAPHS)
    assert extracted.metadata.summary == (
        "The northern pier stays closed until April\nFerries leave from the fish market for now"
    )


def test_a_transcript_is_paragraphs_with_their_speakers() -> None:
    turns = (
        "HOST: Good morning. The northern pier is closed. Why?",
        "PENN: Because divers found cracks in two of its main supports, and we would rather be careful than sorry.",
        "HOST: How long will it take?",
        "PENN: Until the end of the month at least. Engineers from the university are to report by Friday.",
        "HOST: Orla Penn, thank you.",
    )
    body = "".join("<p><strong>{}:</strong> {}</p>".format(*turn.split(": ", 1)) for turn in turns)
    rights = "<p>Copyright 2026 Courier Radio. All rights reserved.</p>"
    assert texts(extract_page(page(body=body + rights), url=URL)) == list(turns)


def test_notices_of_copyright_and_reprinting_are_left_out() -> None:
    before = "<p><em>This story was originally published by the Island Gazette and is used with permission.</em></p>"
    after = "<p>© 2026 Courier Media. This material may not be published, broadcast, rewritten or redistributed.</p>"
    mail = '<p>You receive this e-mail because you signed up. <a href="/u">Unsubscribe</a></p>'
    assert texts(extract_page(page(body=before + as_paragraphs(PARAGRAPHS) + after + mail), url=URL)) == list(
        PARAGRAPHS
    )
    law = "Copyright law was changed in 2019, and the council has had to pay for every photograph on its walls since then."
    assert law in texts(extract_page(page(body=as_paragraphs((*PARAGRAPHS, law))), url=URL))


@pytest.mark.parametrize(
    "shown", ["", "<div><h3>Subscribe to continue reading</h3><p>Already a subscriber? Log in.</p></div>"]
)
def test_a_page_whose_text_only_machines_are_told_is_read_from_json_ld(shown: str) -> None:
    """Applications that write the text by script, and offers that hide it."""
    head = ld(ENGLISH, articleBody="\n".join(PARAGRAPHS))
    html = f"<html lang='en'><head><title>x</title>{head}</head><body>{shown}</body></html>"
    extracted = extract_page(html.encode(), url=URL)
    assert (texts(extracted), extracted.extracted_from) == (list(PARAGRAPHS), "json-ld")
    assert not extracted.truncated


def test_a_declared_article_cut_short_by_an_offer_is_a_teaser_and_no_wall() -> None:
    offer = '<div class="paywall"><h3>Subscribe to continue reading</h3><p>Already a subscriber? Log in.</p></div>'
    head = ld(ENGLISH, isAccessibleForFree=False)
    extracted = extract_page(page(head=head, body=f"<p>{PARAGRAPHS[0]}</p>{offer}"), url=URL)
    assert texts(extracted) == [PARAGRAPHS[0]]
    assert (extracted.truncated, extracted.metadata.paywalled, extracted.notes) == (True, True, ("teaser",))


def test_a_page_of_a_video_gives_its_description() -> None:
    about = (
        "Divers show the cracks that they found in two supports of the pier, and its head explains where ferries leave."
    )
    node = {"@type": "VideoObject", "name": ENGLISH.title, "description": about, "uploadDate": "2026-03-17T10:00:00Z"}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    player = '<div class="video-player"><video src="x"></video><button>Play</button></div>'
    extracted = extract_page(page(head=head, before="", body=f'{player}<p class="description">{about}</p>'), url=URL)
    assert texts(extracted) == [about]
    assert extracted.metadata.published == "2026-03-17T10:00:00+00:00"


def test_a_page_that_only_asks_for_consent_is_a_wall() -> None:
    text = "We and our partners use cookies to store information on your device and to measure audiences."
    head = "<head><title>Your privacy choices</title></head>"
    html = f"<html>{head}<body><h1>Before you continue</h1><p>{text}</p></body></html>"
    with pytest.raises(NoArticle, match="consent"):
        extract_page(html.encode(), url=URL)


def test_a_list_of_links_is_no_text_whatever_stands_around_it() -> None:
    links = " ".join(f'<a href="/{n}">Section number {n} of the paper</a>' for n in range(8))
    body = as_paragraphs(PARAGRAPHS[:2]) + f"<p>{links}</p>" + as_paragraphs(PARAGRAPHS[2:])
    assert texts(extract_page(page(body=body), url=URL)) == list(PARAGRAPHS)


def test_publisher_section_keywords_and_picture_are_told() -> None:
    head = ld(
        ENGLISH, publisher={"@type": "Organization", "name": "Lindmouth Courier"}, articleSection="Harbour",
        keywords=["piers", "ferries"], image={"@type": "ImageObject", "url": "/pier.jpg"},
    )  # fmt: skip
    found = extract_page(page(head=head), url=URL).metadata
    assert (found.publisher, found.section, found.keywords) == ("Lindmouth Courier", "Harbour", ("piers", "ferries"))
    assert found.image == "https://courier.example/pier.jpg"


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<main><article>", "</article>{cards}</main>"),
        ("<main>", "</main>{cards}"),
        ('<main><div itemscope itemtype="https://schema.org/NewsArticle">', "</div></main>{cards}"),
        ('<div role="main">', "</div>{cards}"),
        ("<main><article>", "</article></main><aside class='related'><h2>More on this</h2><ul>{cards}</ul></aside>"),
        ("<div class='page'><div class='text'>", "</div><div class='rest'>{cards}</div></div>"),
    ],
)
@pytest.mark.parametrize(
    "card",
    [
        '<div class="x{n}"><div class="y"><h3><a href="/{n}">{title}</a></h3><p>{line}</p></div></div>',
        '<li class="card"><a href="/{n}"><img src="/{n}.jpg"><h3>{title}</h3></a><p class="dek">{line}</p><i>2 h</i></li>',
        '<div class="z"><h4><a href="/{n}">{title}</a></h4><div class="excerpt"><p>{line}</p></div></div>',
    ],
)
def test_cards_with_a_line_each_under_the_story_are_other_articles(opening: str, closing: str, card: str) -> None:
    """A river of cards has whole sentences, and no class name that says what it is."""
    line = "Hundreds of residents gathered outside the council chamber on Friday as lawmakers delayed plan"
    cards = "".join(card.format(n=n, title=f"Council delays plan {n}", line=f"{line} {n}.") for n in range(5))
    story = f"{opening}<h1>Pier closed until March</h1>{as_paragraphs(PARAGRAPHS)}{closing.format(cards=cards)}"
    html = f"<html><head><title>Pier closed until March</title></head><body>{story}</body></html>"
    assert texts(extract_page(html.encode(), url=URL)) == list(PARAGRAPHS)
