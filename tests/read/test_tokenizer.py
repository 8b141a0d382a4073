"""The tokens of a sentence: one list that names, quotes, dates and events share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.quotes.extractor import find_quotes
from dateline.read.syntax.sentences import split_sentences
from dateline.read.syntax.tokenizer import split_name, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Korea's army didn't go.", ["Korea", "'s", "army", "did", "n't", "go", "."]),
        (
            "They’re sure we'll win, won’t they?",
            ["They", "’re", "sure", "we", "'ll", "win", ",", "wo", "n’t", "they", "?"],
        ),
        ("KOREA'S U.S.-led pact", ["KOREA", "'S", "U.S.-led", "pact"]),
        ("AT&T and the 3rd, 7.5% of N'Djamena", ["AT&T", "and", "the", "3rd", ",", "7.5", "%", "of", "N'Djamena"]),
        ("al-Sisi met Jong‑un -- twice.", ["al-Sisi", "met", "Jong‑un", "--", "twice", "."]),
        ("O’Neill, d’Estaing, rock'n'roll", ["O’Neill", ",", "d’Estaing", ",", "rock'n'roll"]),
        ("N14.3billion, an F-16 and MI6", ["N", "14.3", "billion", ",", "an", "F-16", "and", "MI6"]),
        ("PARIS _ n't", ["PARIS", "_", "n't"]),
    ],
)
def test_words_contractions_and_marks_are_tokens_of_their_own(text: str, tokens: list[str]) -> None:
    """A name keeps its apostrophes and hyphens; a verb and its negation part."""
    assert tokenize(text, 0, len(text)).text == tokens


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("n't's’--_.% aB3")), max_size=60))
def test_tokens_lie_in_order_on_the_text_and_cover_all_but_white_space(text: str) -> None:
    """Offsets are exact, the lists run in parallel, and nothing is read twice."""
    tokens = tokenize(text, 0, len(text))
    spans = list(zip(tokens.start, tokens.end, strict=True))
    assert [text[start:end] for start, end in spans] == tokens.text
    assert all(start < end for start, end in spans) and spans == sorted(spans)
    assert len(tokens) == len(tokens.low) == len(tokens.capital)
    assert "".join(tokens.text) == "".join(text.split())


@given(
    st.sampled_from(["Arabic Al-Sisi", "N’Djamena", "AT&T", "Nuclear Non-Proliferation Treaty", "U.S. Steel", "K.'s"])
)
def test_a_name_is_cut_as_running_text_is(name: str) -> None:
    """So that a list's entry and its place in a sentence have the same tokens."""
    text = f"From {name} on."
    assert tuple(token.replace("’", "'") for token in tokenize(text, 5, 5 + len(name)).text) == split_name(name)


def test_every_step_reads_the_tokens_that_the_sentences_have() -> None:
    """Sentences found once stay the document's; a document without blocks is read as one body."""
    document = split_sentences(Document(text="Rosa Quispe didn't say why. “We go,” she said."))
    after = find_quotes(find_names(document))
    assert after.sentences is document.sentences
    assert [sentence.tokens.text[:2] for sentence in after.sentences] == [["Rosa", "Quispe"], ["“", "We"]]


def test_a_contracted_pronoun_is_a_pronoun_and_no_name() -> None:
    """ "I’m" names nobody, "they’re" means who was spoken of, and what somebody "didn't say" is not claimed."""
    text = "Rosa Quispe leads the union. She’s sure that I’m right. Quispe didn't say whether it would strike."
    document = find_quotes(find_names(Document(text=text)))
    assert "I’m" not in {mention.text for mention in document.mentions}
    assert "Rosa Quispe" in {mention.canonical for mention in document.mentions if mention.text == "She"}
    assert not any("strike" in quote.text for quote in document.quotes)
