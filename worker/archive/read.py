"""Reads pages out of WARC files: ours, Common Crawl's news files, any crawler's. One page at a time, however big the file."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import SettingsError, explain_os_error

MAX_PAGE_BYTES = 8 << 20  #: decoded; what is longer is passed over, with ``body`` empty
#: Exceptions of the library and of zlib on damaged bytes. Pages before the damage are complete.
_DAMAGED = (EOFError, OSError, ValueError, IndexError, AttributeError, zlib.error)
_PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "")


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """One page as it was fetched, decoded. ``known`` is what our ``metadata`` record says of its entry; ``problem`` says
    why there is no body."""

    url: str
    fetched: datetime | None
    content_type: str | None
    body: bytes
    known: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


def files(paths: list[Path]) -> list[Path]:
    """Return the WARC files that these files and folders are, in the order of their names within a folder.

    Files still being written (``.open``) are among them. Raises SettingsError where a path is neither, or a folder has none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            here = sorted(p for p in path.rglob("*") if p.name.endswith((".warc", ".warc.gz", ".warc.gz.open")))
            if not here:
                raise SettingsError(f"{path}: no .warc or .warc.gz file in this folder")
            found += here
        elif path.is_file():
            found.append(path)
        else:
            raise SettingsError(f"{path}: no such file or folder; check the path")
    return found


def pages(path: Path, on_bytes: Callable[[int], object] | None = None) -> Iterator[ArchivedPage]:
    """Yield the pages of one file: HTTP responses of status 200 that are HTML or text.

    A file that ends in the middle of a record (a crash, a download cut short) gives what stands whole in it, and then a page
    with ``problem``. Args: on_bytes: Called with the number of bytes read since the last call.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError as error:
        raise SettingsError("reading WARC files needs warcio: pip install 'dateline[archive]'") from error
    try:
        file = path.open("rb")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {explain_os_error(error)}") from error
    # Its messages quote the file, control characters included.
    logging.getLogger("warcio").setLevel(logging.CRITICAL)
    with file:
        said: dict[str, dict[str, str]] = {}
        before = 0
        try:
            for record in ArchiveIterator(file):
                if record.rec_type == "metadata":
                    said = _said(record) or said
                elif record.rec_type == "response":
                    page = _page(record, said)
                    said = {}
                    if page is not None:
                        yield page
                if on_bytes:
                    here = file.tell()
                    on_bytes(here - before)
                    before = here
        except (ArchiveLoadFailed, *_DAMAGED) as error:
            yield ArchivedPage(f"{path}", None, None, b"", problem=f"{path}: damaged or cut short: {error}"[:300])
        if on_bytes:
            on_bytes(file.tell() - before)


def _page(record: Any, said: dict[str, dict[str, str]]) -> ArchivedPage | None:
    url, http = record.rec_headers.get_header("WARC-Target-URI") or "", record.http_headers
    url = url.strip("<>")  # WARC 1.0 files of old crawlers have them
    if http is None or not url.startswith(("http://", "https://")) or http.get_statuscode() != "200":
        return None
    kind = http.get_header("Content-Type")
    if (kind or "").partition(";")[0].strip().lower() not in _PAGE_TYPES:
        return None
    fetched = _when(record.rec_headers.get_header("WARC-Date"))
    known = said.get(record.rec_headers.get_header("WARC-Record-ID") or "", {})
    try:
        body = record.content_stream().read(MAX_PAGE_BYTES + 1)
    except _DAMAGED as error:
        return ArchivedPage(url, fetched, kind, b"", known, problem=f"{url}: cannot be decoded: {error}"[:300])
    if len(body) <= MAX_PAGE_BYTES and _cut_short(record):
        return ArchivedPage(url, fetched, kind, b"", known, problem=f"{url}: the file ends in the middle of this page")
    if len(body) > MAX_PAGE_BYTES:
        return ArchivedPage(url, fetched, kind, b"", known, problem=f"{url}: more than {MAX_PAGE_BYTES} bytes")
    return ArchivedPage(url, fetched, kind, body, known)


def _cut_short(record: Any) -> bool:
    """Return whether the record has fewer bytes than it announces: the library takes the end of the file for its end."""
    stream = record.raw_stream
    left = getattr(stream, "limit", 0)
    while left > 0 and stream.read(min(left, 1 << 16)):
        left = stream.limit
    return bool(left > 0)


def _said(record: Any) -> dict[str, dict[str, str]]:
    """Return our metadata record's fields under the id of the response they are about; empty for others' metadata."""
    about = record.rec_headers.get_header("WARC-Concurrent-To")
    if not about or record.rec_headers.get_header("Content-Type") != "application/warc-fields":
        return {}
    text = record.content_stream().read(64 << 10).decode("utf-8", "replace")
    rows = (line.partition(":") for line in text.splitlines())
    return {about: {name.strip(): value.strip() for name, colon, value in rows if colon}}


def _when(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
