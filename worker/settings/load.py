"""Reads the settings: ``config/dateline.toml``, then the environment (``DATELINE_<SECTION>_<OPTION>``) over it.

Read once at start and again on SIGHUP. Nothing else reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomli

from ..errors import SettingsError, explain_os_error
from .check import check, check_text, near_miss
from .credentials import environment_names, read_credentials
from .schema import LISTS, SECTIONS, Component, Settings
from .section import Option, Section, options

PREFIX = "DATELINE_"
#: Variables that are no options: the feeds file, the settings file, fail points of the tests.
_OTHERS = {PREFIX + "FEEDS", PREFIX + "CONFIG", PREFIX + "FAIL"}
_MAX_SECRET_BYTES = 64 << 10


#: Where settings are looked for when no file is named.
DEFAULT_FILES = (Path("config/dateline.toml"), Path("/etc/dateline/dateline.toml"))


def find_file(*, here_only: bool = False) -> Path | None:
    """Return the first of `DEFAULT_FILES` that is there; ``here_only``: in this folder. None: the defaults hold."""
    for path in DEFAULT_FILES[:1] if here_only else DEFAULT_FILES:
        if path.exists():
            return path
    return None


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from a file (None: the first of `DEFAULT_FILES` that is there), then the environment.

    Raises:
        SettingsError: A file that is missing or no TOML, an unknown section or option, a value out of range.
    """
    path = path or find_file()
    table = _read_toml(path) if path else {}
    where = str(path) if path else "the defaults"
    known = [*SECTIONS, *LISTS, "owners", "credentials"]
    for name in table:
        if name not in known:
            hint = near_miss(name, known).replace("'", "[", 1).replace("'", "]", 1)
            raise SettingsError(f"{where}: no section [{name}]{hint} There are: {', '.join(known)}")
    private = read_credentials(table.get("credentials", []), where, environment)
    ours = environment_names(table.get("credentials", []))
    values = {name: read_section(kind, table.get(name, {}), name, where) for name, kind in SECTIONS.items()}
    for (name, option), value in _read_environment(environment, ours).items():
        values[name] = msgspec.structs.replace(values[name], **{option: value})
    feeds = (path.parent if path else Path("config")) / "feeds.toml"
    return Settings(
        **values,  # type: ignore[arg-type]  # each section under its own name
        stages=_components(table.get("stages", []), "stages", where),
        forward=_components(table.get("forward", []), "forward", where),
        owners=_owners(table.get("owners", {}), where),
        credentials=private,
        where=where,
        feeds_file=environment.get(PREFIX + "FEEDS") or (str(feeds) if feeds.exists() else None),
    )


def read_section(kind: type[Section], table: Any, name: str, where: str) -> Section:
    """Fill a section from a table. Raises SettingsError naming section, key, file and the valid choices."""
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: [{name}] must be a table of options")
    known = {option.name: option for option in options(kind)}
    values = {}
    for key, value in table.items():
        if key not in known:
            there = ", ".join(sorted(known))
            raise SettingsError(f"{where}: [{name}] has no option {key!r}{near_miss(key, known)} There are: {there}")
        values[key] = check(known[key], value, f"{where}: {name}.{key}")
    return kind(**values)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no such file; `dateline config --defaults > {path}` writes one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {explain_os_error(error)}") from error
    except (ValueError, RecursionError) as error:  # ValueError: tomli's own, or a number of 4,300 digits
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _components(rows: Any, name: str, where: str) -> tuple[Component, ...]:
    if not isinstance(rows, list):
        raise SettingsError(f"{where}: write [[{name}]] with two brackets, one for each")
    found = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
            raise SettingsError(f'{where}: [[{name}]] needs kind = "..."')
        found.append(Component(row["kind"], {k: v for k, v in row.items() if k != "kind"}))
    return tuple(found)


def _owners(table: Any, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(table, dict) or not all(isinstance(owner, str) for owner in table.values()):
        raise SettingsError(f'{where}: [owners] must be a table of domain = "owner"')
    return tuple(sorted(table.items()))


def _read_environment(environment: Mapping[str, str], others: set[str]) -> dict[tuple[str, str], Any]:
    """What the environment sets, by section and option; ``others`` are variables that are no options."""
    names = {
        f"{PREFIX}{section}_{option.name}".upper(): (section, option)
        for section, kind in SECTIONS.items()
        for option in options(kind)
    }
    files = {f"{name}_FILE": name for name, (_, option) in names.items() if option.secret}
    found: dict[tuple[str, str], Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name in _OTHERS or name in others:
            continue
        target = files.get(name, name)
        if target not in names:
            hint = near_miss(name, names).replace("'", "")
            raise SettingsError(f"environment: no setting {name}{hint} `dateline config` lists all")
        if target != name and target in environment:
            raise SettingsError(f"environment: {target} and {name} are both set; keep one")
        section, option = names[target]
        found[section, option.name] = _value(option, name, text, from_file=target != name)
    return found


def _value(option: Option, name: str, text: str, *, from_file: bool) -> Any:
    if from_file:
        try:
            with Path(text).open("rb") as file:
                text = file.read(_MAX_SECRET_BYTES).decode().rstrip("\r\n")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise SettingsError(f"environment: {name}: {text!r} cannot be read: {reason}") from None
    return check_text(option, text, f"environment: {name}")
