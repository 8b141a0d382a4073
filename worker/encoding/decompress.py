"""Undoes gzip and deflate with a limit on what comes out, however little goes in.

Runs where the body is used (a child process); the loop inflates no more than a start. Feeding zlib with ``max_length`` keeps
a bomb at the limit: nothing beyond it is ever produced.
"""

from __future__ import annotations

import zlib

from ..errors import PermanentError, TooLarge

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
#: What a plain document begins with that some servers label gzip or deflate all the same.
_PLAIN_START = (b"<", b"{", b"[", b"\xef\xbb\xbf")


def inflate(data: bytes, encoding: str | None, *, max_bytes: int, sniff: bool = False) -> bytes:
    """Return the plain bytes of a body whose Content-Encoding was ``encoding``.

    Args:
        data: The body as it came.
        encoding: ``gzip``, ``deflate`` (zlib or raw; servers send both) or None.
        max_bytes: Most that may come out.
        sniff: Also undo one layer of gzip that no header named: ``.xml.gz`` feeds and sitemaps.
    Raises:
        TooLarge: More than ``max_bytes`` would come out.
        PermanentError: ``bad_encoding``; the data is cut short or is not what ``encoding`` says.
    """
    if encoding is not None and not data.lstrip()[:3].startswith(_PLAIN_START):
        data = _gzip(data, max_bytes) if encoding == "gzip" else _deflate(data, encoding, max_bytes)
    if sniff and data[:2] == _GZIP_MAGIC:
        data = _gzip(data, max_bytes)
    if len(data) > max_bytes:
        raise _too_large(max_bytes)
    return data


def inflate_start(data: bytes, encoding: str | None, *, max_bytes: int) -> bytes:
    """Return the first ``max_bytes`` of a body, nothing where it cannot be inflated: cheap enough for the loop at some KiB."""
    if encoding is None or data.lstrip()[:3].startswith(_PLAIN_START):
        return data[:max_bytes]
    for window_bits in (_GZIP,) if encoding == "gzip" else (_ZLIB, _RAW):
        try:
            return zlib.decompressobj(window_bits).decompress(data[: 2 * max_bytes], max_bytes)
        except zlib.error:
            continue
    return b""


def _gzip(data: bytes, max_bytes: int) -> bytes:
    """All members of a gzip file. Bytes after the last member that are no member are left out, as gzip itself does."""
    whole: list[bytes] = []
    length = 0
    rest = data
    while rest[:2] == _GZIP_MAGIC:
        part, rest = _stream(rest, _GZIP, max_bytes - length)
        whole.append(part)
        length += len(part)
    if not whole:
        raise PermanentError("the body is labelled gzip and is not gzip", code="bad_encoding")
    return whole[0] if len(whole) == 1 else b"".join(whole)


def _deflate(data: bytes, encoding: str, max_bytes: int) -> bytes:
    if encoding != "deflate":
        raise PermanentError(f"Content-Encoding {encoding[:40]!r} is none that we asked for", code="bad_encoding")
    # RFC 9110 means zlib; half of the servers that say deflate send it raw. A zlib header is a multiple of 31.
    has_header = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    try:
        return _stream(data, _ZLIB if has_header else _RAW, max_bytes)[0]
    except PermanentError as error:
        if has_header and not isinstance(error, TooLarge):
            return _stream(data, _RAW, max_bytes)[0]
        raise


def _stream(data: bytes, window_bits: int, max_bytes: int) -> tuple[bytes, bytes]:
    """One finished stream, and the bytes behind it."""
    decoder = zlib.decompressobj(window_bits)
    try:
        plain = decoder.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise PermanentError(f"the body cannot be inflated: {error}", code="bad_encoding") from error
    if len(plain) > max_bytes:
        raise _too_large(max_bytes)
    if not decoder.eof:
        raise PermanentError("the compressed body is cut short", code="bad_encoding")
    return plain, decoder.unused_data


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"the body inflates to more than {max_bytes} bytes")
