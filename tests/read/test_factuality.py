"""Restraint and factuality: no event from figures of speech, disasters, denials, ifs, habits, quotes and history."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from support.events_reading import events_of, is_published


def published(text: str) -> list[Event]:
    """The events that would go out by default."""
    return [e for e in events_of(text) if is_published(e)]


@pytest.mark.parametrize(
    "text",
    [
        "The winger attacked the space behind the defence and scored twice before half-time.",
        "The striker's goal killed the game with ten minutes left.",
        "Eastport beat Westbridge 3-1 on Saturday to reach the semi-finals.",
        "The visitors fought for every ball in the second half.",
        "The midfielder fired his team ahead with a shot from 20 yards.",
        "United's defence collapsed under attack from the left wing in the final minutes of the match.",
        "Shares crashed after the bank cut its profit forecast.",
        "Oil prices surged as traders shot down talk of a glut.",
        "Gold retreated from a record high as the dollar rallied.",
        "The index was hit by a sell-off in technology stocks.",
        "An earthquake killed at least nine people in Chile on Sunday.",
        "A typhoon struck the Philippines and destroyed hundreds of houses.",
        "Floods displaced thousands of families in Pakistan.",
        "Lightning struck a village in Bolivia.",
        "Twelve miners were killed in a landslide in Peru.",
        "A bus crash in Kenya killed 14 passengers.",
        "Wildfires destroyed forty homes in Greece.",
        "The novelist, who died on Monday, fought cancer for ten years.",
        "The new drug attacks the virus at its weakest point.",
        "The senator declined to comment.",
        "No troops were sent to the border.",
        "No one was injured.",
        "It was not immediately known whether the president met the rebels.",
        "The mayor has often met the unions.",
        "If Iran attacked Israel, the price of oil would rise.",
        "The two armies could attack each other again.",
        "In the novel, France invades Switzerland.",
        "The film follows a soldier who kills his commander and flees to Brazil.",
        "The bill would ban the sale of cigarettes to teenagers.",
        "The deal would allow Russia to export grain.",
        "The two teams will meet again in the final on Sunday.",
        "Two trains collided near Athens, killing dozens and injuring 85.",
        "Tuesday marks the 20th anniversary of the invasion of Iraq by American forces.",
        "Neither side has agreed to the plan.",
        "She met her husband at university.",
        "Russia would invade Georgia if it joined NATO.",
        "Had Russia attacked Estonia, NATO would have sent troops.",
        "The risk that Iran attacks ships has grown.",
        "Officials could not confirm that the army had killed the rebel leader.",
        "The commission found no evidence that soldiers had killed civilians in Chad.",
        "The novel tells how German troops attacked Warsaw.",
        "Suppose Russia attacks Latvia.",
        "The planned visit of the Serbian president to Croatia was called off.",
        "None of the soldiers was killed in Mali.",
        "Ethiopian troops nearly captured the rebel leader.",
    ],
)
def test_what_is_no_event_gives_none(text: str) -> None:
    """Sport, markets, disasters, medicine, denials, ifs, habits."""
    assert [(e.plover.type, e.evidence.trigger.text) for e in published(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Turkey did not attack the Kurdish villages.",
        "The rebels have never attacked the port.",
        "Police denied two rumours but did not arrest any students.",
        "Turkey failed to arrest the smugglers.",
    ],
)
def test_a_denied_deed_is_flagged(text: str) -> None:
    """Coded for those who ask, and kept back by default."""
    deeds = [e for e in events_of(text) if e.plover.type in ("ASSAULT", "COERCE")]
    assert deeds
    assert all(e.factuality.negated for e in deeds)
    assert not any(is_published(e) for e in deeds)


@pytest.mark.parametrize(
    "text",
    [
        "Soldiers killed forty students in the square in 1989.",
        "The army attacked the palace in October 2011.",
        "Sunday was the anniversary of the attack by militants on a school in Beslan.",
    ],
)
def test_old_deeds_are_history(text: str) -> None:
    """They are not dated today and do not go out by default."""
    assert published(text) == []


def test_a_quoted_threat_is_no_deed() -> None:
    """Words inside quotation marks are somebody's words."""
    assert (
        published('"We have killed your sons and will attack your towns again and again," the rebel commander said.')
        == []
    )


@pytest.mark.parametrize("marks", ["'{}'", '"{}"', "“{}”"])
def test_marks_around_a_whole_text_are_no_speech(marks: str) -> None:
    """Nobody is said to speak; with a speaker beside it, the same words are his."""
    deed = "Police in Lima arrested two smugglers of rare birds on Monday."
    (event,) = published(marks.format(deed))
    assert event.plover.type == "COERCE"
    assert published(f"A caller to the station had this to say. {marks.format(deed)}") == []


def test_the_article_speaks_where_nobody_is_named() -> None:
    """Asserted, with no source."""
    (event,) = events_of("Police in Lima arrested two smugglers on Monday.")
    assert event.attribution.source is None
    assert event.attribution.certainty == "asserted"


@pytest.mark.parametrize(
    ("text", "source", "anonymous"),
    [
        ("Rebels attacked a convoy in Mali, the defence ministry said.", "the defence ministry", False),
        ("Two officials familiar with the plan said Turkey had expelled a Greek diplomat.", "officials", True),
        ("According to state media, Iranian police arrested three tourists.", "state media", False),
    ],
)
def test_a_report_names_its_source(text: str, source: str, anonymous: bool) -> None:
    """Named or anonymous, before or after."""
    event = events_of(text)[0]
    assert event.attribution.source is not None
    assert source in event.attribution.source
    assert event.attribution.anonymous is anonymous
    assert event.attribution.certainty == "reported"


def test_an_allegation_is_not_asserted() -> None:
    """The adverb decides."""
    (event,) = events_of("Guards allegedly beat two prisoners in Cairo.")
    assert event.attribution.certainty == "alleged"


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Syrian troops are believed to have killed dozens in Homs.", "reported"),
        ("Kenyan police are alleged to have killed three students in Kisumu.", "alleged"),
        ("Rumours that police killed the activist spread in Minsk.", "alleged"),
        ("The rebels' claim that Ethiopian jets bombed Mekelle could not be verified.", "alleged"),
        ("The alleged bombing of a Russian ship by Ukraine angered Moscow.", "alleged"),
    ],
)
def test_hearsay_is_coded_as_hearsay(text: str, certainty: str) -> None:
    """ "Is said to have", "the claim that", "the alleged": told, but not by the article itself."""
    assert {e.attribution.certainty for e in published(text) if e.plover.type == "ASSAULT"} == {certainty}


def test_a_condition_is_part_of_a_threat() -> None:
    """Who "will boycott the vote unless" threatens now."""
    assert [
        e.plover.type
        for e in published("Algeria's opposition said it will boycott the vote unless the president resigns.")
    ]


def test_a_plan_is_anticipated_and_in_the_future() -> None:
    """Planned cooperation is a promise."""
    (event,) = events_of("Kenya will send doctors to Somalia next week.")
    assert event.plover.type == "AGREE"
    assert event.factuality.tense == "future"
    assert event.attribution.certainty == "anticipated"


def test_a_headline_and_a_caption_make_no_event_of_their_own() -> None:
    """One march, told three times, is one event."""
    text = """Farmers march in Nairobi

NAIROBI, Kenya (AP) — Hundreds of farmers marched through Nairobi on Thursday against the government.

Farmers march in Nairobi, Kenya, Thursday, March 14, 2024. (AP Photo/Joe Doe)
"""
    assert [e.plover.type for e in events_of(text, title="Farmers march in Nairobi")].count("PROTEST") == 1


def test_an_agency_is_no_actor() -> None:
    """Who reports did not do it."""
    for event in events_of("Reuters reported that rebels attacked a village in Chad."):
        assert all("Reuters" not in p.text for p in event.actors)
