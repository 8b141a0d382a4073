"""Structs stored by position, and made from others. msgspec writes the defaults at the end of an array too; here they take no
byte. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, get_args

import msgspec

K = TypeVar("K", bound=msgspec.Struct)

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


def filled(kind: type[K], source: msgspec.Struct, **given: Any) -> K:
    """Return a ``kind`` with ``given``, and else with the fields that ``source`` has under the same names."""
    names, values_of = _shared(kind, type(source))
    return kind(**{**dict(zip(names, values_of(source), strict=True)), **given})


@cache
def _shared(
    kind: type[msgspec.Struct], source: type[msgspec.Struct]
) -> tuple[tuple[str, ...], Callable[[msgspec.Struct], tuple[Any, ...]]]:
    """Return the names that both have, and what reads their values."""
    names = tuple(name for name in kind.__struct_fields__ if name in source.__struct_fields__)
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda source: tuple(getattr(source, name) for name in names)
