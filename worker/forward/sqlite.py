"""Keeps articles and events in an SQLite file: the latest revision of each, without retracted events.

Each batch is one transaction, and every write is by key, so an entry that comes twice changes nothing. Tables::

    articles(id, revision, withdrawn, published, language, publisher, title, url, family, countries, text, data)
    events(id, article, revision, plover, mode, quad, occurred_from, occurred_to, country, countries, confidence,
           certainty, evidence, data)

``data`` is the record as published (JSON), to be asked with SQLite's ``json_extract``.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..contract.article import Article
from ..contract.envelope import Envelope, MalformedEnvelope, Retraction, parse
from ..contract.event import Event
from ..errors import SettingsError, TransientError
from ..ports import Forwarder, Resources

_TABLES = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True, slots=True)
class Settings:
    """A database file."""

    path: str  #: The database, made if missing, its folder too.
    keep_withdrawn: bool = False  #: Keep the text of articles that their source withdrew; else only that they were.
    lock_seconds: float = 10.0  #: How long to wait for another process that writes to the file.


def target(settings: Settings) -> str:
    """Return the file."""
    return str(Path(settings.path).absolute())


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError if the file cannot be opened or is no database of ours."""
    return Database(settings, resources)


class Database:
    """One open database; used by one thread at a time."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._log = resources.log
        try:
            Path(settings.path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                settings.path, check_same_thread=False, isolation_level=None, timeout=settings.lock_seconds
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES.read_text())
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                f"[[forward]] sqlite: {settings.path}: {error}; choose a path that can be written"
            ) from error

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Write all entries in one transaction. Raises TransientError while the disk is full or the file locked."""
        envelopes = [envelope for entry in entries if (envelope := self._parse(entry))]
        try:
            await asyncio.to_thread(self._write, envelopes)
        except sqlite3.OperationalError as error:
            raise TransientError(f"{self._settings.path}: {error}", code="disk") from error

    async def close(self) -> None:
        """Close the database. Repeatable."""
        self._connection.close()

    def _parse(self, entry: dict[str, str]) -> Envelope | None:
        try:
            return parse(entry)
        except MalformedEnvelope as error:
            self._log.error("entry.refused", reason=str(error), stream_id=entry["stream_id"])
            return None

    def _write(self, envelopes: list[Envelope]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for envelope in envelopes:
                self._put(envelope)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _put(self, envelope: Envelope) -> None:
        try:
            record = envelope.record()
        except MalformedEnvelope as error:
            self._log.error("entry.refused", reason=str(error), id=envelope.id)
            return
        if isinstance(record, Article):
            self._put_article(envelope, record)
        elif isinstance(record, Event):
            self._upsert("events", _event_row(envelope, record), record.revision)
        elif isinstance(record, Retraction):
            self._connection.execute("DELETE FROM events WHERE id = ? AND revision < ?", (record.id, record.revision))

    def _put_article(self, envelope: Envelope, article: Article) -> None:
        row = _article_row(envelope, article)
        if row["withdrawn"] and not self._settings.keep_withdrawn:
            row |= {"text": None, "data": None}
        self._upsert("articles", row, article.revision)

    def _upsert(self, table: str, row: dict[str, Any], revision: int) -> None:
        """Insert, or replace an older revision; entries may come again in any order without harm."""
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        self._connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({values}) "
            f"ON CONFLICT (id) DO UPDATE SET {changes} WHERE excluded.revision >= {table}.revision",
            row,
        )


def _article_row(envelope: Envelope, article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "revision": article.revision,
        "withdrawn": int(envelope.type.endswith(".withdrawn")),
        "published": article.published,
        "language": article.language,
        "publisher": article.publisher,
        "title": article.title,
        "url": article.canonical_url or article.url,
        "family": article.family.id if article.family else None,
        "countries": ",".join(envelope.countries),
        "text": article.text,
        "data": msgspec.json.encode(article).decode(),
    }


def _event_row(envelope: Envelope, event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "article": event.article,
        "revision": event.revision,
        "plover": event.plover.type,
        "mode": event.plover.mode,
        "quad": event.plover.quad,
        "occurred_from": event.date.start if event.date else None,
        "occurred_to": event.date.end if event.date else None,
        "country": event.location.country if event.location else None,
        "countries": ",".join(envelope.countries),
        "confidence": event.confidence,
        "certainty": event.attribution.certainty,
        "evidence": event.evidence.text,
        "data": envelope.data,
    }
