"""Appends the stream to a file, one JSON line per entry (CloudEvents' JSON form), flushed to disk before it is acked.

The file holds each entry once: what a crash left half written at its end is cut off when it is opened, and entries that come
again because the crash came before the ack are recognised there.
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
from .cloud_event import structured, wanted

#: How much of a file's end is read for the entries that may come again; a batch of long articles is some 3 MB.
TAIL_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """A file, and when to begin a new one."""

    path: str  #: The file, made if missing, its folder too.
    max_bytes: int | None = (
        256 * 1024 * 1024
    )  #: Beyond this it becomes PATH.1, the one before PATH.2, ...; None: never.
    keep_files: int = 8  #: How many of those are kept; the oldest is deleted.
    types: tuple[str, ...] = ()  #: Only these: "event.reported", "article", ...; none: everything.


def build(settings: Settings, resources: Resources) -> Forwarder:
    """The forwarder. Raises SettingsError if the file cannot be opened."""
    return JsonLines(settings, resources)


class _Line(msgspec.Struct):
    streamid: str
    id: str = ""


class JsonLines:
    """An open file at its end."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._log = resources.log
        self._path = Path(settings.path)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = self._open()
            self._may_come_again = self._mend()
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

    def _mend(self) -> set[tuple[str, str]]:
        """Cut off a half-written last line; give the entries at the end of the file."""
        size = os.fstat(self._fd).st_size
        start = max(0, size - TAIL_BYTES)
        tail = os.pread(self._fd, size - start, start)
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            self._log.warning("file.mended", path=str(self._path), cut_bytes=len(tail) - whole)
            os.ftruncate(self._fd, start + whole)
        known = set()
        for line in tail[:whole].splitlines():
            try:
                told = msgspec.json.decode(line, type=_Line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # the line that the tail begins in, or one of somebody else's
            known.add((told.streamid, told.id))
        return known

    def _new_lines(self, entries: Sequence[dict[str, str]]) -> bytes:
        fresh = [entry for entry in entries if wanted(entry, self._settings.types)]
        if self._may_come_again:
            before = len(fresh)
            fresh = [entry for entry in fresh if (entry["stream_id"], entry.get("id", "")) not in self._may_come_again]
            if len(fresh) == before:
                # Only what was in hand at the crash comes again, and it comes first. What comes later a second time was
                # asked for (a group set back), and is written.
                self._may_come_again = set()
        return b"".join(structured(entry) + b"\n" for entry in fresh)

    def _append(self, lines: bytes) -> None:
        size = os.fstat(self._fd).st_size
        if self._settings.max_bytes is not None and size and size + len(lines) > self._settings.max_bytes:
            self._turn_over()
            size = 0
        try:
            view = memoryview(lines)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fsync(self._fd)
        except OSError as error:
            os.ftruncate(self._fd, size)
            raise TransientError(f"{self._path}: {error.strerror}", code="disk") from error

    def _turn_over(self) -> None:
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
