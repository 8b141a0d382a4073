"""Stream entries of every kind, as the runner hands them to a forwarder."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from dateline.contract import Article, Cameo, Event, EventDate, Evidence, Location, Party, Plover, Span
from dateline.contract.envelope import article_envelope, event_envelope, fields, retraction_envelope

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def article(number: int, revision: int = 1, kind: str = "published", text: str = "A story.") -> dict[str, str]:
    """An article's entry."""
    record = Article(
        id=f"a{number}", revision=revision, title=f"Title {revision}", url=f"https://paper.example/{number}",
        publisher="paper.example", language="en", published="2026-03-04T10:00:00+00:00", text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    flat = fields(article_envelope(record, kind, NOON))  # type: ignore[arg-type]
    return {"stream_id": f"{number}-{revision}", "seq": str(number), **flat}


def event(number: int, revision: int = 1) -> dict[str, str]:
    """An event's entry."""
    sentence = "Rebels <mobilized> troops & tanks near Gao."
    record = Event(
        id=f"e{number}", cluster_id="c1", article=f"a{number}", revision=revision, confidence=0.9,
        plover=Plover(type="MOBILIZE", quad="material conflict", intensity=-7),
        cameo=Cameo(root="15", code="150", quad_class=4), actors=[Party(text="Rebels", start=0, end=6, country="MLI")],
        date=EventDate(start="2026-03-03", end="2026-03-04", granularity="day"),
        location=Location(name="Gao", country="MLI", lat=16.27, lon=-0.05),
        evidence=Evidence(text=sentence, start=0, end=43, trigger=Span(text="mobilized", start=8, end=17), block=0, sentence=0),
    )  # fmt: skip
    story = Article(id=f"a{number}", text=sentence, text_sha256="", publisher="paper.example", language="en")
    return {"stream_id": f"{number}-{revision}-9", "seq": str(number), **fields(event_envelope(record, story, NOON))}


def retraction(number: int, revision: int) -> dict[str, str]:
    """The entry that takes an event back."""
    story = Article(id=f"a{number}", revision=revision, text="", text_sha256="")
    return {"stream_id": f"{number}-{revision}-8", **fields(retraction_envelope(f"e{number}", story, NOON))}


def malformed() -> dict[str, str]:
    """An entry whose record cannot be read."""
    return {**article(99), "data": '{"id": 1}', "stream_id": "99-0"}
