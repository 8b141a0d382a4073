"""Addresses without the words of their titles, and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dateline.urls.slug import with_slug, without_slug

TITLE = "Fishing rights talks end without a deal, ministers say"
URL = "https://paper.example/world/fishing-rights-talks-end-without-a-deal-4821734"
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(texts | st.just(URL) | st.just("\x01"), texts | st.just(TITLE))
def test_an_address_comes_back_as_it_was(url: str | None, title: str | None) -> None:
    """Whatever address and title are."""
    assert with_slug(without_slug(url, title), title) == url


def test_words_of_the_title_are_not_stored_twice() -> None:
    """Three of them at least, joined by hyphens."""
    assert without_slug(URL, TITLE) == "https://paper.example/world/\x01\x00\x07-4821734"
    assert without_slug(URL, "Nothing of it") == URL
