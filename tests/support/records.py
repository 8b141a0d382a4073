"""Stream entries of every kind, as the runner hands them to a forwarder."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime

from dateline.contract import Article, Cameo, Event, EventDate, Evidence, Location, Party, Plover, Span
from dateline.contract.envelope import article_envelope, event_envelope, fields, retraction_envelope
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection

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


async def article_of(ledger: Ledger, candidate: str, names: list[bytes]) -> str:
    """The article that these names lead to."""
    return next(filter(None, await ledger.resolve(candidate, names)), candidate)


async def publish_bare(connection: Connection, numbers: range) -> None:
    """Append one entry without a record for each number, in the partition that it belongs to."""
    ledger = Ledger(connection)
    await asyncio.gather(
        *(
            ledger.publish(
                f"{number:016}", "m", ArticleRecord(revision=1, fingerprint=b"f"),
                [(("specversion", "1.0"), ("source", "s"), ("id", f"e{number}"), ("type", "dateline.article.published"),
                  ("data", "{}"))],
                expected_revision=0, recheck_seconds=None,
            )
            for number in numbers
        )
    )  # fmt: skip


def shelling(article: str = "a1") -> Event:
    """An event as the examples of a consumer want one: an attack on 3 March 2026 in the Netherlands."""
    text = "Rebels shelled the harbour"
    return Event(
        id="e1", cluster_id="c1", article=article, confidence=0.9,
        plover=Plover(type="ASSAULT", quad="material conflict", intensity=-9),
        cameo=Cameo(root="19", code="190", quad_class=4),
        date=EventDate(start="2026-03-03", end="2026-03-03", granularity="day"), location=Location(country="NLD"),
        evidence=Evidence(text=text, start=0, end=26, trigger=Span(text="shelled", start=7, end=14), block=0, sentence=0),
    )  # fmt: skip
