"""Structs stored by position. msgspec writes the defaults at the end of an array too; here they take no byte. Pure."""

from __future__ import annotations

import msgspec

_encode = msgspec.msgpack.Encoder().encode


def encode_row(stored: msgspec.Struct) -> bytes:
    """Encode an ``array_like`` struct in MessagePack without the defaults at its end; msgspec decodes it."""
    return _encode(_row(stored))


def _row(stored: msgspec.Struct) -> list[object]:
    fields = msgspec.structs.astuple(stored)
    values: list[object] = [_row(value) if isinstance(value, msgspec.Struct) else value for value in fields]
    for default in reversed(type(stored).__struct_defaults__):
        if values[-1] != default:
            break
        values.pop()
    return values
