"""Checks one value against its declaration, and says in words what is wrong with it and what would be right."""

from __future__ import annotations

import difflib
import math
import typing
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

from ..errors import SettingsError
from .section import Option

_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_NAMES: dict[type[inspect.Type], str] = {
    inspect.IntType: "a whole number", inspect.FloatType: "a number", inspect.StrType: "text",
    inspect.BoolType: "true or false", inspect.DictType: "a table",
}  # fmt: skip


def check(option: Option, value: Any, where: str) -> Any:
    """Return ``value`` as the option's type. Raises SettingsError that names ``where`` and what is wanted."""
    if _may_be_none(option.type) and value in (None, ""):
        return None
    try:
        found = msgspec.convert(value, option.type)
    except msgspec.ValidationError:
        raise _refusal(option, value, where) from None  # the cause could show a secret
    if any(isinstance(part, float) and not math.isfinite(part) for part in _parts(found)):
        raise _refusal(option, value, where)
    return found


def check_text(option: Option, text: str, where: str) -> Any:
    """Return an environment variable's text as the option's type; lists are split at commas. Raises SettingsError."""
    info = _plain(option.type)
    if isinstance(info, inspect.VarTupleType):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return check(option, [_from_text(_bare(info.item_type), part) for part in parts], where)
    return check(option, _from_text(info, text), where)


def near_miss(given: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?``, or a full stop where no known name is close."""
    near = difflib.get_close_matches(given, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else "."


def wanted(annotation: Any) -> str:
    """Say in words what an option takes, its range included: ``a number from 0 to 0.5``."""
    known = choices(annotation)
    if known:
        several = isinstance(_plain(annotation), inspect.VarTupleType)
        return f"{'a list of' if several else 'one of'} {', '.join(known)}"
    return _words(_plain(annotation))


def choices(annotation: Any) -> tuple[str, ...]:
    """List the values of an option that takes one of a few, or a list of these; else nothing."""
    if typing.get_origin(annotation) is typing.Literal:
        return tuple(map(str, typing.get_args(annotation)))  # in the declared order, which msgspec does not keep
    return next((found for part in typing.get_args(annotation) if (found := choices(part))), ())


def _refusal(option: Option, value: Any, where: str) -> SettingsError:
    shown = "***" if option.secret else repr(value)
    known = choices(option.type)
    given = value if isinstance(value, str) else next((v for v in _parts(value) if v not in known), None)
    if known and isinstance(given, str):
        return SettingsError(f"{where} is {shown}{near_miss(given, known)} Choices: {', '.join(known)}")
    if value in (None, ""):
        return SettingsError(f"{where} must not be empty; wanted {wanted(option.type)}")
    return SettingsError(f"{where} is {shown}, wanted {wanted(option.type)}")


def _words(info: inspect.Type) -> str:
    if isinstance(info, inspect.VarTupleType):
        return f"a list, each {_words(_bare(info.item_type))}"
    text = _NAMES.get(type(info), "another type")
    if not isinstance(info, inspect.IntType | inspect.FloatType) or (info.ge is None and info.le is None):
        return text
    low = "" if info.ge is None else f" from {info.ge:g}"
    return text + low + (f" to {info.le:g}" if info.le is not None else " up")


def _bare(info: inspect.Type) -> inspect.Type:
    return info.type if isinstance(info, inspect.Metadata) else info


def _plain(annotation: Any) -> inspect.Type:
    """Return the type without its description and without ``None``."""
    info = _bare(inspect.type_info(annotation))
    if isinstance(info, inspect.UnionType):
        return _bare(next(part for part in info.types if not isinstance(part, inspect.NoneType)))
    return info


def _may_be_none(annotation: Any) -> bool:
    info = _bare(inspect.type_info(annotation))
    return isinstance(info, inspect.UnionType) and info.includes_none


def _from_text(info: inspect.Type, text: str) -> Any:
    """Return the text as a number or a switch where that is wanted and can be; else unchanged, for `check` to refuse."""
    if isinstance(info, inspect.BoolType):
        return _SWITCHES.get(text.lower(), text)
    if isinstance(info, inspect.IntType | inspect.FloatType):
        try:
            return int(text) if isinstance(info, inspect.IntType) else float(text)
        except ValueError:
            return text
    return text


def _parts(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)
