"""Sentences and whole articles of ours with the events they tell: what the coder must see, and what it must leave alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from dateline.contract.event import Event, Party
from support.events_reading import events_of, is_published

DATA = Path(__file__).parents[1] / "data" / "events"


def rows() -> list[tuple[str, str]]:
    """The sentences with what they tell."""
    lines = (DATA / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines if line and not line.startswith("#")]


def articles() -> list[tuple[str, str, str, str]]:
    """Title, day of publication, text and the types of its events."""
    found = []
    for part in (DATA / "articles.txt").read_text(encoding="utf-8").split("\n@@ ")[1:]:
        head, _, rest = part.partition("\n")
        title, _, day = head.rpartition(" | ")
        text, _, told = rest.partition("\n=> ")
        found.append((title, day.strip(), text.strip(), told.strip()))
    return found


def told_by(events: list[Event]) -> str:
    """The events that go out, as the data files write them."""
    return "; ".join(f"{e.plover.type} {side(e.actors)}>{side(e.recipients)}" for e in events if is_published(e)) or "-"


def side(parties: list[Party]) -> str:
    """The codes of one side, each once."""
    return ",".join(dict.fromkeys(party.code or "." for party in parties))


@pytest.mark.parametrize(("sentence", "told"), rows())
def test_a_sentence_tells_its_events_and_no_others(sentence: str, told: str) -> None:
    """Types and parties; sport, markets, weather, fiction, questions, doubts and history tell none."""
    assert told_by(events_of(sentence)) == told


@pytest.mark.parametrize(("title", "day", "text", "told"), articles(), ids=lambda value: value[:40])
def test_an_article_tells_its_events_and_no_others(title: str, day: str, text: str, told: str) -> None:
    """Accident, match, market report, obituary, opinion, science and show: nothing is made of their figures of speech."""
    events = events_of(text, title=title, published=datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    assert " ".join(e.plover.type for e in events if is_published(e)) == told.removeprefix("-")
