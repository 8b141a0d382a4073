"""Sectors of roles by their phrase, and who plural phrases stand for. Sentences of our own."""

from __future__ import annotations

import pytest

from support.events_reading import events_of, first_event


@pytest.mark.parametrize(
    ("who", "sector"),
    [
        ("The Greek captain of a ferry", None),
        ("The commander of a Greek cruise ship", None),
        ("The commander of a Greek warship", "MIL"),
        ("A Greek army captain", "MIL"),
        ("A Greek marine biologist", "CVL"),
        ("A Greek military analyst", "CVL"),
        ("A Greek bank officer", "BUS"),
        ("A Greek press officer", None),
        ("A Greek police officer", "COP"),
        ("The general manager of a Greek port", "BUS"),
        ("The president of a Greek football club", None),
        ("The president of Greece", "GOV"),
    ],
)
def test_a_role_takes_its_sector_from_its_phrase(who: str, sector: str | None) -> None:
    """A rank on a ship, in a bank or a club is none of a force; a word for a force wins."""
    assert [p.sector for p in first_event(f"{who} accused Turkey of fraud on Friday.", "ACCUSE").actors] == [sector]


def test_the_two_presidents_are_not_the_two_ministers_just_named() -> None:
    """Each country's president, without a name where the text has none."""
    text = (
        "LIMA, March 14 - Bolivian Interior Minister Rosa Quispe met Peruvian Foreign Minister Juan Alva on Tuesday.\n\n"
        "The two presidents spoke by telephone on Wednesday."
    )
    spoke = next(e for e in events_of(text) if e.plover.mode == "phone")
    assert {(p.country, p.sector) for p in spoke.actors} == {("BOL", "GOV"), ("PER", "GOV")}
    assert not {"Rosa Quispe", "Juan Alva"} & {p.canonical for p in spoke.actors}


def test_their_ministries_are_no_recipients_of_what_two_agree() -> None:
    """Whoever agrees with somebody does so with the other side, not with both sides' offices."""
    text = (
        "Vietnamese President Luu Duc Thinh met his Lao counterpart, Bounpheng Sayasone, on Monday. "
        "The two leaders agreed to set up a hotline between their water ministries."
    )
    assert first_event(text, "AGREE").recipients == []


def test_a_bare_relative_clause_has_the_subject_beside_it() -> None:
    """Police, not prosecutors, had held the sailors; their number is not that of the freed."""
    text = (
        "Estonian prosecutors charged a pilot on Friday, and police released nine of the 12 sailors they had detained."
    )
    held = first_event(text, "COERCE")
    assert [p.sector for p in held.actors] == ["COP"]
    assert held.counts.arrested is None


def test_money_behind_a_country_leaves_the_country_a_recipient() -> None:
    """Whoever is lent a sum is not the sum."""
    promised = first_event("Vietnam will lend Laos $350 million for the line.", "AGREE")
    assert [p.country for p in promised.recipients] == ["LAO"]


def test_a_strait_receives_nothing() -> None:
    """Water and mountains are places."""
    text = "The United Nations was ready to send 20 observers to the Bosphorus."
    assert [e.recipients for e in events_of(text)] == [[]]


def test_aid_held_back_is_a_sanction_and_an_army_is_not_of_its_targets_country() -> None:
    """Only the country that the text gives it."""
    held = first_event("The United States military is delaying a shipment of aid to Cuba.", "SANCTION")
    assert ([p.country for p in held.actors], [p.country for p in held.recipients]) == (["USA"], ["CUB"])
    held = first_event("The military is delaying a shipment of aid to Cuba.", "SANCTION")
    assert [p.country for p in held.actors] == [None]


def test_ships_that_set_out_to_begin_a_joint_drill_cooperate() -> None:
    """The infinitive behind a verb of motion is under way."""
    text = "Brazilian ships sailed from the port on Thursday to begin a joint exercise with Argentina."
    drill = first_event(text, "COOPERATE")
    assert ([p.country for p in drill.actors], [p.country for p in drill.recipients]) == (["BRA"], ["ARG"])


def test_a_time_of_day_belongs_to_the_day_of_the_deed_not_of_the_report() -> None:
    """The attack was on Wednesday; officials spoke of it on Thursday."""
    text = (
        "Gunmen attacked a market in Mali on Wednesday, killing 21 people, officials said on Thursday.\n\n"
        "The rebels seized a village at about 10 a.m."
    )
    assert {e.date.start for e in events_of(text) if e.date} == {"2024-03-13"}


def test_a_clause_with_a_subject_of_its_own_has_no_day_of_the_one_before() -> None:
    """The ministry's demand has no date."""
    text = "China's coast guard deployed four vessels near the shoal on Thursday, and the ministry in Beijing demanded talks."
    assert first_event(text, "REQUEST").date is None


def test_a_countrys_neighbour_is_no_civilian() -> None:
    """It is a state."""
    text = "Poland on Friday closed its border crossing with its eastern neighbour Belarus."
    assert {p.sector for e in events_of(text) for p in e.recipients} <= {None, "GOV"}


def test_the_presidents_of_both_countries_are_two_though_only_their_guards_were_named() -> None:
    """Whoever the text is about by its adjectives alone."""
    text = (
        "BISHKEK, March 14 - Tajik and Kyrgyz border guards withdrew from a bridge on Thursday. "
        "The presidents of both countries plan to visit the bridge."
    )
    planned = first_event(text, "AGREE")
    assert {(p.country, p.sector) for p in planned.actors} == {("TJK", "GOV"), ("KGZ", "GOV")}


def test_ships_from_two_countries_are_two_parties() -> None:
    """The second country is no subject of its own, and none is lost."""
    text = "Six warships from Chile and Peru sailed on Thursday to begin a joint exercise in the South Pacific."
    assert {(p.country, p.sector) for p in first_event(text, "COOPERATE").actors} == {("CHL", "MIL"), ("PER", "MIL")}
