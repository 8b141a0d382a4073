"""Whose words a quotation is that no verb of saying stands beside, and whom "he said" behind one means."""

from __future__ import annotations

import pytest

from support.quotes import quotes_in_paragraphs, quotes_of


def spoken(text: str) -> list[tuple[str, str | None]]:
    """Each direct quote with the full name of its speaker, or with the words used for him."""
    direct = [q for q in quotes_in_paragraphs(text) if q.kind == "direct"]
    return [(q.text, (q.speaker.entity or q.speaker.text) if q.speaker else None) for q in direct]


@pytest.mark.parametrize(
    ("text", "words", "who"),
    [
        # a paragraph of its own after the one in which he speaks
        (
            "Marta Quill said the pier would be closed all winter.\n\n“Nobody wants to see a child fall into that water.”",
            "Nobody wants to see a child fall into that water.",
            "Marta Quill",
        ),
        # behind a sentence whose subject he is
        (
            "Marta Quill shook her head at the news. “Nobody wants to see a child fall into that water.”",
            "Nobody wants to see a child fall into that water.",
            "Marta Quill",
        ),
        # the sentence before ends in a colon
        (
            "The transport ministry put it in a letter to the town:\n\n“The pier is closed until the ice has gone.”",
            "The pier is closed until the ice has gone.",
            "The transport ministry",
        ),
        # several paragraphs, each left open but the last, and the speaker behind it
        (
            "The pier is closed.\n\n“We waited for a year.\n\n“Then the ice came.\n\n“And so we shut it,” Marta Quill said.",
            "We waited for a year.",
            "Marta Quill",
        ),
        # a post, and what it goes on with
        (
            "Ivo Brandt wrote on X: “The pier is rotten through.\n\n“It has been so for ten years.”",
            "It has been so for ten years.",
            "Ivo Brandt",
        ),
        (
            "Ivo Brandt wrote in a post on Facebook.\n\n“The pier has been rotten for ten years.”",
            "The pier has been rotten for ten years.",
            "Ivo Brandt",
        ),
    ],
)
def test_an_unattributed_quotation_is_of_whom_the_sentence_before_speaks(text: str, words: str, who: str) -> None:
    """By the convention of papers; a quotation left open waits for the speaker who comes later."""
    assert (words, who) in spoken(text)


@pytest.mark.parametrize(
    "text",
    [
        # a question to somebody else
        "Is Marta Quill right about the pier?\n\n“I could not say, and I would not.”",
        # nobody is spoken of
        "The pier has been closed since May.\n\n“Keep off the planks by order of the board.”",
        # the writer asks
        "I ask what will become of the pier.\n\n“It will be gone by the spring, I fear.”",
        # a name that no verb follows
        "Then came the winter of Marta Quill.\n\n“It was the coldest that the town had seen.”",
    ],
)
def test_an_unattributed_quotation_stays_so_where_nobody_is_spoken_of(text: str) -> None:
    """No speaker is better than one who did not say it."""
    assert [who for _, who in spoken(text)] == [None]


def test_an_interview_is_its_one_speakers() -> None:
    """Answers without a word beside them, in an article that quotes one person nearly all through."""
    text = "\n\n".join(
        [
            "“The pier was built by my father,” Ivo Brandt says. “He sank every post.”",
            "“It took four years,” Brandt says. “Nobody thanked him.”",
            "Was it worth the money?",
            "“It was worth every penny of it to me.”",
        ]
    )
    assert ("It was worth every penny of it to me.", "Ivo Brandt") in spoken(text)
    two = text.replace("years,” Brandt says", "years,” Marta Quill says")
    assert ("It was worth every penny of it to me.", None) in spoken(two)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        # the last speaker, not the one named most
        (
            "Ivo Brandt met the crew, and Brandt thanked it. Brandt left at noon.\n\nThe pier was safe, Karl Meyer said."
            "\n\n“We looked at every plank,” he said.",
            "Karl Meyer",
        ),
        # the subject, not the owner of what it speaks of
        (
            "Ivo Brandt won. Brandt was glad. Brandt left. Brandt came back.\n\nSkipper Karl Meyer, who laughed at Brandt’s "
            "luck, was tired.\n\n“He has the wind in his pocket,” he said.",
            "Karl Meyer",
        ),
        # she is not he
        (
            "Ivo Brandt won. Brandt was glad.\n\nAnna Quill, his mother, was tired.\n\n“I had the wind,” he said.",
            "Ivo Brandt",
        ),
    ],
)
def test_he_behind_a_quotation_is_whom_the_sentence_before_speaks_of(text: str, who: str) -> None:
    """Rather than the person of whom the article speaks most."""
    assert spoken(text)[-1][1] == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("“The pier is safe,” Ivo Brandt, the harbour chief, said Tuesday at a meeting in Kelso.", "Ivo Brandt"),
        ("“The pier is safe,” said Senate minority leader Ivo Brandt of Kelso.", "Ivo Brandt"),
        ("“The pier is safe,” Ivo Brandt, a member of the river board said of the plan.", "Ivo Brandt"),
        ("Sen. Ivo Brandt, R-Ohio, called the pier “a trap for every child in this town”.", "Ivo Brandt"),
        ("Ivo Brandt put out a statement saying that “the pier is a trap for every child”.", "Ivo Brandt"),
        ("Marta Quill praised the plan. But Ivo Brandt waved it off, saying only, “The pier is a trap.”", "Ivo Brandt"),
        (
            "There are those on the board who call it a ruin, and it is “run by a mad crew,” Ivo Brandt said.",
            "Ivo Brandt",
        ),
    ],
)
def test_the_speaker_is_found_behind_days_bodies_and_appositions(text: str, who: str) -> None:
    """The name alone: no day, no verb of his own, no description."""
    found = [q for q in quotes_of(text) if q.kind == "direct"]
    assert [q.speaker.entity if q.speaker else None for q in found] == [who]


@pytest.mark.parametrize(
    "text",
    [
        "He left the pier in May and recorded himself shouting “Free the river for ever!” at the boats.",
        "The members of the crew, dubbed “Skippers of the Old Pier”, left at noon.",
    ],
)
def test_a_verb_is_no_speaker_and_a_participle_none_either(text: str) -> None:
    """Nobody, rather than a word of the sentence."""
    assert [q.speaker for q in quotes_of(text) if q.kind in ("direct", "name", "scare")] == [None]
