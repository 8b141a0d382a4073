"""What the events stage promises: PLOVER's rules, exact evidence, one event per happening, stable ids, linear time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dateline.read import read_article
from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.events.coder import code_events
from dateline.read.record import document_of
from dateline.read.syntax.sentences import split_sentences
from support.events_reading import FETCHED, article_of, events_of, types_of
from support.growth import LINEAR, growth

WARSAW = """Strikers march in Gdansk

GDANSK, Poland (AP) — Hundreds of shipyard workers marched through Gdansk on Thursday against plans to close two docks. Police
arrested nine marchers near the port.

The march on Thursday was the third this month. Police said at least 12 officers were injured.

The European Commission on Wednesday urged Poland to hold talks with the unions.
"""


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Rebels threatened to attack the capital of Chad.", ["THREATEN"]),
        ("Ethiopia agreed to withdraw its troops from Somalia.", ["AGREE"]),
        ("Egypt called for talks between Israel and Hamas.", ["REQUEST"]),
        ("Serbia accused Kosovo of killing two farmers.", ["ACCUSE"]),
        ("Iran denied that it had attacked the Saudi embassy.", ["REJECT"]),
        ("Russia said Ukraine must withdraw its soldiers.", ["REQUEST"]),
        ("The president of Peru will visit Bolivia next week.", ["AGREE"]),
        ("Turkey will impose sanctions on Greece next month.", ["THREATEN"]),
        ("India and Japan held joint naval exercises.", ["COOPERATE"]),
        ("China held naval exercises near Taiwan.", ["MOBILIZE"]),
        ("The Chilean government sent soldiers to help flood victims.", ["AID"]),
        ("Police fired tear gas at students in Nairobi.", ["ASSAULT"]),
        ("Hungary refused to extradite a banker to Austria.", ["REJECT"]),
        ("The army of Sudan declared a ceasefire with the rebels.", ["RETREAT"]),
        ("A court in Madrid sentenced two separatists to ten years in prison.", ["SANCTION"]),
    ],
)
def test_speech_acts_outrank_their_complements(sentence: str, expected: list[str]) -> None:
    """PLOVER's order of precedence: what is said to be done is coded as what saying it does."""
    assert types_of(sentence) == expected


def test_tear_gas_is_crowd_control() -> None:
    """Not an attack with weapons."""
    (event,) = events_of("Police fired tear gas at students in Nairobi.")
    assert event.plover.mode == "crowd-control"


def test_a_passive_turns_actor_and_recipient_round() -> None:
    """By-phrases name who did it."""
    (event,) = events_of("Two Danish reporters were arrested by Turkish police on Monday.")
    assert [p.country for p in event.actors] == ["TUR"]
    assert [p.country for p in event.recipients] == ["DNK"]


def test_a_list_of_actors_stays_one_event() -> None:
    """Three countries condemn once."""
    (event,) = events_of("France, Germany and Italy condemned Belarus over the arrests.")
    assert [p.country for p in event.actors] == ["FRA", "DEU", "ITA"]


def test_coordinated_verbs_share_their_subject() -> None:
    """The subject stands once, before the first verb."""
    found = events_of("Turkish soldiers arrested a mayor and killed two Kurdish militants.")
    assert [(e.plover.type, e.actors[0].country) for e in found] == [("COERCE", "TUR"), ("ASSAULT", "TUR")]


def test_a_relative_clause_has_its_antecedent_as_subject() -> None:
    """Who, which and that; and the main verb keeps its own subject."""
    found = events_of(
        "Russian prosecutors, who had charged a German banker with fraud, met the Swiss president on Monday."
    )
    assert [(e.plover.type, e.actors[0].country) for e in found] == [("ACCUSE", "RUS"), ("CONSULT", "RUS")]


def test_evidence_and_trigger_are_cut_from_the_text() -> None:
    """Offsets fit the text to the character, for every span that an event carries."""
    article, events = read_article(article_of(WARSAW, published=FETCHED))
    assert events
    for event in events:
        parties = [(p.start, p.end, p.text) for p in [*event.actors, *event.recipients]]
        proof, trigger = event.evidence, event.evidence.trigger
        for start, end, text in [
            (proof.start, proof.end, proof.text),
            (trigger.start, trigger.end, trigger.text),
            *parties,
        ]:
            assert article.text[start:end] == text
        assert event.evidence.start <= event.evidence.trigger.start < event.evidence.trigger.end <= event.evidence.end


def test_an_article_gives_each_happening_once_with_one_main_event() -> None:
    """The headline and the second mention of the march make no second event."""
    events = events_of(WARSAW, title="Strikers march in Gdansk")
    assert [e.plover.type for e in events].count("PROTEST") == 1
    assert [e.plover.type for e in events if e.main] == ["PROTEST"]
    assert {"COERCE", "REQUEST"} <= {e.plover.type for e in events}


def test_numbers_of_people_are_ranges() -> None:
    """Exact, at least, and vague words."""
    assert events_of("Police detained 14 people in Oslo.")[0].counts.arrested == (14, 14)
    killed = events_of("Gunmen killed at least 12 soldiers in Mali.")[0].counts.killed
    assert killed is not None
    assert killed[0] == 12
    assert killed[1] > 12
    assert events_of("Dozens of students marched in Rome against the government.")[0].counts.size == (24, 99)


def test_ids_do_not_depend_on_the_revision_but_on_the_article() -> None:
    """The same happening of the next revision keeps its id; another article's has its own."""
    one = article_of(WARSAW, published=FETCHED)
    ids = [e.id for e in read_article(one)[1]]
    other = article_of(WARSAW, published=FETCHED, article_id="b")
    assert ids == [e.id for e in read_article(one)[1]]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {e.id for e in read_article(other)[1]}


def test_two_articles_that_report_the_same_share_the_cluster_id() -> None:
    """Other words, same type, parties, day and country."""
    first = events_of("French police arrested two Russian sailors in Marseille on Thursday.")[0]
    second = events_of("Two Russian sailors were arrested by French police on Thursday in Marseille, officials said.")[
        0
    ]
    assert first.cluster_id == second.cluster_id


def test_a_date_is_taken_from_the_clause_and_never_guessed() -> None:
    """The nearest expression that belongs; none where the sentence has none."""
    first, second = events_of("Syria freed a Jordanian pilot on Wednesday. Jordan thanked Syria.")
    assert first.date is not None
    assert first.date.start == "2024-03-13"
    assert second.date is None


def test_a_place_of_the_clause_has_country_and_coordinates() -> None:
    """From the gazetteer, and not marked as inferred."""
    (event,) = events_of("Gunmen attacked a police station in Mombasa on Monday.")
    assert event.location is not None
    assert (event.location.country, event.location.inferred) == ("KEN", False)
    assert event.location.lat is not None
    assert -5 < event.location.lat < -3


def test_an_event_says_what_it_is_about() -> None:
    """PLOVER's contexts, the plainest first, three at most."""
    (event,) = events_of("A court in Lagos sentenced a former governor to prison for taking bribes from a bank.")
    assert event.plover.contexts[0] == "legal"
    assert "corruption" in event.plover.contexts
    assert len(event.plover.contexts) <= 3


def test_other_languages_give_no_events() -> None:
    """And do not fail."""
    assert (
        events_of("Die Polizei nahm am Montag in Berlin zwölf Demonstranten fest, teilte das Innenministerium mit.")
        == []
    )


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_without_failing(text: str) -> None:
    """The stage is total, and its spans are exact."""
    article, events = read_article(article_of(text))
    for event in events:
        assert article.text[event.evidence.start : event.evidence.end] == event.evidence.text


_PIECES = st.sampled_from(
    [
        "police",
        "arrested",
        "the army",
        "Iran",
        "and",
        ",",
        "who",
        "that",
        "to",
        "attack",
        "threatened",
        "by",
        "of",
        "14",
        "will",
        "not",
        "talks",
        "with",
        "held",
        '"',
        "(",
        ")",
        "on Monday",
        "said",
        "killed",
        "if",
        "which",
        "sanctions",
        "’s",
        "--",
        ".",
    ]
)


@given(st.lists(_PIECES, max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_trigger_words_is_read_without_failing(text: str) -> None:
    """Broken syntax finds less, never an error; parties lie inside the text."""
    article, events = read_article(article_of(text))
    for event in events:
        for party in [*event.actors, *event.recipients]:
            assert article.text[party.start : party.end] == party.text


@pytest.mark.parametrize(
    "piece",
    [
        "Police arrested 14 people in Rome on Monday, and the army attacked rebels in Chad. ",
        "A B C D E F G H I J K L ",
        "He said that he said that he said that ",
        "attack, attack and attack of attack by attack ",
        "1 2 3 4 5 6 7 8 9 10 ",
        '"he said, ',
        "(who (which (that ",
    ],
)
def test_reading_events_is_linear(piece: str) -> None:
    """Ten times the text costs little more than ten times as much."""

    def make(copies: int) -> Document:
        return find_names(split_sentences(document_of(article_of(piece * copies))))

    assert growth(make, lambda document: code_events(document, article_id="a", revision=1), 40) < LINEAR
