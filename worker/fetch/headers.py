"""The few response headers that later steps read, made safe to store and to send back; and what Retry-After asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from ..errors import PermanentError

#: Headers that `dateline.model.records.Body` keeps, in lower case.
KEPT = (
    "content-type", "content-language", "content-location", "content-disposition", "etag", "last-modified", "date", "age",
    "cache-control", "expires", "retry-after", "link", "x-robots-tag",
)  # fmt: skip

#: Longest wait reported; the callers clamp to their own, shorter limits.
MAX_RETRY_AFTER_SECONDS = 366 * 86_400.0
_MAX_HEADER_CHARS = 2048
_MAX_VALIDATOR_CHARS = 512
_MAX_RAW_CHARS = 8192
_MAX_RAW = 256
_REPEATED = ("link", "cache-control")
VALIDATORS = ("etag", "last-modified")
#: A server's clock may be so far ahead of ours.
_MAX_SKEW_SECONDS = 60.0
_WHOLE_RANGE = re.compile(r"\s*bytes\s+0-(\d{1,18})/(\d{1,18})\s*", re.IGNORECASE)
#: A number of seconds, once or said twice (two headers that a proxy joined), perhaps with its unit.
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)(?:\s*(?:s|secs?|seconds?))?(?:\s*[,;].*)?", re.IGNORECASE | re.ASCII)
_GZIP = {"gzip", "x-gzip"}
#: Compressions that we do not undo. Any other unknown word is a mistaken label (utf-8, none, text) on a plain body.
_FOREIGN = {
    "br",
    "zstd",
    "compress",
    "x-compress",
    "dcb",
    "dcz",
    "bzip2",
    "x-bzip2",
    "xz",
    "lzma",
    "exi",
    "pack200-gzip",
}


class HeaderMap(Protocol):
    """What is needed of a mapping that may hold a name more than once."""

    def get(self, key: str, /) -> str | None: ...

    def getall(self, key: str, default: Sequence[str], /) -> Sequence[str]: ...

    def items(self) -> Iterable[tuple[str, str]]: ...


def kept_headers(headers: HeaderMap, now: datetime) -> dict[str, str]:
    """Return the headers of `KEPT` that are there: valid UTF-8, at most 2048 characters, repeated ones joined by commas.

    A validator that could not be sent back as it is (too long, not ASCII) is left out, and a Last-Modified later than both
    ``now`` and the answer's own Date: sent back, it would bring a 304 until that day.
    """
    kept: dict[str, str] = {}
    for name in KEPT:
        value = headers.get(name)
        if value is None:
            continue
        if name in _REPEATED:
            value = ", ".join(headers.getall(name, ()))
        if name in VALIDATORS:
            if acceptable_validator(value) and not (name == "last-modified" and _is_ahead(value, headers, now)):
                kept[name] = value
        else:
            value = value[:_MAX_HEADER_CHARS]
            kept[name] = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8", "replace")
    return kept


def _is_ahead(last_modified: str, headers: HeaderMap, now: datetime) -> bool:
    moment = _moment(last_modified)
    latest = max(now, _moment(headers.get("date") or "") or now)
    return moment is not None and (moment - latest).total_seconds() > _MAX_SKEW_SECONDS


def is_whole_part(headers: HeaderMap) -> bool:
    """Whether a 206 that nobody asked for holds the whole body: from its first byte to its last, or without saying which."""
    if (headers.get("content-type") or "").lower().startswith("multipart/"):
        return False
    said = headers.get("content-range")
    if said is None:
        return True
    match = _WHOLE_RANGE.fullmatch(said)
    return match is not None and int(match[1]) + 1 == int(match[2])


def location_text(value: str) -> str:
    """Return a Location as text: raw bytes are read as UTF-8, else percent-encoded one by one, as browsers send them back."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)


def raw_headers(headers: HeaderMap) -> tuple[tuple[str, str], ...]:
    """Return all headers in their order, valid UTF-8, each at most 8192 characters, at most 256 of them."""
    rows = [(name, value[:_MAX_RAW_CHARS]) for name, value in headers.items()][:_MAX_RAW]
    return tuple((_utf8(name), _utf8(value)) for name, value in rows)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def acceptable_validator(value: str) -> bool:
    """Whether an ETag or Last-Modified can be stored and sent back unchanged: printable ASCII, at most 512 characters."""
    return 0 < len(value) <= _MAX_VALIDATOR_CHARS and value.isascii() and value.isprintable()


def content_encoding(headers: HeaderMap) -> str | None:
    """``gzip``, ``deflate``, None, or the name of a compression that we do not undo, from Content-Encoding. What the body
    really is, `true_encoding` tells.

    Raises:
        PermanentError: ``bad_encoding``; several different layers.
    """
    words = [
        word
        for value in headers.getall("content-encoding", ())
        for part in value.split(",")
        if (word := part.strip().lower())
    ]
    known = list(
        dict.fromkeys(
            "gzip" if word in _GZIP else word
            for word in words
            if word in _GZIP or word == "deflate" or word in _FOREIGN
        )
    )
    if len(known) > 1:
        named = ", ".join(words)[:80]
        raise PermanentError(
            f"Content-Encoding {named!r}: only one layer of gzip or deflate is read", code="bad_encoding"
        )
    return known[0] if known else None


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from ``now``, 0 to `MAX_RETRY_AFTER_SECONDS`, or None where the header is absent or says nothing usable.

    Reads whole and decimal seconds ("120", "120s", "120, 120"), the three date forms of HTTP, and ISO 8601. ``nan``,
    ``inf``, negative numbers and dates in the past say nothing usable; years that overflow say "long".
    """
    if value is None:
        return None
    value = value.strip()
    if not value or len(value) > 100:
        return None
    if value[0].isdigit():
        seconds = _SECONDS.fullmatch(value)
        try:
            return min(float(seconds[1] if seconds else value), MAX_RETRY_AFTER_SECONDS)
        except ValueError:
            moment = _iso_moment(value)
    else:
        moment = _moment(value)
    if moment is None:
        return None
    wait = (moment - now).total_seconds()
    return min(wait, MAX_RETRY_AFTER_SECONDS) if wait > 0 else None


def _iso_moment(value: str) -> datetime | None:
    """Return a date of ISO 8601, which some interfaces send, or None."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _moment(value: str) -> datetime | None:
    """Return a date of HTTP in any of its three forms, None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
