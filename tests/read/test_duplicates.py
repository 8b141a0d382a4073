"""Pull quotes, second printings, and lines of author and time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dateline.model.page import Paragraph
from dateline.read.wire.duplicates import without_repeats, without_signature

LONG = "The ferry line said on Tuesday that it would run until the end of March, whatever the ministry decides about the port."


def test_a_stretch_of_another_paragraph_set_apart_is_not_said_twice() -> None:
    """A pull quote stands beside the text, with other quotation marks."""
    story = (Paragraph("Alma Quist spoke first."), Paragraph(LONG))
    pulled = Paragraph("“it would run until the end of March, whatever the ministry decides”", "quote")
    assert without_repeats((pulled, *story)) == story
    assert without_repeats((*story, pulled)) == story


def test_a_paragraph_printed_twice_counts_once_and_short_ones_may_be_said_again() -> None:
    """Pages repeat their lead under the picture; people repeat themselves."""
    assert without_repeats(
        (Paragraph(LONG), Paragraph("He declined."), Paragraph(LONG), Paragraph("He declined."))
    ) == (
        Paragraph(LONG),
        Paragraph("He declined."),
        Paragraph("He declined."),
    )


def test_a_refrain_is_kept() -> None:
    """What is printed three times is meant, as in songs, poems and lists of conditions."""
    song = (Paragraph(LONG), Paragraph("One."), Paragraph(LONG), Paragraph("Two."), Paragraph(LONG))
    assert without_repeats(song) == song


def test_a_line_of_author_and_time_is_no_body() -> None:
    """But a first sentence with a date in it is."""
    story = Paragraph("On 5 January 2026 Alma Quist left the council.")
    for line in ("Alma Quist 05 January 2026 07:22 GMT", "By Alma Quist", "Updated Mon, Jan. 5, 2026 at 7:22 a.m."):
        assert without_signature((Paragraph(line), story), ["Alma Quist"]) == (story,)


@given(st.lists(st.text(max_size=200)), st.lists(st.text(max_size=20)))
def test_nothing_is_added_or_moved(texts: list[str], names: list[str]) -> None:
    """Whatever is left stands in the order it had."""
    given_ones = tuple(Paragraph(text) for text in texts)
    left = without_signature(without_repeats(given_ones), names)
    rest = iter(given_ones)
    assert all(any(one is kept for one in rest) for kept in left)
