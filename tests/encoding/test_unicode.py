"""Normalisation of outside text: the standard's, and linear."""

from __future__ import annotations

import time
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dateline.encoding.unicode import MOST_MARKS, Form, normal


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_it_is_the_standards_form(text: str, form: Form) -> None:
    """Texts with ordinary runs of marks come out as Unicode says, and stay so."""
    made = normal(text, form)
    assert made == unicodedata.normalize(form, text)
    assert normal(made, form) == made


def test_marks_beyond_thirty_are_dropped_and_letters_kept() -> None:
    """A heap of marks costs its letter nothing; symbols in a row are no marks."""
    made = normal("a" + "\u0323" * 500 + "b" + "→" * 50, "NFD")
    assert made == "a" + "\u0323" * MOST_MARKS + "b" + "→" * 50


def test_a_megabyte_of_marks_takes_no_seconds() -> None:
    """The library alone would take twenty minutes for it."""
    start = time.process_time()
    assert len(normal("a" + "\u0301\u0323" * 500_000)) < 100
    assert time.process_time() - start < 15
