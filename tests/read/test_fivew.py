"""Who, what, when, where of an article in its own words."""

from __future__ import annotations

import pytest

from dateline.read import read_article
from dateline.read.events.fivew import five_w
from support.events_reading import FETCHED, article_of

CRASH = """A freight train left the rails near Dijon on Tuesday morning and blocked the line to Lyon for hours.

Nobody was hurt, the railway said. Passengers were taken on by bus.
"""


def test_an_article_without_coded_events_still_says_who_what_when_where() -> None:
    """An accident is no interaction, but readers want the line."""
    article, events = read_article(article_of(CRASH, published=FETCHED, title="Freight train derails near Dijon"))
    found = five_w(article, events)
    assert found["what"] is not None
    assert "derails" in found["what"]
    assert found["when"] is not None
    assert "Tuesday" in found["when"]
    assert found["where"] == "Dijon"


def test_without_a_title_the_main_event_answers() -> None:
    """Its actor, its words, its date and place."""
    text = "Police in Oslo arrested two Danish activists on Monday after a sit-in at the oil ministry."
    article, events = read_article(article_of(text, published=FETCHED))
    found = five_w(article, events)
    assert found["who"] is not None
    assert "Police" in found["who"]
    assert found["when"] == "Monday"
    assert found["where"] == "Oslo"


def test_an_empty_text_says_nothing() -> None:
    """None, not a guess."""
    article, events = read_article(article_of(" "))
    assert set(five_w(article, events).values()) == {None}


PLACES = [
    (
        "Gunmen kill two guards at bank",
        "KARACHI, Pakistan (AP) — Two gunmen opened fire outside a bank in the port city of Karachi on Wednesday.\n\n"
        "The attack came a week after a similar robbery in Lahore.",
        "a bank in the port city of Karachi",
        "Wednesday",
    ),
    (
        "Ministers agree fishing quotas after all-night talks",
        "BRUSSELS, Dec 12 - European Union ministers agreed on fishing quotas at 5 a.m. on Tuesday, after long talks.\n\n"
        "France had opposed cuts in the Bay of Biscay.",
        "BRUSSELS",
        "5 a.m. on Tuesday",
    ),
    (
        "Minister resigns over phone scandal",
        "Norway's fisheries minister stepped down on Friday after taking a work phone to Iran on holiday.\n\n"
        "He had visited Tehran in July, officials in Oslo said.",
        "Oslo",
        "Friday",
    ),
    (
        "Wildfire forces evacuation of villages",
        "ATHENS, July 3 (Reuters) - Firefighters battled a blaze near the village of Koropi for a second day on Friday.\n\n"
        "Residents of three villages were told to leave late on Thursday.",
        "the village of Koropi",
        "Friday",
    ),
    (
        "Three climbers found dead",
        "Three climbers were found dead on Mont Blanc on Sunday, four days after they went missing.\n\n"
        "The three, from Poland, had left Chamonix on Wednesday.",
        "Mont Blanc",
        "Sunday",
    ),
    (
        "Court orders release of blogger",
        "A court in the Algerian city of Oran ordered on Sunday that a blogger held since March be freed, his lawyer said.",
        "A court in the Algerian city of Oran",
        "Sunday",
    ),
    (
        "Turkey's Erdogan to meet Putin in Sochi",
        "The two presidents will discuss grain on Monday, their offices said.",
        "Sochi",
        "Monday",
    ),
    (
        "Okafor emails cleared, says minister",
        "The ministry found nothing against Grace Okafor in private messages, the minister said on Monday in a letter.",
        None,
        "Monday",
    ),
]


@pytest.mark.parametrize(("title", "text", "where", "when"), PLACES, ids=[row[0] for row in PLACES])
def test_the_place_is_where_it_happened_and_the_day_when(title: str, text: str, where: str | None, when: str) -> None:
    """Not where the actor has been, comes from or is the government of; with what stands there and what kind of place it is."""
    article, events = read_article(article_of(text, published=FETCHED, title=title))
    found = five_w(article, events)
    assert found["where"] == where
    assert found["when"] == when


HEADLINES = [
    ("Nurses to strike across Wales next week", "Nurses", "to strike across Wales next week"),
    ("Two killed as bus plunges into ravine in Peru", "Two", "killed as bus plunges into ravine in Peru"),
    ("Gunmen storm hotel in Ouagadougou", "Gunmen", "storm hotel in Ouagadougou"),
    ("Lewis Grant protests outside palace as king is crowned", "Lewis Grant", "protests outside palace"),
    ("Airline cancels 200 flights as snow shuts Denver airport", "Airline", "cancels 200 flights"),
    ("UN: Thousands flee fighting in Darfur", "Thousands", "flee fighting in Darfur"),
    ("Smoke and flames over harbour", "Smoke and flames", "Smoke and flames over harbour"),
    ("Unions call off strike after late-night deal", "Unions", "call off strike"),
]


@pytest.mark.parametrize(("title", "who", "what"), HEADLINES, ids=[row[0] for row in HEADLINES])
def test_a_headline_says_who_and_what_in_its_own_grammar(title: str, who: str, what: str) -> None:
    """Infinitives that stand for the future, participles without "were", verbs that look like nouns; not the next clause."""
    article, _ = read_article(article_of("Officials gave no details.", published=FETCHED, title=title))
    found = five_w(article)
    assert (found["who"], found["what"]) == (who, what)
