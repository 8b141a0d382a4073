"""What the quotes stage promises: exact spans, the right speaker, and nothing claimed where nobody speaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.quotes.extractor import attribution_of, find_quotes
from support.growth import LINEAR, growth
from support.quotes import quotes_of


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
    from dateline.contract.article import Block

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


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        # an aside inside the clause
        (
            "The ferry, officials said, will sail again in May.",
            "officials",
            "The ferry, officials said, will sail again in May",
        ),
        # age and relative clause between speaker and verb
        ("Ivo Brandt, 62, who led the port until May, said the ferry was safe.", "Ivo Brandt", "the ferry was safe"),
        # a second verb of the same subject
        ("Ivo Brandt praised the crew and said the ferry was safe.", "Ivo Brandt", "the ferry was safe"),
        # the name after the role
        ("His lawyer, Marta Quill, said the ferry was safe.", "Marta Quill", "the ferry was safe"),
        # a participle takes the main subject
        ("Ivo Brandt left the room, saying the ferry was safe.", "Ivo Brandt", "the ferry was safe"),
        # what is urged, and what somebody is accused of
        ("Ivo Brandt urged the crew to stay on board.", "Ivo Brandt", "to stay on board"),
        ("Ivo Brandt accused the crew of sinking the ferry.", "Ivo Brandt", "the crew of sinking the ferry"),
    ],
)
def test_speaker_and_clause_are_found_in_every_order(text: str, speaker: str, content: str) -> None:
    """One example for each kind of sentence."""
    found = [(q.speaker.text if q.speaker else None, q.text) for q in quotes_of(text) if q.kind == "indirect"]
    assert (speaker, content) in found


@pytest.mark.parametrize(
    "text",
    [
        "The report was published on Monday.",
        "State media showed the parade.",
        "It was not immediately known whether the mayor attended.",
        "The claim form is on the desk.",
        "The minister declined to comment.",
        "The minister did not say whether the ferry would sail.",
    ],
)
def test_nobody_is_said_to_say_what_nobody_says(text: str) -> None:
    """Nouns that look like verbs of saying, impersonal phrases, refusals to speak."""
    assert not quotes_of(text)


def test_a_word_in_marks_is_scare_a_name_or_speech_by_what_stands_around() -> None:
    """One word quoted from what somebody says is a scare quote; capitals are a name; a phrase is direct."""
    kinds = {
        q.text: q.kind for q in quotes_of('The mayor called the plan "unsafe" and the film "Red Harbour" sold out.')
    }
    assert kinds["Red Harbour"] == "name"
    assert {q.text: q.kind for q in quotes_of('Ivo Brandt called the plan "a very bad joke."')}[
        "a very bad joke."
    ] == "direct"
    assert {q.text: q.kind for q in quotes_of('Lena Orlov denounced what she calls the "hostile" law.')}[
        "hostile"
    ] == "scare"


def test_a_source_named_only_as_anonymous_is_anonymous_and_the_ministry_beside_it_is_not() -> None:
    """ "They spoke on condition of anonymity" is about the speaker just before."""
    text = "The ministry said the pier was safe. Two engineers said it was not. They spoke on condition of anonymity."
    found = {q.speaker.text: q.anonymous for q in quotes_of(text) if q.speaker}
    assert found["Two engineers"]
    assert not found["The ministry"]


def test_praise_and_blame_do_not_make_their_object_a_claim() -> None:
    """ "Blamed the crew for the fire" takes the fire for granted: the event coder must not call it alleged."""
    text = "Ivo Brandt blamed the crew for the fire on the pier."
    document = find_quotes(find_names(Document(text=text)))
    at = text.index("fire")
    assert attribution_of(document, at, at + 4) is None


@pytest.mark.parametrize(
    "unit", ['"he said that it was ', "“he said ", '"a" "b" ', "X said Y said that ", "according to ", "‘a ‘b ’c "]
)
def test_cost_grows_with_length_and_no_faster(unit: str) -> None:
    """Quotes that never close, and verbs of saying without end."""
    assert growth(lambda size: find_names(Document(text=unit * (size // len(unit)))), find_quotes, 6_000) < LINEAR
