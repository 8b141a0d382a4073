"""What the gazetteer promises: the place meant, quickly and small, and user files that extend it or say what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import SettingsError
from dateline.read import lexicon
from dateline.read.document import Document
from dateline.read.entities import gazetteer
from dateline.read.entities.recognizer import find_names
from dateline.read.syntax.tokenizer import split_name


@pytest.mark.parametrize(
    ("name", "near", "country", "kind"),
    [
        ("Georgia", None, "GEO", "country"),
        ("the Netherlands", None, "NLD", "country"),
        ("Kiev", None, "UKR", "city"),
        ("SEOUL", None, "KOR", "city"),
        ("Zürich", None, "CHE", "city"),
        ("zurich", None, "CHE", "city"),
        ("Tripoli", None, "LBY", "city"),
        ("Tripoli", "LBN", "LBN", "city"),
        ("Paris", "USA", "USA", "city"),
        ("Gaza", None, "PSE", "region"),
        ("West Sumatra", None, "IDN", "region"),
    ],
)
def test_a_name_gives_the_place_that_is_meant(name: str, near: str | None, country: str, kind: str) -> None:
    """Country before region before city; the country at hand before the larger city abroad."""
    place = gazetteer.lookup_place(name, near)
    assert place is not None
    assert (place.country, place.kind) == (country, kind)


def test_a_city_has_division_and_coordinates_and_a_country_has_no_point() -> None:
    """What the event coder writes into `Location`."""
    city, country = gazetteer.lookup_place("Padang"), gazetteer.lookup_place("Indonesia")
    assert city is not None
    assert country is not None
    assert city.admin1 == "West Sumatra"
    assert city.lat is not None
    assert -1.1 < city.lat < -0.8
    assert (country.lat, country.lon) == (None, None)


def test_every_capital_is_known_with_its_country() -> None:
    """The first seat of each row of countries that has one."""
    table = gazetteer.load()
    rows = gazetteer.rows_of(lexicon.FOLDER / "places_countries.tsv", 5)
    capitals = [(seats.split(";")[0], code) for _, (code, _, _, _, seats, *_) in rows if seats]
    assert len(capitals) > 150
    for name, code in capitals:
        rows_of_name = table.names.get(split_name(name)[0], [])
        assert code in {meaning.country for tokens, meaning in rows_of_name if tokens == split_name(name)}, name


@given(st.text(max_size=40))
def test_any_string_is_a_fair_question(name: str) -> None:
    """Unknown is None, never an error."""
    place = gazetteer.lookup_place(name)
    assert place is None or place.name


def test_a_user_file_extends_and_overrides_ours(tmp_path: Path) -> None:
    """Its names are found in text and as places."""
    path = tmp_path / "mine.tsv"
    path.write_text(
        "# mine\nRiverland\tthe Riverlands\tCOUNTRY\tRVL\nAmity Port\t\tCITY\tRVL\t\t\t-36.1\t174.4\nParis\t\tCITY\tRVL\n"
    )
    found = find_names(Document(text="Riverland sent troops to Amity Port."), extra=[path]).mentions
    assert {m.text: m.country for m in found}["Riverland"] == "RVL"
    place = gazetteer.load([path]).place("Amity Port")
    assert place is not None
    assert (place.country, place.lat) == ("RVL", -36.1)
    assert gazetteer.lookup_place("Amity Port") is None, "the shipped gazetteer stays as it is"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Riverland\t\tPLANET\tRVL", "type 'PLANET'"),
        ("Riverland\t\tCOUNTRY\tRiverland", "'Riverland' is not an ISO 3166 alpha-3 code"),
        ("Amity\t\tCITY\tNZL\t\t\tnorth\t1", "lat 'north'"),
    ],
)
def test_a_wrong_row_is_refused_with_file_and_line(tmp_path: Path, row: str, told: str) -> None:
    """The operator can mend it without reading code."""
    path = tmp_path / "mine.tsv"
    path.write_text(f"# names\n\n{row}\n")
    with pytest.raises(SettingsError, match=r"mine\.tsv:3") as caught:
        gazetteer.load([path])
    assert told in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Not a bare OSError."""
    with pytest.raises(SettingsError, match=r"absent\.tsv"):
        gazetteer.load([tmp_path / "absent.tsv"])


def test_the_gazetteer_costs_little_memory() -> None:
    """Peak of what loading allocates, well under the 60 MB that are allowed."""
    code = (
        "import tracemalloc; tracemalloc.start(); from dateline.read.entities import gazetteer; gazetteer.load(); "
        "print(tracemalloc.get_traced_memory()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) < 40_000_000
