"""Where what is said begins and ends, and what says it beside a verb."""

from __future__ import annotations

import pytest

from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.quotes.extractor import attribution_of, find_quotes, select_quotes
from support.quotes import quotes_of


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
    assert [q.kind for q in select_quotes(document.quotes)] == ["direct", "indirect", "scare"]
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
