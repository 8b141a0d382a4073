"""The one splitter of bylines: pages and wire text part them in the same places."""

from __future__ import annotations

import pytest

from dateline.extract.metadata import names
from dateline.read.wire import byline
from dateline.text.bylines import end_of_opening, is_position, is_role, split_bars, split_people


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("By Ida Moss and Ben Ode", ["Ida Moss", "Ben Ode"]),
        ("By Ida E Moss, Ben Ode and Cy Diaz", ["Ida E Moss", "Ben Ode", "Cy Diaz"]),
        ("Por Ida Moss y Ben Ode", ["Ida Moss", "Ben Ode"]),
        ("Av Ida Moss og Ben Ode", ["Ida Moss", "Ben Ode"]),
        ("Von Ida Moss, Redakteurin", ["Ida Moss"]),
        ("By Ida Moss (Harbour Desk, Lindmouth); Ben Ode", ["Ida Moss", "Ben Ode"]),
        ("Words by Ida Moss | 3 May 2026", ["Ida Moss"]),
    ],
)
def test_pages_and_wire_text_find_the_same_people(line: str, people: list[str]) -> None:
    """One letter between two names is an initial, unless it is written small."""
    signed = byline.read_byline(line)
    assert signed is not None
    assert [author.name for author in signed.authors] == people
    assert [author.name for author in names.read_byline(line).authors][: len(people)] == people


def test_a_word_for_and_alone_and_a_lone_comma_are_nobody() -> None:
    """Templates set them apart from the names."""
    found = names.read_byline("By | Ida Moss | , | and | Ben Ode | ,")
    assert [(author.name, author.affiliation) for author in found.authors] == [("Ida Moss", None), ("Ben Ode", None)]


def test_a_dash_between_blanks_parts_a_place_from_a_name_and_a_hyphen_does_not() -> None:
    assert split_bars("Ida Moss-Ode - Lindmouth | dpa") == ["Ida Moss-Ode", "Lindmouth", "dpa"]


@pytest.mark.parametrize("part", ["Senior Correspondent", "Redakteur", "staff", "специальный корреспондент"])
def test_words_for_what_somebody_is_make_a_role(part: str) -> None:
    assert is_role(part)
    assert not is_role("Edith Edison")
    assert is_position("Ph.D.") and not is_position("Ida Moss")


@pytest.mark.parametrize(
    ("line", "opens"),
    [("By ida moss", True), ("Von Ida Moss", True), ("von der Tankstelle her", False), ("Bystanders ran", False)],
)
def test_a_line_opens_as_a_byline_where_names_can_follow(line: str, opens: bool) -> None:
    """English whatever follows; in the other languages before a capital, for their words open sentences too."""
    assert (end_of_opening(line) is not None) is opens


def test_a_wide_gap_is_split_in_time_that_grows_with_its_length() -> None:
    """A run of blanks is not tried in every way."""
    assert len(split_people("Ida Moss" + " " * 200_000 + "x")) == 1
