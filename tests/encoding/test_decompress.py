"""Inflating under a limit: everything that servers send, nothing that is cut short, no bomb."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.encoding.decompress import inflate
from dateline.errors import DatelineError, PermanentError, TooLarge

TEXT = b"<rss>" + b"A quiet day in the harbour. " * 400 + b"</rss>"
LIMIT = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@given(st.binary(max_size=2000))
def test_what_was_packed_comes_out_again(data: bytes) -> None:
    """gzip, zlib and raw deflate, whatever the content."""
    assert inflate(gzip.compress(b"<" + data), "gzip", max_bytes=LIMIT) == b"<" + data
    assert inflate(zlib.compress(b"<" + data), "deflate", max_bytes=LIMIT) == b"<" + data
    assert inflate(data, None, max_bytes=LIMIT) == data


def test_raw_deflate_is_read_as_well_as_zlib() -> None:
    """Half of the servers that say deflate leave the header out."""
    assert inflate(raw_deflate(TEXT), "deflate", max_bytes=LIMIT) == TEXT


def test_several_gzip_members_are_one_body() -> None:
    """Some servers compress in parts."""
    assert inflate(gzip.compress(TEXT) + gzip.compress(b"more"), "gzip", max_bytes=LIMIT) == TEXT + b"more"


def test_rubbish_after_the_last_member_is_left_out() -> None:
    """As gzip itself does: the body is complete without it."""
    assert inflate(gzip.compress(TEXT) + b"\0\0junk", "gzip", max_bytes=LIMIT) == TEXT


def test_a_plain_body_with_a_wrong_label_is_taken_as_it_is() -> None:
    """The label lies, the document does not."""
    assert inflate(TEXT, "gzip", max_bytes=LIMIT) == TEXT


@pytest.mark.parametrize(
    ("encoding", "packed"), [("gzip", gzip.compress(TEXT, mtime=0)), ("deflate", zlib.compress(TEXT))]
)
def test_a_body_cut_anywhere_is_never_a_complete_one(encoding: str, packed: bytes) -> None:
    """A shorter feed would look as if entries had gone."""
    for end in range(2, len(packed) - (8 if encoding == "gzip" else 4), 7):
        with pytest.raises(PermanentError) as caught:
            inflate(packed[:end], encoding, max_bytes=LIMIT)
        assert caught.value.code == "bad_encoding"


NAMED = io.BytesIO()
with gzip.GzipFile("feed.xml", "wb", fileobj=NAMED) as file:
    file.write(TEXT)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(TEXT)), ("gzip", NAMED.getvalue()), ("deflate", zlib.compress(TEXT))],
)
def test_a_checksum_that_is_wrong_or_missing_behind_a_whole_body_is_overlooked(encoding: str, packed: bytes) -> None:
    """Some server software never writes it; browsers do not look."""
    length = 8 if encoding == "gzip" else 4
    for trailer in (b"", b"\0", b"\0" * length, packed[-length:-1], b"\x01" + packed[-length + 1 :]):
        assert inflate(packed[:-length] + trailer, encoding, max_bytes=LIMIT) == TEXT


@pytest.mark.parametrize(
    ("said", "packed"),
    [
        ("deflate", gzip.compress(TEXT)),
        ("br", gzip.compress(TEXT)),
        ("gzip", zlib.compress(TEXT)),
        ("br", TEXT),
        ("zstd", TEXT),
    ],
)
def test_what_a_body_is_counts_more_than_what_it_is_said_to_be(said: str, packed: bytes) -> None:
    """A proxy repacks and keeps the old label."""
    assert inflate(packed, said, max_bytes=LIMIT) == TEXT


def test_a_compression_that_is_not_undone_is_named() -> None:
    """It is the server's mistake, and says so."""
    with pytest.raises(PermanentError, match="'br'"):
        inflate(b"\x0b\x02\x80text\x03", "br", max_bytes=LIMIT)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_bomb_stops_at_the_limit_without_being_unpacked(pack: object) -> None:
    """Two hundred times the limit in, not three times the limit in memory."""
    bomb = pack(b"\0" * (200 * LIMIT))  # type: ignore[operator]
    encoding = "gzip" if bomb[:2] == b"\x1f\x8b" else "deflate"
    tracemalloc.start()
    with pytest.raises(TooLarge):
        inflate(bomb, encoding, max_bytes=LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * LIMIT


def test_many_small_members_together_are_held_to_the_limit() -> None:
    """Each member is below it."""
    with pytest.raises(TooLarge):
        inflate(gzip.compress(b"\0" * (LIMIT // 2)) * 3, "gzip", max_bytes=LIMIT)


def test_a_gz_file_is_undone_only_where_it_is_asked_for() -> None:
    """Feeds and sitemaps come as .xml.gz; a page that is a gzip file is no page."""
    packed = gzip.compress(TEXT)
    assert inflate(packed, None, max_bytes=LIMIT, sniff=True) == TEXT
    assert inflate(gzip.compress(packed), "gzip", max_bytes=LIMIT, sniff=True) == TEXT
    assert inflate(packed, None, max_bytes=LIMIT) == packed


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", None]), st.booleans())
def test_any_bytes_give_bytes_or_one_of_our_errors(data: bytes, encoding: str | None, sniff: bool) -> None:
    """zlib's own error never leaves."""
    try:
        assert len(inflate(data, encoding, max_bytes=LIMIT, sniff=sniff)) <= LIMIT
    except DatelineError as error:
        assert error.code in {"bad_encoding", "too_large"}
