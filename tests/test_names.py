"""What the names stage promises: whole phrases, country and sector from the text, exact offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.read.document import Document, Mention
from worker.read.names import entities, find_names


def mentions_of(text: str) -> list[Mention]:
    return list(find_names(Document(text=text)).mentions)


def only(text: str, phrase: str) -> Mention:
    return next(m for m in mentions_of(text) if m.text == phrase)


def test_title_and_country_of_a_person_come_from_the_text() -> None:
    """No list of office holders: an invented minister is one because the text says so."""
    text = "Norwegian Fisheries Minister Per Solvang visited on Tuesday."
    text = text.replace("Fisheries", "Defense")
    found = only(text, "Norwegian Defense Minister Per Solvang")
    assert (found.country, found.sector, found.title, found.canonical) == (
        "NOR",
        "GOV",
        "Defense Minister",
        "Per Solvang",
    )
    assert text[found.head_start : found.head_end] == "Per Solvang"


@pytest.mark.parametrize(
    ("text", "phrase", "country", "sector"),
    [
        ("Peruvian police closed the road.", "Peruvian police", "PER", "COP"),
        ("The government of Sri Lanka resigned.", "The government of Sri Lanka", "LKA", "GOV"),
        ("Kenya's parliament adjourned.", "Kenya's parliament", "KEN", "LEG"),
        ("Greek protesters marched.", "Greek protesters", "GRC", "CVL"),
        ("The State Department objected.", "The State Department", "USA", "GOV"),
        (
            "A spokesman for the Danish Foreign Ministry objected.",
            "A spokesman for the Danish Foreign Ministry",
            "DNK",
            "GOV",
        ),
        ("Rebel leaders from Chad met.", "Rebel leaders", "TCD", "REB"),
    ],
)
def test_groups_and_bodies_carry_country_and_sector(text: str, phrase: str, country: str, sector: str) -> None:
    """Common nouns are mentions too: events need their actors."""
    found = only(text, phrase)
    assert (found.country, found.sector) == (country, sector)


def test_a_surname_is_the_person_named_before() -> None:
    """Memory through the article."""
    found = mentions_of("Sweden's Prime Minister Karin Ekdal arrived. Ekdal met the mayor.")
    full, short = (next(m for m in found if m.text.endswith(end)) for end in ("Karin Ekdal", "Ekdal"))
    assert full.entity == short.entity
    assert next(m for m in found if m.text == "Ekdal").country == "SWE"


def test_igos_have_their_own_code_and_no_country() -> None:
    """As CAMEO and PLOVER have them."""
    found = only("The United Nations condemned it.", "The United Nations")
    assert (found.country, found.code, found.sector) == (None, "IGOUNO", "IGO")


def test_entities_list_names_once_and_leave_groups_out() -> None:
    """What `Article.entities` is made of."""
    document = find_names(Document(text="Police in Lima arrested Rosa Quispe. Quispe lives in Lima."))
    assert [e.canonical for e in entities(document)] == ["Lima", "Rosa Quispe"]


@given(st.text(alphabet="ABCabc the of 's’'U.S. Kim Seoul police said,.-\n0123456789ÉéŁ", max_size=300))
def test_any_text_gives_exact_offsets(text: str) -> None:
    """Total on any input; spans and heads are what they say, and nothing crosses."""
    for m in mentions_of(text):
        assert text[m.start : m.end] == m.text
        assert m.start <= m.head_start < m.head_end <= m.end
