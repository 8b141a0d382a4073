"""Entries whose data is compressed are read as the others are; what cannot be read is not skipped in silence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dateline.contract.compression import (
    MAX_DATA_BYTES,
    CannotDecompress,
    DamagedData,
    compress_fields,
    plain_fields,
    text_fields,
    written_fields,
)
from dateline.contract.envelope import MalformedEnvelope, parse
from support.records import event


def as_stored(fields: Iterable[tuple[str, bytes]]) -> dict[bytes, bytes]:
    """Fields as Redis gives them."""
    return {name.encode(): value for name, value in fields}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=3000), st.sampled_from(["zstd", None]))
def test_an_entry_comes_back_as_it_was(data: str, compress: str | None) -> None:
    """Long or short; a short one is left as it is."""
    fields = [("id", "1"), ("data", data)]
    assert text_fields(as_stored(written_fields(fields, compress))) == dict(fields)


def test_a_compressed_event_is_parsed_as_a_plain_one() -> None:
    """The attribute is gone then, and the data JSON."""
    plain = event(1)
    packed = as_stored(compress_fields(plain.items()))
    assert packed[b"datacontentencoding"] == b"zstd" and len(packed[b"data"]) < len(plain["data"])
    assert parse(packed) == parse({name.encode(): value.encode() for name, value in plain.items()})


@pytest.mark.parametrize(
    "data",
    [
        b"{}", b"", zstandard.compress(b"x" * 4000)[:-3], zstandard.compress(b"\0" * (MAX_DATA_BYTES + 1)),
        zstandard.ZstdCompressor(write_content_size=False).compress(b"\0" * 4000),
    ],
    ids=["no frame", "nothing", "cut off", "a bomb", "of no size"],
)  # fmt: skip
def test_damaged_data_is_malformed_and_takes_no_memory(data: bytes) -> None:
    """The reader passes over it with a warning, as over any entry that is none of ours."""
    damaged = as_stored(compress_fields(event(1).items())) | {b"data": data}
    with pytest.raises(DamagedData):
        plain_fields(damaged)
    with pytest.raises(MalformedEnvelope, match="unreadable"):
        parse(damaged)
    assert text_fields(damaged)["datacontentencoding"] == "zstd"


def test_an_unknown_encoding_ends_the_reading_with_the_remedy() -> None:
    """An entry of a newer writer is not lost: the group's place does not move."""
    with pytest.raises(CannotDecompress, match="install a newer"):
        parse(as_stored(compress_fields(event(1).items())) | {b"datacontentencoding": b"br"})


def test_without_the_package_compressed_entries_are_refused_with_the_remedy() -> None:
    """In a process that cannot import it."""
    program = (
        "import sys; sys.modules['zstandard'] = None\n"
        "from dateline.contract.compression import plain_fields, CannotDecompress\n"
        "from dateline.settings import RedisSettings\n"
        "from dateline.store.ledger import Ledger\n"
        "from dateline.store.redis import Connection\n"
        "from dateline.errors import SettingsError\n"
        "assert plain_fields({b'data': b'{}'}) == {b'data': b'{}'}\n"
        "for step in (lambda: plain_fields({b'datacontentencoding': b'zstd', b'data': b''}),\n"
        "             lambda: Ledger(Connection(RedisSettings(url='redis://127.0.0.1:1', compress='zstd')))):\n"
        "    try: step()\n"
        "    except (CannotDecompress, SettingsError) as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.stdout.count("pip install zstandard") == 2, done.stderr
