"""The one list of agencies: what names stand for, and where they count."""

from __future__ import annotations

import pytest

from dateline.text.agencies import by_id, byline_agency, dateline_signatures, signatures


@pytest.mark.parametrize(
    ("field", "agency"),
    [
        ("The Associated Press", "ap"), ("(dpa)", "dpa"), ("PA Media", "pa"), ("ATS", "sda"), ("Estadão Conteúdo", "estadao"),
        ("ТАСС", "tass"), ("İHA", "iha"), ("Mia", None), ("Trend", None), ("BBC News", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_whole_author_field_is_an_agency_where_it_cannot_be_a_person(field: str | None, agency: str | None) -> None:
    """Common words ("PA", "ATS") count only where the list says so; broadcasters publish, they are no agencies."""
    found = byline_agency(field)
    assert (found.id if found else None) == agency


def test_an_id_has_one_agency_and_a_name_of_it_leads_back() -> None:
    for name, agency in by_id().items():
        assert name == agency.id
        assert signatures()[agency.name.lower()].id == agency.id


def test_an_agency_that_signs_bylines_only_is_none_in_a_dateline() -> None:
    """ "Berlin (epd)" is left to the paper's own words; "epd" as an author is the agency."""
    assert "epd" not in dateline_signatures()
    assert byline_agency("epd") is not None
