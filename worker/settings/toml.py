"""Prints settings as TOML: what ``dateline config`` shows and ``config/dateline.toml`` holds."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from importlib import resources
from typing import Any

from .check import wanted
from .schema import LISTS, SECTIONS, Settings
from .section import Option, options

_SECRET = re.compile(r"secret|password|passwd|token|(?:^|_)key|credential|authorization", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]*://)([^/?#]*@)?([^?]*)(\?.*)?$", re.IGNORECASE | re.DOTALL)

HEAD = """\
# Every option of Dateline at its default. Written by `dateline config --defaults`. The environment
# (DATELINE_<SECTION>_<OPTION>) goes over it; a secret can also be read from a file (DATELINE_<SECTION>_<OPTION>_FILE).

"""
FORWARD = """
# Forwarders send the stream elsewhere: docs/forwarders.md. There is none by default; take the marks off the table of a
# kind, and repeat it for another target. An empty text is an option that is not set.

"""


def default_file() -> str:
    """Return ``config/dateline.toml``: every option at its default, with its range and reason."""
    tables = resources.files(__package__).joinpath("forward.toml").read_text(encoding="utf-8")
    return HEAD + to_toml(Settings(), explain=True) + FORWARD + textwrap.indent(tables, "# ")


def to_toml(settings: Settings, *, explain: bool = False) -> str:
    """Return the settings as TOML, secrets as ``***``; with ``explain`` each with its range and reason."""
    lines: list[str] = []
    for name, kind in SECTIONS.items():
        lines += ["", f"[{name}]"] + ([f"# {(kind.__doc__ or '').splitlines()[0]}"] if explain else [])
        section = getattr(settings, name)
        for option in options(kind):
            lines += _explained(option) if explain else ()
            lines.append(_line(option, getattr(section, option.name)))
    for name in LISTS:
        for component in getattr(settings, name):
            lines += ["", f"[[{name}]]", f"kind = {as_toml(component.kind)}"]
            lines += [f"{as_key(key)} = {as_toml(_shown(key, value))}" for key, value in component.options.items()]
    for credential in settings.credentials:
        lines += ["", "[[credentials]]", *(f"{key} = {as_toml(value)}" for key, value in credential.options.items())]
    if settings.owners:
        lines += ["", "[owners]", *(f"{as_toml(key)} = {as_toml(value)}" for key, value in settings.owners)]
    return "\n".join(lines).lstrip() + "\n"


def _explained(option: Option) -> Iterator[str]:
    text = (
        f"{option.reason[:1].upper()}{option.reason[1:]}."
        if not option.reason.startswith("redis")
        else option.reason + "."
    )
    words = wanted(option.type)
    if "from" in words or " of " in words:
        text += f" {words[:1].upper()}{words[1:]}."
    yield from (f"# {line}" for line in textwrap.wrap(text, 110))


def _line(option: Option, value: Any) -> str:
    if value is None:  # a comment where that is the default, for an empty text is a value for some options
        return f'{"# " if option.default is None else ""}{option.name} = ""'
    return f"{option.name} = {as_toml('***' if option.secret else value)}"


def _shown(key: str, value: Any) -> Any:
    """Return a component's option without its secrets: by its name, all values of headers, and what follows ``?`` or comes
    before ``@`` in an address. A kind of somebody else's has no other way to say which of its options are secret."""
    if isinstance(value, dict):
        return {name: "***" if key == "headers" else _shown(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(key, inner) for inner in value]
    if not isinstance(value, str):
        return value
    if _SECRET.search(key):
        return "***"
    return _IN_ADDRESS.sub(
        lambda found: f"{found[1]}{'***@' if found[2] else ''}{found[3]}{'?***' if found[4] else ''}", value
    )


def as_toml(value: Any) -> str:
    """Return a value as TOML text."""
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
    """Return a key as TOML text: bare where it can be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else as_toml(name)
