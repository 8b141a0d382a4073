"""Finds components by kind: built-in modules, and those that installed packages add by entry point.

| family | in the settings | built in | entry point group | the module has |
| --- | --- | --- | --- | --- |
| stage | ``[[stages]] kind`` | ``stages/<kind>.py`` | ``dateline.stages`` | ``Settings``, ``build(settings, resources)`` |
| forwarder | ``[[forward]] kind`` | ``forward/<kind>.py`` | ``dateline.forwarders`` | the same, and ``target(settings)`` |
| source | | ``sources/parse.py`` | ``dateline.sources`` | `Source`: ``matches`` and ``parse`` |

``Settings`` is a frozen dataclass or msgspec struct. A built-in kind cannot be replaced; a kind that two packages add is
refused.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Protocol, cast

import msgspec

from .errors import SettingsError
from .model.records import ParsedFeed

_ROOT = __name__.rpartition(".")[0]
STAGES, FORWARDERS = f"{_ROOT}.stages", f"{_ROOT}.forward"
_GROUPS = {STAGES: "dateline.stages", FORWARDERS: "dateline.forwarders"}
_SOURCES = "dateline.sources"


class Source(Protocol):
    """A format of feeds that a package adds. Runs in a child process: synchronous, without network."""

    def matches(self, body: bytes, url: str | None, headers: Mapping[str, str]) -> bool:
        """Whether the document is of this format; asked for every document, so it must be quick."""

    def parse(self, body: bytes, url: str | None, headers: Mapping[str, str]) -> ParsedFeed:
        """Return the feed. Raises NotAFeed or PermanentError for one that is broken."""


def find(family: str, kind: str, where: str) -> ModuleType:
    """Return the module of one kind of a family (`STAGES`, `FORWARDERS`).

    Args:
        where: The place in the settings, for messages.
    Raises:
        SettingsError: No such kind (the message lists those there are), one that two packages add, or one that fails to load.
    """
    if (module := _built_in(family, kind)) is not None:
        return module
    added = [point for point in entry_points(group=_GROUPS[family]) if point.name == kind]
    if len(added) > 1:
        packages = ", ".join(sorted(_package(point) for point in added))
        raise SettingsError(f"{where}: several packages add the kind {kind!r}: {packages}; uninstall all but one")
    if not added:
        known = names(family)
        near = difflib.get_close_matches(kind, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise SettingsError(f"{where}: no kind {kind!r}{hint} There are: {', '.join(known) or 'none'}")
    module = _load(added[0], where)
    if not _is_component(module):
        raise SettingsError(f"{where}: {added[0].value} of {_package(added[0])} has no Settings and build")
    return cast(ModuleType, module)


def names(family: str) -> list[str]:
    """List every kind of a family, sorted. Imports the built-in ones."""
    package = importlib.import_module(family)
    built_in = {info.name for info in pkgutil.iter_modules(package.__path__) if _built_in(family, info.name)}
    return sorted(built_in | {point.name for point in entry_points(group=_GROUPS[family])})


@lru_cache(maxsize=1)
def installed_sources() -> tuple[Source, ...]:
    """Return the sources that packages add, by name; loaded once. Raises SettingsError where one cannot be loaded."""
    points = sorted(entry_points(group=_SOURCES), key=lambda point: (point.name, _package(point)))
    return tuple(_load(point, f"source {point.name}") for point in points)


def option_names(module: ModuleType) -> list[str]:
    """List the options of a module's ``Settings``."""
    kind = module.Settings
    return (
        list(kind.__struct_fields__)
        if hasattr(kind, "__struct_fields__")
        else [f.name for f in dataclasses.fields(kind)]
    )


def settings_of(module: ModuleType, options: Mapping[str, Any], where: str, also: Sequence[str] = ()) -> Any:
    """Fill the module's ``Settings`` from a table of the settings file. Raises SettingsError naming key and choices.

    Args:
        also: Options of the family, read elsewhere; named among the choices.
    """
    known = [*option_names(module), *also]
    for key in options:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ";"
            raise SettingsError(
                f"{where}: unknown option {key!r}{hint} there are: {', '.join(sorted(set(known))) or 'none'}"
            )
    try:
        return msgspec.convert(dict(options), module.Settings)
    except msgspec.ValidationError as error:
        page = "docs/forwarders.md" if where.startswith("[[forward]]") else "docs/plugins.md"
        raise SettingsError(
            f"{where}: {error}; options: {', '.join(sorted(known))} ({page} shows a complete table)"
        ) from error


def require(module: str, what: str, *, extra: str) -> None:
    """Import what comes with an extra of the package. Raises SettingsError naming the extra where it is missing."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise SettingsError(f"{what} needs the extra `{extra}`: pip install 'dateline[{extra}]'") from error


def _built_in(family: str, kind: str) -> ModuleType | None:
    name = f"{family}.{kind}"
    if not kind.isidentifier() or importlib.util.find_spec(name) is None:
        return None
    module = importlib.import_module(name)
    return module if _is_component(module) else None


def _is_component(module: Any) -> bool:
    return hasattr(module, "Settings") and callable(getattr(module, "build", None))


def _load(point: EntryPoint, where: str) -> Any:
    try:
        return point.load()
    except Exception as error:  # whatever a package of the user's raises at import
        said = f"{type(error).__name__}: {error}"
        raise SettingsError(f"{where}: {point.value} of {_package(point)} cannot be loaded: {said}") from error


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
