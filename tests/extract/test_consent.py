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


def test_the_name_of_the_section_above_a_story_is_no_paragraph() -> None:
    """ "Europe" above the headline tells where the page stands, not what happened."""
    found = extract_page(page("", kicker='<div class="kicker">Harbour</div>'), url="https://paper.example/north-quay")
    assert [paragraph.text for paragraph in found.paragraphs] == ARTICLE
