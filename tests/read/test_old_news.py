"""Kinds of error of unseen papers: deeds of weeks and years ago, quarrels in words, committees of the state, networks."""

from __future__ import annotations

import pytest

from dateline.read.entities import gazetteer
from dateline.read.entities.page_country import country_of_page
from dateline.read.syntax.tokenizer import tokenize
from support.events_reading import FETCHED, events_of

OLD = [
    ("Last month police in Accra, Ghana arrested twelve smugglers.", "COERCE"),
    ("In {month}, the foreign minister of Chile met the president of Peru in Lima.", "CONSULT"),
]


@pytest.mark.parametrize(("text", "kind"), OLD)
def test_what_happened_weeks_ago_is_less_sure_to_be_news_than_what_happened_now(text: str, kind: str) -> None:
    """It counts against the event in place of for it that its clause has a date."""
    before = FETCHED.replace(day=1).fromordinal(FETCHED.toordinal() - 35)
    old = next(e for e in events_of(text.format(month=before.strftime("%B"))) if e.plover.type == kind)
    new = next(e for e in events_of(_now(text)) if e.plover.type == kind)
    assert old.confidence < 0.7 <= new.confidence


def _now(text: str) -> str:
    return text.replace("Last month", "On Monday").replace("In {month},", "On Monday,")


@pytest.mark.parametrize(
    "text",
    [
        "In recent years, two priests in Peru have accused the vice president of corruption.",
        "Over the past decade, police in Kenya have arrested dozens of editors.",
    ],
)
def test_what_went_on_for_years_is_history(text: str) -> None:
    """Unless its clause has a day of its own."""
    assert all(e.factuality.historical for e in events_of(text))


def test_a_day_of_its_own_outweighs_the_years_beside_it() -> None:
    """ "The third in recent years" is today's."""
    found = events_of("Police in Kenya arrested an editor on Monday, the third in recent years.")
    assert [e.factuality.historical for e in found if e.plover.type == "COERCE"] == [False]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The ruling and opposition parties in Ghana clashed over the budget on Monday.", set()),
        ("The finance minister of Kenya clashed with a senator over the levy on Monday.", set()),
        ("The ruling party of Ghana attacked the police on Monday, saying they are biased.", {"ACCUSE"}),
        ("Police clashed with protesters in Lima, Peru over the evictions on Monday.", {"ASSAULT"}),
        ("Rebels attacked the police in the north of Mali on Monday.", {"ASSAULT"}),
    ],
)
def test_a_quarrel_in_words_is_no_assault(text: str, kinds: set[str]) -> None:
    """Who clashes, or attacks, tells."""
    assert {e.plover.type for e in events_of(text)} == kinds


@pytest.mark.parametrize(
    ("text", "sector"),
    [
        ("Pakistan's prime minister met the National Security Committee on Monday.", "GOV"),
        ("Ghana's president met the National Water Committee on Monday.", "GOV"),
        ("The president met the House Intelligence Committee in Washington on Monday.", "LEG"),
        ("Ghana's president met the National Olympic Committee on Monday.", "NGO"),
    ],
)
def test_a_national_committee_is_of_the_state_unless_it_is_a_sports_or_partys(text: str, sector: str) -> None:
    """By its first word and its field."""
    (event,) = (e for e in events_of(text) if e.plover.type == "CONSULT")
    assert [p.sector for p in event.recipients] == [sector]


def test_a_network_of_agents_is_no_medium() -> None:
    """Nor is any network that says of whom."""
    (event,) = (e for e in events_of("Iran arrested a network of agents on Monday.") if e.plover.type == "COERCE")
    assert "MED" not in {p.sector for p in event.recipients}


def test_a_people_that_a_page_only_talks_about_is_not_its_country() -> None:
    """A page of the South speaks of North Korean fishermen, defectors and soldiers, four times of five."""
    told = (
        "North Korean fishermen, North Korean sailors, North Korean soldiers and North Korean boats came to the South."
    )
    table = gazetteer.load()
    assert country_of_page([tokenize(told, 0, len(told))], table) is None
    told += " North Korea waits."
    assert country_of_page([tokenize(told, 0, len(told))], table) == "PRK"
