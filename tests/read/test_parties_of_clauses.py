"""Parties whose clause decides: quotations before their speaker, participles, lists, places of what is condemned, officials."""

from __future__ import annotations

import pytest

from support.events_reading import events_of

#: Type, text, texts of the actors, texts of the recipients.
TOLD = [
    # The speaker stands behind the verb that follows a quotation.
    ("ACCUSE", "“They burned the village,” denounced the opposition leader of Peru on Friday.",
     ["the opposition leader of Peru"], []),
    ("REQUEST", "\"Leave the island,\" demanded Turkey's foreign minister.", ["Turkey's foreign minister"], []),
    # What was done to somebody in a row, in an aside, or with whom the sentence goes on.
    ("ASSAULT", "The driver was allegedly beaten with a stick and stabbed twice by soldiers in Kenya on Sunday.", ["soldiers"],
     ["The driver"]),
    ("COERCE", "With nine French farmers arrested in London on Friday, the other guests left.", [],
     ["nine French farmers"]),
    # An object and the next subject are no list where the verb is for one.
    ("COOPERATE", "The envoy will visit Peru in May and Chile is working with Japan on a date.", ["Chile"], ["Japan"]),
    ("ACCUSE", "Officials from around the country condemned the Sudanese army on Friday.", ["Officials"],
     ["the Sudanese army"]),
    # Where a condemned deed happened, and whom it was done to, is accused of nothing.
    ("ACCUSE", "Kenya condemned the assault in Mombasa on Friday.", ["Kenya"], []),
    ("REJECT", "Chile opposed the detention of journalists in May.", ["Chile"], []),
    ("COERCE", "The government banned the planned protests in Gabon on Friday.", ["The government"], []),
    ("REQUEST", "Norway called for international action against the Sudanese army.", ["Norway"], []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "actors", "recipients"), TOLD, ids=[row[1][:45] for row in TOLD])
def test_the_clause_tells_who_acts_on_whom(kind: str, text: str, actors: list[str], recipients: list[str]) -> None:
    event = next(e for e in events_of(text) if e.plover.type == kind)
    assert [p.text for p in event.actors] == actors
    assert [p.text for p in event.recipients] == recipients


def test_who_was_killed_and_was_somebody_kills_nobody() -> None:
    text = "The French and Chadian soldiers killed on Thursday when the bomb exploded were both guests of Niger."
    assert not [p for e in events_of(text) for p in e.actors]


def test_a_second_harm_is_no_deed_of_those_harmed() -> None:
    events = events_of("Pakistan says a child was killed and two men injured in the attack by Indian forces on Friday.")
    assert not [p for e in events for p in e.actors if p.text == "two men"]


#: Text, the party's words, its country.
PLACED = [
    ("SEOUL, May 4 - On a visit that was long planned, Foreign Minister Ken Mori met South Korean President Park Jun.",
     "Foreign Minister Ken Mori", None),
    ("SEOUL, May 4 - Foreign Minister Park Jun met Japanese diplomats on Friday.", "Foreign Minister Park Jun", "KOR"),
    ("In Tripoli, gunmen killed Ambassador Paul Novak on Friday.", "Ambassador Paul Novak", None),
    ("Ukrainian President Petro Bondar said on Friday that Ukraine was under attack. Ukraine is at war. "
     "Bondar called President Luis Mora on Friday, and urged President Luis Mora to help Ukraine.", "President Luis Mora",
     None),
    ("KYIV, May 4 - Ukrainian Defense Minister Oleh Bondar spoke on Friday. Later on the same day Defense Minister Petr Belov "
     "strongly condemned the attack on the town.", "Defense Minister Petr Belov", None),
    ("He said four civilians were killed near the border because of shelling by the Kenyan army on Friday.", "four civilians",
     None),
    ("King Hassan of Morocco met an Israeli minister in Paris on Friday.", "King Hassan", "MAR"),
    ("Labour Minister Vera Ruiz met miners on Friday in Lima. Peru has had strikes.", "Labour Minister Vera Ruiz", "PER"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "country"), PLACED, ids=[row[0][:45] for row in PLACED])
def test_an_official_is_of_the_country_that_the_text_tells(text: str, words: str, country: str | None) -> None:
    parties = [p for e in events_of(text) for p in (*e.actors, *e.recipients) if p.text == words]
    assert parties
    assert {p.country for p in parties} == {country}


def test_congress_is_the_party_where_indian_politics_is_spoken_of() -> None:
    text = "The BJP won in Gujarat, American papers wrote. Congress accused the BJP of fraud in Delhi on Friday."
    event = next(e for e in events_of(text) if e.plover.type == "ACCUSE")
    assert [(p.country, p.sector) for p in event.actors] == [("IND", "PTY")]
