"""What the quotes stage promises: exact spans, the right speaker, and nothing claimed where nobody speaks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.contract.article import Quote
from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.quotes.extractor import attribution_of, find_quotes, told


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
    quotes_of('Warm up, he said. "Yes."')
    small, large = (min(_seconds(unit * (size // len(unit))) for _ in range(2)) for size in (6_000, 60_000))
    assert large < 30 * max(small, 0.002)


def _seconds(text: str) -> float:
    document = find_names(Document(text=text))
    begin = time.process_time()
    find_quotes(document)
    return time.process_time() - begin


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ("Ivo Brandt was quoted by local radio as saying the ferry was safe.", "Ivo Brandt", "the ferry was safe"),
        ("Local radio quoted Ivo Brandt as saying the ferry was safe.", "Ivo Brandt", "the ferry was safe"),
        ("Ivo Brandt vowed never to sail again.", "Ivo Brandt", "never to sail again"),
        ("Ivo Brandt pledged not to sail again.", "Ivo Brandt", "not to sail again"),
        (
            "The ferry sank, said two people with knowledge of the matter.",
            "two people with knowledge of the matter",
            "The ferry sank",
        ),
    ],
)
def test_quoted_speakers_negations_and_described_sources_keep_their_words(
    text: str, speaker: str, content: str
) -> None:
    """A lost "never" would turn the meaning round."""
    found = [(q.speaker.text if q.speaker else None, q.text) for q in quotes_of(text)]
    assert (speaker, content) in found


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        # a possessive between the speaker and the verb
        ("Ivo Brandt, a friend of the mayor's wife, said Mr. Quill was asleep.", "Ivo Brandt", "Mr. Quill was asleep"),
        # a noun in -ly is no adverb
        ("The ferry will sail, the family said.", "the family", "The ferry will sail"),
        # what only leads to the speaker is not said by him
        ("For all the rain in May, growers say, the harvest will be good.", "growers", None),
        # a question, and who asked it, in a sentence of its own
        ('"Who will pay for the pier?" Mr. Brandt asked. "Not us."', "Mr. Brandt", "Who will pay for the pier?"),
        # the writer's own remark ends what is said
        ("Ivo Brandt said the ferry was safe, even as it sank.", "Ivo Brandt", "the ferry was safe"),
        ("Ivo Brandt said the ferry was safe, as did the port.", "Ivo Brandt", "the ferry was safe"),
        # what is praised ends where the next verb begins
        (
            "Ivo Brandt praised the crew for its calm and listed the losses in a letter.",
            "Ivo Brandt",
            "the crew for its calm",
        ),
        # after a semicolon the sentence's subject speaks on
        ("Ivo Brandt said the ferry sank; added that the pilot drowned.", "Ivo Brandt", "the pilot drowned"),
    ],
)
def test_the_clause_ends_where_the_speaker_ends(text: str, speaker: str, content: str | None) -> None:
    """Narration before, after and inside speech stays outside."""
    found = [(q.speaker.text if q.speaker else None, q.text) for q in quotes_of(text)]
    assert (speaker, content) in found if content else {who for who, _ in found} == {speaker}


@pytest.mark.parametrize(
    "text",
    [
        "In the film, first shown by Harbour News, nobody spoke.",
        "For ten years after the war, Ivo Brandt advised the port board on its debts.",
        "What we know is this much: little.",
        "The joke, as he called it, cost the mayor his post.",
        "Losses realized in one year can be used in the next.",
        "Ivo Brandt no longer believes the ferry will sail.",
        "They included Ana Prado, a former Kansas state employee.",
    ],
)
def test_no_speech_is_read_into_adjuncts_and_reduced_clauses(text: str) -> None:
    """An opening phrase is no content; a participle is no speaker; "no longer believes" claims nothing."""
    assert not [q for q in quotes_of(text) if q.kind == "indirect"]


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        # nouns and adjectives that carry a clause
        ("The skippers voiced fears that the port will close, hurting trade.", "The skippers", "the port will close"),
        ("The claim by the port board that the ferry sank is false.", "the port board", "the ferry sank"),
        ("The port board is confident that the ferry will sail.", "The port board", "the ferry will sail"),
        ("Ana Prado said the claim that Ivo Brandt sank the ferry was false.", None, "Ivo Brandt sank the ferry"),
        ("News that the ferry had sunk sent prices up.", None, "the ferry had sunk"),
        # what is announced or warned of by a noun
        (
            "The ministry announced a large cut in harbour fees on Monday.",
            "The ministry",
            "a large cut in harbour fees",
        ),
        ("The ministry warned of a long winter without ferries.", "The ministry", "a long winter without ferries"),
        # "seemed to say" is said
        ("Ivo Brandt went on to say that the ferry sank.", "Ivo Brandt", "the ferry sank"),
        # who "who" is
        ("The move angered some skippers, who thought that the board was weak.", "some skippers", "the board was weak"),
        # a new clause after the aside
        (
            "The sale would leak, Ivo Brandt said, and it would cost the port dear.",
            "Ivo Brandt",
            "The sale would leak, Ivo Brandt said, and it would cost the port dear",
        ),
        # the later speaker has the whole
        (
            "Ivo Brandt plans to sail, two officials told Harbour Radio, speaking late on Monday.",
            "two officials",
            "Ivo Brandt plans to sail",
        ),
    ],
)
def test_nouns_adjectives_and_announcements_say_something_too(text: str, speaker: str | None, content: str) -> None:
    """Beside the verbs of saying."""
    found = [(q.speaker.text if q.speaker else None, q.text) for q in quotes_of(text)]
    assert (speaker, content) in found


def test_lack_of_evidence_and_objects_that_say_nothing_are_no_speech() -> None:
    """ "No evidence that" asserts nothing; "announced it" has no content of its own."""
    for text in ("There is no evidence that the ferry sank.", "The ministry announced it.", "He rejected the offer."):
        assert not quotes_of(text)


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ('"Nobody will believe it," Ivo Brandt chortled.', "Ivo Brandt", "Nobody will believe it,"),
        ('Ivo Brandt shook his head: "Nobody will believe it."', "Ivo Brandt", "Nobody will believe it."),
        ('Members -- dubbed "Old Skippers" by Ivo Brandt -- have sailed.', "Ivo Brandt", "Old Skippers"),
    ],
)
def test_a_quotation_finds_its_speaker_without_a_verb_we_know(text: str, speaker: str, content: str) -> None:
    """Any verb will do between a person and a whole quotation."""
    found = [(q.speaker.text if q.speaker else None, q.text) for q in quotes_of(text)]
    assert (speaker, content) in found


@pytest.mark.parametrize(
    ("headline", "speaker", "content"),
    [
        ("Blast kills five at port: police", "police", "Blast kills five at port"),
        ("Ferry firm to cut 300 jobs - union", "union", "Ferry firm to cut 300 jobs"),
        ("Police: Ferry captain was drunk", "Police", "Ferry captain was drunk"),
        ("UN: three million displaced by floods", "UN", "three million displaced by floods"),
        ("Ukraine: Three killed in strike on Odesa", None, None),
        ("Port reopens after storm - BBC News", None, None),
    ],
)
def test_a_headline_names_its_source_before_or_after_a_mark(
    headline: str, speaker: str | None, content: str | None
) -> None:
    """A place before the colon and the paper after the dash are no sources."""
    from dateline.contract.article import Block

    body = "The port stayed shut on Monday."
    blocks = (
        Block(kind="headline", text=headline, start=0, end=len(headline)),
        Block(kind="body", text=body, start=len(headline) + 2, end=len(headline) + 2 + len(body)),
    )
    found = find_quotes(find_names(Document(text=f"{headline}\n\n{body}", blocks=blocks))).quotes
    assert [(q.speaker.text if q.speaker else None, q.text) for q in found] == ([(speaker, content)] if content else [])


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("« Nous partons », a déclaré M. Dupont.", "Nous partons"),
        ("„Wir gehen nicht fort“, sagte Frau Braun.", "Wir gehen nicht fort"),
        ("»Vi går hjem nu«, sagde han.", "Vi går hjem nu"),
        ("”Vi går hem nu”, sade hon.", "Vi går hem nu"),
        ("「我们走了。」他说。", "我们走了。"),
        ("قال الوزير: «سنغادر الميناء غدا».", "سنغادر الميناء غدا"),
        ('मंत्री ने कहा, "हम बंदरगाह छोड़ देंगे।"', "हम बंदरगाह छोड़ देंगे।"),
    ],
)
def test_the_marks_of_other_languages_hold_direct_speech(text: str, content: str) -> None:
    """Whoever speaks, the words are exact."""
    assert [(q.text, q.kind) for q in quotes_of(text)] == [(content, "direct")]


def test_a_clause_that_is_mostly_quoted_is_shown_by_its_words_alone() -> None:
    """The record has the quoted words once; the coder still knows that the whole clause is claimed."""
    text = 'Brandt said the port was "no place for a ferry of that size." He said that a "good" ferry had sunk in May.'
    document = find_quotes(find_names(Document(text=text)))
    assert [q.kind for q in told(document.quotes)] == ["direct", "indirect", "scare"]
    at = text.index("port")
    assert attribution_of(document, at, at + 4) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what a participle after "he said" brings is the writer's
        ('"The ferry is safe," Ivo Brandt said, pointing to the pier.', {"The ferry is safe,"}),
        ('"It sank," Ivo Brandt said, naming three wrecks. "It was old."', {"It sank,", "It was old."}),
        # blame ends with its clause
        (
            "Ivo Brandt blamed the crew for the fire; the port stayed shut.",
            {"the crew for the fire"},
        ),
        # what comes of it is the writer's too
        ("Ivo Brandt vowed to sail on Monday, drawing laughter from the quay.", {"to sail on Monday"}),
        # a remark without a comma
        ("Ivo Brandt insisted that the ferry was safe even though it had sunk.", {"the ferry was safe"}),
        # the question in the quotation has marks of its own
        (
            "\"You say, 'Where can we land it?'\" Mr. Brandt said. \"'Where now?'\"",
            {"You say, 'Where can we land it?'", "'Where now?'"},
        ),
    ],
)
def test_nothing_of_the_writers_is_taken_for_speech(text: str, expected: set[str]) -> None:
    """Asides, remarks and the next clause."""
    found = quotes_of(text)
    assert {q.text for q in found} == expected
    assert all(q.speaker is not None and "Brandt" in q.speaker.text for q in found)
