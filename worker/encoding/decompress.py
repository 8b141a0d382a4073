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
_TRAILER_BYTES = 8  #: checksum and length behind a gzip member
#: What a plain document begins with that some servers label gzip or deflate all the same.
_PLAIN_START = (b"<", b"{", b"[", b"\xef\xbb\xbf")


def true_encoding(body: bytes, said: str | None) -> str | None:
    """Return how a body is really packed, by its first bytes where the label is wrong: ``gzip``, ``deflate`` or None.

    Args:
        body: The body as it came.
        said: The label, in lower case: any content coding, or None.
    Raises:
        PermanentError: ``bad_encoding``; it is packed in a way that we do not undo.
    """
    if said is None or not body:
        return said
    if body.lstrip()[:3].startswith(_PLAIN_START):
        return None
    if body[:2] == _GZIP_MAGIC:
        return "gzip"
    if said == "deflate" or (said == "gzip" and _has_zlib_header(body)):
        return "deflate"
    if said == "gzip":
        raise PermanentError("the body is labelled gzip and is not gzip", code="bad_encoding")
    raise PermanentError(f"Content-Encoding {said[:40]!r}: only gzip and deflate are read", code="bad_encoding")


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
    packed = true_encoding(data, encoding)
    if packed is not None:
        data = _gzip(data, max_bytes) if packed == "gzip" else _deflate(data, max_bytes)
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
        part, rest = _member(rest, max_bytes - length)
        whole.append(part)
        length += len(part)
    if not whole:
        raise PermanentError("the body is labelled gzip and is not gzip", code="bad_encoding")
    return whole[0] if len(whole) == 1 else b"".join(whole)


def _member(data: bytes, max_bytes: int) -> tuple[bytes, bytes]:
    """One member of a gzip file, and the bytes behind it. As browsers do, a wrong or missing checksum behind a stream that
    has come to its end is overlooked."""
    try:
        return _stream(data, _GZIP, max_bytes)
    except TooLarge:
        raise
    except PermanentError:
        start = _header_end(data)
        if start is None:
            raise
        plain, rest = _stream(data[start:], _RAW, max_bytes)
        return plain, rest[_TRAILER_BYTES:]


def _header_end(data: bytes) -> int | None:
    """Where the header of a gzip member ends (RFC 1952, 2.3), or None where it does not."""
    if len(data) < 10:
        return None
    flags, at = data[3], 10
    if flags & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (8, 16):  # name, comment
        if flags & flag:
            at = data.find(b"\0", at) + 1
            if not at:
                return None
    return at + 2 if flags & 2 else at


def _has_zlib_header(data: bytes) -> bool:
    """Return whether ``data`` begins as zlib does: its first two bytes are a multiple of 31."""
    return len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _deflate(data: bytes, max_bytes: int) -> bytes:
    # RFC 9110 means zlib; half of the servers that say deflate send it raw.
    if not _has_zlib_header(data):
        return _stream(data, _RAW, max_bytes)[0]
    try:
        return _stream(data, _ZLIB, max_bytes)[0]
    except TooLarge:
        raise
    except PermanentError as error:
        for start in (2, 0):  # without its checksum; raw, and by chance like a header
            try:
                return _stream(data[start:], _RAW, max_bytes)[0]
            except TooLarge:
                raise
            except PermanentError:
                continue
        raise error


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
