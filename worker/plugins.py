"""Finds a component by its kind: the kind in the settings *is* the name of the module that holds it.

A module of a family (``dateline.read`` for stages, ``dateline.forward`` for forwarders) that has a frozen ``Settings`` and a
``build`` is a component; nothing registers anything.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from .errors import SettingsError


def names(family: str) -> list[str]:
    """Every kind of a family (a package name such as ``dateline.forward``), sorted."""
    package = importlib.import_module(family)
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        source = importlib.util.find_spec(f"{family}.{info.name}")
        if source and source.origin and not info.ispkg:
            text = Path(source.origin).read_text(encoding="utf-8")
            if "\ndef build(" in text and "class Settings" in text:
                found.append(info.name)
    return sorted(found)


def find(family: str, kind: str, where: str) -> ModuleType:
    """The module of one kind. Raises SettingsError that lists the kinds there are."""
    known = names(family)
    if kind not in known:
        near = difflib.get_close_matches(kind, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise SettingsError(f"{where}: no kind {kind!r} in {family}{hint} There are: {', '.join(known) or 'none'}")
    return importlib.import_module(f"{family}.{kind}")


def settings_of(module: ModuleType, options: Mapping[str, Any], where: str) -> Any:
    """The module's ``Settings`` filled from a table of the settings file. Raises SettingsError naming key and choices."""
    fields = {f.name: f for f in dataclasses.fields(module.Settings)}
    for key in options:
        if key not in fields:
            raise SettingsError(f"{where}: unknown option {key!r}; there are: {', '.join(sorted(fields)) or 'none'}")
    try:
        return msgspec.convert(dict(options), module.Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {error}") from error
