"""Writes fetched pages into WARC files, off the event loop, one thread for all of them.

A page is: a ``response`` for each redirect on the way, a ``metadata`` record with what we know of the entry, and the
``response`` with the bytes as they came over the wire and all headers. Each record is a gzip member of its own and is
flushed: a crash costs the record under way and no other. A file is named ``.open`` until it is complete.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from .. import __version__
from ..errors import SettingsError, explain_os_error
from ..model.records import Body
from ..settings import ArchiveSettings
from ..telemetry import Logger, get_logger

#: Shortest interval between log lines about a failing disk.
LOG_INTERVAL_SECONDS = 60.0
_ABOUT_THE_TRANSFER = {"content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive", "trailer"}


class Archive:
    """One process's archive. Raises SettingsError where warcio is missing or the folder cannot be written."""

    def __init__(self, settings: ArchiveSettings) -> None:
        try:
            from warcio.statusandheaders import StatusAndHeaders
            from warcio.warcwriter import WARCWriter
        except ImportError as error:
            raise SettingsError(
                "archive.folder is set, and warcio is not installed: pip install 'dateline[archive]', or leave it empty"
            ) from error
        self._headers: Any = StatusAndHeaders
        self._writer_of: Any = WARCWriter
        self._settings = settings
        self._folder = folder = Path(settings.folder or ".")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._file: BinaryIO | None = None
        self._writer: Any = None
        self._path = Path()
        self._opened_at = 0.0
        self._number = 0
        self._logged_at = float("-inf")
        self.log: Logger = get_logger("archive")
        self._closed = False
        self.pages = 0
        self.lost = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise SettingsError(f"archive.folder {folder}: cannot be written: {explain_os_error(error)}") from error

    async def keep(self, body: Body, at: datetime, known: Mapping[str, str]) -> None:
        """Write one fetched page; returns when it is flushed. ``known`` is what the ``metadata`` record says.

        A page that cannot be written is missing from the archive only: a full disk must not stop ingestion. It is counted in
        ``lost`` and logged.
        """
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._write, body, at, dict(known))
            self.pages += 1
        except OSError as error:
            self.lost += 1
            self._log_failure(error)

    async def rotate_if_due(self) -> None:
        """Complete a file that is old enough although no page comes."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close_if_full)
        except OSError as error:
            self._log_failure(error)

    def _log_failure(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._logged_at >= LOG_INTERVAL_SECONDS:
            self._logged_at = now
            self.log.error("archive.failed", reason=str(error), folder=str(self._folder), pages_lost=self.lost)

    async def close(self) -> None:
        """Complete the open file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        except OSError as error:
            self._log_failure(error)
        self._thread.shutdown()

    def _write(self, body: Body, at: datetime, known: dict[str, str]) -> None:
        try:
            self._close_if_full()
            if self._file is None:
                self._open(at)
            when = {"WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
            here = body.requested_url
            for status, target in body.hops:
                if 300 <= status < 400:  # a page that led on by a refresh is no redirect, and its body is not kept
                    self._response(here, status, [("Location", _line(target))], b"", when)
                here = target
            given = body.raw_headers or tuple((name.title(), value) for name, value in body.headers.items())
            # The body is stored without chunking, so length and encoding headers are written anew.
            headers = [(_line(name), _line(value)) for name, value in given if name.lower() not in _ABOUT_THE_TRANSFER]
            if body.encoding:
                headers.append(("Content-Encoding", body.encoding))
            page = self._record(
                body.url, body.status, [*headers, ("Content-Length", str(len(body.body)))], body.body, when
            )
            page_id = page.rec_headers.get_header("WARC-Record-ID")
            self._metadata(
                body.url, {"requested": body.requested_url, **known}, {**when, "WARC-Concurrent-To": page_id}
            )
            self._writer.write_record(page)
            if self._file is not None:
                self._file.flush()
        except Exception:
            self._close_failed_file()
            raise

    def _response(
        self, url: str, status: int, headers: list[tuple[str, str]], body: bytes, when: dict[str, str]
    ) -> None:
        self._writer.write_record(self._record(url, status, [*headers, ("Content-Length", "0")], body, when))

    def _record(self, url: str, status: int, headers: list[tuple[str, str]], body: bytes, when: dict[str, str]) -> Any:
        http = self._headers(f"{status} {_phrase(status)}", headers, protocol="HTTP/1.1")
        return self._writer.create_warc_record(
            _line(url),
            "response",
            payload=BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict=dict(when),
        )

    def _metadata(self, url: str, known: dict[str, str], when: dict[str, str]) -> None:
        text = "".join(f"{name}: {_line(value)}\r\n" for name, value in known.items() if value).encode()
        self._writer.write_record(
            self._writer.create_warc_record(
                _line(url), "metadata", payload=BytesIO(text), length=len(text), warc_content_type="application/warc-fields",
                warc_headers_dict=when,
            )
        )  # fmt: skip

    def _open(self, at: datetime) -> None:
        self._number += 1
        host = socket.gethostname().partition(".")[0][:40] or "host"
        name = f"dateline-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{host}-{os.getpid()}-{self._number:05}.warc.gz"
        self._path = self._folder / name
        self._folder.mkdir(parents=True, exist_ok=True)  # somebody may have moved the old one away
        self._file = self._open_path.open("xb")
        self._opened_at = time.monotonic()
        self._writer = self._writer_of(self._file, gzip=True, warc_version="WARC/1.1")
        about = {
            "software": f"dateline/{__version__}",
            "format": "WARC file version 1.1",
            "robots": "as the settings say",
        }
        self._writer.write_record(self._writer.create_warcinfo_record(name, about))

    @property
    def _open_path(self) -> Path:
        return self._path.with_name(self._path.name + ".open")

    def _close_if_full(self) -> None:
        if self._file is None:
            return
        age = time.monotonic() - self._opened_at
        if self._file.tell() >= self._settings.max_mib * (1 << 20) or age >= self._settings.max_hours * 3600:
            self._close()

    def _close(self) -> None:
        if self._file is None:
            return
        file, self._file, self._writer = self._file, None, None
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._open_path.rename(self._path)
        self.log.info("archive.file_completed", file=str(self._path), size=self._path.stat().st_size)
        self._delete_expired()

    def _close_failed_file(self) -> None:
        """Close a file that could not be written and leave it as it is; the next page starts another."""
        if self._file is not None:
            file, self._file, self._writer = self._file, None, None
            with contextlib.suppress(OSError):
                file.close()

    def _delete_expired(self) -> None:
        if self._settings.keep_days is None:
            return
        oldest = time.time() - self._settings.keep_days * 86400
        for path in self._folder.glob("dateline-*.warc.gz"):
            with contextlib.suppress(FileNotFoundError):  # another worker on the same folder was faster
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _line(text: str) -> str:
    """Return a header value on one line, fit for the file's character set."""
    return " ".join(text.split()).encode("utf-8", "replace").decode("utf-8")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
