"""What the quotes stage promises: exact spans, the right speaker, and nothing claimed where nobody speaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contract.article import Quote
from worker.read.document import Document
from worker.read.names import find_names
from worker.read.quotes import attribution_of, find_quotes


def quotes_of(text: str) -> list[Quote]:
    return list(find_quotes(find_names(Document(text=text))).quotes)


def test_a_direct_quote_has_the_words_between_the_marks_and_its_speaker() -> None:
    """Curly and straight marks alike."""
    for opening, closing in ('""', "“”"):
        text = f"{opening}The bridge will reopen on Monday,{closing} Transport Minister Lena Orlov said."
        quote = quotes_of(text)[0]
        assert quote.text == "The bridge will reopen on Monday,"
        assert text[quote.start : quote.end] == quote.text
        assert quote.kind == "direct"
        assert quote.speaker is not None
        assert quote.speaker.entity == "Lena Orlov"
        assert not quote.anonymous


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        (
            "The dam held through the night, a senior official said.",
            "a senior official",
            "The dam held through the night",
        ),
        (
            "The dam held through the night, said Marta Quill, head of the river board.",
            "Marta Quill",
            "The dam held through the night",
        ),
        ("Marta Quill said the dam held through the night.", "Marta Quill", "the dam held through the night"),
        ("Marta Quill told reporters that the dam had held.", "Marta Quill", "the dam had held"),
        (
            "According to the river board, the dam held through the night.",
            "the river board",
            "the dam held through the night",
        ),
        (
            "The dam held through the night, according to the river board.",
            "the river board",
            "The dam held through the night",
        ),
    ],
)
def test_indirect_speech_is_the_clause_that_the_verb_governs(text: str, speaker: str, content: str) -> None:
    """Before, after and inverted; the speaker as the text words it."""
    quote = next(q for q in quotes_of(text) if q.kind == "indirect")
    assert (quote.speaker.text if quote.speaker else None, quote.text) == (speaker, content)


def test_unnamed_sources_are_anonymous_and_institutions_are_not() -> None:
    """An official without a name is; a ministry or a named person is not."""
    assert quotes_of("Talks have stalled, two officials familiar with the matter said.")[0].anonymous
    assert not quotes_of("Talks have stalled, the ministry said.")[0].anonymous
    assert not quotes_of("Talks have stalled, negotiator Ivo Brandt said.")[0].anonymous


def test_a_quotation_left_open_goes_on_in_the_next_paragraph() -> None:
    """The house style of papers: a paragraph without a closing mark continues with the same speaker."""
    text = "“We began with nothing,” said Ana Prado.\n\n“Then the rains came.\n\n“And then we had less.”"
    from worker.contract.article import Block

    blocks, at = [], 0
    for part in text.split("\n\n"):
        blocks.append(Block(kind="body", text=part, start=at, end=at + len(part)))
        at += len(part) + 2
    found = find_quotes(find_names(Document(text=text, blocks=tuple(blocks)))).quotes
    assert [q.text for q in found] == ["We began with nothing,", "Then the rains came.", "And then we had less.”"[:-1]]
    assert {q.speaker.text if q.speaker else None for q in found} == {"Ana Prado"}


def test_the_innermost_quote_with_a_speaker_is_the_attribution() -> None:
    """`attribution_of` is how the event coder asks who says so."""
    text = "The court closed early. Police said the suspect fled to Lyon."
    document = find_quotes(find_names(Document(text=text)))
    at = text.index("fled")
    found = attribution_of(document, at, at + 4)
    assert found is not None
    assert found.speaker is not None
    assert found.speaker.text == "Police"
    assert attribution_of(document, 0, 9) is None


@given(st.text(alphabet="\"“”‘’'« »,.: \nabcXYZ said told that the", max_size=300))
def test_any_text_gives_exact_spans(text: str) -> None:
    """Total on any input; every span is what it says."""
    for quote in quotes_of(text):
        assert text[quote.start : quote.end] == quote.text
        assert quote.text
