"""Kinds of error that whole real articles showed, each in sentences of our own: what must be told, and what must not."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from support.events_reading import events_of


def coded(text: str, kind: str | None = None, least: float = 0.4) -> list[Event]:
    """The events that would be published: sure enough, neither denied, supposed nor long past."""
    found = [e for e in events_of(text) if e.confidence >= least]
    found = [e for e in found if not (e.factuality.historical or e.factuality.negated or e.factuality.conditional)]
    return [e for e in found if kind in (None, e.plover.type)]


NOTHING = [
    ("REQUEST", "Mexico's foreign ministry called the verdict a disgrace in a note on its website."),
    ("REQUEST", "Peru called the officer an enemy of the republic in a message on Friday."),
    ("REQUEST", "France's foreign minister said support for Ukraine must answer real needs."),
    ("REQUEST", "The town of Linz will invite architects to draw plans for the old station."),
    ("REJECT", "The Serbian minister declined to be interviewed about the affair."),
    ("REJECT", "A spokesman for the Chilean army declined to appear on the programme."),
    ("COOPERATE", "Uruguay imported more butter from Argentina than ever."),
    ("COOPERATE", "The Danish team is investing two million euros in Hungary."),
    ("COOPERATE", "Portugal exported cork to Japan."),
    ("PROTEST", "Soldiers took to the streets of Bogota to clear barricades."),
    ("AID", "A strike hit a mosque in Aleppo sheltering displaced people."),
    ("AID", "Doctors at the hospital in Lyon treated the injured motorists."),
    ("AGREE", "Voters across Ghana will elect a parliament in December."),
    ("AGREE", "The president of Peru is likely to work with the opposition."),
    ("ASSAULT", "North Korea is able to strike the island of Guam with its missiles."),
    ("ASSAULT", "In the past, the Yemeni group has answered such raids by firing rockets into Israel."),
    ("ASSAULT", "More than 40,000 Sudanese have been killed."),
    ("ASSAULT", "Ethiopian forces have killed 300 Tigrayans since March."),
    ("SUPPORT", "Successive governments in Vienna recognized that Austrians had taken part."),
    ("SUPPORT", "The Kenyan minister defended her choice of words."),
    ("REJECT", "In 1991, when Denmark's premier opposed the talks, Norway held back its loans."),
    ("CONSULT", "The killing took place where the Lebanese leader had stayed during previous visits to Iran."),
    ("ACCUSE", "Traffic was stopped in Oslo while officers investigated."),
]


@pytest.mark.parametrize(("kind", "text"), NOTHING, ids=[text[:45] for _, text in NOTHING])
def test_no_event_of_that_type_is_published(kind: str, text: str) -> None:
    """Words that look like a deed and are none of today."""
    assert not [(e.reasons, e.confidence) for e in coded(text, kind)]


TOLD = [
    ("REQUEST", "Peru called on Bolivia to reopen the border."),
    ("REJECT", "The Serbian minister declined to meet the Kosovan president."),
    ("ASSAULT", "Sudan fired missiles into Chadian territory early on Friday."),
    ("ASSAULT", "A camp near Rafah was hit by Israeli airstrikes."),
    ("ASSAULT", "The army of Chad has launched a counter-offensive in the north."),
    ("ASSAULT", "Sudanese troops entered the town of Adre on Monday."),
    ("THREATEN", 'Iran has threatened "harsh punishment" for Israel.'),
    ("COERCE", "Ugandan police were able to arrest the rebel leader on Monday."),
    ("ACCUSE", "The Palestinian Authority pressed charges against Israel."),
    ("CONCEDE", "More than three hundred Egyptians were allowed to leave on Monday."),
    ("REJECT", "The Indian premier postponed his visit to Norway."),
    ("ASSAULT", "Ethiopian forces killed 300 Tigrayans on Monday."),
    ("SUPPORT", "Spain recognized the new Libyan government."),
]


@pytest.mark.parametrize(("kind", "text"), TOLD, ids=[text[:45] for _, text in TOLD])
def test_an_event_of_that_type_is_published(kind: str, text: str) -> None:
    """The counterparts of the sentences above that do tell a deed."""
    assert coded(text, kind), events_of(text)


def test_the_victim_of_a_passive_does_not_kill() -> None:
    """ "A city was hit by a strike, killing seven": the strike did."""
    (event,) = coded("The western city of Lviv was hit by a Russian missile strike, killing seven people.", "ASSAULT")
    assert {p.country for p in event.actors} <= {"RUS"}


def test_the_dead_of_a_report_are_no_attackers() -> None:
    """ "The ministry reported six people killed in strikes": nobody is said to have done it."""
    (event,) = coded("Lebanon's health ministry reported six people killed in strikes on Sunday.", "ASSAULT")
    assert not event.actors
    assert event.recipients[0].text == "six people"


def test_victims_are_not_of_their_attackers_country() -> None:
    """From memory alone, the dead of a raid become whatever the text last spoke of."""
    (event,) = coded("Palestinian gunmen crossed the fence on Monday and murdered 40 people.", "ASSAULT")
    assert {p.country for p in event.actors} == {"PSE"}
    assert {p.country for p in event.recipients} == {None}


def test_victims_are_of_the_country_where_it_happened() -> None:
    """The place of the deed is in the clause."""
    (event,) = coded("Gunmen in Nigeria killed 40 people in Kaduna on Monday.", "ASSAULT")
    assert {p.country for p in event.recipients} == {"NGA"}


PLACES = [
    ("Serbia rejected claims about the camp in Bihac.", None),
    ("Sudan accused Chad of arming rebels in Darfur.", None),
    ("The leader, who had led talks about a truce in Geneva, was killed on Monday by Israeli soldiers.", None),
    ("Ukraine shot down nine Russian drones, the air force said in a Telegram post.", None),
    ("A car bomb exploded in Baghdad on Monday, killing nine Iraqi soldiers.", "Baghdad"),
    ("In Nairobi, police killed two Ugandan protesters on Monday.", "Nairobi"),
    ("Israeli soldiers killed two Palestinians in Jenin on Monday.", "Jenin"),
    ("Police in Minsk arrested nine protesters.", "Minsk"),
]


@pytest.mark.parametrize(("text", "place"), PLACES, ids=[text[:45] for text, _ in PLACES])
def test_a_place_hangs_on_the_verb_of_its_own_event(text: str, place: str | None) -> None:
    """What is talked about, told in a relative clause, or a platform is no place of the deed."""
    told = {e.location.name for e in events_of(text) if e.location is not None and not e.location.inferred}
    assert told <= {place}
    assert place is None or told == {place}


DATELINES = [("ABUJA, March 2 (Reuters) - ", "Abuja"), ("PORT-AU-PRINCE, Haiti (AP) — ", "Port-au-Prince"),
             ("BOGOTA, March 2 (Reuters) - ", "Bogotá")]  # fmt: skip


@pytest.mark.parametrize(("line", "place"), DATELINES, ids=[place for _, place in DATELINES])
def test_a_dateline_in_capitals_gives_the_place_as_a_text_would_name_it(line: str, place: str) -> None:
    (event,) = events_of(f"{line}Gunmen attacked a hospital on Monday, killing three people.")
    assert event.location is not None and (event.location.name, event.location.inferred) == (place, True)


def test_two_ministers_of_one_country_make_two_visits() -> None:
    """People of office with other names are other people, though of one country."""
    text = "Pakistan's Foreign Minister Omar Siddiqui visited China in March.\n\nPrime Minister Bilal Anwar is visiting China."
    assert len([e for e in events_of(text) if e.plover.type == "CONSULT"]) == 2


def test_two_strikes_days_apart_are_two_events() -> None:
    """ "Two days after" parts them."""
    text = (
        "Lebanon reported six people killed in strikes on Sunday - two days after Israel assassinated Hassan Nasrallah."
    )
    assert len([e for e in events_of(text) if e.plover.type == "ASSAULT"]) == 2


SPOKEN = [
    ('"We condemn the attack on the embassy," Kenya\'s foreign minister Ann Mwangi said on Friday.', "ACCUSE", "KEN"),
    ('"We urge India and Pakistan to return to talks," British Foreign Secretary David Hale said.', "REQUEST", "GBR"),
    ('"We welcome the decision of the court," Polish Prime Minister Jan Nowak told reporters.', "SUPPORT", "POL"),
]


@pytest.mark.parametrize(("text", "kind", "country"), SPOKEN, ids=[kind for _, kind, _ in SPOKEN])
def test_what_an_official_says_in_the_first_person_is_his_deed(text: str, kind: str, country: str) -> None:
    """Inside quotation marks, with the speaker as actor, and reported."""
    (event,) = [e for e in events_of(text) if e.plover.type == kind]
    assert {p.country for p in event.actors} == {country}
    assert event.attribution.certainty == "reported"


@pytest.mark.parametrize(
    "text",
    [
        '"We condemn the baker for his bread, and we always will, every day," said Rahila Bawa, a neighbour.',
        '"They condemn every attack on the embassy as soon as it is over," Kenya\'s foreign minister Ann Mwangi said.',
        '"We would urge India to return to the talks if it were up to us," British Foreign Secretary David Hale said.',
        '"We do not condemn the raid on the camp at this point," Polish Prime Minister Jan Nowak told reporters.',
    ],
)
def test_other_quoted_words_are_no_deeds(text: str) -> None:
    """Private speakers, other subjects, suppositions and denials."""
    assert not coded(text)
