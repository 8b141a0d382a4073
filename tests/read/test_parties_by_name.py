"""Parties that their own words place: offices of several fields, namesakes, parts of names, whose deed or thing it is."""

from __future__ import annotations

import pytest

from support.events_reading import events_of

#: Type, text, (text of the party, country, sector) of actors and of recipients.
Row = tuple[str, str, list[tuple[str, str | None, str | None]], list[tuple[str, str | None, str | None]]]
TOLD: list[Row] = [
    # An office of several fields is one office, and its bearer one person.
    (
        "REQUEST",
        "Kenyan President Peter Otieno ordered the Minister of Labour and Employment, Grace Wanjiru, to step down.",
        [("Kenyan President Peter Otieno", "KEN", "GOV")],
        [("the Minister of Labour and Employment", "KEN", "GOV")],
    ),
    (
        "CONSULT",
        "Deputy premier Ilse Brandt met Kuwaiti Minister of Commerce and Industry Salem Al Rashid on Sunday in Kuwait City.",
        [("Deputy premier Ilse Brandt", None, "GOV")],
        [("Kuwaiti Minister of Commerce and Industry Salem Al Rashid", "KWT", "GOV")],
    ),
    (
        "ACCUSE",
        "Panama's Chamber of Commerce, Industries and Agriculture accused Honduras of lying about the border.",
        [("Panama's Chamber of Commerce, Industries and Agriculture", "PAN", "BUS")],
        [("Honduras", "HND", None)],
    ),
    ("ACCUSE", "Peru accused the Minister of Energy and Mines of Chile of lying.", [("Peru", "PER", None)],
     [("the Minister of Energy and Mines of Chile", "CHL", "GOV")]),
    ("REJECT", "The Panamanian Chamber of Construction rejected the demand of Colombia on Friday.",
     [("The Panamanian Chamber of Construction", "PAN", "BUS")], [("Colombia", "COL", None)]),
    # Whoever was named before is no parliament and no organisation of the same letters.
    (
        "REQUEST",
        "Alfredo Cortes, a doctor, was at work in Mexico. Armed men ordered Cortes to leave with them on Monday.",
        [("Armed men", "MEX", "REB")],
        [("Cortes", None, "CVL")],
    ),
    ("COERCE", "The writer Linh Ngo was there. On Monday French police arrested Ngo.", [("French police", "FRA", "COP")],
     [("Ngo", None, "CVL")]),
    # What a name holds is no country: half a continent, a ministry of labour, a bay.
    ("CONSULT", "Kenya met the Central American Bank on Thursday.", [("Kenya", "KEN", None)],
     [("the Central American Bank", None, "BUS")]),
    ("ACCUSE", "The Geneva-based NGO U.N. Watch accused Cuba of jailing a poet.",
     [("The Geneva-based NGO U.N. Watch", None, "NGO")], [("Cuba", "CUB", None)]),
    # Those whom a government sends are of it.
    ("CONSULT", "Officials from the Government of El Salvador met Korean diplomats on Thursday.",
     [("Officials", "SLV", "GOV")], [("Korean diplomats", None, "GOV")]),
    # Whose deed or thing it is: the party is who owns it.
    ("ASSAULT", "At least three civilians were killed by Sudanese shelling in Darfur on Friday.", [("Sudanese", "SDN", None)],
     [("At least three civilians", "SDN", "CVL")]),
    ("REJECT", "Serbia rejected a Croatian proposal on Monday.", [("Serbia", "SRB", None)], [("Croatian", "HRV", None)]),
    ("ASSAULT", "Kenyan forces attacked Somali army recruits on Monday.", [("Kenyan forces", "KEN", "MIL")],
     [("Somali army recruits", "SOM", "MIL")]),
    # Several big donors are no majors.
    ("SANCTION", "Several other major donors have frozen their aid to Malawi.", [("Several other major donors", None, "IGO")],
     [("Malawi", "MWI", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "actors", "recipients"), TOLD, ids=[row[1][:45] for row in TOLD])
def test_the_words_of_a_party_tell_whose_it_is(
    kind: str,
    text: str,
    actors: list[tuple[str, str | None, str | None]],
    recipients: list[tuple[str, str | None, str | None]],
) -> None:
    events = [e for e in events_of(text) if e.plover.type == kind]
    assert events
    assert [(p.text, p.country, p.sector) for p in events[0].actors] == actors
    assert [(p.text, p.country, p.sector) for p in events[0].recipients] == recipients


@pytest.mark.parametrize(
    "text",
    [
        "Nigerian authorities have suspended the air operator certificate of Bluewing on Monday.",
        "Peruvian jets destroyed civilian infrastructure on Friday.",
        "Police in Kenya charged two men with voter fraud on Friday.",
        "Chile's president praised the military response to the storm in Peru on Friday.",
    ],
)
def test_what_nobody_is_in_receives_nothing(text: str) -> None:
    things = ("certificate", "infrastructure", "fraud", "response")
    assert not [p for e in events_of(text) for p in e.recipients if p.text.endswith(things)]


def test_a_namesake_of_somebody_known_is_of_nowhere() -> None:
    text = "In Lima the trial went on. Police arrested Carla Ramos on Friday."
    assert [p.country for e in events_of(text) for p in e.recipients] == [None]


def test_a_party_that_many_countries_have_is_american_only_where_america_is_spoken_of() -> None:
    text = "Democratic Party leader Norbert Otim accused the army of fraud on Friday."
    assert [p.country for e in events_of(text) for p in e.actors] == [None]
    text += " American voters were watching him."
    assert [p.country for e in events_of(text) for p in e.actors] == ["USA"]


def test_a_town_before_another_lands_region_is_no_american_town() -> None:
    text = "The Minister of the Environment rejected the plan of a mine in San Francisco, Veraguas, on Tuesday, people said."
    assert {p.country for e in events_of(text) for p in (*e.actors, *e.recipients)} <= {None}


def test_whose_thing_it_is_comes_before_the_place_in_its_name() -> None:
    event = events_of("Egypt rejected US President Luis Bell's Middle East peace plan on Monday, officials said.")[0]
    assert [(p.text, p.country) for p in event.recipients] == [("US President Luis Bell", "USA")]


def test_kanye_is_no_western_power() -> None:
    assert not [p for e in events_of("Kanye West visited President Trump on Thursday.") for p in e.actors]
