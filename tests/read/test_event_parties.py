"""Whose country a role, a title or a pronoun has, and when nothing is claimed. Sentences of our own."""

from __future__ import annotations

import pytest

from support.events_reading import events_of, first_event


def countries(text: str, kind: str) -> set[str | None]:
    """The actors' countries of that event."""
    return {p.country for p in first_event(text, kind).actors}


def test_a_labour_minister_is_not_british() -> None:
    """Labour is an office in most countries, a party in one."""
    text = "SANTIAGO, March 14 (Reuters) - Labour Minister Patricio Rojas thanked Uruguay for its offer."
    assert countries(text, "SUPPORT") == {"CHL"}


def test_niger_state_is_in_nigeria() -> None:
    """And the Nigerian minister of a story about it is no Nigerien."""
    text = "ABUJA, March 14 (Reuters) - Pupils were kidnapped in Niger state. The defence minister thanked Chad for its help."
    assert countries(text, "SUPPORT") == {"NGA"}


def test_officers_are_of_the_story_not_of_a_ships_flag() -> None:
    """A flag named in passing is no scene."""
    text = (
        "TALLINN, Estonia (AP) - Estonian police detained 12 sailors on Friday.\n\n"
        "The Aurelia, registered in the Cook Islands, was stopped near an island. Officers seized the vessel."
    )
    assert {p.country for e in events_of(text) for p in e.actors} == {"EST"}


def test_a_ships_captain_has_no_country_by_memory() -> None:
    """Crews come from anywhere."""
    text = "Finland's prime minister spoke with Estonia's on Friday. The captain rejected the accusation."
    assert not [p for e in events_of(text) if e.plover.type == "REJECT" for p in e.actors if p.country]


def test_the_commission_is_the_union_of_which_the_text_speaks() -> None:
    """Not the last country."""
    text = (
        "The European Union imposed sanctions on 17 firms. Hungary had opposed the list. "
        "The Commission promised to help Moldova."
    )
    assert {p.code for p in first_event(text, "AGREE").actors} == {"IGOEUREEC"}


def test_the_two_countries_are_those_the_text_is_about() -> None:
    """Whoever is named last, in an aside, is none of them."""
    text = (
        "Armenia and Azerbaijan exchanged 19 prisoners on Friday. Armenia freed eleven men and Azerbaijan eight. "
        "Georgia, which hosted the talks, thanked both sides.\n\nThe two countries will withdraw their troops."
    )
    planned = [e for e in events_of(text) if e.plover.type == "AGREE"][-1]
    assert {p.country for p in planned.actors} == {"ARM", "AZE"}


def test_a_government_is_its_speakers() -> None:
    """ "His government" is of the country that his rank names."""
    text = "Japanese Rear Adm. Kenta Mori said his government would deliver two boats to the Philippines."
    assert countries(text, "AGREE") == {"JPN"}


def test_the_country_is_the_one_the_text_is_about() -> None:
    """Not one named once, a sentence ago."""
    text = (
        "North Korea held a parade on Thursday. North Korea invited two delegations. North Korea fired a missile.\n\n"
        "State media condemned the policy of the United States. The country displayed a new missile."
    )
    assert {p.country for p in events_of(text)[-1].actors} == {"PRK"}


def test_gunmen_at_a_museum_are_placed_where_it_is() -> None:
    """The dateline is where the reporter sits."""
    text = "CAIRO - Gunmen opened fire on visitors at Tunisia's best museum on Wednesday."
    assert "EGY" not in countries(text, "ASSAULT")


def test_whoever_leaves_a_country_does_not_make_its_commanders_agree() -> None:
    """ "From a town in Chad" is no scene."""
    text = "Aid reached Darfur in Sudan. Trucks crossed from Adre in eastern Chad after local commanders agreed to a truce."
    assert "TCD" not in {p.country for e in events_of(text) if e.plover.type == "AGREE" for p in e.actors}


def test_two_delegations_make_two_visits() -> None:
    """One event for each country's."""
    text = "A Russian delegation and a Chinese delegation arrived in Pyongyang this week."
    visits = [e for e in events_of(text) if e.plover.mode == "visit"]
    assert [{p.country for p in e.actors} for e in visits] == [{"RUS"}, {"CHN"}]


def test_talks_that_two_also_held_are_of_the_same_day() -> None:
    """ "Also" ties the sentence to the one before."""
    text = (
        "Russia's Sergei Lavrov met Iran's Abbas Araghchi in Tehran on Monday. The two sides also held talks on trade."
    )
    assert [e.date.start if e.date else None for e in events_of(text) if e.plover.type == "CONSULT"] == [
        "2024-03-11"
    ] * 2


def test_a_bare_mobilisation_is_of_whoever_mobilised_before() -> None:
    """A noun without an owner, soon after."""
    text = (
        "North Korea held a military parade on Thursday.\n\nImages had shown the mobilization of troops for rehearsals."
    )
    assert [{p.country for p in e.actors} for e in events_of(text) if e.plover.type == "MOBILIZE"] == [{"PRK"}] * 2


def test_the_time_of_another_clause_is_not_the_events() -> None:
    """Behind a semicolon, in what somebody adds, under a second verb."""
    for text in (
        "Sudan's army accused rebels of looting a store last week; they denied it.",
        "South Korea rejected the accusation, saying the drill was announced in September.",
    ):
        assert not [e.date for e in events_of(text) if e.plover.type == "REJECT" and e.date]


def test_the_month_before_when_is_of_both() -> None:
    """ "In June when gunmen ambushed": both were in June."""
    text = "Two drivers were killed in December when gunmen ambushed a convoy in Sudan."
    assert all(e.factuality.historical for e in events_of(text))
    assert events_of(text)


def test_nobody_wounds_himself() -> None:
    """ "Was wounded when he fired at police": who wounded him is not told."""
    (event,) = [
        e for e in events_of("One suspect was wounded when he fired at Kenyan police.") if e.plover.type == "ASSAULT"
    ]
    assert not event.actors


def test_a_helpers_own_country_is_no_place_of_the_help() -> None:
    """Aid is given elsewhere."""
    assert first_event("Australia sent two planes with tents.", "AID").location is None


@pytest.mark.parametrize(
    ("aside", "actor"),
    [
        ("Sen. Nora Whitfield, D-Calif.,", "Sen. Nora Whitfield"),
        ("Sen. Nora Whitfield, R-N.C.,", "Sen. Nora Whitfield"),
        ("The mayor of Lyon, who was elected last year,", "The mayor of Lyon"),
        ("The mayor of Lyon, elected by a large majority,", "The mayor of Lyon"),
        ("The mayor of Lyon, speaking in Marseille,", "The mayor of Lyon"),
        ("Maria Lopez, the country's foreign minister, who was named last year,", "Maria Lopez"),
    ],
)
def test_an_aside_does_not_part_a_subject_from_its_verb(aside: str, actor: str) -> None:
    """And does not make the accuser the accused."""
    event = first_event(f"PARIS, March 14 (Reuters) - {aside} accused police of abuse.", "ACCUSE")
    assert [p.text for p in event.actors] == [actor]
    assert [p.text for p in event.recipients] == ["police"]


def test_what_is_done_to_two_in_a_row_stays_passive() -> None:
    """A comma alone does not make the second verb a new one with a subject of its own."""
    event = first_event(
        "LAGOS, March 14 (Reuters) - A journalist was arrested, beaten and charged by police.", "COERCE"
    )
    assert [p.text for p in event.recipients] == ["A journalist"]


def test_what_an_aside_says_was_done_to_the_subject() -> None:
    """The one who was expelled did not expel, and the day of the aside is not that of the main verb."""
    text = "PARIS, March 14 (Reuters) - The envoy, expelled from Mali in January, condemned the army on Thursday."
    expelled, condemned = (first_event(text, kind) for kind in ("SANCTION", "ACCUSE"))
    assert [p.text for p in expelled.recipients] == ["The envoy"]
    assert not expelled.actors
    assert condemned.date is not None
    assert condemned.date.expression == "Thursday"


def test_two_places_joined_behind_a_deed_are_no_second_subject() -> None:
    """ "The bombings in Kenya and Tanzania killed": Tanzania killed nobody."""
    text = "The bombings in Kenya and Tanzania last week killed 217 people. Officials of Chile and Peru met in Lima on Monday."
    assert not [p for e in events_of(text) if e.plover.type == "ASSAULT" for p in e.actors]


def test_where_a_condemned_deed_happened_is_accused_of_nothing() -> None:
    """Neither the country of the embassy nor that of the town."""
    text = "TEHRAN (AP) - Iran on Friday condemned the bombing of U.S. embassies in Kenya and Tanzania."
    assert first_event(text, "ACCUSE").recipients == []


def test_condolences_go_to_people_abroad() -> None:
    """The victims are not the speaker's own."""
    text = "Philippine President Joel Reyes offered condolences to the victims of the bombing in Kenya on Tuesday."
    assert "PHL" not in {p.country for p in first_event(text, "SUPPORT").recipients}


def test_terrorist_acts_are_of_no_country() -> None:
    """Whoever condemns them names nobody."""
    text = "Kenya mourned. The Syrian minister condemned the terrorist acts in Kenya."
    assert not [p.country for p in first_event(text, "ACCUSE").recipients if p.country]


def test_a_mission_of_the_united_nations_has_its_code() -> None:
    """Whatever follows "UN" in its name."""
    text = "The UN Support Mission condemned the shelling of the capital on Friday."
    assert {p.code for p in first_event(text, "ACCUSE").actors} == {"IGOUNO"}
