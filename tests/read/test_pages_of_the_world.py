"""Kinds of error of whole pages from papers of many countries: whose bodies, promises of punishment, years, the condemned."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from dateline.read import front_text, read_article
from support.events_reading import FETCHED, assert_parties, events_of, is_published

#: Type, text, countries of the actors, countries of the recipients; None leaves one side open.
TOLD = [
    # Who promises punishment threatens.
    ("THREATEN", "The mayor of Lima, Peru promised to hunt down the rest of the gang.", None, None),
    ("THREATEN", "Chile's president vowed to bring the rebels to justice.", {"CHL"}, None),
    ("THREATEN", "North Korea was ready to teach the United States a lesson.", {"PRK"}, {"USA"}),
    ("THREATEN", "Iran vowed to take the harshest action in response to a raid by Israel.", {"IRN"}, {"ISR"}),
    ("AGREE", "Norway promised to bring jobs to Sudan.", {"NOR"}, {"SDN"}),
    ("AGREE", "Norway promised to take action on the climate with Chile.", {"NOR"}, {"CHL"}),
    # Whoever suffered a deed is not accused of it.
    ("ACCUSE", "The European Union condemned the executions of three activists in Myanmar.", {None}, set()),
    ("ACCUSE", "Kenya condemned the jailing of three journalists in Egypt.", {"KEN"}, set()),
    ("ACCUSE", "Kenya condemned the persecution of monks by Egypt.", {"KEN"}, {"EGY"}),
    ("REQUEST", "Taiwan's ombudsman called for an end to the case against Tama Iban, a Bunun man.", {"TWN"}, set()),
    # No state asks or accuses a government of its own that memory alone has placed.
    ("REQUEST", "The United States stood by the people and called on the regime to free them.", {"USA"}, {None}),
    ("ACCUSE", "France is calm. France accused the military of lying.", {"FRA"}, {None}),
    ("REQUEST", "President Moon of South Korea said Pyongyang and Washington differ and he urged both sides to talk.",
     {"KOR"}, {None}),
    # "Congress", "Senate" and "Labour" are those of the country that the page is about.
    ("ACCUSE", "Indian voters wait. India is big. India sleeps. India wakes. Congress leaders slammed Mr. Zameer.",
     {"IND"}, None),
    ("REJECT", "Brazil votes. Brazilians wait. Brazil is tense. Brazil hopes. The Senate rejected the bill.",
     {"BRA"}, None),
    ("REQUEST", "New Zealand has sheep. New Zealand sleeps. New Zealand waits. New Zealand hopes. "
     "Labour MP Paul Reed urged the council to act.", {"NZL"}, {"NZL"}),
    ("ACCUSE", "India votes. Indians wait. India hopes. India rests. In Washington, Congress accused the president.",
     {"USA"}, None),
    # What is ruled out, proposed or discussed is nobody.
    ("REJECT", "Peru's president ruled out U.S. military action.", {"PER"}, set()),
    ("REJECT", "Peru's president ruled out talks with Chile.", {"PER"}, {"CHL"}),
    ("REQUEST", "Mexico's opposition proposed electing a vice president.", {"MEX"}, set()),
    # Whose people: the group that somebody founded or speaks for, the family name, the house that sits there.
    ("ACCUSE", "Democrats sued to force Reed to testify.", {"USA"}, {None}),
    ("REQUEST", "North Korean leader Kim Jong Un spoke. Sung Kim, a U.S. envoy, arrived. Kim requested a meeting with "
     "France.", {"PRK"}, {"FRA"}),
    ("REQUEST", "WASHINGTON - Lawmakers said Mr. Trump must confront Mr. Putin of Russia.", {"USA"}, {"USA"}),
    ("PROTEST", "Thousands of farmers held a demonstration in the Indian capital.", {"IND"}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "actors", "recipients"), TOLD, ids=[row[1][-60:] for row in TOLD])
def test_parties_are_who_acts_and_on_whom(
    kind: str, text: str, actors: set[str | None] | None, recipients: set[str | None] | None
) -> None:
    """Countries of the parties of the last event of the type."""
    assert_parties(text, kind, actors, recipients)


@pytest.mark.parametrize(
    ("text", "name", "sector"),
    [
        ("A court in Pakistan sentenced Hafiz Bell, the founder of the Lashkar-e-Taiba armed group.", "Hafiz", "REB"),
        ("US and Taliban negotiators struck a deal on Monday.", "Taliban", "REB"),
    ],
)
def test_who_founds_or_speaks_for_an_armed_group_is_of_it(text: str, name: str, sector: str) -> None:
    """A founder is no businessman, a negotiator no government's, where the group is armed."""
    parties = [p for e in events_of(text) for p in (*e.actors, *e.recipients)]
    assert {p.sector for p in parties if name in p.text} == {sector}


@pytest.mark.parametrize(
    "text",
    [
        "Kenya has never used spyware against Uganda or violated the rights of Ugandans, the ministry said.",
        "Kenya has not spied on Uganda or invaded Sudan.",
        "Similar previous plans have been vetoed by Russia.",
        "The world court ruled against forcing Chile to negotiate with Bolivia.",
        "There will be punishment if Saudi Arabia is found to have ordered the killing of Mr. Okoro.",
        "The bribes went to the former minister, Juan Reed, sentenced in Florida and who is in prison.",
    ],
)
def test_what_did_not_happen_or_long_ago_is_not_published(text: str) -> None:
    """Denied with another, vetoed before, ruled against, supposed; who was sentenced is no judge."""
    assert not [e for e in events_of(text) if is_published(e) and e.confidence >= 0.6]


def undated(text: str) -> list[Event]:
    """The events of a page of which nobody knows the day."""
    return list(read_article(front_text(text, article_id="a", fetched=FETCHED))[1])


PAGE = "Bolivia is calm. Chile is calm. Peru is calm. Brazil is calm. "


@pytest.mark.parametrize(
    ("sentence", "historical"),
    [
        ("In 2013, Bolivia sued Chile.", True),
        ("Last year, the United States imposed sanctions on Turkey.", True),
        ("Egypt broke off relations with Sudan in 1995.", True),
        ("On May 3, 2022, Chile signed a pact. In October 2020, Peru urged Chile to act.", True),
        ("On May 3, 2022, Peru urged Chile to act.", False),
        ("Egypt broke off relations with Sudan on Monday.", False),
        ("Egypt broke off relations with Sudan last month.", False),
    ],
)
def test_a_page_without_a_day_tells_history_by_its_years(sentence: str, historical: bool) -> None:
    """News names the year of what is not of this year; a short note tells nothing of its own day."""
    event = undated(PAGE + sentence)[-1]
    assert event.factuality.historical is historical
    assert not undated(sentence)[-1].factuality.historical


def test_places_of_a_topic_are_not_where_it_was_discussed() -> None:
    """ "Discussed fishing on the Mekong": wherever they met."""
    text = "The presidents of Vietnam and Laos discussed fishing on the Mekong and agreed to set up a hotline."
    assert all(e.location is None or e.location.name != "Mekong" for e in events_of(text))
    told = events_of("The president of Peru discussed the crisis with the president of Chile in Lima.")
    assert told[0].location is not None
    assert told[0].location.name == "Lima"


def test_who_holds_a_rally_arrests_nobody_and_a_march_has_its_own_size() -> None:
    """ "Held" is an arrest in the passive only; those arrested are not the crowd."""
    rally = events_of("Thousands of farmers held a demonstration in Delhi on Thursday.")[0]
    assert rally.counts.arrested is None
    text = "Police arrested at least 43 people as hundreds of young people marched in Kampala."
    march = next(e for e in events_of(text) if e.plover.type == "PROTEST")
    assert march.counts.size == (200, 999)


@pytest.mark.parametrize(
    ("text", "kind", "actor"),
    [
        ("Two men were jailed at Maidstone Crown Court on Friday.", "SANCTION", "Maidstone Crown Court"),
        ("The gang were found guilty at Leeds Crown Court.", "SANCTION", "Leeds Crown Court"),
        ("The ruling party of Chile warned lawmaker Juan Reed for his remarks.", "ACCUSE", "The ruling party of Chile"),
        ("The ruler of Dubai directed the interior ministry to send boats to Iran.", "REQUEST", "The ruler of Dubai"),
        ("The junta in Mali suspended French broadcasters.", "COERCE", "The junta"),
        ("Kuwait handed over a gift of 25 tons of dates to Sudan.", "AID", "Kuwait"),
    ],
)
def test_main_events_of_everyday_news_are_found(text: str, kind: str, actor: str) -> None:
    """Courts that sit somewhere, rebukes, orders, gifts, suspended stations."""
    event = next(e for e in events_of(text) if e.plover.type == kind)
    assert event.actors
    assert event.actors[0].text.startswith(actor)


@pytest.mark.parametrize("text", ["Two men were jailed at home.", "The film was directed to please its critics in Peru.",
                                  "Kuwait warned of rain for the weekend."])  # fmt: skip
def test_what_only_looks_like_them_tells_nothing(text: str) -> None:
    """No court, no order, no rebuke."""
    assert not events_of(text)
