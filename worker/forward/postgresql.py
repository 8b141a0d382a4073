"""Keeps articles and events in PostgreSQL: the latest revision of each, without retracted events.

Each batch is one transaction: COPY into temporary tables, then an upsert by id, so that an entry that comes twice changes
nothing. Tables are made where they are missing; ``data`` is the record as published, as ``jsonb``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.article import Article
from ..contract.event import Event
from ..errors import PartlyForwarded, PermanentError, SettingsError, TransientError
from ..plugins import require
from ..ports import Forwarder, Resources
from .cloud_event import target_of
from .rows import Row, Taken, article_row, event_row, read

if TYPE_CHECKING:
    import asyncpg

_BROKEN = (OSError, TimeoutError)
_TABLES = Path(__file__).with_suffix(".sql")

#: Each partition of the stream may have an instance, so that one that waits holds no other.
PER_PARTITION = True


@dataclass(frozen=True, slots=True)
class Settings:
    """A database."""

    url: str = field(repr=False)  #: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, options after ? as libpq has them.
    schema: str = "public"  #: Where the tables articles and events are; it must exist.
    keep_withdrawn: bool = False  #: Keep the text of articles that their source withdrew; else only that they were.
    timeout_seconds: float = 30.0  #: To connect, and for one statement.


def target(settings: Settings) -> str:
    """Return the database without user and password, and the schema."""
    return f"{target_of(settings.url)}#{settings.schema}"


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on a URL that is none, or without the extra ``postgresql``."""
    if not settings.url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("[[forward]] postgresql: url must begin with postgresql://")
    if not settings.schema.isidentifier():
        raise SettingsError(f"[[forward]] postgresql: schema {settings.schema!r} is not a plain name")
    require("asyncpg", "[[forward]] postgresql", extra="postgresql")
    return Database(settings)


_RETRACT = (
    "INSERT INTO retracted (id, revision) SELECT * FROM unnest($1::text[], $2::int[]) "
    "ON CONFLICT (id) DO UPDATE SET revision = greatest(retracted.revision, excluded.revision)"
)
_DELETE = (
    "DELETE FROM events AS e USING unnest($1::text[], $2::int[]) AS r(id, revision) "
    "WHERE e.id = r.id AND e.revision < r.revision"
)


class Database:
    """One connection, opened at the first batch and again after it broke."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: asyncpg.Connection | None = None

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Write all entries in one transaction. Raises PermanentError for one entry that the database cannot hold."""
        import asyncpg

        taken = read(entries)
        try:
            await self._write(taken)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            kind = PermanentError if len(taken.records) == 1 else TransientError  # the entry at fault is found singly
            raise kind(f"PostgreSQL: {error}") from error
        except (*_BROKEN, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            await self.close()
            raise TransientError(f"PostgreSQL: {type(error).__name__}: {error}", code="connection") from error
        if taken.refused:
            raise PartlyForwarded("refused", accepted=[name for name, _, _ in taken.records], refused=taken.refused)

    async def close(self) -> None:
        """Close the connection. Repeatable."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _open(self) -> asyncpg.Connection:
        import asyncpg

        if self._connection is None or self._connection.is_closed():
            seconds = self._settings.timeout_seconds
            connection = await asyncpg.connect(self._settings.url, timeout=seconds, command_timeout=seconds)
            self._connection = connection
            await connection.execute(f'SET search_path TO "{self._settings.schema}"')
            await connection.execute(_TABLES.read_text())
        return self._connection

    async def _write(self, taken: Taken) -> None:
        articles: dict[str, Row] = {}
        events: dict[str, Row] = {}
        retracted: dict[str, int] = {}
        for _, envelope, record in taken.records:
            if isinstance(record, Article):
                row = article_row(envelope, record, keep_withdrawn=self._settings.keep_withdrawn)
                _keep_newest(articles, row | {"published": _time(record.published)})
            elif isinstance(record, Event):
                days = record.date
                row = event_row(envelope, record)
                row |= {
                    "occurred_from": _day(days.start if days else None),
                    "occurred_to": _day(days.end if days else None),
                }
                _keep_newest(events, row)
            else:
                retracted[record.id] = max(record.revision, retracted.get(record.id, 0))
                if record.id in events and events[record.id]["revision"] < record.revision:
                    del events[record.id]
        connection = await self._open()
        async with connection.transaction():
            await self._upsert(connection, "articles", list(articles.values()))
            if retracted:
                await connection.execute(_RETRACT, list(retracted), list(retracted.values()))
                await connection.execute(_DELETE, list(retracted), list(retracted.values()))
            await self._upsert(connection, "events", list(events.values()))

    async def _upsert(self, connection: asyncpg.Connection, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        names = list(rows[0])
        columns = ", ".join(names)
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != "id")
        await connection.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS incoming_{table} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table} LIMIT 0"
        )
        values = [tuple(_storable(value) for value in row.values()) for row in rows]
        await connection.copy_records_to_table(f"incoming_{table}", records=values, columns=names)
        await connection.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming_{table} AS i "
            "WHERE NOT EXISTS (SELECT 1 FROM retracted AS r WHERE r.id = i.id AND r.revision > i.revision) "
            f"ON CONFLICT (id) DO UPDATE SET {changes} WHERE excluded.revision >= {table}.revision"
        )


def _keep_newest(rows: dict[str, Row], row: Row) -> None:
    """Keep the newest revision of each: one statement cannot change a row twice."""
    if row["id"] not in rows or rows[row["id"]]["revision"] <= row["revision"]:
        rows[row["id"]] = row


def _storable(value: Any) -> Any:
    """Return text without NUL, which PostgreSQL cannot hold, neither as it is nor escaped in JSON."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").replace("\\u0000", "\\ufffd")
    return value


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
