"""Parties of sentences of the kinds that were wrong on wire stories nobody had read: who acts, on whom, of which country."""

from __future__ import annotations

import pytest

from support.events_reading import events_of

#: Type, text, countries of the actors, countries of the recipients.
TOLD = [
    # Whoever is shot by the subject is not the subject.
    ("ASSAULT", "Kenyan soldiers took three Somali officers for raiders and shot them dead on Monday.", None, {"SOM"}),
    ("ASSAULT", "Nigerian rebels said that Chadian troops attacked them on Friday.", {"TCD"}, {"NGA"}),
    # A party of a common name belongs to the country before it.
    ("CONSULT", "Malta's opposition Labour party met Prime Minister Joseph Borg's cabinet on Friday.", {"MLT"}, {"MLT"}),
    # A noun for a topic places nobody.
    ("ACCUSE", "OSLO, Norway (AP) - Critics of the Iraq war accused the defence minister of lying.", {"NOR"}, {"NOR"}),
    # Whoever is held responsible is accused and accuses nobody.
    ("ACCUSE", "Police arrested a Yemeni commander held responsible for a bus bombing.", set(), {"YEM"}),
    # The subject stands before an aside between dashes, or in it.
    ("REQUEST", "Peru - which calls the court biased if it sits abroad - called on Chile to testify.", {"PER"}, {"CHL"}),
    ("ACCUSE", "Both states with a peace treaty - Egypt and Jordan - sharply criticised the US.", {"EGY", "JOR"}, {"USA"}),
    # What a speaker does next to what he says is so.
    ("ACCUSE", "Iran insists that the island is its own and has accused Bahrain of spying.", {"IRN"}, {"BHR"}),
    # An envoy is summoned by the ministry to which he goes.
    ("ACCUSE", "The Belarusian ambassador was summoned to the Foreign Ministry in Warsaw.", {"POL"}, {"BLR"}),
    # What is asked for somebody is not asked of him; a region of one's own is where one withdraws.
    ("REQUEST", "The ombudsman of Colombia demanded protection for witnesses.", {"COL"}, set()),
    ("RETREAT", "Peruvian troops withdrew from a bridge in the Puno region on Friday.", {"PER"}, set()),
    # Party and state behind a name, and what a feed puts before a summary.
    ("REQUEST", "Sen. Ann Bell, D-Texas, called on Mexico to open the port.", {"USA"}, {"MEX"}),
    ("ASSAULT", "AFP - Rebels have attacked a police patrol in Nigeria, an officer told AFP.", None, {"NGA"}),
    # Victims are of the place, not of the attackers nor of the text's topic.
    ("ASSAULT", "GAZA, May 2 - An Israeli strike killed five people on Friday.", {"ISR"}, {"PSE"}),
    ("SUPPORT", "Britain's Ann Bell thanked fellow Labour officials.", {"GBR"}, {"GBR"}),
    # Letters mean what the article says, and no armed group of a country it never names.
    ("REQUEST", "The FSA urged lenders to wait. The Financial Services Agency (FSA) met them in Tokyo.", {None}, None),
    ("REQUEST", "Syria was quiet. The FSA urged Turkey to open the road.", {"SYR"}, {"TUR"}),
    # Who belongs to somebody is another person; where a move comes from is no party.
    ("SANCTION", "A court in Dakar sentenced Binta Sarr's ex-chief of staff to five years.", {"SEN"}, {"SEN"}),
    ("ACCUSE", "Qatar condemned the move from Miami on Friday.", {"QAT"}, set()),
    # Mediators are neither side and of neither side's country.
    ("REQUEST", "Mediators urged Israel to accept the deal on Friday.", {None}, {"ISR"}),
    ("COERCE", "HARARE, May 2 - Police arrested two men, both Zambian nationals, on Friday.", {"ZWE"}, {"ZMB"}),
    ("AGREE", "France promised intelligence and equipment to Kenya.", {"FRA"}, {"KEN"}),
    # A phrase of time is no subject; a list that a verb follows is its subject.
    ("CONSULT", "A former Palestinian minister who could keep order in Gaza after an Israeli pullout held a meeting with "
     "President Yasser Arafat on Monday, officials said.", {"PSE"}, {"PSE"}),
    ("MOBILIZE", "Hezbollah sent a plane over Israeli airspace on Sunday, the Lebanon-based group and the army said.",
     {"LBN"}, {"ISR"}),
    # Insurgents are not of the country whose troops they fight; whoever is to act is asked.
    ("ASSAULT", "Insurgents and American forces clashed on Thursday near the Iraqi city.", {"IRQ", "USA"}, set()),
    ("REQUEST", "Saudi officials called for Qatari clerics to end attacks on U.S. forces.", {"SAU"}, {"QAT"}),
    ("ASSAULT", "Officials in Iraq say at least ten Syrians have been killed in a bombing.", set(), {"SYR"}),
    ("COERCE", "A delegation of the Congress of South African Unions was deported.", set(), {"ZAF"}),
    ("REQUEST", "KABUL (Reuters) - A Taliban group holding three Danes hostage asked Kuwait to mediate.", None, {"KWT"}),
    ("ASSAULT", "Three Iraqis were killed when a suicide car bomber attacked a U.S. convoy in Samarra.", {"IRQ"}, {"IRQ"}),
    # Politicians attack by words; a call for an end of a ban threatens nobody.
    ("ACCUSE", "South African President Thabo Nkosi has attacked British imperialists.", {"ZAF"}, {"GBR"}),
    ("REQUEST", "Germany and France have called for the embargo to be lifted.", {"DEU", "FRA"}, set()),
    # What a country helps is not its own; a vote or war stands for nobody.
    ("ASSAULT", "US-backed rebels attacked Iranian soldiers in Syria on Friday.", {None}, {"IRN"}),
    ("REJECT", "A majority of Australians rejected the Iraq war on Friday.", {"AUS"}, set()),
    ("ACCUSE", "China said the Iraq war has destroyed the coalition and blamed the United States.", {"CHN"}, {"USA"}),
]  # fmt: skip


def test_both_countries_are_not_those_that_mediate() -> None:
    """Two that offered to mediate are neither of "both countries"."""
    events = events_of(
        "BISHKEK, May 2 - Tajik and Kyrgyz border guards withdrew from a bridge. Russia and Iran had offered to mediate. "
        "The presidents of both countries plan to visit the bridge."
    )
    assert {p.country for p in events[-1].actors} == {"TJK", "KGZ"}


@pytest.mark.parametrize(("kind", "text", "actors", "recipients"), TOLD, ids=[row[1][:50] for row in TOLD])
def test_parties_are_who_acts_and_on_whom(
    kind: str, text: str, actors: set[str | None] | None, recipients: set[str | None] | None
) -> None:
    """Countries of the parties; None leaves one side open."""
    event = next(e for e in events_of(text) if e.plover.type == kind)
    if actors is not None:
        assert {p.country for p in event.actors} == actors
    if recipients is not None:
        assert {p.country for p in event.recipients} == recipients


@pytest.mark.parametrize(
    "text",
    [
        "The provincial government in Pretoria issued urgent warnings to residents about the storm.",
        "The city council of Lyon warned residents to avoid the river.",
        "President Obama and his rival, Senator John McCain, clashed over the budget.",
        'Some 50 Thai planes "bombed" the south with paper birds on Sunday.',
        "The senator swore an oath to defend the constitution of Kenya against all enemies.",
        "Brazilian meatpacker JBF agreed to buy a poultry plant in Iowa.",
        "The body of the late Palestinian president arrived in Cairo on Friday.",
        "Hurricane Ivan took aim at Jamaica on Friday.",
        "The prime minister of Canada met the miners' pleas with a shrug.",
    ],
)
def test_what_only_sounds_like_a_deed_is_none(text: str) -> None:
    """Advice, debates, words in scare quotes, oaths and answers to pleas tell no event."""
    assert events_of(text) == []


def test_a_day_behind_a_participle_is_the_participles() -> None:
    """The day of what is condemned is not the day of the condemnation."""
    event = events_of("The Arab League condemned the move announced on Monday by Israel.")[0]
    assert event.date is None


def test_a_target_of_war_is_no_place_of_the_protest_against_it() -> None:
    """Nobody marched in Gaza."""
    event = next(
        e for e in events_of("Thousands of Swedes protested Israel's war on Gaza.") if e.plover.type == "PROTEST"
    )
    assert event.location is None or event.location.name is None
