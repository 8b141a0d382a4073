"""A sentence that makes a reading step raise costs itself, and not what the step gives for the rest of the article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline import failpoints
from dateline.contract.article import Article
from dateline.model.failures import Failures
from dateline.model.records import unpack
from dateline.read import front_text, read_article
from dateline.read.document import Document
from dateline.read.locate_failure import MAX_LEFT_OUT, leave_out_failing
from dateline.read.syntax.sentences import split_sentences

AT = datetime(2025, 6, 12, 9, tzinfo=UTC)
TEXT = (
    "Police arrested 12 protesters in Oslo on Monday.\n\nKumquat prices rose in Rome on Tuesday, Ivo Brandt said.\n\n"
    "“We will not leave Paris,” said Anna Lund, a union leader.\n\nSoldiers of France killed two rebels on March 3."
)


@pytest.fixture
def _kumquats_fail() -> Iterator[None]:
    failpoints.arm({failpoints.VARIABLE: "in_step:*:raise@Kumquat prices"})
    yield
    failpoints.arm({})


def test_each_step_gives_what_it_finds_in_the_other_sentences(_kumquats_fail: None) -> None:
    """Dates, names, quotes and events of the rest are there, the failing sentence's are not, and it is kept for replay."""
    article = front_text(TEXT, article_id="a", fetched=AT, published=AT, failures=Failures())
    failures = Failures()
    read, events = read_article(article, failures=failures)
    assert [timex.text for timex in read.timex] == ["Monday", "March 3"]
    assert [entity.text for entity in read.entities] == ["Oslo", "Paris", "Anna Lund", "France"]
    assert [quote.speaker.text for quote in read.quotes if quote.speaker] == ["Anna Lund"]
    assert {event.plover.type for event in events} == {"COERCE", "ASSAULT"}
    assert {"dates failed", "names failed", "quotes failed", "events failed"} <= set(read.notes)
    kept = {failure.step: failure for failure in failures.found}
    for step in ("dates", "names", "quotes", "events"):
        assert kept[step].text == unpack(kept[step].article, Article).text
        assert kept[step].text == "Kumquat prices rose in Rome on Tuesday, Ivo Brandt said."


@given(st.sets(st.integers(0, 40), min_size=1, max_size=MAX_LEFT_OUT + 3))
def test_all_sentences_that_fail_are_left_out_up_to_a_limit(bad: set[int]) -> None:
    """Whichever they are; the document keeps all its sentences."""
    document = split_sentences(Document(text=" ".join(f"Sentence {n} ends." for n in range(41))))

    def act(rest: Document) -> Document:
        texts = [rest.text[s.start : s.end] for s in rest.sentences]
        if any(f"Sentence {n} ends." in texts for n in bad):
            raise ValueError("bad sentence")
        return replace(rest, slug=" ".join(texts))

    after, left_out = leave_out_failing(act, document)
    if len(bad) > MAX_LEFT_OUT:
        assert after is None
        return
    assert after is not None
    assert {document.sentences.index(sentence) for sentence in left_out} == bad
    assert after.sentences is document.sentences
    assert after.slug is not None and after.slug.count("Sentence") == 41 - len(bad)


def test_a_step_that_fails_without_any_sentence_gives_nothing() -> None:
    """Its fault lies in no sentence."""
    document = split_sentences(Document(text="One. Two."))

    def act(rest: Document) -> Document:
        raise ValueError(rest.text)

    assert leave_out_failing(act, document) == (None, ())
