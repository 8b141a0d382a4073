"""What the names stage promises: whole phrases, country and sector from the text, exact offsets."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.read.document import Document, Mention
from dateline.read.entities.entity_list import entities
from dateline.read.entities.recognizer import find_names
from support.growth import LINEAR, growth


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


@given(st.text(alphabet="ABab of the 's Iran Paris police President Kim and, () \"“”.", max_size=400))
def test_mentions_nest_or_stand_apart_and_never_cross(text: str) -> None:
    """A possessor lies inside its phrase; consumers take the outermost."""
    found = mentions_of(text)
    for left, right in combinations(found, 2):
        assert left.end <= right.start or right.end <= left.start or _inside(left, right) or _inside(right, left)
    assert [(m.start, -m.end) for m in found] == sorted((m.start, -m.end) for m in found)


def _inside(inner: Mention, outer: Mention) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


@pytest.mark.parametrize(
    ("text", "phrase", "country", "sector"),
    [
        # a noun that describes another is no actor
        ("Poland's Prime Minister Ewa Lis spoke.", "Poland's Prime Minister Ewa Lis", "POL", "GOV"),
        # the country inside a name
        ("The Bank of Japan held rates.", "The Bank of Japan", "JPN", "BUS"),
        # a title of a union's or company's head is no office of state
        ("United Auto Workers President Al Reed spoke.", "United Auto Workers President Al Reed", "USA", "LAB"),
        # nationality and a noun before a name that no list knows
        ("Danish brewer Holm Brygg A/S grew.", "Danish brewer Holm Brygg", "DNK", "BUS"),
        # origin by hyphen
        ("Lagos-based Orun Energy grew.", "Lagos-based Orun Energy", "NGA", "BUS"),
        # an Arabic article belongs to the name
        ("Egypt's President Samir al-Masri spoke.", "Egypt's President Samir al-Masri", "EGY", "GOV"),
        # the name after a role in apposition, and the role after a name
        ("Jan Maes, a member of the Belgian parliament, resigned.", "Jan Maes", "BEL", "LEG"),
        ("The Irish foreign minister, Una Daly, resigned.", "Una Daly", "IRL", "GOV"),
        # "in" and "from"
        ("Police in Nairobi fired tear gas.", "Police", "KEN", "COP"),
    ],
)
def test_country_and_sector_come_from_what_stands_around(text: str, phrase: str, country: str, sector: str) -> None:
    """One example for each kind of phrase."""
    found = only(text, phrase)
    assert (found.country, found.sector) == (country, sector)


def test_a_noun_before_another_noun_is_no_actor() -> None:
    """ "Military parade" names no military, "police station" no police."""
    texts = [m.text for m in mentions_of("They watched a military parade beside the police station.")]
    assert not [text for text in texts if "military" in text or "police" in text]


@pytest.mark.parametrize(
    ("text", "phrase", "canonical"),
    [
        ("Norway's Justice Ministry objected. The ministry gave no reason.", "The ministry", "Justice Ministry"),
        ("Spain signed. The country had waited long.", "The country", "Spain"),
        ("Nora Beck resigned. She had led the bank since May.", "She", "Nora Beck"),
        ("The Good Harbour Alliance (GHA) met. GHA members voted.", "GHA", "Good Harbour Alliance"),
        ("Northwind Technologies Inc. fell. Northwind said so.", "Northwind", "Northwind Technologies Inc"),
    ],
)
def test_short_words_point_back_to_what_was_named(text: str, phrase: str, canonical: str) -> None:
    """Memory: the ministry, the country, she, an abbreviation, a short name."""
    found = [m for m in mentions_of(text) if m.text == phrase]
    assert found
    assert found[-1].canonical == canonical


def test_the_two_sides_are_two_mentions_of_one_span() -> None:
    """A plural phrase for two parties is there twice, once for each."""
    text = "Sweden's Prime Minister Karin Ekdal met Finnish President Antti Salo. The two sides agreed."
    found = [m for m in mentions_of(text) if m.text == "The two sides"]
    assert {m.country for m in found} == {"SWE", "FIN"}


def test_the_north_is_north_korea_only_where_korea_is_the_topic() -> None:
    """A nickname needs its topic."""
    assert only("Seoul protested. Officials said the North fired again.", "the North").country == "PRK"
    assert not [m for m in mentions_of("Snow fell. Farmers in the North lost sheep.") if m.text == "the North"]


@pytest.mark.parametrize(
    ("text", "country", "kind"),
    [
        ("In Georgia, Gov. Ann Poole signed the bill.", "USA", "REGION"),
        ("Georgia and Armenia opened the border near Tbilisi.", "GEO", "COUNTRY"),
    ],
)
def test_georgia_is_the_state_or_the_country_by_its_company(text: str, country: str, kind: str) -> None:
    """The article's other words decide."""
    found = only(text, "Georgia")
    assert (found.country, found.type) == (country, kind)


def test_places_that_are_also_names_of_people_follow_the_article() -> None:
    """A surname known as a person is no city; a given name after "his brother" is no country."""
    text = "Senator Lena Warren spoke. Later Warren left. His brother, Chad, stayed."
    found = {m.text: m.type for m in mentions_of(text)}
    assert found["Warren"] == "PERSON"
    assert found["Chad"] == "PERSON"


def test_money_and_weekdays_are_not_mentioned() -> None:
    """ "U.S. dollars" is no country, "Tuesday" no name."""
    assert not mentions_of("It cost 5 million U.S. dollars on Tuesday.")


@pytest.mark.parametrize(
    "unit", ["ALPHA BRAVO ", "Alpha, Bravo and ", "president of the union of ", "Iran's Iraq's ", "12,345 "]
)
def test_cost_grows_with_length_and_no_faster(unit: str) -> None:
    """Ten times the text costs little more than ten times as much, for text that no newspaper prints."""
    assert growth(lambda size: Document(text=unit * (size // len(unit))), find_names, 6_000) < LINEAR


def test_he_and_she_mean_those_they_can_mean() -> None:
    """Title, given name or an earlier pronoun tell; who is known to be the other is not meant."""
    text = "Spokeswoman Ada Holm met Minister Peter Rask. She left early. He stayed. Later she returned."
    found = {m.start: m.canonical for m in mentions_of(text) if m.text.lower() in ("he", "she")}
    assert list(found.values()) == ["Ada Holm", "Peter Rask", "Ada Holm"]
