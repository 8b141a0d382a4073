"""Appends the stream to a file, one JSON line per entry (CloudEvents' JSON form), flushed to disk before it is acked.

The file has each entry once: a partial line after a crash is cut off when the file is opened, and entries redelivered because
the crash came before the ack are recognised by the lines at its end.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..errors import SettingsError, TransientError
from ..ports import Forwarder, Resources
from .cloud_event import structured

#: Bytes at the file's end that are searched for redelivered entries; a batch of long articles is some 3 MB.
TAIL_BYTES = 16 * 1024 * 1024


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
    """Appends to an open file."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._log = resources.log
        self._path = Path(settings.path)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = self._open()
            self._recent = self._cut_partial_line()
        except OSError as error:
            raise SettingsError(
                f"[[forward]] jsonl: {settings.path}: {error.strerror}; choose a path that can be written"
            ) from error

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Append and flush. Raises TransientError while the disk is full or away; a part that was written is undone."""
        lines = self._new_lines(entries)
        if lines:
            await asyncio.to_thread(self._append, lines)

    async def close(self) -> None:
        """Close the file. Repeatable."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def _cut_partial_line(self) -> set[tuple[str, str]]:
        """Cut off a partial last line; return the keys of the entries at the end of the file."""
        size = os.fstat(self._fd).st_size
        start = max(0, size - TAIL_BYTES)
        tail = os.pread(self._fd, size - start, start)
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            self._log.warning("file.partial_line_cut", path=str(self._path), cut_bytes=len(tail) - whole)
            os.ftruncate(self._fd, start + whole)
        known = set()
        for line in tail[:whole].splitlines():
            try:
                row = msgspec.json.decode(line, type=_Line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # the tail starts inside a line, or the line is not one of ours
            known.add((row.streamid, row.id))
        return known

    def _new_lines(self, entries: Sequence[dict[str, str]]) -> bytes:
        fresh = list(entries)
        if self._recent:
            before = len(fresh)
            fresh = [entry for entry in fresh if (entry["stream_id"], entry.get("id", "")) not in self._recent]
            if len(fresh) == before:
                # Entries pending at the crash are redelivered first. A later repeat was requested (a group set back) and is
                # written.
                self._recent = set()
        return b"".join(structured(entry) + b"\n" for entry in fresh)

    def _append(self, lines: bytes) -> None:
        size = os.fstat(self._fd).st_size
        if self._settings.max_bytes is not None and size and size + len(lines) > self._settings.max_bytes:
            self._rotate()
            size = 0
        try:
            view = memoryview(lines)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fsync(self._fd)
        except OSError as error:
            os.ftruncate(self._fd, size)
            raise TransientError(f"{self._path}: {error.strerror}", code="disk") from error

    def _rotate(self) -> None:
        for number in range(self._settings.keep_files, 0, -1):
            older = self._path if number == 1 else self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        if not self._settings.keep_files:
            self._path.unlink()
        os.close(self._fd)
        self._fd = self._open()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
