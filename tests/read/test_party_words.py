"""Which words are a party: names cut free of what stands before them, deeds that are no bodies, subjects over other clauses."""

from __future__ import annotations

import pytest

from support.events_reading import events_of

NAMES = [
    (
        "Mr Okoro told the radio's breakfast programme the government must publish the report on Monday.",
        "the government",
    ),
    ("Kofi Mensah said on Monday that he imagines the African Union must send observers.", "the African Union"),
    ("On Monday every deputy demanded Speaker Ana Ruiz step down over the leak.", "Speaker Ana Ruiz"),
    ("On Tuesday the senators demanded the full Lindqvist report from Kenya's government.", "Kenya's government"),
]
MONTHS = [
    ("In March Russia annexed Ukraine's peninsula of Crimea.", "Russia"),
    ("In January Turkey bombed Kurdish villages in Iraq.", "Turkey"),
]


@pytest.mark.parametrize(("text", "words"), NAMES, ids=[row[0][:40] for row in NAMES])
def test_words_of_the_phrase_before_are_no_part_of_a_party(text: str, words: str) -> None:
    found = [p.text for e in events_of(text) for p in (*e.actors, *e.recipients)]
    assert words in found or not any(words in text for text in found), found


@pytest.mark.parametrize(("text", "actor"), MONTHS, ids=[row[0][:20] for row in MONTHS])
def test_a_month_is_no_part_of_a_country_s_name(text: str, actor: str) -> None:
    assert [[p.text for p in e.actors] for e in events_of(text)] == [[actor]]


NO_PARTY = [
    "Ghana's prosecutors on Monday accused three bankers of roles in a campaign of bribery.",
    "Peru's Congress on Monday refused to hold public hearings.",
    "Police in Nairobi on Monday arrested Ann Bell on criminal charges that include fraud.",
    "President Okoro of Ghana said on Monday he was willing to form a unity government.",
    "Four judges in Kenya asked on Monday for new offices, according to a notice from the Ministry of Health.",
]
THINGS = ("campaign", "hearings", "criminal", "unity government", "Ministry of Health")


@pytest.mark.parametrize("text", NO_PARTY, ids=[text[:30] for text in NO_PARTY])
def test_a_deed_a_plan_or_a_source_is_no_party(text: str) -> None:
    found = [p.text for e in events_of(text) for p in (*e.actors, *e.recipients)]
    assert not [text for text in found if text.endswith(THINGS)], found


def test_whoever_moves_is_a_party_and_the_movement_is_not() -> None:
    (event,) = events_of("On Monday rebels in Mali blew up two bridges to hinder the movement of French troops.")
    assert [(p.text, p.country, p.sector) for p in event.recipients] == [("French troops", "FRA", "MIL")]


def test_a_movement_that_has_a_name_is_a_party() -> None:
    (event,) = events_of("Police in Brazil on Monday arrested leaders of the landless movement.")
    assert event.recipients


def test_a_stance_is_of_whoever_takes_it() -> None:
    (event,) = events_of("On Monday the envoy of Chile criticized her minister's opposition to the treaty.")
    assert [p.text for p in event.recipients] == ["her minister"]


SUBJECTS = [
    (
        "The mayor of Rome said on Monday the city is growing and urged Milan to open its gates.",
        "REQUEST",
        "The mayor of Rome",
    ),
    (
        "President Okoro of Ghana said on Monday the army needs money if parliament passes the bill and accused Togo of theft.",
        "ACCUSE",
        "President Okoro",
    ),
    (
        "Sven Lindqvist, 75, who sat in the Senate for years, first as a liberal and then as an independent, met with President Macron on Monday.",  # noqa: E501
        "CONSULT",
        "Sven Lindqvist",
    ),
    (
        "In Brussels, ministers of Kenya and the Ghanaian premier signed an accord on Monday.",
        "SUPPORT",
        "ministers of Kenya",
    ),
]


@pytest.mark.parametrize(("text", "kind", "actor"), SUBJECTS, ids=[row[0][:30] for row in SUBJECTS])
def test_the_subject_is_found_over_clauses_between(text: str, kind: str, actor: str) -> None:
    actors = [p.text for e in events_of(text) if e.plover.type == kind for p in e.actors]
    assert actors and (actors[0] == actor or actors[0] in actor or actor in actors[0]), actors


def test_what_a_minister_says_that_another_did_stays_the_other_s() -> None:
    events = events_of("The mayor of Rome said on Monday that Togo broke the pact and accused Ghana of theft.")
    assert [[p.text for p in e.actors] for e in events if e.plover.type == "ACCUSE"] == [["Togo"]]


def test_a_speaker_did_not_do_what_there_was() -> None:
    events = events_of("Captain Ann Bell said there were six arrests in Accra on Wednesday.")
    assert not [e for e in events if e.actors]


def test_crews_that_were_killed_killed_nobody() -> None:
    events = events_of(
        "Two Kenyan helicopters were shot down on Monday and their crews killed, raising the toll to four."
    )
    assert not [e for e in events for p in e.actors if "crews" in p.text]


@pytest.mark.parametrize("words", ["join the talks", '"engage in a genuine dialogue"'])
def test_an_opposition_that_is_asked_to_do_something_is_a_party(words: str) -> None:
    (event,) = events_of(f"The European Union on Monday called on Chad's government and opposition to {words}.")
    assert [p.text for p in event.recipients] == ["Chad's government", "opposition"]


def test_the_opposition_alone_is_a_party() -> None:
    (event,) = events_of("The president of Chad on Monday urged the opposition to join the talks.")
    assert [(p.text, p.sector) for p in event.recipients] == [("the opposition", "OPP")]


def test_a_candidate_s_campaign_that_is_asked_to_do_something_is_a_party() -> None:
    events = events_of("Republican senators on Monday urged the Obama campaign to publish the letters.")
    assert any("campaign" in p.text for e in events for p in e.recipients)
