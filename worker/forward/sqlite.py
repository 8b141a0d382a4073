"""Keeps articles and events in an SQLite file: the latest revision of each, without retracted events.

Each batch is one transaction, and every write is by key, so an entry that comes twice changes nothing. Tables::

    articles(id, revision, withdrawn, published, language, publisher, title, url, family, countries, text, data)
    events(id, article, revision, plover, mode, quad, occurred_from, occurred_to, country, countries, confidence,
           certainty, evidence, data)
    retracted(id, revision): the events that are gone, so that one that comes after its retraction stays gone

``data`` is the record as published (JSON), to be asked with SQLite's ``json_extract``.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ..contract.article import Article
from ..contract.envelope import Envelope, Record
from ..contract.event import Event
from ..errors import PartlyForwarded, SettingsError, TransientError
from ..ports import Forwarder, Resources
from .rows import Row, Taken, article_row, event_row, read

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
        taken = read(entries)
        try:
            await asyncio.to_thread(self._write, taken)
        except sqlite3.OperationalError as error:
            raise TransientError(f"{self._settings.path}: {error}", code="disk") from error
        if taken.refused:
            raise PartlyForwarded("refused", accepted=[name for name, _, _ in taken.records], refused=taken.refused)

    async def close(self) -> None:
        """Close the database. Repeatable."""
        self._connection.close()

    def _write(self, taken: Taken) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for _, envelope, record in taken.records:
                self._put(envelope, record)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _put(self, envelope: Envelope, record: Record) -> None:
        if isinstance(record, Article):
            row = article_row(envelope, record, keep_withdrawn=self._settings.keep_withdrawn)
            self._upsert("articles", row | {"withdrawn": int(row["withdrawn"])})
        elif isinstance(record, Event):
            self._upsert("events", event_row(envelope, record))
        else:
            self._retract(record.id, record.revision)

    def _retract(self, event: str, revision: int) -> None:
        self._connection.execute("DELETE FROM events WHERE id = ? AND revision < ?", (event, revision))
        self._connection.execute(
            "INSERT INTO retracted (id, revision) VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET revision = max(revision, excluded.revision)",
            (event, revision),
        )

    def _upsert(self, table: str, row: Row) -> None:
        """Insert, or replace an older revision; entries may come again in any order without harm."""
        row = row | {"countries": ",".join(row["countries"])}
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        self._connection.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} "
            f"WHERE NOT EXISTS (SELECT 1 FROM retracted AS r WHERE r.id = :id AND r.revision > :revision) "
            f"ON CONFLICT (id) DO UPDATE SET {changes} WHERE excluded.revision >= {table}.revision",
            row,
        )
