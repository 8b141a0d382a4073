"""The entity list of the record: each name once, whole, of the right kind; peoples and faiths among them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.contract.article import Block, BlockKind, Dateline, Entity
from dateline.read.document import Document
from dateline.read.entities.demonyms import named_peoples
from dateline.read.entities.entity_list import entities
from dateline.read.entities.recognizer import find_names
from dateline.read.syntax.sentences import split_sentences
from support.growth import LINEAR, growth


def document(*parts: tuple[BlockKind, str], language: str | None = None) -> Document:
    """Blocks with an empty line between them."""
    blocks, at = [], 0
    for kind, text in parts:
        blocks.append(Block(kind=kind, text=text, start=at, end=at + len(text)))
        at += len(text) + 2
    text = "\n\n".join(text for _, text in parts)
    return split_sentences(Document(text=text, blocks=tuple(blocks), language=language))


def listed(*parts: tuple[BlockKind, str], language: str | None = None) -> dict[str, Entity]:
    return {e.text: e for e in entities(find_names(document(*parts, language=language)))}


def kinds(text: str) -> dict[str, tuple[str, str | None]]:
    return {name: (e.type, e.country) for name, e in listed(("body", text)).items()}


@pytest.mark.parametrize(
    ("text", "name", "kind", "country"),
    [
        ("Turkish and Danish hauliers carry the freight.", "Turkish", "NORP", "TUR"),
        ("He met several South Koreans at the port.", "South Koreans", "NORP", "KOR"),
        ("It killed nine Palestinians and hurt Sunni pilgrims.", "Sunni", "NORP", None),
        ("Muslims and Jews prayed at the port.", "Jews", "NORP", None),
        ("The talks with Latin American leaders failed.", "Latin American", "NORP", None),
        ("A letter by Crimean Tatars was read out.", "Crimean Tatars", "NORP", "UKR"),
        ("Rain fell while Hausa and Yoruba traders waited.", "Hausa", "NORP", "NGA"),
        ("She is a Massachusetts Democrat.", "Democrat", "NORP", "USA"),
    ],
)
def test_peoples_faiths_and_currents_are_entities(text: str, name: str, kind: str, country: str | None) -> None:
    """With their country, where they have one."""
    assert kinds(text)[name] == (kind, country)


@pytest.mark.parametrize(
    "text",
    [
        "The Arab League met, and so did Islamic State.",
        "She won the French Open in June.",
        "They walked to the South Pole in May.",
        "Nobody knows the Danish Riviera, said the Welsh Assembly.",
    ],
)
def test_a_peoples_name_inside_a_longer_name_is_none(text: str) -> None:
    """ "Arab League" names no Arabs."""
    assert not [e for e in kinds(text).values() if e[0] == "NORP"]


def test_the_adjective_of_a_title_is_a_people_and_the_country_is_its_own_entity() -> None:
    """Each kind once, at its first place; offsets exact."""
    text = "Russian President Oleg Orlov left. The Russians stayed in Russia, and Russian troops with them."
    found = entities(find_names(document(("body", text))))
    assert [(e.text, e.type) for e in found] == [("Russian", "NORP"), ("Oleg Orlov", "PERSON"), ("Russia", "COUNTRY")]
    assert all(text[e.start : e.end] == e.text for e in found)


@pytest.mark.parametrize(
    ("text", "name", "kind", "country"),
    [
        # a demonym before a person is not his first name
        ("He lost to Serb Novak Petrovic and to Italian Luca Bardi.", "Luca Bardi", "PERSON", "ITA"),
        # letters after a role are a body's
        ("Orlov told broadcaster KQT that he was well.", "KQT", "ORG", None),
        # two listed names side by side
        ("The U.N. World Food Program sent rice.", "World Food Program", "IGO", None),
        # what has "the" before it is seldom a person
        ("The Pocket Press Company said it would close.", "Pocket Press Company", "ORG", None),
        ("He spoke of the Prophet Mohammed.", "Prophet Mohammed", "PERSON", None),
        # storms, regions by direction
        ('The drills, called "Strait Breeze", ended.', "Strait Breeze", "PRODUCT", None),
        ("Then Cyclone Tembo came.", "Cyclone Tembo", "EVENT", None),
        ("It was fought over Eastern Mallow.", "Eastern Mallow", "LOC", None),
        # a body with the capitals before its noun
        ("He works for the European Space Agency.", "European Space Agency", "ORG", None),
        ("It was heard by the Ontario Supreme Court.", "Ontario Supreme Court", "ORG", "CAN"),
    ],
)
def test_names_are_whole_and_of_the_right_kind(text: str, name: str, kind: str, country: str | None) -> None:
    """Neither cut nor glued to what stands beside them."""
    assert kinds(text)[name] == (kind, country)


@pytest.mark.parametrize(
    "text", ["It follows an Egyptian-drafted plan.", "Sen. Anna Bolt, R-Mo., left.", "A Houthi-controlled port burned."]
)
def test_words_made_from_names_are_no_names(text: str) -> None:
    """Participles with a name in front, a senator's party and state."""
    assert not [name for name, (kind, _) in kinds(text).items() if "-" in name and kind != "NORP"]


@pytest.mark.parametrize(
    "headline",
    [
        "FLOODS KILL 40 IN NORTHERN MOZAMBIQUE, RELIEF TEAMS SAY",
        "Scientists Find Water Ice Near Moon's South Pole",
        "Rail Strike Could Cripple Exports Next Week",
    ],
)
def test_the_capitals_of_a_headline_make_no_names(headline: str) -> None:
    """Only what the story or a list knows is a name there."""
    found = listed(("headline", headline), ("body", "It rained for weeks. Nobody was there to see it."))
    assert {e.type for e in found.values()} <= {"COUNTRY", "LOC", "REGION"}


def test_a_headline_names_whom_the_story_names() -> None:
    """All in capitals or not."""
    story: tuple[BlockKind, str] = ("body", "Bakery chief Mara Oelke left on Friday. Oelke had said so.")
    for headline in ("OELKE LEAVES BAKERY AFTER LONG STRIKE", "Oelke Leaves Bakery After Long Strike"):
        found = listed(("headline", headline), story)
        assert {e.canonical for e in found.values() if e.type == "PERSON"} == {"Mara Oelke"}


def test_a_mayor_belongs_to_his_town_and_not_to_who_shells_it() -> None:
    """The office tells that the place decides."""
    text = "Russian missiles struck Kharkiv, Mayor Ihor Terenko said."
    assert kinds(text)["Ihor Terenko"] == ("PERSON", "UKR")


def test_a_dateline_names_a_place() -> None:
    """Whatever it looks like."""
    made = document(("dateline", "CAPE LORNE, Fla."), ("body", "It rained on Monday."))
    made = replace(made, dateline=Dateline(place="Cape Lorne", country="USA", raw="CAPE LORNE", start=0, end=10))
    assert {e.text: (e.type, e.country) for e in entities(find_names(made))}["CAPE LORNE"] == ("CITY", "USA")


def test_other_languages_list_only_what_is_surely_a_name() -> None:
    """Articles, titles and capital nouns are none."""
    spanish = listed(
        ("body", "El presidente de Colombia, Gustavo Prado, viajó a La Habana. El Gobierno calla."), language="es"
    )
    assert {"Colombia", "Gustavo Prado"} <= set(spanish)
    assert not {"Gobierno", "El Gobierno", "La Habana"} & {n for n, e in spanish.items() if e.type in ("ORG", "PERSON")}
    german = listed(
        ("body", "Die Regierung sprach in Berlin mit Anna Korn. Der Schritt der Firma war klar."), language="de"
    )
    assert set(german) == {"Berlin", "Anna Korn"}


@given(st.text(alphabet="Russian Sunni-' .\nKOREA South", max_size=200))
def test_any_text_gives_exact_spans_once_each(text: str) -> None:
    """Total on any input."""
    found = list(named_peoples(find_names(Document(text=text))))
    assert all(text[e.start : e.end] == e.text for e in found)
    assert len({(e.canonical, e.country) for e in found}) == len(found)


def test_cost_grows_with_length_and_no_faster() -> None:
    """Peoples without end."""
    peoples = "Russian Sunni South Korean "
    assert growth(lambda size: find_names(Document(text=peoples * size)), entities, 300) < LINEAR


@pytest.mark.parametrize(
    ("text", "phrase", "countries"),
    [
        (
            "Kim Jong Un met Russian Defense Minister Sergei Orlov in Pyongyang. The minister thanked the North Korean leader. "
            "He said the two sides would work together.",
            "the two sides",
            {"PRK", "RUS"},
        ),
        (
            "Kim Jong Un met Russian Defense Minister Sergei Orlov in Pyongyang. The ministry gave no details. "
            "The two countries signed a pact.",
            "The two countries",
            {"PRK", "RUS"},
        ),
    ],
)
def test_two_sides_and_two_countries_are_the_two_spoken_of(text: str, phrase: str, countries: set[str]) -> None:
    """Also where one of them speaks; countries are countries, not their ministers."""
    found = [m for m in find_names(document(("body", text))).mentions if m.text == phrase]
    assert {m.country for m in found} == countries
    assert "countries" not in phrase or {m.type for m in found} == {"COUNTRY"}
