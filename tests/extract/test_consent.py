"""Consent dialogs and kickers: what stands beside an article is not it, however long it is."""

from __future__ import annotations

import pytest

from dateline.extract import extract_page

ARTICLE = [
    "The harbour board voted on Tuesday to close the north quay for repairs that will take eleven weeks.",
    '"We found cracks wide enough for a hand," said the chief engineer, Ilse Brandt, after the inspection.',
    "Ferries to the outer islands will leave from the fish market until the work is done, the board said.",
]
PARTNERS = [f"Partner {n} stores information on a device and measures advertising performance" for n in range(90)]


def page(dialog: str, *, kicker: str = "") -> bytes:
    """A page whose consent dialog is many times as long as its article."""
    items = "".join(f"<li>{text}</li>" for text in PARTNERS)
    story = "".join(f"<p>{text}</p>" for text in ARTICLE)
    return (
        f"<html lang=en><head><title>North quay to close</title></head><body>{dialog.replace('ITEMS', items)}"
        f"<main><article>{kicker}<h1>North quay to close</h1><div class=story-body>{story}</div></article></main></body></html>"
    ).encode()


@pytest.mark.parametrize(
    "dialog",
    [
        '<div class="consent cc-window" role="dialog" aria-modal="true"><p>We value you.</p><ul>ITEMS</ul></div>',
        '<div id="onetrust-banner"><ul>ITEMS</ul></div>',
        "<dialog open><p>Choose what we may store.</p><ul>ITEMS</ul></dialog>",
        '<section class="cookie-notice"><ol>ITEMS</ol></section>',
    ],
)
def test_a_consent_dialog_longer_than_the_article_is_not_the_article(dialog: str) -> None:
    """The article's own paragraphs come, and nothing of the list of partners."""
    found = extract_page(page(dialog), url="https://paper.example/north-quay")
    assert [paragraph.text for paragraph in found.paragraphs] == ARTICLE


PURPOSES = [
    "We and our advertising partners would like to keep identifiers on your phone and to read them again later.",
    "Some of these companies rely on their legitimate interest, to which you may object at any time in this window.",
    "Your choice is kept for thirteen months and holds for this newspaper and for the sites of its publisher alone.",
    "Under the laws of some states you have a right to opt out of the sale of what we know about your reading habits.",
    "Measurements of how long you read a story help us to decide which subjects our newsroom should spend time on.",
]


@pytest.mark.parametrize(
    "opening", ['<div id="privacy-manager" role="dialog">', "<dialog open>", '<div class="cmp-layer">']
)
def test_a_dialog_in_prose_longer_than_the_article_is_not_the_article(opening: str) -> None:
    """Whole sentences, as many as the story has, and more: the page marks its article, and the dialog is not in it."""
    dialog = opening + "<h2>You decide</h2>" + "".join(f"<p>{text}</p>" for text in PURPOSES)
    found = extract_page(
        page(dialog + opening.split()[0].replace("<", "</").rstrip(">") + ">"), url="https://paper.example/q"
    )
    assert [paragraph.text for paragraph in found.paragraphs] == ARTICLE


def test_an_article_in_a_box_that_is_called_a_modal_is_the_article() -> None:
    """A name alone does not make a dialog."""
    html = page("").replace(b"<main>", b'<main><div class="modal-overlay">').replace(b"</main>", b"</div></main>")
    found = extract_page(html, url="https://paper.example/north-quay")
    assert [paragraph.text for paragraph in found.paragraphs] == ARTICLE


def test_the_name_of_the_section_above_a_story_is_no_paragraph() -> None:
    """ "Europe" above the headline tells where the page stands, not what happened."""
    found = extract_page(page("", kicker='<div class="kicker">Harbour</div>'), url="https://paper.example/north-quay")
    assert [paragraph.text for paragraph in found.paragraphs] == ARTICLE


def test_a_dialog_of_paragraphs_above_the_article_is_not_read_instead() -> None:
    """Trafilatura takes the longest prose of a page; the dialog is out before it reads."""
    purposes = "".join(f"<p>{text} This is purpose number {n}.</p>" for n in range(6) for text in PURPOSES)
    found = extract_page(
        page(f'<div class="cookie-consent modal">{purposes}</div>'), url="https://paper.example/north-quay"
    )
    assert [paragraph.text for paragraph in found.paragraphs] == ARTICLE
