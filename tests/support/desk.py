"""Articles and events for the desk's tests, put on a stream or straight into an index; no page or Redis is needed for them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dateline.contract.article import Article, Family, Quote, Speaker
from dateline.contract.envelope import Envelope, article_envelope, event_envelope, fields, retraction_envelope
from dateline.contract.event import QUADS, Attribution, Cameo, Event, EventDate, Evidence, Location, Party, Plover, Span
from dateline.index.database import Database, open_database
from dateline.index.write import StreamEntry, Written, write_batch
from dateline.serve.desk.desk import Desk
from dateline.serve.desk.health import Health
from dateline.settings import DeskSettings, RedisSettings
from dateline.store.redis import Connection

#: What a hostile feed would have the desk show.
NASTY = "</script><script>alert(1)</script>\u2028\U0001f600"
NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
STREAM = "dateline:events"


@dataclass(slots=True)
class Story:
    """One revision of an article with its events, as it goes on the stream."""

    article: Article
    events: list[Event] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    kind: str = "published"

    def envelopes(self, at: datetime) -> list[Envelope]:
        """Return what is published at a time, in the stream's order."""
        return [
            article_envelope(self.article, self.kind, at, source=self.article.feed),  # type: ignore[arg-type]
            *(event_envelope(event, self.article, at) for event in self.events),
            *(retraction_envelope(event, self.article, at) for event in self.gone),
        ]


def story(
    name: str, *, text: str = "Troops left the bridge.\n\nNobody was hurt.", revision: int = 1, kind: str = "published",
    events: Sequence[Event] = (), gone: Sequence[str] = (), original: str | None = None, family: str | None = None,
    **more: Any,
) -> Story:  # fmt: skip
    """Return a story; ``more`` are fields of its article."""
    role = "copy" if original else "original"
    given: dict[str, Any] = {
        "title": f"Headline of {name}",
        "url": f"https://{more.get('owner', 'paper')}.example/{name}",
        "publisher": "The Paper",
        "language": "en",
        "published": NOW.isoformat(),
        "family": Family(id=family or original or name, role=role, size=1, owners=["paper.example"], original=original),
    } | {key: value for key, value in more.items() if key != "owner"}
    sha = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    article = Article(id=name, revision=revision, text=text, text_sha256=sha, **given)
    return Story(article, list(events), list(gone), kind)


def event(
    name: str, article: str, *, text: str = "Troops left the bridge.", trigger: str = "left", type: str = "RETREAT",
    cluster: str | None = None, actor: tuple[str, str | None] = ("Troops", "NLD"),
    recipient: tuple[str, str | None] | None = None, country: str | None = None, lat: float | None = None,
    lon: float | None = None, place: str | None = None, confidence: float = 0.8, revision: int = 1, main: bool = True,
) -> Event:  # fmt: skip
    """Return an event whose evidence is the article's first sentence, ``text``."""
    at = text.index(trigger)
    return Event(
        id=name,
        cluster_id=cluster or f"c{name}",
        article=article,
        revision=revision,
        plover=Plover(type=type, quad=QUADS[type], intensity=-1.0),  # type: ignore[arg-type]
        cameo=Cameo(root="08", code="087", quad_class=2),
        actors=[Party(text=actor[0], canonical=actor[0], country=actor[1], start=0, end=len(actor[0]))],
        recipients=[Party(text=recipient[0], canonical=recipient[0], country=recipient[1], start=at, end=at + 1)]
        if recipient
        else [],
        date=EventDate(start="2026-03-04", end="2026-03-04", granularity="day"),
        location=Location(name=place, country=country, lat=lat, lon=lon) if country or lat is not None else None,
        attribution=Attribution(certainty="reported"),
        evidence=Evidence(
            text=text,
            start=0,
            end=len(text),
            trigger=Span(text=trigger, start=at, end=at + len(trigger)),
            block=0,
            sentence=0,
        ),
        confidence=confidence,
        reasons=["main clause +0.35"],
        main=main,
    )


def quote(text: str, speaker: str) -> Quote:
    """Return a direct quote at the beginning of an article."""
    return Quote(
        text=text, speaker=Speaker(text=speaker, entity=speaker), kind="direct", cue="said", start=0, end=len(text)
    )


class StreamWriter:
    """Numbers entries as the stream does: ids grow, ``seq`` counts from 1."""

    def __init__(self, at: datetime = NOW) -> None:
        self._at = at
        self._seq = 0

    def entries(self, *stories: Story, at: datetime | None = None) -> list[StreamEntry]:
        """Return the stream entries of some stories, each a millisecond after the one before."""
        found = []
        for one in stories:
            for envelope in one.envelopes(at or self._at):
                self._seq += 1
                flat = {name.encode(): value.encode("utf-8", "replace") for name, value in fields(envelope).items()}
                stream_id = f"{int((at or self._at).timestamp() * 1000)}-{self._seq}"
                found.append(StreamEntry(STREAM, stream_id, flat | {b"seq": str(self._seq).encode()}))
        return found


async def index(
    database: Database, *stories: Story, writer: StreamWriter | None = None, at: datetime | None = None
) -> Written:
    """Write stories into an index, as if they were read from the stream, on which they were ``at``."""
    entries = (writer or StreamWriter()).entries(*stories, at=at)
    return await database.write(lambda connection: write_batch(connection, entries))


@asynccontextmanager
async def quiet_desk(*stories: Story, redis: RedisSettings | None = None) -> AsyncIterator[Desk]:
    """A desk over an index of its own that follows no stream. Without ``redis`` what asks the store gets StoreUnavailable."""
    with tempfile.TemporaryDirectory() as folder:
        database = await open_database(Path(folder) / "desk.sqlite")
        connection = Connection(redis or RedisSettings(url="unix:///nowhere/redis.sock", timeout_seconds=0.2))
        desk = Desk(database, connection, DeskSettings(), Health(connection, database))
        try:
            if stories:
                await index(database, *stories)
            await desk.start()
            yield desk
        finally:
            await connection.close()
            await database.close()
