"""Names as pages have them: particles, headings, papers, platforms, and quotations over several paragraphs."""

from __future__ import annotations

import pytest

from dateline.contract.article import Article
from dateline.read import read_article
from support.events_reading import article_of


def read(text: str) -> Article:
    """The article with its names and quotations."""
    return read_article(article_of(text))[0]


@pytest.mark.parametrize(
    "name",
    [
        "Ursula von der Leyen",
        "Fernando de la Rosa",
        "Hassan bin Salim",
        "Leila bint Saud",
        "Ramiro Diaz de la Vega",
        "Karim al-Attar",
        "Joana da Silva",
        "Pieter van den Berg",
    ],
)
def test_a_name_keeps_its_particles(name: str) -> None:
    """Within a sentence and where they open one."""
    for text in (f"The two sides met {name} in private on Monday.", f"{name} was told of it on Monday."):
        assert [e.text for e in read(text).entities if e.type == "PERSON"] == [name]


@pytest.mark.parametrize("heading", ["Best Practices For Every Garden", "Market Leaders And Their Plans"])
def test_a_heading_names_nobody(heading: str) -> None:
    """A short line without a full stop whose words all have capitals."""
    text = f"The town grows food in its streets, and many people help with it.\n\n{heading}\n\nThe soil is good there."
    assert not read(text).entities


def test_abbreviations_of_things_are_no_organisations() -> None:
    """They name no body."""
    assert not read("The file is a PDF, and its URL is sent to all who asked for the FAQ.").entities


def test_a_paper_that_says_something_is_no_person() -> None:
    """ "The" stands before it."""
    assert {e.type for e in read("On Monday the Mirror said that the plan had failed.").entities} <= {"ORG"}


def test_a_platform_is_no_person() -> None:
    """Whoever writes there speaks; the platform does not."""
    article = read('"This is a disgrace and we will not forget it," Rosa Marsh wrote on Truth Social.')
    assert {(e.text, e.type) for e in article.entities} == {("Rosa Marsh", "PERSON"), ("Truth Social", "ORG")}
    assert [q.speaker.text for q in article.quotes if q.speaker] == ["Rosa Marsh"]


def test_a_quotation_over_paragraphs_has_the_speaker_who_comes_after_the_last() -> None:
    """Paragraphs whose marks stay open wait for the one that closes them."""
    article = read(
        '"We have waited for ten years for this day, and it has come at last for all of us.\n\n'
        '"Nobody believed us when we said that it would happen here.\n\n'
        '"Now they do believe us, and they will have to pay for what they did," said Marta Olsen, a nurse.'
    )
    assert [q.speaker.text if q.speaker else None for q in article.quotes if q.kind == "direct"] == ["Marta Olsen"] * 3


def test_a_closed_quotation_before_takes_no_speaker_from_the_next_paragraph() -> None:
    """What was closed was somebody's, and the text does not say whose."""
    article = read(
        '"We have waited for ten years for this day, and it has come at last."\n\n'
        '"Now they do believe us, and they will have to pay," said Marta Olsen, a nurse.'
    )
    assert [q.speaker.text if q.speaker else None for q in article.quotes if q.kind == "direct"] == [
        None,
        "Marta Olsen",
    ]


def test_a_capital_word_that_is_a_town_or_a_common_noun_of_the_text_is_no_organisation() -> None:
    """Headings and products make capital words; a company keeps its name."""
    text = "Policy rules. The boss of Capgemini changed its policy. Flights from Glasgow airports rose, and Lille is popular."
    assert [e.text for e in read(text).entities if e.type == "ORG"] == ["Capgemini"]
