"""What every ``[[forward]]`` table may hold beside the options of its kind, and the name of its consumer group."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from .. import plugins
from ..client.position import as_stream_id
from ..contract.selection import Selection
from ..errors import SettingsError
from ..settings import Component

_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]+")


class CommonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of every forwarder, whatever its kind."""

    group: str | None = None  #: name of its consumer group; default: forward-<kind>-<target>
    start: str = "start"  #: where a new group begins: start, now, "24h", "yesterday", a time or a stream id
    tries: int = 8  #: of one entry, while the receiver takes others; then it goes to the dead letters
    types: tuple[str, ...] = ()  #: "event", "event.reported", "article", ...
    plover: tuple[str, ...] = ()  #: PLOVER types of events
    countries: tuple[str, ...] = ()  #: ISO 3166 alpha-3
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  #: BCP 47
    min_confidence: float = 0.0  #: of events, 0 to 1


@dataclass(frozen=True, slots=True)
class Configured:
    """One ``[[forward]]`` table, checked."""

    kind: str
    where: str  #: its place, for messages
    module: ModuleType
    settings: Any  #: the module's own ``Settings``
    common: CommonOptions
    selection: Selection
    start: str  #: a stream id
    target: str  #: what it sends to, without user and password
    group: str
    is_only_one: bool = True  #: of its kind


def configure(components: tuple[Component, ...] | list[Component]) -> list[Configured]:
    """Check every ``[[forward]]`` table. Raises SettingsError that names the table, the option and the remedy."""
    found: dict[str, Configured] = {}
    for component in components:
        one = _configure(component)
        if one.group in found:
            raise SettingsError(
                f"{one.where}: another [[forward]] table has the same target ({one.target}) and so the same consumer group; "
                'give one of them a name of its own: group = "..."'
            )
        found[one.group] = one
    kinds = Counter(one.kind for one in found.values())
    return [dataclasses.replace(one, is_only_one=kinds[one.kind] == 1) for one in found.values()]


def _configure(component: Component) -> Configured:
    where = f"[[forward]] {component.kind}"
    module = plugins.find(plugins.FORWARDERS, component.kind, where)
    own = set(plugins.option_names(module))
    common_names = CommonOptions.__struct_fields__
    options = {name: value for name, value in component.options.items() if value != ""}  # as in the other sections
    given = {name: value for name, value in options.items() if name in common_names}
    rest = {name: value for name, value in options.items() if name not in common_names or name in own}
    settings = plugins.settings_of(module, rest, where, also=common_names)
    try:
        common = msgspec.convert(given, CommonOptions)
        selection = Selection.of(
            types=common.types, plover=common.plover, countries=common.countries, publishers=common.publishers,
            languages=common.languages, min_confidence=common.min_confidence,
        )  # fmt: skip
        start = as_stream_id(common.start)
    except (msgspec.ValidationError, ValueError) as error:
        raise SettingsError(f"{where}: {error}") from error
    if not 1 <= common.tries <= 1000:
        raise SettingsError(f"{where}: tries is {common.tries}; 1 to 1000")
    target = _target(module, settings)
    group = common.group or name_group(component.kind, target)
    return Configured(component.kind, where, module, settings, common, selection, start, target, group)


def name_group(kind: str, target: str) -> str:
    """Return the consumer group of a forwarder: its kind, a readable part of the target and a hash of the whole.

    Of a URL the readable part is the host: its path may be secret, as that of a Slack webhook is.
    """
    place = target.partition("://")[2].partition("/")[0] if "://" in target else target.rpartition("/")[2]
    mark = hashlib.blake2b(f"{kind}\0{target}".encode(), digest_size=4).hexdigest()
    return f"forward-{kind}-{_FORBIDDEN.sub('-', place)[:40].strip('-') or 'target'}-{mark}"


def _target(module: ModuleType, settings: Any) -> str:
    """Return what the module's ``target`` says; of a module without one, all options that are no secrets.

    A ``path`` is absolute: verbs read it from the daemon's folder, and the name of the group is made from it.
    """
    if callable(getattr(module, "target", None)):
        return str(module.target(settings))
    shown: dict[str, Any] = msgspec.to_builtins(settings)
    if dataclasses.is_dataclass(settings):
        shown = {field.name: shown[field.name] for field in dataclasses.fields(settings) if field.repr}
    if isinstance(shown.get("path"), str):
        shown["path"] = str(Path(shown["path"]).absolute())
    return json.dumps(shown, sort_keys=True)
