"""Every setting of the daemon: ``config/dateline.toml``, then the environment (``DATELINE_<SECTION>_<OPTION>``) over it.

Read once at start and again on SIGHUP; handed down in small frozen pieces. Nothing else reads the environment.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import textwrap
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.event import MIN_CONFIDENCE
from ..errors import SettingsError
from .options import as_key, as_toml, checked, describe, from_text, option, read_section

PREFIX = "DATELINE_"


@dataclass(frozen=True, slots=True)
class Redis:
    """Where the stream lives."""

    url: str | None = option(
        None,
        "redis://HOST:PORT/DB, rediss:// with TLS, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT or "
        "redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB (docs/scale.md). Empty: a private redis-server in data_folder",
        secret=True,
    )
    prefix: str = option("dateline", "begins every key; another one for a second installation on the same Redis")
    partitions: int = option(
        1,
        "key groups, one slot each in a Redis Cluster: best 8 for each of its primaries; see docs/scale.md",
        low=1,
        high=1024,
    )
    data_folder: str = option("data", "of the private redis-server: its socket, AOF and log")
    appendfsync: str = option("everysec", "of the private redis-server", choices=("everysec", "always"))
    timeout_seconds: float = option(10.0, "longest wait for an answer", low=0.1, high=300)
    connections: int = option(64, "most connections of one worker to one Redis server", low=4, high=1000)
    wait_replicas: int = option(
        1,
        "in a cluster: replicas that have a publication before its entry is let go, waited for 0.5 s; 0: none",
        low=0,
        high=5,
    )
    memory_days: float = option(45.0, "how long an article stays known after it was last seen", low=1, high=3650)
    sketch_days: float = option(14.0, "how long near copies are recognised", low=1, high=365)
    stream_limit: int = option(
        1_000_000, "hard cap of the events stream; before it, what was read goes early and polling slows", low=100
    )
    keep_days: float = option(30.0, "entries that every group has read are trimmed after this", low=0.01)
    dead_letters_limit: int = option(100_000, "most dead letters kept", low=100)
    trail_limit: int = option(200_000, "most steps kept for `dateline explain`; 0: none", low=0)
    notices_limit: int = option(10_000, "most operational notices kept", low=10)


@dataclass(frozen=True, slots=True)
class Poll:
    """When feeds are polled."""

    interval_seconds: float = option(900.0, "for a feed that nothing is known of", low=1)
    floor_seconds: float = option(300.0, "shortest interval", low=1)
    busy_floor_seconds: float = option(120.0, "shortest for a feed that says so or has proven busy", low=1)
    ceiling_seconds: float = option(43_200.0, "longest interval", low=60)
    quiet_ceiling_seconds: float = option(86_400.0, "longest for a feed that has long been silent", low=60)
    jitter: float = option(0.1, "random share added to or taken from each interval", low=0, high=0.5)
    at_once: int = option(64, "feeds polled at a time by one worker", low=1, high=2000)
    lease_seconds: float = option(60.0, "a claimed feed is due again after this if its worker dies", low=5)
    max_entries: int = option(2000, "most entries read of one feed body", low=1)
    backlog_limit: int = option(20_000, "entries waiting at which polling stops until they are worked off", low=10)


@dataclass(frozen=True, slots=True)
class Fetch:
    """Requests."""

    contact: str | None = option(None, "address or page in the User-Agent, so that a site can reach you")
    user_agent: str | None = option(None, "instead of Dateline's own")
    connect_seconds: float = option(5.0, "to connect", low=0.1)
    first_byte_seconds: float = option(10.0, "to the first byte", low=0.1)
    total_seconds: float = option(30.0, "for the whole request, redirects included", low=0.5)
    max_redirects: int = option(5, "each is checked like the first address", low=0, high=20)
    max_feed_bytes: int = option(15 << 20, "of a feed body, compressed and decoded", low=1024)
    max_page_bytes: int = option(8 << 20, "of a page, compressed and decoded", low=1024)
    allow: tuple[str, ...] = option((), "non-public addresses that may be reached, each with its port: 10.0.0.7:80")
    local_names: tuple[str, ...] = option(
        (), "for tests: hosts answered with 127.0.0.1, all below .example with its dot; no other name exists then"
    )


@dataclass(frozen=True, slots=True)
class Politeness:
    """How good a guest we are; per owner (registrable domain), shared by all workers."""

    spacing_seconds: float = option(2.0, "between two requests to one owner", low=0)
    at_once: int = option(2, "requests to one owner at a time", low=1, high=100)
    respect_robots: bool = option(True, "ask robots.txt before a page is fetched")
    retry_after_floor_seconds: float = option(60.0, "shortest Retry-After believed", low=0)
    retry_after_ceiling_seconds: float = option(86_400.0, "longest Retry-After believed", low=1)


@dataclass(frozen=True, slots=True)
class Pool:
    """Child processes that parse and read."""

    children: int | None = option(None, "how many; empty: one per CPU", low=1, high=256)
    wall_seconds: float = option(5.0, "longest time for one job", low=0.1)
    memory_mib: int = option(512, "address space of one child above what it starts with", low=64)
    recycle_after_jobs: int = option(2000, "a child is replaced after so many jobs", low=1)


@dataclass(frozen=True, slots=True)
class Ingest:
    """The way of an entry."""

    at_once: int = option(64, "entries carried at a time by one worker", low=1, high=5000)
    lease_seconds: float = option(20.0, "another worker takes over what was not renewed for so long", low=2)
    retry_seconds: tuple[float, ...] = option(
        (60.0, 300.0, 900.0, 3600.0, 21600.0), "waits between tries, then dead letter"
    )
    recheck_seconds: tuple[float, ...] = option(
        (600.0, 3600.0, 21600.0, 86400.0), "a published page is looked at again"
    )
    certainties: tuple[str, ...] = option(
        ("asserted", "reported", "anticipated"), "events published",
        choices=("asserted", "reported", "anticipated", "alleged"))  # fmt: skip
    min_confidence: float = option(
        MIN_CONFIDENCE,
        "events below it are not published; docs/events.md says how often each level is right",
        low=0,
        high=1,
    )


@dataclass(frozen=True, slots=True)
class Read:
    """Your own words: files that extend ours or take their place, entry by entry."""

    gazetteers: tuple[str, ...] = option((), "files of names, as docs/gazetteer.md tells")
    lexicons: tuple[str, ...] = option((), "files of event frames, as docs/events.md tells")
    spacy_model: str = option(
        "", "folder of a spaCy model on this disk, read after our own names; empty: none. Needs the extra `spacy`"
    )
    other_languages: bool = option(
        False, "words for dates in other languages than English (about 1 s an article). Needs the extra `languages`"
    )


@dataclass(frozen=True, slots=True)
class Serve:
    """The HTTP port: health, metrics, desk."""

    enabled: bool = option(True, "off: no port at all")
    host: str = option("127.0.0.1", "address to listen on; 0.0.0.0 lets others in: set a token then")
    port: int = option(8080, "0: any free one", low=0, high=65535)
    token: str | None = option(None, "asked for by the desk and /metrics as Bearer token or ?token=", secret=True)
    allowed_hosts: tuple[str, ...] = option((), "names the desk answers under, beside IP addresses and localhost")


@dataclass(frozen=True, slots=True)
class Websub:
    """Hubs that tell of new entries at once. Off, and nothing is missed, without a public address: feeds are polled."""

    callback_url: str | None = option(
        None, "https address under which hubs reach this port (/websub/ is added); empty: no hub is asked"
    )
    lease_seconds: int = option(864_000, "asked of the hub; it may give less or more", low=3600, high=2_592_000)
    backup_poll_seconds: float = option(
        21_600.0, "a feed whose hub has proven itself is still polled so often", low=300, high=86_400
    )
    at_once: int = option(8, "pushes worked on at a time by one worker; the hub is told to come back", low=1, high=200)
    plain_hubs: tuple[str, ...] = option(
        (), "hubs in your own network that are asked by http, as their feeds name them"
    )


@dataclass(frozen=True, slots=True)
class Archive:
    """Raw pages kept in WARC files, so that a better extractor can be applied to the past. Off without a folder."""

    folder: str | None = option(None, "where the files go; empty: no page is kept. Needs the extra `archive`")
    max_mib: int = option(512, "a file is completed at this size", low=1, high=65_536)
    max_hours: float = option(24.0, "or at this age", low=0.01, high=8760)
    keep_days: float | None = option(None, "completed files older than this are deleted; empty: never", low=0.04)


@dataclass(frozen=True, slots=True)
class Log:
    """Logs on standard error."""

    level: str = option("info", "how much", choices=("debug", "info", "warning", "error"))
    form: str = option("auto", "auto: text on a terminal, else JSON", choices=("auto", "json", "text"))


@dataclass(frozen=True, slots=True)
class Component:
    """A stage or a forwarder: its kind and its options."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them. ``where`` is the file they came from."""

    redis: Redis = Redis()
    poll: Poll = Poll()
    fetch: Fetch = Fetch()
    politeness: Politeness = Politeness()
    pool: Pool = Pool()
    ingest: Ingest = Ingest()
    read: Read = Read()
    serve: Serve = Serve()
    websub: Websub = Websub()
    archive: Archive = Archive()
    log: Log = Log()
    stages: tuple[Component, ...] = ()
    forward: tuple[Component, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()
    where: str = "the defaults"
    feeds_file: str | None = None


SECTIONS: dict[str, type[Any]] = {
    "redis": Redis, "poll": Poll, "fetch": Fetch, "politeness": Politeness,
    "pool": Pool, "ingest": Ingest, "read": Read, "serve": Serve, "websub": Websub, "archive": Archive, "log": Log,
}  # fmt: skip
_LISTS = ("stages", "forward")


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from a file (None: ``config/dateline.toml`` where there is one), then the environment.

    Raises:
        SettingsError: A file that is missing or no TOML, an unknown section or option, a value out of range.
    """
    if path is None:
        path = Path("config/dateline.toml")
        table: dict[str, Any] = _toml(path) if path.exists() else {}
        where = str(path) if table else "the defaults"
    else:
        table, where = _toml(path), str(path)
    known = [*SECTIONS, *_LISTS, "owners"]
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean [{near[0]}]?" if near else "."
            raise SettingsError(f"{where}: no section [{name}]{hint} There are: {', '.join(known)}")
    sections: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        given = table.get(name, {})
        if not isinstance(given, dict):
            raise SettingsError(f"{where}: [{name}] must be a table of options")
        sections[name] = read_section(kind, given, name, where)
    sections = _with_environment(sections, environment)
    owners = checked(table.get("owners", {}), dict[str, str], {}, f"{where}: [owners]")
    feeds = path.parent / "feeds.toml"
    return Settings(
        **sections,
        stages=_components(table.get("stages", []), "stages", where),
        forward=_components(table.get("forward", []), "forward", where),
        owners=tuple(sorted((str(k), str(v)) for k, v in owners.items())),
        where=where,
        feeds_file=environment.get(PREFIX + "FEEDS") or (str(feeds) if feeds.exists() else None),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no such file; `dateline config --defaults > {path}` writes one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
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


def _with_environment(sections: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    names = {
        f"{PREFIX}{section}_{f.name}".upper(): (section, f)
        for section, kind in SECTIONS.items()
        for f in dataclasses.fields(kind)
    }
    ours = {PREFIX + "FEEDS", PREFIX + "CONFIG", PREFIX + "FAIL"}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name in ours:
            continue
        if name not in names:
            near = difflib.get_close_matches(name, list(names), 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise SettingsError(f"environment: no setting {name}{hint} `dateline config` lists all")
        section, f = names[name]
        hint_type = typing.get_type_hints(SECTIONS[section])[f.name]
        value = from_text(text, hint_type, f"environment: {name}")
        value = checked(value, hint_type, f.metadata, f"environment: {name}")
        sections[section] = dataclasses.replace(sections[section], **{f.name: value})
    return sections


def shown(settings: Settings, *, explain: bool = False) -> str:
    """The settings as TOML, secrets as ``***``; with ``explain`` each with its reason (``config/dateline.toml``)."""
    lines: list[str] = []
    for name, kind in SECTIONS.items():
        lines += ["", f"[{name}]"] + ([f"# {(kind.__doc__ or '').splitlines()[0]}"] if explain else [])
        for key, value, about in describe(getattr(settings, name)):
            if explain:
                text = about["why"] + (f"; one of {', '.join(about['choices'])}" if about["choices"] else "")
                lines += [f"# {line}" for line in textwrap.wrap(text + ".", 110)]
            if value is None:
                lines.append(f'# {key} = ""')
            else:
                lines.append(f"{key} = {as_toml('***' if about['secret'] else value)}")
    for name in _LISTS:
        for component in getattr(settings, name):
            lines += ["", f"[[{name}]]", f"kind = {as_toml(component.kind)}"]
            lines += [f"{as_key(key)} = {as_toml(value)}" for key, value in component.options.items()]
    if settings.owners:
        lines += ["", "[owners]", *(f"{as_toml(key)} = {as_toml(value)}" for key, value in settings.owners)]
    return "\n".join(lines).lstrip() + "\n"
