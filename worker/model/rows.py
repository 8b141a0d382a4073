"""Structs stored by position. msgspec writes the defaults at the end of an array too; here they take no byte. Pure."""

from __future__ import annotations

from functools import cache
from typing import get_args

import msgspec

_encode = msgspec.msgpack.Encoder().encode


def encode_row(stored: msgspec.Struct) -> bytes:
    """Encode an ``array_like`` struct in MessagePack without the defaults at its end; msgspec decodes it."""
    return _encode(_row(stored))


def _row(stored: msgspec.Struct) -> list[object]:
    defaults, has_rows = _plan(type(stored))
    values: list[object] = [*msgspec.structs.astuple(stored)]
    if has_rows:
        values = [_row(value) if isinstance(value, msgspec.Struct) else value for value in values]
    for default in defaults:
        if values[-1] != default:
            break
        values.pop()
    return values


@cache
def _plan(kind: type[msgspec.Struct]) -> tuple[tuple[object, ...], bool]:
    """Return the defaults of a struct, the last first, and whether a field may hold a struct of its own."""
    kinds = [one for field in msgspec.structs.fields(kind) for one in get_args(field.type) or (field.type,)]
    has_rows = any(isinstance(one, type) and issubclass(one, msgspec.Struct) for one in kinds)
    return kind.__struct_defaults__[::-1], has_rows
