"""Kinds of error of whole articles that nobody had read: asides, history, plots, what is asked for, and who speaks."""

from __future__ import annotations

import pytest

from support.events_reading import assert_parties, events_of, is_published

#: Type, text, countries of the actors, countries of the recipients; None leaves one side open.
TOLD = [
    # A committee of a parliament is no charity; "(CNN)" before a story says nothing.
    ("ACCUSE", "LONDON, May 2 - The Commons Public Accounts Committee accused the ministry of waste.", {"GBR"}, {"GBR"}),
    ("ACCUSE", "(CNN) China's foreign ministry said it has lodged a complaint with Fiji.", {"CHN"}, {"FJI"}),
    ("ACCUSE", "Yemeni rebels fled, but Riyadh and U.S officials blamed Tehran.", {"SAU", "USA"}, {"IRN"}),
    # "Its", at the head of a sentence: the subject of the one before, however often another country was named.
    ("ACCUSE", "ANKARA, May 2 - Turkey agreed with Iran on gas on Monday. Turkey will lend Iran $5 million. Turkey pledged "
     "flour. Chile rejected the deal. Its foreign ministry accused Iran of fraud.", {"CHL"}, {"IRN"}),
    # What is asked for is not asked of whoever made it, owns it or is where it is.
    ("REQUEST", "Peru's president called for an end to the toll created by Congress in 1990.", {"PER"}, set()),
    ("REQUEST", 'The Liberal Democrats called for a "full inquiry" into misconduct in the force.', {"GBR"}, set()),
    ("REQUEST", "Kenya called for new elections in Sudan.", {"KEN"}, {"SDN"}),
    ("REQUEST", "Senate Majority Leader Tom Bell demanded that the House pass the Senate's bill.", {"USA"}, set()),
    ("MOBILIZE", "Peru said it was reinforcing its northern border with 500 police.", {"PER"}, set()),
    ("MOBILIZE", "Greece reinforced its border with Turkey.", {"GRC"}, {"TUR"}),
    # A town's state, and a clause of time in an aside, are no subject.
    ("SANCTION", "A court in Jackson, Mississippi sentenced two men on Monday.", {"USA"}, None),
    ("ASSAULT", "The chief of police in Louisville, Kentucky has been sacked after officers fired into a crowd.",
     {"USA"}, {"USA"}),
    ("REQUEST", "Chile's president, who was in Lima while Peru voted, urged Brazil to act.", {"CHL"}, {"BRA"}),
    # A government is its president's; officials in a report from elsewhere are of the country it is about.
    ("AGREE", "Turkish forces attacked Kurds. Bolsonaro's government agreed to help Kurdish refugees.", {"BRA"}, None),
    ("REJECT", "DUBAI (Reuters) - Iran's oil exports rose. Iran is calm. Iran sells gas. Foreign Ministry spokesman Abbas "
     "Karimi rejected accusations by Saudi officials.", {"IRN"}, {"SAU"}),
    ("REQUEST", "17:15 Taoiseach Sean Bell has urged people in red zones to stay at home.", {"IRL"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "actors", "recipients"), TOLD, ids=[row[1][:50] for row in TOLD])
def test_parties_are_who_acts_and_on_whom(
    kind: str, text: str, actors: set[str | None] | None, recipients: set[str | None] | None
) -> None:
    """Countries of the parties of the last event of the type."""
    assert_parties(text, kind, actors, recipients)


@pytest.mark.parametrize(
    "text",
    [
        "The North agreed to end its programme and welcome back inspectors.",
        "U.S. officials said that General Karimi had been planning imminent attacks on Americans.",
        "The minister has written to the head of a police force hit by allegations of racism.",
        "Defence Secretary Ben Okoro has ruled himself out of the contest.",
        "Mayor Tim Reed of Fargo said refugees were needed to boost the economy.",
        "The leader said that economic and propaganda wars waged by the U.S. against Iran had failed.",
        'Belarus was waging a "hybrid war" against Poland, officials said.',
        "Brazilian meatpacker JBF agreed on Wednesday to buy a poultry plant in Iowa.",
        "Oman and Iran concluded a visit without achieving an agreement on gas.",
    ],
)
def test_what_only_sounds_like_a_deed_is_none(text: str) -> None:
    """Plans, figures of speech, one's own candidacy and purchases tell no event of their own."""
    assert events_of(text) == []


def test_a_verb_joined_to_a_threat_is_part_of_it() -> None:
    """Only the threat happened."""
    events = events_of("North Korea had been threatening to test a bomb, and bar nuclear inspectors from the country.")
    assert [e.plover.type for e in events] == ["THREATEN"]


@pytest.mark.parametrize(
    "text",
    [
        "Israel captured the strip in the 1967 war. After the war, it immediately annexed east Jerusalem.",
        "Mexico signed the treaty in 1994. Two weeks later, Mexico arrested three rebels.",
        "Mexico held talks in 2012. The mood was good. But 16 days later, North Korea launched a rocket.",
        "India and China signed a pact in 1954. Seven years later they were fighting each other.",
    ],
)
def test_what_goes_on_from_an_old_year_is_old(text: str) -> None:
    """A sentence without a year that continues one of long ago is history."""
    assert not any(is_published(e) for e in events_of(text))


def test_what_goes_on_from_this_week_is_news() -> None:
    """ "Hours later" behind Monday is Monday."""
    events = events_of("Mexico accused Cuba on Monday. Hours later, Cuba expelled three Mexican envoys.")
    assert [is_published(e) for e in events] == [True, True]


def test_the_plot_of_a_film_is_no_news() -> None:
    """A review tells the plot in the present and the news about the film in other tenses."""
    events = events_of(
        "Lina Haddad's second film opens with a massacre. Rebels storm a village, kill the guards and kidnap a girl.\n\n"
        "The Lebanese director showed it in Cannes.\n\nFrance has agreed to finance her next film.",
        title="Review: The Colonel's Daughter",
    )
    assert [e.plover.type for e in events] == ["AGREE"]


#: Type, text, countries of the actors, countries of the recipients; None leaves one side open.
READ_NEXT = [
    # A setting before a list is no part of it; "and" after a comma opens a clause of its own.
    ("REQUEST", "During the Obama administration, Professor Ann Bell and other liberals called for Chile to act.",
     {"USA", None}, {"CHL"}),
    ("ASSAULT", "Kenya banned Somali men wearing masks, and in May an Ethiopian lawmaker was stabbed.", set(), {"ETH"}),
    ("COERCE", "Chadian men carrying guns and knives were arrested in Lima.", set(), {"TCD"}),
    # What should be done by somebody unnamed, and what a newcomer is told of others, is asked of nobody named.
    ("REQUEST", "Mexican lawmakers demanded that the U.S. strategy be put to a vote.", {"MEX"}, set()),
    ("REQUEST", "Peru's speaker urged the newcomer to stop writing about Chilean senators.", {"PER"}, {None}),
    ("REQUEST", "Kenya said that the prisoners should be freed by Sudan.", {"KEN"}, set()),
    # Who helps is no victim, nor is the dead reporter the accused; politicians attack by words.
    ("ASSAULT", "Iraqi troops recaptured the dam with American assistance on Monday.", {"IRQ"}, set()),
    ("ACCUSE", "France has begun a criminal investigation into Mr Bell's death in Chad.", {"FRA"}, set()),
    ("ACCUSE", "Republicans attacked the Green New Deal on Wednesday.", {"USA"}, set()),
    ("REQUEST", "Kenya pressed Peru for an investigation of Chadian lawmakers.", {"KEN"}, {"PER"}),
    ("THREATEN", "Peru trashed the union — of which Chile is an advocate — and threatened to leave Brazil.", {"PER"}, None),
    ("THREATEN", "The United States said it would withdraw from the Paris climate agreement.", {"USA"}, set()),
    # What goes on behind a comma goes on from the main clause; where a march went is no one who arrests.
    ("REQUEST", "Oman recalled its envoy after an Australian ship sank a boat, and demanded an apology.", {"OMN"}, set()),
    ("COERCE", "Hundreds marched through Tunis on Monday and Libyan police arrested 43 Moroccans.", {"LBY"}, {"MAR"}),
    ("CONSULT", "Fiji and China wrapped up a day of talks with Beijing agreeing to buy more fish.", {"FJI", "CHN"}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "actors", "recipients"), READ_NEXT, ids=[row[1][:50] for row in READ_NEXT])
def test_parties_of_longer_sentences(
    kind: str, text: str, actors: set[str | None], recipients: set[str | None] | None
) -> None:
    """Countries of the parties of the first event of the type."""
    event = next(e for e in events_of(text) if e.plover.type == kind)
    assert {p.country for p in event.actors} == actors
    assert recipients is None or {p.country for p in event.recipients} == recipients


@pytest.mark.parametrize(
    "text",
    [
        "Senate leader Tom Bell refused to predict the outcome of the vote.",
        "The Supreme Court ruled that the Trump administration does not have to turn over documents.",
        "One of Washington's central demands is that China reduce its trade surplus with the U.S.",
        "The attacks in Paris last week rocked the Republican race.",
        "Fewer poor people will be held in jail.",
        "Another 3,000 men are being trained to help retake Mosul.",
        "The move threatened to push tensions between Iran and the U.S. higher.",
        "North Korea planned to hold off launching missiles at Guam.",
        "Mediators sought to rescue a ceasefire in Gaza.",
        "Senators said lawmakers have concerns about the missiles and the attack on the Kurds.",
        "A Polish citizen was found dead with gunshot and stab wounds.",
        "Cheney said the House should have rebuked Senator Ann Bell on Friday.",
        "Former Rep. Jim Moran said Governor Bell should have a second chance.",
        "President Ann Bell signed legislation calling for sanctions against China.",
        "Venezuela's president called it murder.",
        "A party left Armenia's ruling coalition in protest at an agreement with Azerbaijan.",
        "State lawmakers continued their calls for him to step down.",
        "China's foreign ministry said the US law was a malicious attack.",
    ],
)
def test_what_may_or_should_be_is_no_deed(text: str) -> None:
    """Demands' contents, attempts, training and side effects tell no event of their own."""
    assert events_of(text) == []


def test_a_killing_told_by_two_verbs_is_one_event() -> None:
    """ "Shot and killed by police" has its doer once."""
    events = events_of("A gunman in Texas, who fled in a van, was shot and killed by police on Saturday.")
    assert [(e.plover.type, [p.sector for p in e.actors]) for e in events] == [("ASSAULT", ["COP"])]


def test_what_police_do_at_a_march_has_its_day() -> None:
    """A deed behind ", and" shares the day of the deed before it."""
    events = events_of("Farmers marched in Warsaw on Tuesday to protest a bill, and police detained 14 people.")
    assert all(e.date is not None for e in events)
