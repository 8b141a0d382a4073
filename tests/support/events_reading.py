"""Reads a text through all stages for the tests of events, and the marks in the lexicon's examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from dateline.contract.article import Article
from dateline.contract.event import Certainty, Event
from dateline.jobs.article import worth_publishing
from dateline.read import front_text, read_article

FETCHED = datetime(2024, 3, 15, 12, 0, tzinfo=UTC)


def article_of(
    text: str, *, published: datetime | None = None, title: str | None = None, article_id: str = "a"
) -> Article:
    """The article of a plain text, as the front door makes it."""
    return front_text(text, article_id=article_id, fetched=FETCHED, published=published, title=title)


def events_of(text: str, *, published: datetime | None = None, title: str | None = None) -> list[Event]:
    """The events of a text published on Friday 2024-03-15 unless told otherwise."""
    return list(read_article(article_of(text, published=published or FETCHED, title=title))[1])


def is_published(event: Event) -> bool:
    """Whether the daemon publishes an event, whatever its certainty and confidence: told as a fact, not denied or past."""
    return worth_publishing(event, get_args(Certainty), 0.0)


def types_of(text: str) -> list[str]:
    """The PLOVER types of a text's events, in order."""
    return [e.plover.type for e in events_of(text)]


@dataclass(frozen=True, slots=True)
class Example:
    """An example sentence without its marks; the spans that were marked as actor and as recipient."""

    text: str
    actors: list[tuple[int, int]]
    recipients: list[tuple[int, int]]


def unmarked(example: str) -> Example:
    """``[actor] ... {recipient}`` taken apart."""
    text, actors, recipients = "", [], []
    opened, kind = 0, ""
    for char in example:
        if char in "[{":
            opened, kind = len(text), char
        elif char in "]}":
            (actors if kind == "[" else recipients).append((opened, len(text)))
        else:
            text += char
    return Example(text, actors, recipients)


def first_event(text: str, kind: str) -> Event:
    """The first event of that type."""
    return next(e for e in events_of(text) if e.plover.type == kind)


def assert_parties(text: str, kind: str, actors: set[str | None] | None, recipients: set[str | None] | None) -> None:
    """The countries of the parties of the last event of that type are these; None: whatever they are."""
    event = [e for e in events_of(text) if e.plover.type == kind][-1]
    assert actors is None or {p.country for p in event.actors} == actors
    assert recipients is None or {p.country for p in event.recipients} == recipients
