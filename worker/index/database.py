"""The index's file: opened, locked, made again where it is damaged or of another version; its threads.

SQLite blocks, so nothing here runs on the event loop: one thread writes, two read, each with its own connection (WAL).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from ..errors import SettingsError, TransientError
from ..telemetry import get_logger

#: Of `schema.sql` and of the packed bodies. A file of another version is deleted and made again from the stream.
VERSION = 6
_READERS = 2
_CACHE_KIB = 16_384  #: page cache of one connection
_BUSY_SECONDS = 10.0

T = TypeVar("T")
log = get_logger("index")


class IndexUnavailable(TransientError):
    """The index gave no usable answer; the message names the file and the reason."""

    code = "index"


class IndexConnection(sqlite3.Connection):
    """A connection to the index; ``shared`` is what all readers of the index keep in memory."""

    shared: dict[str, Any]


class Database:
    """The index's file and its threads. Open with `open_database`, close with `close`."""

    def __init__(self, path: Path, lock: int, connection: sqlite3.Connection, writer: ThreadPoolExecutor) -> None:
        self.path = path
        self._lock = lock
        self._connection = connection
        self._writer = writer
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="index-read")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._shared: dict[str, Any] = {}

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in one transaction on the writing thread: all of it is kept, or nothing. Raises IndexUnavailable."""
        return await self._run(self._writer, lambda: _in_transaction(self._connection, work))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on a reading thread; it sees one state of the index. Raises IndexUnavailable."""
        return await self._run(self._readers, lambda: _in_snapshot(self._reader(), work))

    async def close(self) -> None:
        """Wait for what is under way; close the file and release its lock."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.get_running_loop().run_in_executor(self._writer, self._connection.close)
        self._writer.shutdown()
        for connection in self._opened:
            connection.close()
        os.close(self._lock)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except sqlite3.Error as error:
            raise IndexUnavailable(f"the index {self.path} cannot be used: {error}") from error

    def _reader(self) -> sqlite3.Connection:
        found: IndexConnection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = _connect(self.path)
            found.shared = self._shared
            found.execute("PRAGMA query_only = 1")
            self._opened.append(found)
        return found


async def open_database(path: Path) -> Database:
    """Open the index at ``path``, made where it is missing; deleted and made again where it is damaged or of another version.

    Raises:
        SettingsError: The file cannot be written, holds something else, or another process has it open.
    """
    writer = ThreadPoolExecutor(1, thread_name_prefix="index-write")
    try:
        lock, connection = await asyncio.get_running_loop().run_in_executor(writer, _open, path)
    except BaseException:
        writer.shutdown()
        raise
    return Database(path, lock, connection, writer)


def index_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes that the index's pages take, free ones not counted."""
    (pages,), (free,), (size,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _open(path: Path) -> tuple[int, sqlite3.Connection]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_another_file(path)
        lock = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise SettingsError(
            f"desk.index_file {path} cannot be written ({error.strerror}): name another file, or set desk.enabled = false"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise SettingsError(
            f"desk.index_file {path} is in use by another desk: name another file, or set desk.enabled = false in one"
        ) from None
    try:
        return lock, _open_or_remake(path)
    except sqlite3.Error as error:
        os.close(lock)
        raise SettingsError(f"desk.index_file {path} cannot be opened ({error}): name another file") from error


def _open_or_remake(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        connection.close()
        connection = _connect(path)
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == VERSION:
            connection.execute("SELECT count(*) FROM cursor").fetchone()
            return connection
        if version == 0 and not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
            return make_tables(connection)
        why = f"it is of version {version}, not {VERSION}"
    except sqlite3.DatabaseError as error:
        why = str(error)
    connection.close()
    log.warning("index.remade", file=str(path), reason=why, note="it is filled again from the stream")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return make_tables(_connect(path))


def _refuse_another_file(path: Path) -> None:
    """Raise SettingsError for a file that was never an index: it would be deleted, to make one in its place. A lock beside it
    says that it was one, however damaged it is."""
    if _lock_of(path).exists() or not path.is_file() or not path.stat().st_size:
        return
    with path.open("rb") as file:
        is_ours = file.read(16) == b"SQLite format 3\0"
    if is_ours:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as connection:
            query = "SELECT count(*) FROM sqlite_schema WHERE name IN ('cursor', 'happening')"
            is_ours = connection.execute(query).fetchone()[0] == 2
    if not is_ours:
        raise SettingsError(f"desk.index_file {path} holds something else: name another file, or delete this one")


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def make_tables(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Make the empty index in a new file; return the connection."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript((resources.files(__package__) / "schema.sql").read_text())
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return connection


def _connect(path: Path) -> IndexConnection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=IndexConnection
    )
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    # The stream is the ledger: what the machine's crash takes from the index is read again, with its cursor.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _in_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = work(connection)
        connection.execute("COMMIT")
        return found
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _in_snapshot(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("ROLLBACK")


def scalar(connection: sqlite3.Connection, sql: str, *values: Any) -> Any:
    """Return the first value of the first row; None where there is no row."""
    row = connection.execute(sql, values).fetchone()
    return None if row is None else row[0]
