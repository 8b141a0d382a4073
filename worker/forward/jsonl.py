"""Appends the stream to a file, one JSON line per entry (CloudEvents' JSON form), flushed to disk before it is acked.

The file has each entry once, whatever partition it is of and whichever worker writes it: a partial line after a crash is cut
off, and entries redelivered because the crash came before the ack are recognised by the lines at the file's end. Workers that
share the file lock it for each batch, and read what the others wrote meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..errors import SettingsError, TransientError
from ..ports import Forwarder, Resources
from .cloud_event import structured

#: Bytes at the file's end that are searched for redelivered entries; a batch of long articles is some 3 MB.
TAIL_BYTES = 16 * 1024 * 1024
LOCK_SECONDS, _LOCK_PAUSE_SECONDS = 10.0, 0.01  #: longest wait for another worker's batch, and between two looks
MOST_RECENT = 1000  #: entries of a partition that are recognised when they come again; a batch has 100


@dataclass(frozen=True, slots=True)
class Settings:
    """A file, and when to rotate it."""

    path: str  #: The file, made if missing, its folder too.
    max_bytes: int | None = (
        256 * 1024 * 1024
    )  #: Beyond this it becomes PATH.1, the one before PATH.2, ...; None: never.
    keep_files: int = 8  #: How many of those are kept; the oldest is deleted.


def target(settings: Settings) -> str:
    """Return the file."""
    return str(Path(settings.path).absolute())


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError if the file cannot be opened."""
    return JsonLines(settings, resources)


class _Line(msgspec.Struct):
    streamid: str
    id: str = ""


class JsonLines:
    """Appends to an open file; used by one thread at a time."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._log = resources.log
        self._path = Path(settings.path)
        #: Entries that may come again, by partition: those at the end of the file at the start, and what others wrote since.
        self._recent: dict[str, deque[tuple[str, str]]] = {}
        self._end = 0  #: of the file, after what we have read or written of it
        self._has_read_turned = False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = self._open()
            with (
                contextlib.suppress(BlockingIOError),
                self._locked(0.0),
            ):  # held: read before the first batch is written
                self._read_turned_file()
        except OSError as error:
            raise SettingsError(
                f"[[forward]] jsonl: {settings.path}: {error.strerror}; choose a path that can be written"
            ) from error

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Append and flush. Raises TransientError while the disk is full or away; a part that was written is undone."""
        await asyncio.to_thread(self._write, entries)

    async def close(self) -> None:
        """Close the file. Repeatable."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _write(self, entries: Sequence[dict[str, str]]) -> None:
        try:
            with self._locked(LOCK_SECONDS):
                if not self._has_read_turned:
                    self._read_turned_file()
                if lines := self._new_lines(entries):
                    self._append(lines)
        except BlockingIOError as error:
            held = f"{self._path}: another worker has locked it for {LOCK_SECONDS:g} s; end it if it stands still"
            raise TransientError(held, code="disk") from error
        except OSError as error:
            raise TransientError(f"{self._path}: {error.strerror}", code="disk") from error

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    @contextlib.contextmanager
    def _locked(self, seconds: float) -> Iterator[None]:
        """Lock the file that is at the path now, and read what others wrote to it. Raises BlockingIOError where another worker
        has held it for that long: it may stand still."""
        self._lock(seconds)
        try:
            yield
        finally:
            with contextlib.suppress(OSError, ValueError):  # closed meanwhile
                fcntl.flock(self._fd, fcntl.LOCK_UN)

    def _lock(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_LOCK_PAUSE_SECONDS)
                continue
            except (OSError, ValueError):
                pass  # a file system without locks: then one worker writes the file
            self._read_others(self._fd)
            if self._is_current():
                return
            before, self._fd, self._end = self._fd, self._open(), 0  # another worker rotated it, or somebody moved it
            os.close(before)

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except FileNotFoundError:
            return False

    def _read_others(self, fd: int) -> None:
        """Note the entries behind what we know of the file; cut off a partial last line."""
        size = os.fstat(fd).st_size
        if size > self._end:
            start = max(self._end, size - TAIL_BYTES)
            tail = os.pread(fd, size - start, start)
            whole = tail.rfind(b"\n") + 1
            if whole < len(tail):
                self._log.warning("file.partial_line_cut", path=str(self._path), cut_bytes=len(tail) - whole)
                os.ftruncate(fd, start + whole)
            self._note(tail[:whole])
            size = start + whole
        self._end = size

    def _read_turned_file(self) -> None:
        """Note the entries at the end of the file before this one, where this one is short: they may not be acked either."""
        self._has_read_turned = True
        before = self._numbered(1)
        if self._end < TAIL_BYTES and self._settings.keep_files and before.exists():
            with before.open("rb") as file:
                file.seek(max(0, before.stat().st_size - (TAIL_BYTES - self._end)))
                self._note(file.read())

    def _note(self, lines: bytes) -> None:
        for line in lines.splitlines():
            try:
                row = msgspec.json.decode(line, type=_Line)
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                continue  # the tail starts inside a line, or the line is not one of ours
            recent = self._recent.setdefault(_partition(row.streamid), deque(maxlen=MOST_RECENT))
            recent.append((row.streamid, row.id))

    def _new_lines(self, entries: Sequence[dict[str, str]]) -> bytes:
        fresh = list(entries)
        partition = _partition(entries[0]["stream_id"]) if entries else ""
        if recent := set(self._recent.get(partition, ())):
            fresh = [entry for entry in fresh if (entry["stream_id"], entry.get("id", "")) not in recent]
            if len(fresh) == len(entries):
                # Entries pending at the crash are redelivered first. A later repeat was requested (a group set back) and is
                # written.
                del self._recent[partition]
        return b"".join(structured(entry) + b"\n" for entry in fresh)

    def _append(self, lines: bytes) -> None:
        if self._settings.max_bytes is not None and self._end and self._end + len(lines) > self._settings.max_bytes:
            self._rotate()
        start = self._end
        try:
            view = memoryview(lines)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, start)
            raise
        self._end = start + len(lines)

    def _rotate(self) -> None:
        for number in range(self._settings.keep_files, 0, -1):
            older = self._path if number == 1 else self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        if not self._settings.keep_files:
            self._path.unlink()
        self._lock(LOCK_SECONDS)  # the file that is at the path now: a new one

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _partition(stream_id: str) -> str:
    """Return the partition before an entry's id; empty where there is one."""
    return stream_id.rpartition("/")[0]
