"""Compressed ``data`` of stream entries: the attribute ``datacontentencoding`` is ``zstd``, ``data`` a Zstandard frame.

Written where `redis.compress` is set; read by everything of ours, in a mixed stream too. Without a dictionary: consumers in
other languages would have to carry it, and few of their libraries can.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zstandard

ENCODING = "datacontentencoding"
ZSTD = "zstd"
#: In the child that wrote the record some .3 ms of CPU for 36 kB of JSON, which becomes 8 kB (170 articles of others).
LEVEL = 3
MAX_DATA_BYTES = 32 << 20  #: of one record when it is decompressed; the longest of ours has some 5 MB
REMEDY = "pip install zstandard, or the extra `zstd` of dateline or dateline-client"


class CannotDecompress(RuntimeError):
    """The stream's entries are compressed, and this installation cannot read them: nothing is skipped, the reading ends."""


class DamagedData(ValueError):
    """An entry's ``data`` is no Zstandard frame, or longer than `MAX_DATA_BYTES`."""


def load_zstandard() -> type[zstandard.ZstdCompressor]:
    """Return the compressor. Raises CannotDecompress with the remedy where the package is missing."""
    try:
        from zstandard import ZstdCompressor
    except ImportError as error:
        raise CannotDecompress(f"redis.compress needs the package zstandard: {REMEDY}") from error
    return ZstdCompressor


def written_fields(fields: Iterable[tuple[str, str]], compress: str | None) -> tuple[tuple[str, bytes], ...]:
    """Return the fields of an entry as bytes, in the encoding that ``redis.compress`` names, or plain."""
    if compress is not None:
        return tuple(compress_fields(fields))
    return tuple((name, value.encode()) for name, value in fields)


def compress_fields(fields: Iterable[tuple[str, str]]) -> list[tuple[str, bytes]]:
    """Return the fields of an entry with its ``data`` compressed and the attribute that says so, unless that is no shorter."""
    packed: list[tuple[str, bytes]] = []
    for name, value in fields:
        plain = value.encode()
        short = _compressor().compress(plain) if name == "data" else plain
        if len(short) + len(ENCODING) + len(ZSTD) < len(plain):
            packed += [(ENCODING, ZSTD.encode()), (name, short)]
        else:
            packed.append((name, plain))
    return packed


@cache
def _compressor() -> zstandard.ZstdCompressor:
    """Return this process's compressor, whose tables take longer to set up than a short record to compress."""
    return load_zstandard()(level=LEVEL, write_checksum=True)


def plain_fields(flat: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    """Return the fields of an entry with ``data`` as JSON, without the attribute.

    Raises:
        DamagedData: What should be compressed is not.
        CannotDecompress: An encoding that this version does not know, or the package zstandard is missing.
    """
    encoding = flat.get(ENCODING.encode())
    if encoding is None:
        return flat
    if encoding != ZSTD.encode():
        raise CannotDecompress(
            f"the stream's data is encoded as {encoding[:40]!r}, which this version of dateline cannot read: install a newer"
        )
    plain = {name: value for name, value in flat.items() if name != ENCODING.encode()}
    plain[b"data"] = _decompressed(flat.get(b"data", b""))
    return plain


def text_fields(flat: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return the fields of an entry as text, ``data`` as JSON; damaged data is given as it is. Raises CannotDecompress."""
    with contextlib.suppress(DamagedData):
        flat = plain_fields(flat)
    return {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in flat.items()}


def _decompressed(data: bytes) -> bytes:
    try:
        from zstandard import ZstdDecompressor, ZstdError, get_frame_parameters
    except ImportError as error:
        raise CannotDecompress(f"the stream's data is compressed with Zstandard: {REMEDY}") from error
    try:
        size = get_frame_parameters(data).content_size  # a huge one where the frame does not say: it is refused as well
        if size > MAX_DATA_BYTES:
            raise DamagedData(f"data has no size, or more than {MAX_DATA_BYTES:,} bytes when it is decompressed")
        return ZstdDecompressor(max_window_size=MAX_DATA_BYTES).decompress(data) if size else b""
    except ZstdError as error:
        raise DamagedData(f"data is no Zstandard frame: {error}") from error
