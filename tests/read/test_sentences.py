"""Sentences: wire abbreviations, initials, figures, quotes; exact spans inside blocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.read import front_text
from dateline.read.record import document_of
from dateline.read.syntax.sentences import sentence_spans, split_sentences
from support.growth import LINEAR, growth


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The minister met Lt. Gen. A. B. Okoye on Jan. 5.", "They spoke at 8 a.m. in Washington, D.C., aides said."],
        ["The U.S. Senate voted.", "It adjourned at 5 p.m.", "The next session is on Friday."],
        ["He lives in the U.S.", "The family left in 2011."],
        ['"We will not leave," she said.', '"They have stopped listening."', "The crowd cheered."],
        ["“Is it over?” he asked.", "Nobody answered!", "Then the lights went out."],
        ["Acme Inc. bought Norland Corp. for $3.5 million.", "Shares fell 2.1 percent."],
        ["It was No. 4 on the list.", "Sgt. J. Smith of St. Louis agreed."],
        ["Mr. Vik, a former Gov. of the state, resigned.", "Sen. Ann Roe, D-Calif., did not."],
        ["They marched (about 300 of them.)", "Police watched."],
        ["He paid Rs. 500 and left.", "Dr. Rao vs. Dr. Iyer began."],
        ["The plan failed... The talks went on."],
        ["Rain fell in Ostborg, Norland.", "iPhone sales rose."],
        ["J.K. Moe and W. E. B. Lie signed.", "George W. Roe did not."],
        ["The vote was 52 to 48.", "“No,” he said.", "“Not now.”"],
        ["The firm, Vik A.S., said so.", "Both sides agreed."],
        ["He went to Plan B.", "The others stayed."],
        ["東京で会談した。", "両国は合意した。"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    """Each case is a text made of the sentences it should fall into."""
    text = ("" if sentences[0][0] > "\u3000" else " ").join(sentences)
    expected = sentences if "..." not in text else ["The plan failed...", "The talks went on."]
    assert split(text) == expected


def test_an_abbreviation_before_a_lower_case_word_goes_on() -> None:
    """Nothing that a small letter follows has ended."""
    assert len(split("The company, Roe & Sons Ltd. of Lund, and the U.S. and U.K. governments agreed.")) == 1


@given(st.text(max_size=400))
@settings(max_examples=120, deadline=None)
def test_sentences_cover_their_text_and_never_overlap(text: str) -> None:
    """Only white space lies between them; none is blank."""
    at = 0
    for start, end in sentence_spans(text, 0, len(text)):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end].strip() == text[start:end] or text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(st.text(alphabet='Ab c.!?"”’)\n U.S.Mr3', max_size=300))
@settings(max_examples=80, deadline=None)
def test_the_sentences_of_a_document_stay_inside_their_blocks(text: str) -> None:
    """Each sentence names the block it lies in, and all of a block's letters are in some sentence."""
    article = front_text(text, article_id="a", fetched=datetime(2026, 1, 1, tzinfo=UTC))
    document = split_sentences(document_of(article))
    covered = 0
    for sentence in document.sentences:
        block = document.blocks[sentence.block]
        assert block.start <= sentence.start < sentence.end <= block.end
        covered += sum(not c.isspace() for c in text[sentence.start : sentence.end])
    assert covered == sum(not c.isspace() for block in document.blocks for c in block.text)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("मंत्री ने कहा कि वे जाएंगे। बारिश हुई।", ["मंत्री ने कहा कि वे जाएंगे।", "बारिश हुई।"]),
        ("هل سيعود؟ لا أحد يعلم۔ نعم.", ["هل سيعود؟", "لا أحد يعلم۔", "نعم."]),
        ("「行くぞ。」と彼は言った。雨が降った。", ["「行くぞ。」と彼は言った。", "雨が降った。"]),
        ("« Nous partons. » Il pleut.", ["« Nous partons. »", "Il pleut."]),
        (
            "Er kam am 3. März. „Nein.“ Es regnete, z. B. gestern.",
            ["Er kam am 3. März.", "„Nein.“", "Es regnete, z. B. gestern."],
        ),
        ("»Nej.« Det regnede.", ["»Nej.«", "Det regnede."]),
    ],
)
def test_other_scripts_and_languages_end_their_sentences_too(text: str, sentences: list[str]) -> None:
    """Danda, Arabic marks, quotations closed inside the sentence or with a space before the mark, German ordinals."""
    assert [text[start:end] for start, end in sentence_spans(text, 0, len(text))] == sentences


@pytest.mark.parametrize("unit", [". »", "。」", "。", "؟ ", "!«“ ", " » »"])
def test_rows_of_marks_cost_no_more_than_their_length(unit: str) -> None:
    """Ten times the marks, little more than ten times the time."""
    assert growth(lambda size: unit * size, lambda text: sentence_spans(text, 0, len(text)), 2_000) < LINEAR
