"""No step of reading raises, whatever a short text begins with, and however odd its figures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.model.failures import Failures
from dateline.model.page import Extracted, PageMetadata, Paragraph
from dateline.read import front_page, front_text, read_article

FETCHED = datetime(2025, 6, 12, 9, tzinfo=UTC)
OPENERS = [
    "January", "July", "May", "March", "Sept.", "Monday", "Fri.", "winter", "Christmas", "today", "yesterday", "next", "last",
    "the", "this week", "a year ago", "from", "until", "between", "the day after", "3", "3rd", "third", "12%", "$5m", "2024",
    "1990s", "'90s", "Q3", "1.2.2024", "2024-13-45", "24:00", "5 p.m.", "half a", "more than", "two-thirds", "½", "²",
    "٣", "１２", "۱۲", "𝟛", "Ⅻ", "①", "一", "“", "”", "‘", "’", '"', "'", "(", ")", "—", "…", ".", "?",
    "No.", "U.S.", "Mr.", "Gen.",
    "St.", "p.m.", "(AP)", "PARIS", "OSLO, Reuters", "Photo:", "By", "said", "according to", "he", "who", "their",
    "Ukraine", "Russia's",
    "police", "soldiers", "president", "killed", "attacked", "announced", "will", "was", "not", "won't", "’s", "O'Neill",
    "\u200b", "\u00a0", "\u2028", "İ", "ß", "😀",
]  # fmt: skip
WORDS = st.lists(st.one_of(st.sampled_from(OPENERS), st.text(max_size=3)), min_size=1, max_size=6)
SENTENCES = st.builds(
    lambda words, gap, end: gap.join(words) + end,
    WORDS,
    st.sampled_from([" ", " ", ""]),
    st.sampled_from([".", "", "!", "?”", "…", ".”"]),
)
TEXTS = st.builds(
    lambda parts, gap: gap.join(parts), st.lists(SENTENCES, min_size=1, max_size=4), st.sampled_from([" ", "\n\n"])
)
EDGES = [datetime(2024, 2, 29, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
TIMES = st.sampled_from([None, FETCHED, *EDGES])


@given(
    TEXTS.map(lambda text: text.encode("utf-8", "replace").decode()), TIMES, st.sampled_from([None, "en", "de", "zh"])
)
@settings(max_examples=200, deadline=None)
def test_no_step_raises_on_a_short_odd_text(text: str, published: datetime | None, language: str | None) -> None:
    """As a plain text, and as the paragraphs of a page with the same words for its headline, its author and a caption."""
    failures = Failures()
    plain = front_text(text, article_id="a", fetched=FETCHED, published=published, language=language, failures=failures)
    read_article(plain, failures=failures)
    kinds = ("heading", "paragraph", "caption", "bullet", "quote")
    rows = tuple(Paragraph(text=part, kind=kinds[n % 5]) for n, part in enumerate(text.split("\n\n")))  # type: ignore[arg-type]
    page = Extracted(paragraphs=(*rows, *rows[::-1]), metadata=PageMetadata(title=text[:80], language=language))
    article = front_page(page, article_id="a", fetched=FETCHED, published_fallback=published, failures=failures)
    read_article(article, failures=failures)
    assert [(failure.step, failure.error, failure.where, failure.text) for failure in failures.found] == []


@pytest.mark.parametrize("opener", OPENERS)
def test_no_step_raises_where_a_sentence_is_or_opens_with_one_word(opener: str) -> None:
    """Alone, before a clause, and behind one."""
    for text in (
        opener,
        f"{opener}.",
        f"{opener} saw three attacks.",
        f"Police came. {opener}",
        f"“{opener},” he said.",
    ):
        failures = Failures()
        read_article(front_text(text, article_id="a", fetched=FETCHED, failures=failures), failures=failures)
        assert [(failure.step, failure.where, failure.text) for failure in failures.found] == []
