"""The wire front end, on whole stories in the forms of three dozen agencies and papers (tests/data/wire, invented)."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.contract.article import Article
from dateline.read import front_text
from support.growth import LINEAR, growth

STORIES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "wire" / "stories.toml").read_text(encoding="utf-8")
)["story"]
PUBLISHED = datetime(2025, 6, 12, 15, tzinfo=UTC)


def read(text: str, published: datetime | None = PUBLISHED, title: str | None = None) -> Article:
    return front_text(text, article_id="a", published=published, title=title, fetched=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(params=STORIES, ids=lambda story: str(story["name"]))
def story(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One story with what its article should hold."""
    return dict(request.param)


def test_a_story_gives_its_headline_slug_marks_and_agency(story: dict[str, Any]) -> None:
    """Absent keys are promises too: nothing is made up."""
    article = read(story["text"])
    assert article.title == story.get("title")
    assert article.slug == story.get("slug")
    assert article.end_mark == story.get("end_mark")
    assert article.correction == story.get("correction")
    assert article.language == story.get("language")
    assert (article.agency.id if article.agency else None) == story.get("agency")


def test_a_story_gives_its_byline_and_dateline(story: dict[str, Any]) -> None:
    """Names are in proper case; the dateline's place is as printed, its country and date resolved."""
    article = read(story["text"])
    assert [author.name for author in article.byline] == story.get("byline", [])
    line = article.dateline
    found = {"place": line.place, "country": line.country, "date": line.date, "raw": line.raw} if line else {}
    assert {key: value for key, value in found.items() if value is not None} == story.get("dateline", {})


def test_captions_stand_apart_with_credit_and_rights(story: dict[str, Any]) -> None:
    """A caption's text holds neither its label nor its credit."""
    found = [
        {key: value for key, value in (("text", c.text), ("credit", c.credit), ("rights", c.rights)) if value}
        for c in read(story["text"]).captions
    ]
    assert found == story.get("captions", [])


def test_the_body_holds_the_story_s_paragraphs_and_nothing_else(story: dict[str, Any]) -> None:
    """No dateline, byline, caption, bullet, credit or link among them."""
    body = [block.text for block in read(story["text"]).blocks if block.kind == "body"]
    assert [text[:48].strip() for text in body] == story["body"]


def check_offsets(article: Article, text: str) -> None:
    """What every article promises: the text unchanged, each stretch where it says, blocks in order, none inside another."""
    assert article.text == text
    for part in (*article.blocks, *article.captions):
        assert text[part.start : part.end] == part.text
        assert part.text == part.text.strip() != ""
    if article.dateline:
        assert text[article.dateline.start : article.dateline.end] == article.dateline.raw
    ends = [0, *(block.end for block in article.blocks)]
    assert all(block.start >= end for block, end in zip(article.blocks, ends, strict=False))


def test_offsets_are_exact_on_every_story(story: dict[str, Any]) -> None:
    """``text[start:end]`` is the block."""
    check_offsets(read(story["text"]), story["text"])


@given(st.lists(st.sampled_from([line for story in STORIES for line in story["text"].split("\n")]), max_size=30))
@settings(max_examples=60, deadline=None)
def test_offsets_are_exact_on_shuffled_lines_of_stories(lines: list[str]) -> None:
    """Whatever order heads, tails and captions come in."""
    text = "\n".join(lines)
    check_offsets(read(text), text)


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_text_at_all_is_read(text: str) -> None:
    """Total: control characters, lone surrogates' neighbours, nothing, only spaces."""
    check_offsets(read(text, published=None), text)


@given(st.text(alphabet="ABC abc.,-–—()[]/|_*'\"“”\n\t:;©&0129", max_size=400))
@settings(max_examples=80, deadline=None)
def test_any_heap_of_wire_punctuation_is_read(text: str) -> None:
    """The characters that the patterns turn on, in any order."""
    check_offsets(read(text), text)


def test_one_sentence_alone_is_body_not_a_headline() -> None:
    """A headline needs a story under it."""
    article = read("Norland and Borland signed a treaty on Monday")
    assert [block.kind for block in article.blocks] == ["body"]
    assert article.title is None


def test_a_body_sentence_that_begins_with_by_is_no_byline() -> None:
    """ "By Tuesday, ..." is text."""
    article = read("OSTBORG, June 12 (Reuters) - Rain fell.\n\nBy Tuesday, the river had risen by two metres.")
    assert article.byline == []
    assert article.blocks[-1].kind == "body"


def test_a_country_before_a_dash_in_a_sentence_is_no_dateline() -> None:
    """Only a city, capitals, a date or an agency makes one."""
    article = read("Poland – which borders Ukraine – closed two crossings on Monday, the interior ministry said.")
    assert article.dateline is None


def test_a_byline_and_a_dateline_run_into_one_line_are_parted() -> None:
    """As some pages flatten them; the people in capitals keep their last names."""
    article = read("By ANN ROE and BO LEE OSTBORG, Norland (AP) — Rain fell on Thursday.\n\nIt was wet.")
    assert [author.name for author in article.byline] == ["Ann Roe", "Bo Lee"]
    assert article.dateline is not None and article.dateline.raw == "OSTBORG, Norland (AP) —"


def test_a_picture_in_a_figure_of_speech_is_no_caption() -> None:
    """Only what is done with a real picture makes one."""
    article = read("The army denied it.\n\nThis picture of a divided country emerged from the poll, the pollster said.")
    assert article.captions == []


def test_reported_from_a_place_is_text_where_no_name_reports() -> None:
    """ "Clashes were reported from ..." is no contributor's line."""
    article = read("OSTBORG (AP) — Fighting went on.\n\nHeavy clashes were reported from the port of Lund.")
    assert [block.kind for block in article.blocks] == ["dateline", "body", "body"]


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("1990 3.5 12:30 ", "numbers"),
        ("ABC DEF ", "capitals"),
        ('He said "', "open quotes"),
        ("(AP Photo/", "open brackets"),
        ("\n\nA b c", "short lines"),
        ("By Ann Roe and ", "bylines"),
        ("___ ", "rules"),
    ],
)
def test_the_cost_grows_with_the_length_only(unit: str, name: str) -> None:
    """Ten times the text costs little more than ten times as much."""
    assert growth(lambda size: (unit * (size // len(unit) + 1))[:size], read, 10_000) < LINEAR, name


@pytest.mark.parametrize(("mark", "ends"), [("-30-", False), ("***", False), ("ENDS", True)])
def test_a_mark_without_letters_in_the_middle_parts_sections_and_ends_no_story(mark: str, ends: bool) -> None:
    """Stars between two halves of a long read are no end; what stands below "ENDS" is for editors."""
    said = (
        "The harbour council of {} voted on Tuesday to repair the old pier before winter, and its engineers told the members "
        "what such a repair costs."
    )
    halves = [
        [said.format(town) for town in towns]
        for towns in (("Aldmouth", "Burholm", "Corwick"), ("Dunster", "Eastmere", "Fenby"))
    ]
    article = read("\n\n".join([*halves[0], mark, *halves[1]]))
    body = [block.text for block in article.blocks if block.kind == "body"]
    assert body == (halves[0] if ends else halves[0] + halves[1])
    assert article.end_mark == (mark if ends else None)
