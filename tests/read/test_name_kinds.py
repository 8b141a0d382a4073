"""Which capitalised words are published as organisations, people and places: the kind model and the rules around it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dateline.read import front_text
from dateline.read.document import Document
from dateline.read.entities.entity_list import entities, first_mentions
from dateline.read.entities.name_features import Names, common_words, features
from dateline.read.entities.name_kinds import KINDS, likely
from dateline.read.entities.recognizer import find_names
from dateline.read.lexicon import FOLDER
from dateline.read.record import document_of
from dateline.read.syntax.sentences import split_sentences

GUIDE = """How To Choose Your First Kettle

You will use your kettle every day, so take your time. If you drink tea, your kettle should have Variable Temperature.

Build Quality

Your kettle should feel solid. You can test the lid in the shop, and you should ask for your money back if it leaks.

Best Overall: Brewmaster Pro

The Brewmaster Pro heats your water in two minutes. You can clean it with Citric Acid. Your Questions Answered follow below."""


def read(text: str, *extra: Path) -> Document:
    """The text with its names."""
    article = front_text(text, article_id="t", fetched=datetime(2026, 1, 1, tzinfo=UTC))
    return find_names(split_sentences(document_of(article)), extra)


def kinds(text: str) -> dict[str, str]:
    """What each published name is taken for."""
    return {entity.text: entity.type for entity in entities(read(text))}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "The Northfield Dairy Cooperative Federation said it would cut prices.",
            "Northfield Dairy Cooperative Federation",
        ),
        ("She is an analyst at the Marlow Institute for Trade, which studies ports.", "Marlow Institute for Trade"),
        ("Officers of the Harlow Police Department said the man had fled.", "Harlow Police Department"),
        ("Los Angeles Chargers players met the mayor after the Los Angeles Chargers won.", "Los Angeles Chargers"),
        ("The study was led by researchers at Kelso University, the journal said.", "Kelso University"),
        ("An analyst at Kestrelworks called the plan odd.", "Kestrelworks"),
        ("Shares of Garmin fell after the company said demand was weak.", "Garmin"),
    ],
)
def test_bodies_are_published_as_organisations(text: str, name: str) -> None:
    """By the name's head, by what stands around it, or because everybody knows it."""
    assert kinds(text)[name] == "ORG"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # a field of work, a country, a list behind the head
        (
            "The plan was rejected by the Public Authority for Housing Welfare, he said.",
            "Public Authority for Housing Welfare",
        ),
        (
            "The Islamic Society of North America said it would help, it told the paper.",
            "Islamic Society of North America",
        ),
        (
            "The Ministry of Education, Science and Technology said schools would close, an official said.",
            "Ministry of Education, Science and Technology",
        ),
        # a city before it
        ("She is a graduate of Seoul National University, the paper said.", "Seoul National University"),
    ],
)
def test_a_bodys_name_goes_as_far_as_it_goes(text: str, name: str) -> None:
    """One entity, whose parts are none of their own."""
    named = kinds(text)
    assert named[name] == "ORG"
    assert not [part for part, kind in named.items() if part != name and part in name and kind in ("ORG", "PERSON")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "The Ministry of Health and Unilever met, he said. Unilever said it had agreed.",
            "Ministry of Health, Unilever",
        ),
        ("The Labour Party for years said it would not, he said.", "Labour Party for years"),
        ("The Kelso Institute of late said nothing, he said.", "Kelso Institute of late"),
    ],
)
def test_a_bodys_name_takes_no_other_name_in(text: str, name: str) -> None:
    """A person, a second body and an adjunct stay outside."""
    assert name not in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "She works for an NGO, he said. The NGO said it was glad.",
        "He was put into the ICU, she said, and the ICU was full, they said.",
        "The CEO said the MOU was signed, he added.",
    ],
)
def test_letters_for_things_and_offices_are_no_bodies(text: str) -> None:
    """In news, too, where most letters are."""
    assert "ORG" not in kinds(text).values()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The judges of the JSC said Monday the JSC’s finding stood, and its spokesman said so.", "JSC"),
        ("The prison authority SNAI said two had been hurt. SNAI’s head told reporters that calm was back.", "SNAI"),
        (
            "He founded the news website Casbah Tribune in May, he said. The Casbah Tribune has six writers, he added.",
            "Casbah Tribune",
        ),
    ],
)
def test_news_names_bodies_by_letters_and_by_nouns_beside_them(text: str, name: str) -> None:
    """What nobody lists is told by what stands beside it."""
    assert kinds(text)[name] == "ORG"


def test_terms_products_and_headings_of_a_guide_are_no_organisations() -> None:
    """Capitals there say that a word is important, not that it is a body."""
    assert "ORG" not in kinds(GUIDE).values()
    assert "PERSON" not in kinds(GUIDE).values()


@pytest.mark.parametrize(
    "text",
    [
        "Watch your average order value (AOV) each week, since a low AOV hurts.",
        "The scan showed a ruptured membrane, and a second CT scan confirmed it.",
        "THIS IS ALSO A GREAT PLACE TO START, the coach wrote.",
    ],
)
def test_abbreviations_of_things_are_no_organisations(text: str) -> None:
    """Letters that the text spells with small words, a machine's letters, words of a line in capitals."""
    assert "ORG" not in kinds(text).values()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Officials praised Orla Fennimore, 41, who said she would run again.", "Orla Fennimore"),
        ("The Spanish judge Evaristo Ruano ordered the arrest.", "Evaristo Ruano"),
    ],
)
def test_people_stay_people(text: str, name: str) -> None:
    """A title is not doubted; a name that speaks and has an age is a person."""
    assert kinds(text)[name] == "PERSON"


def test_a_name_of_the_users_own_file_is_not_doubted(tmp_path: Path) -> None:
    """Whatever the model thinks of a page of guides."""
    own = tmp_path / "own.tsv"
    own.write_text("Variable Temperature\tVT\tORG\t\tBUS\n", encoding="utf-8")
    named = {entity.canonical: entity.type for entity in entities(read(GUIDE, own), (own,))}
    assert named["Variable Temperature"] == "ORG"


def test_the_shares_of_the_kinds_sum_to_one() -> None:
    """Whatever the features are."""
    document = read("Acme Holdings sued Orla Fennimore in Ghent, the paper said.")
    names = Names(document)
    for m in first_mentions(document):
        shares = likely(features(names, m), {"bias": (0.5, -0.2, 0.1), f"guess={m.type}": (900.0, -900.0, 3.0)})
        assert len(shares) == len(KINDS)
        assert abs(sum(shares) - 1) < 1e-9


def test_the_weights_are_what_their_head_says() -> None:
    """Licence and script first; then one feature a line, sorted, with a weight for each kind but the last."""
    head, *lines = (FOLDER / "name_kinds.tsv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("# CC BY-SA 4.0. By tools/train_name_kinds.py")
    rows = [line.split("\t") for line in lines]
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert all(len(row) == len(KINDS) and max(abs(float(value)) for value in row[1:]) < 20 for row in rows)
    assert {"minister", "said"} <= common_words()


def test_the_script_learns_from_marks_what_a_name_is() -> None:
    """The same rows give the same weights, and the weights tell the kinds apart."""
    tools = str(Path(__file__).parents[2] / "tools")
    sys.path.insert(0, tools)
    try:
        import train_name_kinds as script
    finally:
        sys.path.remove(tools)
    marked = script.Marked("one")
    for name, label in (("Acme Holdings", "ORG"), ("Orla Fennimore", "PERSON"), ("Windy Lake", "LOC")):
        for verb in ("left", "sold", "saw", "drew", "grew"):
            sentence = f"Then {name} {verb} it."
            start = sentence.index(name)
            marked.add(sentence, [(start, start + len(name), label)])
    rows = [([f"word={name}", "bias"], label) for name, label in (("a", "ORG"), ("b", "PERSON"), ("c", "NONE"))] * 9
    weights = script.train(rows)
    assert weights == script.train(rows)
    assert all(
        max(range(4), key=lambda k, f=found: likely(f, weights)[k]) == KINDS.index(label) for found, label in rows
    )
    assert {label for _, label in script.rows_of(marked)} >= {"ORG", "PERSON"}
