"""Typed options: declared once with type, unit, range, default and reason; read from TOML and the environment; printed.

`option` declares one inside a frozen dataclass (a *section*). `read_section` fills a section and refuses a wrong key or value
with the right ones; `describe` gives what ``dateline config`` prints and ``config/dateline.toml`` shows.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ..errors import SettingsError

T = TypeVar("T")


def option(
    default: Any,
    why: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """A dataclass field with its reason; ``low`` and ``high`` are inclusive, ``secret`` prints as ``***``."""
    about = {"why": why, "low": low, "high": high, "choices": choices, "secret": secret}
    if isinstance(default, list | dict):
        return dataclasses.field(default_factory=lambda: type(default)(default), metadata=about)
    return dataclasses.field(default=default, metadata=about)


def read_section(kind: type[T], table: Mapping[str, Any], name: str, where: str) -> T:
    """A section from a table. Raises SettingsError naming section, key, file and the valid choices."""
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, list(fields), 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise SettingsError(f"{where}: [{name}] has no option {key!r}{hint} There are: {', '.join(sorted(fields))}")
        values[key] = checked(value, hints[key], fields[key].metadata, f"{where}: {name}.{key}")
    return kind(**values)


def checked(value: Any, hint: Any, about: Mapping[str, Any], where: str) -> Any:
    """``value`` as the type it must have, within its range. Raises SettingsError."""
    wanted, optional = _unwrap(hint)
    if value is None or (optional and value == ""):
        if optional:
            return None
        raise SettingsError(f"{where} must not be empty")
    origin = typing.get_origin(wanted)
    if origin in (tuple, list):
        if not isinstance(value, list | tuple):
            raise SettingsError(f"{where} is {value!r}, wanted a list")
        inner = typing.get_args(wanted)[0]
        return (tuple if origin is tuple else list)(
            checked(v, inner, about, f"{where}[{n}]") for n, v in enumerate(value)
        )
    if origin is dict:
        if not isinstance(value, dict):
            raise SettingsError(f"{where} is {value!r}, wanted a table")
        return dict(value)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise SettingsError(f"{where} is {value!r}, wanted {_type_name(wanted)}{_range(about)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{where} is {value}, wanted {_type_name(wanted)}{_range(about)}")
    low, high = about.get("low"), about.get("high")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and ((low is not None and value < low) or (high is not None and value > high)):
        raise SettingsError(f"{where} is {value}, wanted {_type_name(wanted)}{_range(about)}")
    if about.get("choices") and isinstance(value, str) and value not in about["choices"]:
        near = difflib.get_close_matches(value, about["choices"], 1)
        hint_text = f"; did you mean {near[0]!r}?" if near else "."
        raise SettingsError(f"{where} is {value!r}{hint_text} Choices: {', '.join(about['choices'])}")
    return value


def _unwrap(hint: Any) -> tuple[Any, bool]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        rest = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return rest[0], True
    return hint, False


def _type_name(kind: Any) -> str:
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}.get(kind, str(kind))


def _range(about: Mapping[str, Any]) -> str:
    low, high = about.get("low"), about.get("high")
    if low is None and high is None:
        return ""
    return (
        f" from {low:g}" + (f" to {high:g}" if high is not None else " up") if low is not None else f" up to {high:g}"
    )


def from_text(text: str, hint: Any, where: str) -> Any:
    """An environment variable's text as the option's type; lists are split at commas. Raises SettingsError."""
    wanted, _ = _unwrap(hint)
    origin = typing.get_origin(wanted)
    if origin in (tuple, list):
        inner = typing.get_args(wanted)[0]
        return [from_text(part.strip(), inner, where) for part in text.split(",") if part.strip()]
    if wanted is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{where} is {text!r}, wanted true or false")
    try:
        if wanted is int:
            return int(text)
        if wanted is float:
            return float(text)
    except ValueError as error:
        raise SettingsError(f"{where} is {text!r}, wanted {_type_name(wanted)}") from error
    return text


def describe(section: Any) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(name, value, what `option` was told) of each option of a section."""
    for f in dataclasses.fields(section):
        yield f.name, getattr(section, f.name), f.metadata


def as_toml(value: Any) -> str:
    """A value as TOML text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_toml(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(str(k))} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        text = re.sub(r'(["\\])', r"\\\1", value)
        return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", text) + '"'
    if isinstance(value, float) and value.is_integer():
        return f"{value:.1f}"
    return str(value)


def as_key(name: str) -> str:
    """A key as TOML text: bare where it can be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else as_toml(name)
