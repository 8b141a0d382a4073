"""Where an event is placed: at its own place, not at that of what it is about; in the country that the text itself gives."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dateline.contract.event import Event
from dateline.read import front_text, read_article


def coded(text: str) -> tuple[Event, ...]:
    """The events of a text."""
    return read_article(front_text(text, article_id="t", fetched=datetime(2026, 1, 1, tzinfo=UTC)))[1]


@pytest.mark.parametrize(
    "text",
    [
        "The European Union on Monday condemned the executions in Myanmar.",
        "Amid the worsening crisis in South Sudan, the United Nations this week appealed for 371 million dollars.",
        "Norway protested the killings in Nigeria on Friday.",
        "Germany on Tuesday expressed support for an end to the fighting in Sudan.",
    ],
)
def test_what_is_spoken_of_elsewhere_gives_no_place(text: str) -> None:
    """A happening with a place of its own, named as what the deed is about."""
    events = coded(text)
    assert events
    assert not [e.location.name for e in events if e.location is not None and e.location.name]


def test_an_activity_that_is_discussed_gives_no_place() -> None:
    """Neither does the river where it is done."""
    events = coded("President Macron met King Abdullah on Sunday, and they discussed fishing on the Mekong.")
    assert not [e for e in events if e.location is not None and e.location.name == "Mekong"]


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Russia and Turkey held talks on the war in Syria in Geneva on Monday.", "Geneva", "CHE"),
        ("Thousands protested in Nairobi on Friday against the killings in Mombasa.", "Nairobi", "KEN"),
        ("Police in Minsk arrested 20 protesters on Friday.", "Minsk", "BLR"),
        # a town that a larger one elsewhere has its name from
        ("A teacher was shot dead by two men at her home in La Esperanza, Honduras, on Monday.", "La Esperanza", "HND"),
    ],
)
def test_the_deeds_own_place_stays(text: str, name: str, country: str) -> None:
    """Beside another one, and with its country."""
    places = {(e.location.name, e.location.country) for e in coded(text) if e.location is not None}
    assert (name, country) in places


@pytest.mark.parametrize(
    "text",
    [
        "President Trump withdrew from the Iran nuclear deal in May.",
        "Greece on Monday condemned the raid in the Ankara-Baghdad dispute.",
    ],
)
def test_a_name_that_only_says_which_matter_is_meant_is_no_place(text: str) -> None:
    """A deal, a dispute: not where it was done."""
    events = coded(text)
    assert events
    assert not [e.location.name for e in events if e.location is not None and e.location.name]


def test_a_dateline_abroad_is_no_place_of_a_states_own_deed() -> None:
    """Reported from Washington, done in Burma."""
    text = "WASHINGTON (AP) — Four activists were executed by Myanmar's military regime on Monday, a lawyer said."
    places = {e.location.name for e in coded(text) if e.location is not None}
    assert "Washington" not in places
